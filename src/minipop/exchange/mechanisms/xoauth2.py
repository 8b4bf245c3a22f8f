"""AUTH XOAUTH2: ``user=`` name ^A ``auth=Bearer`` token ^A ^A in one response.

Google's invention; as Exchange Online takes it, see Microsoft's page “Authenticate an IMAP, POP or SMTP
connection using OAuth”.
"""

import re
from collections.abc import Callable, Generator

from minipop.exchange.refusals import Reason
from minipop.exchange.tokens import Token
from minipop.protocol import LogonRefused, Maildrop

from . import utf8

#: ^A stands for the octet 01; the name of the scheme alone is indifferent to case (RFC 9110, section 11.1).
_RESPONSE = re.compile(rb"user=([^\x01]+)\x01auth=(?i:bearer) ([^\x01]+)\x01\x01")


def xoauth2(
    verify: Callable[[str], Token], open_: Callable[[Token, str], Maildrop]
) -> Generator[bytes, bytes, Maildrop]:
    """Ask for a user and a token.

    A token that fails is refused at once, as Exchange Online does. Google, and OAUTHBEARER (RFC 7628, section
    3.2.2), would send a challenge in JSON first, and wait for an empty response.

    Args:
        verify: verifies the token; see `minipop.exchange.tokens.TokenVerifier`.
        open_: opens the mailbox of ``user=``, if the token permits that.

    Raises:
        LogonRefused: the response is malformed, the token is not accepted, or not for that mailbox.
    """
    message = _RESPONSE.fullmatch((yield b""))
    if not message:
        raise LogonRefused(Reason.MALFORMED)
    user, token = (utf8(part) for part in message.groups())
    return open_(verify(token), user)
