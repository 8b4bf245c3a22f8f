"""What lies in a mailbox: folders, what is kept of deleted mail, and what the last line has changed."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from minipop.lab import Lab
from minipop.mailbox import INBOX, Folder, Mailbox
from minipop.wire.entry import Entry


class Seen(NamedTuple):
    """How a message was seen: in which folder, whether hidden, read, and marked for deletion."""

    folder: str
    hidden: bool
    read: bool
    marked: bool


class MailboxPane:
    """The mailboxes of a Lab, one at a time.

    Args:
        lab: the Lab.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._alias = ""
        self._before: dict[str, Seen] = {}
        self._maildrop: list[str] = []  # UIDs by number, as they were at the log-on
        self._marked: set[str] = set()

    def follow(self, alias: str, state: str, entries: Sequence[Entry]) -> None:
        """Take note of what was said.

        POP3 deletes with QUIT, so what is marked until then is known from the dialogue alone.

        Args:
            alias: whose mailbox is shown.
            state: of the session after it.
            entries: the new lines.
        """
        if alias != self._alias:
            self._alias, self._before = alias, {}
        if state != "TRANSACTION":
            self._maildrop, self._marked = [], set()
            return
        if not self._maildrop:
            self._maildrop = [message.uid for message in self._mailbox().inbox]
        for line, reply in pairwise(entries):
            if reply.name == "dele":
                self._marked.add(self._maildrop[int(line.text.split()[1]) - 1])
            elif reply.name == "rset":
                self._marked.clear()

    def view(self) -> dict[str, Any]:
        """Describe it as it is now.

        Returns:
            ``owner``; ``keeps``: where deleted mail is kept, a `minipop.mailbox.DeletesTo`; ``folders``, each
            with ``name``, ``hidden``, ``inbox`` (whether it is what POP3 sees) and ``messages``: ``subject``,
            ``octets``, ``read``, ``marked`` and ``changed``; ``gone``: how many have been destroyed since the
            last time.
        """
        mailbox = self._mailbox()
        folders, now = [], {}
        for key, hidden, folder in _folders(mailbox):
            messages = []
            for message in folder:
                seen = Seen(key, hidden, message.read, message.uid in self._marked)
                now[message.uid] = seen
                changed = bool(self._before) and self._before.get(message.uid) != seen
                row = {"subject": message.subject, "octets": message.octets, "read": seen.read}
                messages.append({**row, "marked": seen.marked, "changed": changed})
            name = folder.name
            folders.append(
                {"name": name, "hidden": hidden, "inbox": key == INBOX and not hidden, "messages": messages}
            )
        gone, self._before = len(self._before.keys() - now.keys()), now
        owner = next(account.name for account in self._lab.accounts if account.alias == self._alias)
        keeps = mailbox.retention.deletes_to.value
        return {"owner": owner, "keeps": keeps, "folders": folders, "gone": gone}

    def _mailbox(self) -> Mailbox:
        return self._lab.mailbox(self._alias)


def _folders(mailbox: Mailbox) -> Iterator[tuple[str, bool, Folder]]:
    """Give all folders: those that their user sees, then those that keep deleted mail and hold any."""
    for key, folder in mailbox.folders.items():
        yield key, False, folder
    for key, folder in mailbox.hidden.items():
        if folder.messages:
            yield key, True, folder
