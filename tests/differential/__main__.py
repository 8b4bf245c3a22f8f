"""Play the sessions again and write what came of it, for about/differences.

python -m tests.differential    write tests/differential/record.json
"""

import json
import sys

from tests.differential import record


def main() -> None:
    """Play and write."""
    found = record.take()
    record.FILE.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        sys.exit(f"differences: {error}")
