"""Cmdlets for the service: who may use POP3 at all, how one may log on, how many may connect."""

from dataclasses import dataclass, fields, replace
from typing import Any

from minipop.exchange import ConnectionLimits, ExtendedProtection, LoginType, SettingsError
from minipop.exchange.settings import one_of

from .base import Cmdlets, cmdlet
from .cmdlets import cmdlets
from .ranges import FRONT_END, SERVICES, UNLIMITED, number, seconds, time_span


@dataclass(frozen=True)
class CASMailbox:
    """What Get-CASMailbox returns of a mailbox.

    Args:
        identity: its alias.
        pop_enabled: whether POP3 may be used for it.
    """

    identity: str
    pop_enabled: bool


@dataclass(frozen=True, repr=False)
class PopSettings:
    """What Get-PopSettings returns: what is set, whether or not it is in effect already.

    Args:
        login_type: LoginType.
        enable_gssapi_and_ntlm_auth: EnableGSSAPIAndNTLMAuth; None where there is no such setting.
        extended_protection_policy: ExtendedProtectionPolicy; None where there is no such setting.
        pre_authenticated_connection_timeout: how long a client may take to log on, such as ``00:01:00``.
        authenticated_connection_timeout: how long it may say nothing afterwards.
        max_connections: most connections; 2147483647 for any number.
        max_connection_from_single_ip: most of them from one address.
        max_connections_per_user: most of them of one user.
        protocol_log_enabled: ProtocolLogEnabled; None where there is no such setting.
    """

    login_type: str
    enable_gssapi_and_ntlm_auth: bool | None
    extended_protection_policy: str | None
    pre_authenticated_connection_timeout: str
    authenticated_connection_timeout: str
    max_connections: int
    max_connection_from_single_ip: int
    max_connections_per_user: int
    protocol_log_enabled: bool | None = None

    def __repr__(self) -> str:
        """Show it as PowerShell shows a list: a line for each property."""
        known = cmdlets()["setpopsettings"]
        shown = {known.parameter(f.name.replace("_", "")): getattr(self, f.name) for f in fields(self)}
        width = max(map(len, shown))
        return "\n".join(f"{name:{width}} : {value}" for name, value in shown.items() if value is not None)


