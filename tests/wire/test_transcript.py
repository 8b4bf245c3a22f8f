"""The transcript: the dialogue as ``C:`` and ``S:`` lines, in both languages, with nothing secret in it."""

import pytest

from minipop.protocol import Session
from minipop.wire import Transcript
from tests.support import FakeMaildrop, FakeMessage, FakePolicy, drain, send, three_messages


def watched(
    policy: FakePolicy | None = None, lang: str = "en", *, tls: bool = False
) -> tuple[Session, Transcript]:
    transcript = Transcript(lang)
    session = Session(policy or FakePolicy(), tls=tls, observers=[transcript.begin(tls)])
    drain(session)
    return session, transcript


def test_a_session_reads_as_it_was_spoken() -> None:
    session, transcript = watched()
    send(session, b"user mrose\r\nPASS secret\r\nLIST\r\nRETR 1\r\nTOP 2 0\r\nDELE 9\r\n\r\nQUIT\r\n")
    assert str(transcript).splitlines() == [
        "Session 1, port 110",
        "S: +OK minipop POP3 server ready",
        "C: USER mrose",
        "S: +OK",
        "C: PASS ********",
        "S: +OK Maildrop has 3 messages (365 octets)",
        "C: LIST",
        "S: +OK 3 messages (365 octets)",
        "S: 1 120",
        "S: 2 200",
        "S: 3 45",
        "S: .",
        "C: RETR 1",
        "S: +OK 120 octets",
        "S: (content left out, 21 bytes)",
        "S: .",
        "C: TOP 2 0",
        "S: +OK",
        "S: (content left out, 16 bytes)",
        "S: .",
        "C: DELE 9",
        "S: -ERR DELE: there is no message 9; the maildrop has 3.",
        "C: ",
        "S: -ERR Unknown command.",
        "C: QUIT",
        "S: +OK minipop POP3 server signing off",
    ]


def test_it_speaks_german_around_the_lines() -> None:
    large = FakePolicy(FakeMaildrop([FakeMessage(b"x" * 1_234_565 + b"\r\n")]))
    session, transcript = watched(large, "de", tls=True)
    send(session, b"USER mrose\r\nPASS secret\r\nRETR 1\r\n")
    session.connection_lost()
    lines = str(transcript).splitlines()
    assert lines[0] == "Sitzung 1, Port 995 (TLS)"
    assert "S: (Inhalt ausgelassen, 1.234.567 Bytes)" in lines
    assert lines[-1] == "   (Verbindung ohne QUIT beendet)"


def test_english_groups_thousands_by_commas() -> None:
    session, transcript = watched(FakePolicy(FakeMaildrop([FakeMessage(b"x" * 1_234_565 + b"\r\n")])))
    send(session, b"USER mrose\r\nPASS secret\r\nRETR 1\r\n")
    assert "S: (content left out, 1,234,567 bytes)" in str(transcript).splitlines()


def test_the_start_of_tls_is_marked() -> None:
    session, transcript = watched()
    send(session, b"STLS\r\n")
    session.tls_established()
    send(session, b"QUIT\r\n")
    assert transcript[0].lines[2:5] == [
        "S: +OK Begin TLS negotiation.",
        "   (encrypted from here on)",
        "C: QUIT",
    ]


def test_a_session_that_ended_with_quit_is_not_called_lost() -> None:
    session, transcript = watched()
    send(session, b"QUIT\r\n")
    session.connection_lost()
    assert "without QUIT" not in str(transcript)


def test_a_line_that_is_too_long_reads_the_same_however_it_arrived() -> None:
    texts = set()
    for cut in (1, 255, 256, 257, 5_000, 10_001):
        session, transcript = watched()
        data = b"X" * 10_000 + b"\r\nQUIT\r\n"
        send(session, data[:cut])
        send(session, data[cut:])
        texts.add(str(transcript))
    assert len(texts) == 1


def test_a_line_of_a_stranger_cannot_forge_lines_or_control_the_terminal() -> None:
    session, transcript = watched()
    send(session, "USER a\rS: +OK\x1b[2J\x00\u2028\u202e\r\n".encode())
    send(session, b"USER \xff\xfe\r\n")
    for line in transcript[0].lines:
        assert line.isprintable()
        assert line.startswith(("C: ", "S: "))


def test_conversations_are_numbered_and_copied_as_they_are_now() -> None:
    transcript = Transcript("en")
    first = transcript.begin(False)
    first.line("C", "STAT")
    copy = transcript.copy()
    first.line("S", "+OK")
    transcript.begin(True)
    assert (len(copy), copy[0].lines) == (1, ["C: STAT"])
    assert [c.title for c in transcript] == ["Session 1, port 110", "Session 2, port 995 (TLS)"]
    assert transcript[-1].title == transcript[1:][0].title
    assert repr(transcript) == str(transcript)


# -- secrets ------------------------------------------------------------------------------------------

# Typed by hand: base64 of NUL mrose NUL Winter ist kalt 7, and of its two parts.
PLAIN = "AG1yb3NlAFdpbnRlciBpc3Qga2FsdCA3"
NAME, PASSWORD = "bXJvc2U=", "V2ludGVyIGlzdCBrYWx0IDc="

SECRETS = ["Winter", "ist", "kalt", "7", PLAIN, PASSWORD]

