"""What all cmdlets share: whether the edition has them, and the line that one would type."""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, signature
from typing import Concatenate, ParamSpec, TypeVar

from minipop.exchange import Account, SettingsError
from minipop.mailbox import Mailbox

from ..organization import Organization
from .cmdlets import Cmdlet, cmdlets

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound="Cmdlets")

#: What PowerShell reads as one string without quotation marks.
_BARE = re.compile(r"[\w.\\/][\w.\\/:@+-]*")

#: What PowerShell takes for a single quotation mark; inside a string it is doubled.
_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")


class Cmdlets:
    """Base of the groups of cmdlets.

    Args:
        organization: what they administer.
    """

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        #: What was typed so far, as it would be typed in the Exchange Management Shell.
        self.lines: list[str] = []

    def _account(self, identity: str) -> Account:
        """Return the account that has an identity: its alias, UPN or primary address.

        Raises:
            SettingsError: there is none.
        """
        for account in self._organization.accounts:
            names = (account.alias, account.upn, account.primary)
            if identity.casefold() in {name.casefold() for name in names if name}:
                return account
        raise SettingsError(f"no mailbox {identity!r}")

    def _mailbox(self, identity: str) -> Mailbox:
        return self._organization.mailbox(self._account(identity).alias)


def cmdlet(method: Callable[Concatenate[C, P], R]) -> Callable[Concatenate[C, P], R]:
    """Make a method a cmdlet: the one of `cmdlets` whose name is the same but for capitals and signs.

    An argument that is None was not typed. What is annotated as bool may be typed as in PowerShell, too:
    ``"$true"``, ``"$false"``. A call that succeeds is noted in `Cmdlets.lines`.

    Raises:
        SettingsError: when called, if the edition does not have the cmdlet or a parameter, or a boolean is
            none.
    """
    parameters = signature(method)
    booleans = {n: p for n, p in parameters.parameters.items() if p.annotation in (bool, bool | None)}

    @wraps(method)
    def run(shell: C, /, *args: P.args, **kwargs: P.kwargs) -> R:
        known = cmdlets()[_plain(method.__name__)]
        parameters.bind(shell, *args, **kwargs)  # raises TypeError as the method itself would
        for name in booleans.keys() & kwargs.keys():
            if kwargs[name] is not None or booleans[name].default is Parameter.empty:
                kwargs[name] = _boolean(known, name, kwargs[name])
        _, *positional = parameters.bind_partial(shell, *args).arguments.items()
        given = (*positional, *kwargs.items())  # as typed
        typed = {known.parameter(_plain(name)): value for name, value in given if value is not None}
        _demand(known, typed, shell._organization.settings.edition.name)
        result = method(shell, *args, **kwargs)
        shell.lines.append(line(known, typed))
        return result

    return run


def line(known: Cmdlet, typed: Mapping[str, object]) -> str:
    """Return a cmdlet as one types it, given its parameters and their values."""
    return " ".join([known.name, *(_argument(known, name, value) for name, value in typed.items())])


def _argument(known: Cmdlet, name: str, value: object) -> str:
    if name in known.switches:
        return f"-{name}" if value else f"-{name}:$false"
    return f"-{name} {written(value)}"


def written(value: object) -> str:
    """Return a value as PowerShell wants it written; quotation marks only where they are needed."""
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, list | tuple):
        return ",".join(map(written, value))
    text = str(value)
    return text if _BARE.fullmatch(text) else "'" + _QUOTES.sub(r"\g<0>\g<0>", text) + "'"


def _boolean(known: Cmdlet, name: str, value: object) -> bool:
    """Read a boolean, which must not be taken for granted: to Python, any string but the empty one is true.

    Raises:
        SettingsError: it is none.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("$true", "$false"):
        return value.lower() == "$true"
    parameter = known.parameter(_plain(name))
    raise SettingsError(f"{known.name} -{parameter} takes $true or $false (True or False), not {value!r}")


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _demand(known: Cmdlet, typed: Mapping[str, object], edition: str) -> None:
    """Refuse a cmdlet or a parameter that the edition does not have.

    Raises:
        SettingsError: the text says which editions have it, and what serves in this one instead.
    """
    if edition not in known.editions:
        instead = f"; instead: {known.instead[edition]}" if edition in known.instead else ""
        raise SettingsError(
            f"edition {edition!r} has no {known.name}, only {', '.join(known.editions)} have it{instead}"
        )
    for name in typed:
        editions = known.only.get(name, known.editions)
        if edition not in editions:
            raise SettingsError(
                f"edition {edition!r} has no {known.name} -{name}, only {', '.join(editions)} have it"
            )
