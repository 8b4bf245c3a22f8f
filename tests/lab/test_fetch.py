"""Every sample message through `poplib`, byte for byte as it lies in the folder, over 110, STLS and 995."""

import poplib
from pathlib import Path

import pytest

from tests.lab.conftest import LogOn

MAIL = Path(__file__).parents[2] / "src" / "minipop" / "lab" / "world" / "mail" / "en"

#   alias           log-on name                  password              messages in its Inbox
MAILBOXES = {
    "anna": ("anna@muster.example", "Sommer2026", 10),
    "bernd.mueller": ("bmueller@muster.example", "Winter ist kalt 7", 3),
    "cweiss": ("clara.weiss@muster.example", "£20 for Clara", 2),
    "fax": ("svc-fax@muster.example", "Faxe2026", 3),
    "info": (r"MUSTER\anna\info", "Sommer2026", 2),
}


def stored(alias: str) -> list[bytes]:
    return [file.read_bytes() for file in sorted((MAIL / alias / "Inbox").glob("*.eml"))]


@pytest.mark.parametrize("over", ["110", "STLS", "995"])
@pytest.mark.parametrize("alias", MAILBOXES)
def test_every_message_arrives_byte_for_byte_as_stored(log_on: LogOn, alias: str, over: str) -> None:
    user, password, count = MAILBOXES[alias]
    pop = log_on(user, password, over)
    messages = stored(alias)
    assert len(messages) == count
    assert pop.stat() == (count, sum(map(len, messages)))
    assert pop.list()[1] == [b"%d %d" % (n, len(text)) for n, text in enumerate(messages, 1)]
    for number, text in enumerate(messages, 1):
        _, lines, octets = pop.retr(number)
        assert b"".join(line + b"\r\n" for line in lines) == text
        assert octets == len(text)  # poplib counts the octets, dots undone
    pop.quit()


@pytest.mark.parametrize("over", ["110", "STLS", "995"])
@pytest.mark.parametrize("alias", MAILBOXES)
def test_top_gives_the_header_and_any_number_of_lines(log_on: LogOn, alias: str, over: str) -> None:
    user, password, _ = MAILBOXES[alias]
    pop = log_on(user, password, over)
    for number, text in enumerate(stored(alias), 1):
        lines = text.removesuffix(b"\r\n").split(b"\r\n")
        header = lines.index(b"") + 1
        body = len(lines) - header
        few = body <= 150
        for wanted in range(body + 3) if few else (0, 1, 100, body // 2, body - 1, body, body + 1):
            assert pop.top(number, wanted)[1] == lines[: header + wanted], f"TOP {number} {wanted}"


def test_only_the_inbox_is_visible(log_on: LogOn) -> None:
    pop = log_on()
    texts = [b"".join(line + b"\r\n" for line in pop.retr(n)[1]) for n in range(1, pop.stat()[0] + 1)]
    for folder in ("Sent Items", "Deleted Items", "Fax replacement project"):
        for file in (MAIL / "anna" / folder).glob("*.eml"):
            assert file.read_bytes() not in texts


def test_the_unique_ids_are_the_same_in_the_next_session_and_for_what_is_left(log_on: LogOn) -> None:
    first = log_on()
    before = first.uidl()[1]
    first.dele(1)
    first.quit()
    after = log_on().uidl()[1]
    assert [line.split()[1] for line in after] == [line.split()[1] for line in before[1:]]


def test_dora_is_refused_with_the_right_password(log_on: LogOn) -> None:
    with pytest.raises(poplib.error_proto, match="Logon failure: unknown user name or bad password"):
        log_on("dora@muster.example", "Herbst2026", "995")
