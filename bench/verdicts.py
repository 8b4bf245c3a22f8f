"""What the rounds of the servers come to: values, ratios, and which targets are met."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from bench.reckoning import Spread, Target, ratio, spread
from bench.rows import FIGURES, LIMIT, OTHER, OURS, PEER, SERVERS, Figure
from bench.tuned import TUNED


class Verdict(NamedTuple):
    """What is to be told of one figure.

    Args:
        name: its name.
        figure: what it is.
        values: the spread over the rounds, by server; a server that did not get through is missing.
        ratios: of `OURS` to the others, round by round.
        failed: why a server is missing, by server.
    """

    name: str
    figure: Figure
    values: Mapping[str, Spread]
    ratios: Mapping[str, Spread]
    failed: Mapping[str, str]

    @property
    def met(self) -> bool | None:
        """Whether the target for the ratio to `PEER` is met; None if there is none, or no ratio."""
        target = self.figure.target
        return target.met(self.ratios[PEER].median) if target and PEER in self.ratios else None

    @property
    def ahead(self) -> bool | None:
        """Whether `OURS` is ahead of `OTHER`; None if that one has no such figure."""
        if OTHER not in self.ratios:
            return None
        return Target(1.0, self.figure.more_is_better).met(self.ratios[OTHER].median)


def read(servers: Mapping[str, Any]) -> list[Verdict]:
    """Reckon what `bench.rounds.measure` has returned, or what was kept of it.

    Raises:
        ValueError: a figure is missing.
    """
    if missing := set(FIGURES) - set(servers["values"]):
        raise ValueError(f"no figures of servers for {', '.join(sorted(missing))}; run: make bench")
    verdicts = []
    for name, figure in FIGURES.items():
        taken: dict[str, list[float]] = {
            server: servers["values"][name][server]
            for server in SERVERS
            if servers["values"][name].get(server)
        }
        ratios = {
            server: ratio(taken[OURS], values)
            for server, values in taken.items()
            if server != OURS and min(values) > 0  # to hold connections may take less than can be measured
        }
        values = {server: spread(of_server) for server, of_server in taken.items()}
        verdicts.append(Verdict(name, figure, values, ratios, servers["failed"].get(name, {})))
    return verdicts


def kept(servers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the rounds came to, as it is kept beside them: all that the site draws.

    ``roles`` says which server is which, ``servers`` their order, ``tuned`` the settings of the tuned
    Dovecot; ``figures`` has, by name, whether more is better, the target, whether it is met and `OURS` is
    ahead of `OTHER` (null where that cannot be told), and median, least and most of values and ratios.
    """
    return {
        "roles": {"ours": OURS, "peer": PEER, "other": OTHER, "limit": LIMIT},
        "servers": list(SERVERS),
        "tuned": list(TUNED),
        "figures": {
            verdict.name: {
                "more_is_better": verdict.figure.more_is_better,
                "target": verdict.figure.target.bound if verdict.figure.target else None,
                "met": verdict.met,
                "ahead": verdict.ahead,
                "values": verdict.values,
                "ratios": verdict.ratios,
            }
            for verdict in read(servers)
        },
    }


def table(servers: Mapping[str, Any]) -> str:
    """Return the figures as text: a line for each, medians by server, ratios with their spread, targets."""
    head = ["figure", "unit", *SERVERS, f"ratio to {PEER}", "target", "met", f"to {OTHER}", f"to {LIMIT}"]
    lines = [head]
    for verdict in read(servers):
        values = [_number(verdict.values.get(server)) for server in SERVERS]
        ratios = [_ratio(verdict.ratios.get(server)) for server in (PEER, OTHER, LIMIT)]
        target = verdict.figure.target
        bound = f"{'>=' if target.more_is_better else '<='} {target.bound:g}" if target else "-"
        met = {None: "-", True: "yes", False: "NO"}[verdict.met]
        behind = " BEHIND" if verdict.ahead is False else ""
        lines.append(
            [verdict.name, verdict.figure.unit, *values, ratios[0], bound, met, ratios[1] + behind, ratios[2]]
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    told = [
        "  ".join(cell.ljust(wide) for cell, wide in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    told += [
        f"{name}, {server}: left out, {reason}"
        for name, by_server in servers["failed"].items()
        for server, reason in by_server.items()
    ]
    return "\n".join(told)


def _number(values: Spread | None) -> str:
    return f"{values.median:.{0 if values.median >= 100 else 1}f}" if values else "-"


def _ratio(found: Spread | None) -> str:
    return f"{found.median:.2f} ({found.least:.2f}-{found.most:.2f})" if found else "-"
