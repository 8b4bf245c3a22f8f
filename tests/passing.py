"""Time that passes because a test says so: none waits, and none is too slow for the timers of a service."""

from minipop.server import ServiceThread


def let_pass(thread: ServiceThread, seconds: float) -> None:
    """Move the clock of a service's timers on.

    Args:
        thread: runs the service.
        seconds: how far.
    """
    loop = thread._loop
    now = loop.time

    def move() -> None:
        loop.time = lambda: now() + seconds  # type: ignore[method-assign]

    thread.settled(move)
