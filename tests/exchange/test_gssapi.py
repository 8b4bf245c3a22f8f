"""AUTH GSSAPI (RFC 4752): whole dialogues with python-gssapi as the client, its tickets from a real KDC."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from minipop.exchange import Account
from minipop.exchange.mechanisms.gssapi import gssapi
from minipop.lab.realm import Realm
from minipop.protocol import LogonRefused, Maildrop
from tests.exchange.dialogue import Played
from tests.exchange.muster import ACCOUNTS
from tests.kerberos import SPNEGO, administer, initiator, needs_kerberos

if TYPE_CHECKING:
    from gssapi import SecurityContext

pytestmark = needs_kerberos

ANNA, BERND, CLARA, *_ = ACCOUNTS
KNOWN = {
    ("MUSTER.EXAMPLE", "anna"): ANNA,
    ("MUSTER.EXAMPLE", "bmueller"): BERND,
    ("MUSTER.EXAMPLE", "cweiss"): CLARA,
}
NO_LAYER = b"\x01\x00\x00\x00"


class Server(Played):
    """AUTH GSSAPI.

    Args:
        keytab: the key of the service.
    """

    def __init__(self, keytab: Path) -> None:
        super().__init__(KNOWN, lambda find, open_: gssapi(keytab, find, open_))


@pytest.fixture(scope="module")
def shared() -> Iterator[Realm]:
    with Realm(ACCOUNTS) as started:
        administer(
            started,
            "addprinc -randkey imap/localhost",
            "addprinc -pw Zweitkonto anna/admin",
            "addprinc -pw Fremd2026 fremd",
        )
        yield started


@pytest.fixture
def realm(shared: Realm, monkeypatch: pytest.MonkeyPatch) -> Realm:
    """The realm, and the way to it, as in a notebook."""
    monkeypatch.setenv("KRB5_CONFIG", str(shared.config))
    return shared


@pytest.fixture
def server(realm: Realm) -> Server:
    return Server(realm.keytab)


@pytest.fixture(scope="module")
def anna(shared: Realm) -> Path:
    return shared.ticket("anna", "Sommer2026")


def established(server: Server, client: SecurityContext) -> bytes:
    """Play the two Kerberos messages; return the server's wrapped offer of layers."""
    answer = server.hear(client.step() or b"")
    assert not client.step(answer)
    assert client.complete
    return server.hear(b"")


def test_a_ticket_opens_the_maildrop_and_both_sides_have_proven_who_they_are(
    server: Server, anna: Path
) -> None:
    client = initiator(anna)
    offer = client.unwrap(established(server, client))
    assert (offer.message, offer.encrypted) == (NO_LAYER, False)
    assert server.ends(client.wrap(NO_LAYER, False).message) is server.maildrop
    assert server.asked == [("MUSTER.EXAMPLE", "anna")]
    assert server.opened == [ANNA]


@pytest.mark.parametrize(
    ("account", "name", "password"),
    [(BERND, "bmueller", "Winter ist kalt 7"), (CLARA, "cweiss", "Grüße4Clara")],
    ids=["Bernd", "Clara"],
)
def test_passwords_with_spaces_and_umlauts_get_tickets_like_any_other(
    realm: Realm, server: Server, account: Account, name: str, password: str
) -> None:
    client = initiator(realm.ticket(name, password))
    client.unwrap(established(server, client))
    server.ends(client.wrap(NO_LAYER, False).message)
    assert server.opened == [account]


def test_without_mutual_authentication_the_offer_of_layers_follows_at_once(
    server: Server, anna: Path
) -> None:
    client = initiator(anna, mutual=False)
    offer = server.hear(client.step() or b"")
    assert client.complete
    assert client.unwrap(offer).message == NO_LAYER
    server.ends(client.wrap(NO_LAYER, False).message)
    assert server.opened == [ANNA]


