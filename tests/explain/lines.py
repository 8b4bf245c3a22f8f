"""Lines as people paste them, and what has to be found in each: typed by hand from what is known of them.

Sentences of programs and of Exchange are quoted as reported; names, numbers and addresses are our own. A row
of ``lines.txt`` is the paste, with ``⏎`` for a line's end, two blanks at least, ``=>``, and what is found:
entries of one reply parted by ``+``, replies by ``,``, ``?`` for a refusal that is not known.
"""

from __future__ import annotations

from pathlib import Path

#: What each group of sentences finds.
LOGON = "logon_failure+authentication_failure"
DENIED = f"login-denied+{LOGON}+program-log"
LOST = "connection-lost+no-reply"
SILENT = "no-answer-in-time+no-reply"
GREETED = "greeting"
NAMED = "program-named+program-log"
FETCHED = "fetch-failed+program-log"

ROWS = Path(__file__).with_name("lines.txt")


def rows() -> list[tuple[str, list[tuple[str, ...]]]]:
    """Return pastes with what is found in each: entries by reply, none for a refusal that is not known."""
    named = {"LOGON": LOGON, "DENIED": DENIED, "LOST": LOST, "SILENT": SILENT, "GREETED": GREETED}
    named |= {"NAMED": NAMED, "FETCHED": FETCHED}
    read = []
    for row in ROWS.read_text("utf-8").split("\n"):
        if not row or row.startswith("# --"):
            continue
        paste, _, wanted = row.rpartition("  =>")
        replies = [
            "+".join(named.get(entry, entry) for entry in reply.split("+"))
            for reply in wanted.strip().split(", ")
            if reply
        ]
        found: list[tuple[str, ...]] = [() if reply == "?" else tuple(reply.split("+")) for reply in replies]
        read.append((paste.replace("⏎", "\n"), found))
    return read
