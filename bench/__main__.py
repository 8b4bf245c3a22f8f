"""Measure what users, contributors and a classroom wait for, print it, and keep it for the performance page.

    python -m bench                  print all figures and write bench/results.json
    python -m bench --no-test        leave a part out, here `make test`, which takes longest
    python -m bench --only servers   take some parts alone, here minipop beside its peers
    python -m bench --quick          one short round of the servers, to try things out: nothing is written

Every figure is a median with its smallest and largest value. The page about/performance is drawn from
bench/results.json, no figure is typed by hand. What a run leaves out stays there as it was, with the day and
the machine that it was taken on.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

from bench import growth, rounds, verdicts
from bench.machine import machine
from bench.peers import Failure
from bench.project import PARTS, ROOT
from bench.reckoning import spread

RESULTS = ROOT / "bench" / "results.json"

#: Parts in the order in which they are taken: the servers first, while nothing else has heated the machine.
ALL = ("servers", "growth", *PARTS)


def _part(name: str, quick: bool) -> dict[str, Any]:
    """Take the figures of a part, print them and return what is kept of them."""
    if name == "servers":
        servers = rounds.measure(*(rounds.QUICK if quick else rounds.LONG))
        print(verdicts.table(servers))
        return {**servers, **verdicts.kept(servers)}
    if name == "growth":
        grown = growth.measure(1 if quick else growth.LOG_ONS)
        print(growth.table(grown))
        return grown
    figures = {}
    for figure, (unit, values) in PARTS[name]().items():
        median, least, most = spread(values)
        print(f"{figure:20} {median:9.2f} {unit:3} ({least:.2f} to {most:.2f}, n = {len(values)})")
        figures[figure] = {"unit": unit, "median": median, "min": least, "max": most, "n": len(values)}
    return {"figures": figures}


def chosen(arguments: Sequence[str] | None = None) -> tuple[list[str], bool]:
    """Return the parts that a command line asks for, in order, and whether it is to be quick."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure and print the figures.")
    parser.add_argument("--only", nargs="+", choices=ALL, default=ALL, metavar="PART", help=", ".join(ALL))
    for name in ALL:
        parser.add_argument(f"--no-{name}", action="append_const", dest="without", const=name)
    parser.add_argument("--quick", action="store_true", help="one short round; nothing is written")
    options = parser.parse_args(arguments)
    return [
        name for name in ALL if name in options.only and name not in (options.without or ())
    ], options.quick


def main() -> None:
    """Measure, print and write."""
    names, quick = chosen()
    taken_on = {**machine(), "date": date.today().isoformat()}
    # Written part by part: a part that fails costs none of the others.
    parts = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for name in names:
        parts[name] = {"machine": taken_on, **_part(name, quick)}
        if not quick:
            ordered = {part: parts[part] for part in ALL if part in parts}
            RESULTS.write_text(json.dumps(ordered, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    try:
        main()
    except Failure as error:
        sys.exit(f"bench: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"bench: {' '.join(map(str, error.cmd))} failed:\n{error.stdout or ''}{error.stderr or ''}")
