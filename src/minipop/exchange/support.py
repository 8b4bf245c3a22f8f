"""Until when Microsoft supports a version, as data of each edition and as a few words for a reader."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Support:
    """How long a version is supported.

    Args:
        ended: the last day; None while the support goes on.
        paid: the last month of the Extended Security Updates, which cost money, as its first day; None
            without any.
    """

    ended: date | None = None
    paid: date | None = None

    def as_json(self) -> dict[str, str | None]:
        """Return what ``minipop serve --json`` prints: dates as ``2025-10-14`` and ``2026-10``."""
        return {
            "ended": self.ended.isoformat() if self.ended else None,
            "paid_updates_until": f"{self.paid:%Y-%m}" if self.paid else None,
        }

    def text(self, lang: str) -> str:
        """Say it in a few words: ``support ended on 14 October 2025``."""
        words = _words()[lang]
        if not self.ended:
            return words["supported"]
        text = words["ended"].format(day=day(self.ended, lang))
        if not self.paid:
            return text
        return words["paid"].format(ended=text, month=f"{_month(self.paid, lang)} {self.paid.year}")


def day(when: date, lang: str) -> str:
    """Write a day as readers of a language do."""
    return _words()[lang]["day"].format(day=when.day, month=_month(when, lang), year=when.year)


def _month(when: date, lang: str) -> str:
    return _words()[lang]["months"].split()[when.month - 1]


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((files(__package__) / "support.toml").read_text("utf-8"))
