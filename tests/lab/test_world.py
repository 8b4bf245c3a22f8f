"""The world of the lessons, in both languages: accounts of the design, mail as its README promises."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from minipop import Lab
from minipop.lab import world
from minipop.lab.clients import MECHANISMS, LogonFailed, Transport, session, user_pass
from minipop.wire import read

MAIL = Path(__file__).parents[2] / "src" / "minipop" / "lab" / "world" / "mail"
FILES = sorted(MAIL.rglob("*.eml"))
LANGUAGES = ("de", "en")

WORLD = """
    Anna Arndt   | anna     | anna          | anna@muster.example        | anna.arndt@muster.example    | a.arndt@muster.example | Sommer2026        | on
    Bernd Müller | bmueller | bernd.mueller | bmueller@muster.example    | bernd.mueller@muster.example | bm@muster.example      | Winter ist kalt 7 | on
    Clara Weiß   | cweiss   | cweiss        | clara.weiss@muster.example | clara.weiss@muster.example   | -                      | CLARAS            | on
    Dora Denk    | dora     | dora          | dora@muster.example        | dora.denk@muster.example     | -                      | Herbst2026        | off
    Fax          | svc-fax  | fax           | svc-fax@muster.example     | fax@muster.example           | -                      | Faxe2026          | on
    Info         | -        | info          | -                          | info@muster.example          | -                      | -                 | on
"""  # noqa: E501

CLARAS = {"de": "Grüße4Clara", "en": "£20 for Clara"}

#: The folders of a mailbox in the order in which users see them, by the names in the code and on disk.
FOLDERS = {
    "de": {
        "Inbox": "Posteingang",
        "Sent Items": "Gesendete Elemente",
        "Deleted Items": "Gelöschte Elemente",
        "Projekt Faxablösung": "Projekt Faxablösung",
    },
    "en": {
        "Inbox": "Inbox",
        "Sent Items": "Sent Items",
        "Deleted Items": "Deleted Items",
        "Fax replacement project": "Fax replacement project",
    },
}

#: The UIDs in each folder, the project's called Project.
UIDS = """
    anna          | Inbox         | 101 102 103 104 105 106 107 108 109 110
    anna          | Sent Items    | 115 116
    anna          | Deleted Items | 111 112
    anna          | Project       | 113 114
    bernd.mueller | Inbox         | 101 102 103
    cweiss        | Inbox         | 101 102
    dora          | Inbox         | 101
    fax           | Inbox         | 101 102 103
    info          | Inbox         | 101 102
"""

#: What is odd about each message, by its Message-ID: how the subject is written, and the parts of the body
#: with charset (where it is text), transfer encoding, and the kind of file name.
ODDITIES = """
    20261005.0812.dora        | plain      | text/plain us-ascii 7bit
    20261008.1746.bmueller    | utf-8      | text/plain utf-8 quoted-printable
    20261013.0930.scanner     | plain      | text/plain us-ascii 7bit, application/pdf base64 file
    20261014.1602.cweiss      | plain      | text/plain us-ascii 7bit
    20261019.1100.intranet    | plain      | text/html us-ascii 7bit
    20261102.0615.backup      | iso-8859-1 | text/plain iso-8859-1 quoted-printable
    20261103.1020.dora        | plain      | text/plain us-ascii 7bit, text/calendar utf-8 7bit
    20261109.1400.cweiss      | utf-8      | text/plain utf-8 base64, text/html utf-8 quoted-printable
    20261116.0700.fax         | plain      | text/plain utf-8 quoted-printable, text/csv us-ascii base64 file
    20261120.1558.bmueller    | utf-8      | text/plain us-ascii 7bit
    20261009.0831.anna        | utf-8      | text/plain utf-8 quoted-printable
    20261029.1105.anna        | plain      | text/plain us-ascii 7bit
    20261021.0915.cweiss      | plain      | text/plain utf-8 quoted-printable
    20261028.1000.rundbrief   | iso-8859-1 | text/plain iso-8859-1 quoted-printable
    20261006.1330.dora        | utf-8      | text/plain utf-8 quoted-printable
    20261117.0950.cweiss      | utf-8      | text/plain utf-8 quoted-printable
    20261012.1010.cweiss      | utf-8      | text/plain utf-8 base64
    20261027.1337.postmaster  | plain      | text/plain utf-8 quoted-printable, message/delivery-status, text/rfc822-headers us-ascii
    20261118.0855.kunde       | plain      | text/plain utf-8 quoted-printable
    20261015.0905.dora        | plain      | text/plain utf-8 quoted-printable
    20261109.0600.monitor     | plain      | text/plain us-ascii 7bit
    20261015.0940.cweiss      | plain      | text/plain utf-8 quoted-printable
    20261022.1403.faxserver   | plain      | text/plain us-ascii 7bit, image/tiff base64 file
    20261104.0917.faxserver   | plain      | text/plain us-ascii 7bit, image/tiff base64 file
    20261119.1644.faxserver   | none       | text/plain utf-8 quoted-printable, application/pdf base64 file-beyond-ascii
    20261016.1048.kunde       | iso-8859-1 | text/plain iso-8859-1 quoted-printable
    20261111.1111.dora        | plain      | text/plain utf-8 quoted-printable
