"""The world of the lessons: accounts, applications and mail of Muster GmbH, as plain files in this folder.

It is there in German and in English: the same people, and the same mail in each language, message by message.
``lang`` is ``de`` or ``en`` everywhere.
"""

from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import as_file, files
from operator import attrgetter

from minipop.exchange import Account, read_accounts

from ..data import table

_HERE = files(__package__)


@cache
def words(lang: str) -> dict[str, dict[str, str]]:
    """Return the words of ``words.toml`` in one language, by kind and key."""
    kinds: dict[str, dict[str, dict[str, str]]] = table("world/words.toml")
    return {
        kind: {key: word[lang] for key, word in words_of_kind.items()}
        for kind, words_of_kind in kinds.items()
    }


@cache
def accounts(lang: str) -> tuple[Account, ...]:
    """Return the accounts of ``accounts.toml``, with the passwords of the language."""
    passwords = words(lang)["passwords"]
    with as_file(_HERE / "accounts.toml") as file:
        return tuple(
            replace(account, password=passwords.get(account.alias, account.password))
            for account in read_accounts(file)
        )


@dataclass(frozen=True)
class Application:
    """An application that is registered in Entra ID.

    Args:
        name: for display.
        client_id: its application id.
        secret: its client secret; None for a public client, one that cannot keep any.
        roles: the permissions that it has in its own name.
        scopes: the permissions that the user who signs in may give it.
    """

    name: str
    client_id: str
    secret: str | None = field(default=None, repr=False)
    roles: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


@cache
def applications() -> tuple[Application, ...]:
    """Return the applications of ``applications.toml``."""
    return tuple(
        Application(**found | {key: tuple(found.get(key, ())) for key in ("roles", "scopes")})
        for found in table("world/applications.toml")["applications"]
    )


@cache
def mail(alias: str, lang: str) -> tuple[tuple[str, bytes], ...]:
    """Return the sample mail of an account: folder and message, the Inbox first, in the order of arrival."""
    root = _HERE / "mail" / lang / alias
    if not root.is_dir():
        return ()
    folders = sorted(root.iterdir(), key=lambda folder: (folder.name != "Inbox", folder.name))
    there = ((f.name, file) for f in folders for file in sorted(f.iterdir(), key=attrgetter("name")))
    return tuple((folder, file.read_bytes()) for folder, file in there if file.name.endswith(".eml"))
