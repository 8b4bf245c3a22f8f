"""Two folders, compared file by file and byte by byte, but for differences that are listed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: What may differ, by name. It must differ somewhere, or it has no place in this list.
LISTED = {"generator": rb'<meta name="generator" content="[^"]*">'}

#: How many characters around a difference are shown.
_SHOWN = 60


@dataclass
class Comparison:
    """What was found.

    Args:
        files: how many files were compared.
        pages: how many of them are pages.
        differences: in how many files each listed difference was seen.
        wrong: a sentence for everything that must not be.
    """

    files: int = 0
    pages: int = 0
    differences: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def compare(one: Path, other: Path, listed: Mapping[str, bytes] = LISTED) -> Comparison:
    """Compare all files of two folders.

    Args:
        one: a folder; its name stands in the sentences.
        other: the other.
        listed: what may differ, as regular expressions by name.
    """
    found = Comparison(differences=dict.fromkeys(listed, 0))
    for name in sorted({*_files(one), *_files(other)}):
        found.files += 1
        found.pages += name.endswith(".html")
        if missing := [folder.name for folder in (one, other) if not (folder / name).is_file()]:
            found.wrong.append(f"{name} is missing from {missing[0]}")
            continue
        texts = (one / name).read_bytes(), (other / name).read_bytes()
        for difference, pattern in listed.items():
            found.differences[difference] += re.findall(pattern, texts[0]) != re.findall(pattern, texts[1])
        if (left := _without(listed, texts[0])) != (right := _without(listed, texts[1])):
            found.wrong.append(f"{name}: {_first(left, right)}")
    if not found.files:
        found.wrong.append("there are no files")
    gone = [name for name, count in found.differences.items() if not count]
    found.wrong += [f"{name} is listed, but does not differ any more" for name in gone]
    return found


def _files(folder: Path) -> Iterator[str]:
    return (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def _without(listed: Mapping[str, bytes], text: bytes) -> bytes:
    """Return a text with the name of a listed difference wherever it stands."""
    for name, pattern in listed.items():
        text = re.sub(pattern, name.encode(), text)
    return text


def _first(left: bytes, right: bytes) -> str:
    """Return where two texts differ first, and what stands there in each."""
    pairs = enumerate(zip(left, right, strict=False))
    place = next((at for at, (a, b) in pairs if a != b), min(len(left), len(right)))
    line = left.count(b"\n", 0, place) + 1
    begin = max(0, place - _SHOWN // 2)
    shown = [text[begin : begin + _SHOWN].decode("utf-8", "replace") for text in (left, right)]
    return f"line {line}: {shown[0]!r} is {shown[1]!r}"
