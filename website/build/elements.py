"""What a page needs in its head for a Lab in it: where the bundle is, and the module of each element."""

from __future__ import annotations

from pathlib import Path

from mkdocs.utils import get_relative_url

from website.page.bundle import FOLDER, build

#: The modules and style sheets, as the site serves them.
ASSETS = "assets/page"
ELEMENTS = ("pop3-terminal", "pop3-notebook", "pop3-offline")


def add(html: str, root: Path, url: str) -> str:
    """Return a page with what its elements need; without such an element, the page as it is.

    Before the reader asks for it, a browser loads no more than these modules.

    Args:
        html: the page.
        root: the project's folder.
        url: where the page is.

    Raises:
        Problem: the bundle cannot be made.
    """
    used = [name for name in ELEMENTS if f"<{name}" in html]
    if not used:
        return html
    folder = get_relative_url(f"{FOLDER}/{build(root).version}/", url)
    lines = [f'<meta name="minipop-lab" content="{folder}">']
    for name in used:
        file = f"{ASSETS}/{name.removeprefix('pop3-')}"
        if (root / "docs" / f"{file}.css").exists():
            lines.append(f'<link rel="stylesheet" href="{get_relative_url(f"{file}.css", url)}">')
        lines.append(f'<script type="module" src="{get_relative_url(f"{file}.js", url)}"></script>')
    return html.replace("</head>", "\n".join([*lines, "</head>"]), 1)
