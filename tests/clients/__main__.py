"""Try all clients again and write what came of it, for about/compatibility and reference/client-habits.

python -m tests.clients    print a table, then write tests/clients/compatibility.json and habits.json
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.clients import habits, record


def main() -> None:
    """Try, print and write."""
    compatibility = record.take_all()
    for name, client in compatibility["clients"].items():
        print(f"{name} {client['version']}")
        for row, cells in client["outcomes"].items():
            print(f"  {row:17}", *(f"{cell['word']:12}" for cell in cells.values()))
    write(record.FILE, compatibility)
    write(habits.FILE, habits.take_habits())


def write(file: Path, found: dict[str, Any]) -> None:
    """Write what was found."""
    file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        sys.exit(f"compatibility: {error}")
