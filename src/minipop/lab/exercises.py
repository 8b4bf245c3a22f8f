"""The exercises of the lessons, checked on the state of the server; their texts are in exercises.toml."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from minipop.exchange import Account
from minipop.mailbox import Folder, StoredMessage
from minipop.wire import read

from . import world
from .data import texts
from .organization import START, Organization
from .records import Records


@dataclass(frozen=True)
class Feedback:
    """Whether an exercise is solved, and what to do if not.

    Args:
        passed: whether it is solved.
        text: what the trainee reads.
    """

    passed: bool
    text: str

    def __repr__(self) -> str:
        return self.text


def check(lesson: str, organization: Organization, records: Records, lang: str) -> Feedback:
    """Look at the state of the server; the trainee gets the hint to the first condition that does not hold.

    Args:
        lesson: the number of the lesson, such as ``"01"``.
        organization: whose mailboxes the exercise is about.
        records: what was recorded of the sessions.
        lang: the trainee's language.

    Raises:
        KeyError: that lesson has no exercise.
    """
    if lesson not in EXERCISES:
        raise KeyError(f"no exercise for lesson {lesson!r}; there are {', '.join(EXERCISES)}")
    said = texts(lang, "exercises")
    words, hints = said["words"], said[lesson]
    for condition, holds in EXERCISES[lesson].items():
        if not holds(organization, records):
            return Feedback(False, f"{words['not-yet']} {hints[condition].format_map(words)}")
    return Feedback(True, f"{words['solved']} {hints['praise']}")


Condition = Callable[[Organization, Records], bool]

# Clara's two messages: the one that her POP3 program deleted, and the one that it left.
_REPORT = "<20261109.0600.monitor@muster.example>"
_REQUEST = "<20261015.0905.dora@muster.example>"


def _inbox(of: Organization, alias: str) -> Folder:
    return of.mailbox(alias).inbox


def _fetched_one(of: Organization, alias: str) -> bool:
    """Tell whether a message was fetched whole that is still in the Inbox."""
    return any(message.read for message in _inbox(of, alias))


def _ended(of: Organization, alias: str) -> bool:
    """Tell whether a session ended with QUIT."""
    return of.mailbox(alias).sessions_ended > 0


def _faxes_fetched(of: Organization) -> int:
    """Count the faxes that were fetched whole; deleted ones count, too."""
    fax = of.mailbox("fax")
    return sum(message.read for message in (*fax.inbox, *fax.recoverable_items))


def _in_inbox(of: Organization, alias: str, subject: str) -> list[StoredMessage]:
    """Return the messages in an Inbox whose subject has the word that `world.words` knows by this key."""
    word = world.words(of.lang)["subjects"][subject]
    return [message for message in _inbox(of, alias) if word in message.subject]


def _claras_password(of: Organization) -> str:
    return world.words(of.lang)["passwords"]["cweiss"]


def _claras_mail(of: Organization) -> list[str]:
    """Return the Message-IDs in Clara's Inbox."""
    return [message.header("Message-ID") for message in _inbox(of, "cweiss")]


def _others(of: Organization) -> list[Account]:
    """Return all accounts but the one of the fax."""
    return [account for account in of.accounts if account.alias != "fax"]


def _fetched_and_ended(_: Organization, records: Records) -> bool:
    """Tell whether the last session that fetched a message ended with QUIT."""
    sessions = [[entry.name for entry in c.entries if entry.who == "C"] for c in records.transcript]
    return next((names[-1] == "QUIT" for names in reversed(sessions) if "RETR" in names), False)


def _fetched_by_application(_: Organization, records: Records) -> bool:
    """Tell whether a session that an application's own token opened fetched a message and ended with QUIT."""
    for entries in (conversation.entries for conversation in records.transcript):
        opened = any(
            after.name == "authenticated" and "appid" in dict(before.fields)
            for before, after in pairwise(entries)
        )
        commands = [entry.name for entry in entries if entry.who == "C"]
        if opened and "RETR" in commands and commands[-1] == "QUIT":
            return True
    return False


