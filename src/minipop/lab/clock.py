"""The clock of the Lab. It stands still unless it is moved, because no output may vary from run to run."""

from datetime import UTC, datetime, timedelta

#: When every Lab begins: a Monday morning.
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Clock:
    """A time that moves only by `fast_forward`."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self._now

    def fast_forward(self, days: float) -> None:
        """Move on.

        Raises:
            ValueError: backwards.
        """
        if days < 0:
            raise ValueError("the clock does not go backwards")
        self._now += timedelta(days=days)
