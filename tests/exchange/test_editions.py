"""What each edition says: greeting, farewell, CAPA and replies as on record in public transcripts."""

import base64

import pytest

from minipop.exchange import EDITIONS as KNOWN
from minipop.exchange.sources import Evidence, Fact, Source, listed
from minipop.protocol import Session
from tests.exchange.muster import TRUST, WITH_LOGIN_TYPE, connect, policy
from tests.known import EDITIONS
from tests.support import drain, send, talk

SINCE_2007 = [*WITH_LOGIN_TYPE, "online"]
EXCHANGE = ["2000", "2003", *SINCE_2007]


def test_what_is_taken_over_from_another_version_is_invented() -> None:
    taken_over = {
        source
        for source in Source
        if "taken for all in between" in str(listed().get(source, {}).get("seen", ""))
    }
    assert taken_over == {Source.CAPA_BETWEEN, Source.LOGON_FAILURE, Source.NOT_IN_STATE}
    assert {source.kind for source in {*taken_over, Source.CARRIED_OVER}} == {Evidence.ASSUMED}


def test_deleted_mail_is_kept_for_the_days_on_record() -> None:
    kept = {name: (e.retention_days.value, e.retention_days.source.kind.value) for name, e in KNOWN.items()}
    assert kept["2000"] == (7, "assumed")
    assert kept["2003"] == (7, "modelled")  # T. Redmond, Exchange Server 2010 Inside Out
    assert {kept[name] for name in EXCHANGE if name not in ("2000", "2003")} == {(14, "modelled")}


def test_each_version_knows_when_its_support_ended() -> None:
    known = {name: edition.support.value for name, edition in KNOWN.items()}
    assert known.pop("rfc") is None  # no product of Microsoft's
    found = {name: support and tuple(support.as_json().values()) for name, support in known.items()}
    assert found == {name: edition.support for name, edition in EDITIONS.items() if edition.support}, (
        "tests/known.py"
    )


def test_support_is_told_in_a_few_words_of_the_reader() -> None:
    said = {name: KNOWN[name].support_text("en") for name in ("2013", "2016", "se", "rfc")}
    assert said == {
        "2013": "support ended on 11 April 2023",
        "2016": "support ended on 14 October 2025 (paid updates until October 2026)",
        "se": "supported by Microsoft",
        "rfc": "",
    }
    assert KNOWN["2019"].support_text("de") == (
        "Support beendet am 14. Oktober 2025 (bezahlte Updates bis Oktober 2026)"
    )


def greeting(edition: str) -> str:
    return drain(Session(policy(edition))).decode()


def test_2000_and_2003_greet_with_version_and_host() -> None:
    # nmap-service-probes; MailKit issue 391
    assert greeting("2000").startswith("+OK Microsoft Exchange 2000 POP3 server version 6.0.")
    assert greeting("2003").startswith("+OK Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 (")
    for edition in ("2000", "2003"):
        assert greeting(edition).endswith(".muster.example) ready.\r\n")


@pytest.mark.parametrize("edition", WITH_LOGIN_TYPE)
def test_2007_and_later_all_greet_alike(edition: str) -> None:
    # curl issue 718; wiki.r00tedvw.com
    assert greeting(edition) == "+OK The Microsoft Exchange POP3 service is ready.\r\n"


def test_online_adds_the_front_end_server_in_utf_16_and_base64() -> None:
    # docker-mailserver, “Email Gathering with Fetchmail”
    text, bracket, name = greeting("online").rstrip("]\r\n").partition(" [")
    assert text + bracket == "+OK The Microsoft Exchange POP3 service is ready. ["
    assert base64.b64decode(name).decode("utf-16-le").endswith(".muster.example")


#: That of 2010 is on record (wiki.r00tedvw.com), and Online's (docker-mailserver); the others are assumed.
FAREWELLS = {
    "2000": "+OK Microsoft Exchange 2000 POP3 server version 6.0... signing off.",  # assumed
    "2003": "+OK Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 signing off.",  # MailKit 391
    "rfc": "+OK minipop POP3 server signing off",
    **{
        name: f"+OK Microsoft Exchange Server {row.farewell} POP3 server signing off."
        for name, row in EDITIONS.items()
        if row.farewell != "-"
    },
}


@pytest.mark.parametrize(("edition", "farewell"), FAREWELLS.items())
def test_the_farewell_names_the_version(edition: str, farewell: str) -> None:
    talk(connect(edition), f"C: QUIT\nS: {farewell}")


def capa(session: Session) -> list[str]:
    return send(session, b"CAPA\r\n").decode().split("\r\n")[:-1]


def logged_on(session: Session) -> Session:
    assert b"+OK" in send(session, b"USER anna@muster.example\r\nPASS Sommer2026\r\n").split(b"\r\n")[1]
    return session


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("edition", ["2000", "2003"])
def test_2000_and_2003_list_the_same_on_every_connection(edition: str, tls: bool) -> None:
    # MailKit issue 391; no STLS
    expected = ["+OK Capability list follows", "TOP", "USER", "PIPELINING", "EXPIRE NEVER", "UIDL"]
    expected += ["SASL NTLM", "."]
    assert capa(connect(edition, tls=tls)) == expected
    assert capa(logged_on(connect(edition, tls=tls))) == expected


