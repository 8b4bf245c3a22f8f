"""Accounts: how they are found, and accounts files that cannot be used, each refused by one clear line."""

from pathlib import Path

import pytest

from minipop.exchange import Account, AccountsError, Directory, password_matches, read_accounts

GOOD = """
[[accounts]]
name = "Erna Eck"
alias = "erna"
domain = "CONTOSO"
sam = "eeck"
upn = "erna@contoso.example"
primary = "erna.eck@contoso.example"
proxies = ["e@contoso.example"]
password = "geheim"
pop_enabled = false
full_access = ["fritz"]

[[accounts]]
name = "Fritz"
alias = "fritz"
"""


def written(folder: Path, content: str | bytes) -> Path:
    file = folder / "accounts.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_every_key_of_an_account_is_read(tmp_path: Path) -> None:
    erna, fritz = read_accounts(written(tmp_path, GOOD))
    assert erna == Account(
        name="Erna Eck",
        alias="erna",
        domain="CONTOSO",
        sam="eeck",
        upn="erna@contoso.example",
        primary="erna.eck@contoso.example",
        proxies=("e@contoso.example",),
        password="geheim",
        pop_enabled=False,
        full_access=("fritz",),
    )
    assert (fritz.sam, fritz.upn, fritz.password, fritz.pop_enabled) == (None, None, None, True)


def one(**keys: str) -> str:
    values = {"name": '"E"', "alias": '"e"', **keys}
    return "[[accounts]]\n" + "".join(f"{key} = {value}\n" for key, value in values.items() if value)


#   content of the file                              what the error names
BAD: list[tuple[str | bytes, list[str]]] = [
    ("", ["[[accounts]]"]),
    ("accounts = []", ["[[accounts]]"]),
    ("accounts = 7", ["[[accounts]]"]),
    ('accounts = "anna"', ["[[accounts]]"]),
    ("[accounts]\nname = 'E'\nalias = 'e'", ["[[accounts]]"]),
    ("[[konten]]\nname = 'E'\nalias = 'e'", ["[[accounts]]"]),
    ("accounts = [1]", ["account 1"]),
    ('accounts = ["anna"]', ["account 1"]),
    ("accounts = [[]]", ["account 1"]),
    (one() + one(alias='"f"') + "\n[[accounts]]\nname = 'x'", ["account 3", "alias", "missing"]),
    (one(name=""), ["account 1", "name", "missing"]),
    (one(alias=""), ["account 1", "alias", "missing"]),
    (one(password="7"), ["account 1", "password", "wrong kind"]),
    (one(password='""'), ["account 1", "password", "wrong kind"]),
    (one(password='["a"]'), ["account 1", "password", "wrong kind"]),
    (one(name="true"), ["account 1", "name", "wrong kind"]),
    (one(sam='""'), ["account 1", "sam", "wrong kind"]),
    (one(pop_enabled='"yes"'), ["account 1", "pop_enabled", "wrong kind"]),
    (one(pop_enabled="1"), ["account 1", "pop_enabled", "wrong kind"]),
    (one(proxies='"a@b"'), ["account 1", "proxies", "wrong kind"]),
    (one(proxies="[1]"), ["account 1", "proxies", "wrong kind"]),
    (one(upn="1979-05-27"), ["account 1", "upn", "wrong kind"]),
    (one(full_access='{a = "b"}'), ["account 1", "full_access", "wrong kind"]),
    (one(pasword='"x"'), ["account 1", "pasword", "unknown key"]),
    (one(alias='"../x"'), ["account 1", "alias"]),
    (one(alias='".."'), ["account 1", "alias"]),
    (one(alias='".recoverable"'), ["account 1", "alias"]),
    (one(alias='"a/b"'), ["account 1", "alias"]),
    (one(alias='"a b"'), ["account 1", "alias"]),
    (one() + one(), ["alias", "'e'", "twice"]),
    (one() + one(alias='"E"'), ["alias", "'E'", "twice"]),
    (one(sam='"x"') + one(alias='"f"', sam='"X"'), ["sam", "'X'", "twice"]),
    (one(upn='"x@y"') + one(alias='"f"', upn='"X@Y"'), ["upn", "'X@Y'", "twice"]),
    ("[[accounts]", ["line 1"]),
    ("[[accounts]]\nname = E", ["line 2"]),
    (one() + 'alias = "f"\n', ["line 4"]),
    (one(password='"a\x01b"'), ["line 4"]),
    (b"\xff\xfe\x00", ["utf-8"]),
    (one(name='"M\xfcller"').encode("latin-1"), ["utf-8"]),
    (b"\xff\xfe" + one().encode("utf-16-le"), ["utf-8"]),
    (b"\x7fELF\x02\x01\x01\x00\x00\x00", ["line 1"]),
]


