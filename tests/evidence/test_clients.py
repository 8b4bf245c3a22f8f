"""What real clients do, by tables typed by hand: the record must agree, and so must an attempt of each.

`make evidence` lets every client try every cell, and compares it with the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from evidence import record
from evidence.clients import matrix
from evidence.clients.__main__ import _tried
from evidence.clients.client import Account, Client
from evidence.clients.compatibility import as_recorded, example
from evidence.clients.drivers import CLIENTS
from evidence.clients.fetchers import Curl
from evidence.clients.matrix import Labs, Outcome, attempt, observe, outcome, reached, verifies
from evidence.clients.running import run, words
from evidence.patience import PATIENCE
from minipop.lab.clients import Transport
from minipop.lab.realm import missing
from tests.evidence.tables import cells

#: For each mechanism and transport a word; see `evidence.clients.matrix.Outcome`.
#:
#: Alpine knows no NTLM; where LOGIN is not listed, it takes USER and PASS.
#: Claws Mail and fdm know USER and PASS, and Claws Mail tokens.
#: curl takes the strongest mechanism that the server lists, unless told which; its NTLM is version 2.
#: fetchmail knows USER and PASS, NTLM in version 1, and Kerberos.
#: getmail knows USER and PASS and XOAUTH2, and no STLS.
#: mpop knows every mechanism if the server lists it; its NTLM is version 1.
#: mutt knows every mechanism if the server lists it; its NTLM is version 1.
#: NeoMutt chooses between NTLM in version 1 and Kerberos; when NTLM is refused, it takes USER and PASS.
#: Thunderbird takes PLAIN if it is listed; its NTLM sends no good password.
EXPECTED = {
    "alpine": """
                          110          110+STLS     995
        USER              works        works        works
        PLAIN             works        works        works
        LOGIN             another      another      another
        LOGIN, listed     works        works        works
        NTLM              lacks        lacks        lacks
        NTLM, v1 allowed  lacks        lacks        lacks
        NTLM, 2003        lacks        not offered  lacks
        GSSAPI            works        works        works
        XOAUTH2           untried      untried      untried
    """,
    "claws-mail": """
                          110          110+STLS     995
        USER              works        works        works
        PLAIN             lacks        lacks        lacks
        LOGIN             lacks        lacks        lacks
        LOGIN, listed     lacks        lacks        lacks
        NTLM              lacks        lacks        lacks
        NTLM, v1 allowed  lacks        lacks        lacks
        NTLM, 2003        lacks        not offered  lacks
        GSSAPI            lacks        lacks        lacks
        XOAUTH2           untried      untried      untried
    """,
    "curl": """
                          110          110+STLS     995
        USER              another      another      another
        PLAIN             works        works        works
        LOGIN             gives up     gives up     gives up
        LOGIN, listed     works        works        works
        NTLM              works        works        works
        NTLM, v1 allowed  works        works        works
        NTLM, 2003        gives up     not offered  gives up
        GSSAPI            works        works        works
        XOAUTH2           works        works        works
    """,
    "fdm": """
                          110          110+STLS     995
        USER              works        works        works
        PLAIN             lacks        lacks        lacks
        LOGIN             lacks        lacks        lacks
        LOGIN, listed     lacks        lacks        lacks
        NTLM              lacks        lacks        lacks
        NTLM, v1 allowed  lacks        lacks        lacks
        NTLM, 2003        lacks        not offered  lacks
        GSSAPI            lacks        lacks        lacks
        XOAUTH2           lacks        lacks        lacks
    """,
    "fetchmail": """
                          110          110+STLS     995
        USER              works        works        works
        PLAIN             lacks        lacks        lacks
        LOGIN             lacks        lacks        lacks
        LOGIN, listed     lacks        lacks        lacks
        NTLM              refused      refused      refused
        NTLM, v1 allowed  works        works        works
        NTLM, 2003        works        not offered  works
        GSSAPI            works        works        works
        XOAUTH2           lacks        lacks        lacks
    """,
    "getmail": """
                          110          110+STLS     995
        USER              works        lacks        works
        PLAIN             lacks        lacks        lacks
        LOGIN             lacks        lacks        lacks
        LOGIN, listed     lacks        lacks        lacks
        NTLM              lacks        lacks        lacks
        NTLM, v1 allowed  lacks        lacks        lacks
        NTLM, 2003        lacks        not offered  lacks
        GSSAPI            lacks        lacks        lacks
        XOAUTH2           works        lacks        works
    """,
    "mpop": """
                          110          110+STLS     995
        USER              works        works        works
        PLAIN             works        works        works
        LOGIN             gives up     gives up     gives up
        LOGIN, listed     works        works        works
        NTLM              refused      refused      refused
        NTLM, v1 allowed  works        works        works
        NTLM, 2003        works        not offered  works
        GSSAPI            works        works        works
        XOAUTH2           works        works        works
    """,
    "mutt": """
                          110          110+STLS     995
        USER              works        works        works
        PLAIN             works        works        works
        LOGIN             gives up     gives up     gives up
        LOGIN, listed     works        works        works
        NTLM              refused      refused      refused
        NTLM, v1 allowed  works        works        works
        NTLM, 2003        refused      not offered  refused
        GSSAPI            works        works        works
        XOAUTH2           works        works        works
    """,
    "neomutt": """
                          110          110+STLS     995
        USER              works        works        works
        PLAIN             lacks        lacks        lacks
        LOGIN             lacks        lacks        lacks
        LOGIN, listed     lacks        lacks        lacks
        NTLM              another      another      another
        NTLM, v1 allowed  works        works        works
        NTLM, 2003        refused      not offered  refused
        GSSAPI            works        works        works
        XOAUTH2           lacks        lacks        lacks
    """,
    "thunderbird": """
                          110          110+STLS     995
        USER              lacks        lacks        lacks
        PLAIN             works        works        works
        LOGIN             lacks        lacks        lacks
        LOGIN, listed     lacks        lacks        lacks
        NTLM              refused      refused      refused
        NTLM, v1 allowed  refused      refused      refused
        NTLM, 2003        refused      not offered  refused
        GSSAPI            works        works        works
        XOAUTH2           works        works        works
    """,
}

#: Whether a client keeps its password from a server whose certificate it cannot verify, as it was told to
#: trust another authority, or of none but those of its system; ``lacks`` where it cannot use the transport.
VERIFIES = """
                 another authority, 110+STLS  another authority, 995  no authority, 110+STLS  no authority, 995
    alpine       yes                          yes                     yes                     yes
    claws-mail   yes                          yes                     yes                     yes
    curl         yes                          yes                     yes                     yes
    fdm          yes                          yes                     yes                     yes
    fetchmail    yes                          yes                     yes                     yes
    getmail      lacks                        yes                     lacks                   no
    mpop         yes                          yes                     yes                     yes
    mutt         yes                          yes                     yes                     yes
    neomutt      yes                          yes                     yes                     yes
    thunderbird  yes                          yes                     yes                     yes
