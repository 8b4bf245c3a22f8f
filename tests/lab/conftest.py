"""A Lab in which passwords may cross port 110, and a logged-on `poplib` client on each kind of connection."""

import poplib
from collections.abc import Callable, Iterator

import pytest

from evidence.patience import PATIENCE
from evidence.raw import context
from minipop import Lab

LogOn = Callable[..., poplib.POP3]


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A Lab of 2016 with PlainTextLogin."""
    with Lab("2016", login_type="PlainTextLogin") as started:
        yield started


@pytest.fixture
def log_on(lab: Lab) -> Iterator[LogOn]:
    """Log on by `poplib`: over "110", "STLS" or "995"."""
    clients: list[poplib.POP3] = []

    def connect(
        user: str = "anna@muster.example", password: str = "Sommer2026", over: str = "110"
    ) -> poplib.POP3:
        verified = context(lab.ca_file)
        if over == "995":
            pop: poplib.POP3 = poplib.POP3_SSL(lab.host, lab.tls_port, context=verified, timeout=PATIENCE)
        else:
            pop = poplib.POP3(lab.host, lab.port, timeout=PATIENCE)
        clients.append(pop)
        if over == "STLS":
            pop.stls(context=verified)
        pop.user(user)
        pop.pass_(password)
        return pop

    yield connect
    for client in clients:
        client.close()
