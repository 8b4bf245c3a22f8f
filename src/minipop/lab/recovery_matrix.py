"""Which method brings back a message that POP3 deleted, and how long: tried in Labs, edition by edition."""

from collections.abc import Callable, Iterable

from minipop.exchange import EDITIONS, BackupRestore, SettingsError
from minipop.mailbox import DeletesTo

from .backup import Backup
from .lab import Lab

ALIAS = "bernd.mueller"
OPEN, CLOSED, NONE = "●", "·", "–"

#: The moments at which each method is tried.
MOMENTS: dict[str, Callable[[Lab], object]] = {
    "at once": lambda _: None,
    "purged": lambda lab: lab.purge_deleted_items(ALIAS, dumpster_always_on=True),
    "after 15 days": lambda lab: lab.fast_forward(days=15),
}


class RecoveryMatrix(dict[str, dict[str, str]]):
    """For each edition and method a sign for each of the three moments; a single dash for no such method."""

    def __str__(self) -> str:
        width = max(7, *(len(edition) + 1 for edition in self))
        lines = [" " * width + "".join(f"{name:13}" for name in METHODS)]
        for edition, row in self.items():
            lines.append(f"{edition:{width}}" + "".join(f"{' '.join(cell):13}" for cell in row.values()))
        return "\n".join(line.rstrip() for line in lines)


def ways_back(editions: Iterable[str] | None = None) -> RecoveryMatrix:
    """Try every method in Labs with the editions' defaults.

    In each Lab, all of a mailbox is backed up, POP3 deletes one message, and one method is tried at one of
    three moments: at once, after the user has purged as well, after 15 days. It worked if the message is in
    a folder that its user sees.

    Args:
        editions: the editions to try; None for all that keep deleted mail.

    Returns:
        A table: for each edition and method three marks, ● if it worked and · if not, or a single dash
            if the edition does not have the method.
    """
    keeping = (e.name for e in EDITIONS.values() if e.deletes_to.value is not DeletesTo.NOWHERE)
    names = keeping if editions is None else editions
    return RecoveryMatrix(
        {name: {method: _cell(name, act) for method, act in METHODS.items()} for name in names}
    )


def _cell(edition: str, method: Callable[[Lab, Backup], object]) -> str:
    signs = []
    for wait in MOMENTS.values():
        lab = Lab(edition)
        backup = lab.backup()
        drop = lab.mailbox(ALIAS).open_maildrop()
        lost = drop.messages[1]
        drop.delete([lost])  # what QUIT does
        drop.close()
        wait(lab)
        try:
            method(lab, backup)
        except SettingsError:
            return NONE
        seen = (message for folder in lab.mailbox(ALIAS).folders.values() for message in folder)
        back = any(message.header("Message-ID") == lost.header("Message-ID") for message in seen)
        signs.append(OPEN if back else CLOSED)
    return "".join(signs)


def _from_backup(lab: Lab, backup: Backup) -> None:
    """Restore from a backup as the edition does."""
    shell, restore = lab.shell, lab.settings.edition.backup_restore.value
    if restore is BackupRestore.RESTORE_MAILBOX:
        shell.new_storage_group("RSG", recovery=True)
        shell.new_mailbox_database(
            storage_group="RSG", mailbox_database_to_recover="DB01", edb_file_path=backup
        )
        shell.mount_database(r"RSG\DB01")
        shell.restore_mailbox(ALIAS, rsg_database=r"RSG\DB01")
    elif restore is BackupRestore.RESTORE_REQUEST:
        shell.new_mailbox_database("RDB1", server="EX01", recovery=True, edb_file_path=backup)
        shell.mount_database("RDB1")
        shell.new_mailbox_restore_request(
            source_database="RDB1", source_store_mailbox=ALIAS, target_mailbox=ALIAS
        )
    else:  # the task of Exchange System Manager, which says where it does not exist
        backup.recover_mailbox_data(ALIAS)


#: The methods by their names in the table, in the order in which administrators try them.
METHODS: dict[str, Callable[[Lab, Backup], object]] = {
    "Outlook": lambda lab, _: lab.recover_deleted_items(ALIAS),
    "AlwaysOn=1": lambda lab, _: lab.recover_deleted_items(ALIAS, dumpster_always_on=True),
    "Restore-Rec.": lambda lab, _: lab.shell.restore_recoverable_items(ALIAS),
    "Search-Mbx.": lambda lab, _: lab.shell.search_mailbox(
        ALIAS, search_dumpster_only=True, target_mailbox=ALIAS, target_folder="Found"
    ),
    "Backup": _from_backup,
}
