"""What is looked at, on each of the three ways in; what it means is said in `minipop.probe.verdict`."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from . import certificate, ntlm, tls
from .connection import Connection, Trouble, shown
from .logon import log_on
from .observation import PLAIN, STLS, TLS, Answer, Observation, Seal, Target, Way

#: Nobody's name, for USER.
MADE_UP = b"minipop-probe"

#: Asked for whether listed or not: servers take them that do not list them.
_ALWAYS = ("PLAIN", "LOGIN")

#: Asked for if they are listed.
_IF_LISTED = ("NTLM", "GSSAPI", "GSS-SPNEGO", "XOAUTH2", "OAUTHBEARER")

#: Replies waited for in vain, after which a server is asked nothing more.
_PATIENCE = 2


def look(target: Target, user: str | None = None, password: str = "") -> Observation:
    """Look at a server; without a user nothing secret is sent.

    Args:
        target: where.
        user: whom to log on as, over TLS with a verified certificate only; None for nobody.
        password: the password then.
    """
    return _Probe(target).run(user, password)


class _Visit:
    """Questions to a server; if it hangs up, the next one gets a new connection."""

    def __init__(self, enter: Callable[[], Connection]) -> None:
        self._enter = enter
        self._connection: Connection | None = None
        self._patience = _PATIENCE

    def ask(self, question: Callable[[Connection], bytes]) -> tuple[bytes, Answer]:
        """Ask; return the reply as it came, and for display."""
        if not self._patience:
            return b"", Answer("", "silent")
        try:
            if self._connection is None:
                self._connection = self._enter()
            reply = question(self._connection)
        except Trouble as trouble:
            if trouble.kind in ("silent", "endless", "filtered"):
                self._patience -= 1
            self.leave()
            return b"", Answer("", trouble.kind)
        return reply, Answer(shown(reply))

    def lines(self, command: bytes) -> tuple[str, ...] | None:
        """Ask for a multi-line reply; None if there is none."""
        found: list[bytes] = []

        def question(connection: Connection) -> bytes:
            reply = connection.ask(command)
            if reply.startswith(b"+OK"):
                found.extend(connection.lines())
            return reply

        _, answer = self.ask(question)
        return tuple(map(shown, found)) if answer.accepted else None

    def begin(self, mechanism: str, *responses: bytes) -> tuple[bytes, Answer]:
        """Begin AUTH and give it up; return the last challenge, and the reply to AUTH."""
        first: list[Answer] = []

        def question(connection: Connection) -> bytes:
            reply = connection.ask(b"AUTH " + mechanism.encode())
            first.append(Answer(shown(reply)))
            for response in responses:
                if not reply.startswith(b"+"):
                    break
                reply = connection.ask(response)
            if reply.startswith(b"+"):
                connection.ask(b"*")
            return reply

        challenge, answer = self.ask(question)
        return challenge, first[0] if first else answer

    def leave(self) -> None:
        """Take leave, if anybody is still there."""
        if self._connection:
            self._connection.quit()
            self._connection = None


class _Probe:
    def __init__(self, target: Target) -> None:
        self._target = target

    def run(self, user: str | None, password: str) -> Observation:
        target = self._target
        when = datetime.now(UTC)
        plain, stls = Way(PLAIN, target.port), Way(STLS, target.port)
        over_tls = Way(TLS, target.tls_port)
        try:
            self._enter_plain(plain).quit()
        except Trouble as trouble:
            plain.trouble = stls.trouble = trouble
        else:
            self._ask(plain, lambda: self._enter_plain(plain))
            self._look_inside(stls)
            if stls.trouble is None:
                stls.injection = self._inject()
        self._look_inside(over_tls)
        seen = Observation(target, when, [plain, stls, over_tls])
        if user is not None:
            self._log_on(seen, user, password)
        return seen

    # -- entering ---------------------------------------------------------------------------------

    def _connect(self, way: Way) -> Connection:
        return Connection(self._target.host, way.port, self._target.timeout)

    def _enter_plain(self, way: Way) -> Connection:
        connection = self._connect(way)
        try:
            way.greeting = connection.greeting()
        except Trouble:
            connection.close()
            raise
        return connection

    def _before_handshake(self, way: Way) -> Connection:
        """Go as far as the handshake: after STLS, or at once."""
        if way.name == TLS:
            return self._connect(way)
        connection = self._enter_plain(Way(way.name, way.port))
        try:
            reply = connection.ask(b"STLS")
            if not reply.startswith(b"+OK"):
                connection.quit()
                raise Trouble("no-stls", shown(reply))
        except Trouble:
            connection.close()
            raise
        return connection

    def _enter_tls(self, way: Way, version: str | None) -> Connection:
        """Enter without verifying anything, and greet."""
        connection = self._before_handshake(way)
        try:
            connection.start_tls(tls.looking(version), self._target.name)
            if way.name == TLS:
                way.greeting = connection.greeting()
        except Trouble:
            connection.close()
            raise
        return connection

    # -- looking ----------------------------------------------------------------------------------

    def _ask(self, way: Way, enter: Callable[[], Connection]) -> None:
        """Ask what is offered and how one may log on."""
        visit = _Visit(enter)
        way.capabilities = visit.lines(b"CAPA")
        sasl = [line.split() for line in way.capabilities or () if line.upper().startswith("SASL ")]
        way.listed = tuple(name.upper() for words in sasl for name in words[1:])
        way.auth_listed = tuple(line.strip().upper() for line in visit.lines(b"AUTH") or () if line.strip())
        listed = {*way.listed, *way.auth_listed}
        for mechanism in (*_ALWAYS, *(name for name in _IF_LISTED if name in listed)):
            if mechanism == "NTLM":
                challenge, way.answers[mechanism] = visit.begin(mechanism, ntlm.type_1())
                way.told = ntlm.read_type_2(challenge)
            else:
                _, way.answers[mechanism] = visit.begin(mechanism)
        _, way.answers["USER"] = visit.ask(lambda connection: connection.ask(b"USER " + MADE_UP))
        visit.leave()

    def _look_inside(self, way: Way) -> None:
        """Look at a way with TLS: at TLS itself first."""
        try:
            way.seal, version = self._seal(way)
            self._enter_tls(way, version).quit()
        except Trouble as trouble:
            way.trouble = self._explained(way, trouble)
        else:
            self._ask(way, lambda: self._enter_tls(way, version))

    def _seal(self, way: Way) -> tuple[Seal, str | None]:
        """Look at TLS; return with it the version to come back with, None for a free choice."""
        seal, version = Seal(), None
        try:
            self._first_look(way, seal, None)
        except Trouble as trouble:
            if trouble.kind != "handshake":
                raise
            # Servers of Windows Server 2003 stumble over a ClientHello with too much in it.
            seal.versions = self._versions(way)
            spoken = seal.speaks(*tls.VERSIONS)
            if not spoken:
                raise
            version = spoken[-1]
            self._first_look(way, seal, version)
        else:
            seal.versions = self._versions(way)
        if seal.certificate:
            seal.fits = seal.certificate.fits(self._target.name)
        seal.trust_error = self._trust_error(way, version)
        return seal, version

    def _first_look(self, way: Way, seal: Seal, version: str | None) -> None:
        with self._before_handshake(way) as connection:
            socket = connection.start_tls(tls.looking(version), self._target.name)
            seal.negotiated = socket.version() or ""
            seal.cipher = (socket.cipher() or ("", "", 0))[0]
            with suppress(ValueError):
                seal.certificate = certificate.read(socket.getpeercert(binary_form=True) or b"")
            connection.leave()

    def _versions(self, way: Way) -> dict[str, str]:
        return {version: self._version(way, version) for version in tls.VERSIONS}

    def _version(self, way: Way, version: str) -> str:
        if not tls.can_speak(version):
            return "untestable"
        try:
            with self._before_handshake(way) as connection:
                connection.start_tls(tls.looking(version), self._target.name)
                connection.leave()
        except Trouble as trouble:
            return "refused" if trouble.kind == "handshake" else "unanswered"
        return "accepted"

    def _trust_error(self, way: Way, version: str | None) -> str:
        context = tls.judging(self._target.ca_file, version)
        try:
            with self._before_handshake(way) as connection:
                connection.start_tls(context, self._target.name)
                connection.leave()
        except Trouble as trouble:
            return trouble.detail or trouble.kind
        return ""

    def _explained(self, way: Way, trouble: Trouble) -> Trouble:
        """Say of a failed handshake whether the server speaks in clear there."""
        if way.name != TLS or way.seal or trouble.kind not in ("handshake", "silent"):
            return trouble
        with suppress(Trouble), self._connect(way) as connection:
            for line in connection.first_words():
                return Trouble("no-tls", shown(line))
        return trouble

    def _inject(self) -> str:
        """Send a command in the same packet as STLS, and see whether it is answered inside TLS.

        CAPA is sent along; inside TLS comes QUIT alone. A sound server answers that in one line. One that
        keeps what it read in clear answers CAPA first: its list, or at least a second status line.
        """
        try:
            with self._enter_plain(Way(STLS, self._target.port)) as connection:
                connection.send(b"STLS\r\nCAPA\r\n")
                if not connection.status().startswith(b"+OK"):
                    return "not-answered"
                connection.start_tls(tls.looking(), self._target.name)
                connection.send(b"QUIT\r\n")
                lines = connection.until_closed()
        except Trouble as trouble:
            # Hanging up, or taking CAPA for the beginning of a broken handshake, is sound as well.
            return "not-answered" if trouble.kind in ("hung-up", "handshake", "garbage") else "unknown"
        replies = [line for line in lines if line.startswith((b"+OK", b"-ERR"))]
        return "answered" if len(replies) > 1 or b"." in lines else "not-answered"

    # -- logging on -------------------------------------------------------------------------------

    def _log_on(self, seen: Observation, user: str, password: str) -> None:
        """Log on by each mechanism once, on the first way with a certificate that holds."""
        for way in (seen.ways[2], seen.ways[1]):
            seal = way.seal
            if way.trouble or seal is None or seal.trust_error or not seal.fits:
                continue
            try:
                seen.logons = log_on(way.name, partial(self._enter_verified, way), user, password)
            except Trouble as trouble:
                seen.logon_trouble = trouble.detail or trouble.kind
                continue
            seen.logon_trouble = ""
            return
        seen.logon_trouble = seen.logon_trouble or "unverified"

    def _enter_verified(self, way: Way) -> Connection:
        """Enter as one may with a password: OpenSSL itself verifies authority and name."""
        connection = self._before_handshake(way)
        try:
            connection.start_tls(tls.trusting(self._target.ca_file), self._target.name)
            if way.name == TLS:
                connection.greeting()
        except Trouble:
            connection.close()
            raise
        return connection
