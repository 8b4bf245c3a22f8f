"""The exercises check the server's state: the solution passes; doing nothing or too much does not."""

import base64
import contextlib
import hashlib
import poplib
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import spnego
from spnego.channel_bindings import GssChannelBindings

from evidence.patience import PATIENCE
from evidence.raw import Raw, context
from minipop import Lab
from minipop.lab.attacker import Attacker
from tests.lab.trainees import bernd, client, fax

PASSED = {"de": "Geschafft!", "en": "Well done!"}
FAILED = {"de": "Noch nicht:", "en": "Not yet:"}

CLARAS_PASSWORD = {"de": "Grüße4Clara", "en": "£20 for Clara"}
FOLDER = {"de": "Projekt Faxablösung", "en": "Fax replacement project"}
SCHEDULE = {"de": "Zeitplan", "en": "Schedule"}
PROJECT_START = {"de": "Projektstart", "en": "Project start"}


@pytest.fixture(params=["de", "en"])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A Lab as the lessons start it."""
    with Lab("2016", lang=request.param) as started:
        yield started


def passes(lab: Lab, lesson: str) -> bool:
    """Tell whether the exercise is solved; the text must say the same in the reader's language."""
    verdict = lab.check(lesson)
    sign, said = repr(verdict).split(" ", 1)
    if sign != "–":  # nothing to check yet
        assert sign == ("✓" if verdict.passed else "✗")
        assert said.startswith((PASSED if verdict.passed else FAILED)[lab.lang])
    assert not verdict.passed or sign == "✓"
    assert len(said) > 30
    return verdict.passed


# -- lesson 01: fetch all three faxes and leave them on the server --------------------------------------


def test_lesson_01_the_solution_passes(lab: Lab) -> None:
    pop = fax(lab)
    for number in (1, 2, 3):
        pop.retr(number)
    pop.quit()
    assert passes(lab, "01")


def test_lesson_01_any_log_on_name_that_works_will_do(lab: Lab) -> None:
    pop = client(lab, r"muster\SVC-FAX\fax", "Faxe2026")
    for number in (3, 2, 1):
        pop.retr(number)
    pop.quit()
    assert passes(lab, "01")


def test_lesson_01_the_empty_exercise_fails(lab: Lab) -> None:
    assert not passes(lab, "01")
    poplib.POP3_SSL(lab.host, lab.tls_port, context=context(lab.ca_file), timeout=PATIENCE).close()
    assert not passes(lab, "01")


def test_lesson_01_a_log_on_alone_fails(lab: Lab) -> None:
    fax(lab).quit()
    assert not passes(lab, "01")


def test_lesson_01_two_faxes_are_too_few(lab: Lab) -> None:
    pop = fax(lab)
    pop.retr(1)
    pop.retr(3)
    pop.quit()
    assert not passes(lab, "01")


def test_lesson_01_the_header_is_not_the_fax(lab: Lab) -> None:
    pop = fax(lab)
    for number in (1, 2, 3):
        pop.top(number, 0)
    pop.quit()
    assert not passes(lab, "01")


def test_lesson_01_without_quit_it_is_not_over(lab: Lab) -> None:
    pop = fax(lab)
    for number in (1, 2, 3):
        pop.retr(number)
    assert not passes(lab, "01")
    pop.close()
    assert not passes(lab, "01")


def test_lesson_01_somebody_else_s_mail_does_not_count(lab: Lab) -> None:
    pop = client(lab, "anna@muster.example", "Sommer2026")
    for number in (1, 2, 3):
        pop.retr(number)
    pop.quit()
    assert not passes(lab, "01")


def test_lesson_01_commands_that_were_refused_do_not_count(lab: Lab) -> None:
    with Raw(lab.tls_port, tls=True) as raw:
        raw.send(b"USER svc-fax@muster.example\r\nPASS wrong\r\nRETR 1\r\nRETR 2\r\nRETR 3\r\nQUIT\r\n")
        assert raw.rest().count(b"-ERR") == 4
    assert not passes(lab, "01")


def test_lesson_01_deleting_a_fax_fails(lab: Lab) -> None:
    pop = fax(lab)
    for number in (1, 2, 3):
        pop.retr(number)
    pop.dele(2)
    pop.quit()
    assert not passes(lab, "01")


