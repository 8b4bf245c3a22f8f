"""Run all programs, one after the other: ``python -m evidence [--short]``.

The short forms count less of everything, need some minutes, and write no record. A program fails if it finds
something lost or doubled, a crash, or a difference that is new; never because the machine is slow.
"""

import argparse
import subprocess
import sys
import time

from evidence.record import ROOT

PROGRAMS = ("clients", "differential", "probe", "fuzz", "soak", "twin", "page", "bench")


def play(name: str, arguments: list[str]) -> tuple[str, str]:
    """Run a program and print what it prints; return its last line if it failed, and how long it took."""
    print(f"evidence: {name}", flush=True)
    begin, last = time.monotonic(), ""
    command = [sys.executable, "-m", f"evidence.{name}", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            print(f"  {line}", end="", flush=True)
            last = line.strip() or last
    why = (last or f"it ended with {process.returncode}") if process.returncode else ""
    return why, f"{time.monotonic() - begin:.0f} s"


def main() -> int:
    """Run them all; return 1 if any failed."""
    parser = argparse.ArgumentParser(prog="python -m evidence", description=__doc__)
    parser.add_argument("--short", action="store_true", help="less of everything; no record is written")
    arguments = ["--short"] if parser.parse_args().short else []
    ended = {name: play(name, arguments) for name in PROGRAMS}
    good = "passed" if arguments else "kept"
    for name, (why, took) in ended.items():
        print(f"evidence: {name:12} {took:>7}  {f'failed ({why})' if why else good}")
    return int(any(why for why, _ in ended.values()))


if __name__ == "__main__":
    sys.exit(main())
