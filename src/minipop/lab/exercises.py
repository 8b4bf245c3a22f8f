"""The exercises of the lessons, checked on the server's state: steps as data, hints in both languages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from minipop.wire import read

from .clock import START

if TYPE_CHECKING:
    from minipop.exchange import Account
    from minipop.mailbox import Folder

    from .lab import Lab

SOLVED = {"de": "Geschafft!", "en": "Well done!"}
NOT_YET = {"de": "Noch nicht:", "en": "Not yet:"}
RECORD_AGAIN = {
    "de": "Führen Sie die erste Codezelle noch einmal aus; dann beginnt eine neue Aufzeichnung.",
    "en": "Run the first code cell again; that starts a new recording.",
}
CLARAS_PASSWORD = "Grüße4Clara"  # of the built-in world, where passwords are public
START_AGAIN = {
    "de": "Führen Sie die erste Codezelle noch einmal aus, dann ist alles wieder da.",
    "en": "Run the first code cell again, and everything is back.",
}


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


def _fetched_by_application(lab: "Lab") -> bool:
    """Tell whether a session that an application's own token opened fetched a message and ended with QUIT."""
    for entries in (conversation.entries for conversation in lab.transcript):
        opened = any(
            after.name == "authenticated" and "appid" in dict(before.fields)
            for before, after in pairwise(entries)
        )
        commands = [entry.name for entry in entries if entry.who == "C"]
        if opened and "RETR" in commands and commands[-1] == "QUIT":
            return True
    return False


def _sent_a_password(lab: "Lab") -> bool:
    """Tell whether anybody logged on, or tried to, by a mechanism that hands the password over."""
    return any(
        entry.name == "PASS" or entry.text.upper().startswith(("AUTH PLAIN", "AUTH LOGIN"))
        for conversation in lab.transcript
        for entry in conversation.entries
    )


def _others(lab: "Lab") -> list["Account"]:
    """Return all accounts but the one of the fax."""
    return [account for account in lab.accounts if account.alias != "fax"]


def _anna(lab: "Lab") -> "Folder":
    return lab.mailbox("anna").inbox


def _fetched_and_ended(lab: "Lab") -> bool:
    """Tell whether the last session that fetched a message ended with QUIT."""
    sessions = [[entry.name for entry in c.entries if entry.who == "C"] for c in lab.transcript]
    return next((names[-1] == "QUIT" for names in reversed(sessions) if "RETR" in names), False)


_SCHEDULE = "Zeitplan"  # Clara's, which Anna's rule has filed away


# Clara's two messages: the one that her POP3 program deleted, and the one that it left.
_REPORT = "<20261109.0600.monitor@muster.example>"
_REQUEST = "<20261015.0905.dora@muster.example>"


def _clara(lab: "Lab") -> list[str]:
    """Return the Message-IDs in Clara's Inbox."""
    return [message.header("Message-ID") for message in lab.mailbox("cweiss").inbox]