@pytest.mark.parametrize("edition", WITH_LOGIN_TYPE)
def test_2007_and_later_list_this_with_plain_text_login(edition: str) -> None:
    # curl issue 718; MailKit issue 119
    session = connect(edition, "PlainTextLogin", trust=TRUST)
    assert capa(session) == ["+OK", "TOP", "UIDL", "SASL NTLM GSSAPI PLAIN", "USER", "STLS", "."]
    assert capa(logged_on(session)) == ["+OK", "TOP", "UIDL", "SASL NTLM GSSAPI PLAIN", "USER", "."]


@pytest.mark.parametrize("edition", WITH_LOGIN_TYPE)
def test_without_a_realm_gssapi_is_not_offered(edition: str) -> None:
    session = connect(edition, "PlainTextLogin")
    assert "SASL NTLM PLAIN" in capa(session)
    assert send(session, b"AUTH GSSAPI\r\n").startswith(b"-ERR")
    assert b"GSSAPI" not in send(session, b"AUTH\r\n")


@pytest.mark.parametrize("login_type", [None, "SecureLogin"])
@pytest.mark.parametrize("edition", WITH_LOGIN_TYPE)
def test_secure_login_lists_neither_user_nor_sasl_before_tls(edition: str, login_type: str | None) -> None:
    assert capa(connect(edition, login_type, trust=TRUST)) == ["+OK", "TOP", "UIDL", "STLS", "."]


@pytest.mark.parametrize("edition", WITH_LOGIN_TYPE)
def test_plain_text_authentication_lists_what_sends_no_password_before_tls(edition: str) -> None:
    # the source's “only NTLM or Kerberos”: claim C30
    session = connect(edition, "PlainTextAuthentication", trust=TRUST)
    assert capa(session) == ["+OK", "TOP", "UIDL", "SASL NTLM GSSAPI", "STLS", "."]


@pytest.mark.parametrize("edition", WITH_LOGIN_TYPE)
def test_secure_login_as_observed_lists_ntlm_and_kerberos_before_tls(edition: str) -> None:
    session = connect(edition, "SecureLogin", secure_login="observed", trust=TRUST)
    assert capa(session) == ["+OK", "TOP", "UIDL", "SASL NTLM GSSAPI", "STLS", "."]


def test_online_lists_neither_user_nor_sasl_before_tls() -> None:
    # Indy issue 192
    assert capa(connect("online", trust=TRUST)) == ["+OK", "TOP", "UIDL", "STLS", "."]


@pytest.mark.parametrize("edition", SINCE_2007)
def test_inside_tls_stls_is_gone_and_user_and_sasl_are_there(edition: str) -> None:
    # docker-mailserver; for Online vmime issue 267
    sasl = "SASL PLAIN XOAUTH2" if edition == "online" else "SASL NTLM GSSAPI PLAIN"
    assert capa(connect(edition, tls=True, trust=TRUST)) == ["+OK", "TOP", "UIDL", sasl, "USER", "."]


def test_without_an_issuer_online_offers_xoauth2_inside_tls_all_the_same() -> None:
    # vmime issue 267, Indy issue 192
    assert capa(connect("online", tls=True)) == ["+OK", "TOP", "UIDL", "SASL PLAIN XOAUTH2", "USER", "."]
    assert send(connect("online", tls=True), b"AUTH XOAUTH2\r\n") == b"+ \r\n"
    assert capa(connect("online")) == ["+OK", "TOP", "UIDL", "STLS", "."]
    assert send(connect("online"), b"AUTH XOAUTH2\r\n").startswith(b"-ERR")


def test_without_an_issuer_rfc_does_not_offer_xoauth2() -> None:
    session = connect("rfc", tls=True)
    assert "SASL PLAIN LOGIN" in capa(session)
    assert send(session, b"AUTH XOAUTH2\r\n").startswith(b"-ERR")


@pytest.mark.parametrize("edition", WITH_LOGIN_TYPE)
def test_capa_after_stls_is_capa_of_995(edition: str) -> None:
    session = connect(edition)
    send(session, b"STLS\r\n")
    session.tls_established()
    assert capa(session) == capa(connect(edition, tls=True))
    assert capa(logged_on(session)) == capa(connect(edition, tls=True))


def test_the_rfc_server_lists_what_rfc_2449_defines() -> None:
    lines = capa(connect("rfc"))
    assert lines[0].startswith("+OK")
    assert lines[-1] == "."
    common = {"TOP", "UIDL", "USER", "SASL PLAIN LOGIN", "PIPELINING", "RESP-CODES", "EXPIRE NEVER"}
    assert set(lines[1:-1]) == common | {"STLS", "IMPLEMENTATION minipop"}
    assert set(capa(connect("rfc", tls=True))[1:-1]) == common | {"IMPLEMENTATION minipop"}


