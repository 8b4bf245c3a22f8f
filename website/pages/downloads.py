"""What the site offers for download, and the lines that install it.

minipop is published nowhere else, so the site itself holds it: a wheel, the lessons of each language in one
archive, and the SHA-256 of each. All of it is made while the site is built, by every way to build it: a link
to it always leads somewhere. The same sources give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from website.data import LANGUAGES, Problem, prefix
from website.marks import Context, mark
from website.tables import number

#: The folder of the site that holds them.
FOLDER = "download"

#: The date of every file inside, so that a build repeats: 1 January 2026.
_SECONDS, _DATE = "1767225600", (2026, 1, 1, 0, 0, 0)

#: A link of a lesson to a page, relative to its place in the project.
_TO_A_PAGE = re.compile(r"(?<=\]\()\.\./\.\./docs/(?P<lang>\w+)/(?P<page>[\w/-]+)\.md(?=[)#])")

#: The mark of a kind of evidence, in a notebook's JSON; outside the site it would look like a word too many.
_KIND = re.compile(r'<span class=\\"kind kind-\w+\\">(\w+)</span>')

#: How each system calls its Python, and where a virtual environment keeps it and its programs.
_SYSTEMS = {
    "windows": ("powershell", "py", ".venv\\Scripts\\{}.exe", "curl.exe", ".\\"),
    "unix": ("sh", "python3", ".venv/bin/{}", "curl", "./"),
}


class Download(NamedTuple):
    """A file that is offered: its kind, name and content."""

    kind: str
    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Its SHA-256, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


@cache
def wheel(root: Path) -> Download:
    """Make the wheel of minipop.

    Args:
        root: the project's folder.

    Raises:
        Problem: it cannot be made.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run(
            [sys.executable, "-m", "flit_core.wheel", "--outdir", folder, str(root)],
            env={"SOURCE_DATE_EPOCH": _SECONDS, **os.environ},
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise Problem(f"pyproject.toml: no wheel can be made: {made.stderr.strip().splitlines()[-1]}")
        (file,) = Path(folder).glob("*.whl")
        return Download("wheel", file.name, file.read_bytes())


def portable(notebook: str, site: str) -> str:
    """Return a lesson as it is taken along: links lead to the site, marks are words, nothing has run yet.

    The project's folders are not there, and JupyterLab shows the first line of an output that it hides, which
    would give a prediction away.

    Args:
        notebook: its JSON.
        site: the address of the site.
    """

    def address(found: re.Match[str]) -> str:
        return f"{site}{prefix(found['lang'])}{found['page']}/".removesuffix("index/")

    lesson = json.loads(_KIND.sub(r"*(\1)*", _TO_A_PAGE.sub(address, notebook)))
    for cell in lesson["cells"]:
        if cell["cell_type"] == "code":
            cell.update(execution_count=None, outputs=[])
    return json.dumps(lesson, ensure_ascii=False, indent=1) + "\n"


@cache
def lessons(root: Path, lang: str, site: str) -> Download:
    """Pack the lessons of a language.

    Args:
        root: the project's folder.
        lang: the language.
        site: the address of the site.
    """
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        files = sorted((root / "notebooks" / lang).glob("*.ipynb"))
        texts = {file.name: portable(file.read_text("utf-8"), site) for file in files}
        for name, text in {
            **texts,
            "LICENSE-texts.md": (root / "LICENSE-texts.md").read_text("utf-8"),
        }.items():
            entry = ZipInfo(name, _DATE)
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, text)
    return Download(f"lessons {lang}", f"lessons-{lang}.zip", packed.getvalue())


def offered(root: Path, site: str) -> Iterator[Download]:
    """Yield all that is offered, the list of the SHA-256 last.

    Args:
        root: the project's folder.
        site: the address of the site.
    """
    files = [wheel(root), *(lessons(root, lang, site) for lang in LANGUAGES)]
    yield from files
    sums = "".join(f"{file.sha256}  {file.name}\n" for file in files)  # as `sha256sum --check` reads it
    yield Download("sums", "SHA256SUMS.txt", sums.encode())


@mark("download")
def downloads(context: Context) -> str:
    """Draw the files that are offered, with size and SHA-256."""
    words = context.words("download")
    lines = []
    for file in offered(context.root, context.site):
        link = f"[`{file.name}`]({context.link(f'../{FOLDER}/{file.name}')})"
        size = number(max(1, round(len(file.content) / 1000)), context.lang)
        line = words["line"].format(what=words[file.kind], link=link, size=size)
        lines.append(line if file.kind == "sums" else f"{line}  \n  SHA-256 `{file.sha256}`")
    return "\n".join(f"- {line}" for line in lines)


@mark("install")
def install(context: Context, system: str, way: str = "all") -> str:
    """Draw the lines that install minipop; `way` is one of those below."""
    if system not in _SYSTEMS:
        raise Problem(f"no system {system}; there are {', '.join(_SYSTEMS)}")
    shell, python, program, curl, here = _SYSTEMS[system]
    own, name, lab = program.format("python"), wheel(context.root).name, f"lessons-{context.lang}.zip"
    pip = f"{own} -m pip install --prefer-binary"
    from_site = f'{pip} "minipop[lab] @ {context.site}{FOLDER}/{name}"'
    environment, open_lessons = f"{python} -m venv .venv", f"{own} -m jupyterlab lessons"
    ways = {
        "all": [
            "mkdir minipop",
            "cd minipop",
            environment,
            from_site,
            f"{curl} -fLO {context.site}{FOLDER}/{lab}",
            f"{own} -m zipfile -e {lab} lessons",
            open_lessons,
        ],
        "folder": [
            environment,
            f'{pip} "{here}{name}[lab]"',
            f"{own} -m zipfile -e {lab} lessons",
            open_lessons,
        ],
        "alone": [environment, f'{pip} "minipop @ {context.site}{FOLDER}/{name}"'],
        "renew": [f"{from_site} --force-reinstall --no-deps"],
    }
    if way not in ways:
        raise Problem(f"no way {way}; there are {', '.join(ways)}")
    return "\n".join([f"```{shell}", *ways[way], "```"])


@mark("repository")
def repository(context: Context) -> str:
    """Draw where the project can be cloned from, or that this is not said here."""
    words = context.words("repository")
    if not context.repository:
        return words["unknown"]
    clone = f"```sh\ngit clone {context.repository} pop3-meets-exchange\ncd pop3-meets-exchange\n```"
    return "\n\n".join([words["known"].format(context.repository), clone])