#: Every exercise by the number of its lesson.
EXERCISES: dict[str, Exercise] = {
    "01": Exercise(
        steps=(
            Step(
                lambda lab: _faxes_read(lab) > 0,
                {
                    "de": "Es ist noch kein Fax ganz abgeholt. "
                    "Melden Sie sich als svc-fax@muster.example an, und holen Sie die Faxe mit RETR.",
                    "en": "no fax has been fetched whole so far. Log on as svc-fax@muster.example, "
                    "and fetch the faxes with RETR.",
                },
            ),
            Step(
                lambda lab: _faxes_read(lab) == 3,
                {
                    "de": "Es fehlt noch mindestens ein Fax; zu holen sind drei.",
                    "en": "at least one fax is still missing; there are three to fetch.",
                },
            ),
            Step(
                lambda lab: lab.mailbox("fax").sessions_ended > 0,
                {
                    "de": "Alle drei Faxe sind abgeholt, aber die Sitzung endete nicht mit QUIT.",
                    "en": "all three faxes are fetched, but the session did not end with QUIT.",
                },
            ),
            Step(
                lambda lab: len(lab.mailbox("fax").inbox) == 3,
                {
                    "de": f"Die Faxe sollten auf dem Server bleiben. {START_AGAIN['de']}",
                    "en": f"the faxes were to stay on the server. {START_AGAIN['en']}",
                },
            ),
        ),
        praise={
            "de": "Alle drei Faxe sind abgeholt, und auf dem Server liegen sie immer noch.",
            "en": "All three faxes have been fetched, and they are still on the server.",
        },
    ),
    "02": Exercise(
        steps=(
            Step(
                lambda lab: not lab.mailbox("anna").recoverable_items,
                {
                    "de": f"Annas Post sollte auf dem Server bleiben. {START_AGAIN['de']}",
                    "en": f"Anna's mail was to stay on the server. {START_AGAIN['en']}",
                },
            ),
            Step(
                lambda lab: any(_SCHEDULE in subject for subject in _anna(lab).subjects),
                {
                    "de": "Der Zeitplan liegt nicht im Posteingang, und nur dort kann POP3 ihn sehen. "
                    'Verschieben Sie die Nachricht mit anna.move(message, "Inbox").',
                    "en": "the schedule is not in the Inbox, and POP3 can see it only there. "
                    'Move the message with anna.move(message, "Inbox").',
                },
            ),
            Step(
                lambda lab: not any("Projektstart" in subject for subject in _anna(lab).subjects),
                {
                    "de": f"Nur der Zeitplan sollte zurück in den Posteingang. {START_AGAIN['de']}",
                    "en": f"only the schedule was to go back to the Inbox. {START_AGAIN['en']}",
                },
            ),
            Step(
                lambda lab: any(_SCHEDULE in message.subject and message.read for message in _anna(lab)),
                {
                    "de": "Der Zeitplan liegt im Posteingang, ist aber noch nicht ganz abgeholt. "
                    "UIDL nennt zu seiner Kennung die Nummer, RETR holt ihn.",
                    "en": "the schedule is in the Inbox, but has not been fetched whole so far. "
                    "UIDL has the number to its unique id, RETR fetches it.",
                },
            ),
            Step(
                _fetched_and_ended,
                {
                    "de": "Der Zeitplan ist abgeholt, aber die Sitzung endete nicht mit QUIT.",
                    "en": "the schedule is fetched, but the session did not end with QUIT.",
                },
            ),
        ),
        praise={
            "de": "Anna hat ihren Zeitplan, und auf dem Server ist alles noch da.",
            "en": "Anna has her schedule, and everything is still on the server.",
        },
    ),
    "03": Exercise(
        steps=(
            Step(
                lambda lab: any(message.read for message in lab.mailbox("bernd.mueller").inbox),
                {
                    "de": "Von Bernds Nachrichten ist noch keine abgeholt. "
                    "Mit welcher Form des Namens kommen alle hinein? Danach RETR 1.",
                    "en": "none of Bernd's messages has been fetched so far. "
                    "Which form of the name works for everybody? Then RETR 1.",
                },
            ),
            Step(
                lambda lab: len(lab.mailbox("bernd.mueller").inbox) == 3,
                {
                    "de": f"Bernds Post sollte auf dem Server bleiben. {START_AGAIN['de']}",
                    "en": f"Bernd's mail was to stay on the server. {START_AGAIN['en']}",
                },
            ),
        ),
        praise={
            "de": "Bernd kommt wieder an seine Post: Der UPN gilt überall, wo Exchange Kennwörter annimmt.",
            "en": "Bernd can get at his mail again: the UPN works wherever Exchange takes passwords.",
        },
    ),
    "04": Exercise(
        steps=(
            Step(
                lambda lab: any(message.read for message in lab.mailbox("cweiss").inbox),
                {
                    "de": "Von Claras Nachrichten ist noch keine abgeholt. Anmelden, dann RETR 1.",
                    "en": "none of Clara's messages has been fetched so far. Log on, then RETR 1.",
                },
            ),
            Step(
                lambda lab: not any(read(c.sent_by("C"), CLARAS_PASSWORD) for c in lab.wire),
                {
                    "de": f"Claras Kennwort war auf der Leitung zu lesen. {RECORD_AGAIN['de']}",
                    "en": f"Clara's password could be read on the wire. {RECORD_AGAIN['en']}",
                },
            ),
            Step(
                lambda lab: lab.mailbox("cweiss").sessions_ended > 0,
                {
                    "de": "Die Nachricht ist abgeholt, aber die Sitzung endete nicht mit QUIT.",
                    "en": "the message is fetched, but the session did not end with QUIT.",
                },
            ),
        ),
        praise={
            "de": "Clara hat ihre Nachricht, und in den aufgezeichneten Bytes steht ihr Kennwort nirgends.",
            "en": "Clara has her message, and her password is nowhere in the recorded bytes.",
        },
    ),
    "05": Exercise(
        steps=(
            Step(
                lambda lab: True not in _bernd(lab),
                {
                    "de": "Der Unzustellbarkeitsbericht liegt noch in Bernds Posteingang. "
                    "Vorgemerkt ist noch nicht gelöscht: Haben Sie sich mit QUIT verabschiedet?",
                    "en": "the non-delivery report is still in Bernd's Inbox. "
                    "Marked is not deleted yet: did you end with QUIT?",
                },
            ),
            Step(
                lambda lab: len(_bernd(lab)) == 2,
                {
                    "de": f"Es ist mehr gelöscht als der Unzustellbarkeitsbericht. {START_AGAIN['de']}",
                    "en": f"more than the non-delivery report has been deleted. {START_AGAIN['en']}",
                },
            ),
        ),
        praise={
            "de": "Nur der Unzustellbarkeitsbericht ist gelöscht; "
            "er liegt jetzt unter „Wiederherstellbare Elemente“.",
            "en": "Only the non-delivery report is gone; it is now in Recoverable Items.",
        },
    ),
    "06": Exercise(
        steps=(
            Step(
                lambda lab: lab.clock.now() - START >= timedelta(days=20),
                {
                    "de": "Hier ist noch nichts verloren. Führen Sie erst die Zelle aus, "
                    "in der Clara der Unfall passiert.",
                    "en": "nothing is lost here so far. First run the cell in which Clara has her accident.",
                },
            ),
            Step(
                lambda lab: _REPORT in _clara(lab),
                {
                    "de": "Der Bericht liegt nicht in Claras Posteingang. "
                    "Welcher Weg ist nach 20 Tagen noch offen?",
                    "en": "the report is not in Clara's Inbox. Which way is still open after 20 days?",
                },
            ),
            Step(
                lambda lab: sorted(_clara(lab)) == sorted((_REPORT, _REQUEST)),
                {
                    "de": "Der Bericht ist da, aber nicht er allein: Etwas liegt doppelt im Posteingang, "
                    "sollte gelöscht bleiben oder fehlt. Beginnen Sie mit Claras Unfall von vorn.",
                    "en": "the report is there, but not it alone: something is in the Inbox twice, "
                    "was to stay deleted, or is missing. Begin again with Clara's accident.",
                },
            ),
            Step(
                lambda lab: all(
                    m.received == parsedate_to_datetime(m.header("Date"))
                    for m in lab.mailbox("cweiss").inbox
                    if m.header("Message-ID") == _REPORT
                ),
                {
                    "de": "Der Bericht ist zurück, aber mit falschem Datum: APPEND nimmt es als "
                    "INTERNALDATE entgegen. Beginnen Sie mit Claras Unfall von vorn.",
                    "en": "the report is back, but with a wrong date: APPEND takes it as INTERNALDATE. "
                    "Begin again with Clara's accident.",
                },
            ),
        ),
        praise={
            "de": "Der Bericht ist wieder da, einmal und mit seinem Datum, und sonst ist alles wie vorher.",
            "en": "The report is back, once and with its date, and nothing else has changed.",
        },
    ),
    "07": Exercise(
        steps=(
            Step(
                lambda lab: _faxes_read(lab) > 0,
                {
                    "de": "Es ist noch kein Fax ganz abgeholt. "
                    "AUTH XOAUTH2, dann die Antwort mit user=fax@muster.example und dem Token der Anwendung, "
                    "dann RETR.",
                    "en": "no fax has been fetched whole so far. AUTH XOAUTH2, then the response with "
                    "user=fax@muster.example and the application's token, then RETR.",
                },
            ),
            Step(
                lambda lab: _faxes_read(lab) == 3,
                {
                    "de": "Es fehlt noch mindestens ein Fax; zu holen sind drei.",
                    "en": "at least one fax is still missing; there are three to fetch.",
                },
            ),
            Step(
                _fetched_by_application,
                {
                    "de": "Alle drei Faxe sind abgeholt, aber in keiner Sitzung mit dem Token der "
                    "Anwendung, die mit QUIT endete.",
                    "en": "all three faxes are fetched, but not in a session with the application's token "
                    "that ended with QUIT.",
                },
            ),
            Step(
                lambda lab: len(lab.mailbox("fax").inbox) == 3,
                {
                    "de": f"Die Faxe sollten auf dem Server bleiben. {START_AGAIN['de']}",
                    "en": f"the faxes were to stay on the server. {START_AGAIN['en']}",
                },
            ),
        ),
        praise={
            "de": "Alle drei Faxe sind abgeholt, und kein Kennwort war im Spiel.",
            "en": "All three faxes have been fetched, and no password was involved.",
        },
    ),
    "08": Exercise(
        steps=(
            Step(
                lambda lab: not any(account.pop_enabled for account in _others(lab)),
                {
                    "de": "POP3 ist noch für mindestens ein Postfach an, das nicht das Faxpostfach ist. "
                    "get_cas_mailbox() zeigt, für welches.",
                    "en": "POP3 is still on for at least one mailbox other than the fax mailbox. "
                    "get_cas_mailbox() shows which.",
                },
            ),
            Step(
                lambda lab: not any(lab.mailbox(account.alias).open_maildrops for account in _others(lab)),
                {
                    "de": "Neu anmelden kann sich niemand mehr, aber eine alte Sitzung ist noch offen. "
                    "Was beendet sie?",
                    "en": "nobody else can log on any more, but an old session is still open. What ends it?",
                },
            ),
            Step(
                lambda lab: _faxes_read(lab) == 3 and lab.mailbox("fax").sessions_ended > 0,
                {
                    "de": "Jetzt muss das Fax noch arbeiten: als svc-fax@muster.example anmelden, "
                    "alle drei Faxe mit RETR holen, QUIT.",
                    "en": "now the fax has to do its work: log on as svc-fax@muster.example, "
                    "fetch all three faxes with RETR, QUIT.",
                },
            ),
            Step(
                lambda lab: len(lab.mailbox("cweiss").inbox) == 2 and len(lab.mailbox("fax").inbox) == 3,
                {
                    "de": "Es fehlt Post, die auf dem Server bleiben sollte. Führen Sie die Zelle noch "
                    "einmal aus, die das neue Lab startet.",
                    "en": "mail is missing that was to stay on the server. Run the cell again that starts "
                    "the new Lab.",
                },
            ),
        ),
        praise={
            "de": "Nur noch das Fax kommt per POP3 herein, und niemand sonst ist verbunden.",
            "en": "Only the fax gets in by POP3 now, and nobody else is connected.",
        },
    ),
    "09": Exercise(
        steps=(
            Step(
                lambda lab: not _sent_a_password(lab),
                {
                    "de": "Jemand hat hier sein Kennwort übergeben, mit PASS, AUTH PLAIN oder AUTH LOGIN; "
                    "gesucht ist NTLM. Führen Sie die erste Codezelle noch einmal aus, "
                    "und versuchen Sie es damit.",
                    "en": "somebody has handed a password over here, by PASS, AUTH PLAIN or AUTH LOGIN; "
                    "NTLM is wanted. Run the first code cell again, and try that.",
                },
            ),
            Step(
                lambda lab: any(message.read for message in lab.mailbox("bernd.mueller").inbox),
                {
                    "de": "Von Bernds Nachrichten ist noch keine abgeholt. "
                    "Woran muss seine Antwort gebunden sein? Danach RETR 1.",
                    "en": "none of Bernd's messages has been fetched so far. "
                    "What must his response be bound to? Then RETR 1.",
                },
            ),
            Step(
                lambda lab: lab.mailbox("bernd.mueller").sessions_ended > 0,
                {
                    "de": "Die Nachricht ist abgeholt, aber die Sitzung endete nicht mit QUIT.",
                    "en": "the message is fetched, but the session did not end with QUIT.",
                },
            ),
        ),
        praise={
            "de": "Bernd hat seine Nachricht. Der Server weiß jetzt, "
            "dass niemand zwischen ihm und Bernd TLS entschlüsselt hat.",
            "en": "Bernd has his message. The server knows now "
            "that nobody between him and Bernd has decrypted TLS.",
        },
    ),
    "10": Exercise(
        steps=(
            Step(
                lambda lab: bool(lab.attackers),
                {
                    "de": "Niemand hat dieses Lab angegriffen; so beweist es nichts. "
                    "Führen Sie die Zelle aus, wie sie im Notebook steht.",
                    "en": "nobody has attacked this Lab, so it proves nothing. "
                    "Run the cell as it stands in the notebook.",
                },
            ),
            Step(
                lambda lab: not any(read(attacker.heard, CLARAS_PASSWORD) for attacker in lab.attackers),
                {
                    "de": "Mallory hat Claras Kennwort gelesen. "
                    "Besteht das Programm auf TLS, und prüft es das Zertifikat?",
                    "en": "Mallory has read Clara's password. "
                    "Does the program insist on TLS, and does it verify the certificate?",
                },
            ),
            Step(
                lambda lab: any(message.read for message in lab.mailbox("cweiss").inbox),
                {
                    "de": "Mallory hat nichts gelesen, aber auch Clara nicht: "
                    "Ohne Angreifer muss das Programm ihre erste Nachricht holen.",
                    "en": "Mallory has read nothing, but neither has Clara: "
                    "without an attacker, the program has to get her first message.",
                },
            ),
            Step(
                lambda lab: lab.mailbox("cweiss").sessions_ended > 0,
                {
                    "de": "Die Nachricht ist abgeholt, aber die Sitzung endete nicht mit QUIT.",
                    "en": "the message is fetched, but the session did not end with QUIT.",
                },
            ),
        ),
        praise={
            "de": "Clara hat ihre Nachricht, und Mallory hat ihr Kennwort nie zu sehen bekommen.",
            "en": "Clara has her message, and Mallory never got to see her password.",
        },
    ),
}
