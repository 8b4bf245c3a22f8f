"""Mailboxes on disk: one Maildir++ for each, which other mail programs may use at the same time."""

from .folder import MaildirFolder
from .message import MaildirMessage
from .store import MaildirError, Maildirs, MaildirStore, maildir_errors

__all__ = ["MaildirError", "MaildirFolder", "MaildirMessage", "MaildirStore", "Maildirs", "maildir_errors"]
