"""What values the cmdlets take, as data: they differ from edition to edition."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from minipop.exchange import SettingsError
from minipop.exchange.sources import Source

from .cmdlets import span

#: The services that Restart-Service takes. The clients connect to the one in front.
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
        source: the source for both.
    """

    lowest: int
    highest: int
    source: Source


def _ranges(in_2007: Range, in_2010: Range, since_2013: Range) -> dict[str, Range]:
    return {"2007": in_2007, "2010": in_2010, **dict.fromkeys(span("2013-se"), since_2013)}


_ANY_NUMBER = Range(1, UNLIMITED, Source.SET_POPSETTINGS)
_UP_TO_AN_HOUR = Range(30, 3600, Source.SET_POPSETTINGS)

#: The values that a parameter takes, by edition. Exchange 2007 has both time-outs, but nothing on record says
#: what they take; the ranges of 2010 stand in.
RANGES: dict[str, dict[str, Range]] = {
    "MaxConnections": _ranges(
        Range(1, 25_000, Source.CONNECTIONS_2007), Range(1, UNLIMITED, Source.POPSETTINGS_2018), _ANY_NUMBER
    ),
    "MaxConnectionFromSingleIP": _ranges(
        Range(1, 1_000, Source.CONNECTIONS_2007), Range(1, 25_000, Source.CONNECTIONS_2010), _ANY_NUMBER
    ),
    "MaxConnectionsPerUser": _ranges(
        Range(1, 1_000, Source.CONNECTIONS_2007), Range(1, 25_000, Source.CONNECTIONS_2010), _ANY_NUMBER
    ),
    "PreAuthenticatedConnectionTimeout": _ranges(
        Range(10, 3_600, Source.CARRIED_OVER), Range(10, 3_600, Source.POPSETTINGS_2018), _UP_TO_AN_HOUR
    ),
    "AuthenticatedConnectionTimeout": _ranges(
        Range(30, 86_400, Source.CARRIED_OVER), Range(30, 86_400, Source.POPSETTINGS_2018), _UP_TO_AN_HOUR
    ),
}

_TIME_SPAN = re.compile(r"(?:(\d{1,4})\.)?([01]?\d|2[0-3]):([0-5]?\d):([0-5]?\d)")


def number(parameter: str, typed: int | None, edition: str) -> None:
    """See to it that an edition takes a number for a parameter; None if nothing was typed.

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
    allowed = RANGES[parameter][edition]
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