def _sent_no_password(_: Organization, records: Records) -> bool:
    """Tell whether no client logged on, or tried to, by a mechanism that sends the password itself."""
    return not any(
        entry.name == "PASS" or entry.text.upper().startswith(("AUTH PLAIN", "AUTH LOGIN"))
        for conversation in records.transcript
        for entry in conversation.entries
    )


def _report_has_its_date(of: Organization, _: Records) -> bool:
    """Tell whether Clara's report arrived when its Date says."""
    return all(
        message.received == message.sent
        for message in _inbox(of, "cweiss")
        if message.header("Message-ID") == _REPORT
    )


#: The conditions of each exercise by the number of its lesson, in the order in which a trainee meets them.
#: Their names are the keys of the hints.
EXERCISES: dict[str, dict[str, Condition]] = {
    "01": {
        "unfetched": lambda of, _: _faxes_fetched(of) > 0,
        "incomplete": lambda of, _: _faxes_fetched(of) == 3,
        "no-quit": lambda of, _: _ended(of, "fax"),
        "deleted": lambda of, _: len(_inbox(of, "fax")) == 3,
    },
    "02": {
        "deleted": lambda of, _: not of.mailbox("anna").recoverable_items,
        "not-in-inbox": lambda of, _: bool(_in_inbox(of, "anna", "schedule")),
        "too-much": lambda of, _: not _in_inbox(of, "anna", "project-start"),
        "unread": lambda of, _: any(message.read for message in _in_inbox(of, "anna", "schedule")),
        "no-quit": _fetched_and_ended,
    },
    "03": {
        "unfetched": lambda of, _: _fetched_one(of, "bernd.mueller"),
        "deleted": lambda of, _: len(_inbox(of, "bernd.mueller")) == 3,
    },
    "04": {
        "unfetched": lambda of, _: _fetched_one(of, "cweiss"),
        "overheard": lambda of, kept: not any(read(c.sent_by("C"), _claras_password(of)) for c in kept.wire),
        "no-quit": lambda of, _: _ended(of, "cweiss"),
    },
    "05": {
        "bounce-left": lambda of, _: not _in_inbox(of, "bernd.mueller", "bounce"),
        "too-much": lambda of, _: len(_inbox(of, "bernd.mueller")) == 2,
    },
    "06": {
        "too-early": lambda of, _: of.clock.now() - START >= timedelta(days=20),
        "missing": lambda of, _: _REPORT in _claras_mail(of),
        "not-alone": lambda of, _: sorted(_claras_mail(of)) == sorted((_REPORT, _REQUEST)),
        "wrong-date": _report_has_its_date,
    },
    "07": {
        "unfetched": lambda of, _: _faxes_fetched(of) > 0,
        "incomplete": lambda of, _: _faxes_fetched(of) == 3,
        "other-token": _fetched_by_application,
        "deleted": lambda of, _: len(_inbox(of, "fax")) == 3,
    },
    "08": {
        "pop-on": lambda of, _: not any(account.pop_enabled for account in _others(of)),
        "session-open": lambda of, _: not any(of.mailbox(a.alias).open_maildrops for a in _others(of)),
        "fax-unfetched": lambda of, _: _faxes_fetched(of) == 3 and _ended(of, "fax"),
        "mail-missing": lambda of, _: len(_inbox(of, "cweiss")) == 2 and len(_inbox(of, "fax")) == 3,
    },
    "09": {
        "password-sent": _sent_no_password,
        "unfetched": lambda of, _: _fetched_one(of, "bernd.mueller"),
        "no-quit": lambda of, _: _ended(of, "bernd.mueller"),
    },
    "10": {
        "no-attack": lambda _, kept: bool(kept.attackers),
        "overheard": lambda of, kept: not any(read(a.heard, _claras_password(of)) for a in kept.attackers),
        "unfetched": lambda of, _: _fetched_one(of, "cweiss"),
        "no-quit": lambda of, _: _ended(of, "cweiss"),
    },
}
