"""The clients: decent ones, slow ones, ones that vanish, and ones that should never have come.

Each function is one visit. It raises `Wrong` for what nothing excuses, and any other error for what a kill or
a fault may excuse.
"""

import base64
import poplib
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack, suppress

from evidence.raw import Raw
from evidence.soak.ledger import Fate, Wrong
from evidence.soak.visit import CROWDED, ONE_CROWD, Listed, Visit, expect, lines, unstuffed

#: Messages that a decent client fetches or deletes in one session.
SOME = 3

#: Sessions that Exchange 2016 allows one user.
PER_USER = 16


# -- decent ---------------------------------------------------------------------------------------


def fetch(visit: Visit) -> None:
    """List everything and fetch some of it."""
    with visit.poplib() as pop:
        listed = visit.listed(pop.list()[1], pop.uidl()[1])
        _take(visit, pop, listed)
        pop.quit()


def delete(visit: Visit) -> None:
    """Fetch some, delete letters; an +OK to QUIT is a promise."""
    with visit.poplib() as pop:
        listed = visit.listed(pop.list()[1], pop.uidl()[1])
        _take(visit, pop, listed)
        letters = visit.letters(listed, SOME)
        for number in letters:
            pop.dele(number)
        visit.ledger.mark(letters.values(), Fate.ASKED)
        pop.quit()
        visit.ledger.mark(letters.values(), Fate.DELETED)


def change_one_s_mind(visit: Visit) -> None:
    """Delete letters, but take it back with RSET or leave without QUIT: nothing may be deleted."""
    with visit.poplib() as pop:
        listed = visit.listed(pop.list()[1], pop.uidl()[1])
        for number in visit.letters(listed, SOME):
            pop.dele(number)
        if visit.chance.random() < 0.5:
            pop.rset()
            pop.quit()


def ntlm(visit: Visit) -> None:
    """Log on by NTLM, with pyspnego as the client."""
    import spnego

    proof = spnego.client(
        f"MUSTER\\{visit.account.sam}",
        visit.account.password,
        protocol="ntlm",
        options=spnego.NegotiateOptions.use_ntlm,
    )
    with visit.raw() as client:
        expect(client.ask(b"AUTH NTLM"), b"+ ")
        challenge = expect(client.ask(base64.b64encode(proof.step() or b"")), b"+ ")
        answer = proof.step(base64.b64decode(challenge[2:])) or b""
        visit.remember()
        expect(client.ask(base64.b64encode(answer)), b"+OK")
        _listed(visit, client)
        expect(client.ask(b"QUIT"), b"+OK")


def pipeline(visit: Visit) -> None:
    """Send a whole session at once, then read all replies."""
    times = visit.chance.randrange(1, 8)
    name, password = visit.account.name.encode(), visit.account.password.encode()
    with visit.raw() as client:
        visit.remember()
        client.send(b"USER %b\r\nPASS %b\r\nSTAT\r\nLIST\r\nUIDL\r\n" % (name, password))
        client.send(b"RETR 1\r\nTOP 1 0\r\n" * times + b"QUIT\r\n")
        for _ in range(2):
            expect(client.line(), b"+OK")
        count = int(expect(client.line(), b"+OK").split()[1])
        listed = _listed(visit, client, ask=False)
        if len(listed.sizes) != count:
            raise Wrong(f"{visit.alias}: STAT counts {count} messages, LIST {len(listed.sizes)}")
        for _ in range(times):
            expect(client.line(), b"+OK")
            content = unstuffed(client.text())
            visit.judge(listed, 1, content)
            expect(client.line(), b"+OK")
            if unstuffed(client.text()) != content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n":
                raise Wrong(f"{visit.alias}: TOP 1 0 is not the header that RETR 1 sends")
        expect(client.line(), b"+OK")


# -- slow -----------------------------------------------------------------------------------------


def read_slowly(visit: Visit) -> None:
    """Fetch the largest message in small pieces; some lose patience and hang up in the middle."""
    with visit.raw(window=16_384) as client:
        visit.log_on(client)
        listed = _listed(visit, client)
        number = max(listed.sizes, key=lambda number: listed.sizes[number])
        reply = client.ask(b"RETR %d" % number)
        if reply.startswith(b"-ERR") and visit.ledger.may_be_gone(visit.alias, listed.uids[number]):
            return
        expect(reply, b"+OK")
        text = bytearray(client.taken())
        ends_at = visit.chance.randrange(2 * listed.sizes[number])
        while not text.endswith(b"\r\n.\r\n"):
            piece = client.socket.recv(16_384)
            if not piece:
                raise ConnectionError("the connection ended inside a message")
            text += piece
            if len(text) > ends_at:
                client.reset()
                return
            visit.pause(visit.chance.uniform(0, 0.01))
        visit.judge(listed, number, unstuffed(bytes(text[: -len(b".\r\n")])))
        expect(client.ask(b"QUIT"), b"+OK")


def write_slowly(visit: Visit) -> None:
    """Type one byte after the other."""
    words = (b"USER " + visit.account.name.encode(), b"PASS " + visit.account.password.encode())
    with visit.raw() as client:
        for command in (*words, b"STAT", b"NOOP", b"QUIT"):
            for byte in command + b"\r\n":
                client.send(bytes([byte]))
                visit.pause(visit.chance.uniform(0, 0.005))
            expect(client.line(), b"+OK")


# -- vanishing ------------------------------------------------------------------------------------


