"""The world of the lessons: its accounts as the design has them, its mail as its README promises."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from minipop.lab import world

MAIL = Path(__file__).parents[2] / "src" / "minipop" / "lab" / "world" / "mail"
FILES = sorted(MAIL.rglob("*.eml"))

WORLD = """
    Anna Arndt   | anna     | anna          | anna@muster.example        | anna.arndt@muster.example    | a.arndt@muster.example | Sommer2026        | on
    Bernd Müller | bmueller | bernd.mueller | bmueller@muster.example    | bernd.mueller@muster.example | bm@muster.example      | Winter ist kalt 7 | on
    Clara Weiß   | cweiss   | cweiss        | clara.weiss@muster.example | clara.weiss@muster.example   | -                      | Grüße4Clara       | on
    Dora Denk    | dora     | dora          | dora@muster.example        | dora.denk@muster.example     | -                      | Herbst2026        | off
    Fax          | svc-fax  | fax           | svc-fax@muster.example     | fax@muster.example           | -                      | Faxe2026          | on
    Info         | -        | info          | -                          | info@muster.example          | -                      | -                 | on
"""  # noqa: E501


def test_the_accounts_are_those_of_the_design() -> None:
    rows = [
        [
            account.name,
            account.sam or "-",
            account.alias,
            account.upn or "-",
            account.primary or "-",
            ", ".join(account.proxies) or "-",
            account.password or "-",
            "on" if account.pop_enabled else "off",
        ]
        for account in world.accounts()
    ]
    assert rows == [[cell.strip() for cell in line.split("|")] for line in WORLD.strip().splitlines()]


def test_all_are_in_the_domain_and_anna_alone_may_open_info_and_an_application_fax() -> None:
    accounts = {account.alias: account for account in world.accounts()}
    assert {a.domain for a in accounts.values() if a.sam} == {"MUSTER"}
    assert {alias: a.full_access for alias, a in accounts.items() if a.full_access} == {
        "info": ("anna",),
        "fax": ("7e4a47a0-0000-4000-8000-0000000000fa",),
    }


def test_a_service_has_a_secret_and_a_role_and_a_mail_program_neither() -> None:
    service, program = world.applications()
    assert (service.name, service.client_id) == ("Fax-Abruf", "7e4a47a0-0000-4000-8000-0000000000fa")
    assert (service.secret, service.roles) == ("Faxabruf-Geheimnis-2026", ("POP.AccessAsApp",))
    assert service.scopes == ()
    assert (program.name, program.client_id) == ("POP3-Programm", "7e4a47a0-0000-4000-8000-000000000110")
    assert (program.secret, program.roles) == (None, ())
    assert program.scopes == ("POP.AccessAsUser.All",)
    assert "Geheimnis" not in repr(service)


def test_mail_comes_with_the_inbox_first_and_in_the_order_of_the_file_names() -> None:
    folders = [folder for folder, _ in world.mail("anna")]
    assert (
        folders == ["Inbox"] * 10 + ["Deleted Items"] * 2 + ["Projekt Faxablösung"] * 2 + ["Sent Items"] * 2
    )
    inbox = [content for folder, content in world.mail("anna") if folder == "Inbox"]
    assert inbox == [file.read_bytes() for file in sorted((MAIL / "anna" / "Inbox").glob("*.eml"))]
    assert world.mail("nobody") == ()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(MAIL)))
def test_every_message_is_seven_bit_with_crlf_and_short_header_lines(file: Path) -> None:
    content = file.read_bytes()
    assert content.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert content.endswith(b"\r\n")
    header = content.partition(b"\r\n\r\n")[0]
    assert max(map(len, header.split(b"\r\n"))) <= 78
    assert message_from_bytes(content, policy=policy.default).defects == []


def test_every_message_has_a_message_id_of_its_own() -> None:
    ids = [message_from_bytes(file.read_bytes())["Message-ID"] for file in FILES]
    assert None not in ids
    assert len(set(ids)) == len(ids) == 27


def test_the_world_holds_the_hard_cases() -> None:
    anna = {file.name[:2]: file.read_bytes() for file in (MAIL / "anna" / "Inbox").glob("*.eml")}
    assert {b".", b".."} < set(anna["04"].split(b"\r\n"))
    assert 998 < max(map(len, anna["05"].split(b"\r\n"))) < 2_046  # poplib takes no longer ones
    assert len(anna["09"]) > 2_000_000
    assert anna["10"].endswith(b"\r\n\r\n")
