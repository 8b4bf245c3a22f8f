"""The seam: the Lab, the issuer and an attacker run on the stage that is in use, and on nothing else."""

import poplib
import threading
from collections.abc import Iterator

import pytest

from minipop import Lab
from minipop.lab import stage
from minipop.lab.attacker import Attacker
from minipop.lab.issuer import Issuer
from minipop.server.thread import LoopThread, ThreadStage


class Counted(ThreadStage):
    """A stage that counts its event loops, and those that are not closed yet."""

    def __init__(self) -> None:
        self.made = self.left = 0

    def runner(self) -> LoopThread:
        """Return a loop that is counted."""
        self.made += 1
        self.left += 1
        counted = self

        class Loop(LoopThread):
            def close(self) -> None:
                counted.left -= 1
                super().close()

        return Loop()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counted]:
    """Put another stage to use for one test."""
    monkeypatch.setattr(stage, "_stage", None)
    before = threading.active_count()
    own = Counted()
    stage.use(own)
    yield own
    assert own.left == 0
    assert threading.active_count() == before


def test_each_of_them_has_a_loop_of_the_stage_in_use_and_closes_it(counted: Counted) -> None:
    with Lab("2016") as lab, Attacker(lab) as mallory:
        assert counted.left == 2
        pop = poplib.POP3(mallory.host, mallory.port, timeout=10)
        pop.user("anna@muster.example")
        pop.pass_("Sommer2026")
        pop.quit()
    with Issuer():
        assert (counted.made, counted.left) == (3, 1)


def test_a_lab_with_an_issuer_closes_both_loops(counted: Counted) -> None:
    with Lab("online", issuer=True):
        assert counted.left == 2


def test_a_start_that_fails_closes_the_loop(counted: Counted) -> None:
    with Lab() as lab, pytest.raises(OSError, match=f"port {lab.port}"):
        Lab(port=lab.port).start()
    assert counted.made == 2
