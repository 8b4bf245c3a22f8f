"""What a trainee reads after attempts that were judged wrongly once, and where there is nothing to judge."""

import contextlib
import poplib
from collections.abc import Iterator

import pytest

from evidence.raw import Raw
from minipop import Lab
from minipop.lab.attacker import Attacker
from tests.lab.trainees import bernd, client, fax


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A Lab as the lessons start it."""
    with Lab("2016") as started:
        yield started


def clara(lab: Lab) -> poplib.POP3_SSL:
    (account,) = [account for account in lab.accounts if account.alias == "cweiss"]
    return client(lab, "clara.weiss@muster.example", str(account.password))


def fetch(pop: poplib.POP3, *numbers: int) -> poplib.POP3:
    for number in numbers:
        pop.retr(number)
    return pop


# -- the session that is asked for is judged, not any -------------------------------------------------------


def test_01_the_session_that_fetched_has_to_end_with_quit(lab: Lab) -> None:
    fax(lab).quit()
    fetch(fax(lab), 1, 2, 3).close()
    assert repr(lab.check("01")) == (
        "✗ Not yet: All three faxes have been fetched, but the session did not end with QUIT."
    )
    fax(lab).quit()
    assert not lab.check("01").passed
    fetch(fax(lab), 1).quit()
    assert repr(lab.check("01")).startswith("✓ Well done! ")


@pytest.mark.parametrize("lesson", ["04", "10"])
def test_04_and_10_judge_that_session_too(lesson: str) -> None:
    with Lab("2016", record=True) as lab, Attacker(lab):
        clara(lab).quit()
        fetch(clara(lab), 1).close()
        assert repr(lab.check(lesson)) == (
            "✗ Not yet: The message has been fetched, but the session did not end with QUIT."
        )


def test_08_the_fax_session_that_fetched_has_to_end_with_quit(lab: Lab) -> None:
    for account in lab.accounts:
        if account.alias != "fax":
            lab.shell.set_cas_mailbox(account.alias, pop_enabled=False)
    fax(lab).quit()
    fetch(fax(lab), 1, 2, 3).close()
    assert repr(lab.check("08")).startswith("✗ Not yet: Now the fax has to do its work: ")


# -- 02: a session knows the list of its log-on -------------------------------------------------------------


def test_02_who_logged_on_before_the_move_is_told_to_log_on_again(lab: Lab) -> None:
    pop = client(lab, "anna@muster.example", "Sommer2026")
    anna = lab.mailbox("anna")
    (folder,) = [
        f for name, f in anna.folders.items() if name not in ("Inbox", "Sent Items", "Deleted Items")
    ]
    # Of the two messages in there the schedule is the second.
    anna.move(folder[1], "Inbox")
    fetch(pop, 10).quit()
    assert "A session only knows what was in the Inbox at its log-on: log on again after the move." in repr(
        lab.check("02")
    )


# -- 03: fetch a message with a name that works, QUIT, delete nothing ---------------------------------------


def test_03_demands_quit_as_its_task_does(lab: Lab) -> None:
    fetch(bernd(lab), 1).close()
    assert repr(lab.check("03")) == (
        "✗ Not yet: The message has been fetched, but the session did not end with QUIT."
    )


def test_03_a_message_that_was_fetched_and_deleted_was_fetched(lab: Lab) -> None:
    pop = fetch(bernd(lab), 1)
    pop.dele(1)
    pop.quit()
    assert repr(lab.check("03")) == (
        "✗ Not yet: Bernd's mail should have stayed on the server. "
        "Run the first code cell again, and everything is back."
    )


def test_03_praises_what_was_done_and_not_a_upn_that_was_not_used(lab: Lab) -> None:
    fetch(bernd(lab, r"MUSTER\bmueller\bernd.mueller"), 1).quit()
    assert repr(lab.check("03")) == (
        "✓ Well done! Bernd has logged on and fetched a message; his mail is still on the server."
    )


# -- 05: delete the non-delivery report, message 2, and nothing else ----------------------------------------


def test_05_the_wrong_message_is_named_at_once(lab: Lab) -> None:
    pop = bernd(lab)
    pop.dele(1)
    pop.quit()
    assert repr(lab.check("05")).startswith(
        "✗ Not yet: The wrong message has been deleted: only the non-delivery report should go. Run the"
    )


def test_05_marked_without_quit_and_quit_without_a_mark_are_two_things(lab: Lab) -> None:
    pop = bernd(lab)
    pop.dele(2)
    pop.close()
    assert repr(lab.check("05")).startswith("✗ Not yet: Marked is not deleted yet: ")
    pop = bernd(lab)
    pop.dele(2)
    pop.rset()
    pop.quit()
    assert repr(lab.check("05")).startswith("✗ Not yet: The non-delivery report is still in Bernd's Inbox.")
    pop = bernd(lab)
    pop.dele(2)
    pop.quit()
    assert lab.check("05").passed


# -- 08: POP3 for the fax alone -----------------------------------------------------------------------------


@pytest.mark.parametrize("leave", ["quit", "close"])
def test_08_clara_s_own_farewell_is_no_solution(lab: Lab, leave: str) -> None:
    pop = clara(lab)
    getattr(pop, leave)()
    for account in lab.accounts:
        if account.alias != "fax":
            lab.shell.set_cas_mailbox(account.alias, pop_enabled="$false")  # type: ignore[arg-type]
    fetch(fax(lab), 1, 2, 3).quit()
    assert repr(lab.check("08")).startswith("✗ Not yet: Clara's own program has ended her session, ")


def test_08_its_hint_can_be_typed_as_it_stands(lab: Lab) -> None:
    lab.shell.set_cas_mailbox("anna", pop_enabled=False)
    text = repr(lab.check("08"))
    assert text.startswith("✗ Not yet: POP3 is still on for at least one mailbox besides the fax mailbox.")
    assert "lab.shell.get_cas_mailbox() shows which." in text
    assert "bernd.mueller" in repr(lab.shell.get_cas_mailbox())


# -- nothing to check is no wrong answer --------------------------------------------------------------------

BEGIN = {
    "01": "No fax has been fetched completely so far.",
    "02": "The schedule is not in the Inbox, and POP3 can see it only there.",
    "03": "None of Bernd's messages has been fetched so far.",
    "04": "None of Clara's messages has been fetched so far.",
    "05": "Nothing in Bernd's mailbox has been marked for deletion.",
    "06": "Nothing is lost here so far.",
    "07": "No fax has been fetched completely so far.",
    "08": "POP3 is not switched off for any mailbox so far.",
    "09": "None of Bernd's messages has been fetched so far.",
    "10": "This Lab has not been attacked, so it proves nothing.",
}


@pytest.mark.parametrize("lesson", BEGIN)
def test_an_exercise_that_was_not_begun_is_not_judged(lesson: str) -> None:
    with Lab("2016", record=True) as lab:
        assert repr(lab.check(lesson)).startswith(f"– Nothing to check yet: {BEGIN[lesson]} ")
        assert not lab.check(lesson).passed


STOPPED = {
    "de": "– Dieses Lab läuft nicht. "
    "Führen Sie die Zelle, die es startet, noch einmal aus: Lab(...).start().",
    "en": "– This Lab is stopped. Run the cell that starts it again: Lab(...).start().",
}


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("lesson", [lesson for lesson in BEGIN if lesson != "10"])
def test_a_stopped_lab_says_so_whatever_was_done_in_it(lesson: str, lang: str) -> None:
    lab = Lab("2016", record=True, lang=lang)
    assert repr(lab.check(lesson)) == STOPPED[lang]
    with lab, contextlib.suppress(poplib.error_proto):
        fetch(fax(lab), 1, 2).quit()
    assert repr(lab.check(lesson)) == STOPPED[lang]


def test_10_is_judged_when_its_cell_has_stopped_its_lab() -> None:
    with Lab("2016") as lab, Attacker(lab):
        fetch(clara(lab), 1).close()
    assert repr(lab.check("10")).startswith("✗ Not yet: The message has been fetched, but ")
    assert repr(Lab("2016").check("10")).startswith("– Nothing to check yet: This Lab has not been attacked")


def test_06_what_was_not_brought_back_is_not_judged(lab: Lab) -> None:
    lab.fast_forward(days=20)
    pop = clara(lab)
    pop.dele(1)
    pop.dele(2)
    pop.quit()
    assert repr(lab.check("06")).startswith("– Nothing to check yet: The report is not in Clara's Inbox.")


def test_what_was_solved_stays_solved_when_the_lab_is_stopped(lab: Lab) -> None:
    fetch(fax(lab), 1, 2, 3).quit()
    lab.stop()
    assert lab.check("01").passed


def test_a_log_on_that_was_refused_is_no_wrong_answer(lab: Lab) -> None:
    with Raw(lab.tls_port, tls=True) as raw:
        raw.send(b"USER svc-fax@muster.example\r\nPASS wrong\r\nQUIT\r\n")
        raw.rest()
    assert repr(lab.check("01")).startswith("– Nothing to check yet: ")


# -- how it looks -------------------------------------------------------------------------------------------


def test_a_verdict_has_a_sign_beside_its_colour_and_no_text_in_it_is_markup(lab: Lab) -> None:
    html = lab.check("02")._repr_html_()
    grey = "currentColor"
    assert html.startswith(f'<div class="verdict" style="border-left: .25em solid {grey}; ')
    assert f'<strong style="color: {grey}">–</strong> Nothing to check yet: ' in html
    assert "anna.move(message, &quot;Inbox&quot;)" in html
    fetch(fax(lab), 1, 2).quit()
    assert '<strong style="color: var(--ansi-red, var(--jp-error-color1, #b3261e))">✗</strong> Not yet: ' in (
        lab.check("01")._repr_html_()
    )
    fetch(fax(lab), 3).quit()
    assert '<strong style="color: var(--ansi-green, var(--jp-success-color1, #1b6e20))">✓</strong> Well' in (
        lab.check("01")._repr_html_()
    )
