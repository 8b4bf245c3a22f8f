"""Time that passes because a test says so: none waits, and none is too slow for the timers of a service."""

from weakref import WeakSet

from minipop.server.thread import LoopThread

_followed: WeakSet[LoopThread] = WeakSet()


def let_pass(runner: LoopThread, seconds: float) -> None:
    """Move the clock of a service's timers on.

    Args:
        runner: runs the service.
        seconds: how far.
    """
    loop = runner._loop
    now = loop.time

    def move() -> None:
        loop.time = lambda: now() + seconds  # type: ignore[method-assign]

    runner.between_commands(move)


def follow() -> None:
    """Know every service that this process starts from now on, for `let_pass_everywhere`."""
    begin = LoopThread.__init__

    def known(runner: LoopThread) -> None:
        begin(runner)
        _followed.add(runner)

    LoopThread.__init__ = known  # type: ignore[method-assign, assignment]


def let_pass_everywhere(seconds: float) -> None:
    """Move the clocks of all services that are running, and let them do what is due."""
    for runner in [runner for runner in _followed if runner._loop.is_running()]:
        let_pass(runner, seconds)
        runner.between_commands(lambda: None)
