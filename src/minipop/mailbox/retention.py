"""The folders of a mailbox, and what becomes of a message that bypasses Deleted Items, as with DELE."""

from dataclasses import dataclass
from enum import Enum

#: The names of the folders that every mailbox has, as Exchange gives them in English.
INBOX = "Inbox"
SENT_ITEMS = "Sent Items"
DELETED_ITEMS = "Deleted Items"

#: The folders inside Recoverable Items (Microsoft, Recoverable Items folder).
DELETIONS = "Deletions"  #: what bypassed Deleted Items or was removed from it: users can take it back
VERSIONS = "Versions"  #: what a message was before it was changed, under hold (2010: or single item recovery)
PURGES = "Purges"  #: what its user purged from Deletions, under hold or single item recovery


class DeletesTo(Enum):
    """Where such a message goes."""

    NOWHERE = "nothing"  #: it is gone at once
    DUMPSTER = "dumpster"  #: hidden in the folder that it was deleted from: before Exchange 2010
    RECOVERABLE_ITEMS = "recoverable-items"  #: in folders of their own, for the whole mailbox: since 2010


@dataclass(frozen=True)
class Retention:
    """How long deleted messages are kept, and what a user can still destroy.

    Args:
        deletes_to: where they are kept.
        days: for how many days (DeletedItemRetention).
        single_item_recovery: whether a message that its user purges from there is kept as well, until the
            same days are over (SingleItemRecoveryEnabled).
    """

    deletes_to: DeletesTo = DeletesTo.RECOVERABLE_ITEMS
    days: int = 14
    single_item_recovery: bool = False


#: As Exchange 2010 and later are installed.
SINCE_2010 = Retention()
