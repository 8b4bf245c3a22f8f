"""Fuzz, or play inputs once more: ``python -m evidence.fuzz [--short] [--inputs N] [FILE …]``.

What reaches something new joins evidence/fuzz/corpus, unless it is the short form.
"""

import re
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from evidence import record
from evidence.fuzz import runs
from evidence.fuzz.target import play
from evidence.program import Failed, parser, run
from minipop.exchange import EDITIONS

#: How many inputs are played.
INPUTS, SHORT = 160_000, 5_000

#: What its record must list.
LISTED = {"fuzz": {"editions": list(EDITIONS)}}


def main() -> None:
    """Play the files that are named; without any, fuzz."""
    command = parser("fuzz", __doc__)
    command.add_argument("--inputs", type=int, help=f"how many to play (default {INPUTS}, short {SHORT})")
    command.add_argument("files", nargs="*", type=Path, metavar="FILE", help="inputs to play once more")
    options = command.parse_args()
    for file in options.files:
        play(file.read_bytes())
    if options.files:
        return
    if find_spec("atheris") is None:
        raise Failed(runs.WITHOUT)
    # Not removed: whoever looks for the reason of a failure needs the input.
    findings = Path(tempfile.mkdtemp(prefix="minipop-fuzz-"))
    begin = time.monotonic()
    done = runs.fuzz(options.inputs or (SHORT if options.short else INPUTS), findings)
    seconds = round(time.monotonic() - begin)
    if done.returncode:
        print(done.stdout[-4_000:])
        said = re.findall("^Play it again: .*", done.stdout, re.MULTILINE)
        raise Failed(said[-1] if said else f"the fuzzer ended with {done.returncode}")
    figures = runs.figures(done.stdout)
    print(f"{figures['executions']} inputs, {figures['edges']} edges")
    if not options.short:
        for file in runs.add(findings):
            print(f"new in the corpus: {file.name}")
        record.keep("fuzz", {"seconds": seconds, **runs.figures(done.stdout), "editions": list(EDITIONS)})


if __name__ == "__main__":
    run("fuzz", main)
