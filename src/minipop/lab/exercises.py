"""The exercises of the lessons, checked on the state of the server; their texts are in exercises.toml."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from html import escape
from itertools import pairwise

from minipop.exchange import Account
from minipop.mailbox import Folder, StoredMessage
from minipop.wire import Conversation, read

from . import world
from .data import texts
from .organization import START, LabStopped, Organization
from .records import Records


class Verdict(Enum):
    """What a check comes to: its sign, and its colour on a page of the site and in JupyterLab."""

    SOLVED = "✓", "var(--ansi-green, var(--jp-success-color1, #1b6e20))"
    NOT_YET = "✗", "var(--ansi-red, var(--jp-error-color1, #b3261e))"
    NOTHING_TO_CHECK = "–", "currentColor"


@dataclass(frozen=True)
class Feedback:
    """Whether an exercise is solved, and what to do if not.

    Args:
        verdict: what the check comes to.
        text: what the trainee reads.
    """

    verdict: Verdict
    text: str

    @property
    def passed(self) -> bool:
        """Whether the exercise is solved."""
        return self.verdict is Verdict.SOLVED

    def _repr_html_(self) -> str:
        sign, colour = self.verdict.value
        return (
            f'<div class="verdict" style="border-left: .25em solid {colour}; padding: .2em .8em">'
            f'<strong style="color: {colour}">{sign}</strong> {escape(self.text)}</div>'
        )

    def __repr__(self) -> str:
        return f"{self.verdict.value[0]} {self.text}"


def check(lesson: str, organization: Organization, records: Records, lang: str) -> Feedback:
    """Look at the state of the server; the trainee gets the hint to the first condition that does not hold.

    Nothing to check is no wrong answer: a Lab that is stopped, or in which the exercise was not begun.

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
        if holds(organization, records):
            continue
        if organization.service is None and lesson not in JUDGED_AFTERWARDS:
            return Feedback(Verdict.NOTHING_TO_CHECK, str(LabStopped(lang)))
        begun = condition not in UNBEGUN[lesson]
        verdict = Verdict.NOT_YET if begun else Verdict.NOTHING_TO_CHECK
        word = words["not-yet" if begun else "nothing-to-check"]
        return Feedback(verdict, f"{word} {hints[condition].format_map(words)}")
    return Feedback(Verdict.SOLVED, f"{words['solved']} {hints['praise']}")


Condition = Callable[[Organization, Records], bool]

# Clara's two messages: the one that her POP3 program deleted, and the one that it left.
_REPORT = "<20261109.0600.monitor@muster.example>"
_REQUEST = "<20261015.0905.dora@muster.example>"


def _inbox(of: Organization, alias: str) -> Folder:
    return of.mailbox(alias).inbox


def _sessions(records: Records, alias: str) -> list[Conversation]:
    """Return the sessions that have opened a mailbox, in their order."""
    return [conversation for conversation in records.transcript if conversation.mailbox == alias]


def _commands(session: Conversation) -> list[str]:
    return [entry.name for entry in session.entries if entry.who == "C"]


def _done(session: Conversation, command: str) -> bool:
    """Tell whether the server has done a command in a session."""
    return any(
        asked.name == command and said.text.startswith("+OK") for asked, said in pairwise(session.entries)
    )


def _ended(records: Records, alias: str, command: str = "RETR") -> bool:
    """Tell whether the last session that gave such a command to a mailbox ended with QUIT."""
    sessions = [session for session in _sessions(records, alias) if _done(session, command)]
    return bool(sessions) and _commands(sessions[-1])[-1] == "QUIT"


def _fetched(of: Organization, alias: str) -> int:
    """Count the messages that were fetched whole; deleted ones count, too."""
    mailbox = of.mailbox(alias)
    return sum(message.read for message in (*mailbox.inbox, *mailbox.recoverable_items))


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


def _fetched_by_application(_: Organization, records: Records) -> bool:
    """Tell whether a session that an application's own token opened fetched a message and ended with QUIT."""
    for session in _sessions(records, "fax"):
        opened = any(
            after.name == "authenticated" and "appid" in dict(before.fields)
            for before, after in pairwise(session.entries)
        )
        if opened and _done(session, "RETR") and _commands(session)[-1] == "QUIT":
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


def _clara_cut_off(_: Organization, records: Records) -> bool:
    """Tell whether Clara's first session did not end by her own doing; nobody can get at her computer."""
    for session in _sessions(records, "cweiss")[:1]:
        return _commands(session)[-1] != "QUIT" and session.entries[-1].name != "lost"
    return True


