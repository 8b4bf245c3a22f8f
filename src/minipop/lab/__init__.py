"""The Lab and the world of the lessons."""

from minipop.mailbox.maildir import MaildirError

from .lab import Lab
from .options import LANGUAGES, Options
from .realm import RealmError

__all__ = ["LANGUAGES", "Lab", "MaildirError", "Options", "RealmError"]
