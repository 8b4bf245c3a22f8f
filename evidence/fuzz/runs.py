"""Runs of the fuzzer, and the corpus: inputs that reach what others do not.

The tests play each file of the corpus.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from evidence.fuzz.target import chosen
from evidence.record import ROOT

CORPUS = Path(__file__).with_name("corpus")

#: Longest input in octets: enough for any dialogue, and quick.
LONGEST = 2_048

#: An input that takes longer than that hangs; seconds, many, since the machine may be busy.
SLOWEST = 300

_VERB = re.compile(rb"(?:^|[\n\xff])([A-Za-z]{3,4})(?: (PLAIN|LOGIN|NTLM|XOAUTH2))?", re.IGNORECASE)

_EXECUTIONS = re.compile(r"^stat::number_of_executed_units: *(\d+)$", re.MULTILINE)
_EDGES = re.compile(r"^#\d+\s.* cov: (\d+) ", re.MULTILINE)

#: Why there may be no fuzzer.
WITHOUT = "no atheris: it is built for Linux on x86-64 and Python before 3.14 alone"

FUZZER = ("-m", "evidence.fuzz.run")


def fuzz(inputs: int, findings: Path, program: Sequence[str] = FUZZER) -> subprocess.CompletedProcess[str]:
    """Look for failures, from the corpus on; inputs that reach something new are kept, and one that fails.

    Args:
        inputs: how many are played.
        findings: where they are kept.
        program: what Python runs.
    """
    options = (f"-runs={inputs}", f"-max_len={LONGEST}", f"-timeout={SLOWEST}")
    places = (f"-artifact_prefix={findings}/", str(findings), str(CORPUS))
    return _run([*options, "-print_final_stats=1", *places], program)


def add(findings: Path) -> list[Path]:
    """Add to the corpus what reaches something new, and return the new files."""
    with tempfile.TemporaryDirectory() as folder:
        merged = Path(folder)
        for file in CORPUS.iterdir():
            (merged / file.name).write_bytes(file.read_bytes())
        known = {file.name for file in merged.iterdir()}
        # Only what reaches new code counts, not how often.
        options = ["-merge=1", "-use_counters=0", f"-max_len={LONGEST}"]
        _run([*options, str(merged), str(findings)]).check_returncode()
        new = []
        for file in sorted(merged.iterdir()):
            if file.name not in known:
                new.append(CORPUS / name(file.read_bytes(), file.name))
                new[-1].write_bytes(file.read_bytes())
        return new


def figures(printed: str) -> dict[str, int]:
    """Read what the fuzzer says at its end, and count the corpus.

    Args:
        printed: what a run that has found nothing wrong has printed.

    Returns:
        ``executions`` in all, ``edges`` of the code that were reached, and ``corpus``, how many inputs lie
        there.
    """
    return {
        "executions": int(_EXECUTIONS.findall(printed)[-1]),
        "edges": int(_EDGES.findall(printed)[-1]),
        "corpus": len(list(CORPUS.iterdir())),
    }


def name(data: bytes, digest: str) -> str:
    """Name an input by its edition, by what is said in it first, and by a few digits of its hash."""
    edition, tls = chosen(data[0] if data else 0)
    verbs = [b"-".join(filter(None, found)).decode().lower() for found in _VERB.findall(data[1:])]
    words = [edition, *["tls"] * tls, *dict.fromkeys(verbs)]
    return "-".join(["found", *words[:6], digest[:6]])


def _run(options: list[str], program: Sequence[str] = FUZZER) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *program, *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
