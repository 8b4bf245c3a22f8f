"""Figures over a run: what a server may grow by, and whether it did."""

import statistics
from dataclasses import dataclass, field

from evidence.soak.server import Sample

MEGABYTE = 1_048_576

#: How much greater the median of the last third may be than that of the second, in which all is warm: bytes
#: of memory, handles (clients come and go), threads.
MOST = Sample(memory=8 * MEGABYTE, handles=4, threads=0)


@dataclass
class Figures:
    """What was measured, by the part of the run in which it was.

    Args:
        visits: how many the run is to have; the first third is for warming up.
    """

    visits: int
    thirds: tuple[list[Sample], list[Sample], list[Sample]] = field(default_factory=lambda: ([], [], []))

    def add(self, at: int, sample: Sample) -> None:
        """Note what was measured after so many visits."""
        self.thirds[min(2, 3 * at // self.visits)].append(sample)

    def median(self, third: int) -> Sample:
        """Return the medians of a third, 0 to 2."""
        found = self.thirds[third]
        return Sample(*(int(statistics.median(getattr(s, name) for s in found)) for name in vars(MOST)))

    def growth(self) -> list[str]:
        """Return a sentence for each figure that has grown too much."""
        warm, last = self.median(1), self.median(2)
        return [
            f"{name} grew from {getattr(warm, name)} to {getattr(last, name)}, by more than {most}"
            for name, most in vars(MOST).items()
            if getattr(last, name) - getattr(warm, name) > most
        ]