@pytest.mark.parametrize(("content", "named"), BAD)
def test_a_file_that_cannot_be_used_is_refused_in_one_line_that_says_what_and_where(
    content: str | bytes, named: list[str], tmp_path: Path
) -> None:
    file = written(tmp_path, content)
    with pytest.raises(AccountsError) as error:
        read_accounts(file)
    text = str(error.value)
    assert text.startswith(f"{file}: ")
    assert "\n" not in text
    assert [word for word in named if word not in text.removeprefix(str(file))] == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(AccountsError, match=r"missing\.toml: No such file"):
        read_accounts(tmp_path / "missing.toml")
    with pytest.raises(AccountsError, match="Is a directory"):
        read_accounts(tmp_path)


def test_a_file_nested_without_end_is_refused_as_well(tmp_path: Path) -> None:
    with pytest.raises(AccountsError):
        read_accounts(written(tmp_path, "a = " + "[" * 100_000))


def test_no_error_about_an_accounts_file_shows_a_password(tmp_path: Path) -> None:
    for rest in ("x = ", "x = 'a' 'b'", "password = 'again'", "sam = 7", "x = 1", "alias = '"):
        with pytest.raises(AccountsError) as error:
            read_accounts(written(tmp_path, one(password='"geheim"') + rest))
        assert "geheim" not in str(error.value)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    # Windows' Notepad writes one when it saves as “UTF-8 with BOM”.
    assert read_accounts(written(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()))[0].alias == "erna"


ERNA = Account(
    name="Erna", alias="erna", domain="CONTOSO", sam="eeck", upn="erna@x.example", password="geheim"
)


def test_accounts_are_found_without_regard_to_case() -> None:
    directory = Directory([ERNA])
    assert directory.by_alias("ERNA") is ERNA
    assert directory.by_sam("EEck") is ERNA
    assert directory.by_sam("eeck", "contoso") is ERNA
    assert directory.by_upn("Erna@X.Example") is ERNA


def test_a_name_of_another_kind_or_domain_is_not_found() -> None:
    directory = Directory([ERNA, Account(name="Info", alias="info")])
    assert directory.by_sam("erna") is None
    assert directory.by_alias("eeck") is None
    assert directory.by_sam("eeck", "OTHER") is None
    assert directory.by_sam("eeck", "") is None
    assert directory.by_sam("") is None
    assert directory.by_upn("") is None
    assert directory.by_sam("info") is None


@pytest.mark.parametrize(
    ("known", "given", "right"),
    [
        ("geheim", "geheim", True),
        ("geheim", "Geheim", False),
        ("geheim", "geheim ", False),
        ("geheim", "", False),
        ("Grüße", "Grüße", True),
        ("Grüße", "Grusse", False),
        (None, "", False),
        (None, "None", False),
    ],
)
def test_only_the_very_same_password_is_right(known: str | None, given: str, right: bool) -> None:
    assert password_matches(Account(name="x", alias="x", password=known), given) is right
    assert password_matches(None, given) is False


def test_an_account_may_open_its_own_mailbox_and_those_that_name_it() -> None:
    info = Account(name="Info", alias="info", full_access=("erna",))
    assert ERNA.may_open(ERNA)
    assert ERNA.may_open(info)
    assert not info.may_open(ERNA)


def test_an_account_shows_its_password_neither_in_repr_nor_in_foreign_json() -> None:
    assert "geheim" not in repr(ERNA) + str(ERNA) + repr([ERNA]) + repr(Directory([ERNA]))
    assert ERNA.as_json(reveal=False)["password"] is None
    assert ERNA.as_json(reveal=True)["password"] == "geheim"


def test_the_json_of_an_account_has_the_keys_of_the_interface_and_null_for_what_is_absent() -> None:
    assert Account(name="Info", alias="info").as_json(reveal=True) == {
        "name": "Info",
        "domain": None,
        "sam": None,
        "alias": "info",
        "upn": None,
        "primary": None,
        "proxies": [],
        "password": None,
        "pop_enabled": True,
    }
