"""Realm, issuer and certificate as the Lab hands them to the service; whole sessions over real sockets."""

import base64
import json
import poplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
import spnego
from spnego.channel_bindings import GssChannelBindings

from evidence.patience import PATIENCE
from minipop import Lab
from minipop.exchange import SettingsError
from minipop.lab.clients import MECHANISMS, Transport, session
from tests.kerberos import needs_kerberos

REFUSED = b"-ERR Authentication failure: unknown user name or bad password."


def say(pop: poplib.POP3, line: bytes) -> bytes:
    pop.sock.sendall(line + b"\r\n")
    return pop.file.readline().rstrip(b"\r\n")


@contextmanager
def connected(lab: Lab, *, over: str) -> Iterator[poplib.POP3]:
    """Connect on 110, by STLS, or on 995."""
    context = ssl.create_default_context(cafile=lab.ca_file)
    if over == "995":
        pop: poplib.POP3 = poplib.POP3_SSL(lab.host, lab.tls_port, timeout=PATIENCE, context=context)
    else:
        pop = poplib.POP3(lab.host, lab.port, timeout=PATIENCE)
    try:
        if over == "STLS":
            pop.stls(context)
        yield pop
    finally:
        pop.close()


def by_ntlm(pop: poplib.POP3, name: str, password: str, bindings: GssChannelBindings | None = None) -> bytes:
    """Log on by NTLM; return the last reply."""
    client = spnego.client(
        name,
        password,
        protocol="ntlm",
        channel_bindings=bindings,
        options=spnego.NegotiateOptions.use_ntlm,
    )
    assert say(pop, b"AUTH NTLM") == b"+ "
    reply = say(pop, base64.b64encode(client.step() or b""))
    return say(pop, base64.b64encode(client.step(base64.b64decode(reply[2:])) or b""))


def binding(certificate: bytes) -> GssChannelBindings:
    """Return the binding to a certificate in DER that is signed with SHA-256 (RFC 5929, section 4)."""
    return GssChannelBindings(application_data=b"tls-server-end-point:" + sha256(certificate).digest())


@pytest.mark.parametrize("over", ["110", "STLS", "995"])
@pytest.mark.parametrize(
    ("name", "password", "subject"),
    [
        ("MUSTER\\anna", "Sommer2026", "anna"),
        ("anna@muster.example", "Sommer2026", "anna"),
        ("MUSTER\\bmueller", "Winter ist kalt 7", "bernd.mueller"),
        ("muster.example\\bmueller", "Winter ist kalt 7", "bernd.mueller"),
        ("bmueller", "Winter ist kalt 7", "bernd.mueller"),
        ("clara.weiss@muster.example", "£20 for Clara", "cweiss"),
    ],
)
def test_ntlm_opens_ones_own_mailbox_over_every_transport(
    name: str, password: str, subject: str, over: str
) -> None:
    with Lab(login_type="PlainTextAuthentication") as lab:
        with connected(lab, over=over) as pop:
            assert by_ntlm(pop, name, password).startswith(b"+OK")
            pop.quit()
        assert lab.mailbox(subject).sessions_ended == 1


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("MUSTER\\anna", "Sommer2025"),
        ("MUSTER\\nobody", "Sommer2026"),
        ("ANDERE\\anna", "Sommer2026"),
        ("anna.arndt@muster.example", "Sommer2026"),  # an address is not a UPN
        ("MUSTER\\dora", "Herbst2026"),  # POP3 is off
        ("MUSTER\\info", ""),
    ],
)
def test_ntlm_refuses_everybody_else_with_one_sentence(name: str, password: str) -> None:
    with Lab() as lab, connected(lab, over="995") as pop:
        assert by_ntlm(pop, name, password) == REFUSED


