"""The load: a program of its own that plays clients and prints one line of JSON.

    python -m evidence.bench.load sessions --host 127.0.0.1 --port 1110 --clients 50 --seconds 2

It reads sockets as they come (epoll) and looks at replies only as far as it must to tell where they end and
whether they are right: a generator slower than the server would measure itself. Whatever is not as it should
be (a ``-ERR``, a closed connection, a reply too short, too few messages, a client that waits for too long)
ends the program with status 1 and one line that says what; then nothing is counted.
"""

import argparse
import json
import ssl
import sys
from collections.abc import Callable, Sequence
from time import perf_counter as clock
from typing import NamedTuple

from evidence.bench.client import Client, Failed, Reply, Script, Step, drive, line
from evidence.bench.mail import ACCOUNTS, MESSAGES, OCTETS, PASSWORD, log_on_name, user
from evidence.bench.statistics import percentile
from evidence.patience import PATIENCE

_PIPELINED = 100  # RETR in one packet
_LOGGING_ON = 50  # clients at a time, before the time is taken

# -- replies ------------------------------------------------------------------------------------------


def stat(messages: int) -> Reply:
    """Return the reply to STAT that tells so many messages."""

    def whole(buffer: bytearray) -> int:
        end = line(buffer)
        if end and buffer.split(b" ", 2)[1] != b"%d" % messages:
            raise Failed(f"STAT told {bytes(buffer[:end])!r}, not {messages} messages")
        return end

    return whole


def listing(messages: int) -> Reply:
    """Return the reply to UIDL that lists so many messages."""

    def whole(buffer: bytearray) -> int:
        if not line(buffer) or not buffer.endswith(b"\r\n.\r\n"):
            return 0
        if (lines := buffer.count(b"\n") - 2) != messages:
            raise Failed(f"UIDL listed {lines} messages, not {messages}")
        return len(buffer)

    return whole


def content(octets: int) -> Reply:
    """Return the reply to RETR of a message that has so many octets, none of them a dot to be doubled."""

    def whole(buffer: bytearray) -> int:
        begin = line(buffer)
        end = begin + octets + len(".\r\n")
        if not begin or len(buffer) < end:
            if begin and buffer.endswith(b"\r\n.\r\n"):
                raise Failed(f"RETR gave {len(buffer) - begin - 3} octets, not {octets}")
            return 0
        if buffer[end - 5 : end] != b"\r\n.\r\n":
            raise Failed(f"RETR gave other than {octets} octets")
        return end

    return whole


# -- scripts ------------------------------------------------------------------------------------------


def log_on(name: str) -> Script:
    """Connect and log on."""
    yield Step(None, line)
    yield Step(b"USER %s\r\n" % name.encode(), line)
    yield Step(b"PASS %s\r\n" % PASSWORD.encode(), line)


def quit() -> Script:
    """End the session."""
    yield Step(b"QUIT\r\n", line)


class Times(NamedTuple):
    """Seconds that sessions took, from connecting to the reply to QUIT, and parts of them."""

    session: list[float]
    log_on: list[float]  # from USER to the reply to PASS
    listing: list[float]  # STAT and UIDL


def sessions(name: str, messages: int, until: float, times: Times) -> Script:
    """Connect, log on, STAT, UIDL, QUIT; once at least, then again until the time is over."""
    while True:
        begin = clock()
        greeting, *rest = log_on(name)
        yield greeting
        greeted = clock()
        yield from rest
        logged_on = clock()
        yield Step(b"STAT\r\n", stat(messages))
        yield Step(b"UIDL\r\n", listing(messages))
        listed = clock()
        yield from quit()
        end = clock()
        times.session.append(end - begin)
        times.log_on.append(logged_on - greeted)
        times.listing.append(listed - logged_on)
        if end >= until:
            return


def log_ons(name: str, until: float, times: list[float]) -> Script:
    """Connect, log on, QUIT; once at least, then again until the time is over."""
    while True:
        begin = clock()
        yield from log_on(name)
        yield from quit()
        times.append(clock() - begin)
        if clock() >= until:
            return


def fetches(messages: int, octets: int, batch: int, until: float, fetched: list[int]) -> Script:
    """Fetch one message after the other, in batches, until the time is over; once at least."""
    number = 0
    whole = content(octets)
    while True:
        wanted = [(number + n) % messages + 1 for n in range(batch)]
        yield Step(b"".join(b"RETR %d\r\n" % n for n in wanted), whole)
        for _ in wanted[1:]:
            yield Step(b"", whole)
        number += batch
        fetched.append(batch)
        if clock() >= until:
            return