@pytest.mark.parametrize("config", [None, "/nonexistent/krb5.conf"])
def test_the_service_needs_no_configuration_of_kerberos(
    server: Server, anna: Path, monkeypatch: pytest.MonkeyPatch, config: str | None
) -> None:
    client = initiator(anna)
    token = client.step() or b""
    with monkeypatch.context() as patch:
        patch.delenv("KRB5_CONFIG") if config is None else patch.setenv("KRB5_CONFIG", config)
        answer = server.hear(token)
        offer = server.hear(b"")
    client.step(answer)
    client.unwrap(offer)
    last = client.wrap(NO_LAYER, False).message
    with monkeypatch.context() as patch:
        patch.delenv("KRB5_CONFIG") if config is None else patch.setenv("KRB5_CONFIG", config)
        server.ends(last)
    assert server.opened == [ANNA]


def test_a_ticket_for_another_service_is_refused(server: Server, anna: Path) -> None:
    client = initiator(anna, service="imap@localhost")
    assert server.refuses(client.step() or b"") == "ticket"


def test_a_ticket_of_another_realm_of_the_same_name_is_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Realm(ACCOUNTS) as other:
        monkeypatch.setenv("KRB5_CONFIG", str(other.config))
        token = initiator(other.ticket("anna", "Sommer2026")).step() or b""
    assert server.refuses(token) == "ticket"


def test_what_an_eavesdropper_sends_again_is_refused(realm: Realm, server: Server, anna: Path) -> None:
    token = initiator(anna).step() or b""
    server.hear(token)
    again = Server(realm.keytab)
    assert again.refuses(token) == "ticket"


def test_the_replay_cache_lies_in_the_realms_folder(realm: Realm, server: Server, anna: Path) -> None:
    server.hear(initiator(anna).step() or b"")
    cache = realm.keytab.parent / "replay-cache"
    before = cache.read_bytes()
    Server(realm.keytab).hear(initiator(anna).step() or b"")
    assert cache.read_bytes() != before


@pytest.mark.parametrize(
    "response",
    [b"", b"\0", b"garbage", b"\x60", b"\x60\x82\xff\xff", b"A" * 70_000, "Grüße".encode("latin-1")],
    ids=["empty", "NUL", "text", "one octet", "too short for its length", "long", "latin-1"],
)
def test_what_is_no_token_is_malformed(server: Server, response: bytes) -> None:
    assert server.refuses(response) == "malformed"


def test_a_token_that_is_cut_off_anywhere_is_refused(realm: Realm, anna: Path) -> None:
    token = initiator(anna).step() or b""
    for length in [*range(0, 40), *range(40, len(token), 13), len(token) - 1]:
        assert Server(realm.keytab).refuses(token[:length]) in {"malformed", "ticket"}, length


def test_a_token_with_one_bit_changed_is_refused(realm: Realm, anna: Path) -> None:
    for place in (-1, -60, -120):  # in the encrypted authenticator, at the token's end
        token = bytearray(initiator(anna).step() or b"")
        token[place] ^= 1
        assert Server(realm.keytab).refuses(bytes(token)) == "ticket"


def test_spnego_is_another_mechanism(server: Server, anna: Path) -> None:
    assert server.refuses(initiator(anna, mechanism=SPNEGO).step() or b"") == "ticket"


def test_the_servers_proof_is_answered_by_nothing(server: Server, anna: Path) -> None:
    client = initiator(anna)
    server.hear(client.step() or b"")
    assert server.refuses(b"surplus") == "malformed"


@pytest.mark.parametrize("layer", [0, 2, 4, 3, 255], ids=["none", "integrity", "encryption", "two", "all"])
def test_a_client_that_wants_a_security_layer_is_refused(server: Server, anna: Path, layer: int) -> None:
    client = initiator(anna)
    established(server, client)
    assert server.refuses(client.wrap(bytes([layer, 0, 16, 0]), False).message) == "malformed"


