"""The servers of the benchmark start, and answer the load as it expects; those that start in an instant."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.bench import load, peers
from evidence.bench.mail import Box, World, user


@pytest.mark.parametrize("name", ["minipop-maildir", "twisted", "bare"])
def test_a_server_answers_the_load(name: str, tmp_path: Path) -> None:
    with peers.PEERS[name](World(tmp_path, {user(0): Box()})) as server:
        for kind in ("sessions", "fetch", "log-ons"):
            tls = ["--tls", "--port", str(server.tls_port)] if kind == "log-ons" and server.tls_port else []
            assert load.main([kind, "--port", str(server.port), "--seconds", "0", *tls]) == 0
        assert peers.memory(server.pid) > 1_000
