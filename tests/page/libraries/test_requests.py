"""requests and urllib3 on the sockets of the page: answers come, and errors are those of requests."""

from collections.abc import Iterator

import pytest
import requests

from minipop import Lab
from minipop.page.stage import PageStage


@pytest.fixture
def lab(page: PageStage) -> Iterator[Lab]:
    """Exchange Online with an issuer of tokens, in the page."""
    assert page
    with Lab("online", issuer=True) as running:
        yield running


@pytest.fixture
def http(lab: Lab) -> requests.Session:
    """A client that trusts the Lab's authority and goes by no proxy."""
    session = requests.Session()
    session.trust_env = False
    session.verify = str(lab.ca_file)
    return session


def test_several_requests_of_one_session_are_answered(lab: Lab, http: requests.Session) -> None:
    address = f"{lab.issuer.issuer}/.well-known/openid-configuration"
    for _ in range(3):
        answer = http.get(address, timeout=5)
        assert answer.status_code == 200
        assert answer.json()["issuer"] == lab.issuer.issuer
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_form_that_is_refused_is_an_answer(lab: Lab, http: requests.Session) -> None:
    answer = http.post(f"{lab.issuer.authority}/oauth2/v2.0/token", {"grant_type": "password"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "unsupported_grant_type"


def test_an_authority_that_is_not_trusted_is_an_error_of_tls(
    page: PageStage, lab: Lab, http: requests.Session
) -> None:
    http.verify = str(page.authority("Mallory").ca_file)
    with pytest.raises(requests.exceptions.SSLError, match="unable to get local issuer certificate"):
        http.get(lab.issuer.device_url)


@pytest.mark.parametrize(
    ("address", "reason"),
    [("https://127.0.0.1:1/", "Connection refused"), ("https://login.example/", "no network but its own")],
)
def test_where_nobody_is_there_is_no_connection(http: requests.Session, address: str, reason: str) -> None:
    with pytest.raises(requests.exceptions.ConnectionError, match=reason):
        http.get(address)
