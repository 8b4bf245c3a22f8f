"""The locks: every version with its hash, no address, in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = (ROOT / "requirements.txt").read_text("utf-8")
LISTED = (ROOT / "pyproject.toml").read_text("utf-8")

# What would tie the lock to one registry or one machine.
TIES = re.compile(r"\w+://|file:|--(?:extra-)?index-url|--find-links|(?:^|[\s(])/\w", re.MULTILINE)
BY_HAND = re.compile(r"# +(?:via )?minipop \(pyproject\.toml")


#: Each lock, and what of pyproject.toml it holds: with the project itself?, its extra, a group.
LOCKS = {
    "requirements.txt": (True, "lab", "dev"),
    "requirements-kerberos.txt": (True, "kerberos", ""),
    "requirements-scan.txt": (False, "", "scan"),
    "requirements-properdocs.txt": (True, "", "properdocs"),
    "requirements-node.txt": (False, "", "node"),
    "requirements-jupyterlite.txt": (False, "", "jupyterlite"),
    "requirements-jupyterlite-kernel.txt": (False, "", "jupyterlite-kernel"),
}


def listed(pyproject: str, name: str = "requirements.txt") -> Iterator[Requirement]:
    """Yield what pyproject.toml lists for that lock."""
    project, extra, group = LOCKS[name]
    content = tomllib.loads(pyproject)
    groups = content["dependency-groups"]

    def members(group: str) -> Iterator[str]:
        for entry in groups[group]:
            if isinstance(entry, dict):
                yield from members(entry["include-group"])
            else:
                yield entry

    if project:
        yield from map(Requirement, content["project"]["dependencies"])
    if extra:
        yield from map(Requirement, content["project"]["optional-dependencies"][extra])
    if group:
        yield from map(Requirement, members(group))


def findings(lock: str, pyproject: str, name: str = "requirements.txt") -> list[str]:
    """Say what is wrong with a lock; nothing if all is well."""
    found = [f"address or path: {tie.strip()}" for tie in TIES.findall(lock)]
    locked: dict[str, list[Requirement]] = {}
    by_hand: set[str] = set()
    for block in re.findall(r"^[a-z0-9].*(?:\n[ \t]+.*)*", lock, re.MULTILINE | re.IGNORECASE):
        requirement = Requirement(re.split(r" *\\?\n", block, maxsplit=1)[0])
        package = canonicalize_name(requirement.name)
        locked.setdefault(package, []).append(requirement)
        if "--hash=sha256:" not in block:
            found.append(f"no hash: {package}")
        if BY_HAND.search(block):
            by_hand.add(package)
    wanted = {canonicalize_name(r.name): r for r in listed(pyproject, name)}
    for package, requirement in wanted.items():
        if package not in locked:
            found.append(f"not locked: {package}")
        for entry in locked.get(package, []):
            version = next(iter(entry.specifier)).version
            if not requirement.specifier.contains(version, prereleases=True):
                found.append(f"locked {package} {version} is not {requirement.specifier}")
    found += [f"locked, but no longer listed: {package}" for package in sorted(by_hand - wanted.keys())]
    return found


@pytest.mark.parametrize(("name", "least"), [(name, 20 if "-" not in name else 1) for name in LOCKS])
def test_a_lock_is_complete_hashed_and_in_step_with_the_list(name: str, least: int) -> None:
    assert findings((ROOT / name).read_text("utf-8"), LISTED, name) == []
    assert len(list(listed(LISTED, name))) >= least


@pytest.mark.parametrize("other", ["requirements-kerberos.txt", "requirements-properdocs.txt"])
def test_what_two_locks_hold_is_the_same_version(other: str) -> None:
    # One goes into the same .venv; with the other, the same site is built. The scan is nothing to either.
    both = [
        dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        for name in ("requirements.txt", other)
    ]
    shared = both[0].keys() & both[1].keys()
    assert "cryptography" in shared
    assert {name: both[0][name] for name in shared} == {name: both[1][name] for name in shared}


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (r"\Z", "\nleftpad==1.0\n    # via pytest\n", "no hash: leftpad"),
        (r"\A", "--index-url https://packages.example/simple\n", "address or path: --index-url"),
        (r"\A", "# uv pip compile /srv/minipop/pyproject.toml\n", "address or path: /s"),
        (r"^trustme==\S+", "trustme==0.1", "locked trustme 0.1 is not >=1.2"),
        (r"^trustme(==\S+)", r"trustus\1", "not locked: trustme"),
        (r"^trustme(==\S+)", r"trustus\1", "locked, but no longer listed: trustus"),
    ],
)
def test_a_spoilt_lock_is_found(old: str, new: str, finding: str) -> None:
    spoilt, count = re.subn(old, new, LOCK, count=1, flags=re.MULTILINE)
    assert count == 1
    assert finding in findings(spoilt, LISTED)


def test_a_requirement_that_was_never_locked_is_found() -> None:
    more = LISTED.replace("[dependency-groups]\nsite = [", '[dependency-groups]\nsite = ["leftpad",')
    assert findings(LOCK, more) == ["not locked: leftpad"]
