"""What crossed the wire, made readable."""

from .transcript import Conversation, Transcript

__all__ = ["Conversation", "Transcript"]
