"""Mailboxes on disk: one Maildir++ for each, which other mail programs may use at the same time."""

from .folder import MaildirFolder
from .message import MaildirMessage
from .store import MaildirError, Maildirs, MaildirStore, telling

__all__ = ["MaildirError", "MaildirFolder", "MaildirMessage", "MaildirStore", "Maildirs", "telling"]
