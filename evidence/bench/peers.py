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

from evidence import dovecot
from evidence.bench import mail
from evidence.bench.mail import World
from evidence.program import Failed
from evidence.record import ROOT

#: What a good administrator of Dovecot 2.3 sets for many short sessions of many users: processes are there
#: beforehand and serve many sessions, nothing waits for the disk, flags and sizes are not looked up again. An
#: account may have as many connections as with Exchange.
TUNED = """
service pop3-login {
  service_count = 0
  process_min_avail = 2
  client_limit = 10000
}
service pop3 {
  service_count = 1000
  process_min_avail = 8
  process_limit = 12000
}
service auth {
  client_limit = 30000
}
service anvil {
  client_limit = 30000
}
auth_cache_size = 10 M
mail_max_userip_connections = 16
mail_fsync = never
pop3_no_flag_updates = yes
pop3_fast_size_lookups = yes
maildir_very_dirty_syncs = yes
"""

#: Files that a process may have open: 10,000 connections and some more.
_FILES = 16_384


class Server(NamedTuple):
    """A server that runs."""

    host: str
    port: int
    tls_port: int | None
    pid: int


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
                    raise Failed(f"{' '.join(map(str, arguments))} did not start:\n{errors.read()}")
                told = json.loads(said)
                yield Server(told["host"], told["port"], told["tls_port"], process.pid)
            finally:
                process.terminate()


def _memory(world: World) -> AbstractContextManager[Server]:
    return _program(world, "-m", "evidence.bench.servers.memory", world.accounts)


def _maildir(world: World) -> AbstractContextManager[Server]:
    where = ("--accounts", world.accounts, "--maildir", world.maildirs("minipop"))
    ports = ("--port", "0", "--tls-port", "0", "--login-type", "PlainTextLogin")
    return _program(world, "-m", "minipop", "serve", "--json", *ports, *where)


@contextmanager
def _dovecot(world: World, owner: str, settings: str = "") -> Iterator[Server]:
    if not dovecot.installed():
        raise Failed(dovecot.ABSENT)
    world.folder.chmod(0o755)  # for its own users, who serve the mail if it is started by root
    passwords = {mail.log_on_name(alias): mail.PASSWORD for alias in world.boxes}
    with dovecot.running(world.maildirs(owner), passwords, settings=settings) as started:
        yield Server(dovecot.HOST, *started)


def _tuned(world: World) -> AbstractContextManager[Server]:
    return _dovecot(world, "dovecot-tuned", TUNED)


def _twisted(world: World) -> AbstractContextManager[Server]:
    return _program(world, "-m", "evidence.bench.servers.twisted_pop3", world.maildirs("twisted"))


def _bare(world: World) -> AbstractContextManager[Server]:
    pem = world.folder / "bare.pem"
    pem.write_bytes(trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.bytes())
    return _program(world, "-m", "evidence.bench.servers.bare", pem)


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
        Failed: the system does not allow it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _FILES:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, max(hard, _FILES)))
        except (ValueError, PermissionError):
            raise Failed(f"a process may open {hard} files, {_FILES} are needed: see ulimit -n") from None


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
