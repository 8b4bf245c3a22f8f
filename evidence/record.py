"""Records: what a program has found, as JSON in evidence/records, with the day, the version and the machine.

A record is fresh as long as it lists what its program looks at today, no more and no less. Code that has
changed since does not age it, because `make evidence SHORT=1` says whether anything else comes of it now.
"""

import json
import os
import platform
import re
import subprocess
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import minipop

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "evidence" / "records"

#: A version of minipop and, if it came from git, the commit; ``.dirty`` if src/ was not as committed.
VERSION = re.compile(r"\d+\.\d+\.\d+(\+g[0-9a-f]{7,}(\.dirty)?)?")

#: A list that holds no other; it is written on one line.
_SHORT_LIST = re.compile(r"\[\s+([^\[\]{}]*?)\s+\]")

Record = dict[str, Any]


def load(name: str) -> Record:
    """Return a record.

    Args:
        name: as in the name of its file, such as ``soak``.
    """
    held: Record = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return held


def keep(name: str, found: Mapping[str, Any]) -> None:
    """Write a record.

    Args:
        name: as in the name of its file.
        found: what is to be kept besides where it comes from.
    """
    text = json.dumps({"taken": taken(), **found}, indent=1, ensure_ascii=False)
    text = _SHORT_LIST.sub(lambda items: "[" + re.sub(r",\n +", ", ", items[1]) + "]", text)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(text + "\n", "utf-8")


def taken() -> Record:
    """Return the day, the version of minipop and the machine; no name of the machine."""
    machine = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
    return {"date": date.today().isoformat(), "version": version(), "machine": machine}


def version() -> str:
    """Return the version of minipop; see `VERSION`."""
    commit = _git("rev-parse", "--short=7", "HEAD").strip()
    changed = ".dirty" if _git("status", "--porcelain", "--", "src") else ""
    return minipop.__version__ + (f"+g{commit}{changed}" if commit else "")


def stale(record: Record, listed: Mapping[str, Collection[str]]) -> list[str]:
    """Return why a record is not fresh, as sentences; none if it is.

    Args:
        record: what `load` has returned.
        listed: what it must list, by the place in it: ``clients`` are the keys of an entry or the items of a
            list, ``clients.*.outcomes`` those of every client.
    """
    named = record.get("taken", {}).get("version", "")
    unnamed = [] if VERSION.fullmatch(named) else [f"{named!r} is no version that it was taken from"]
    return unnamed + unlisted(record, listed)


def unlisted(found: Record, listed: Mapping[str, Collection[str]]) -> list[str]:
    """Return what something lacks or has too much, as sentences; the arguments are those of `stale`."""
    sentences = []
    for place, names in listed.items():
        for where, there in _places(found, place.split(".")):
            sentences += [f"{where} lacks {name}" for name in names if name not in there]
            sentences += [
                f"{where} lists {name}, which nothing looks at" for name in there if name not in names
            ]
    return sentences


def unlike(kept: object, now: object, where: str = "") -> Iterator[str]:
    """Give a sentence for each place where what is seen now differs from what was kept."""
    if isinstance(kept, dict) and isinstance(now, dict):
        for name in kept.keys() | now.keys():
            yield from unlike(kept.get(name), now.get(name), f"{where}, {name}".lstrip(", "))
    elif kept != now:
        yield f"{where}: {now!r}, not {kept!r} any more"


def _places(held: Any, keys: list[str], before: str = "") -> Iterator[tuple[str, Collection[str]]]:
    if not keys:
        yield before or "the record", held
        return
    for key in held if keys[0] == "*" else keys[:1]:
        yield from _places(held.get(key, {}), keys[1:], f"{before}.{key}".lstrip("."))


def _git(*arguments: str) -> str:
    """Return what git says, empty if there is no git."""
    try:
        return subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def _processor() -> str:
    """Return what the machine calls its processor (proc(5))."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
