"""The limit: a bare asyncio.Protocol that splits lines and answers with bytes prepared beforehand.

It checks no password, holds no mailbox and knows no state. No server on the standard event loop can be
faster; how far minipop is from it is what POP3, mailboxes and rules cost.
"""

import asyncio
import functools
import ssl
import sys

from evidence.bench.mail import BOXES, LARGE, Box, message, user
from evidence.bench.servers.running import announce


@functools.cache  # made when needed: what is measured of memory is the connections
def _replies(box: Box) -> dict[bytes, bytes]:
    """Return the replies for a mailbox, by the first four octets of the line."""
    uids = b"".join(b"%d %08x\r\n" % (number, number) for number in range(1, box.messages + 1))
    content = message(0, box.octets).replace(b"\n", b"\r\n")
    done = b"+OK\r\n"
    return {
        b"USER": done,
        b"PASS": done,
        b"NOOP": done,
        b"STAT": b"+OK %d %d\r\n" % (box.messages, box.messages * box.octets),
        b"UIDL": b"+OK\r\n%b.\r\n" % uids,
        b"RETR": b"+OK\r\n%b.\r\n" % content,
        b"QUIT": done,
    }


_NAMED_LARGE = b"USER %b@" % LARGE.encode()


class Bare(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._early = b""
        self._replies = _replies(BOXES[user(0)])
        transport.write(b"+OK\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every line that is whole."""
        *lines, self._early = (self._early + data).split(b"\r\n")
        if lines and lines[0].startswith(_NAMED_LARGE):
            self._replies = _replies(BOXES[LARGE])
        self._transport.write(b"".join([self._replies[line[:4]] for line in lines]))
        if lines and lines[-1] == b"QUIT":
            self._transport.close()


async def main(pem: str) -> None:
    """Serve until SIGTERM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(Bare, "127.0.0.1", 0, backlog=1024)
    tls = await loop.create_server(Bare, "127.0.0.1", 0, backlog=1024, ssl=context)
    announce(plain.sockets[0].getsockname()[1], tls.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
