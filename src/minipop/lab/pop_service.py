"""The POP3 service of an organization, as its administrators start, restart and stop it."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from minipop.exchange import ExchangePolicy, SettingsError, Trust
from minipop.exchange.settings import must_be_known
from minipop.server import CERTIFICATES, CertificateError, Limits, Service, Timeouts, TlsIdentity, networks

from . import stage
from .imap import Imap
from .options import Options
from .organization import LabStopped, Organization
from .realm import Realm
from .records import Records

if TYPE_CHECKING:
    from .issuer import Issuer

T = TypeVar("T")


class PopService:
    """The service, with the Kerberos realm and the issuer of tokens that it trusts.

    Args:
        options: where it listens, how fast its timers run, and what is started beside it.
        organization: whose service it is.
        records: keep what is said to it.

    Attributes:
        policy: the rules of the service. Only while it runs do they know of its realm and its issuer.
        realm: the realm; None where there is none.
        issuer: the issuer; None where there is none.
    """

    def __init__(self, options: Options, organization: Organization, records: Records) -> None:
        self._options = options
        self._organization = organization
        self._records = records
        self._identity: TlsIdentity | None = None
        self._service: Service | None = None
        self._runner: stage.Runner | None = None
        self._running = ExitStack()
        self.realm: Realm | None = None
        self.issuer: Issuer | None = None
        self.policy = self._rules()

    @property
    def running(self) -> bool:
        """Whether it has been started and not been stopped."""
        return self._service is not None

    @property
    def port(self) -> int:
        """The 110-style port."""
        return self._started().port

    @property
    def tls_port(self) -> int:
        """The 995-style port."""
        return self._started().tls_port

    def start(self) -> None:
        """Start it; both ports answer when this returns. See `Lab.start`."""
        if self._runner:
            raise RuntimeError("this Lab is running already; stop() ends it")
        options, organization = self._options, self._organization
        with ExitStack() as started:  # if a step fails, those before it are undone
            started.callback(organization.unlock_maildirs)
            organization.lock_maildirs()
            if options.kerberos:
                self.realm = started.enter_context(Realm(organization.accounts))
            if options.issuer:
                from .issuer import Issuer  # here, because http.server is slow to import

                self.issuer = started.enter_context(Issuer(organization.accounts))
            self._identity = self._identity or stage.current().authority().identity(options.certificate)
            self.policy = self._rules()
            service = Service(
                self.policy,
                self._identity.context,
                self._timeouts(),
                self._records.observers,
                self._records.relay(),
                self._limits(),
            )
            self._records.follow(organization.settings)
            runner = stage.current().runner()
            started.callback(runner.close)
            runner.run(service.start(options.host, options.port, options.tls_port, options.within))
            started.callback(lambda: runner.run(service.stop()))
            self._running = started.pop_all()
        self._service, self._runner, organization.service = service, runner, self

    def stop(self) -> None:
        """End it, and what was started with it. May be called twice."""
        self._service = self._runner = self._organization.service = None
        self._running.close()
        self._organization.unlock_maildirs()  # of a service that was never started, too

    def imap(self) -> Imap:
        """Return an IMAP4 server for the same Maildirs; it ends with the service at the latest."""
        self._started()
        maildirs = self._organization.maildirs
        if maildirs is None:
            raise RuntimeError("this Lab keeps its mail in memory; start it with Lab(..., maildir=DIR)")
        server = Imap(maildirs, self._organization.accounts)
        self._running.callback(server.stop)
        return server

    def between_commands(self, action: Callable[[], T]) -> T:
        return self._runner.between_commands(action) if self._runner else action()

    def restart(self) -> None:
        """Restart it, so that changed settings take effect; the ports stay the same."""
        service = self._started()
        self.policy = self._rules()

        def again() -> None:
            service.restart(self.policy, self._timeouts(), self._limits())
            self._records.follow(self._organization.settings)

        self.between_commands(again)

    def renew_certificate(self, certificate: str | Path) -> None:
        """Show another certificate from now on. See `Lab.renew_certificate`."""
        service, authority = self._started(), stage.current().authority()
        if isinstance(certificate, Path):
            try:
                identity = authority.read_identity(certificate)
            except CertificateError as error:
                raise SettingsError(str(error)) from None
        else:
            must_be_known("certificate", certificate, CERTIFICATES)
            authority.renew(certificate)
            identity = authority.identity(certificate)
        self._identity = identity
        self.policy = self._rules()
        self.between_commands(lambda: service.renew(self.policy, identity.context))

    # -- inside -----------------------------------------------------------------------------------

    def _rules(self) -> ExchangePolicy:
        """Return the rules as they are now, with whom the service trusts by now."""
        realm, issuer, identity = self.realm, self.issuer, self._identity
        return self._organization.policy(
            Trust(
                keytab=realm.keytab if realm else None,
                realm=realm.name if realm else "",
                verify=issuer.verifier().verify if issuer else None,
                certificate=identity.certificate if identity else None,
            )
        )

    def _timeouts(self) -> Timeouts:
        settings, lapse = self._organization.settings, self._options.time_lapse
        return Timeouts(settings.logon_timeout / lapse, settings.idle_timeout / lapse)

    def _limits(self) -> Limits:
        settings = self._organization.settings
        most, allowed = settings.connections, settings.allowed
        return Limits(most.total, most.per_address, None if allowed is None else networks(allowed))

    def _started(self) -> Service:
        if self._service is None:
            raise LabStopped(self._options.lang)
        return self._service
