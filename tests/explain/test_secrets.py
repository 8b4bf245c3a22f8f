"""No password and no token is left once a text has been masked, in whatever form a log has it."""

from __future__ import annotations

import base64

import pytest

from minipop.explain.secrets import MASK, masked

PASSWORD = "Winter ist kalt 7"
PLAIN = base64.b64encode(b"\0anna@muster.example\0Sommer2026").decode()
TOKEN = ".".join(("eyJ0eXAiOiJKV1QifQ", "eyJhdWQiOiJodHRwcyJ9", "c2lnbmF0dXJl"))
XOAUTH2 = base64.b64encode(f"user=anna@muster.example\1auth=Bearer {TOKEN}\1\1".encode()).decode()
NTLM = base64.b64encode(b"NTLMSSP\0\3\0\0\0" + bytes(range(60))).decode()

#: A text, and what must be gone from it.
SECRETS = [
    (f"PASS {PASSWORD}", PASSWORD),
    (f"C: PASS {PASSWORD}", PASSWORD),
    (f"pass {PASSWORD}", PASSWORD),
    (f"*cmd* 'PASS {PASSWORD}'", PASSWORD),
    (f"--> b'PASS {PASSWORD}\\r\\n'", PASSWORD),
    (f"fetchmail: POP3> PASS {PASSWORD}", PASSWORD),
    (f"C: PASS {PASSWORD} -ERR Unknown command.", PASSWORD),
    ("2026-03-02T08:00:00.000Z,02,2,,,anna,46,10,29,pass,Sommer2026,R=ok", "Sommer2026"),
    ("APOP anna c4c9334bac560ecc979e58001b3e22fb", "c4c9334bac560ecc979e58001b3e22fb"),
    (f"C: AUTH PLAIN {PLAIN}", PLAIN),
    (f"AUTH XOAUTH2 {XOAUTH2}", XOAUTH2),
    (f"C: {XOAUTH2}", XOAUTH2),
    (f"> {PLAIN}", PLAIN),
    (f"C: {NTLM}", NTLM),
    (
        "C: AUTH LOGIN\nS: + VXNlcm5hbWU6\nC: YW5uYQ==\nS: + UGFzc3dvcmQ6\nC: U29tbWVyMjAyNg==",
        "U29tbWVyMjAyNg==",
    ),
    ("C: AUTH PLAIN\nS: +\nC: AGEAYg==", "AGEAYg=="),
    ("> AUTH LOGIN\n< + \n> c2hvcnQ=", "c2hvcnQ="),
    (f"user=anna@muster.example\1auth=Bearer {TOKEN}\1\1", TOKEN),
    (f"Authorization: Bearer {TOKEN}", TOKEN),
    (f"access_token={TOKEN}&expires_in=3599", TOKEN),
    (f'{{"access_token": "{TOKEN}", "refresh_token": "0.AXo-secret-thing"}}', "0.AXo-secret-thing"),
    ("passwd=Sommer2026", "Sommer2026"),
    (f"password = {PASSWORD}", PASSWORD),
    (f'"password": "{PASSWORD}"', PASSWORD),
    (f"Kennwort: {PASSWORD}", PASSWORD),
    ("GET /login?user=anna&password=Sommer2026&x=1", "Sommer2026"),
    ("client_secret=abc~DEF.123", "abc~DEF.123"),
    ('poll mail.muster.example user "anna" password "Sommer2026"', "Sommer2026"),
    ('poll mail.muster.example user "anna" pass "Winter ist kalt 7"', PASSWORD),
    ("machine mail.muster.example login anna password Sommer2026", "Sommer2026"),
    ("curl -u anna:Sommer2026 pop3s://mail.muster.example/", "Sommer2026"),
    ("curl --user 'anna:Winter ist kalt 7' pop3s://mail.muster.example/", PASSWORD),
    (f"curl --oauth2-bearer {TOKEN} pop3s://mail.muster.example/", TOKEN),
    ("".join(("pop3s://anna", ":Sommer2026", "@mail.muster.example/")), "Sommer2026"),
    ("A00000002 LOGIN anna@muster.example Sommer2026", "Sommer2026"),
]

#: What is no secret and has to be readable.
KEPT = [
    "-ERR Logon failure: unknown user name or bad password.",
    "+OK The Microsoft Exchange POP3 service is ready. [TABBAEIAMAAxAC4AbQB1AHMAdABlAHIA]",
    "jakarta.mail.AuthenticationFailedException: Authentication failure: unknown user name or bad password.",
    "org.eclipse.angus.mail.pop3.POP3Store.protocolConnect(POP3Store.java:194)",
    "Verify your user name and password for this account in Account Settings.",
    "mail.pop3.auth.xoauth2.two.line.authentication.format",
    "invalid password: -ERR Logon failure: unknown user name or bad password.",
    "C: AUTH XOAUTH2",
    "C: AUTH NTLM\nS: +OK\nC: CAPA",
    "S: +OK User successfully logged on.",
    "The PASS command was refused.",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_gone(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in masked(text)
    assert not any(word in masked(text) for word in secret.split() if len(word) > 3)
    assert MASK in masked(text)
    assert masked(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked(text) == text


def test_a_reply_behind_a_password_stays() -> None:
    assert masked("C: PASS x y -ERR Unknown command.") == f"C: PASS {MASK} -ERR Unknown command."
    assert masked("b'PASS x y\\r\\n' b'-ERR no'") == f"b'PASS {MASK}\\r\\n' b'-ERR no'"


def test_masking_twice_is_masking_once() -> None:
    for text, _ in SECRETS:
        assert masked(masked(text)) == masked(text)
