"""What is asked at each of the three endpoints; what it means is said in `minipop.probe.verdict`."""

import ssl
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from . import ntlm, tls
from .certificate import parse_certificate
from .client import Pop3Client, ProbeError, shown
from .logon import log_on
from .observation import PLAIN, STLS, TLS, Answer, Endpoint, Observation, Target, TlsState

T = TypeVar("T")

#: The name for USER, which belongs to no mailbox.
MADE_UP = b"minipop-probe"

#: Asked for whether listed or not, because some servers take them without listing them.
_ALWAYS = ("PLAIN", "LOGIN")

#: Asked for if they are listed.
_IF_LISTED = ("NTLM", "GSSAPI", "GSS-SPNEGO", "XOAUTH2", "OAUTHBEARER")

#: Replies waited for in vain, after which a server is asked nothing more: each costs the whole timeout.
_PATIENCE = 2


def probe(target: Target, user: str | None = None, password: str = "") -> Observation:
    """Probe a server; without a user nothing secret is sent.

    Args:
        target: the server.
        user: the name to log on with, over TLS with a verified certificate only; None for no log-on.
        password: the password then.
    """
    when = datetime.now(UTC)
    prober = _Prober(target)
    seen = Observation(target, when, prober.endpoints())
    if user is not None:
        prober.log_on(seen, user, password)
    return seen


class _Interview:
    """Questions to a server; if it hangs up, the next one gets a new connection."""

    def __init__(self, enter: Callable[[], Pop3Client]) -> None:
        self._enter = enter
        self._client: Pop3Client | None = None
        self._patience = _PATIENCE

    def ask(self, question: Callable[[Pop3Client], T]) -> T | ProbeError:
        """Ask; return what came of it, or why nothing did."""
        if not self._patience:
            return ProbeError("silent")
        try:
            if self._client is None:
                self._client = self._enter()
            return question(self._client)
        except ProbeError as error:
            if error.kind in ("silent", "endless", "filtered"):
                self._patience -= 1
            self._client = None
            return error

    def lines(self, command: bytes) -> tuple[str, ...] | None:
        """Ask for a multi-line reply; None if there is none."""

        def question(client: Pop3Client) -> tuple[str, ...] | None:
            reply = client.ask(command)
            found = client.lines() if reply.startswith(b"+OK") else []
            return tuple(map(shown, found)) if reply.startswith(b"+") else None

        found = self.ask(question)
        return None if isinstance(found, ProbeError) else found

    def begin(self, command: bytes, *responses: bytes) -> tuple[Answer, bytes]:
        """Begin a log-on and give it up; return the answer to the command, and the last challenge if any."""
        first: Answer | None = None

        def question(client: Pop3Client) -> bytes:
            nonlocal first
            reply = client.ask(command)
            first = Answer(shown(reply))
            for response in responses:
                if reply.startswith(b"+"):
                    reply = client.ask(response)
            if reply.startswith(b"+") and command.startswith(b"AUTH"):
                client.ask(b"*")
            return reply

        last = self.ask(question)
        challenge, trouble = (b"", last.kind) if isinstance(last, ProbeError) else (last, "")
        return first or Answer("", trouble), challenge

    def end(self) -> None:
        """Say QUIT, if there is a connection."""
        if self._client:
            self._client.quit()


