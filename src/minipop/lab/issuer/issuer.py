"""The issuer: where it listens, what it answers, the tokens that it makes."""

import json
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any, Self, TypeVar

from minipop.exchange import Account, Directory
from minipop.exchange.tokens import AUDIENCES, USER_SCOPE, TokenVerifier
from minipop.server import Listener, OneAnswer

from .. import stage, world
from ..data import template, texts
from ..stage import Startable
from .grants import DEVICE_CODE_LIFETIME, Grant, Grants, SignInError, TokenRefused
from .http import Form, HttpExchange, Response, Routes
from .keys import SigningKey, base64url, canonical, process_key

T = TypeVar("T")

HOST = "127.0.0.1"

#: Seconds that a client may be silent in the middle of a request.
TIMEOUT = 10.0

#: Id of the organization, made up, and its name; a client may use either.
TENANT = "7e4a47a0-0000-4000-8000-000000000001"
DOMAIN = "muster.example"

#: Seconds that a token is valid; Entra ID chooses between 60 and 90 minutes.
LIFETIME = 3600

#: Seconds between two questions of a program that waits for its user. Entra ID says 5, which is long in a
#: lesson; with 0, msal would ask without a pause.
INTERVAL = 1


class Issuer(Startable):
    """Issues tokens for the accounts and applications of an organization.

    Use it in a ``with`` statement, or call `start` and `stop`. It listens on loopback, on any free port, and
    answers when `start` returns.

    Args:
        accounts: who may sign in; None for the world of the lessons.
        applications: the applications that are registered; None for those of the world.
        clock: returns the time in seconds since 1970; a test may let it run ahead.
    """

    #: The organization's id: the claim ``tid``.
    tenant = TENANT

    def __init__(
        self,
        accounts: Iterable[Account] | None = None,
        applications: Iterable[world.Application] | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._directory = Directory(world.accounts("en") if accounts is None else accounts)
        self._grants = Grants(
            self._directory, world.applications() if applications is None else applications, clock
        )
        self._clock = clock
        self._runner: stage.Runner | None = None
        self._running = ExitStack()
        self._port = 0

    # -- starting and stopping --------------------------------------------------------------------

    def start(self) -> Self:
        """Start to listen.

        Raises:
            RuntimeError: it is running already.
        """
        if self._runner:
            raise RuntimeError("this issuer is running already; stop() ends it")
        process_key()  # here, because it takes a moment and would block the event loop
        routes, context = self._routes(), stage.current().authority().identity().context
        listener = Listener(lambda: OneAnswer(HttpExchange(routes).receive, TIMEOUT), context)
        with ExitStack() as started:
            runner = stage.current().runner()
            started.callback(runner.close)
            self._port = runner.run(listener.start(HOST))
            started.callback(lambda: runner.run(listener.stop()))
            self._running = started.pop_all()
        self._runner = runner
        return self

    def stop(self) -> None:
        """Stop at once; connections that are open are cut. May be called twice."""
        self._runner = None
        self._running.close()

    # -- where it is ------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where it listens: ``https://127.0.0.1:`` and the port.

        Raises:
            RuntimeError: it is not running.
        """
        if self._runner is None:
            raise RuntimeError("this issuer is not running; start() starts it")
        return f"https://{HOST}:{self._port}"

    @property
    def authority(self) -> str:
        """What msal takes as ``authority``."""
        return f"{self.url}/{self.tenant}"

    @property
    def issuer(self) -> str:
        """The claim ``iss``; also what msal takes as ``oidc_authority``."""
        return f"{self.authority}/v2.0"

    @property
    def device_url(self) -> str:
        """The page on which a user signs in."""
        return f"{self.url}/device"

    def keys(self) -> dict[str, Any]:
        """Return the public keys as a JSON Web Key Set (RFC 7517)."""
        return {"keys": [process_key().public]}

    def verifier(self) -> TokenVerifier:
        """Return what verifies the tokens of this issuer; it has to be running.

        A slash at the end of the audience is taken, too, because Entra ID repeats the one of the request.
        """
        audiences = [*AUDIENCES, *(f"{audience}/" for audience in AUDIENCES)]
        return TokenVerifier(self.keys, self.issuer, audiences, self.tenant)

    def description(self) -> dict[str, str]:
        """Return what a program has to be told: where to ask, and as whom; all of it is public.

        Returns:
            authority; client_id, client_secret and scope of the application that acts in its own name;
            public_client_id and public_scope of the mail program whose user signs in.
        """
        service, program = (
            next(a for a in self._grants.applications.values() if bool(a.secret) is secret)
            for secret in (True, False)
        )
        return {
            "authority": self.authority,
            "client_id": service.client_id,
            "client_secret": service.secret or "",
            "scope": f"{AUDIENCES[1]}/.default",
            "public_client_id": program.client_id,
            "public_scope": f"{AUDIENCES[0]}/{USER_SCOPE}",
        }

    # -- what the user does -----------------------------------------------------------------------

    def sign_in(self, user_code: str, name: str, password: str) -> None:
        """Sign a user in, as the page does; directly, without http.

        Args:
            user_code: the code that the program shows; neither case nor spaces and hyphens matter.
            name: userPrincipalName.
            password: the password.

        Raises:
            SignInError: code, name or password is wrong.
        """
        self._between_requests(lambda: self._grants.sign_in(user_code, name, password))

    def decline(self, user_code: str) -> None:
        """Refuse a program its token; that takes no password.

        Raises:
            SignInError: the code is wrong.
        """
        self._between_requests(lambda: self._grants.decline(user_code))

    def _between_requests(self, action: Callable[[], T]) -> T:
        return self._runner.between_commands(action) if self._runner else action()

    # -- tokens -----------------------------------------------------------------------------------

    def issue(
        self,
        name: str,
        *,
        lifetime: int = LIFETIME,
        starts: int = 0,
        audience: str | None = None,
        tenant: str = TENANT,
        scopes: Iterable[str] | None = None,
        key: SigningKey | None = None,
    ) -> str:
        """Issue a token without a sign-in; each further argument makes it wrong in one respect.

        Args:
            name: the userPrincipalName of a person, for a delegated token, or an application's client id.
            lifetime: seconds for which it is valid.
            starts: seconds from now to when that begins; negative for one that has expired.
            audience: the service that it is for; None for the one of `AUDIENCES` that Microsoft's page names
                for persons or for applications.
            tenant: the organization that it comes from.
            scopes: the permissions in it, such as ``POP.AccessAsUser.All``; None for the right ones.
            key: who signs it; None for the issuer.

        Raises:
            KeyError: neither a person nor an application has that name.
        """
        begin = int(self._clock()) + starts
        account, application = self._directory.by_upn(name), self._grants.applications.get(name)
        audience = audience or AUDIENCES[0 if account else 1]
        claims = self._claims(name, audience, tenant, begin, lifetime) | {"nbf": begin}
        if account:
            claims["upn"] = account.upn
            claims["scp"] = " ".join([USER_SCOPE] if scopes is None else scopes)
        elif application:
            claims["appid"] = application.client_id
            claims["roles"] = list(application.roles if scopes is None else scopes)
        else:
            raise KeyError(f"there is nobody with the name {name!r}")
        return (key or process_key()).sign(claims)

    def _claims(self, holder: str, audience: str, tenant: str, begin: int, lifetime: int) -> dict[str, Any]:
        """Return what all tokens say (RFC 7519, section 4.1, with Entra ID's tid and oid)."""
        return {
            "iss": f"{self.url}/{tenant}/v2.0",
            "aud": audience,
            "tid": tenant,
            "iat": begin,
            "exp": begin + lifetime,
            "oid": _object_id(holder),
            "sub": _object_id(holder),
        }

    def _tokens(self, grant: Grant) -> dict[str, Any]:
        """Return what the token endpoint says to a grant (RFC 6749, section 5.1)."""
        told = {
            "token_type": "Bearer",
            "scope": " ".join(grant.scopes),
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
        }
        audience = grant.audience
        if grant.account is None:
            return {**told, "access_token": self.issue(grant.application.client_id, audience=audience)}
        upn = grant.account.upn
        assert upn  # an account without one cannot sign in
        resource = f"{audience}/"
        permissions = [s.removeprefix(resource) for s in grant.scopes if s.startswith(resource)]
        told["access_token"] = self.issue(upn, audience=audience, scopes=permissions)
        # Because msal keeps what it gets under the user of client_info, whose name is in the id token.
        told["client_info"] = base64url(canonical({"uid": _object_id(upn), "utid": self.tenant}))
        if "openid" in grant.scopes:
            person = {"name": grant.account.name, "preferred_username": upn}
            claims = self._claims(upn, grant.application.client_id, TENANT, int(self._clock()), LIFETIME)
            told["id_token"] = process_key().sign(claims | person)
        if "offline_access" in grant.scopes:
            told["refresh_token"] = self._grants.refreshable(grant)
        return told

    # -- what is asked by https -------------------------------------------------------------------

    def _routes(self) -> Routes:
        routes: dict[tuple[str, str], Callable[[Form], Response]] = {
            ("GET", "/device"): lambda _: _page(200),
            ("POST", "/device"): self._sign_in_or_decline,
        }
        for tenant in (TENANT, DOMAIN):
            routes |= {
                ("GET", f"/{tenant}/v2.0/.well-known/openid-configuration"): self._configuration,
                ("GET", f"/{tenant}/discovery/v2.0/keys"): lambda _: _json(200, self.keys()),
                ("POST", f"/{tenant}/oauth2/v2.0/devicecode"): _granting(self._begin_device_code),
                ("POST", f"/{tenant}/oauth2/v2.0/token"): _granting(
                    lambda form: self._tokens(self._grants.decide(form))
                ),
            }
        return routes

    def _sign_in_or_decline(self, form: Form) -> Response:
        code, name, password = (form.get(field, "") for field in ("user_code", "name", "password"))
        try:
            if "decline" in form:
                self._grants.decline(code)
                return _page(200, "declined")
            self._grants.sign_in(code, name, password)
            return _page(200, "signed-in")
        except SignInError as error:
            return _page(403, error.saying)

    def _configuration(self, _: Form) -> Response:
        """Response as in OpenID Connect Discovery 1.0, section 4.

        The authorization endpoint is not served, but msal wants one.
        """
        text = template("issuer/openid-configuration.json").substitute(authority=self.authority)
        return _json(200, json.loads(text))

    def _begin_device_code(self, form: Form) -> dict[str, Any]:
        """Response as in RFC 8628, section 3.2."""
        device_code, user_code = self._grants.begin_device_code(form)
        return {
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": self.device_url,
            "expires_in": DEVICE_CODE_LIFETIME,
            "interval": INTERVAL,
            "message": f"To sign in, open {self.device_url} in a browser and enter the code {user_code}.",
        }


def _granting(ask: Callable[[Form], dict[str, Any]]) -> Callable[[Form], Response]:
    """Return a route that says a refusal as OAuth does (RFC 6749, section 5.2)."""

    def answer(form: Form) -> Response:
        try:
            return _json(200, ask(form))
        except TokenRefused as refused:
            status, error, code, text = refused.error.value
            told = {"error": error, "error_description": f"AADSTS{code}: {text}", "error_codes": [code]}
            return _json(status, told)

    return answer


def _object_id(name: str) -> str:
    """Return the id of a person or an application in the directory; the same each time."""
    return str(uuid.uuid5(uuid.UUID(TENANT), name.casefold()))


def _json(status: int, content: dict[str, Any]) -> Response:
    return Response(status, json.dumps(content).encode())


def _page(status: int, saying: str = "") -> Response:
    """Return the page on which a user signs in, in German and English; it repeats nothing that was typed.

    Args:
        status: HTTP status.
        saying: what became of the form that was sent, a key of ``sign-in`` in texts.toml; empty if none was.
    """
    said = ""
    if saying:
        german, english = (texts(lang)["sign-in"][saying] for lang in ("de", "en"))
        said = f'<p role="status">{german}<br><span lang="en">{english}</span></p>'
    page = template("issuer/page.html").substitute(said=said)
    return Response(status, page.encode(), "text/html; charset=utf-8")
