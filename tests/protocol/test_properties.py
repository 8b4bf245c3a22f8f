"""Whatever a client sends: the dialogue does not depend on packets, and every reply is one by the RFC."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evidence.replies import read, unstuffed
from minipop.protocol import COMMANDS, Session, State
from minipop.protocol.grammar import ArgumentError, parse, split_keyword
from minipop.protocol.masking import shown
from minipop.protocol.multiline import crlf, octets, stuffed, top
from tests import known
from tests.properties import CUTS, examples, pieces
from tests.support import FakeMaildrop, FakeMessage, FakePolicy, drain, send

# -- sessions -----------------------------------------------------------------------------------------

MESSAGES = (
    b"Subject: one\r\n\r\none\r\n",
    b"Subject: dots\r\n\r\n.\r\n..\r\n.dot\r\nno end",
    b"Subject: bare\n\nlines\nof Unix\n",
    b"",
    b"no header\r",
)

ARGUMENTS = [
    *(b"1", b"2", b"3", b"4", b"5", b"6", b"0", b"-1", b"99", b"01", b"9" * 30, b"1 0", b"2 1", b"3 99"),
    *(b"mrose", b"secret", b"PLAIN", b"LOGIN", b"PLAIN AG1yb3NlAHNlY3JldA==", b"LOGIN bXJvc2U=", b"PLAIN ="),
    *(b"", b" ", b"1 2 3", b"\xff\xfe", b"\0", "Müller".encode(), b"x" * 300),
]

#: Lines that bring a session on: into the maildrop, and into a dialogue.
WAYS_IN = [
    *([b"USER mrose", b"PASS secret"], [b"AUTH PLAIN", b"AG1yb3NlAHNlY3JldA=="]),
    *([b"AUTH LOGIN", b"bXJvc2U=", b"c2VjcmV0"], [b"AUTH PLAIN AG1yb3NlAHNlY3JldA=="]),
    *([b"USER mrose", b"PASS wrong"], [b"AUTH LOGIN", b"*"], [b"AUTH PLAIN", b"!"], []),
]


def commands() -> st.SearchStrategy[bytes]:
    """Return lines that begin as a command does, some of them right."""
    verbs = st.sampled_from([*sorted(COMMANDS), "XTND", "Retr", "quit"]).map(str.encode)
    arguments = st.one_of(st.sampled_from(ARGUMENTS), st.binary(max_size=40))
    return st.one_of(verbs, st.builds(lambda verb, rest: verb + b" " + rest, verbs, arguments))


def lines() -> st.SearchStrategy[list[bytes]]:
    """Return what a client might say, without ends of lines: sense and nonsense."""
    edges = st.sampled_from([b"x" * length for length in (252, 253, 254, 255, 256, 65_535, 70_000)])
    junk = st.one_of(st.binary(max_size=60), edges)
    line = st.one_of(commands(), commands(), commands(), junk)
    said = st.builds(lambda way, rest: [*way, *rest], st.sampled_from(WAYS_IN), st.lists(line, max_size=12))
    return said.map(lambda all_: [line for part in all_ for line in part.split(b"\n")])


def said(all_: list[bytes], ends: list[bool]) -> bytes:
    """Write lines with CRLF, or with LF alone where `ends` says so; the last one may have no end."""
    ends = [*ends, *[False] * len(all_)]
    return b"".join(line + (b"\n" if bare else b"\r\n") for line, bare in zip(all_, ends, strict=False))


def connect(*, stls: bool = False) -> tuple[Session, FakeMaildrop]:
    drop = FakeMaildrop([FakeMessage(m, f"uid-{n}", octets([m]), chunk=7) for n, m in enumerate(MESSAGES)])
    session = Session(FakePolicy(drop, stls=stls))
    assert drain(session) == b"+OK minipop POP3 server ready\r\n"
    return session, drop


@examples(250)
@given(lines(), st.lists(st.booleans(), max_size=12), CUTS, st.integers(0, 3))
def test_bytes_in_any_packets_give_the_dialogue_of_one_packet(
    all_: list[bytes], ends: list[bool], cuts: list[int], left_off: int
) -> None:
    data = said(all_, ends)
    data = data[: len(data) - left_off]  # the last line may be cut off
    whole, drop = connect()
    expected = send(whole, data)
    cut, its_drop = connect()
    assert b"".join(send(cut, piece) for piece in pieces(data, cuts)) == expected
    assert (cut.state, cut.deleted, its_drop) == (whole.state, whole.deleted, drop)


@examples(100)
@given(st.lists(st.binary(max_size=80), max_size=20), st.booleans())
def test_no_bytes_whatever_raise_anything_or_get_anything(all_: list[bytes], end: bool) -> None:
    session, drop = connect(stls=True)
    for piece in all_:
        out = send(session, piece + b"\n" * end)
        assert out == b"" or out.endswith(b"\r\n")
        assert b"Subject" not in out
        if session.wants_tls:
            session.tls_established()
    session.connection_lost()
    assert (drain(session), drop.deleted, drop.commits) == (b"", [], 0)


@examples(250)
@given(lines())
def test_each_line_gets_one_reply_of_the_form_that_the_rfc_wants(all_: list[bytes]) -> None:
    session, drop = connect(stls=True)
    for line in all_:
        over, state = session.finished, session.state
        reply = send(session, line + b"\r\n")
        if over:
            assert reply == b""
            continue
        assert read(line, reply).status != "+" or state is State.AUTHORIZATION
        if session.wants_tls:
            session.tls_established()
    assert drop.commits == 0 or session.finished


# -- grammar ------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=" \0\r\n"), min_size=1)
NUMBERS = st.integers(0, 10**30)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), min_size=1)
SPACES = st.sampled_from(["", " ", "  "])

#: How an argument that is right is made, by what tests/known.py calls it.
KINDS = {
    "number": NUMBERS,
    "word": WORDS,
    "text": st.builds("{}{}!".format, SPACES, TEXTS),  # spaces at the end would not count
    "secret": st.builds("{}{}{}".format, SPACES, TEXTS, SPACES),
}


def right(arguments: str) -> st.SearchStrategy[tuple[object, ...]]:
    """Make arguments that are right; what stands in brackets may be left out."""
    kinds = [KINDS[kind] for kind in arguments.translate({ord("["): None, ord("]"): None}).split()]
    least = len(arguments.partition("[")[0].split())
    return st.one_of(*(st.tuples(*kinds[:count]) for count in range(least, len(kinds) + 1)))


_LONGEST = max(map(len, known.COMMANDS))
CAPITALS = st.lists(st.booleans(), min_size=_LONGEST, max_size=_LONGEST)


@pytest.mark.parametrize("verb", sorted(known.COMMANDS))
def test_what_is_written_as_a_command_is_read_as_that_command(verb: str) -> None:
    @examples(60)
    @given(right(known.COMMANDS[verb].arguments), CAPITALS)
    def check(arguments: tuple[object, ...], capitals: list[bool]) -> None:
        keyword = "".join(c if up else c.lower() for c, up in zip(verb, capitals, strict=False))
        line = " ".join([keyword, *map(str, arguments)]).encode()
        found, rest = split_keyword(line)
        assert found == verb
        assert tuple(parse(COMMANDS[verb].arguments, rest)) == arguments

    check()


@examples(200)
@given(st.sampled_from(sorted(COMMANDS)), st.binary(max_size=300))
@example("RETR", b"9" * 5_000)
@example("TOP", b"1 " + b"9" * 5_000)
def test_arguments_are_read_or_refused_by_a_reply_that_there_is(verb: str, rest: bytes) -> None:
    texts = FakePolicy().texts
    try:
        assert all(isinstance(value, int | str) for value in parse(COMMANDS[verb].arguments, rest))
    except ArgumentError as error:
        texts[error.reply].format(verb=verb, **error.values)


# -- what a transcript may show ------------------------------------------------------------------------

SECRET = "Zq9"  # stands in no keyword and no mask


@examples(300)
@given(st.one_of(st.sampled_from(sorted(COMMANDS)), st.text(max_size=8)), st.binary(max_size=300))
@example("USER", b"x" * 300)
@example("USER", "\u202egro\x1b[2J\r\nS: +OK\u2028".encode())
def test_what_is_shown_of_a_line_is_one_printable_line_and_not_endless(verb: str, rest: bytes) -> None:
    text = shown(COMMANDS.get(verb), verb, rest)
    assert text.isprintable()
    assert len(text) <= 200


@examples(300)
@given(
    st.sampled_from(
        [
            *("PASS {}", "APOP anna {}", "APOP  anna {}", "AUTH PLAIN {}", "AUTH {}", "auth LOGIN {} x"),
            *("AUTH PLAIN x {}", "{}", "{} 1", "XTND {}", " PASS {}", "PASS\t{}", "PAS {}", "PASSWORD {}"),
        ]
    ),
    st.binary(max_size=40),
    st.binary(max_size=40),
)
def test_no_secret_is_shown_wherever_it_was_typed(form: str, before: bytes, after: bytes) -> None:
    secret = (before + SECRET.encode() + after).replace(b"\n", b"")
    left, right = form.encode().split(b"{}")
    keyword, rest = split_keyword(left + secret + right)
    if keyword in ("USER", "RETR", "DELE", "LIST", "UIDL", "TOP", "STAT", "NOOP", "RSET", "QUIT", "CAPA"):
        return  # it is typed where something else belongs that is no secret
    assert SECRET.upper() not in shown(COMMANDS.get(keyword), keyword, rest).upper()


# -- several lines -------------------------------------------------------------------------------------


def reference(content: bytes) -> list[bytes]:
    """Return the lines of a message, each with CRLF, as slowly and plainly as can be."""
    found, line = [], bytearray()
    for octet in content:
        if octet == ord("\n"):
            if line[-1:] == b"\r":
                del line[-1]
            found.append(bytes(line) + b"\r\n")
            line = bytearray()
        else:
            line.append(octet)
    return [*found, bytes(line) + b"\r\n"] if line else found


CONTENTS = st.one_of(
    st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"..", b"a", b" "]), max_size=40).map(b"".join),
    st.binary(max_size=200),
)


@examples(400)
@given(CONTENTS, CUTS)
def test_a_message_in_any_pieces_is_sent_as_its_lines_are(content: bytes, cuts: list[int]) -> None:
    chunks = pieces(content, cuts)
    expected = reference(content)
    assert b"".join(crlf(chunks)) == b"".join(expected)
    assert octets(chunks) == sum(map(len, expected))
    sent = b"".join(stuffed(crlf(chunks)))
    assert sent == b"".join(b"." * line.startswith(b".") + line for line in expected) + b".\r\n"
    assert unstuffed(sent) == b"".join(expected)


@examples(400)
@given(CONTENTS, CUTS, st.integers(0, 12))
def test_top_is_the_header_and_so_many_lines_in_any_pieces(content: bytes, cuts: list[int], n: int) -> None:
    expected = reference(content)
    end = expected.index(b"\r\n") + 1 if b"\r\n" in expected else len(expected)
    assert b"".join(top(crlf(pieces(content, cuts)), n)) == b"".join(expected[: end + n])
