"""Runs a script in a Python of its own, in which the library cryptography cannot be found."""

import json
import subprocess
import sys
from pathlib import Path

_HIDDEN = """
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, *given):
        return None if name.partition(".")[0] == "cryptography" else self.finder.find_spec(name, *given)

sys.meta_path[:] = map(Without, sys.meta_path)
"""


def run(script: str, keys: Path) -> dict[str, object]:
    """Return the object that a script prints as JSON; it has the file with the signing keys as `keys`."""
    whole = f"{_HIDDEN}\nimport json\nfrom pathlib import Path\nkeys = Path({str(keys)!r})\n{script}"
    done = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told
