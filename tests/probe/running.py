"""Running the probe as an administrator does, through the command line, and reading its JSON."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from minipop.cli import main

SCHEMA = Path(__file__).parents[2] / "docs" / "assets" / "probe.schema.json"


def strict(schema: object) -> object:
    """Return a schema that allows no key that it does not name, so that no new one goes undescribed."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema else {}
    return {**closed, **{key: strict(part) for key, part in schema.items()}}


@cache
def validator() -> jsonschema.Draft202012Validator:
    """Return what checks a report against the schema that the site publishes."""
    return jsonschema.Draft202012Validator(strict(json.loads(SCHEMA.read_text("utf-8"))))


def read(out: str) -> dict[str, Any]:
    """Read a report, which must be one line and fit the schema."""
    assert out.count("\n") == 1
    data: dict[str, Any] = json.loads(out)
    validator().validate(data)
    return data


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

    def values(self, code: str) -> dict[str, Any]:
        """Return the values of a finding."""
        found: dict[str, Any] = next(f["values"] for f in self.data["findings"] if f["code"] == code)
        return found

    def codes(self, severity: str = "") -> dict[str, list[str]]:
        """Return the findings, all or of one severity: by code the ways in."""
        found = self.data["findings"]
        return {f["code"]: f["where"] for f in found if severity in ("", f["severity"])}

    def row(self, name: str) -> list[str]:
        """Return cells of the table: password, NTLM, Kerberos, modern."""
        cells = self.data["verdict"][name]
        return [cells[column] for column in ("password", "ntlm", "kerberos", "modern")]

    def cell(self, name: str, column: str) -> str:
        """Return a cell of the table."""
        found: str = self.data["verdict"][name][column]
        return found


def probe(
    capsys: pytest.CaptureFixture[str], port: int, tls_port: int, *options: str, host: str = "127.0.0.1"
) -> Probed:
    """Probe loopback and return what came of it."""
    ports = ["--port", str(port), "--tls-port", str(tls_port)]
    status = main(["probe", host, *ports, "--json", *options])
    out, err = capsys.readouterr()
    assert err == ""
    return Probed(status, read(out))
