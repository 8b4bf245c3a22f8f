"""Mailboxes: messages, folders, what can be recovered. They implement `minipop.protocol.Maildrop`."""

from .folder import Folder
from .mailbox import (
    DELETED_ITEMS,
    DELETIONS,
    INBOX,
    PURGES,
    SENT_ITEMS,
    VERSIONS,
    InboxMaildrop,
    Mailbox,
    MailboxInUse,
    base64_uid,
    decimal_uid,
)
from .message import Deletion, StoredMessage
from .retention import Keeping, Retention
from .store import MemoryStore, Store

__all__ = [
    "DELETED_ITEMS",
    "DELETIONS",
    "INBOX",
    "PURGES",
    "SENT_ITEMS",
    "VERSIONS",
    "Deletion",
    "Folder",
    "InboxMaildrop",
    "Keeping",
    "Mailbox",
    "MailboxInUse",
    "MemoryStore",
    "Retention",
    "Store",
    "StoredMessage",
    "base64_uid",
    "decimal_uid",
]
