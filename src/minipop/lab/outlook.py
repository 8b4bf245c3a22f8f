r"""What users can do by themselves about deleted mail: “Recover Deleted Items” in Outlook.

Up to Exchange 2007 each folder keeps what was deleted from it. Outlook 2003 and older shows that of Deleted
Items alone, unless ``DumpsterAlwaysOn`` is 1 under ``HKLM\SOFTWARE\Microsoft\Exchange\Client\Options``
(KB 246153); what POP3 has deleted was in the Inbox. Since Exchange 2010 all is in one place, which Outlook
shows.
"""

from collections.abc import Callable, Iterable

from minipop.exchange import SettingsError
from minipop.mailbox import DELETED_ITEMS, DELETIONS, DeletesTo, Folder, Mailbox, StoredMessage

from .organization import Organization


def recover(organization: Organization, alias: str, subject: str, *, always_on: bool) -> list[StoredMessage]:
    """Take deleted messages back; see `minipop.Lab.recover_deleted_items`."""
    mailbox = _mailbox(organization, alias)
    # Before 2010 a message returns to the folder in whose dumpster it was.
    target = DELETED_ITEMS if mailbox.retention.deletes_to is DeletesTo.RECOVERABLE_ITEMS else ""
    return _each(organization, mailbox, subject, always_on, lambda m: mailbox.restore(m, target))


def purge(organization: Organization, alias: str, subject: str, *, always_on: bool) -> list[StoredMessage]:
    """Destroy deleted messages; see `minipop.Lab.purge_deleted_items`."""
    mailbox = _mailbox(organization, alias)
    return _each(organization, mailbox, subject, always_on, mailbox.purge)


def _mailbox(organization: Organization, alias: str) -> Mailbox:
    mailbox = organization.mailbox(alias)
    if mailbox.retention.deletes_to is DeletesTo.NOWHERE:
        raise SettingsError(
            f"edition {organization.settings.edition.name!r} does not keep deleted mail, so nothing can be"
            " recovered"
        )
    return mailbox


def _each(
    organization: Organization,
    mailbox: Mailbox,
    subject: str,
    always_on: bool,
    act: Callable[[StoredMessage], object],
) -> list[StoredMessage]:
    def done() -> list[StoredMessage]:
        shown = [message for folder in _shown(mailbox, always_on) for message in folder]
        chosen = [message for message in shown if subject.casefold() in message.subject.casefold()]
        for message in chosen:
            act(message)
        return chosen

    return organization.between_commands(done)


def _shown(mailbox: Mailbox, always_on: bool) -> Iterable[Folder]:
    """Return those of the hidden folders whose content Outlook shows."""
    if mailbox.retention.deletes_to is DeletesTo.RECOVERABLE_ITEMS:
        return [mailbox.hidden[DELETIONS]]
    return mailbox.hidden.values() if always_on else [mailbox.hidden[DELETED_ITEMS]]
