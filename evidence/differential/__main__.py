"""Play the same sessions to minipop and to Dovecot: ``python -m evidence.differential [--short]``.

The short form plays them all, too. Both fail on a difference that docs/differences.yml does not explain, and
on an explanation that no session needs.
"""

from evidence import record
from evidence.differential import findings
from evidence.differential.explained import entries
from evidence.program import parser, run

#: What its record must list.
LISTED = {"differences": {"found": entries()}}


def main() -> None:
    """Play, and keep what was found."""
    options = parser("differential", __doc__).parse_args()
    found = findings.take()
    print(f"{found['sessions']} sessions, {found['lines']} answers, {found['unlike']} sessions that differ")
    if not options.short:
        record.keep("differences", found)


if __name__ == "__main__":
    run("differential", main)
