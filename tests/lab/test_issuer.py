"""The issuer of the lessons: Microsoft's own library gets its tokens from it; what is wrong is refused."""

import json
import re
import socket
import ssl
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import msal  # type: ignore[import-untyped]
import pytest
import requests

from evidence.patience import PATIENCE
from minipop.exchange.tokens import Token
from minipop.lab import stage
from minipop.lab.issuer import Issuer, SignInError, SigningKey
from minipop.protocol import LogonRefused

TENANT = "7e4a47a0-0000-4000-8000-000000000001"
FAX_APP = "7e4a47a0-0000-4000-8000-0000000000fa"
FAX_SECRET = "Faxabruf-Geheimnis-2026"
MAIL_PROGRAM = "7e4a47a0-0000-4000-8000-000000000110"
USER_SCOPE = "https://outlook.office.com/POP.AccessAsUser.All"
APP_SCOPE = "https://outlook.office365.com/.default"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"

ANNA = Token(upn="anna@muster.example", app=None)


class Clock:
    """A clock that a test can put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> Iterator[Issuer]:
    """An issuer of the world of the lessons."""
    with Issuer(clock=clock) as started:
        yield started


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """What a client speaks https with: no proxy, and the lesson's authority instead of the public ones."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(stage.current().authority().ca_file)
        yield session


def service(issuer: Issuer, http: requests.Session, **changes: object) -> msal.ConfidentialClientApplication:
    """Return msal as a service uses it, the fax app unless told otherwise."""
    settings = {
        "client_id": FAX_APP,
        "client_credential": FAX_SECRET,
        "authority": issuer.authority,
        "validate_authority": False,
        "instance_discovery": False,
        "http_client": http,
    }
    return msal.ConfidentialClientApplication(**{**settings, **changes})


def program(issuer: Issuer, http: requests.Session) -> msal.PublicClientApplication:
    """Return msal as a mail program uses it."""
    return msal.PublicClientApplication(
        MAIL_PROGRAM,
        authority=issuer.authority,
        validate_authority=False,
        instance_discovery=False,
        http_client=http,
    )


def once(_: object) -> bool:
    """Tell msal not to wait between two questions, but to return."""
    return True


# -- msal -------------------------------------------------------------------------------------------


def test_a_service_gets_a_token_in_its_own_name(issuer: Issuer, http: requests.Session) -> None:
    got = service(issuer, http).acquire_token_for_client([APP_SCOPE])
    assert (got["token_type"], got["expires_in"]) == ("Bearer", 3600)
    assert issuer.verifier().verify(got["access_token"]) == Token(upn=None, app=FAX_APP)
    assert "refresh_token" not in got


def audience(token: str) -> object:
    return jwt.decode(token, options={"verify_signature": False})["aud"]


@pytest.mark.parametrize("resource", ["https://outlook.office.com", "https://outlook.office365.com"])
def test_a_token_is_for_the_resource_that_was_asked_for_and_the_service_takes_both(
    issuer: Issuer, http: requests.Session, resource: str
) -> None:
    of_the_app = service(issuer, http).acquire_token_for_client([f"{resource}/.default"])["access_token"]
    flow = program(issuer, http).initiate_device_flow([f"{resource}/POP.AccessAsUser.All"])
    issuer.sign_in(flow["user_code"], "anna@muster.example", "Sommer2026")
    got = program(issuer, http).acquire_token_by_device_flow(flow, exit_condition=once)["access_token"]
    assert (audience(of_the_app), audience(got)) == (resource, resource)
    assert issuer.verifier().verify(of_the_app) == Token(upn=None, app=FAX_APP)
    assert issuer.verifier().verify(got) == ANNA


def test_a_token_for_the_resource_with_a_slash_at_its_end_is_taken_too(issuer: Issuer) -> None:
    for resource in ("https://outlook.office.com/", "https://outlook.office365.com/"):
        assert issuer.verifier().verify(issuer.issue("anna@muster.example", audience=resource)) == ANNA


def test_one_token_cannot_be_for_both_resources(issuer: Issuer, http: requests.Session) -> None:
    permission = "POP.AccessAsUser.All"
    both = [f"https://outlook.office.com/{permission}", f"https://outlook.office365.com/{permission}"]
    assert program(issuer, http).initiate_device_flow(both)["error"] == "invalid_scope"


