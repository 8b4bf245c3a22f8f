"""Mailboxes: messages, folders, what can be recovered. They implement `minipop.protocol.Maildrop`."""

from .folder import Folder
from .mailbox import InboxMaildrop, Mailbox, MailboxInUse, base64_uid, decimal_uid
from .memory import MemoryFolder, MemoryMessage
from .message import Deletion, StoredMessage
from .retention import DELETED_ITEMS, DELETIONS, INBOX, PURGES, DeletesTo, Retention

__all__ = [
    "DELETED_ITEMS",
    "DELETIONS",
    "INBOX",
    "PURGES",
    "DeletesTo",
    "Deletion",
    "Folder",
    "InboxMaildrop",
    "Mailbox",
    "MailboxInUse",
    "MemoryFolder",
    "MemoryMessage",
    "Retention",
    "StoredMessage",
    "base64_uid",
    "decimal_uid",
]