# -- kinds of load ------------------------------------------------------------------------------------


class Load:
    """Clients as the command line asks for them.

    Args:
        options: see `_parser`.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        context = None
        if options.tls:  # what is measured is the server: nothing is verified, no session resumed
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self.names = [log_on_name(options.user or user(n % ACCOUNTS)) for n in range(options.clients)]
        self.clients = [Client((options.host, options.port), context) for _ in self.names]

    def run(self) -> dict[str, float]:
        """Play the kind of load that is asked for, and return what came of it."""
        try:
            kinds: dict[str, Callable[[], dict[str, float]]] = {
                "sessions": self.sessions,
                "log-ons": self.log_ons,
                "fetch": self.fetch,
                "idle": self.idle,
                "visit": self.visit,
            }
            return kinds[self.options.kind]()
        finally:
            for client in self.clients:
                client.close()

    def sessions(self) -> dict[str, float]:
        """Count sessions."""
        times = Times([], [], [])
        took = self._timed(lambda name, until: sessions(name, self.options.messages, until, times))
        return {
            "count": len(times.session),
            "per_second": len(times.session) / took,
            "p50": 1000 * percentile(times.session, 50),
            "p99": 1000 * percentile(times.session, 99),
            "log_on": 1000 * percentile(times.log_on, 50),
            "listing": 1000 * percentile(times.listing, 50),
        }

    def log_ons(self) -> dict[str, float]:
        """Count log-ons."""
        times: list[float] = []
        took = self._timed(lambda name, until: log_ons(name, until, times))
        return {"count": len(times), "per_second": len(times) / took}

    def fetch(self) -> dict[str, float]:
        """Count messages that are fetched by clients that have logged on before."""
        options = self.options
        fetched: list[int] = []
        self._log_on()
        batch = _PIPELINED if options.pipelined else 1
        took = self._timed(lambda _, until: fetches(options.messages, options.octets, batch, until, fetched))
        count = sum(fetched)
        return {
            "count": count,
            "per_second": count / took,
            "megabytes_per_second": count * options.octets / took / 1e6,
        }

    def idle(self) -> dict[str, float]:
        """Hold clients that are logged on and say nothing; a line from outside begins it, another ends it."""
        print("ready", flush=True)
        sys.stdin.readline()
        self._log_on()
        print("holding", flush=True)
        sys.stdin.readline()
        self._all(lambda _: iter([Step(b"NOOP\r\n", line), *quit()]))
        return {"count": len(self.clients)}

    def visit(self) -> dict[str, float]:
        """Have one session with each account, one after the other."""
        names = dict.fromkeys(self.names)
        times = Times([], [], [])
        for name in names:
            script = sessions(name, self.options.messages, 0, times)
            drive(self.clients[:1], [script], clock() + self.options.limit)
        return {"count": len(times.session)}

    def _log_on(self) -> None:
        limit = clock() + self.options.limit
        for begin in range(0, len(self.clients), _LOGGING_ON):
            part = slice(begin, begin + _LOGGING_ON)
            drive(self.clients[part], [log_on(name) for name in self.names[part]], limit)

    def _timed(self, script: Callable[[str, float], Script]) -> float:
        """Let all clients play until the time is over, and to the end; return the seconds that it took."""
        begin = clock()
        self._all(lambda name: script(name, begin + self.options.seconds))
        return clock() - begin

    def _all(self, script: Callable[[str], Script]) -> None:
        limit = clock() + self.options.seconds + self.options.limit
        drive(self.clients, [script(name) for name in self.names], limit)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evidence.bench.load", description="Play POP3 clients.")
    add = parser.add_argument
    add("kind", choices=("sessions", "log-ons", "fetch", "idle", "visit"))
    add("--host", default="127.0.0.1")
    add("--port", type=int, required=True)
    add("--tls", action="store_true", help="TLS from the first byte")
    add("--clients", type=int, default=1, help="how many at a time, each with an account of its own")
    add("--user", help="the alias of one account for all of them")
    add("--seconds", type=float, default=2.0, help="after which nothing new is begun")
    add("--limit", type=float, default=PATIENCE, help="seconds beyond that after which waiting is a failure")
    add("--messages", type=int, default=MESSAGES, help="in each mailbox")
    add("--octets", type=int, default=OCTETS, help="of each message")
    add("--pipelined", action="store_true", help=f"fetch {_PIPELINED} messages at a time")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load; return the exit status."""
    try:
        print(json.dumps(Load(_parser().parse_args(arguments)).run()))
    except Failed as error:
        print(f"evidence.bench.load: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
