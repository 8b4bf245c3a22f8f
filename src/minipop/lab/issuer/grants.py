"""What is granted, and to whom: the requests of programs, the sign-ins of users; no http, no tokens yet.

The errors of the device code flow have the names of Microsoft's page on it. The numbers are those of
“Microsoft Entra authentication and authorization error codes”, or are reported from real answers (7000215,
7000218, 700025, 900144); 70017 we found in other imitations alone. The texts are ours.
"""

import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from minipop.exchange import Account, Directory
from minipop.exchange.directory import password_matches
from minipop.exchange.tokens import AUDIENCES

from ..data import texts
from ..world import Application
from .http import Form

#: Scopes that concern the sign-in itself; msal always asks for all three.
SIGN_IN_SCOPES = {"openid", "profile", "offline_access"}

#: Seconds that a user has to sign in, as in Entra ID.
DEVICE_CODE_LIFETIME = 900


class OAuthError(Enum):
    """Why a program gets no token: HTTP status, error of OAuth, number of Entra ID's error, text."""

    REQUEST = 400, "invalid_request", 900144, "a parameter is missing"
    APPLICATION = 400, "unauthorized_client", 700016, "this organization has no application with this id"
    NO_SECRET = 401, "invalid_client", 7000218, "the application must prove who it is: client_secret"
    SECRET = 401, "invalid_client", 7000215, "invalid client secret"
    PUBLIC = 401, "invalid_client", 700025, "a public client has no secret"
    SCOPE = 400, "invalid_scope", 70011, "the application has not been granted this scope, or it is none"
    GRANT_TYPE = 400, "unsupported_grant_type", 70003, "this grant type is not supported"
    PENDING = 400, "authorization_pending", 70016, "the user has not signed in yet"
    DECLINED = 400, "authorization_declined", 70017, "the user declined"
    DEVICE_CODE = 400, "bad_verification_code", 70018, "there is no such device code, or it has been used"
    EXPIRED = 400, "expired_token", 70019, "the device code has expired"
    REFRESH_TOKEN = 400, "invalid_grant", 70000, "there is no such refresh token for this application"


class TokenRefused(Exception):
    """A program gets no token; `error` says why."""

    def __init__(self, error: OAuthError) -> None:
        super().__init__(error.name)
        self.error = error


class SignInError(ValueError):
    """A user could not be signed in; the text says why, without what was typed.

    Args:
        saying: why: ``code``, ``expired`` or ``password``.
    """

    def __init__(self, saying: str) -> None:
        super().__init__(texts("en")["sign-in"][saying])
        self.saying = saying


@dataclass(frozen=True)
class Grant:
    """What a program is granted.

    Args:
        application: the program.
        scopes: the permissions, as it asked for them.
        account: the user in whose name it acts; None if it acts in its own.
    """

    application: Application
    scopes: tuple[str, ...]
    account: Account | None = None

    @property
    def audience(self) -> str:
        """The service that it is for: the resource that its scopes begin with."""
        return next(name for name in AUDIENCES if any(scope.startswith(f"{name}/") for scope in self.scopes))


@dataclass
class _Waiting:
    """A program that waits until its user has signed in."""

    application: Application
    scopes: tuple[str, ...]
    user_code: str
    expires: float
    account: Account | None = None
    declined: bool = False


