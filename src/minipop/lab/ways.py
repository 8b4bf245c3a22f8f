"""Which way back for a message that POP3 deleted is open when: tried out in Labs, edition by edition."""

from collections.abc import Callable, Iterable
from contextlib import suppress

from minipop.exchange import EDITIONS, SettingsError

from .backup import Backup
from .lab import Lab

ALIAS = "bernd.mueller"
OPEN, CLOSED, NONE = "●", "·", "–"

#: The moments at which each way is tried.
MOMENTS: dict[str, Callable[[Lab], object]] = {
    "at once": lambda _: None,
    "purged": lambda lab: lab.purge_deleted_items(ALIAS, dumpster_always_on=True),
    "after 15 days": lambda lab: lab.fast_forward(days=15),
}


class WaysBack(dict[str, dict[str, str]]):
    """For each edition and each way a sign for each of the three moments; a single dash for no such way."""

    def __str__(self) -> str:
        lines = [f"{'':7}" + "".join(f"{name:13}" for name in WAYS)]
        for edition, row in self.items():
            lines.append(f"{edition:7}" + "".join(f"{' '.join(cell):13}" for cell in row.values()))
        return "\n".join(line.rstrip() for line in lines)


def ways_back(editions: Iterable[str] | None = None) -> WaysBack:
    """Try every way in Labs with the editions' defaults.

    In each Lab, all of a mailbox is backed up, POP3 deletes one message, and at one of `MOMENTS` one way is
    tried. It was open if the message is in a folder that its user sees.

    Args:
        editions: which; None for all that imitate an Exchange.
    """
    names = [name for name in EDITIONS if name != _PLAIN] if editions is None else editions
    return WaysBack({name: {way: _cell(name, act) for way, act in WAYS.items()} for name in names})


def _cell(edition: str, way: Callable[[Lab, Backup], object]) -> str:
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
            way(lab, backup)
        except SettingsError:
            return NONE
        seen = (message for folder in lab.mailbox(ALIAS).folders.values() for message in folder)
        back = any(message.header("Message-ID") == lost.header("Message-ID") for message in seen)
        signs.append(OPEN if back else CLOSED)
    return "".join(signs)


def _from_backup(lab: Lab, backup: Backup) -> None:
    """Go the edition's own way from a backup."""
    for way in (_system_manager, _storage_group, _recovery_database):
        with suppress(SettingsError):
            way(lab, backup)
            return
    raise SettingsError(f"edition {lab.settings.edition.name!r} has no way back from a backup")


def _system_manager(_: Lab, backup: Backup) -> None:
    backup.recover_mailbox_data(ALIAS)


def _storage_group(lab: Lab, backup: Backup) -> None:
    shell = lab.shell
    shell.new_storage_group("RSG", recovery=True)
    shell.new_mailbox_database(storage_group="RSG", mailbox_database_to_recover="DB01", edb_file_path=backup)
    shell.mount_database(r"RSG\DB01")
    shell.restore_mailbox(ALIAS, rsg_database=r"RSG\DB01")


def _recovery_database(lab: Lab, backup: Backup) -> None:
    lab.shell.new_mailbox_database("RDB1", server="EX01", recovery=True, edb_file_path=backup)
    lab.shell.mount_database("RDB1")
    lab.shell.new_mailbox_restore_request(
        source_database="RDB1", source_store_mailbox=ALIAS, target_mailbox=ALIAS
    )


#: The ways by their names in the table, in the order in which one tries them.
WAYS: dict[str, Callable[[Lab, Backup], object]] = {
    "Outlook": lambda lab, _: lab.recover_deleted_items(ALIAS),
    "AlwaysOn=1": lambda lab, _: lab.recover_deleted_items(ALIAS, dumpster_always_on=True),
    "Restore-Rec.": lambda lab, _: lab.shell.restore_recoverable_items(ALIAS),
    "Search-Mbx.": lambda lab, _: lab.shell.search_mailbox(
        ALIAS, search_dumpster_only=True, target_mailbox=ALIAS, target_folder="Found"
    ),
    "Backup": _from_backup,
}

_PLAIN = "rfc"
