"""The names of the folders that every mailbox has, as Exchange gives them in English."""

INBOX = "Inbox"
SENT_ITEMS = "Sent Items"
DELETED_ITEMS = "Deleted Items"

#: The folders inside Recoverable Items (Microsoft, Recoverable Items folder).
DELETIONS = "Deletions"  #: what bypassed Deleted Items or was removed from it: users can take it back
VERSIONS = "Versions"  #: what a message was before it was changed, under hold or single item recovery
PURGES = "Purges"  #: what its user purged from Deletions, under hold or single item recovery
