"""The servers that are measured: how each is started, where it listens, how much memory it takes."""

import contextlib
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import trustme

from bench import mail
from bench.mail import World
from bench.tuned import TUNED
from tests import dovecot

ROOT = Path(__file__).resolve().parent.parent

#: Files that a process may have open: 10,000 connections and some more.
_FILES = 16_384


class Server(NamedTuple):
    """A server that runs."""

    host: str
    port: int
    tls_port: int | None
    pid: int


class Failure(Exception):
    """A server or the load did not do what it should; the text says what."""


@contextmanager
def _program(world: World, *arguments: str | Path) -> Iterator[Server]:
    """Run a server written in Python that says in JSON where it listens."""
    with (world.folder / "errors").open("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        with process:
            assert process.stdout
            try:
                said = process.stdout.readline()
                if not said:
                    errors.seek(0)
                    raise Failure(f"{' '.join(map(str, arguments))} did not start:\n{errors.read()}")
                told = json.loads(said)
                yield Server(told["host"], told["port"], told["tls_port"], process.pid)
            finally:
                process.terminate()


def _memory(world: World) -> AbstractContextManager[Server]:
    return _program(world, "-m", "bench.servers.memory", world.accounts)


def _maildir(world: World) -> AbstractContextManager[Server]:
    where = ("--accounts", world.accounts, "--maildir", world.maildirs("minipop"))
    ports = ("--port", "0", "--tls-port", "0", "--login-type", "PlainTextLogin")
    return _program(world, "-m", "minipop", "serve", "--json", *ports, *where)


@contextmanager
def _dovecot(world: World, owner: str, settings: str = "") -> Iterator[Server]:
    if not dovecot.installed():
        raise Failure("Dovecot is not installed; on Debian or Ubuntu: apt install dovecot-pop3d")
    world.folder.chmod(0o755)  # for its own users, who serve the mail if it is started by root
    passwords = {mail.log_on_name(alias): mail.PASSWORD for alias in world.boxes}
    with dovecot.running(world.maildirs(owner), passwords, settings=settings) as started:
        yield Server(dovecot.HOST, *started)


def _tuned(world: World) -> AbstractContextManager[Server]:
    return _dovecot(world, "dovecot-tuned", "".join(f"{lines}\n" for lines in TUNED))


def _twisted(world: World) -> AbstractContextManager[Server]:
    return _program(world, "-m", "bench.servers.twisted_pop3", world.maildirs("twisted"))


def _bare(world: World) -> AbstractContextManager[Server]:
    pem = world.folder / "bare.pem"
    pem.write_bytes(trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.bytes())
    return _program(world, "-m", "bench.servers.bare", pem)


#: The servers by their names, in the order in which each round measures them.
PEERS: Mapping[str, Callable[[World], AbstractContextManager[Server]]] = {
    "minipop-memory": _memory,
    "minipop-maildir": _maildir,
    "dovecot": lambda world: _dovecot(world, "dovecot"),
    "dovecot-tuned": _tuned,
    "twisted": _twisted,
    "bare": _bare,
}


def raise_limits() -> None:
    """Let this process and those that it starts open as many files as are needed.

    Raises:
        Failure: the system does not allow it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _FILES:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, max(hard, _FILES)))
        except (ValueError, PermissionError):
            raise Failure(f"a process may open {hard} files, {_FILES} are needed: see ulimit -n") from None


# -- memory -------------------------------------------------------------------------------------------


def memory(pid: int) -> float:
    """Return the memory of a process and all that it has started, in kB.

    It is their proportional set size (Pss): what several processes share counts once in all.
    """
    total = 0
    for member in _family(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total


def _family(pid: int) -> Iterator[int]:
    """Give a process and all that it and its children have started."""
    yield pid
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))
