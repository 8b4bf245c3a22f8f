"""Access tokens of modern authentication: genuine, for this service and organization, good for POP?

A token is a JSON Web Token (RFC 7519) that Microsoft Entra ID signed. The claims looked at here, and the two
permissions, are those of Microsoft's page “Authenticate an IMAP, POP or SMTP connection using OAuth”.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from minipop.protocol import LogonRefused

from .refusals import Reason

#: Seconds by which the clocks of issuer and server may differ (RFC 7519, section 4.1.4: “some small leeway”).
LEEWAY = 30

#: The only algorithm that Entra ID signs with. It is not taken from the token, because a forger would put
#: ``none`` there, or HS256 keyed with the public key (RFC 8725, section 2.1).
ALGORITHMS = ("RS256",)

#: The claim ``aud`` of tokens for Exchange Online: the resource of the scope that was asked for. That page
#: names one for users and one for applications.
AUDIENCES = ("https://outlook.office.com", "https://outlook.office365.com")

#: The delegated permission, in the claim ``scp``: a user signed in and lets a program act in the user's name.
USER_SCOPE = "POP.AccessAsUser.All"

#: The application permission, in the claim ``roles``: a program acts in its own name.
APP_ROLE = "POP.AccessAsApp"


@dataclass(frozen=True)
class Token:
    """Whom a verified token speaks for; one of the two is None.

    Args:
        upn: the userPrincipalName of the person who signed in.
        app: the client id of the application, if no user signed in.
    """

    upn: str | None
    app: str | None


class TokenVerifier:
    """Verifies the tokens of one issuer for one service.

    Args:
        keys: returns the issuer's public keys as a JSON Web Key Set (RFC 7517).
        issuer: the claim ``iss`` that a token must have.
        audiences: the service that a token must be meant for: one of these is its claim ``aud``.
        tenant: the claim ``tid`` that a token must have: the organization's id.
    """

    def __init__(
        self, keys: Callable[[], dict[str, Any]], issuer: str, audiences: Collection[str], tenant: str
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audiences = audiences
        self._tenant = tenant

    def verify(self, token: str) -> Token:
        """Verify a token and return whom it speaks for.

        Raises:
            LogonRefused: with the reason; nothing of the token is in it.
        """
        claims = self._claims(token)
        if claims.get("tid") != self._tenant:
            raise LogonRefused(Reason.TOKEN_TENANT)
        # Only a delegated token has scp; roles in it would be those of its user, not of an application.
        delegated = "scp" in claims
        permission = USER_SCOPE if delegated else APP_ROLE
        granted = str(claims["scp"]).split() if delegated else claims.get("roles")
        if not isinstance(granted, list) or permission not in granted:
            raise LogonRefused(Reason.TOKEN_SCOPE)
        holder = claims.get("upn" if delegated else "appid")
        if not isinstance(holder, str):
            raise LogonRefused(Reason.TOKEN)
        return Token(holder, None) if delegated else Token(None, holder)

    def _claims(self, token: str) -> dict[str, Any]:
        """Return what a genuine token says."""
        import jwt  # brings cryptography, so only when there is a token

        reasons: dict[type[Exception], Reason] = {
            jwt.ExpiredSignatureError: Reason.TOKEN_EXPIRED,
            jwt.ImmatureSignatureError: Reason.TOKEN_EXPIRED,
            jwt.InvalidAudienceError: Reason.TOKEN_AUDIENCE,
            jwt.InvalidIssuerError: Reason.TOKEN_TENANT,
        }
        keys = self._keys()
        try:
            key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
            return jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                issuer=self._issuer,
                audience=self._audiences,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        # KeyError: no kid, or one that is not the issuer's; ValueError: characters that no UTF-8 has.
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            reason = reasons.get(type(error), Reason.TOKEN)
        # Outside the except clause, because there PyJWT's exception would stay attached as its context.
        raise LogonRefused(reason)