"""  # noqa: E501

CLIENTS_ON_RECORD = record.load("clients")["clients"]


@pytest.mark.parametrize("name", CLIENTS)
def test_the_record_says_what_is_expected(name: str) -> None:
    on_record = CLIENTS_ON_RECORD[name]
    words = {
        row: {transport: cell["word"] for transport, cell in found.items()}
        for row, found in on_record["outcomes"].items()
    }
    assert words == cells(EXPECTED[name])
    verified = {
        f"{told}, {transport}": word
        for told, found in on_record["verifies"].items()
        for transport, word in found.items()
    }
    assert verified == cells(VERIFIES)[name]


@pytest.mark.parametrize("name", CLIENTS)
def test_the_record_shows_the_configuration_that_is_used(name: str) -> None:
    assert CLIENTS_ON_RECORD[name]["configuration"] == example(CLIENTS[name])


#: The line that leaves mail on the server; a client without one deletes nothing by itself.
KEEPS = {
    "alpine": None,
    "claws-mail": "remove_mail=0",
    "curl": None,
    "fdm": "  keep",
    "fetchmail": "  keep",
    "getmail": "delete = false",
    "mpop": "keep on",
    "mutt": "set pop_delete = no",
    "neomutt": "set pop_delete = no",
    "thunderbird": 'user_pref("mail.server.server1.leave_on_server", true);',
}


def test_every_configuration_shown_leaves_the_mail_on_the_server_and_gives_whole_paths() -> None:
    assert CLIENTS_ON_RECORD.keys() == KEEPS.keys()
    for name, keep in KEEPS.items():
        for lines in CLIENTS_ON_RECORD[name]["configuration"].values():
            assert keep is None or lines[-1] == keep
            assert not [line for line in lines if "~/ca.pem" in line]


def test_what_was_not_tried_is_not_shown() -> None:
    for name in ("alpine", "claws-mail"):
        assert CLIENTS_ON_RECORD[name]["configuration"].keys() == {"995", "110+STLS"}


def test_the_short_form_compares_what_it_has_tried_with_the_record() -> None:
    kept = {"alpine": {"USER": {"110": "works", "995": "works"}}, "mutt": {"USER": {"110": "works"}}}
    now = {"alpine": {"USER": {"995": "refused"}}}
    assert _tried(kept, now) == {"alpine": {"USER": {"995": "works"}}}
    assert list(record.unlike(_tried(kept, now), now)) == [
        "alpine, USER, 995: 'refused', not 'works' any more"
    ]


# -- an attempt of each -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def labs() -> Iterator[Labs]:
    """Labs that start when they are asked for."""
    with Labs() as started:
        yield started


def installed(name: str) -> None:
    if CLIENTS[name].program is None:
        pytest.skip(CLIENTS[name].absent)


def test_a_client_that_hangs_begins_anew_and_the_last_time_has_all_patience(
    labs: Labs, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []

    def hang(_client: Client, _account: Account, _: object, patience: float) -> tuple[int, str]:
        given.append(patience)
        if len(given) < 3:
            raise TimeoutError
        return 0, ""

    monkeypatch.setattr(matrix, "run", hang)
    assert attempt(CLIENTS["fdm"], labs["2016"], "USER", Transport.TLS).code == 0
    assert given == [45, 90, PATIENCE]


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_fetches_mail_as_expected_and_as_the_record_says(name: str, labs: Labs) -> None:
    installed(name)
    row = "PLAIN" if name in ("curl", "thunderbird") else "USER"
    came_of_it, done = observe(CLIENTS[name], labs, row, Transport.TLS)
    assert done
    assert came_of_it.word == cells(EXPECTED[name])[row]["995"] == "works", done
    assert CLIENTS_ON_RECORD[name]["outcomes"][row]["995"] == as_recorded(came_of_it)
    assert reached(done) is Transport.TLS
    assert (done.code, done.stored, done.intact, done.damaged) == (0, 11, 11, [])


def test_a_client_that_verifies_says_nothing_to_a_server_that_it_does_not_trust(
    labs: Labs, tmp_path: Path
) -> None:
    installed("mpop")
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    assert verifies(CLIENTS["mpop"], labs, Transport.STLS, str(tmp_path / "ca.pem")) == "yes"


# -- how a client is run, and what it stores ---------------------------------------------------------


class Lingering(Curl):
    """A program that asks twice, says that it is done, and goes on."""

    done = (b"hello Anna and Bernd",)

    def command(self, home: str) -> list[str]:  # noqa: ARG002
        """See `Client`."""
        return [
            "sh",
            "-c",
            "printf 'First? '; read a; printf 'Next? '; read b; echo hello $a and $b; sleep 999",
        ]

    def answers(self, account: Account) -> dict[bytes, bytes]:  # noqa: ARG002
        """See `Client`."""
        return {rb"First\?": b"Anna\r", rb"(Next|Second)\?": b"Bernd\r"}


def test_a_program_is_answered_by_patterns_and_ended_when_it_says_that_it_is_done(tmp_path: Path) -> None:
    code, printed = run(Lingering(), Account("", 0, "", "", "", str(tmp_path)))
    assert code == 0
    assert "hello Anna and Bernd" in printed


@pytest.mark.parametrize(
    "printed",
    [
        b"[Saving DONE]",
        b"[Saving      DONE]",  # Alpine, if it had time to show how far it is
        b"[Saving\x1b[5C\x1b[7mDONE\x1b[27m]",
        b"[Saving\x1b[22;40H\x1b(BDONE]",
        b"[Saving\r\n DONE]",
    ],
)
def test_words_on_a_terminal_are_found_whatever_stands_between_them(printed: bytes) -> None:
    assert words(printed).startswith(b"[Saving DONE")


def test_what_alpine_and_thunderbird_note_about_a_message_is_taken_off() -> None:
    begin = b"From anna@muster.example Mon Oct  5 08:12:04 2026 +0200\n"
    noted = b"Status: RO\nX-Status: \nX-Keywords:    \nX-UID: 7\n"
    message = b"Subject: x\n\nFrom here on there is no signal.\n\n"
    file = begin + b"Subject: of its own\n\n\n" + begin + b"Subject: x\n" + noted + message[11:] + b"\n"
    alpine = CLIENTS["alpine"]
    assert [alpine.comparable(found) for found in alpine.messages(file)] == [message]
    noted = b"X-Account-Key: account1\nX-UIDL: 7\nX-Mozilla-Status: 0001\nX-Mozilla-Keys:   \n"
    assert CLIENTS["thunderbird"].comparable(noted + message) == message


# -- what the page says of curl -----------------------------------------------------------------------


class Impatient(Curl):
    """curl with --sasl-ir: it sends the first response in the line of AUTH (RFC 5034, section 4)."""

    def the_rest(self, account: Account) -> list[str]:
        """See `Client`."""
        return [*super().the_rest(account), "sasl-ir"]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("anna@muster.example", Outcome("gives up", said="AUTH GSSAPI", reply="+ ")),
        (
            r"MUSTER\\anna",
            Outcome("gives up", said="AUTH GSSAPI", reply="+ "),
        ),  # doubled as curlrc wants it
        ("anna", Outcome("another", said="AUTH NTLM")),
    ],
)
def test_a_name_with_a_domain_makes_curl_try_kerberos_and_end_without_a_ticket(
    labs: Labs, user: str, expected: Outcome
) -> None:
    """Nobody told it to use Kerberos, which the server lists; it tries nothing else after that."""
    installed("curl")
    if lacks := missing():
        pytest.skip(lacks)
    done = attempt(CLIENTS["curl"], labs["2016+krb"], "USER", Transport.TLS, user=user)
    assert outcome(done, "USER") == expected


@pytest.mark.parametrize(("row", "word"), [("PLAIN", "works"), ("GSSAPI", "gives up")])
def test_an_initial_response_of_curl_goes_well_with_plain_and_not_with_kerberos(
    labs: Labs, row: str, word: str
) -> None:
    """The option --sasl-ir; with it curl says AUTH GSSAPI all the same without one, and then ends."""
    installed("curl")
    if lacks := missing():
        pytest.skip(lacks)
    came_of_it, _ = observe(Impatient(), labs, row, Transport.TLS)
    assert (came_of_it.word, came_of_it.said) == (word, f"AUTH {row}")