@pytest.mark.parametrize(
    ("edition", "opened"), [("2003", False), ("2010", False), ("2013", True), ("se", True)]
)
def test_until_2010_ntlm_too_wants_an_alias_that_is_the_windows_name(edition: str, opened: bool) -> None:
    # the Exchange Team Blog of 2004; the fault that CU21 of Exchange 2013 mended
    with Lab(edition) as lab, connected(lab, over="995") as pop:
        client = spnego.client(
            "MUSTER\\bmueller", "Winter ist kalt 7", protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm
        )
        assert say(pop, b"AUTH NTLM") == (b"+OK" if edition == "2003" else b"+ ")
        reply = say(pop, base64.b64encode(client.step() or b""))
        reply = say(pop, base64.b64encode(client.step(base64.b64decode(reply[2:])) or b""))
        assert reply.startswith(b"+OK" if opened else b"-ERR")
        if not opened:
            refusal = lab.transcript[-1].entries[-1].refusal
            assert refusal
            assert refusal.reason == "alias"


@pytest.mark.parametrize("over", ["STLS", "995"])
@pytest.mark.parametrize(
    ("policy", "bound_to", "accepted"),
    [
        ("None", "nothing", True),
        ("None", "this server", True),
        ("None", "another", True),
        ("Allow", "nothing", True),
        ("Allow", "this server", True),
        ("Allow", "another", False),
        ("Require", "nothing", False),
        ("Require", "this server", True),
        ("Require", "another", False),
    ],
)
def test_extended_protection_binds_ntlm_to_the_certificate(
    policy: str, bound_to: str, accepted: bool, over: str
) -> None:
    with Lab(extended_protection=policy) as lab, connected(lab, over=over) as pop:
        assert isinstance(pop.sock, ssl.SSLSocket)
        certificate = pop.sock.getpeercert(binary_form=True)
        assert certificate
        right = binding(certificate)
        bindings = {
            "nothing": None,
            "this server": right,
            "another": GssChannelBindings(application_data=b"tls-server-end-point:" + bytes(32)),
        }[bound_to]
        reply = by_ntlm(pop, "MUSTER\\anna", "Sommer2026", bindings)
        assert reply.startswith(b"+OK") if accepted else reply == REFUSED


def test_where_a_binding_is_demanded_nobody_gets_in_without_tls() -> None:
    lab = Lab(login_type="PlainTextLogin", extended_protection="Require")
    with lab, connected(lab, over="110") as pop:
        assert by_ntlm(pop, "MUSTER\\anna", "Sommer2026") == REFUSED


# -- Kerberos ---------------------------------------------------------------------------------------------


@needs_kerberos
def test_with_a_realm_the_service_offers_gssapi_and_says_where_its_realm_is() -> None:
    with Lab(login_type="PlainTextLogin", kerberos=True) as lab:
        pop = poplib.POP3(lab.host, lab.port, timeout=PATIENCE)
        assert pop.capa()["SASL"] == ["NTLM", "GSSAPI", "PLAIN"]
        pop.close()
        described = lab.description()["krb5"]
        assert described == {
            "realm": "MUSTER.EXAMPLE",
            "config": str(lab.realm.config),
            "service": "pop/localhost",
        }
        assert json.dumps(described)
        folder = lab.realm.config.parent
    assert not folder.exists()


@needs_kerberos
def test_accounts_of_ones_own_log_on_by_kerberos_whatever_their_domain_is(tmp_path: Path) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(
        '[[accounts]]\nname = "Erna"\nalias = "erna"\nsam = "erna"\nupn = "erna@example.org"\n'
        'password = "x y"\n'
    )
    with Lab(kerberos=True, accounts=file) as lab:
        way = MECHANISMS["AUTH GSSAPI"]
        with session(lab, Transport.TLS, lambda pop: way.log_on(pop, lab, lab.accounts[0], "x y")) as (
            _,
            reply,
        ):
            assert reply == "+OK User successfully authenticated."


def test_without_kerberos_the_sentence_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from minipop.lab import RealmError

    monkeypatch.setattr("minipop.lab.realm._program", lambda _: None)
    with pytest.raises(RealmError, match="apt install krb5-kdc"):
        Lab(kerberos=True).start()


