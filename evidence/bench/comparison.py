"""What the rounds of the servers come to: values, and ratios of minipop to the others."""

from collections.abc import Mapping
from typing import Any

from evidence.bench.statistics import Spread, ratio, spread
from evidence.bench.workloads import FIGURES, OURS, SERVERS

Values = Mapping[str, Mapping[str, list[float]]]


def compared(values: Values) -> dict[str, dict[str, Any]]:
    """Return what is kept of the rounds, by figure.

    Args:
        values: by figure and server, one for each round; a server that did not get through is missing.

    Returns:
        ``unit``, ``more_is_better``, ``rounds``, and by server ``values`` and ``ratios``: median, least and
        most. A ratio is that of minipop on Maildir to the server; there is none to what was too little to
        measure.
    """
    found = {}
    for name, figure in FIGURES.items():
        taken = {server: values[name][server] for server in SERVERS if values[name].get(server)}
        ratios = {
            server: ratio(taken[OURS], theirs)
            for server, theirs in taken.items()
            if server != OURS and min(theirs) > 0  # to hold connections may take less than can be measured
        }
        found[name] = {
            "unit": figure.unit,
            "more_is_better": figure.more_is_better,
            "rounds": len(taken[OURS]),
            "values": {server: _rounded(spread(theirs)) for server, theirs in taken.items()},
            "ratios": {server: _rounded(found_ratio) for server, found_ratio in ratios.items()},
        }
    return found


def table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the figures as text: a line for each with the medians, and the ratios with their spread."""
    others = [server for server in SERVERS if server != OURS]
    lines = [["figure", "unit", *SERVERS, *(f"to {server}" for server in others)]]
    for name, figure in figures.items():
        medians = [_number(figure["values"].get(server)) for server in SERVERS]
        ratios = [_ratio(figure["ratios"].get(server)) for server in others]
        lines.append([name, figure["unit"], *medians, *ratios])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(wide) for cell, wide in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _rounded(found: Spread) -> Spread:
    """Return a spread with the four digits that count: no run measures more."""
    return Spread(*(float(f"{value:.4g}") for value in found))


def _number(values: Spread | None) -> str:
    return f"{values[0]:.{0 if values[0] >= 100 else 1}f}" if values else "-"


def _ratio(found: Spread | None) -> str:
    return f"{found[0]:.2f} ({found[1]:.2f}-{found[2]:.2f})" if found else "-"
