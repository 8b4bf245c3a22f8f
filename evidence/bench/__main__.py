"""Measure minipop beside other servers, and what contributors and classes wait for.

    python -m evidence.bench                    print all figures and keep them
    python -m evidence.bench --only servers     one part alone: servers or project
    python -m evidence.bench --short            one short round, to see that everything answers as it should

Every figure is a median with its smallest and largest value.
"""

import subprocess

from evidence import record
from evidence.bench import comparison, project, rounds
from evidence.bench.workloads import FIGURES, MEASURED
from evidence.program import Failed, parser, run

PARTS = ("servers", "project")

#: What its records must list.
LISTED = {
    "servers": {
        "figures": FIGURES,
        **{f"figures.{name}.values": servers for name, servers in MEASURED.items()},
    },
    "project": {"figures": project.FIGURES},
}


def main() -> None:
    """Measure, print and keep."""
    command = parser("bench", __doc__)
    command.add_argument("--only", choices=PARTS, help="one part alone")
    options = command.parse_args()
    # The servers first, while nothing else has heated the machine.
    for part in [options.only] if options.only else PARTS:
        try:
            found = servers(options.short) if part == "servers" else waiting(options.short)
        except subprocess.CalledProcessError as error:
            said = f"{error.stdout or ''}{error.stderr or ''}"
            print(said)
            raise Failed(f"{' '.join(map(str, error.cmd))[:60]} failed: {said.strip()[-200:]!r}") from error
        if not options.short:  # part by part: one that fails costs the other nothing
            record.keep(part, found)


def servers(short: bool) -> record.Record:
    """Measure the servers."""
    seconds, times = rounds.SHORT if short else rounds.LONG
    taken = rounds.measure(seconds, times)
    figures = comparison.compared(taken.values)
    print(comparison.table(figures))
    return {
        "seconds": seconds,
        "versions": rounds.versions(),
        "figures": figures,
        "failed": taken.failed,
    }


def waiting(short: bool) -> record.Record:
    """Measure what people wait for; in short, that the Lab starts."""
    if short:
        print(f"Lab: {project.lab_starts(2)} ms")
        return {}
    figures = project.measure()
    for name, figure in figures.items():
        print(f"{name:16} {figure['values']} {figure['unit']}")
    return {"figures": figures}


if __name__ == "__main__":
    run("bench", main)