#   what the client sends            what the transcript shows of it
MASKED = {
    "PASS Winter ist kalt 7": "PASS ********",
    "pass Winter ist kalt 7": "PASS ********",
    "PASS  Winter ist kalt 7": "PASS ********",
    "PASS Winter ist kalt 7\0": "PASS ********",
    f"AUTH PLAIN {PLAIN}": "AUTH PLAIN ********",
    f"auth plain {PLAIN}": "AUTH plain ********",
    f"AUTH  PLAIN  {PLAIN}": None,
    f"AUTH PLAIN {PLAIN} {PASSWORD}": "AUTH PLAIN ********",
    f"AUTH {PLAIN}": None,
    "AUTH Winter": None,
    "AUTH PLAIN Winter ist kalt 7": "AUTH PLAIN ********",
    "APOP mrose c4c9334bac560ecc979e58001b3e22fb": "APOP mrose ********",
    "APOP mrose Winter ist kalt 7": "APOP mrose ********",
    "Winter ist kalt 7": None,
    "winter": None,
    "WINTER": None,
    " Winter ist kalt 7": None,
    "PASSWinter ist kalt 7": None,
    "PASS:Winter ist kalt 7": None,
    "PASS\tWinter ist kalt 7": None,
    "PASSWORD Winter ist kalt 7": None,
    PLAIN: None,
    PASSWORD: None,
    f"LOGIN mrose {PASSWORD}": None,
    "XTND Winter ist kalt 7": None,
}


@pytest.mark.parametrize(("line", "shown"), MASKED.items(), ids=repr)
@pytest.mark.parametrize("before", ["", "USER mrose\r\n"], ids=["at once", "after USER"])
def test_no_password_gets_into_the_transcript(line: str, shown: str | None, before: str) -> None:
    session, transcript = watched()
    replies = send(session, before.encode() + line.encode() + b"\r\n").decode()
    text = "\n".join(transcript[0].lines[1:])
    for secret in SECRETS:
        assert secret.lower() not in text.lower()
        assert secret.lower() not in replies.lower()
    if shown is not None:
        assert any(line.startswith(f"C: {shown}") for line in transcript[0].lines)


def test_a_command_that_somebody_mistyped_can_still_be_recognized() -> None:
    session, transcript = watched()
    send(session, b"STTA\r\nRTR 1\r\n")
    assert "C: STTA" in transcript[0].lines
    assert "C: RTR ********" in transcript[0].lines


@pytest.mark.parametrize(
    "lines",
    [
        ["AUTH PLAIN", PLAIN],
        ["AUTH LOGIN", NAME, PASSWORD],
        [f"AUTH LOGIN {NAME}", PASSWORD],
        ["AUTH LOGIN", NAME, "Winter ist kalt 7"],
        ["AUTH PLAIN", "Winter ist kalt 7"],
        ["AUTH PLAIN", "*", PLAIN],
        ["AUTH LOGIN", "*", "Winter ist kalt 7"],
        ["AUTH PLAIN", "!", PLAIN],
        ["USER mrose", "", "Winter ist kalt 7"],
    ],
)
def test_no_continuation_line_gets_into_the_transcript(lines: list[str]) -> None:
    session, transcript = watched(FakePolicy(password="Winter ist kalt 7"))
    for line in lines:
        send(session, line.encode() + b"\r\n")
    text = "\n".join(transcript[0].lines[1:])
    for secret in SECRETS[:3] + SECRETS[4:]:
        assert secret.lower() not in text.lower()


def test_neither_session_nor_policy_objects_hold_the_password_of_a_finished_log_on() -> None:
    session, _ = watched(FakePolicy(three_messages(), password="Winter ist kalt 7"))
    send(session, b"USER mrose\r\nPASS Winter ist kalt 7\r\n")
    session._policy = session._context.rules = (
        FakePolicy()
    )  # the account's own password stands in the other one
    assert "Winter" not in str(vars(session))


# -- where TLS is only assumed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "noted"),
    [
        ("de", "   (TLS ist ab hier nur angenommen: Die Bytes auf der Leitung sind nicht verschlüsselt)"),
        ("en", "   (TLS is only assumed from here on: the bytes on the wire are not encrypted)"),
    ],
)
def test_a_session_whose_tls_is_only_assumed_says_so_where_it_begins(lang: str, noted: str) -> None:
    transcript = Transcript(lang, encrypts=lambda: False)
    on_995, on_110 = transcript.begin(tls=True), transcript.begin(tls=False)
    on_110.line("S", "+OK Begin TLS negotiation.", "begin_tls")
    on_110.tls_established()
    assert on_995.lines == [noted]
    assert on_110.lines == ["S: +OK Begin TLS negotiation.", noted]
    assert transcript.copy()[0].lines == [noted]


def test_whether_tls_is_real_is_asked_once_there_is_tls() -> None:
    asked: list[str] = []

    def encrypts() -> bool:
        asked.append("asked")
        return True

    transcript = Transcript("en", encrypts=encrypts)
    on_110 = transcript.begin(tls=False)
    on_110.line("C", "CAPA", "CAPA")
    assert asked == []
    on_110.tls_established()
    assert asked == ["asked"]
    assert transcript.begin(tls=True).lines == []
    assert on_110.lines == ["C: CAPA", "   (encrypted from here on)"]
