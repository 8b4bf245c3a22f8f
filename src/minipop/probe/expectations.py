"""What monitoring expects: which ways in must be there, and the exit status and the line that Nagios wants.

Statuses and line follow the guidelines for plug-ins: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
"""

from .observation import Observation
from .verdict import Severity, findings, worst

OK, WARNING, CRITICAL, UNKNOWN = range(4)

#: The names of the statuses; monitoring reads them in English everywhere.
NAMES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")

#: Troubles that lie with the probe rather than with the way in, so that nothing is known of it.
_NOTHING_KNOWN = ("unknown-host", "limited", "deadline", "client-certificate")

_STATUS = {Severity.OK: OK, Severity.NOTICE: OK, Severity.WARNING: WARNING, Severity.DANGER: CRITICAL}


def missing(seen: Observation, expected: tuple[str, ...]) -> dict[str, str]:
    """Return the ways in that are expected and not there, each with the kind of trouble."""
    return {e.name: e.trouble.kind for e in seen.endpoints if e.name in expected and e.trouble}


def status(seen: Observation, expected: tuple[str, ...]) -> int:
    """Return the exit status.

    Args:
        seen: what was seen.
        expected: names of endpoints that must be there.

    Returns:
        `CRITICAL` after a danger or if a way in is missing; `UNKNOWN` if one could not be looked at;
        otherwise by the worst finding.
    """
    kinds = missing(seen, expected).values()
    found = _STATUS[worst(findings(seen))]
    if found == CRITICAL or any(kind not in _NOTHING_KNOWN for kind in kinds):
        return CRITICAL
    return UNKNOWN if kinds else found