def test_msal_takes_it_by_the_name_of_the_organization_and_by_openid_connect_too(
    issuer: Issuer, http: requests.Session
) -> None:
    by_name = service(issuer, http, authority=f"{issuer.url}/muster.example")
    assert "access_token" in by_name.acquire_token_for_client([APP_SCOPE])
    by_oidc = msal.ConfidentialClientApplication(
        FAX_APP, client_credential=FAX_SECRET, oidc_authority=issuer.issuer, http_client=http
    )
    assert "access_token" in by_oidc.acquire_token_for_client([APP_SCOPE])


def test_a_wrong_secret_is_told_as_entra_id_tells_it(issuer: Issuer, http: requests.Session) -> None:
    got = service(issuer, http, client_credential="Faxabruf-Geheimnis-2025").acquire_token_for_client(
        [APP_SCOPE]
    )
    assert got["error"] == "invalid_client"
    assert got["error_description"].startswith("AADSTS7000215: ")
    assert got["error_codes"] == [7000215]
    assert "Geheimnis" not in str(got)


def test_a_user_signs_in_beside_the_program_and_the_program_gets_the_token(
    issuer: Issuer, http: requests.Session
) -> None:
    app = program(issuer, http)
    flow = app.initiate_device_flow([USER_SCOPE])
    assert (flow["user_code"], flow["interval"], flow["expires_in"]) == ("MUSTER001", 1, 900)
    assert flow["verification_uri"] == f"{issuer.url}/device"
    assert "MUSTER001" in flow["message"]

    pending = app.acquire_token_by_device_flow(flow, exit_condition=once)
    assert pending["error"] == "authorization_pending"

    issuer.sign_in(flow["user_code"], "anna@muster.example", "Sommer2026")
    got = app.acquire_token_by_device_flow(flow, exit_condition=once)
    assert issuer.verifier().verify(got["access_token"]) == ANNA
    assert got["id_token_claims"]["preferred_username"] == "anna@muster.example"
    assert got["id_token_claims"]["name"] == "Anna Arndt"

    used = app.acquire_token_by_device_flow(flow, exit_condition=once)
    assert used["error"] == "bad_verification_code"


def test_msal_keeps_the_token_and_refreshes_it(issuer: Issuer, http: requests.Session, clock: Clock) -> None:
    app = program(issuer, http)
    flow = app.initiate_device_flow([USER_SCOPE])
    issuer.sign_in(flow["user_code"], "anna@muster.example", "Sommer2026")
    first = app.acquire_token_by_device_flow(flow, exit_condition=once)["access_token"]
    [account] = app.get_accounts()
    assert account["username"] == "anna@muster.example"
    assert app.acquire_token_silent([USER_SCOPE], account)["access_token"] == first

    clock.ahead = 20
    refreshed = app.acquire_token_silent([USER_SCOPE], account, force_refresh=True)["access_token"]
    assert refreshed != first
    assert issuer.verifier().verify(refreshed) == ANNA


def test_a_declined_or_expired_code_is_told_to_the_program(
    issuer: Issuer, http: requests.Session, clock: Clock
) -> None:
    app = program(issuer, http)
    declined, expired = (app.initiate_device_flow([USER_SCOPE]) for _ in range(2))
    issuer.decline(declined["user_code"])
    got = app.acquire_token_by_device_flow(declined, exit_condition=once)
    assert got["error"] == "authorization_declined"
    clock.ahead = 900
    got = app.acquire_token_by_device_flow(expired, exit_condition=once)
    assert got["error"] == "expired_token"
    with pytest.raises(SignInError, match="expired"):
        issuer.sign_in(expired["user_code"], "anna@muster.example", "Sommer2026")


def test_a_scope_that_is_not_granted_is_refused_to_msal(issuer: Issuer, http: requests.Session) -> None:
    flow = program(issuer, http).initiate_device_flow(["https://outlook.office.com/SMTP.Send"])
    assert flow["error"] == "invalid_scope"
    got = service(issuer, http).acquire_token_for_client(["https://graph.microsoft.com/.default"])
    assert got["error"] == "invalid_scope"


