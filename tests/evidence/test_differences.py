"""minipop (rfc) and Dovecot answer the same sessions alike, but for what docs/differences.yml explains.

Here the first of the sessions are played, and it is tried whether the comparison sees what is wrong;
`make evidence` plays all of them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import pytest

from evidence import dovecot, record
from evidence.differential import findings, running
from evidence.differential.comparison import Difference
from evidence.differential.dialogue import Reply, verb
from evidence.differential.explained import Explanations
from evidence.differential.running import Both
from evidence.differential.sessions import SESSIONS, session

#: How many sessions are played.
FIRST = 300


@pytest.fixture(scope="module")
def played() -> Sequence[Both]:
    """What both servers made of the first sessions."""
    if not dovecot.installed():
        pytest.skip(dovecot.ABSENT)
    with running.servers() as both:
        return running.play(*both, range(FIRST))


@pytest.fixture(scope="module")
def found(played: Sequence[Both]) -> findings.Found:
    """What the comparison found."""
    return findings.compare(played)


def test_every_difference_is_explained(found: findings.Found) -> None:
    assert found.unexplained == []


def test_enough_is_compared_before_a_session_parts(found: findings.Found) -> None:
    assert found.lines > 2_500
    on_record = record.load("differences")
    assert on_record["sessions"] == SESSIONS == 3_000
    assert on_record["lines"] > 25_000


def test_messages_were_deleted_and_left(played: Sequence[Both]) -> None:
    """A comparison of mailboxes in which nothing happens would say nothing."""
    visits = [visit for _, ours, _ in played for visit in ours]
    assert sum(visit.after != visit.before for visit in visits) > 20
    assert sum(visit.after == visit.before != () for visit in visits) > 20


# -- the comparison sees what is wrong ------------------------------------------------------------


def last_deletion_refused(reply: Reply) -> None:
    reply.status = "-ERR"


def a_line_more(reply: Reply) -> None:
    reply.body = (reply.body or b"") + b"one more\r\n"


def an_octet_more(reply: Reply) -> None:
    count, octets = reply.text.split()[:2]
    reply.text = f"{count} {int(octets) + 1}"


def a_message_less(reply: Reply) -> None:
    reply.body = (reply.body or b"").partition(b"\r\n")[2]


def another_uid(reply: Reply) -> None:
    reply.body = (reply.body or b"").replace(b"\r\n", b"0\r\n", 1)


@pytest.mark.parametrize(
    ("keyword", "break_it", "aspect"),
    [
        ("DELE", last_deletion_refused, "status"),
        ("TOP", a_line_more, "content"),
        ("RETR", a_line_more, "content"),
        ("STAT", an_octet_more, "octets"),
        ("LIST", a_message_less, "numbers"),
        ("UIDL", a_message_less, "numbers"),
        ("UIDL", another_uid, "uids"),
        ("CAPA", a_line_more, "words"),
    ],
)
def test_a_wrong_answer_is_no_difference_that_is_explained(
    played: Sequence[Both], keyword: str, break_it: Callable[[Reply], None], aspect: str
) -> None:
    wrong = copy.deepcopy(played)
    replies = [
        reply
        for said, ours, _ in wrong
        for visit, mine in zip(said.visits, ours, strict=True)
        for line, reply in zip(visit.lines, mine.replies[1:], strict=False)
        if verb(line) == keyword and reply.status == "+OK" and (keyword in ("DELE", "STAT") or reply.body)
    ]
    assert len(replies) > 10
    for reply in replies[5:]:  # whichever comes before its session parts
        break_it(reply)
    assert aspect in {difference.aspect for _, difference in findings.compare(wrong).unexplained}


def test_a_message_that_is_gone_on_one_side_alone_is_seen(played: Sequence[Both]) -> None:
    wrong = copy.deepcopy(played)
    for _, ours, _ in wrong:
        ours[-1].after = ()
    assert "mailbox" in {difference.aspect for _, difference in findings.compare(wrong).unexplained}


# -- the explanations are narrow ------------------------------------------------------------------

ENTRIES = {
    "spaces": {"when": {"state": "TRANSACTION", "line": "LIST +", "minipop": "+OK", "dovecot": "-ERR"}}
}
SHOWN = Difference("TRANSACTION", "+OK STAT", 0, "list ", "status", "+OK", "-ERR")


@pytest.mark.parametrize(
    ("difference", "name"),
    [
        (SHOWN, "spaces"),
        (Difference("TRANSACTION", "+OK STAT", 0, "LIST", "status", "+OK", "-ERR"), ""),
        (Difference("AUTHORIZATION", "+OK STAT", 0, "LIST ", "status", "+OK", "-ERR"), ""),
        (Difference("TRANSACTION", "+OK STAT", 0, "LIST ", "status", "-ERR", "+OK"), ""),
        (Difference("TRANSACTION", "+OK STAT", 0, "LIST ", "numbers", "+OK", "-ERR"), ""),
    ],
)
def test_an_explanation_holds_for_its_own_differences_alone(difference: Difference, name: str) -> None:
    explanations = Explanations(ENTRIES)
    assert explanations.of(difference) == name
    assert not explanations.goes_on(difference)


def test_a_session_is_the_same_each_time_and_no_two_are() -> None:
    assert session(17, 0) == session(17, 0)
    assert len({str(session(number, 0)) for number in range(200)}) > 195