def vanish(visit: Visit) -> None:
    """Ask for deletions and QUIT, but go away at any byte, politely (FIN) or not (RST).

    Only when the whole of QUIT was sent may anything be deleted; whether it was, this client never learns.
    """
    with visit.raw() as client:
        visit.log_on(client)
        listed = _listed(visit, client)
        letters = visit.letters(listed, SOME)
        number = visit.chance.choice(sorted(listed.sizes))
        script = b"RETR %d\r\n" % number + b"".join(b"DELE %d\r\n" % n for n in letters) + b"QUIT\r\n"
        cut = len(script) if visit.chance.random() < 0.25 else visit.chance.randrange(len(script))
        if cut == len(script):
            visit.ledger.mark(letters.values(), Fate.ASKED)
        client.send(script[:cut])
        if b"\n" in script[:cut] and visit.chance.random() < 0.5:
            client.socket.recv(visit.chance.randrange(1, 4_096))
        visit.chance.choice((client.close, client.reset))()


def vanish_early(visit: Visit) -> None:
    """Go away before the log-on, in the handshake or in the middle of a command."""
    opening = visit.chance.choice((b"", b"CAPA\r\n", b"STLS\r\n", b"AUTH PLAIN\r\n", b"\x16\x03\x01\x02\0"))
    opening += b"USER " + visit.account.name.encode() + b"\r\nPASS x\r\n" + visit.chance.randbytes(200)
    port = visit.chance.choice((visit.address.port, visit.address.tls_port))
    with Raw(port) as client, suppress(ConnectionError):
        client.send(opening[: visit.chance.randrange(len(opening))])
        if visit.chance.random() < 0.5:
            visit.pause(0.05)
        visit.chance.choice((client.close, client.reset))()


# -- unwelcome ------------------------------------------------------------------------------------


def garbage(visit: Visit) -> None:
    """Send what is no POP3; the server may refuse it or hang up, nothing else."""
    with visit.raw() as client:
        with suppress(ConnectionError, ssl.SSLError):
            client.send(visit.chance.randbytes(visit.chance.randrange(1, 4_000)) + b"\r\nQUIT\r\n")
            if isinstance(client.socket, socket.socket) and not hasattr(client.socket, "version"):
                client.socket.shutdown(socket.SHUT_WR)
        for line in lines(client.rest()):
            if not line.startswith((b"+OK", b"-ERR")):
                raise Wrong(f"{line!r} is the answer to garbage")


def long_line(visit: Visit) -> None:
    """Send a line without an end: the server refuses it and hangs up."""
    with visit.raw() as client:
        with suppress(ConnectionError, ssl.SSLError):
            client.send(b"NOOP" + b" x" * 50_000)
        for line in lines(client.rest()):
            if not line.startswith(b"-ERR"):
                raise Wrong(f"{line!r} is the answer to a line without an end")


def wrong_password(visit: Visit) -> None:
    """Guess: no guess may open the mailbox, nor a log-on whose POP3 is switched off."""
    name = visit.account.name.encode()
    guess = b"%x" % visit.chance.getrandbits(64)
    plain = base64.b64encode(b"\0" + name + b"\0" + guess)
    tries = (
        (b"USER " + name, b"PASS " + guess),
        (b"USER dora@muster.example", b"PASS Herbst2026"),
        (b"AUTH PLAIN " + plain,),
        (b"AUTH NTLM", guess),
    )
    with visit.raw() as client:
        *before, last = visit.chance.choice(tries)
        for command in before:
            expect(client.ask(command), b"+")
        for command in (last, b"STAT"):
            reply = client.ask(command)
            if reply.startswith(b"+"):
                raise Wrong(f"{reply!r} is the answer to a guess")
            if not reply:  # some refusals end the connection
                return


def crowd(visit: Visit) -> None:
    """Log on as often as one user may, and once more."""
    with ONE_CROWD, ExitStack() as open_clients:
        visit.account = CROWDED
        clients = []
        for _ in range(PER_USER):
            clients.append(open_clients.enter_context(visit.raw("110")))
            visit.log_on(clients[-1])
        with visit.raw("110") as more:
            more.ask(b"USER " + CROWDED.name.encode())
            reply = more.ask(b"PASS " + CROWDED.password.encode())
            if reply.startswith(b"+"):
                raise Wrong(f"{reply!r}, though {PER_USER} sessions are the most")
            expect(reply, b"-ERR")
        for client in clients:
            expect(client.ask(b"QUIT"), b"+OK")


# -- inside ---------------------------------------------------------------------------------------


def _listed(visit: Visit, client: Raw, *, ask: bool = True) -> Listed:
    """Read what LIST and UIDL say."""
    texts = []
    for command in (b"LIST", b"UIDL"):
        expect(client.ask(command) if ask else client.line(), b"+OK")
        texts.append(lines(client.text()))
    return visit.listed(*texts)


def _take(visit: Visit, pop: poplib.POP3, listed: Listed) -> None:
    """Fetch some messages; one that another has taken meanwhile may be gone."""
    for number in visit.chance.sample(sorted(listed.sizes), min(SOME, len(listed.sizes))):
        try:
            content = pop.retr(number)[1]
        except poplib.error_proto:
            if visit.ledger.may_be_gone(visit.alias, listed.uids[number]):
                continue
            raise
        visit.judge(listed, number, b"".join(line + b"\r\n" for line in content))


#: All kinds, and how many of each are in a round.
CLIENTS: dict[Callable[[Visit], None], int] = {
    fetch: 6,
    delete: 6,
    change_one_s_mind: 2,
    ntlm: 2,
    pipeline: 4,
    read_slowly: 2,
    write_slowly: 2,
    vanish: 6,
    vanish_early: 4,
    garbage: 3,
    long_line: 2,
    wrong_password: 3,
    crowd: 1,
}
