"""How thoroughly properties are tried, and what the tests of them share.

The same command tries the same examples: a failure is everybody's. ``EXAMPLES=20`` tries twenty times as
many, other ones in each run; ``make check`` tries a fifth. Nothing is remembered in the project's folder.
"""

import atexit
import itertools
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

_home = tempfile.TemporaryDirectory(prefix="minipop-hypothesis-")
atexit.register(_home.cleanup)
set_hypothesis_home_dir(Path(_home.name))

#: How many times the usual number of examples are tried.
TIMES = float(os.environ.get("EXAMPLES", "1"))


def examples(count: int, steps: int = 50) -> settings:
    """Return the settings of a property.

    Args:
        count: how many examples are tried usually.
        steps: how many steps a state machine takes in each of them.
    """
    return settings(
        max_examples=max(1, round(count * TIMES)),
        stateful_step_count=steps,
        derandomize=TIMES <= 1,
        database=None,
        deadline=None,  # the machine may be busy
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        print_blob=False,
    )


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """Cut bytes at some places; whatever does not lie inside them is no place."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(places)]


#: Places where bytes are cut.
CUTS: st.SearchStrategy[Sequence[int]] = st.lists(st.integers(0, 100_000), max_size=8)