@pytest.mark.parametrize("edition", ["2000", "2003"])
def test_2000_and_2003_have_no_stls(edition: str) -> None:
    talk(connect(edition), "C: STLS\nS: -ERR Command is not valid in this state.")


@pytest.mark.parametrize("edition", [*SINCE_2007, "rfc"])
def test_2007_and_later_begin_tls(edition: str) -> None:
    # MailKit issue 119; Indy issue 192
    talk(connect(edition), "C: STLS\nS: +OK Begin TLS negotiation.")


@pytest.mark.parametrize("edition", [*EXCHANGE[:-1]])
def test_the_session_of_an_exchange_on_premises_reads_like_the_transcripts(edition: str) -> None:
    # Exchange Team Blog 2004; BlackBerry KB03913; wiki.r00tedvw.com; docker-mailserver
    talk(
        connect(edition, tls=True),
        """
        C: STAT
        S: -ERR Command is not valid in this state.
        C: USER anna@muster.example
        S: +OK
        C: PASS sommer2026
        S: -ERR Logon failure: unknown user name or bad password.
        C: USER anna@muster.example
        S: +OK
        C: PASS Sommer2026
        S: +OK User successfully logged on.
        C: STAT
        S: +OK 1 17
        C: UIDL
        S: +OK
        S: 1 ...
        S: .
        C: LIST
        S: +OK 1 17
        S: 1 17
        S: .
        C: TOP 1 0
        S: +OK
        S: Subject: anna
        S:␠
        S: .
        C: STLS
        S: -ERR Command is not valid in this state.
        C: QUIT
        S: +OK Microsoft Exchange ... signing off.
        """,
    )


def test_a_bare_auth_lists_the_mechanisms_in_the_words_of_the_edition() -> None:
    # E. Glass, “The NTLM Authentication Protocol” (2000, 2003); [MS-OXPOP3] 1.7
    for edition in ("2000", "2003"):
        talk(connect(edition), "C: AUTH\nS: +OK The operation completed successfully.\nS: NTLM\nS: .")
    for edition in SINCE_2007:
        lines = send(connect(edition, tls=True), b"AUTH\r\n").split(b"\r\n")
        assert lines[0] == b"+OK"
        assert b"PLAIN" in lines[1:-2]
        assert lines[-2:] == [b".", b""]


@pytest.mark.parametrize("edition", ["2000", "2003"])
def test_2000_and_2003_know_neither_plain_nor_login(edition: str) -> None:
    for mechanism in (b"PLAIN", b"LOGIN"):
        assert send(connect(edition), b"AUTH " + mechanism + b"\r\n").startswith(b"-ERR ")


@pytest.mark.parametrize("edition", EXCHANGE)
def test_exchange_has_never_known_apop(edition: str) -> None:
    # [MS-STANXPOP3] 2.2.10
    assert "<" not in greeting(edition)
    reply = send(connect(edition, tls=True), b"APOP anna c4c9334bac560ecc979e58001b3e22fb\r\n")
    assert reply.startswith(b"-ERR ")


# [MS-STANXPOP3] 2.2.14: 512 octets since 2010; 2007's 47 is left out on purpose; RFC 2449: 255
LIMITS = {edition: 255 if edition == "rfc" else 512 for edition in EDITIONS}


@pytest.mark.parametrize(("edition", "limit"), LIMITS.items())
def test_the_longest_command_is_that_of_the_edition(edition: str, limit: int) -> None:
    longest = b"USER " + b"n" * (limit - 7) + b"\r\n"
    assert send(connect(edition, tls=True), longest) == b"+OK\r\n"
    session = connect(edition, tls=True)
    assert send(session, b"n" + longest).startswith(b"-ERR ")
    assert session.finished


def test_online_closes_the_connection_in_these_words_when_a_line_is_too_long() -> None:
    # getmail6 issue 256
    session = connect("online", tls=True)
    assert send(session, b"A" * 3_000) == b"-ERR Protocol error. Connection is closed. 10\r\n"


@pytest.mark.parametrize("edition", EXCHANGE)
def test_no_single_line_reply_is_longer_than_512_octets(edition: str) -> None:
    # [MS-STANXPOP3] 2.2.1, C0001
    session = connect(edition, tls=True)
    assert len(greeting(edition)) <= 512
    for line in (b"X" * 500, b"RETR " + b"9" * 500, b"USER " + b"\xff" * 500, b"AUTH " + b"x" * 500):
        for reply in send(session, line + b"\r\n").splitlines(keepends=True):
            assert len(reply) <= 512


def test_every_value_of_an_edition_names_its_source() -> None:
    for edition in KNOWN.values():
        values = [getattr(edition, name) for name in edition.__dataclass_fields__]
        facts = [value for value in values if isinstance(value, Fact)]
        assert len(facts) + 8 == len(values)  # name, title, four sources alone; replies and forms hold many
        facts += [*edition.replies.values(), *edition.forms.values()]
        assert all(isinstance(fact.source, Source) and fact.source.title for fact in facts)
