"""What the Lab and everything that it starts have in common: a beginning and an end."""

from abc import ABC, abstractmethod
from typing import Self


class Startable(ABC):
    """Something that runs between `start` and `stop`; both happen by themselves in a ``with`` statement."""

    @abstractmethod
    def start(self) -> Self:
        """Start it; it answers when this returns."""

    @abstractmethod
    def stop(self) -> None:
        """End it. May be called twice."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