class _Prober:
    def __init__(self, target: Target) -> None:
        self._target = target

    def endpoints(self) -> list[Endpoint]:
        """Return what the three endpoints show."""
        target = self._target
        plain, stls = Endpoint(PLAIN, target.port), Endpoint(STLS, target.port)
        over_tls = Endpoint(TLS, target.tls_port)
        try:
            self._enter_plain(plain).quit()
        except ProbeError as error:
            plain.trouble = stls.trouble = error
        else:
            self._interview(plain, lambda: self._enter_plain(plain))
            self._look_inside_tls(stls)
            if stls.trouble is None:
                stls.injection = self._inject(stls)
        self._look_inside_tls(over_tls)
        return [plain, stls, over_tls]

    # -- entering ---------------------------------------------------------------------------------

    def _connect(self, endpoint: Endpoint) -> Pop3Client:
        return Pop3Client(self._target.host, endpoint.port, self._target.timeout)

    def _enter_plain(self, endpoint: Endpoint) -> Pop3Client:
        client = self._connect(endpoint)
        endpoint.greeting = client.greeting()
        return client

    def _shake_hands(self, endpoint: Endpoint, context: ssl.SSLContext) -> tuple[Pop3Client, ssl.SSLSocket]:
        """Go as far as TLS: after STLS, or at once."""
        client = self._connect(endpoint)
        if endpoint.name == STLS:
            client.greeting()
            reply = client.ask(b"STLS")
            if not reply.startswith(b"+OK"):
                client.quit()
                raise ProbeError("no-stls", shown(reply))
        return client, client.start_tls(context, self._target.name)

    def _enter_tls(self, endpoint: Endpoint, context: ssl.SSLContext) -> Pop3Client:
        """Enter, and read the greeting where it comes inside TLS."""
        client, _ = self._shake_hands(endpoint, context)
        if endpoint.name == TLS:
            endpoint.greeting = client.greeting()
        return client

    # -- looking ----------------------------------------------------------------------------------

    def _interview(self, endpoint: Endpoint, enter: Callable[[], Pop3Client]) -> None:
        """Ask what is offered and how one may log on."""
        interview = _Interview(enter)
        endpoint.capabilities = interview.lines(b"CAPA")
        sasl = [line for line in map(str.upper, endpoint.capabilities or ()) if line.startswith("SASL ")]
        endpoint.listed = tuple(name for line in sasl for name in line.split()[1:])
        auth = interview.lines(b"AUTH") or ()
        endpoint.auth_listed = tuple(line.strip().upper() for line in auth if line.strip())
        listed = {*endpoint.listed, *endpoint.auth_listed}
        for mechanism in (*_ALWAYS, *(name for name in _IF_LISTED if name in listed)):
            responses = [ntlm.type_1()] if mechanism == "NTLM" else []
            answer, challenge = interview.begin(f"AUTH {mechanism}".encode(), *responses)
            endpoint.answers[mechanism] = answer
            if mechanism == "NTLM":
                endpoint.ntlm = ntlm.read_type_2(challenge)
        endpoint.answers["USER"], _ = interview.begin(b"USER " + MADE_UP)
        interview.end()

    def _look_inside_tls(self, endpoint: Endpoint) -> None:
        """Look at TLS itself first, then at what is offered inside."""
        try:
            endpoint.tls, version = self._tls_state(endpoint)
            enter = partial(self._enter_tls, endpoint, tls.unverified(version))
            enter().quit()
        except ProbeError as error:
            endpoint.trouble = self._explained(endpoint, error)
        else:
            self._interview(endpoint, enter)

    def _tls_state(self, endpoint: Endpoint) -> tuple[TlsState, str | None]:
        """Look at TLS; return with it the version to come back with, None for a free choice."""
        version = None
        try:
            state = self._negotiated(endpoint, None)
            state.versions = self._versions(endpoint)
        except ProbeError as error:
            if error.kind != "handshake":
                raise
            # Servers of Windows Server 2003 stumble over a ClientHello with too much in it.
            versions = self._versions(endpoint)
            version = next((v for v in reversed(versions) if versions[v] == "accepted"), None)
            if version is None:
                raise
            state = self._negotiated(endpoint, version)
            state.versions = versions
        try:
            client, _ = self._shake_hands(endpoint, tls.chain_verified(self._target.ca_file, version))
            client.quit(wait=False)
        except ProbeError as error:
            state.trust_error = error.detail or error.kind
        return state, version

    def _negotiated(self, endpoint: Endpoint, version: str | None) -> TlsState:
        client, socket = self._shake_hands(endpoint, tls.unverified(version))
        state = TlsState(negotiated=socket.version() or "", cipher=(socket.cipher() or ("", "", 0))[0])
        with suppress(ValueError):
            state.certificate = parse_certificate(socket.getpeercert(binary_form=True) or b"")
            state.fits = state.certificate.fits(self._target.name)
        client.quit(wait=False)
        return state

    def _versions(self, endpoint: Endpoint) -> dict[str, str]:
        """Try each version by itself."""
        outcomes = {}
        for version in tls.VERSIONS:
            if not tls.can_speak(version):
                outcomes[version] = "untestable"
                continue
            try:
                client, _ = self._shake_hands(endpoint, tls.unverified(version))
                client.quit(wait=False)
                outcomes[version] = "accepted"
            except ProbeError as error:
                outcomes[version] = "refused" if error.kind == "handshake" else "unanswered"
        return outcomes

    def _explained(self, endpoint: Endpoint, error: ProbeError) -> ProbeError:
        """Say of a failed handshake whether the server speaks in clear there."""
        if endpoint.name == TLS and endpoint.tls is None and error.kind in ("handshake", "silent"):
            with suppress(ProbeError), closing(self._connect(endpoint)) as client:
                words = client.first_words()
                return error if words is None else ProbeError("no-tls", shown(words))
        return error

    def _inject(self, endpoint: Endpoint) -> str:
        """Send a command in the same packet as STLS, and see whether it is answered inside TLS.

        CAPA is sent along; inside TLS comes QUIT alone. A sound server answers that in one line. One that
        keeps what it read in clear answers CAPA first: its list, or at least a second status line.
        """
        try:
            with closing(self._connect(endpoint)) as client:
                client.greeting()
                client.send(b"STLS\r\nCAPA\r\n")
                if not client.status().startswith(b"+OK"):
                    return "not-answered"
                client.start_tls(tls.unverified(), self._target.name)
                client.send(b"QUIT\r\n")
                lines = client.until_closed()
        except ProbeError as error:
            # Hanging up, or taking CAPA for the beginning of a broken handshake, is sound as well.
            return "not-answered" if error.kind in ("hung-up", "handshake", "garbage") else "unknown"
        replies = [line for line in lines if line.startswith((b"+OK", b"-ERR"))]
        return "answered" if len(replies) > 1 or b"." in lines else "not-answered"

    # -- logging on -------------------------------------------------------------------------------

    def log_on(self, seen: Observation, user: str, password: str) -> None:
        """Log on by each mechanism once, at the first endpoint with a certificate that holds."""
        for endpoint in (seen.endpoints[2], seen.endpoints[1]):
            state = endpoint.tls
            if endpoint.trouble or state is None or state.trust_error or not state.fits:
                continue
            # OpenSSL itself verifies authority and name once more, at each connection.
            enter = partial(self._enter_tls, endpoint, tls.fully_verified(self._target.ca_file))
            try:
                seen.logons = log_on(endpoint.name, enter, user, password)
            except ProbeError as error:
                seen.logon_trouble = error.detail or error.kind
                continue
            seen.logon_trouble = ""
            return
        seen.logon_trouble = seen.logon_trouble or "unverified"
