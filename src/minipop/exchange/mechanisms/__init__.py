"""SASL mechanisms, one module each; a mechanism is a generator, see `minipop.protocol.policy.Mechanism`."""

from minipop.exchange.refusals import Reason
from minipop.protocol import LogonRefused


def utf8(response: bytes) -> str:
    """Read a response as UTF-8 text.

    Raises:
        LogonRefused: it is none. Nothing of the response hangs on the refusal.
    """
    try:
        return response.decode("utf-8")
    except UnicodeDecodeError:
        pass
    # Outside of the except clause, because its error holds the response and would stay attached as context.
    raise LogonRefused(Reason.MALFORMED)
