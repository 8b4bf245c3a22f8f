"""Let real clients try everything: ``python -m evidence.clients [--short]``.

The short form tries slow clients on 995 alone, and fails if something else comes of it than what is on
record.
"""

from typing import Any

from evidence import record
from evidence.clients import compatibility, habits
from evidence.clients.drivers import CLIENTS
from evidence.clients.matrix import ROWS
from evidence.program import Failed, parser, run
from minipop.lab.clients import Transport

#: What its records must list.
LISTED = {
    "clients": {
        "clients": CLIENTS,
        "clients.*.outcomes": ROWS,
        "clients.*.outcomes.*": [transport.value for transport in Transport],
    },
    "habits": {"habits": habits.BY_NAME},
}


def main() -> None:
    """Try, print, and keep or compare."""
    options = parser("clients", __doc__).parse_args()
    clients = compatibility.take_all(short=options.short)
    for name, client in clients["clients"].items():
        print(f"{name} {client['version']}")
        for row, cells in client["outcomes"].items():
            print(f"  {row:17}", *(f"{cell['word']:12}" for cell in cells.values()))
    habitual = habits.take_all(short=options.short)
    if not options.short:
        record.keep("clients", clients)
        record.keep("habits", habitual)
        return
    new = [
        *record.unlike(_tried(_came_of_it(record.load("clients")), now := _came_of_it(clients)), now),
        *record.unlike(_tried(record.load("habits"), habitual), habitual),
    ]
    if new:
        raise Failed("; ".join(sorted(new)))


def _came_of_it(clients: dict[str, Any]) -> dict[str, Any]:
    """Return what came of the attempts: other versions may take part as long as the same comes of it."""
    return {
        name: {key: client[key] for key in ("outcomes", "verifies")}
        for name, client in clients["clients"].items()
    }


def _tried(kept: object, now: object) -> object:
    """Return of what was kept what has been tried now, too."""
    if not (isinstance(kept, dict) and isinstance(now, dict)):
        return kept
    return {name: _tried(found, now[name]) for name, found in kept.items() if name in now}


if __name__ == "__main__":
    run("clients", main)
