"""Try all clients again and write what came of it, for the page about/compatibility.

python -m tests.clients    print a table, then write tests/clients/compatibility.json
"""

import json
import sys

from tests.clients.record import FILE, take_all


def main() -> None:
    """Try, print and write."""
    record = take_all()
    for name, client in record["clients"].items():
        print(f"{name} {client['version']}")
        for row, cells in client["outcomes"].items():
            print(f"  {row:17}", *(f"{cell['word']:12}" for cell in cells.values()))
    FILE.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        sys.exit(f"compatibility: {error}")