# -- lesson 02: move the schedule back to the Inbox, fetch it and leave it there ------------------------


def move_back(lab: Lab, *words: dict[str, str]) -> None:
    mailbox = lab.mailbox("anna")
    for message in mailbox.folders[FOLDER[lab.lang]]:
        if any(word[lab.lang] in message.subject for word in words):
            mailbox.move(message, "Inbox")


def anna(lab: Lab) -> poplib.POP3_SSL:
    return client(lab, "anna@muster.example", "Sommer2026")


def test_lesson_02_the_solution_passes(lab: Lab) -> None:
    move_back(lab, SCHEDULE)
    pop = anna(lab)
    pop.retr(11)
    pop.quit()
    assert passes(lab, "02")


def test_lesson_02_the_whole_inbox_will_do_as_well(lab: Lab) -> None:
    move_back(lab, SCHEDULE)
    pop = anna(lab)
    for number in range(1, 12):
        pop.retr(number)
    pop.quit()
    assert passes(lab, "02")


def test_lesson_02_the_empty_exercise_fails(lab: Lab) -> None:
    pop = anna(lab)
    pop.retr(1)
    pop.quit()  # what the lesson itself does before
    assert not passes(lab, "02")
    anna(lab).close()
    assert not passes(lab, "02")


def test_lesson_02_moving_alone_fails_and_so_does_the_header(lab: Lab) -> None:
    move_back(lab, SCHEDULE)
    assert not passes(lab, "02")
    pop = anna(lab)
    pop.top(11, 0)
    pop.retr(1)
    pop.quit()
    assert not passes(lab, "02")


def test_lesson_02_moving_the_whole_folder_fails(lab: Lab) -> None:
    move_back(lab, SCHEDULE, PROJECT_START)
    pop = anna(lab)
    pop.retr(11)
    pop.retr(12)
    pop.quit()
    assert not passes(lab, "02")


def test_lesson_02_without_quit_it_is_not_over(lab: Lab) -> None:
    first = anna(lab)
    first.retr(1)
    first.quit()
    move_back(lab, SCHEDULE)
    pop = anna(lab)
    pop.retr(11)
    pop.close()
    assert not passes(lab, "02")


@pytest.mark.parametrize("number", [1, 11])
def test_lesson_02_deleting_anything_fails(lab: Lab, number: int) -> None:
    move_back(lab, SCHEDULE)
    pop = anna(lab)
    pop.retr(11)
    pop.dele(number)
    pop.quit()
    assert not passes(lab, "02")


# -- lesson 05: delete the non-delivery report in Bernd's Inbox, and nothing else ----------------------


def delete(lab: Lab, *numbers: int) -> None:
    pop = bernd(lab)
    for number in numbers:
        pop.dele(number)
    pop.quit()


def test_lesson_05_the_solution_passes(lab: Lab) -> None:
    delete(lab, 2)
    assert passes(lab, "05")
    assert len(lab.mailbox("bernd.mueller").recoverable_items) == 1


def test_lesson_05_the_empty_exercise_fails(lab: Lab) -> None:
    assert not passes(lab, "05")
    bernd(lab).close()
    assert not passes(lab, "05")


@pytest.mark.parametrize("numbers", [(1,), (3,), (1, 3), (1, 2), (2, 3), (1, 2, 3)])
def test_lesson_05_deleting_the_wrong_mail_or_too_much_fails(lab: Lab, numbers: tuple[int, ...]) -> None:
    delete(lab, *numbers)
    assert not passes(lab, "05")


def test_lesson_05_deleting_without_quit_fails(lab: Lab) -> None:
    pop = bernd(lab)
    pop.dele(2)
    assert not passes(lab, "05")
    pop.close()
    assert not passes(lab, "05")


def test_lesson_05_a_mark_taken_back_fails(lab: Lab) -> None:
    pop = bernd(lab)
    pop.dele(2)
    pop.rset()
    pop.quit()
    assert not passes(lab, "05")


def test_lesson_05_too_much_first_and_the_rest_later_still_fails(lab: Lab) -> None:
    delete(lab, 1)
    delete(lab, 1)
    assert not passes(lab, "05")