class Grants:
    """Decides about grants, and remembers what is under way.

    Args:
        directory: who may sign in.
        applications: the applications that are registered.
        clock: returns the time in seconds since 1970.
    """

    def __init__(
        self, directory: Directory, applications: Iterable[Application], clock: Callable[[], float]
    ) -> None:
        self.applications = {application.client_id: application for application in applications}
        self._directory = directory
        self._clock = clock
        self._begun = 0
        self._waiting: dict[str, _Waiting] = {}  # by device code
        self._refreshable: dict[str, Grant] = {}  # by refresh token

    # -- what the user does -----------------------------------------------------------------------

    def sign_in(self, user_code: str, name: str, password: str) -> None:
        """Sign a user in; see `Issuer.sign_in`."""
        waiting = self._who_shows(user_code)
        account = self._directory.by_upn(name)
        if not password_matches(account, password):
            raise SignInError("password")
        waiting.account = account

    def decline(self, user_code: str) -> None:
        """Refuse a program its token; see `Issuer.decline`."""
        self._who_shows(user_code).declined = True

    def _who_shows(self, user_code: str) -> _Waiting:
        code = user_code.upper().replace(" ", "").replace("-", "")
        for waiting in self._waiting.values():
            if waiting.user_code == code and not waiting.account and not waiting.declined:
                if waiting.expires <= self._clock():
                    raise SignInError("expired")
                return waiting
        raise SignInError("code")

    # -- what programs ask for --------------------------------------------------------------------

    def begin_device_code(self, form: Form) -> tuple[str, str]:
        """Begin a device code flow (RFC 8628, section 3.1) and return device code and user code.

        Raises:
            TokenRefused: no such application, or a scope that it may not have.
        """
        application = self._application(form)
        scopes = _user_scopes(application, form)
        device_code = secrets.token_urlsafe(48)
        self._begun += 1
        # Entra ID draws user codes at random. Here they are counted, because a lesson has to print the same
        # each time; and a code that is guessed is of no use without a password.
        user_code = f"MUSTER{self._begun:03}"
        expires = self._clock() + DEVICE_CODE_LIFETIME
        self._waiting[device_code] = _Waiting(application, scopes, user_code, expires)
        return device_code, user_code

    def decide(self, form: Form) -> Grant:
        """Decide about a request for a token.

        Raises:
            TokenRefused: with the reason.
        """
        # The grant type “password” is missing on purpose: there the user's password passes through the
        # program, which is what modern authentication does away with. Microsoft advises against it.
        grants: dict[str, Callable[[Application, Form], Grant]] = {
            "client_credentials": self._client_credentials,
            "urn:ietf:params:oauth:grant-type:device_code": self._device_code,
            "refresh_token": self._refresh_token,
        }
        if "grant_type" not in form:
            raise TokenRefused(OAuthError.REQUEST)
        if form["grant_type"] not in grants:
            raise TokenRefused(OAuthError.GRANT_TYPE)
        application = self._application(form)
        secret = form.get("client_secret")
        if application.secret is None and secret is not None:
            raise TokenRefused(OAuthError.PUBLIC)
        if application.secret is not None:
            if secret is None:
                raise TokenRefused(OAuthError.NO_SECRET)
            if not hmac.compare_digest(application.secret.encode(), secret.encode()):
                raise TokenRefused(OAuthError.SECRET)
        return grants[form["grant_type"]](application, form)

    def refreshable(self, grant: Grant) -> str:
        """Return a refresh token for a grant. Older ones remain valid, as in Entra ID."""
        token = secrets.token_urlsafe(48)
        self._refreshable[token] = grant
        return token

    def _application(self, form: Form) -> Application:
        application = self.applications.get(form.get("client_id", ""))
        if not application:
            raise TokenRefused(OAuthError.APPLICATION)
        return application

    def _client_credentials(self, application: Application, form: Form) -> Grant:
        """Decide about a program that acts in its own name (RFC 6749, section 4.4)."""
        if application.secret is None:
            raise TokenRefused(OAuthError.NO_SECRET)
        scope = form.get("scope", "")
        if scope not in {f"{resource}/.default" for resource in AUDIENCES} or not application.roles:
            raise TokenRefused(OAuthError.SCOPE)
        return Grant(application, (scope,))

    def _device_code(self, application: Application, form: Form) -> Grant:
        """Decide about a program that asks whether its user has signed in (RFC 8628, section 3.5)."""
        device_code = form.get("device_code", "")
        waiting = self._waiting.get(device_code)
        if not waiting or waiting.application != application:
            raise TokenRefused(OAuthError.DEVICE_CODE)
        if waiting.declined:
            raise TokenRefused(OAuthError.DECLINED)
        if waiting.expires <= self._clock():
            raise TokenRefused(OAuthError.EXPIRED)
        if not waiting.account:
            raise TokenRefused(OAuthError.PENDING)
        del self._waiting[device_code]  # it serves once
        return Grant(application, waiting.scopes, waiting.account)

    def _refresh_token(self, application: Application, form: Form) -> Grant:
        """Decide about a program whose token has expired (RFC 6749, section 6)."""
        known = self._refreshable.get(form.get("refresh_token", ""))
        if not known or known.application != application:
            raise TokenRefused(OAuthError.REFRESH_TOKEN)
        scopes = _user_scopes(application, form) if "scope" in form else known.scopes
        return Grant(application, scopes, known.account)


def _user_scopes(application: Application, form: Form) -> tuple[str, ...]:
    """Return the scopes of a request if the application may have them all; one must be for mail.

    Those for mail must be of one resource, because a token has one audience.
    """
    asked = form.get("scope", "").split()
    for_mail = {*asked} - SIGN_IN_SCOPES
    for resource in AUDIENCES:
        if for_mail and for_mail <= {f"{resource}/{scope}" for scope in application.scopes}:
            return tuple(asked)
    raise TokenRefused(OAuthError.SCOPE)
