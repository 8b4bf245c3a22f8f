"""The article's paragraphs and table rows, typed by hand from it, with the claims each of them makes.

The article is not ours to keep, so its lines are named by their numbers. Who has it as a file, one line a
paragraph, list entry or cell, can prove that they mean that file and that no line of it was passed over::

    python -m tests.site.article article.txt
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

DIGEST = "0c62ed825dcb0f8bcf6896019223eb361e0bd5bc09843b1156a664ae1de66f29"

#: The lines that are headings, of the page and of its parts.
HEADINGS = {
    "pop3-clients": [1],
    "facts-about-pop3": [17],
    "pop3-and-security": [33],
    "pop3-and-log-on": [57],
    "further-links": [123],
}

#: The heading, the lines, the claims of each paragraph.
PARAGRAPHS = [
    ("pop3-clients", [3, 4], "C01"),
    ("pop3-clients", [6, 7], "C02 C03 C04 C05 C06"),
    ("pop3-clients", [9], "C07 C08 C09"),
    ("pop3-clients", [11], "C10 C11 C55"),
    ("pop3-clients", [13], "C12 C13"),
    ("pop3-clients", [15], "C14 C56"),
    ("facts-about-pop3", [19], "C15"),
    ("facts-about-pop3", [20], "C16"),
    ("facts-about-pop3", [21], "C17"),
    ("facts-about-pop3", [22], "C18"),
    ("facts-about-pop3", [23], "C19"),
    ("facts-about-pop3", [24], "C20"),
    ("facts-about-pop3", [25], "C21"),
    ("facts-about-pop3", [26], "C22"),
    # Three dots: here the article says that there is more.
    ("facts-about-pop3", [27], "X01 X02 X03 X04 X05 X06 X07 X08 X09 X10 X11 X12 X13 X14 X15 X16"),
    ("facts-about-pop3", [29], "C26 C57 C58"),
    ("facts-about-pop3", [31], "C23 C24 C25 C59 C60"),
    ("pop3-and-security", [35], "C27 C28 C29 C30 C31 C32 C33 C37 C61"),
    ("pop3-and-security", [37, 38, 39, 41, 42, 44, 45], "C34"),
    ("pop3-and-security", [47, 49, 50, 52, 53], "C35"),
    ("pop3-and-security", [55], "C36"),
    ("pop3-and-log-on", [59, 60], "C38 C39 C41"),
    ("pop3-and-log-on", [61, 62, 63, 64], "C40"),
    ("pop3-and-log-on", [66], "C49"),
    ("pop3-and-log-on", [68, 70, 72, 74], "C42"),
    ("pop3-and-log-on", [76, 78, 80], "C43"),
    ("pop3-and-log-on", [82, 84, 86], "C44"),
    ("pop3-and-log-on", [88, 90, 92], "C45"),
    ("pop3-and-log-on", [94, 96, 98], "C46"),
    ("pop3-and-log-on", [100, 102, 104], "C47"),
    ("pop3-and-log-on", [106, 108, 110], "C48"),
    ("pop3-and-log-on", [112], "C50"),
    ("pop3-and-log-on", [114], "C51"),
    ("pop3-and-log-on", [116], "C54"),
    ("pop3-and-log-on", [118, 120], "C45 C46 C53"),
    ("pop3-and-log-on", [121], "C52"),
    ("further-links", [123], "C62"),
]


def main(file: Path) -> str:
    """Compare the table with the article; return what is wrong, or nothing."""
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != DIGEST:
        return f"{file}: not the text that the numbers are for"
    lines = [n for n, line in enumerate(content.decode().splitlines(), start=1) if line.strip()]
    listed = sorted({n for _, numbers, _ in PARAGRAPHS for n in numbers} | {n for (n,) in HEADINGS.values()})
    return f"passed over, or not there: lines {sorted({*lines} ^ {*listed})}" if lines != listed else ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])) or 0)
