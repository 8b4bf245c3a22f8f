"""Twisted's POP3 server, with a small mailbox of its own.

Twisted's own Maildir opens files as text, and RETR then hangs on Python 3; this one opens them as octets and
does no more than it must. Nagle's algorithm, which Twisted leaves on, is off, as in the other servers. There
is no TLS: for that Twisted needs pyOpenSSL.
"""

import os
import sys
from pathlib import Path
from typing import IO, Any

from twisted.cred import checkers, portal
from twisted.internet import protocol, reactor
from twisted.mail import pop3
from zope.interface import implementer

from evidence.bench.mail import BOXES, PASSWORD, log_on_name
from evidence.bench.servers.running import announce


@implementer(pop3.IMailbox)
class Mailbox:
    """A Maildir, as it was at the log-on; sizes are read from the names of the files."""

    def __init__(self, path: str) -> None:
        self._cur = f"{path}/cur"
        self._names = sorted(os.listdir(self._cur))  # noqa: PTH208 - no paths
        self._sizes = [int(name.partition(",W=")[2].partition(":")[0]) for name in self._names]

    def listMessages(self, index: int | None = None) -> int | list[int]:
        """Return the size of a message, or of all."""
        return self._sizes if index is None else self._sizes[index]

    def getMessage(self, index: int) -> IO[bytes]:
        """Open a message."""
        return Path(self._cur, self._names[index]).open("rb")

    def getUidl(self, index: int) -> bytes:
        """Return the UID of a message."""
        return self._names[index].partition(",")[0].encode()

    def deleteMessage(self, index: int) -> None:
        """Delete nothing: the load does not either."""

    def undeleteMessages(self) -> None:
        """Do nothing."""

    def sync(self) -> None:
        """Do nothing."""


@implementer(portal.IRealm)
class Realm:
    """Gives everybody the own mailbox."""

    def __init__(self, maildirs: str) -> None:
        self._maildirs = maildirs

    def requestAvatar(self, name: bytes, *_: object) -> tuple[Any, Mailbox, Any]:
        """Return a mailbox."""
        alias = name.decode().partition("@")[0]
        return pop3.IMailbox, Mailbox(f"{self._maildirs}/{alias}"), lambda: None


class Pop3(pop3.POP3):
    """One connection."""

    def connectionMade(self) -> None:
        """Greet."""
        transport: Any = self.transport
        transport.setTcpNoDelay(True)
        super().connectionMade()  # type: ignore[no-untyped-call]


class Factory(protocol.ServerFactory):
    """Makes connections."""

    noisy = False

    def __init__(self, maildirs: str) -> None:
        known: Any = checkers.InMemoryUsernamePasswordDatabaseDontUse()
        for alias in BOXES:
            known.addUser(log_on_name(alias).encode(), PASSWORD.encode())
        realm: Any = Realm(maildirs)
        self._portal = portal.Portal(realm, [known])

    def buildProtocol(self, _: object) -> Any:  # noqa: ANN401
        """Return the protocol for a client."""
        connection: Any = Pop3()
        connection.factory = self
        connection.portal = self._portal
        return connection


def main(maildirs: str) -> None:
    """Serve until SIGTERM."""
    running: Any = reactor  # a module that is an object
    listening = running.listenTCP(0, Factory(maildirs), backlog=1024, interface="127.0.0.1")
    running.callWhenRunning(lambda: announce(listening.getHost().port, None))
    running.run()


if __name__ == "__main__":
    main(sys.argv[1])
