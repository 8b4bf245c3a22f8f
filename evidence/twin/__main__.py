"""Build the site with MkDocs and ProperDocs, compare every file: ``python -m evidence.twin [--short]``.

The short form does the same. Both fail on a difference that is not listed, and on one that is listed and does
not occur.
"""

import tempfile
from pathlib import Path

from evidence import record
from evidence.program import Failed, parser, run
from evidence.twin import building
from evidence.twin.comparison import LISTED as DIFFERENCES
from evidence.twin.comparison import compare

#: What its record must list.
LISTED = {"twin": {"versions": building.PROGRAMS, "differences": DIFFERENCES}}

#: How many sentences of what is wrong are printed.
SHOWN = 5


def main() -> None:
    """Build twice, compare, and keep what was found."""
    options = parser("twin", __doc__).parse_args()
    with tempfile.TemporaryDirectory(prefix="minipop-twin-") as folder:
        sites = {program: Path(folder) / program for program in building.PROGRAMS}
        for program, site in sites.items():
            building.build(program, site)
        found = compare(sites["mkdocs"], sites["properdocs"])
    print(f"{found.files} files, {found.pages} pages, listed differences: {found.differences}")
    for sentence in found.wrong[:SHOWN]:
        print(f"WRONG: {sentence}")
    if found.wrong:
        raise Failed(f"{len(found.wrong)} things are wrong, first: {found.wrong[0]}")
    if not options.short:
        versions = {program: building.version(program) for program in building.PROGRAMS}
        counts = {name: getattr(found, name) for name in ("files", "pages", "differences")}
        record.keep("twin", {"versions": versions, **counts})


if __name__ == "__main__":
    run("twin", main)