@pytest.mark.parametrize("answer", [b"", b"\x01", b"\x01\x00\x00", NO_LAYER + b"\xff"])
def test_an_answer_that_is_too_short_or_no_utf_8_is_malformed(
    server: Server, anna: Path, answer: bytes
) -> None:
    client = initiator(anna)
    established(server, client)
    assert server.refuses(client.wrap(answer, False).message) == "malformed"


@pytest.mark.parametrize("answer", [b"", NO_LAYER, b"\x05\x04" + b"\0" * 40])
def test_an_answer_that_is_not_wrapped_is_malformed(server: Server, anna: Path, answer: bytes) -> None:
    established(server, initiator(anna))
    assert server.refuses(answer) == "malformed"


def test_an_answer_wrapped_in_another_dialogue_is_refused(realm: Realm, server: Server, anna: Path) -> None:
    established(server, initiator(anna))
    other = initiator(anna)
    established(Server(realm.keytab), other)
    assert server.refuses(other.wrap(NO_LAYER, False).message) == "ticket"


@pytest.mark.parametrize(
    "authzid",
    ["anna", "ANNA", "anna@muster.example", "anna@MUSTER.EXAMPLE", "Anna@Muster.Example"],
)
def test_a_name_to_act_as_may_be_ones_own(server: Server, anna: Path, authzid: str) -> None:
    client = initiator(anna)
    established(server, client)
    server.ends(client.wrap(NO_LAYER + authzid.encode(), False).message)
    assert server.opened == [ANNA]


def test_ones_own_upn_may_differ_from_the_principal(realm: Realm, server: Server) -> None:
    client = initiator(realm.ticket("cweiss", "Grüße4Clara"))
    established(server, client)
    server.ends(client.wrap(NO_LAYER + b"clara.weiss@muster.example", False).message)
    assert server.opened == [CLARA]


@pytest.mark.parametrize("authzid", ["bmueller", "bmueller@muster.example", "info", "anna\0", " anna"])
def test_nobody_may_act_as_somebody_else(server: Server, anna: Path, authzid: str) -> None:
    client = initiator(anna)
    established(server, client)
    assert server.refuses(client.wrap(NO_LAYER + authzid.encode(), False).message) == "authzid"


def test_a_principal_without_an_account_is_refused(realm: Realm, server: Server) -> None:
    client = initiator(realm.ticket("fremd", "Fremd2026"))
    established(server, client)
    assert server.refuses(client.wrap(NO_LAYER, False).message) == "no-account"
    assert server.asked == [("MUSTER.EXAMPLE", "fremd")]


def test_a_principal_of_two_parts_is_nobodys_account(realm: Realm, server: Server) -> None:
    client = initiator(realm.ticket("anna/admin", "Zweitkonto"))
    established(server, client)
    assert server.refuses(client.wrap(NO_LAYER, False).message) == "no-account"
    assert server.asked == []


def test_a_maildrop_that_does_not_open_says_why(realm: Realm, anna: Path) -> None:
    def closed(account: Account) -> Maildrop:
        raise LogonRefused("pop-disabled", instead=account.alias)

    server = Server(realm.keytab)
    server.dialogue = gssapi(realm.keytab, server.find, closed)
    next(server.dialogue)
    client = initiator(anna)
    established(server, client)
    assert server.refuses(client.wrap(NO_LAYER, False).message) == "pop-disabled"


def test_a_keytab_that_is_gone_refuses_everybody(realm: Realm, anna: Path, tmp_path: Path) -> None:
    server = Server(realm.keytab)
    server.dialogue = gssapi(tmp_path / "keytab", server.find, server.open)
    assert next(server.dialogue) == b""
    assert server.refuses(initiator(anna).step() or b"") == "ticket"


def test_a_refusal_holds_nothing_of_what_was_sent(server: Server, anna: Path) -> None:
    client = initiator(anna, service="imap@localhost")
    with pytest.raises(LogonRefused) as refusal:
        server.dialogue.send(client.step() or b"")
    assert str(refusal.value) == "ticket"
    assert refusal.value.__suppress_context__
