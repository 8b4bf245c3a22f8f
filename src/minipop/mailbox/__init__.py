"""Mailboxes: messages, folders, what can be recovered. They implement `minipop.protocol.Maildrop`."""

from .mailbox import DELETED_ITEMS, INBOX, SENT_ITEMS, Folder, InboxMaildrop, Mailbox, MailboxInUse
from .message import StoredMessage

__all__ = [
    "DELETED_ITEMS",
    "INBOX",
    "SENT_ITEMS",
    "Folder",
    "InboxMaildrop",
    "Mailbox",
    "MailboxInUse",
    "StoredMessage",
]
