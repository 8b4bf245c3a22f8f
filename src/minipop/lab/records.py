"""What is kept of the sessions: the transcript, the protocol log, the bytes on the wire, and who attacked."""

from typing import TYPE_CHECKING

from minipop.protocol import Observer
from minipop.server import Relay
from minipop.wire import ProtocolLog, Transcript, Wire

from .options import Options
from .organization import Organization

if TYPE_CHECKING:
    from .attacker import Attacker


class Records:
    """What is kept of the sessions with an organization.

    Args:
        options: say which records are kept.
        organization: whose clock and clients they are.

    Attributes:
        logging: whether the protocol log is written, as it was set when the service started last.
        attackers: who has attacked; an `Attacker` adds itself.
    """

    def __init__(self, options: Options, organization: Organization) -> None:
        self._options = options
        self._between_commands = organization.between_commands
        self._transcript = Transcript(options.lang) if options.transcript else None
        self._protocol_log = ProtocolLog(organization.clock.now)
        self._wire = Wire(options.lang, public=organization.built_in) if options.record else None
        self.logging = False
        self.attackers: list[Attacker] = []

    @property
    def transcript(self) -> Transcript:
        """All dialogues so far; see `Lab.transcript`."""
        if self._transcript is None:
            raise RuntimeError("this Lab keeps no transcript; start it without transcript=False")
        return self._between_commands(self._transcript.copy)

    @property
    def protocol_log(self) -> str:
        """The protocol log so far; see `Lab.protocol_log`."""
        return self._between_commands(lambda: str(self._protocol_log))

    @property
    def wire(self) -> Wire:
        """All bytes so far; see `Lab.wire`."""
        if self._wire is None:
            raise RuntimeError("this Lab does not record the wire; start it with Lab(..., record=True)")
        return self._between_commands(self._wire.copy)

    def observers(self, tls: bool, client: str) -> list[Observer]:
        """Return what records a dialogue: the transcript and the protocol log, where they are on."""
        kept: list[Observer] = []
        if self._transcript is not None:
            kept.append(self._transcript.begin(tls))
        if self.logging:
            kept.append(self._protocol_log.begin(self._options.host, client, tls=tls))
        return kept

    def relay(self) -> Relay | None:
        """Return what records the bytes on the wire, None if they are not recorded."""
        if self._wire is None:
            return None
        from minipop.wire.recorder import Recorder  # here, because it is needed with record=True alone

        return Recorder(self._wire)
