"""What values the cmdlets take: they differ from edition to edition, see ``ranges.toml``."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from minipop.exchange import SettingsError

from ..data import table
from .cmdlets import span

#: The services that Restart-Service takes. Clients connect to the front end.
FRONT_END, BACK_END = "MSExchangePOP3", "MSExchangePOP3BE"
SERVICES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(span("2007-2010"), (FRONT_END,)),
    **dict.fromkeys(span("2013-se"), (FRONT_END, BACK_END)),
}

#: What Set-PopSettings calls no limit.
UNLIMITED = 2_147_483_647


@dataclass(frozen=True)
class Range:
    """The values that a parameter takes, both ends included.

    Args:
        lowest: seconds, or a number.
        highest: seconds, or a number.
        source: the key of the source for both.
    """

    lowest: int
    highest: int
    source: str


@cache
def ranges() -> Mapping[str, Mapping[str, Range]]:
    """Return the values that each parameter takes, by edition."""
    return {
        parameter: {edition: Range(**ends) for words, ends in found.items() for edition in span(words)}
        for parameter, found in table("shell/ranges.toml").items()
    }


_TIME_SPAN = re.compile(r"(?:(\d{1,4})\.)?([01]?\d|2[0-3]):([0-5]?\d):([0-5]?\d)")


def number(parameter: str, typed: int | None, edition: str) -> None:
    """Refuse a number that is out of range for a parameter in an edition; None if nothing was typed.

    Raises:
        SettingsError: it is out of range.
    """
    if typed is not None:
        _demand(parameter, typed, edition, str)


def seconds(parameter: str, typed: str | None, edition: str) -> int | None:
    """Return the seconds of a time span that an edition takes for a parameter; None if nothing was typed.

    Raises:
        SettingsError: it is no time span such as 00:01:00, or out of range.
    """
    if typed is None:
        return None
    found = _TIME_SPAN.fullmatch(typed)
    if found is None:
        raise SettingsError(f"{parameter} must be a time span such as 00:01:00, not {typed!r}")
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    total = ((days * 24 + hours) * 60 + minutes) * 60 + rest
    _demand(parameter, total, edition, time_span)
    return total


def _demand(parameter: str, value: int, edition: str, written: Callable[[int], str]) -> None:
    allowed = ranges()[parameter][edition]
    if not allowed.lowest <= value <= allowed.highest:
        raise SettingsError(
            f"{parameter} must be {written(allowed.lowest)} to {written(allowed.highest)} "
            f"in edition {edition!r}, not {written(value)}"
        )


def time_span(total: int) -> str:
    """Return seconds as PowerShell writes a time span."""
    days, rest = divmod(total, 86_400)
    text = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days}.{text}" if days else text
