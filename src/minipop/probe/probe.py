"""What is looked at, at each of the three endpoints; what it means is said in `minipop.probe.verdict`.

The order is that of importance, because a server may turn away the later connections: first what each way in
offers, then how STLS begins, and the versions of TLS at the end.
"""

import ssl
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial

from . import tls
from .certificate import parse_certificate
from .client import Pop3Client, ProbeError, shown
from .connections import Connections
from .interview import interview
from .logon import log_on
from .observation import PLAIN, STLS, TLS, Endpoint, Observation, Target, TlsState
from .software import software

#: What a version is called by the ssl module.
_NEGOTIATED = {"TLSv1": "1.0", "TLSv1.1": "1.1", "TLSv1.2": "1.2", "TLSv1.3": "1.3"}


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
    seen.out_of_time = prober.out_of_time
    seen.software = software(seen.endpoints)
    return seen


class _Prober:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._pair = (target.cert, target.key) if target.cert else None
        self._connections = Connections(target)

    @property
    def out_of_time(self) -> bool:
        """Whether something was left undone because the time for the whole run was over."""
        return self._connections.out_of_time

    def endpoints(self) -> list[Endpoint]:
        """Return what the three endpoints show."""
        target = self._target
        plain, stls = Endpoint(PLAIN, target.port), Endpoint(STLS, target.port)
        over_tls = Endpoint(TLS, target.tls_port)
        self._look_in_clear(plain)
        stls.trouble = plain.trouble
        if plain.trouble is None:
            self._look_inside_tls(stls, plain.greeting)
        self._look_inside_tls(over_tls)
        if stls.trouble is None:
            stls.injection = self._inject(stls)
        for endpoint in (stls, over_tls):
            if endpoint.tls:
                endpoint.tls.versions = endpoint.tls.versions or self._versions(endpoint)
        for endpoint in (plain, over_tls):
            endpoint.turned_away = self._connections.turned_away[endpoint.port]
            endpoint.limited = endpoint.port in self._connections.given_up
        return [plain, stls, over_tls]

    # -- entering ---------------------------------------------------------------------------------

    def _enter_plain(self, endpoint: Endpoint) -> Pop3Client:
        client, endpoint.greeting = self._connections.enter(endpoint.port, Pop3Client.greeting)
        return client

    def _shake_hands(self, endpoint: Endpoint, context: ssl.SSLContext, client: Pop3Client) -> ssl.SSLSocket:
        """Go as far as TLS: after STLS, or at once."""
        if endpoint.name == STLS:
            client.greeting()
            reply = client.ask(b"STLS")
            if not reply.startswith(b"+OK"):
                client.quit()
                raise ProbeError("no-stls", shown(reply))
        return client.start_tls(context, self._target.name)

    def _enter_tls(self, endpoint: Endpoint, context: ssl.SSLContext) -> Pop3Client:
        """Enter, note TLS the first time, and read the greeting where it comes inside TLS."""

        def step(client: Pop3Client) -> None:
            connection = self._shake_hands(endpoint, context, client)
            if endpoint.tls is None:
                endpoint.tls = self._state(connection)
            if endpoint.name == TLS:
                endpoint.greeting = client.greeting()

        return self._connections.enter(endpoint.port, step)[0]

    # -- looking ----------------------------------------------------------------------------------

    def _look_in_clear(self, endpoint: Endpoint) -> None:
        enter = partial(self._enter_plain, endpoint)
        try:
            client = enter()
        except ProbeError as error:
            endpoint.trouble = error
            return
        self._leave(interview(endpoint, client, enter, endpoint.greeting))

    def _look_inside_tls(self, endpoint: Endpoint, greeting: str = "") -> None:
        """Look at TLS itself first, then at what is offered inside.

        Args:
            endpoint: after STLS or on the port of TLS.
            greeting: the greeting that came before STLS.
        """
        try:
            client, version = self._begin_tls(endpoint)
        except ProbeError as error:
            endpoint.trouble = self._explained(endpoint, error)
            return
        enter = partial(self._enter_tls, endpoint, tls.unverified(version, self._pair))
        self._leave(interview(endpoint, client, enter, greeting or endpoint.greeting))

    def _begin_tls(self, endpoint: Endpoint) -> tuple[Pop3Client, str | None]:
        """Enter for the first time; return with it the version to come back with, None for a free choice."""
        try:
            return self._verify(endpoint, None), None
        except ProbeError as error:
            if endpoint.tls or error.kind not in ("handshake", "client-certificate"):
                raise
            versions = self._versions(endpoint)
            version = next((v for v in reversed(versions) if versions[v] == "accepted"), None)
            if version is None:
                raise
            if error.kind == "client-certificate":
                endpoint.tls = TlsState(versions)
                raise
        # Servers of Windows Server 2003 stumble over a ClientHello with too much in it.
        try:
            return self._verify(endpoint, version), version
        finally:
            if endpoint.tls:
                endpoint.tls.versions = versions

    def _verify(self, endpoint: Endpoint, version: str | None) -> Pop3Client:
        """Enter with a certificate that is trusted, or without and note why it is not."""
        try:
            return self._enter_tls(endpoint, tls.chain_verified(self._target.ca_file, version, self._pair))
        except ProbeError as error:
            if error.kind != "untrusted":
                raise
            reason = error.detail
        try:
            return self._enter_tls(endpoint, tls.unverified(version, self._pair))
        finally:
            if endpoint.tls:
                endpoint.tls.trust_error = reason

    def _state(self, connection: ssl.SSLSocket) -> TlsState:
        cipher = (connection.cipher() or ("", "", 0))[0]
        state = TlsState(negotiated=connection.version() or "", cipher=cipher)
        state.chain = tls.chain_length(connection)
        with suppress(ValueError):
            state.certificate = parse_certificate(connection.getpeercert(binary_form=True) or b"")
            state.fits = state.certificate.fits(self._target.name)
        return state

    def _versions(self, endpoint: Endpoint) -> dict[str, str]:
        """Try each version by itself, but the one that is known to be spoken."""
        known = _NEGOTIATED.get(endpoint.tls.negotiated) if endpoint.tls else None
        return {v: "accepted" if v == known else self._version(endpoint, v) for v in tls.VERSIONS}

    def _version(self, endpoint: Endpoint, version: str) -> str:
        """Return ``accepted``, ``refused``, ``unanswered`` or ``untestable``."""
        if not tls.can_speak(version):
            return "untestable"
        step = partial(self._shake_hands, endpoint, tls.unverified(version, self._pair))
        control = partial(self._shake_hands, endpoint, tls.unverified(None, self._pair))
        try:
            try:
                self._leave(self._connections.enter_once(endpoint.port, step)[0])
            except ProbeError as error:
                if not self._connections.is_limit(endpoint.port, error):
                    raise
                # Hanging up may be a refusal of the version, or of the connection: what is known to work
                # tells which.
                self._leave(self._connections.enter(endpoint.port, control)[0])
                self._leave(self._connections.enter_once(endpoint.port, step)[0])
        except ProbeError as error:
            outcomes = {"handshake": "refused", "client-certificate": "accepted"}
            return outcomes.get(error.kind, "unanswered")
        return "accepted"

    def _explained(self, endpoint: Endpoint, error: ProbeError) -> ProbeError:
        """Say of a failed handshake whether the server speaks in clear there."""
        if endpoint.name == TLS and endpoint.tls is None and error.kind in ("handshake", "silent"):
            with suppress(ProbeError):
                client, words = self._connections.enter_once(endpoint.port, Pop3Client.first_words)
                with closing(client):
                    return error if words is None else ProbeError("no-tls", shown(words))
        return error

    def _inject(self, endpoint: Endpoint) -> str:
        """Send a command in the same packet as STLS, and see whether it is answered inside TLS.

        CAPA is sent along; inside TLS comes QUIT alone. A sound server answers that in one line. One that
        keeps what it read in clear answers CAPA first: its list, or at least a second status line.
        """
        try:
            client, _ = self._connections.enter(endpoint.port, Pop3Client.greeting)
            with closing(client):
                client.send(b"STLS\r\nCAPA\r\n")
                if not client.status().startswith(b"+OK"):
                    return "not-answered"
                client.start_tls(tls.unverified(None, self._pair), self._target.name)
                client.send(b"QUIT\r\n")
                lines = client.until_closed()
        except ProbeError as error:
            # Hanging up, or taking CAPA for the beginning of a broken handshake, is sound as well.
            return "not-answered" if error.kind in ("hung-up", "handshake", "garbage") else "unknown"
        replies = [line for line in lines if line.startswith((b"+OK", b"-ERR"))]
        return "answered" if len(replies) > 1 or b"." in lines else "not-answered"

    def _leave(self, client: Pop3Client | None) -> None:
        if client:
            self._connections.leave(client)

    # -- logging on -------------------------------------------------------------------------------

    def log_on(self, seen: Observation, user: str, password: str) -> None:
        """Log on by each mechanism once, at the first endpoint with a certificate that holds."""
        for endpoint in (seen.endpoints[2], seen.endpoints[1]):
            state = endpoint.tls
            if endpoint.trouble or state is None or state.trust_error or not state.fits:
                continue
            # OpenSSL itself verifies authority and name once more, at each connection.
            context = tls.fully_verified(self._target.ca_file, self._pair)
            enter = partial(self._enter_tls, endpoint, context)
            try:
                seen.logons = log_on(endpoint, enter, self._connections, user, password)
            except ProbeError as error:
                seen.logon_trouble = error.detail or error.kind
                continue
            seen.logon_trouble = ""
            return
        seen.logon_trouble = seen.logon_trouble or "unverified"