#: The conditions of each exercise by the number of its lesson, in the order in which a trainee meets them.
#: What must not have happened comes first, because only a new Lab helps then. Their names are keys of hints.
EXERCISES: dict[str, dict[str, Condition]] = {
    "01": {
        "deleted": lambda of, _: len(_inbox(of, "fax")) == 3,
        "unfetched": lambda of, _: _fetched(of, "fax") > 0,
        "incomplete": lambda of, _: _fetched(of, "fax") == 3,
        "no-quit": lambda _, kept: _ended(kept, "fax"),
    },
    "02": {
        "deleted": lambda of, _: not of.mailbox("anna").recoverable_items,
        "too-much": lambda of, _: not _in_inbox(of, "anna", "project-start"),
        "not-in-inbox": lambda of, _: bool(_in_inbox(of, "anna", "schedule")),
        "unread": lambda of, _: any(message.read for message in _in_inbox(of, "anna", "schedule")),
        "no-quit": lambda _, kept: _ended(kept, "anna"),
    },
    "03": {
        "deleted": lambda of, _: len(_inbox(of, "bernd.mueller")) == 3,
        "unfetched": lambda of, _: _fetched(of, "bernd.mueller") > 0,
        "no-quit": lambda _, kept: _ended(kept, "bernd.mueller"),
    },
    "04": {
        "overheard": lambda of, kept: not any(read(c.sent_by("C"), _claras_password(of)) for c in kept.wire),
        "unfetched": lambda of, _: _fetched(of, "cweiss") > 0,
        "no-quit": lambda _, kept: _ended(kept, "cweiss"),
    },
    "05": {
        "other-deleted": lambda of, _: (
            len(_inbox(of, "bernd.mueller")) - len(_in_inbox(of, "bernd.mueller", "bounce")) == 2
        ),
        "unmarked": lambda _, kept: any(_done(c, "DELE") for c in _sessions(kept, "bernd.mueller")),
        "no-quit": lambda _, kept: _ended(kept, "bernd.mueller", "DELE"),
        "bounce-left": lambda of, _: not _in_inbox(of, "bernd.mueller", "bounce"),
    },
    "06": {
        "too-early": lambda of, _: of.clock.now() - START >= timedelta(days=20),
        "missing": lambda of, _: _REPORT in _claras_mail(of),
        "not-alone": lambda of, _: sorted(_claras_mail(of)) == sorted((_REPORT, _REQUEST)),
        "wrong-date": _report_has_its_date,
    },
    "07": {
        "deleted": lambda of, _: len(_inbox(of, "fax")) == 3,
        "unfetched": lambda of, _: _fetched(of, "fax") > 0,
        "incomplete": lambda of, _: _fetched(of, "fax") == 3,
        "other-token": _fetched_by_application,
    },
    "08": {
        "mail-missing": lambda of, _: len(_inbox(of, "cweiss")) == 2 and len(_inbox(of, "fax")) == 3,
        "all-on": lambda of, _: any(not a.pop_enabled for a in _others(of) if a.alias != "dora"),
        "pop-on": lambda of, _: not any(account.pop_enabled for account in _others(of)),
        "session-left": _clara_cut_off,
        "session-open": lambda of, _: not any(of.mailbox(a.alias).open_maildrops for a in _others(of)),
        "fax-unfetched": lambda of, kept: _fetched(of, "fax") == 3 and _ended(kept, "fax"),
    },
    "09": {
        "password-sent": _sent_no_password,
        "unfetched": lambda of, _: _fetched(of, "bernd.mueller") > 0,
        "no-quit": lambda _, kept: _ended(kept, "bernd.mueller"),
    },
    "10": {
        "no-attack": lambda _, kept: bool(kept.attackers),
        "overheard": lambda of, kept: not any(read(a.heard, _claras_password(of)) for a in kept.attackers),
        "unfetched": lambda of, _: _fetched(of, "cweiss") > 0,
        "no-quit": lambda _, kept: _ended(kept, "cweiss"),
    },
}

#: The conditions of each exercise of which one does not hold as long as it has not been begun.
UNBEGUN = {
    **dict.fromkeys(("01", "03", "04", "07", "09"), ("unfetched",)),
    **{"02": ("not-in-inbox",), "05": ("unmarked",), "06": ("too-early", "missing")},
    **{"08": ("all-on",), "10": ("no-attack",)},
}

#: The lessons whose check comes when the Lab of the exercise has been stopped, because its cell stops it.
JUDGED_AFTERWARDS = {"10"}
