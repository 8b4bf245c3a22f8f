"""Whatever crosses the wire: transcript, explanation and log are lines of text, and hold no secret."""

import base64
import csv
import struct
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minipop.protocol import Session
from minipop.wire import ProtocolLog, Transcript
from minipop.wire.unfold import unfold_challenge, unfold_response
from tests.exchange.muster import policy
from tests.properties import examples
from tests.support import drain, send

NTLM = b"NTLMSSP\0"
TLV = st.recursive(
    st.builds(
        lambda tag, content: bytes([tag, len(content)]) + content, st.integers(0, 255), st.binary(max_size=8)
    ),
    lambda inner: st.builds(
        lambda tag, content: bytes([tag, len(content) & 0x7F]) + content,
        st.sampled_from([0x30, 0x60, 0x61, 0x6E, 0xA0, 0xA1, 0xA2, 0xA3, 0x06, 0x02]),
        st.lists(inner, max_size=4).map(b"".join),
    ),
    max_leaves=8,
)
MESSAGES = st.one_of(
    st.binary(max_size=120),
    st.builds(
        lambda kind, rest: NTLM + struct.pack("<I", kind) + rest, st.integers(0, 4), st.binary(max_size=120)
    ),
    st.builds(
        lambda name, token: b"user=" + name + b"\x01auth=Bearer " + token + b"\x01\x01", *[st.binary()] * 2
    ),
    TLV,
)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "NTLM", "GSSAPI", "XOAUTH2", "X"])
def test_whatever_is_unfolded_comes_out_as_short_lines(mechanism: str) -> None:
    @examples(250)
    @given(st.integers(0, 3), MESSAGES)
    @example(0, NTLM)
    @example(0, b"\x60" + b"\x84" + b"\xff" * 4)
    @example(0, b"\x60\x80" * 5_000)
    @example(1, "\u202e\x1b[2J\u2028".encode())
    def check(step: int, message: bytes) -> None:
        for unfolded in (
            unfold_response(mechanism, step, message),
            unfold_challenge(mechanism, step, message),
        ):
            assert unfolded.label.isprintable()
            assert len(unfolded.label) <= 80
            for name, value in unfolded.fields:
                assert f"{name}{value}".isprintable()
                assert len(value) <= 1_000

    check()


#: What a client must not be able to write: an end of a line, whatever moves a cursor or turns the direction.
EVIL = st.sampled_from(
    [
        *("\r", "\n", "\x0b", "\x1b[2J", "\x9b2J", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff"),
        '"',
        ",",
        "=1",
    ]
)
TEXTS = st.lists(st.one_of(EVIL, st.text(max_size=8)), max_size=6).map("".join).map("n{}".format)


def b64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


#: Ways in which a stranger's text comes: what is said with that text, and with the secret.
WAYS = [
    "USER {0}\r\nPASS {1}\r\n",
    "USER anna\r\nPASS {1}\r\n{0}\r\n",
    "AUTH PLAIN\r\n{2}\r\n",
    "AUTH LOGIN\r\n{3}\r\n{4}\r\n",
    "AUTH LOGIN {3}\r\n{4}\r\n",
    "APOP {0}\r\nAPOP n {1}\r\n",
    "{0}\r\nRETR {0}\r\nAUTH {0}\r\nTOP 1 {0}\r\n",
]
SECRET = "Geheimnis7"


@pytest.mark.slow
@examples(300)
@given(TEXTS, st.lists(st.sampled_from(WAYS), min_size=1, max_size=3))
def test_no_line_of_a_transcript_or_a_log_is_the_clients_own_and_none_holds_a_secret(
    text: str, ways: list[str]
) -> None:
    transcript = Transcript()
    log = ProtocolLog(lambda: datetime(2026, 3, 2, tzinfo=UTC))
    observer = log.begin("127.0.0.1", "127.0.0.1", tls=False)
    session = Session(policy("2016", "PlainTextLogin"), observers=[transcript.begin(tls=False), observer])
    drain(session)
    for way in ways:
        said = way.format(text, SECRET, b64(f"\0{text}\0{SECRET}"), b64(text), b64(SECRET))
        send(session, said.encode("utf-8", "replace"))
    session.connection_lost()
    lines = transcript[0].lines
    assert all(line.isprintable() for line in lines)
    assert SECRET not in str(transcript)
    assert b64(SECRET) not in str(transcript)
    html = transcript[0].explain().html()
    assert SECRET not in html
    assert all(c.isprintable() or c == "\n" for c in html)
    first, *rows = str(log).split("\n")
    assert first.startswith("#Fields: date-time,")
    assert SECRET not in str(log)
    assert all(row.isprintable() for row in rows)
    read = list(csv.reader(rows[:-1]))
    assert all(len(row) == 9 for row in read)
    assert [row[3] for row in read] == [str(number) for number in range(len(read))]
