"""The Lab and the world of the lessons."""

from minipop.mailbox.maildir import MaildirError

from .lab import Lab
from .options import LANGUAGES, Options
from .organization import LabStopped
from .realm import RealmError
from .session import Session

__all__ = ["LANGUAGES", "Lab", "LabStopped", "MaildirError", "Options", "RealmError", "Session"]