@needs_kerberos
def test_a_port_that_is_taken_leaves_neither_realm_nor_issuer_behind() -> None:
    from minipop.server import AddressError

    with Lab() as first:
        second = Lab(kerberos=True, port=first.port)
        with pytest.raises(AddressError):
            second.start()
        with pytest.raises(RuntimeError):
            _ = second.realm.config


# -- the issuer -------------------------------------------------------------------------------------------


def test_with_an_issuer_the_service_offers_xoauth2_and_takes_its_tokens() -> None:
    with Lab("online", issuer=True) as lab, connected(lab, over="995") as pop:
        assert pop.capa()["SASL"] == ["PLAIN", "XOAUTH2"]
        assert lab.description()["issuer"] == {
            "authority": lab.issuer.authority,
            "client_id": "7e4a47a0-0000-4000-8000-0000000000fa",
            "client_secret": "Faxabruf-Geheimnis-2026",
            "scope": "https://outlook.office365.com/.default",
            "public_client_id": "7e4a47a0-0000-4000-8000-000000000110",
            "public_scope": "https://outlook.office.com/POP.AccessAsUser.All",
        }
        assert say(pop, b"AUTH XOAUTH2") == b"+ "
        response = f"user=anna@muster.example\1auth=Bearer {lab.issuer.issue('anna@muster.example')}\1\1"
        assert say(pop, base64.b64encode(response.encode())) == b"+OK User successfully authenticated."


def test_the_fax_application_opens_the_fax_mailbox_and_no_other() -> None:
    app = "7e4a47a0-0000-4000-8000-0000000000fa"
    with Lab("online", issuer=True) as lab:
        for user, reply in (("fax@muster.example", b"+OK"), ("anna@muster.example", b"-ERR")):
            with connected(lab, over="995") as pop:
                say(pop, b"AUTH XOAUTH2")
                response = f"user={user}\1auth=Bearer {lab.issuer.issue(app)}\1\1"
                assert say(pop, base64.b64encode(response.encode())).startswith(reply)


def test_a_token_of_another_labs_issuer_is_refused() -> None:
    with Lab("online", issuer=True) as other:
        token = other.issuer.issue("anna@muster.example")
        with Lab("online", issuer=True) as lab, connected(lab, over="995") as pop:
            say(pop, b"AUTH XOAUTH2")
            response = f"user=anna@muster.example\1auth=Bearer {token}\1\1"
            assert say(pop, base64.b64encode(response.encode())) == REFUSED


def test_without_an_issuer_online_refuses_every_token_and_the_log_says_why(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Lab("online") as lab, connected(lab, over="995") as pop:
        assert pop.capa()["SASL"] == ["PLAIN", "XOAUTH2"]
        assert say(pop, b"AUTH XOAUTH2") == b"+ "
        response = base64.b64encode(b"user=anna@muster.example\1auth=Bearer eyJ.good.token\1\1")
        assert say(pop, response) == REFUSED
        entries = [entry for conversation in lab.transcript for entry in conversation.entries]
        assert [entry.refusal.reason for entry in entries if entry.refusal] == ["no-issuer"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "no issuer of tokens is running" in caplog.text
    assert "--issuer" in caplog.text
    assert "eyJ" not in caplog.text


# -- what is not there ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edition", "wanted", "mechanism"),
    [("2003", "kerberos", "GSSAPI"), ("online", "kerberos", "GSSAPI"), ("2016", "issuer", "XOAUTH2")],
)
def test_what_the_edition_cannot_use_is_not_started(edition: str, wanted: str, mechanism: str) -> None:
    with pytest.raises(SettingsError, match=f"edition '{edition}' has no {mechanism}"):
        Lab(edition, **{wanted: True})


def test_a_lab_without_realm_or_issuer_says_how_to_get_one() -> None:
    with Lab() as lab:
        with pytest.raises(RuntimeError, match="kerberos=True"):
            _ = lab.realm
        with pytest.raises(RuntimeError, match="issuer=True"):
            _ = lab.issuer
        assert (lab.description()["issuer"], lab.description()["krb5"]) == (None, None)