# -- tokens for lessons -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"starts": -7200}, "token-expired"),
        ({"lifetime": -60}, "token-expired"),
        ({"starts": 3600}, "token-expired"),
        ({"audience": "https://graph.microsoft.com"}, "token-audience"),
        ({"tenant": "7e4a47a0-0000-4000-8000-000000000002"}, "token-tenant"),
        ({"scopes": ["IMAP.AccessAsUser.All"]}, "token-scope"),
        ({"scopes": []}, "token-scope"),
    ],
)
@pytest.mark.parametrize("name", ["anna@muster.example", FAX_APP])
def test_a_token_made_wrong_for_a_lesson_is_refused_for_just_that(
    issuer: Issuer, name: str, wrong: dict[str, Any], expected: str
) -> None:
    with pytest.raises(LogonRefused) as refused:
        issuer.verifier().verify(issuer.issue(name, **wrong))
    assert refused.value.reason == expected


def test_a_token_made_for_a_lesson_is_right_if_nothing_is_said(issuer: Issuer) -> None:
    assert issuer.verifier().verify(issuer.issue("Anna@Muster.Example")) == ANNA
    assert issuer.verifier().verify(issuer.issue(FAX_APP)) == Token(upn=None, app=FAX_APP)
    with pytest.raises(KeyError, match="nobody@"):
        issuer.issue("nobody@muster.example")


def test_a_token_of_a_key_that_the_issuer_does_not_have_is_refused(issuer: Issuer) -> None:
    with pytest.raises(LogonRefused) as refused:
        issuer.verifier().verify(issuer.issue("anna@muster.example", key=SigningKey()))
    assert refused.value.reason == "token"


def test_the_key_set_holds_the_public_half_alone(issuer: Issuer, http: requests.Session) -> None:
    served = http.get(f"{issuer.authority}/discovery/v2.0/keys").json()
    assert served == issuer.keys()
    [key] = served["keys"]
    assert sorted(key) == ["alg", "e", "kid", "kty", "n", "use"]
    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")


def test_the_application_may_open_the_mailbox_of_the_fax_machine_and_no_other() -> None:
    file = Path(__file__).parents[2] / "src" / "minipop" / "lab" / "world" / "accounts.toml"
    accounts = tomllib.loads(file.read_text("utf-8"))["accounts"]
    assert [a["alias"] for a in accounts if FAX_APP in a.get("full_access", [])] == ["fax"]


# -- the page ---------------------------------------------------------------------------------------


def begin(issuer: Issuer, http: requests.Session) -> dict[str, str]:
    form = {"client_id": MAIL_PROGRAM, "scope": f"{USER_SCOPE} offline_access openid profile"}
    begun: dict[str, str] = http.post(f"{issuer.authority}/oauth2/v2.0/devicecode", form).json()
    return begun


def ask(issuer: Issuer, http: requests.Session, **form: str) -> tuple[int, dict[str, Any]]:
    answer = http.post(f"{issuer.authority}/oauth2/v2.0/token", form)
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json()


def test_the_page_is_a_form_in_both_languages_that_needs_nothing_from_elsewhere(
    issuer: Issuer, http: requests.Session
) -> None:
    answer = http.get(f"{issuer.url}/device")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert set(re.findall('name="([a-z_]+)"', answer.text)) == {
        "viewport",
        "user_code",
        "name",
        "password",
        "decline",
    }
    assert "Kennwort" in answer.text
    assert "Password" in answer.text
    assert not re.search("https?://|src=|href=|<script|<style", answer.text)


def test_who_fills_in_the_page_is_signed_in(issuer: Issuer, http: requests.Session) -> None:
    begun = begin(issuer, http)
    form = {"user_code": "muster-001", "name": "clara.weiss@muster.example", "password": "£20 for Clara"}
    answer = http.post(begun["verification_uri"], form)
    assert answer.status_code == 200
    assert "You are signed in" in answer.text
    status, got = ask(
        issuer, http, grant_type=DEVICE_CODE, client_id=MAIL_PROGRAM, device_code=begun["device_code"]
    )
    assert status == 200
    assert issuer.verifier().verify(got["access_token"]).upn == "clara.weiss@muster.example"


