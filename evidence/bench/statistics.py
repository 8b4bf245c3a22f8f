"""What is calculated from what was measured: percentiles, spreads and ratios."""

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Spread(NamedTuple):
    """The middle of several values and how far they reach."""

    median: float
    least: float
    most: float


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that so many per cent of all values do not exceed (nearest rank)."""
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]


def spread(values: Sequence[float]) -> Spread:
    """Return median, smallest and largest value."""
    return Spread(statistics.median(values), min(values), max(values))


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Return the spread of the ratios round by round.

    In each round both were measured shortly after one another, so what slows the machine down for a while
    slows both.

    Raises:
        ValueError: there are not as many values of both.
    """
    return spread([mine / yours for mine, yours in zip(ours, theirs, strict=True)])
