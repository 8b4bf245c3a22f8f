"""The exercises of the lessons, checked on the server's state: steps as data, hints in both languages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lab import Lab

SOLVED = {"de": "Geschafft!", "en": "Well done!"}
NOT_YET = {"de": "Noch nicht:", "en": "Not yet:"}


@dataclass(frozen=True)
class Verdict:
    """Whether an exercise is solved, and what to do if not.

    Args:
        passed: whether it is solved.
        text: what the trainee reads.
    """

    passed: bool
    text: str

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Step:
    """One condition of an exercise.

    Args:
        holds: tells whether it is met.
        hint: what to do if not, by language.
    """

    holds: "Callable[[Lab], bool]"
    hint: dict[str, str]


@dataclass(frozen=True)
class Exercise:
    """An exercise: the first step that does not hold is what the trainee is told.

    Args:
        steps: the conditions, in the order in which a trainee meets them.
        praise: what is said when all hold, by language.
    """

    steps: tuple[Step, ...]
    praise: dict[str, str]

    def check(self, lab: "Lab", lang: str) -> Verdict:
        """Look at the state of the server."""
        for step in self.steps:
            if not step.holds(lab):
                return Verdict(False, f"{NOT_YET[lang]} {step.hint[lang]}")
        return Verdict(True, f"{SOLVED[lang]} {self.praise[lang]}")


_BOUNCE = "Unzustellbar"


def _faxes_read(lab: "Lab") -> int:
    """Count the faxes that were fetched whole; deleted ones count, too."""
    fax = lab.mailbox("fax")
    return sum(message.read for message in (*fax.inbox, *fax.recoverable_items))


def _bernd(lab: "Lab") -> list[bool]:
    """Tell of each message in Bernd's Inbox whether it is the bounce."""
    return [_BOUNCE in subject for subject in lab.mailbox("bernd.mueller").inbox.subjects]


#: Every exercise by the number of its lesson.
EXERCISES: dict[str, Exercise] = {
    "01": Exercise(
        steps=(
            Step(
                lambda lab: _faxes_read(lab) > 0,
                {
                    "de": "Es ist noch kein Fax ganz abgeholt. Anmelden, dann RETR.",
                    "en": "no fax has been fetched whole so far. Log on, then RETR.",
                },
            ),
            Step(
                lambda lab: _faxes_read(lab) == 3,
                {
                    "de": "Es fehlt noch ein Fax: Im Posteingang liegen drei.",
                    "en": "there is a fax missing: the Inbox holds three of them.",
                },
            ),
            Step(
                lambda lab: lab.mailbox("fax").sessions_ended > 0,
                {
                    "de": "Die Faxe sind da, aber die Sitzung endete nicht mit QUIT.",
                    "en": "the faxes are here, but the session did not end with QUIT.",
                },
            ),
            Step(
                lambda lab: len(lab.mailbox("fax").inbox) == 3,
                {
                    "de": "Die Faxe sollten auf dem Server bleiben. Starten Sie das Lab neu.",
                    "en": "the faxes were to stay on the server. Start the Lab again.",
                },
            ),
        ),
        praise={
            "de": "Alle drei Faxe sind abgeholt, und auf dem Server liegen sie immer noch.",
            "en": "all three faxes are fetched, and they are still on the server.",
        },
    ),
    "05": Exercise(
        steps=(
            Step(
                lambda lab: len(_bernd(lab)) >= 2,
                {
                    "de": "In Bernds Posteingang fehlt zu viel. Starten Sie das Lab neu.",
                    "en": "too much is missing from Bernd's Inbox. Start the Lab again.",
                },
            ),
            Step(
                lambda lab: True not in _bernd(lab),
                {
                    "de": "Der Unzustellbarkeitsbericht liegt noch in Bernds Posteingang.",
                    "en": "the non-delivery report is still in Bernd's Inbox.",
                },
            ),
            Step(
                lambda lab: len(_bernd(lab)) == 2,
                {
                    "de": "Es ging eine Nachricht zu viel verloren. Starten Sie das Lab neu.",
                    "en": "one message too many is gone. Start the Lab again.",
                },
            ),
        ),
        praise={
            "de": "Nur der Unzustellbarkeitsbericht ist weg, nach „Wiederherstellbare Elemente“.",
            "en": "only the non-delivery report is gone, and it lies in Recoverable Items.",
        },
    ),
}
