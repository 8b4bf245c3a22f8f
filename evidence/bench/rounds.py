"""The rounds: every workload goes to all servers in turns, so that what slows the machine slows all."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version
from pathlib import Path
from subprocess import PIPE
from typing import NamedTuple

from evidence import dovecot
from evidence.bench import peers
from evidence.bench.mail import ACCOUNTS, World
from evidence.bench.peers import Server
from evidence.bench.workloads import WORKLOADS, Workload
from evidence.patience import PATIENCE
from evidence.program import Failed
from evidence.record import ROOT

#: Seconds of a load and rounds: in earnest, and in short.
LONG = (2.0, 5)
SHORT = (0.2, 1)

#: Rounds in which connections are held: the memory that they take hardly varies.
HOLDING_ROUNDS = 3


def measure(seconds: float, rounds: int) -> "Taken":
    """Take all figures of all servers.

    Args:
        seconds: how long a load lasts.
        rounds: how often each server gets it.

    Raises:
        Failed: minipop or the load did not do what it should.
    """
    peers.raise_limits()
    taken = Taken({}, {})
    with tempfile.TemporaryDirectory(prefix="minipop-bench-") as folder:
        world = World(Path(folder))
        with ExitStack() as started:
            running = {name: started.enter_context(start(world)) for name, start in peers.PEERS.items()}
            for name, server in running.items():
                _visit(name, server)
            for workload in (load for load in WORKLOADS if not load.holds):
                _count(workload, running, taken, seconds, rounds)
        for workload in (load for load in WORKLOADS if load.holds):
            _weigh(workload, world, taken, min(rounds, HOLDING_ROUNDS))
    return taken


def versions() -> dict[str, str]:
    """Return the versions of the peers that have one."""
    return {"dovecot": dovecot.version(), "twisted": version("twisted")}


class Taken(NamedTuple):
    """What has been taken.

    Args:
        values: by figure and server, one for each round.
        failed: by figure and server, why there are none.
    """

    values: dict[str, dict[str, list[float]]]
    failed: dict[str, dict[str, str]]

    def note(self, workload: Workload, name: str, take: Callable[[], Mapping[str, float]]) -> None:
        """Take a value of each figure of a workload from a server.

        A peer that does not get through is left out of it, and the table tells why.

        Raises:
            Failed: minipop did not get through.
        """
        if any(name in self.failed.get(key, {}) for key in workload.figures):
            return
        try:
            found = take()
        except Failed as failure:
            if name.startswith("minipop"):
                raise
            print(f"  {failure}", file=sys.stderr)
            for key in workload.figures:
                self.failed.setdefault(key, {})[name] = str(failure)
                self.values.get(key, {}).pop(name, None)
            return
        for key, figure in workload.figures.items():
            self.values.setdefault(key, {}).setdefault(name, []).append(found[figure.key])


def _count(
    workload: Workload, running: Mapping[str, Server], taken: Taken, seconds: float, rounds: int
) -> None:
    """Give all servers of a workload its load in turns."""
    print(f"  {' '.join(workload.load)}", file=sys.stderr)
    for _ in range(rounds):
        for name in workload.servers:
            taken.note(workload, name, partial(load, name, running[name], *workload.load, seconds=seconds))


def _weigh(workload: Workload, world: World, taken: Taken, rounds: int) -> None:
    """Measure the memory of all servers of a workload in turns.

    Each is started afresh for it: what Python has taken from the system once it seldom gives back, and the
    next connections would seem to need nothing.
    """
    print(f"  {' '.join(workload.load)}", file=sys.stderr)
    for _ in range(rounds):
        for name in workload.servers:
            with peers.PEERS[name](world) as server:
                _visit(name, server)
                taken.note(workload, name, partial(_hold, workload, name, server))


def _visit(name: str, server: Server) -> None:
    """Let each account have one session: what a server keeps of a mailbox is there from then on."""
    load(name, server, "visit", "--clients", str(ACCOUNTS), seconds=10)


def load(name: str, server: Server, *arguments: str, seconds: float) -> Mapping[str, float]:
    """Run the load in a process of its own; return what it told.

    Raises:
        Failed: it found something that was not as it should be.
    """
    # A peer that does not get through is left out; that minipop does must not depend on the machine's speed.
    limit = PATIENCE if name.startswith("minipop") else 30 * seconds
    command = _command(server, *arguments, "--seconds", str(seconds), "--limit", str(limit))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{name}, {' '.join(arguments)}: {done.stderr.strip()}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _hold(workload: Workload, name: str, server: Server) -> Mapping[str, float]:
    """Measure the memory that connections take which are logged on and say nothing; kB for each.

    What was there before is measured when the load runs already: servers in Python share its libraries, and
    with them their proportional size. Afterwards each connection must still answer.
    """
    with subprocess.Popen(
        _command(server, *workload.load), cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin
        assert process.stdout
        ready = process.stdout.readline()
        before = peers.memory(server.pid)
        process.stdin.write("\n" if ready else "")
        holding = process.stdout.readline()
        after = peers.memory(server.pid)
        told, errors = process.communicate("\n")
    if process.returncode or not holding:
        raise Failed(f"{name}, {' '.join(workload.load)}: {errors.strip()}")
    return {"memory": (after - before) / json.loads(told)["count"]}


def _command(server: Server, *arguments: str) -> list[str]:
    port = server.tls_port if "--tls" in arguments else server.port
    where = ["--host", server.host, "--port", str(port)]
    return [sys.executable, "-m", "evidence.bench.load", *arguments, *where]