def test_who_declines_on_the_page_needs_no_password(issuer: Issuer, http: requests.Session) -> None:
    begun = begin(issuer, http)
    answer = http.post(begun["verification_uri"], {"user_code": begun["user_code"], "decline": "1"})
    assert "You declined." in answer.text
    form = {"grant_type": DEVICE_CODE, "client_id": MAIL_PROGRAM, "device_code": begun["device_code"]}
    assert ask(issuer, http, **form)[1]["error"] == "authorization_declined"


@pytest.mark.parametrize(
    ("code", "name", "password", "said"),
    [
        ("MUSTER001", "anna@muster.example", "sommer2026", "The username or the password is wrong."),
        ("MUSTER001", "anna@muster.example", "", "The username or the password is wrong."),
        ("MUSTER001", "anna", "Sommer2026", "The username or the password is wrong."),
        ("MUSTER001", "nobody@muster.example", "Sommer2026", "The username or the password is wrong."),
        ("MUSTER001", "info@muster.example", "", "The username or the password is wrong."),
        ("MUSTER002", "anna@muster.example", "Sommer2026", "This code does not exist"),
        ("", "anna@muster.example", "Sommer2026", "This code does not exist"),
        ("<b>&", "<script>", "Sommer2026", "This code does not exist"),
    ],
)
def test_who_fills_in_the_page_wrongly_is_told_so_and_nothing_is_repeated(
    issuer: Issuer, http: requests.Session, code: str, name: str, password: str, said: str
) -> None:
    begun = begin(issuer, http)
    empty = http.get(begun["verification_uri"]).text
    answer = http.post(begun["verification_uri"], {"user_code": code, "name": name, "password": password})
    assert answer.status_code == 403
    assert said in answer.text
    assert "Sommer2026" not in answer.text
    # But for what is said, the page is as it was: nothing of the form is in it.
    assert re.sub('<p role="status">.*</p>', "", answer.text) == empty
    with pytest.raises(SignInError, match=said) as refused:
        issuer.sign_in(code, name, password)
    assert "Sommer2026" not in str(refused.value)
    form = {"grant_type": DEVICE_CODE, "client_id": MAIL_PROGRAM, "device_code": begun["device_code"]}
    assert ask(issuer, http, **form)[1]["error"] == "authorization_pending"


def test_a_code_serves_one_sign_in(issuer: Issuer, http: requests.Session) -> None:
    begin(issuer, http)
    issuer.sign_in("MUSTER001", "anna@muster.example", "Sommer2026")
    with pytest.raises(SignInError, match="already been used"):
        issuer.sign_in("MUSTER001", "clara.weiss@muster.example", "£20 for Clara")
    with pytest.raises(SignInError, match="already been used"):
        issuer.decline("MUSTER001")


def test_each_program_that_waits_has_a_code_of_its_own(issuer: Issuer, http: requests.Session) -> None:
    first, second = begin(issuer, http), begin(issuer, http)
    issuer.sign_in(second["user_code"], "anna@muster.example", "Sommer2026")
    form = {"grant_type": DEVICE_CODE, "client_id": MAIL_PROGRAM}
    assert ask(issuer, http, **form, device_code=first["device_code"])[0] == 400
    assert ask(issuer, http, **form, device_code=second["device_code"])[0] == 200
    assert begin(issuer, http)["user_code"] == "MUSTER003"


# -- what programs do wrong -------------------------------------------------------------------------

