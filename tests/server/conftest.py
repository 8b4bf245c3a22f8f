"""A running service with the one account of `tests.support.FakePolicy`."""

import asyncio
import gc
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from minipop.server import Limits, Service, Timeouts
from minipop.server.thread import LoopThread
from minipop.server.tls import authority
from tests.passing import let_pass
from tests.support import FakeMaildrop, FakePolicy


@dataclass
class Running:
    """A service that answers on both ports."""

    service: Service
    runner: LoopThread
    policy: FakePolicy
    stopped: bool = False

    @property
    def port(self) -> int:
        return self.service.port

    @property
    def tls_port(self) -> int:
        return self.service.tls_port

    def stop(self) -> None:
        """Stop it before the test ends."""
        self.stopped = True
        self.runner.run(self.service.stop())
        self.runner.close()

    def let_pass(self, seconds: float) -> None:
        """Move the clock of the service's timers on; see `let_pass`."""
        let_pass(self.runner, seconds)

    @property
    def maildrop(self) -> FakeMaildrop:
        """The maildrop as it is once all that clients did is dealt with."""
        return self.runner.between_commands(lambda: self.policy.maildrop)


Serve = Callable[..., Running]


def failed_unseen() -> list[object]:
    """Return the asyncio tasks that failed and whose error nobody looked at."""
    tasks = [thing for thing in gc.get_objects() if type(thing) is asyncio.Task]
    return [task for task in tasks if getattr(task, "_log_traceback", False)]


@pytest.fixture
def serve(caplog: pytest.LogCaptureFixture) -> Iterator[Serve]:
    """Start services; at the end stop them, and demand that asyncio had nothing to complain of."""
    started: list[Running] = []

    def start(
        policy: FakePolicy | None = None, timeouts: Timeouts | None = None, limits: Limits | None = None
    ) -> Running:
        policy = policy or FakePolicy()
        service = Service(
            policy, authority().server_context(), timeouts or Timeouts(), limits=limits or Limits()
        )
        runner = LoopThread()
        runner.run(service.start())
        started.append(Running(service, runner, policy))
        return started[-1]

    yield start
    for running in started:
        if not running.stopped:
            running.stop()
    assert failed_unseen() == []
    records = [*caplog.get_records("call"), *caplog.get_records("teardown")]
    assert [record.getMessage() for record in records if record.levelno >= logging.WARNING] == []


@pytest.fixture
def running(serve: Serve) -> Running:
    """One service with the usual policy."""
    return serve()
