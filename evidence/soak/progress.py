"""How far a run has come: the count of visits by which everything else in it is paced."""

import threading
from collections import Counter


class Progress:
    """Counts visits; threads may share it.

    Args:
        visits: where those that came to an end are counted, by the kind of client.
        excused: where those that were cut short are counted.
        over: is set when the run is over; whoever waits for a count then goes on.
    """

    def __init__(self, visits: Counter[str], excused: Counter[str], over: threading.Event) -> None:
        self._visits, self._excused, self._over = visits, excused, over
        self._changed = threading.Condition()

    @property
    def completed(self) -> int:
        """How many visits came to an end."""
        return self._visits.total()

    @property
    def count(self) -> int:
        """How many visits are over, those cut short included."""
        return self._visits.total() + self._excused.total()

    def note_completed(self, name: str) -> None:
        """Count a visit that came to an end."""
        self._note(self._visits, name)

    def note_excused(self, name: str) -> None:
        """Count a visit that a kill or a fault has cut short."""
        self._note(self._excused, name)

    def end(self) -> None:
        """End the run: nothing is waited for any more."""
        with self._changed:
            self._over.set()
            self._changed.notify_all()

    def await_count(self, count: int) -> None:
        """Wait until so many visits are over, or the run is."""
        with self._changed:
            self._changed.wait_for(lambda: self._over.is_set() or self.count >= count)

    def await_more(self, visits: int) -> None:
        """Wait until so many more visits are over, or the run is."""
        self.await_count(self.count + visits)

    def await_completed(self, count: int) -> bool:
        """Wait until so many visits came to an end; tell whether they did before the run was over."""
        with self._changed:
            self._changed.wait_for(lambda: self._over.is_set() or self.completed >= count)
            return self.completed >= count

    def _note(self, counter: Counter[str], name: str) -> None:
        with self._changed:
            counter[name] += 1
            self._changed.notify_all()
