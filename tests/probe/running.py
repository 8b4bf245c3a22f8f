"""Running the probe as an administrator does, through the command line, and reading its JSON."""

import json
from typing import Any

import pytest

from minipop.cli import main


class Probed:
    """A report of the command line.

    Args:
        status: the exit status.
        data: the JSON.
    """

    def __init__(self, status: int, data: dict[str, Any]) -> None:
        self.status = status
        self.data = data

    def way(self, name: str) -> dict[str, Any]:
        """Return what was seen on a way in."""
        found: dict[str, Any] = next(way for way in self.data["ways"] if way["way"] == name)
        return found

    def codes(self, severity: str = "") -> dict[str, list[str]]:
        """Return the findings, all or of one severity: by code the ways in."""
        found = self.data["findings"]
        return {f["code"]: f["where"] for f in found if severity in ("", f["severity"])}

    def row(self, name: str) -> list[str]:
        """Return a row of the table: password, NTLM, Kerberos, modern."""
        return list(self.data["verdict"][name].values())


def probe(
    capsys: pytest.CaptureFixture[str], port: int, tls_port: int, *options: str, host: str = "127.0.0.1"
) -> Probed:
    """Probe loopback and return what came of it."""
    ports = ["--port", str(port), "--tls-port", str(tls_port)]
    status = main(["probe", host, *ports, "--json", *options])
    out, err = capsys.readouterr()
    assert err == ""
    return Probed(status, json.loads(out))
