"""What the Lab and everything that it starts have in common: a beginning and an end."""

from typing import Protocol, Self


class Startable(Protocol):
    """Something that runs between `start` and `stop`; a ``with`` statement calls both."""

    def start(self) -> Self:
        """Start it; it answers when this returns."""

    def stop(self) -> None:
        """End it. May be called twice."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