AS_FAX = {"grant_type": "client_credentials", "client_id": FAX_APP, "client_secret": FAX_SECRET}
AS_PROGRAM = {"client_id": MAIL_PROGRAM}


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 400, "unauthorized_client"),
        ({**AS_FAX, "client_id": TENANT}, 400, "unauthorized_client"),
        ({**AS_FAX, "client_secret": "x", "scope": APP_SCOPE}, 401, "invalid_client"),
        ({**AS_FAX, "client_secret": "", "scope": APP_SCOPE}, 401, "invalid_client"),
        ({**AS_FAX, "client_secret": "Grüße", "scope": APP_SCOPE}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": FAX_APP}, 401, "invalid_client"),
        (AS_FAX, 400, "invalid_scope"),
        ({**AS_FAX, "scope": USER_SCOPE}, 400, "invalid_scope"),
        ({**AS_FAX, "scope": f"{APP_SCOPE} {USER_SCOPE}"}, 400, "invalid_scope"),
        ({**AS_PROGRAM, "grant_type": "client_credentials", "scope": APP_SCOPE}, 401, "invalid_client"),
        ({**AS_PROGRAM, "grant_type": DEVICE_CODE, "client_secret": "x"}, 401, "invalid_client"),
        ({**AS_PROGRAM, "grant_type": DEVICE_CODE}, 400, "bad_verification_code"),
        ({**AS_PROGRAM, "grant_type": DEVICE_CODE, "device_code": "x"}, 400, "bad_verification_code"),
        ({**AS_PROGRAM, "grant_type": "refresh_token"}, 400, "invalid_grant"),
        ({**AS_PROGRAM, "grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        ({**AS_PROGRAM, "grant_type": "authorization_code", "code": "x"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_request_for_a_token_that_is_wrong_is_refused(
    issuer: Issuer, http: requests.Session, form: dict[str, str], status: int, error: str
) -> None:
    got = ask(issuer, http, **form)
    assert (got[0], got[1]["error"]) == (status, error)
    assert got[1]["error_description"].startswith("AADSTS")
    assert "access_token" not in got[1]


def test_a_password_buys_no_token(issuer: Issuer, http: requests.Session) -> None:
    status, got = ask(
        issuer,
        http,
        grant_type="password",
        client_id=MAIL_PROGRAM,
        username="anna@muster.example",
        password="Sommer2026",
        scope=USER_SCOPE,
    )
    assert (status, got["error"]) == (400, "unsupported_grant_type")
    assert "Sommer2026" not in json.dumps(got)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unauthorized_client"),
        ({"client_id": MAIL_PROGRAM}, "invalid_scope"),
        ({"client_id": MAIL_PROGRAM, "scope": "openid profile"}, "invalid_scope"),
        ({"client_id": MAIL_PROGRAM, "scope": "POP.AccessAsUser.All"}, "invalid_scope"),
        ({"client_id": MAIL_PROGRAM, "scope": APP_SCOPE}, "invalid_scope"),
        (
            {"client_id": MAIL_PROGRAM, "scope": f"{USER_SCOPE} https://graph.microsoft.com/Mail.Read"},
            "invalid_scope",
        ),
        ({"client_id": FAX_APP, "scope": USER_SCOPE}, "invalid_scope"),
    ],
)
def test_no_sign_in_is_begun_for_what_is_not_granted(
    issuer: Issuer, http: requests.Session, form: dict[str, str], error: str
) -> None:
    answer = http.post(f"{issuer.authority}/oauth2/v2.0/devicecode", form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_program_cannot_use_the_codes_and_refresh_tokens_of_another(
    issuer: Issuer, http: requests.Session
) -> None:
    begun = begin(issuer, http)
    issuer.sign_in(begun["user_code"], "anna@muster.example", "Sommer2026")
    as_fax = {"client_id": FAX_APP, "client_secret": FAX_SECRET}
    stolen = {"grant_type": DEVICE_CODE, "device_code": begun["device_code"]}
    assert ask(issuer, http, **stolen, **as_fax)[1]["error"] == "bad_verification_code"
    refresh_token = ask(issuer, http, **stolen, **AS_PROGRAM)[1]["refresh_token"]
    stolen = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    assert ask(issuer, http, **stolen, **as_fax)[1]["error"] == "invalid_grant"
    assert ask(issuer, http, **stolen, **AS_PROGRAM)[0] == 200


def test_without_offline_access_there_is_no_refresh_token(issuer: Issuer, http: requests.Session) -> None:
    form = {"client_id": MAIL_PROGRAM, "scope": USER_SCOPE}
    begun = http.post(f"{issuer.authority}/oauth2/v2.0/devicecode", form).json()
    issuer.sign_in(begun["user_code"], "anna@muster.example", "Sommer2026")
    form = {"grant_type": DEVICE_CODE, "device_code": begun["device_code"], **AS_PROGRAM}
    got = ask(issuer, http, **form)[1]
    assert "access_token" in got
    assert {"refresh_token", "id_token"}.isdisjoint(got)


# -- http -------------------------------------------------------------------------------------------


def raw(issuer: Issuer, request: bytes) -> bytes:
    """Send bytes through TLS and return everything up to the end of the connection."""
    port = int(issuer.url.rpartition(":")[2])
    context = ssl.create_default_context(cafile=str(stage.current().authority().ca_file))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as tls,
    ):
        tls.sendall(request)
        answer = b""
        while data := tls.recv(65_536):
            answer += data
    return answer


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"Content-Length: 16385", b"413"),
        (b"Content-Length: 10000000000", b"413"),
        (b"Content-Length: " + b"9" * 5000, b"413"),
        (b"Content-Length: -1", b"400"),
        (b"Content-Length: x", b"400"),
        (b"Content-Length: \xb2", b"400"),
        (b"Content-Length: 1 1", b"400"),
    ],
)
def test_a_body_that_is_too_long_is_not_read(issuer: Issuer, headers: bytes, status: bytes) -> None:
    answer = raw(issuer, b"POST /device HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.0 " + status)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"user_code=%ff",
        b"user_code=a&user_code=b",
        b"grant_type=password&grant_type=client_credentials",
        b"&".join(b"f%d=x" % n for n in range(65)),
    ],
    ids=["no UTF-8", "no UTF-8, encoded", "twice", "twice the grant type", "too many fields"],
)
@pytest.mark.parametrize("path", [b"/device", f"/{TENANT}/oauth2/v2.0/token".encode()])
def test_a_form_that_is_none_is_refused(issuer: Issuer, body: bytes, path: bytes) -> None:
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (path, len(body))
    assert raw(issuer, head + body).startswith(b"HTTP/1.0 400")


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET / HTTP/1.1",
        f"GET /{TENANT}/oauth2/v2.0/token HTTP/1.1".encode(),
        f"GET /{TENANT}/oauth2/v2.0/authorize HTTP/1.1".encode(),
        b"GET /contoso.example/v2.0/.well-known/openid-configuration HTTP/1.1",
        b"POST / HTTP/1.1",
    ],
)
def test_what_is_not_there_is_not_found(issuer: Issuer, request_line: bytes) -> None:
    assert raw(issuer, request_line + b"\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.0 404")


