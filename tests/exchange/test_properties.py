"""Whatever stands in a log-on name, a SASL response or an accounts file: it is read, or it is refused."""

import base64
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evidence.replies import read
from minipop.exchange import AccountsError, Directory, read_accounts
from minipop.exchange.names import Form, resolve
from tests.exchange.muster import ACCOUNTS, TRUST, connect
from tests.properties import examples
from tests.support import send

# -- log-on names --------------------------------------------------------------------------------------

DIRECTORY = Directory(ACCOUNTS)
PARTS = st.sampled_from(
    ["anna", "ANNA", "MUSTER", "muster.example", "bernd.mueller", "bmueller", "x", "", "\0", "ß"]
)
NAMES = st.one_of(
    st.lists(st.one_of(PARTS, st.sampled_from("\\/@")), max_size=8).map("".join), st.text(max_size=40)
)

#: How many signs of each kind a form has, by hand: backslash, slash, at.
SIGNS = {
    Form.SAM: (0, 0, 0),
    Form.ALIAS: (0, 0, 0),
    Form.DOMAIN_SAM: (1, 0, 0),
    Form.DOMAIN_SAM_ALIAS: (2, 0, 0),
    Form.UPN: (0, 0, 1),
    Form.PRIMARY: (0, 0, 1),
    Form.PROXY: (0, 0, 1),
    Form.DOMAIN_ALIAS_ALIAS: (0, 2, 0),
    Form.DOMAIN_ALIAS_UPN: (0, 2, 1),
    Form.UPN_ALIAS: (0, 1, 1),
    Form.UPN_UPN: (0, 1, 2),
    Form.UPN_BACKSLASH_ALIAS: (1, 0, 1),
}


@pytest.mark.slow
@examples(400)
@given(NAMES, st.sets(st.sampled_from(list(Form))))
def test_a_name_is_read_in_a_form_that_has_its_signs_and_nobody_else_is_found(
    name: str, known: set[Form]
) -> None:
    found = resolve(name, known, DIRECTORY)
    if found.form is None:
        assert (found.accepted, found.account, found.mailbox) == (False, None, None)
        return
    assert (name.count("\\"), name.count("/"), name.count("@")) == SIGNS[found.form]
    assert found.accepted == (found.form in known)
    if found.account:  # one of its own names stands in what was typed
        names = (found.account.alias, found.account.sam, found.account.upn, found.account.primary)
        assert any(own.casefold() in name.casefold() for own in (*names, *found.account.proxies) if own)


def test_every_form_has_its_signs() -> None:
    assert SIGNS.keys() == set(Form)


# -- SASL ----------------------------------------------------------------------------------------------

BEGIN = b"NTLMSSP\0\x01\0\0\0\x07\x02\x08\xa2" + bytes(24)  # a message of type 1
ANSWER = b"NTLMSSP\0\x03\0\0\0" + bytes(76)
STARTS = st.sampled_from(
    [b"", b"\0anna\0", b"anna\0anna\0", b"user=anna@muster.example\x01auth=Bearer ", BEGIN, ANSWER]
)
RESPONSES = st.one_of(
    st.builds(lambda start, rest: start + rest, STARTS, st.binary(max_size=120)),
    st.builds(
        lambda at, to: ANSWER[:at] + to + ANSWER[at + len(to) :], st.integers(8, 80), st.binary(max_size=8)
    ),
)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "NTLM", "XOAUTH2"])
def test_whatever_is_said_to_a_mechanism_is_asked_on_or_refused(mechanism: str) -> None:
    edition = "online" if mechanism == "XOAUTH2" else "2016"

    @examples(120)
    @given(st.lists(RESPONSES, min_size=1, max_size=3))
    @example([BEGIN, ANSWER])
    @example([b"anna@muster.example", b"\xff"])
    def check(responses: list[bytes]) -> None:
        session = connect(edition, tls=True, trust=TRUST)
        answer = read(b"AUTH x", send(session, f"AUTH {mechanism}\r\n".encode()))
        for response in responses:
            if answer.status != "+":
                break
            answer = read(b"x", send(session, base64.b64encode(response) + b"\r\n"))
        assert answer.status in ("+", "-ERR")
        assert session.state.value == "AUTHORIZATION"

    check()


# -- accounts files ------------------------------------------------------------------------------------

KEYS = st.sampled_from(
    ["name", "alias", "domain", "sam", "upn", "primary", "proxies", "password", "pop_enabled", "x"]
)
VALUES = st.one_of(
    st.sampled_from(
        [
            *(
                '"anna"',
                '"a@b"',
                '""',
                '"."',
                '".."',
                '"a/b"',
                r'"\u001b[2J"',
                r'"\u202e"',
                r'"a\u0000"',
                '["a"]',
            ),
            *("true", "1", "1e999", "nan", "0x" + "f" * 5_000, "9" * 5_000, "2026-02-30", "[[[[[]]]]]", "{}"),
        ]
    ),
    st.text(max_size=20),
)
LINES = st.one_of(st.just("[[accounts]]"), st.builds("{} = {}".format, KEYS, VALUES), st.text(max_size=20))
ACCOUNT = '[[accounts]]\nname = "Anna"\nalias = "anna"\n'


@pytest.mark.slow
@examples(300)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(LINES, max_size=8).map("\n".join).map(lambda text: text.encode("utf-8", "replace")),
        st.builds("{}{} = {}\n".format, st.just(ACCOUNT), KEYS, VALUES).map(
            lambda t: t.encode("utf-8", "replace")
        ),
    )
)
@example(f"{ACCOUNT}x = {'9' * 5_000}".encode())
def test_an_accounts_file_is_read_or_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    read_or_refuse(tmp_path, content)


@pytest.mark.parametrize("content", [b"x = " + b"{a=" * 100_000, b"[" + b"a." * 20_000 + b"a]"])
def test_an_accounts_file_is_refused_however_deeply_it_is_nested(tmp_path: Path, content: bytes) -> None:
    read_or_refuse(tmp_path, content)


def read_or_refuse(tmp_path: Path, content: bytes) -> None:
    """Read an accounts file; what is refused is refused in one line, and the rest is fit to be shown."""
    file = tmp_path / "accounts.toml"
    file.write_bytes(content)
    text = ""
    try:
        accounts = read_accounts(file)
    except AccountsError as error:
        accounts, text = [], str(error)
    assert accounts or text.startswith(f"{file}: ")
    assert text.isprintable()
    for account in accounts:
        shown = (account.name, account.alias, account.domain, account.sam, account.upn, account.primary)
        assert all(name.isprintable() for name in (*shown, *account.proxies, *account.full_access) if name)
        assert not {"/", "\0", " "} & set(account.alias)
        assert not account.alias.startswith(".")
