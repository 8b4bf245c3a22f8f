"""The Lab on the page's stage: what runs there is minipop as it is, and Python's own poplib."""

import poplib
import ssl

import pytest

from minipop import Lab
from minipop.lab.attacker import Attacker


def log_on(pop: poplib.POP3) -> poplib.POP3:
    pop.user("anna@muster.example")
    pop.pass_("Sommer2026")
    return pop


@pytest.mark.usefixtures("page")
def test_an_attacker() -> None:
    with Lab("2016") as lab, Attacker(lab) as mallory:
        pop = poplib.POP3(mallory.host, mallory.port, timeout=10)
        log_on(pop).quit()
        assert b"Sommer2026" in mallory.heard
        context = ssl._create_unverified_context()
        pop = poplib.POP3_SSL(mallory.host, mallory.tls_port, timeout=10, context=context)
        log_on(pop).quit()