def test_nothing_is_ever_logged(
    issuer: Issuer, http: requests.Session, capfd: pytest.CaptureFixture[str]
) -> None:
    begin(issuer, http)
    form = {"user_code": "MUSTER001", "name": "anna@muster.example", "password": "Sommer2026"}
    http.post(f"{issuer.url}/device?password=Sommer2026", form)
    raw(issuer, b"garbage\r\n\r\n")
    http.verify = True  # the public authorities alone
    with pytest.raises(requests.exceptions.SSLError):
        http.get(issuer.url)
    issuer.stop()
    assert capfd.readouterr() == ("", "")


def test_it_listens_on_loopback_and_speaks_no_plain_http(issuer: Issuer, http: requests.Session) -> None:
    assert issuer.url.startswith("https://127.0.0.1:")
    port = int(issuer.url.rpartition(":")[2])
    listening = Path("/proc/net/tcp").read_text("ascii") + Path("/proc/net/tcp6").read_text("ascii")
    local = {line.split()[1] for line in listening.splitlines()}
    assert {address for address in local if address.endswith(f":{port:04X}")} == {f"0100007F:{port:04X}"}
    with pytest.raises(requests.exceptions.ConnectionError):
        http.get(issuer.url.replace("https:", "http:"))


def test_stopping_cuts_the_connections_that_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minipop.lab.issuer.issuer.TIMEOUT", 3600)  # or they would end by themselves
    issuer = Issuer().start()
    port = int(issuer.url.rpartition(":")[2])
    context = ssl.create_default_context(cafile=str(stage.current().authority().ca_file))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as silent,
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as half_way,
    ):
        half_way.sendall(b"POST /device HTTP/1.1\r\nContent-Length: 10\r\n\r\nuser")
        stopping = threading.Thread(target=issuer.stop, daemon=True)
        stopping.start()
        stopping.join(PATIENCE)
        assert not stopping.is_alive()
        assert silent.recv(1) == b""
        assert half_way.recv(1) == b""
    issuer.stop()
    with pytest.raises(RuntimeError, match="not running"):
        _ = issuer.url


def test_it_can_be_started_once_at_a_time_and_again_after_it_has_stopped() -> None:
    with Issuer() as issuer:
        with pytest.raises(RuntimeError, match="running already"):
            issuer.start()
        issuer.stop()
        issuer.start()
        assert issuer.verifier().verify(issuer.issue("anna@muster.example")) == ANNA
