"""What crossed the wire: kept, searched, made readable.

`minipop.wire.recorder` takes it from sockets and needs an event loop, so it is imported where it is used.
"""

from .capture import Capture, Wire
from .eavesdropper import Reading, read
from .protocol_log import ProtocolLog
from .transcript import Conversation, Transcript

__all__ = ["Capture", "Conversation", "ProtocolLog", "Reading", "Transcript", "Wire", "read"]
