"""Ask PyPI's own list whether a flaw is known of anything that the locks hold: `make audit`.

    python -m tests.audit                 exit 0: none; 1: some, or the audit is at fault; 2: not reached
    python -m tests.audit --if-reachable  the same, but a list that cannot be reached is said and no failure

pip-audit asks, and installs nothing. Left to itself it passes over what is for other systems (markers), and
calls a package that PyPI does not know "skipped" and the whole clean. So it is given every version that any
lock holds, without markers, and each must be answered for.

npm's packages are not asked about: nothing of them is published, and where this was written npm's list
answers no audit, so a check of it could not have been seen to work.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = ROOT / "pyproject.toml"
LOCKS = tuple(
    f"requirements{part}.txt"
    for part in ("", "-kerberos", "-scan", "-properdocs", "-node", "-jupyterlite", "-jupyterlite-kernel")
)

#: In an environment of its own, as `make` sets it up.
PIP_AUDIT = Path(sys.prefix) / "scan" / "bin" / "pip-audit"

#: Seconds for the whole answer.
PATIENCE = 600

#: One version in a lock: name, version, marker, and below it the hashes.
_ENTRY = re.compile(r"^([\w.-]+)==(\S+)[^\\\n]*\\\n((?: +--hash=\S+(?: \\)?\n)+)", re.MULTILINE)

#: What pip-audit says last if it could not ask.
_NOT_REACHED = re.compile(r"requests\.exceptions|ServiceError|ConnectionError|your network may be blocking")


class NotReached(Exception):
    """The list of known flaws could not be asked; the text says how that showed."""


class Fault(Exception):
    """The audit itself went wrong; the text says how."""


@dataclass
class Locked:
    """A version that is locked."""

    name: str
    version: str
    hashes: str
    locks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Accepted:
    """A known flaw that is accepted for a time, from ``[[tool.audit.accepted]]`` in pyproject.toml."""

    id: str
    package: str
    reason: str
    until: date

    def covers(self, package: str, ids: Sequence[str]) -> bool:
        """Tell whether it is about that flaw, which has several names."""
        return self.package == package and self.id in ids


def accepted(pyproject: str) -> list[Accepted]:
    """Read which flaws are accepted.

    Raises:
        Fault: something is missing, empty, or of the wrong kind.
    """
    found = []
    for entry in tomllib.loads(pyproject).get("tool", {}).get("audit", {}).get("accepted", []):
        try:
            one = Accepted(**entry)
        except TypeError:
            raise Fault(f"accepted in pyproject.toml: {entry} has not id, package, reason, until") from None
        if type(one.until) is not date or not all((one.id, one.package, one.reason)):
            raise Fault(f"accepted in pyproject.toml: {one.id or entry} lacks a reason, or a day as until")
        found.append(one)
    return found


def locked() -> list[Locked]:
    """Read what the locks hold, each version once.

    Raises:
        Fault: a lock holds a version without hashes.
    """
    found: dict[tuple[str, str], Locked] = {}
    for name in LOCKS:
        lock = (ROOT / name).read_text("utf-8")
        entries = _ENTRY.findall(lock)
        if len(entries) != len(re.findall(r"^\w", lock, re.MULTILINE)):
            raise Fault(f"{name}: a version without hashes")
        for package, version, hashes in entries:
            found.setdefault((package, version), Locked(package, version, hashes)).locks.append(name)
    return list(found.values())


def sheets(versions: list[Locked]) -> list[list[Locked]]:
    """Deal the versions out, so that no two of one package are together, which pip-audit refuses.

    Returns:
        The sheets, the shortest first: where nobody answers, few questions tell.
    """
    dealt: list[dict[str, Locked]] = []
    for one in versions:
        sheet = next((sheet for sheet in dealt if one.name not in sheet), None)
        if sheet is None:
            dealt.append(sheet := {})
        sheet[one.name] = one
    return [list(sheet.values()) for sheet in reversed(dealt)]


def ask(sheet: list[Locked]) -> dict[str, dict[str, Any]]:
    """Return what pip-audit says of each package.

    Raises:
        NotReached: it could not ask, or no package is known where it asked.
        Fault: it failed in another way, or left a package out.
    """
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "requirements.txt"
        lock.write_text("".join(f"{one.name}=={one.version} \\\n{one.hashes}" for one in sheet), "utf-8")
        command = [str(PIP_AUDIT), "--require-hashes", "--disable-pip", "--requirement", str(lock)]
        options = ["--vulnerability-service", "pypi", "--format", "json", "--progress-spinner", "off"]
        options += ["--cache-dir", folder]  # answers of today alone
        try:
            done = subprocess.run(
                [*command, *options], capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotReached(f"no answer within {PATIENCE} seconds") from None
        except OSError as error:
            raise Fault(f"cannot run pip-audit: {error.strerror}") from None
    try:
        told = {one["name"]: one for one in json.loads(done.stdout)["dependencies"]}
    except (ValueError, LookupError, TypeError):
        said = (done.stderr.strip() or "nothing said").splitlines()[-1]
        raise NotReached("no answer") if _NOT_REACHED.search(said) else Fault(f"pip-audit: {said}") from None
    if missing := {one.name for one in sheet} - told.keys():
        raise Fault(f"pip-audit says nothing of {', '.join(sorted(missing))}")
    if all("skip_reason" in answer for answer in told.values()):
        raise NotReached("whoever answers for it here knows none of the packages")
    return told


def flaws(sheet: list[Locked], told: dict[str, dict[str, Any]], excused: list[Accepted]) -> Iterator[str]:
    """Yield one line for each known flaw that is not accepted."""
    for one in sheet:
        where = f"{one.name} {one.version} ({', '.join(one.locks)})"
        if reason := told[one.name].get("skip_reason"):
            yield f"{where}: not audited, though others were: {reason}"
        for flaw in told[one.name].get("vulns", []):
            ids = [flaw["id"], *flaw.get("aliases", [])]
            if not any(acceptance.covers(one.name, ids) for acceptance in excused):
                fixed = ", ".join(flaw["fix_versions"]) or "no version yet"
                yield f"{where}: {', '.join(ids)}; fixed in {fixed}"


def audit(today: date) -> tuple[int, list[str]]:
    """Ask about everything; return the exit status and what to say."""
    try:
        excused = accepted(PYPROJECT.read_text("utf-8"))
        found = [
            f"{one.id} of {one.package} was accepted until {one.until}: look at it again"
            for one in excused
            if one.until < today
        ]
        versions = locked()
        try:
            for sheet in sheets(versions):
                found += flaws(sheet, ask(sheet), excused)
        except NotReached as error:
            found = found and [*found, f"not audited: {error}"]
            return (1, found) if found else (2, [_not_reached(error)])
    except Fault as error:
        return 1, [str(error)]
    return (1, found) if found else (0, [f"{len(versions)} versions in {len(LOCKS)} locks: no known flaw"])


def _not_reached(error: NotReached) -> str:
    return (
        f"not audited: PyPI's list of known flaws could not be reached ({error}); "
        "run make audit where PyPI itself can be asked, not a mirror of its files alone"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, print a line for each finding, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description="Look for known flaws.")
    parser.add_argument("--if-reachable", action="store_true", help="no failure if the list is not reached")
    options = parser.parse_args(arguments)
    status, lines = audit(date.today())
    for line in lines:
        print(f"audit: {line}", file=sys.stderr if status else sys.stdout)
    return 0 if status == 2 and options.if_reachable else status


if __name__ == "__main__":
    sys.exit(main())