# -- lesson 03: log Bernd on with a name that is valid, and fetch a message ------------------------------


def test_lesson_03_the_solution_passes(lab: Lab) -> None:
    pop = bernd(lab)
    pop.retr(1)
    pop.quit()
    assert passes(lab, "03")


def test_lesson_03_without_a_message_it_fails(lab: Lab) -> None:
    assert not passes(lab, "03")
    pop = bernd(lab)
    pop.top(1, 0)
    pop.quit()
    assert not passes(lab, "03")


def test_lesson_03_deleting_bernd_s_mail_fails(lab: Lab) -> None:
    pop = bernd(lab)
    pop.retr(1)
    pop.dele(2)
    pop.quit()
    assert not passes(lab, "03")


# -- lesson 04: log Clara on so that nobody can read her password ----------------------------------------


@pytest.fixture(params=["de", "en"])
def wired(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A Lab as lesson 04 starts it."""
    with Lab("2016", login_type="PlainTextLogin", lang=request.param, record=True) as started:
        yield started


def clara(lab: Lab, pop: poplib.POP3) -> poplib.POP3:
    pop.user("clara.weiss@muster.example")
    pop.pass_(CLARAS_PASSWORD[lab.lang])
    pop.retr(1)
    return pop


def secure(lab: Lab) -> poplib.POP3:
    return poplib.POP3_SSL(lab.host, lab.tls_port, context=context(lab.ca_file), timeout=PATIENCE)


def test_lesson_04_the_solution_passes_on_995(wired: Lab) -> None:
    clara(wired, secure(wired)).quit()
    assert passes(wired, "04")


def test_lesson_04_the_solution_passes_after_stls(wired: Lab) -> None:
    pop = poplib.POP3(wired.host, wired.port, timeout=PATIENCE)
    pop.stls(context(wired.ca_file))
    clara(wired, pop).quit()
    assert passes(wired, "04")


def test_lesson_04_the_empty_exercise_fails(wired: Lab) -> None:
    assert not passes(wired, "04")


def test_lesson_04_a_password_in_the_clear_fails_even_if_the_next_one_is_not(wired: Lab) -> None:
    clara(wired, poplib.POP3(wired.host, wired.port, timeout=PATIENCE)).quit()
    assert not passes(wired, "04")
    clara(wired, secure(wired)).quit()
    assert not passes(wired, "04")


def test_lesson_04_without_quit_it_is_not_over(wired: Lab) -> None:
    clara(wired, secure(wired)).close()
    assert not passes(wired, "04")


# -- lesson 09: log Bernd on by NTLM where the response must be bound to the TLS connection --------------


@pytest.fixture(params=["de", "en"])
def protected(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A Lab as lesson 09 starts it for its exercise."""
    with Lab("2016", extended_protection="Require", lang=request.param) as started:
        yield started


def by_ntlm(lab: Lab, *, bound: bool = True) -> poplib.POP3:
    """Log Bernd on by NTLM; a refusal raises `poplib.error_proto`."""
    pop = secure(lab)
    assert isinstance(pop.sock, ssl.SSLSocket)
    certificate = pop.sock.getpeercert(True)
    assert certificate
    binding = b"tls-server-end-point:" + hashlib.sha256(certificate).digest()
    ntlm = spnego.client(
        "bmueller@muster.example",
        "Winter ist kalt 7",
        protocol="ntlm",
        options=spnego.NegotiateOptions.use_ntlm,
        channel_bindings=GssChannelBindings(application_data=binding) if bound else None,
    )
    try:
        reply = say(pop, "AUTH NTLM")
        while reply.startswith(b"+ "):
            response = ntlm.step(base64.b64decode(reply[2:])) or b""
            reply = say(pop, base64.b64encode(response).decode())
    except poplib.error_proto:
        pop.close()
        raise
    return pop


def say(pop: poplib.POP3, line: str) -> bytes:
    """Send a line by the method of `poplib` that typeshed does not know, as the lessons do."""
    reply: bytes = pop._shortcmd(line)  # type: ignore[attr-defined]
    return reply


def test_lesson_09_the_solution_passes(protected: Lab) -> None:
    pop = by_ntlm(protected)
    pop.retr(1)
    pop.quit()
    assert passes(protected, "09")


def test_lesson_09_without_the_binding_bernd_is_refused(protected: Lab) -> None:
    with pytest.raises(poplib.error_proto):
        by_ntlm(protected, bound=False)
    assert not passes(protected, "09")


def test_lesson_09_the_empty_exercise_fails(protected: Lab) -> None:
    assert not passes(protected, "09")


def test_lesson_09_a_password_is_no_way_around_it(protected: Lab) -> None:
    pop = bernd(protected)
    pop.retr(1)
    pop.quit()
    assert not passes(protected, "09")


@pytest.mark.parametrize("line", ["AUTH PLAIN", "auth plain", "Auth Login"])
def test_lesson_09_nor_is_any_other_mechanism_that_hands_it_over(protected: Lab, line: str) -> None:
    other = secure(protected)
    assert say(other, line).startswith(b"+")
    other.close()
    pop = by_ntlm(protected)
    pop.retr(1)
    pop.quit()
    assert not passes(protected, "09")


def test_lesson_09_a_log_on_alone_fails(protected: Lab) -> None:
    by_ntlm(protected).quit()
    assert not passes(protected, "09")


def test_lesson_09_without_quit_it_is_not_over(protected: Lab) -> None:
    pop = by_ntlm(protected)
    pop.retr(1)
    assert not passes(protected, "09")
    pop.close()


# -- lesson 08: POP3 for the fax alone ------------------------------------------------------------------


def fetch_faxes(lab: Lab) -> None:
    pop = fax(lab)
    for number in (1, 2, 3):
        pop.retr(number)
    pop.quit()


def switch_off_all_but(lab: Lab, *kept: str) -> None:
    for account in lab.accounts:
        if account.alias not in kept:
            lab.shell.set_cas_mailbox(account.alias, pop_enabled=False)


def restart(lab: Lab) -> None:
    lab.shell.restart_service(["MSExchangePOP3", "MSExchangePOP3BE"])


@pytest.fixture
def clara_is_in(lab: Lab) -> Iterator[poplib.POP3_SSL]:
    """Clara is logged on, as the lesson has it."""
    pop = client(lab, "clara.weiss@muster.example", CLARAS_PASSWORD[lab.lang])
    yield pop
    pop.close()


@pytest.mark.usefixtures("clara_is_in")
def test_lesson_08_the_solution_passes(lab: Lab) -> None:
    switch_off_all_but(lab, "fax")
    restart(lab)
    fetch_faxes(lab)
    assert passes(lab, "08")


@pytest.mark.usefixtures("clara_is_in")
def test_lesson_08_the_order_does_not_matter(lab: Lab) -> None:
    fetch_faxes(lab)
    restart(lab)
    switch_off_all_but(lab, "fax")
    assert passes(lab, "08")


@pytest.mark.usefixtures("clara_is_in")
def test_lesson_08_the_empty_exercise_fails(lab: Lab) -> None:
    assert not passes(lab, "08")


@pytest.mark.usefixtures("clara_is_in")
@pytest.mark.parametrize("forgotten", ["anna", "info"])
def test_lesson_08_one_mailbox_is_easily_forgotten(lab: Lab, forgotten: str) -> None:
    switch_off_all_but(lab, "fax", forgotten)
    restart(lab)
    fetch_faxes(lab)
    assert not passes(lab, "08")


@pytest.mark.usefixtures("clara_is_in")
def test_lesson_08_an_open_session_is_easily_forgotten(lab: Lab) -> None:
    switch_off_all_but(lab, "fax")
    fetch_faxes(lab)
    assert not passes(lab, "08")


@pytest.mark.usefixtures("clara_is_in")
def test_lesson_08_the_fax_has_to_work(lab: Lab) -> None:
    switch_off_all_but(lab)
    restart(lab)
    assert not passes(lab, "08")
    lab.shell.set_cas_mailbox("fax", pop_enabled=True)
    assert not passes(lab, "08")


def test_lesson_08_mail_that_is_deleted_fails(lab: Lab, clara_is_in: poplib.POP3_SSL) -> None:
    switch_off_all_but(lab, "fax")
    clara_is_in.dele(1)
    clara_is_in.quit()
    fetch_faxes(lab)
    assert not passes(lab, "08")


# -- lesson 10: repair Clara's mail program so that no attacker gets her password ------------------------


def unsafe(server: Lab | Attacker, lab: Lab) -> None:
    """As the notebook has it: TLS if it is offered, and with anybody."""
    pop = poplib.POP3(server.host, server.port, timeout=PATIENCE)
    if "STLS" in pop.capa():
        pop.stls()
    clara(lab, pop).quit()


def trusting(server: Lab | Attacker, lab: Lab) -> None:
    clara(lab, poplib.POP3_SSL(server.host, server.tls_port, timeout=PATIENCE)).quit()


def falling_back(server: Lab | Attacker, lab: Lab) -> None:
    pop = poplib.POP3(server.host, server.port, timeout=PATIENCE)
    if "STLS" in pop.capa():
        pop.stls(context(lab.ca_file))
    clara(lab, pop).quit()


def repaired(server: Lab | Attacker, lab: Lab) -> None:
    clara(
        lab, poplib.POP3_SSL(server.host, server.tls_port, context=context(lab.ca_file), timeout=PATIENCE)
    ).quit()


def strict(server: Lab | Attacker, lab: Lab) -> None:
    pop = poplib.POP3(server.host, server.port, timeout=PATIENCE)
    try:
        pop.stls(context(lab.ca_file))
        clara(lab, pop).quit()
    finally:
        pop.close()


def timid(server: Lab | Attacker, _: Lab) -> None:
    raise ssl.SSLError(f"better not {server.host}")


def in_a_hurry(server: Lab | Attacker, lab: Lab) -> None:
    clara(
        lab, poplib.POP3_SSL(server.host, server.tls_port, context=context(lab.ca_file), timeout=PATIENCE)
    ).close()


@pytest.mark.parametrize(
    ("fetch", "solved"),
    [
        (repaired, True),
        (strict, True),
        (unsafe, False),
        (trusting, False),
        (falling_back, False),
        (timid, False),
        (in_a_hurry, False),
    ],
)
def test_lesson_10_passes_if_clara_is_served_and_the_attacker_is_not(
    lab: Lab, fetch: Callable[[Lab | Attacker, Lab], None], solved: bool
) -> None:
    with Attacker(lab) as mallory:
        for server in (mallory, lab):
            with contextlib.suppress(ssl.SSLError, poplib.error_proto):
                fetch(server, lab)
    assert passes(lab, "10") is solved


def test_lesson_10_without_an_attacker_nothing_is_proved(lab: Lab) -> None:
    assert not passes(lab, "10")
    repaired(lab, lab)
    assert not passes(lab, "10")


# -- lesson 07: fetch the faxes with the application's own token --------------------------------------------

FAX_APP = "7e4a47a0-0000-4000-8000-0000000000fa"


@pytest.fixture(params=["de", "en"])
def online(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A Lab as lesson 07 starts it."""
    with Lab("online", issuer=True, lang=request.param) as started:
        yield started


def show(pop: poplib.POP3, lab: Lab, holder: str, user: str) -> None:
    text = f"user={user}\1auth=Bearer {lab.issuer.issue(holder)}\1\1"
    for line in ("AUTH XOAUTH2", base64.b64encode(text.encode()).decode()):
        pop._shortcmd(line)  # type: ignore[attr-defined]


def by_token(lab: Lab, holder: str, user: str) -> poplib.POP3:
    pop = secure(lab)
    show(pop, lab, holder, user)
    return pop


def fetch(pop: poplib.POP3, *numbers: int) -> poplib.POP3:
    for number in numbers:
        pop.retr(number)
    return pop


def test_lesson_07_the_solution_passes(online: Lab) -> None:
    fetch(by_token(online, FAX_APP, "fax@muster.example"), 1, 2, 3).quit()
    assert passes(online, "07")


def test_lesson_07_the_empty_exercise_fails_even_after_a_log_on(online: Lab) -> None:
    assert not passes(online, "07")
    by_token(online, FAX_APP, "fax@muster.example").quit()  # the lesson does that, too
    assert not passes(online, "07")


def test_lesson_07_two_faxes_are_too_few(online: Lab) -> None:
    fetch(by_token(online, FAX_APP, "fax@muster.example"), 1, 2).quit()
    assert not passes(online, "07")


def test_lesson_07_without_quit_it_is_not_over(online: Lab) -> None:
    by_token(online, FAX_APP, "fax@muster.example").quit()
    fetch(by_token(online, FAX_APP, "fax@muster.example"), 1, 2, 3).close()
    assert not passes(online, "07")
    fetch(by_token(online, FAX_APP, "fax@muster.example"), 1).quit()
    assert passes(online, "07")


def test_lesson_07_somebody_else_s_mail_does_not_count(online: Lab) -> None:
    fetch(by_token(online, "anna@muster.example", "anna@muster.example"), 1, 2, 3).quit()
    assert not passes(online, "07")


def test_lesson_07_deleting_a_fax_fails(online: Lab) -> None:
    pop = fetch(by_token(online, FAX_APP, "fax@muster.example"), 1, 2, 3)
    pop.dele(2)
    pop.quit()
    assert not passes(online, "07")


def test_lesson_07_the_token_of_a_user_is_not_the_application_s(online: Lab) -> None:
    fetch(by_token(online, "svc-fax@muster.example", "fax@muster.example"), 1, 2, 3).quit()
    assert not passes(online, "07")
    fetch(by_token(online, FAX_APP, "fax@muster.example"), 1).quit()
    assert passes(online, "07")


def test_lesson_07_the_application_s_token_must_have_been_accepted(online: Lab) -> None:
    pop = secure(online)
    with pytest.raises(poplib.error_proto):
        show(pop, online, FAX_APP, "anna@muster.example")
    show(pop, online, "svc-fax@muster.example", "fax@muster.example")
    fetch(pop, 1, 2, 3).quit()
    assert not passes(online, "07")


def test_lesson_07_a_password_is_no_token(lab: Lab) -> None:
    fetch(fax(lab), 1, 2, 3).quit()  # on a server that still takes one
    assert not passes(lab, "07")


# -- lesson 06: bring back one message of Clara's, which only her own computer still has -----------------

PRIVATE = b"Message-ID: <private@muster.example>\r\nSubject: private\r\n\r\n"


def accident(lab: Lab) -> list[bytes]:
    """Let Clara's POP3 program delete two of three messages, 20 days ago; return its copies of all three."""
    box = lab.mailbox("cweiss")
    box.deliver(PRIVATE)
    copies = [message.raw() for message in box.inbox]
    pop = client(lab, "clara.weiss@muster.example", CLARAS_PASSWORD[lab.lang])
    pop.dele(2)
    pop.dele(3)
    pop.quit()
    lab.fast_forward(days=20)
    return copies


def put_back(lab: Lab, content: bytes, date: str = "2026-11-09T06:00:00+01:00") -> None:
    """Do what APPEND does, without a server for it."""
    lab.mailbox("cweiss").deliver(content, "Inbox", received=datetime.fromisoformat(date))


def test_lesson_06_the_solution_passes(lab: Lab) -> None:
    _, report, _ = accident(lab)
    put_back(lab, report)
    assert passes(lab, "06")


def test_lesson_06_the_empty_exercise_fails(lab: Lab) -> None:
    assert not passes(lab, "06")  # nothing has been deleted
    accident(lab)
    assert not passes(lab, "06")


def test_lesson_06_what_was_kept_on_the_server_is_of_no_use_after_20_days(lab: Lab) -> None:
    accident(lab)
    lab.recover_deleted_items("cweiss")
    lab.shell.restore_recoverable_items("cweiss")
    assert not passes(lab, "06")


@pytest.mark.parametrize("numbers", [(0,), (2,), (0, 1), (1, 1), (1, 2), (0, 1, 2)])
def test_lesson_06_too_much_too_little_or_the_wrong_message_fails(lab: Lab, numbers: tuple[int, ...]) -> None:
    copies = accident(lab)
    for number in numbers:
        put_back(lab, copies[number])
    assert not passes(lab, "06")


def test_lesson_06_the_report_elsewhere_or_with_today_s_date_fails(lab: Lab) -> None:
    _, report, _ = accident(lab)
    lab.mailbox("cweiss").deliver(report, "Deleted Items")
    assert not passes(lab, "06")
    put_back(lab, report, "2026-12-13T08:00:00+00:00")
    assert not passes(lab, "06")
