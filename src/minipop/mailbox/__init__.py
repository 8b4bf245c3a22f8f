"""Mailboxes: messages, folders, what can be recovered. They implement `minipop.protocol.Maildrop`."""

from .folder import Folder
from .mailbox import InboxMaildrop, Mailbox, MailboxInUse, base64_uid, decimal_uid
from .memory import MemoryFolder, MemoryMessage, MemoryStore
from .message import Deletion, StoredMessage
from .retention import DeletesTo, Retention
from .store import Store
from .wellknown import DELETED_ITEMS, DELETIONS, INBOX, PURGES, SENT_ITEMS, VERSIONS

__all__ = [
    "DELETED_ITEMS",
    "DELETIONS",
    "INBOX",
    "PURGES",
    "SENT_ITEMS",
    "VERSIONS",
    "DeletesTo",
    "Deletion",
    "Folder",
    "InboxMaildrop",
    "Mailbox",
    "MailboxInUse",
    "MemoryFolder",
    "MemoryMessage",
    "MemoryStore",
    "Retention",
    "Store",
    "StoredMessage",
    "base64_uid",
    "decimal_uid",
]
