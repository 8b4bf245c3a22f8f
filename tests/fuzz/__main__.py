"""``make fuzz``, and an input once more: ``python -m tests.fuzz [--seconds N] [FILE …]``."""

import argparse
import re
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from bench.machine import keep
from tests.fuzz import runs
from tests.fuzz.target import play


def main() -> int:
    """Play the files that are named; without any, fuzz, and add to the corpus what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=main.__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long to fuzz (default 600)")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="inputs to play once more")
    options = parser.parse_args()
    for file in options.files:
        play(file.read_bytes())
    if options.files:
        return 0
    if find_spec("atheris") is None:
        print(f"fuzz: {runs.WITHOUT}", file=sys.stderr)
        return 2
    findings = Path(tempfile.mkdtemp(prefix="minipop-fuzz-"))
    done = runs.fuzz(options.seconds, findings)
    print(done.stdout[-4_000:])
    if done.returncode:
        print(*re.findall("^Play it again: .*", done.stdout, re.MULTILINE)[-1:])
        return 1
    for file in runs.add(findings):
        print(f"new in the corpus: {file.name}")
    keep("fuzz", {"seconds": options.seconds, **runs.figures(done.stdout)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
