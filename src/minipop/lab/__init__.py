"""The Lab and the world of the lessons."""

from minipop.mailbox.maildir import MaildirError

from .lab import LANGUAGES, Lab
from .realm import RealmError

__all__ = ["LANGUAGES", "Lab", "MaildirError", "RealmError"]