"""  # noqa: E501

#: German words that are none in English.
GERMAN = frozenset(
    re.findall(
        r"\w+",
        """
        aber als auf aus bei bis das dass dem den der ein eine einen für ich ihr ihre im ist kein keine mit
        nach nicht noch nur oder schon sich sie sind und uns vom von wenn wer wie wir zu zum zur
        anhang betreff einkauf grüße hallo kuchen liebe nachricht postfach posteingang seite uhr
        """,
    )
)


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def parsed(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def texts(message: EmailMessage) -> Iterator[str]:
    """Give what people read of a message: subject, names of senders and files, text; no addresses."""
    yield str(message["Subject"] or "")
    yield re.sub("<.*?>", "", str(message["From"]))
    for part in message.walk():
        yield part.get_filename() or ""
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            text = content.decode(part.get_content_charset() or "ascii")
            yield re.sub(r"<[^>]*>|\S+@\S+", " ", text)[:100_000]
        if part.get_content_type() == "application/pdf":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            yield from re.findall(r"\((.*)\) Tj", content.decode("latin-1"))


# -- accounts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_accounts_are_those_of_the_design(lang: str) -> None:
    found = [
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
        for account in world.accounts(lang)
    ]
    assert found == rows(WORLD.replace("CLARAS", CLARAS[lang]))


def test_all_are_in_the_domain_and_anna_alone_may_open_info_and_an_application_fax() -> None:
    accounts = {account.alias: account for account in world.accounts("en")}
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


# -- mail -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_mail_comes_with_the_inbox_first_and_in_the_order_of_the_file_names(lang: str) -> None:
    folders = [folder for folder, _ in world.mail("anna", lang)]
    project = list(FOLDERS[lang])[-1]
    assert folders == ["Inbox"] * 10 + ["Deleted Items"] * 2 + [project] * 2 + ["Sent Items"] * 2
    inbox = [content for folder, content in world.mail("anna", lang) if folder == "Inbox"]
    assert inbox == [file.read_bytes() for file in sorted((MAIL / lang / "anna" / "Inbox").glob("*.eml"))]
    assert world.mail("nobody", lang) == ()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(MAIL)))
def test_every_message_is_seven_bit_with_crlf_and_short_header_lines(file: Path) -> None:
    content = file.read_bytes()
    assert content.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert content.endswith(b"\r\n")
    header = content.partition(b"\r\n\r\n")[0]
    assert max(map(len, header.split(b"\r\n"))) <= 78
    assert message_from_bytes(content, policy=policy.default).defects == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_message_has_the_same_oddities_in_each_language(lang: str) -> None:
    found = {}
    for file in (MAIL / lang).rglob("*.eml"):
        message = parsed(file)
        header = re.search(r"^Subject: (?:=\?(.*?)\?)?", file.read_text("ascii"), re.MULTILINE)
        subject = (header[1] or "plain") if header else "none"
        found[message["Message-ID"].partition("@")[0].strip("<")] = (subject, ", ".join(parts(message)))
    assert found == {key: (subject, parts) for key, subject, parts in rows(ODDITIES)}


def parts(message: EmailMessage) -> Iterator[str]:
    for part in message.walk():
        if part.is_multipart() and part.get_content_type() != "message/delivery-status":
            continue
        if part.get_content_type() == "text/plain" and not part["Content-Type"]:
            continue  # a block of the delivery status
        charset = part.get_content_charset() if part.get_content_maintype() == "text" else None
        name = part.get_filename()
        file = name and ("file" if name.isascii() else "file-beyond-ascii")
        about = (part.get_content_type(), charset, part["Content-Transfer-Encoding"], file)
        yield " ".join(str(each) for each in about if each)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_encoded_has_a_character_beyond_ascii(lang: str) -> None:
    for file in (MAIL / lang).rglob("*.eml"):
        for part in parsed(file).walk():
            if (
                part.get_content_charset() in ("utf-8", "iso-8859-1")
                and part.get_content_subtype() != "calendar"
            ):
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                assert not content.isascii(), file.name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_world_holds_the_hard_cases(lang: str) -> None:
    inbox = MAIL / lang / "anna" / "Inbox"
    anna = {file.name[:2]: file.read_bytes() for file in inbox.glob("*.eml")}
    assert {b".", b".."} < set(anna["04"].split(b"\r\n"))
    assert 998 < max(map(len, anna["05"].split(b"\r\n"))) < 2_046  # poplib takes no longer ones
    assert len(anna["09"]) > 2_000_000
    assert anna["10"].endswith(b"\r\n\r\n")
    assert anna["10"].partition(b"Subject: ")[2].count(b"=?utf-8?") == 2


def test_the_mail_of_both_languages_is_from_the_same_senders_at_the_same_times() -> None:
    german, english = (
        {str(m["Message-ID"]): m for m in map(parsed, (MAIL / lang).rglob("*.eml"))} for lang in LANGUAGES
    )
    assert len(german) == len(english) == 27
    for key, there in german.items():
        here = english[key]
        assert [here[name] for name in ("Date", "In-Reply-To")] == [
            there[name] for name in ("Date", "In-Reply-To")
        ]
        for name in ("From", "To"):
            assert [a.addr_spec for a in here[name].addresses] == [a.addr_spec for a in there[name].addresses]


def german_words(text: str) -> frozenset[str]:
    return GERMAN & {word.casefold() for word in re.findall(r"[^\W\d_]+", text)}


@pytest.mark.parametrize("file", sorted((MAIL / "en").rglob("*.eml")), ids=lambda file: str(file.stem))
def test_english_mail_has_no_german_words(file: Path) -> None:
    assert {word for text in texts(parsed(file)) for word in german_words(text)} == set()
    assert str(file.relative_to(MAIL)).isascii()


def test_the_search_for_german_words_finds_them_in_german_mail() -> None:
    english = {"04-punkte.eml", "02-fax-reply.eml", "02-pop3-report.eml"}  # written in English there, too
    without = {
        file.name
        for file in (MAIL / "de").rglob("*.eml")
        if not set().union(*map(german_words, texts(parsed(file))))
    }
    assert without == english


# -- the Lab ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_uids_are_the_same_in_both_languages_and_folders_have_the_name_that_users_see(lang: str) -> None:
    lab, project = Lab(lang=lang), list(FOLDERS[lang])[-1]
    found = [
        [account.alias, "Project" if key == project else key, " ".join(message.uid for message in folder)]
        for account in lab.accounts
        for key, folder in lab.mailbox(account.alias).folders.items()
        if len(folder)
    ]
    assert found == rows(UIDS)
    anna = lab.mailbox("anna")
    assert {key: folder.name for key, folder in anna.folders.items()} == FOLDERS[lang]


def test_a_german_mailbox_knows_its_folders_by_either_name() -> None:
    anna = Lab(lang="de").mailbox("anna")
    message = anna.inbox[0]
    anna.move(message, "Gelöschte Elemente")
    assert anna.deleted_items[-1] is message
    anna.move(message, "Posteingang")
    assert anna.inbox[-1] is message
    assert not message.gone
    anna.move(message, "Inbox")
    assert {key: folder.name for key, folder in anna.folders.items()} == FOLDERS["de"]
    assert repr(anna.deleted_items) == "<folder 'Gelöschte Elemente': 2 messages>"


@pytest.mark.parametrize(("lang", "parent"), [("de", "Posteingang"), ("en", "Inbox")])
def test_recoverable_items_tell_the_folder_in_the_language_of_its_user(lang: str, parent: str) -> None:
    lab = Lab("2016", lang=lang)
    bernd = lab.mailbox("bernd.mueller")
    bernd.delete(bernd.inbox[1])
    (item,) = lab.shell.get_recoverable_items("bernd.mueller")
    assert (item.last_parent, item.source_folder) == (parent, "RecoverableItems")
    lab.recover_deleted_items("bernd.mueller")
    assert len(bernd.deleted_items) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_dumpster_has_the_name_of_its_folder(lang: str) -> None:
    hidden = Lab("2007", lang=lang).mailbox("bernd.mueller").hidden
    assert {key: folder.name for key, folder in hidden.items()} == dict(list(FOLDERS[lang].items())[:3])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_on_disk_are_english_but_for_the_project_s(lang: str, tmp_path: Path) -> None:
    with Lab(lang=lang, maildir=tmp_path / "mail"):
        pass
    found = {
        path.name
        for path in (tmp_path / "mail" / "anna").iterdir()
        if path.name.startswith(".") and path.is_dir()
    }
    assert found == {
        ".Sent Items",
        ".Deleted Items",
        {"de": ".Projekt Faxabl&APY-sung", "en": ".Fax replacement project"}[lang],
    }


def test_a_maildir_of_the_other_language_is_taken_as_it_is(tmp_path: Path) -> None:
    with Lab(lang="de", maildir=tmp_path / "mail"):
        pass
    with Lab(lang="en", maildir=tmp_path / "mail") as lab:
        anna = lab.mailbox("anna")
    assert anna.inbox[0].subject == "Willkommen!"
    assert [folder.name for folder in anna.folders.values()] == [
        "Inbox",
        "Sent Items",
        "Deleted Items",
        "Projekt Faxablösung",
    ]
    assert len(anna.folders["Sent Items"]) == 2


@pytest.mark.parametrize("mechanism", ["USER/PASS", "AUTH PLAIN", "AUTH LOGIN", "AUTH NTLM"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_claras_password_opens_her_mailbox_by_every_mechanism_and_is_masked(
    lang: str, mechanism: str
) -> None:
    with Lab("2016", lang=lang, login_type="PlainTextLogin", record=True) as lab:
        clara = next(account for account in lab.accounts if account.alias == "cweiss")
        log_on = MECHANISMS[mechanism].log_on
        with session(lab, Transport.PLAIN, lambda pop: log_on(pop, lab, clara, CLARAS[lang])) as (pop, reply):
            assert reply.startswith("+OK")
            assert pop.stat()[0] == 2
        assert not read(str(lab.transcript).encode(), CLARAS[lang])
        assert bool(read(lab.wire[0].sent_by("C"), CLARAS[lang])) is (mechanism != "AUTH NTLM")


@pytest.mark.parametrize(("lang", "other"), [("de", "en"), ("en", "de")])
def test_the_password_of_the_other_language_is_wrong(lang: str, other: str) -> None:
    with Lab("2016", lang=lang, login_type="PlainTextLogin") as lab:
        clara = next(account for account in lab.accounts if account.alias == "cweiss")
        with (
            pytest.raises(LogonFailed),
            session(lab, Transport.PLAIN, lambda pop: user_pass(pop, str(clara.upn), CLARAS[other])),
        ):
            pass


# -- the words --------------------------------------------------------------------------------------------

WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("passwords", "cweiss"): ("Grüße4Clara", "£20 for Clara"),
    ("folders", "Inbox"): ("Posteingang", "Inbox"),
    ("folders", "Sent Items"): ("Gesendete Elemente", "Sent Items"),
    ("folders", "Deleted Items"): ("Gelöschte Elemente", "Deleted Items"),
    ("project", "folder"): ("Projekt Faxablösung", "Fax replacement project"),
    ("project", "tag"): ("[Faxablösung]", "[Fax replacement]"),
}


@pytest.mark.parametrize(("at", "words"), WORDS.items(), ids=lambda at: "-".join(at))
def test_a_word_is_german_in_german_and_english_in_english(
    at: tuple[str, str], words: tuple[str, str]
) -> None:
    kind, key = at
    assert tuple(world.words(lang)[kind][key] for lang in LANGUAGES) == words


#: The words by which lessons find a message: German and English, and the one message whose subject has them.
SUBJECTS = """
    bounce        | Unzustellbar                | Undeliverable              | 20261027.1337.postmaster
    project-start | Projektstart                | Project start              | 20261006.1330.dora
    quotation     | Wo bleibt Ihr Angebot?      | Where is your quotation?   | 20261118.0855.kunde
    schedule      | Zeitplan                    | Schedule                   | 20261117.0950.cweiss
    short-name    | Warum „bmueller“ nicht genügt | Why “bmueller” isn’t enough | 20261012.1010.cweiss
    welcome       | Willkommen!                 | Welcome!                   | 20261005.0812.dora
"""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_words_of_subjects_lead_to_the_same_messages(lang: str) -> None:
    subjects = {
        str(m["Message-ID"]): str(m["Subject"] or "") for m in map(parsed, (MAIL / lang).rglob("*.eml"))
    }
    for key, german, english, message_id in rows(SUBJECTS):
        word = {"de": german, "en": english}[lang]
        assert world.words(lang)["subjects"][key] == word
        found = {at for at, subject in subjects.items() if word in subject and not subject.startswith("Re:")}
        assert found == {f"<{message_id}@muster.example>"}
    assert {key for key, *_ in rows(SUBJECTS)} <= world.words(lang)["subjects"].keys()


def test_the_line_that_sessions_are_searched_for_is_in_annas_first_message() -> None:
    for lang in LANGUAGES:
        assert world.words(lang)["lines"]["welcome"].encode() in world.mail("anna", lang)[0][1].split(b"\r\n")


def test_every_word_has_both_languages() -> None:
    german, english = map(world.words, LANGUAGES)
    assert {kind: set(words) for kind, words in german.items()} == {
        kind: set(words) for kind, words in english.items()
    }
