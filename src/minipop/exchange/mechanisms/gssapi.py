"""AUTH GSSAPI (RFC 4752): a Kerberos ticket instead of a password.

First the two Kerberos messages (RFC 4121), then one question about security layers, of which there are none:
after the log-on POP3 goes on as before, in clear or in TLS.
"""

from collections.abc import Callable, Generator
from pathlib import Path

from minipop.exchange.directory import Account
from minipop.exchange.refusals import Reason
from minipop.protocol import LogonRefused, Maildrop

from . import utf8

#: The layers offered, a bit each, and the longest message within them (RFC 4752, section 3): none, so 0.
NO_LAYER = 0x01
OFFER = bytes([NO_LAYER, 0, 0, 0])


def gssapi(
    keytab: Path, find: Callable[[str, str], Account | None], open_: Callable[[Account], Maildrop]
) -> Generator[bytes, bytes, Maildrop]:
    """Accept a ticket for the service whose key the keytab holds.

    Neither KRB5_CONFIG nor a KDC is needed for that. What has been seen once is remembered in a replay cache
    beside the keytab, so that it is not accepted again.

    Args:
        keytab: the service's key; each principal in it is taken.
        find: finds the account of a realm and a name in it.
        open_: opens the account's maildrop.

    Raises:
        LogonRefused: the ticket is not accepted or belongs to no account, a message is malformed, the client
            wants a security layer or to act as another user, or the maildrop does not open.
    """
    from gssapi.exceptions import InvalidTokenError  # an extra that needs MIT's libraries
    from gssapi.raw.misc import GSSError

    try:
        principal, answer = yield from _accept(keytab)
    except InvalidTokenError:
        raise LogonRefused(Reason.MALFORMED) from None
    except GSSError:
        raise LogonRefused(Reason.TICKET) from None
    name, _, realm = principal.rpartition("@")
    # A name of several parts, such as anna/admin or pop/localhost, belongs to no account.
    account = None if set(name) & set("/\\@") else find(realm, name)
    if account is None:
        raise LogonRefused(Reason.NO_ACCOUNT)
    own = {known.casefold() for known in (principal, account.sam, account.upn) if known}
    if (authzid := _authzid(answer)) and authzid.casefold() not in own:
        raise LogonRefused(Reason.AUTHZID)
    return open_(account)


def _accept(keytab: Path) -> Generator[bytes, bytes, tuple[str, bytes]]:
    """Play the dialogue; return the client's principal and what it answered to the offer of layers."""
    import gssapi as library

    response = yield b""
    store: dict[str | bytes, str | bytes] = {
        "keytab": f"FILE:{keytab}",
        "rcache": f"file2:{keytab.with_name('replay-cache')}",
    }
    # Kerberos alone, because MIT's library would take SPNEGO as well, which in SASL has a name of its own.
    mechanisms = [library.MechType.kerberos]
    credentials = library.Credentials(usage="accept", mechs=mechanisms, store=store)
    context = library.SecurityContext(usage="accept", creds=credentials)
    while not context.complete:
        token = context.step(_token(response))
        # python-gssapi keeps a failure that has a token until `complete` is read, which raises it here.
        if context.complete and not token:  # the client did not ask the server to prove itself
            break
        response = yield token or b""
        if context.complete and response:
            raise LogonRefused(Reason.MALFORMED)
    principal = bytes(context.initiator_name).decode("utf-8", "replace")
    answer = yield context.wrap(OFFER, False).message
    return principal, context.unwrap(_token(answer)).message


def _token(response: bytes) -> bytes:
    """Refuse an empty response, because MIT's library would take it for the beginning of SPNEGO."""
    if not response:
        raise LogonRefused(Reason.MALFORMED)
    return response


def _authzid(answer: bytes) -> str:
    """Read the client's answer: the layer that it chose, three octets of a size, a name to act as or none."""
    if len(answer) < len(OFFER) or answer[0] != NO_LAYER:
        raise LogonRefused(Reason.MALFORMED)
    return utf8(answer[len(OFFER) :])