class ServiceCmdlets(Cmdlets):
    """The cmdlets for the POP3 service and for who may use it."""

    @cmdlet
    def get_cas_mailbox(self, identity: str | None = None) -> list[CASMailbox]:
        """Return for which mailboxes POP3 is on.

        Args:
            identity: alias, UPN or primary address of one mailbox; None for all.

        Raises:
            SettingsError: there is no such mailbox.
        """
        accounts = self._organization.accounts if identity is None else [self._account(identity)]
        return [CASMailbox(account.alias, account.pop_enabled) for account in accounts]

    @cmdlet
    def set_cas_mailbox(self, identity: str, *, pop_enabled: bool) -> None:
        """Switch POP3 on or off for a mailbox, from the next log-on on.

        Sessions that are open go on. Of Exchange, Microsoft says to restart both POP3 services afterwards;
        the Lab needs no restart for it.

        Args:
            identity: alias, UPN or primary address of the mailbox.
            pop_enabled: whether POP3 may be used for it.

        Raises:
            SettingsError: there is no such mailbox.
        """
        alias, directory = self._account(identity).alias, self._organization.directory
        self._organization.between_commands(lambda: directory.change(alias, pop_enabled=pop_enabled))

    @cmdlet
    def get_pop_settings(self) -> PopSettings:
        """Return the settings of the service, including those that take effect only after a restart."""
        settings = self._organization.settings
        total, per_address, per_user = (UNLIMITED if n is None else n for n in settings.connections)
        since_2010 = settings.gssapi_ntlm is not None  # then there are all three parameters that can be None
        assert settings.login_type is not None  # every edition that has the cmdlet has a LoginType
        return PopSettings(
            settings.login_type.value,
            settings.gssapi_ntlm,
            settings.extended_protection.value if since_2010 else None,
            time_span(settings.logon_timeout),
            time_span(settings.idle_timeout),
            total,
            per_address,
            per_user,
            settings.protocol_log if since_2010 else None,
        )

    @cmdlet
    def set_pop_settings(
        self,
        *,
        login_type: str | None = None,
        max_connections: int | None = None,
        max_connection_from_single_ip: int | None = None,
        max_connections_per_user: int | None = None,
        pre_authenticated_connection_timeout: str | None = None,
        authenticated_connection_timeout: str | None = None,
        extended_protection_policy: str | None = None,
        enable_gssapi_and_ntlm_auth: bool | None = None,
        protocol_log_enabled: bool | None = None,
    ) -> None:
        """Change settings of the service, for all mailboxes; they take effect when it is restarted.

        Args:
            login_type: ``PlainTextLogin``, ``PlainTextAuthentication`` or ``SecureLogin``.
            max_connections: most connections; 2147483647 for any number.
            max_connection_from_single_ip: most of them from one address.
            max_connections_per_user: most of them of one user, who is the mailbox in the Lab.
            pre_authenticated_connection_timeout: how long a client may take to log on, such as ``00:01:00``.
            authenticated_connection_timeout: how long it may say nothing afterwards.
            extended_protection_policy: ``None``, ``Allow`` or ``Require``.
            enable_gssapi_and_ntlm_auth: whether 110 takes NTLM and Kerberos before TLS.
            protocol_log_enabled: whether to write a protocol log; see `Lab.protocol_log`.

        Raises:
            SettingsError: a value is unknown or out of range; then nothing changes.
        """
        settings = self._organization.settings
        edition = settings.edition.name
        numbers = (max_connections, max_connection_from_single_ip, max_connections_per_user)
        names = ("MaxConnections", "MaxConnectionFromSingleIP", "MaxConnectionsPerUser")
        for name, value in zip(names, numbers, strict=True):
            number(name, value, edition)
        most = (now if n is None else n for n, now in zip(numbers, settings.connections, strict=True))
        changes: dict[str, Any] = {
            "login_type": one_of(LoginType, "LoginType", login_type),
            "gssapi_ntlm": enable_gssapi_and_ntlm_auth,
            "protocol_log": protocol_log_enabled,
            "extended_protection": one_of(
                ExtendedProtection, "ExtendedProtectionPolicy", extended_protection_policy
            ),
            "logon_timeout": seconds(
                "PreAuthenticatedConnectionTimeout", pre_authenticated_connection_timeout, edition
            ),
            "idle_timeout": seconds(
                "AuthenticatedConnectionTimeout", authenticated_connection_timeout, edition
            ),
            "connections": ConnectionLimits(*(None if n == UNLIMITED else n for n in most)),
        }
        self._organization.settings = replace(settings, **{k: v for k, v in changes.items() if v is not None})

    @cmdlet
    def unlock_ad_account(self, identity: str) -> None:
        """Unlock an account that bad passwords have locked; a cmdlet of Active Directory, not of Exchange.

        Args:
            identity: its sAMAccountName.

        Raises:
            SettingsError: there is no such account.
        """
        account = self._organization.directory.by_sam(identity)
        if account is None:
            raise SettingsError(f"no account {identity!r}")
        self._organization.between_commands(lambda: self._organization.lockout.unlock(account))

    @cmdlet
    def restart_service(self, name: str | list[str]) -> None:
        """Restart a service of the machine, so that changed settings take effect; a cmdlet of Windows itself.

        Sessions that are open end, and nothing is deleted. Since Exchange 2013 there are two services, and
        Microsoft says to restart both. Which setting waits for which of them is not on record: in the Lab,
        all wait for ``MSExchangePOP3``, where the clients connect.

        Args:
            name: ``MSExchangePOP3``, and ``MSExchangePOP3BE`` from Exchange 2013 on.

        Raises:
            SettingsError: there is no such service.
            LabStopped: the Lab is not running.
        """
        names = [name] if isinstance(name, str) else name
        known = SERVICES[self._organization.settings.edition.name]
        for unknown in set(names) - set(known):
            raise SettingsError(f"no service {unknown!r}; there are {', '.join(known)}")
        if FRONT_END in names:
            self._organization.restart()
