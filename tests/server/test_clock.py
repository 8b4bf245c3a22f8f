"""The time of day jumps by years, forth and back: no session ends for it, and no time limit waits for it."""

import time

import pytest

from evidence.raw import Raw
from minipop.server import Timeouts
from tests.server.conftest import Running, Serve

DECADE = 10 * 365 * 86_400.0
JUMPS = [DECADE, -DECADE, 0.0, -10 * DECADE, 10 * DECADE]


class Clock:
    """The time of day; the test moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = 0.0
        now, now_ns = time.time, time.time_ns
        monkeypatch.setattr(time, "time", lambda: now() + self.ahead)
        monkeypatch.setattr(time, "time_ns", lambda: now_ns() + int(self.ahead) * 10**9)


def test_no_session_ends_because_the_clock_jumps(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    with Raw(running.port) as early, Raw(running.port) as plain, Raw(running.tls_port, tls=True) as tls:
        assert early.line().startswith(b"+OK")
        for client in (plain, tls):
            client.log_on()
        before = time.time()
        for clock.ahead in JUMPS:
            assert early.ask(b"CAPA").startswith(b"+OK")
            assert early.text()
            for client in (plain, tls):
                assert client.ask(b"STAT") == b"+OK 3 365"
            with Raw(running.tls_port, tls=True) as new:
                assert new.log_on().ask(b"QUIT").startswith(b"+OK")
        assert time.time() - before > DECADE  # the clock has jumped for all who look at it
        assert plain.ask(b"DELE 1").startswith(b"+OK")
        assert plain.ask(b"QUIT").startswith(b"+OK")
    assert running.maildrop.deleted == ["uid-1"]


@pytest.mark.parametrize("ahead", [-DECADE, DECADE])
def test_the_time_limits_hold_though_the_clock_has_jumped(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    clock = Clock(monkeypatch)
    running = serve(timeouts=Timeouts(logon=3600, idle=60))
    with Raw(running.port) as client:
        client.log_on()
        clock.ahead = ahead
        running.let_pass(30)
        assert client.ask(b"NOOP") == b"+OK"
        running.let_pass(60)
        assert client.rest() == b""
    assert running.maildrop.commits == 0
