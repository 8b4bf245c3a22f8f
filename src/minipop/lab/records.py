"""What is kept of the sessions: the transcript, the protocol log, the bytes on the wire, and who attacked."""

from typing import TYPE_CHECKING

from minipop.exchange import Settings
from minipop.protocol import Observer
from minipop.server import Relay
from minipop.wire import ProtocolLog, Transcript, Wire
from minipop.wire.capture import Endpoint

from . import stage
from .options import Options
from .organization import Organization
from .session import NO_TRANSCRIPT, NO_WIRE, Session

if TYPE_CHECKING:
    from .attacker import Attacker


class Records:
    """What is kept of the sessions with an organization.

    Args:
        options: say which records are kept.
        organization: whose clock and clients they are.

    Attributes:
        logging: whether the protocol log is written, as it was set when the service started last.
        timeouts: seconds to the log-on and to a command, as they were set then; see `Conversation`.
        attackers: who has attacked; an `Attacker` adds itself.
    """

    def __init__(self, options: Options, organization: Organization) -> None:
        self._options = options
        self.between_commands = organization.between_commands
        self._transcript = (
            Transcript(options.lang, encrypts=stage.current().encrypts) if options.transcript else None
        )
        self._protocol_log = ProtocolLog(organization.clock.now)
        self._wire = Wire(options.lang, public=organization.built_in) if options.record else None
        self.follow(organization.settings)
        self.attackers: list[Attacker] = []

    def follow(self, settings: Settings) -> None:
        """Go by these settings from now on, because the service does."""
        self.logging = settings.protocol_log
        self.timeouts = settings.logon_timeout, settings.idle_timeout

    @property
    def transcript(self) -> Transcript:
        """All dialogues so far; see `Lab.transcript`."""
        if self._transcript is None:
            raise RuntimeError(NO_TRANSCRIPT)
        return self.between_commands(self._transcript.copy)

    @property
    def protocol_log(self) -> str:
        """The protocol log so far; see `Lab.protocol_log`."""
        return self.between_commands(lambda: str(self._protocol_log))

    @property
    def wire(self) -> Wire:
        """All bytes so far; see `Lab.wire`."""
        if self._wire is None:
            raise RuntimeError(NO_WIRE)
        return self.between_commands(self._wire.copy)

    def session(self, client: Endpoint) -> Session | None:
        """Return the latest session of the client at that end of a connection, None if there is none."""

        def find() -> Session | None:
            captures, conversations = self._wire or (), self._transcript or ()
            capture = next((c for c in reversed(captures) if c.client == client), None)
            peer = capture.seen if capture else client
            conversation = next((c for c in reversed(conversations) if c.peer == peer), None)
            if conversation is None and (capture is None or self._transcript is not None):
                return None
            return Session(self.between_commands, conversation, capture)

        return self.between_commands(find)

    def observers(self, tls: bool, client: Endpoint | None) -> list[Observer]:
        """Return what records a dialogue: the transcript and the protocol log, where they are on."""
        kept: list[Observer] = []
        if self._transcript is not None:
            kept.append(self._transcript.begin(tls, client, self.timeouts))
        if self.logging:
            address = client[0] if client else ""
            kept.append(self._protocol_log.begin(self._options.host, address, tls=tls))
        return kept

    def relay(self) -> Relay | None:
        """Return what records the bytes on the wire, None if they are not recorded."""
        if self._wire is None:
            return None
        from minipop.wire.recorder import Recorder  # here, because it is needed with record=True alone

        return Recorder(self._wire)
