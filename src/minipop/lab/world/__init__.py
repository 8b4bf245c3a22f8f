"""The world of the lessons: the accounts of Muster GmbH and their mail, as plain files in this folder."""

from functools import cache
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

from minipop.exchange import Account, read_accounts

_HERE = files(__package__)


@cache
def accounts() -> tuple[Account, ...]:
    """Return the accounts of ``accounts.toml``."""
    with as_file(_HERE / "accounts.toml") as file:
        return tuple(read_accounts(file))


@cache
def mail(alias: str) -> tuple[tuple[str, bytes], ...]:
    """Return the sample mail of an account: folder and message, the Inbox first, in the order of arrival."""
    root = _HERE / "mail" / alias
    if not root.is_dir():
        return ()
    folders = sorted(root.iterdir(), key=lambda folder: (folder.name != "Inbox", folder.name))
    return tuple((folder.name, file.read_bytes()) for folder in folders for file in _messages(folder))


def _messages(folder: Traversable) -> list[Traversable]:
    return sorted((f for f in folder.iterdir() if f.name.endswith(".eml")), key=lambda f: f.name)
