"""Time that passes because a test says so: none waits, and none is too slow for the timers of a service."""

from minipop.server.thread import LoopThread


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
