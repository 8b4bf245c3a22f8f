"""``make fuzz``, and an input once more: ``python -m tests.fuzz [--inputs N] [FILE …]``."""

import argparse
import re
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from bench.machine import keep
from tests.fuzz import runs
from tests.fuzz.target import play


def main() -> int:
    """Play the files that are named; without any, fuzz, and add to the corpus what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=main.__doc__)
    parser.add_argument("--inputs", type=int, default=160_000, help="how many to play (default 160000)")
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
    begin = time.monotonic()
    done = runs.fuzz(options.inputs, findings)
    seconds = round(time.monotonic() - begin)
    print(done.stdout[-4_000:])
    if done.returncode:
        print(*re.findall("^Play it again: .*", done.stdout, re.MULTILINE)[-1:])
        return 1
    for file in runs.add(findings):
        print(f"new in the corpus: {file.name}")
    keep("fuzz", {"seconds": seconds, **runs.figures(done.stdout)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
