"""The page on security says what holds, and SECURITY.md leads to it."""

from __future__ import annotations

import asyncio
import re
from ipaddress import ip_address

import pytest

from minipop.cli import _parser
from minipop.server import AddressError, Exposure
from minipop.server.address import admitted
from tests.site.projects import ROOT

PAGES = {language: ROOT / "docs" / language / "about/security.md" for language in ("de", "en")}

# The machine's addresses in the rows of the table that speak of all of them.
WITHOUT_PUBLIC = [ip_address("127.0.0.1"), ip_address("192.168.1.20"), ip_address("fd00::2")]
WITH_PUBLIC = [*WITHOUT_PUBLIC, ip_address("8.8.8.8"), ip_address("2001:4860:4860::8888")]


def bindings(language: str) -> list[tuple[list[str], list[str]]]:
    """Return the table of what may be bound: the hosts and the options of each row."""
    section = PAGES[language].read_text("utf-8").partition("{#binding}")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    hosts, options = re.compile(r"`([^`]+)`"), re.compile(r"`(--[a-z-]+)`")
    return [(hosts.findall(host), options.findall(needs)) for host, needs in rows[2:]]


@pytest.mark.parametrize("language", PAGES)
def test_each_host_needs_the_options_that_the_table_says(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    this, private, public, plain, exposed = bindings(language)
    both = ["--allow-remote", "--i-know-this-is-a-lab"]
    assert [needs for _, needs in (this, private, public, plain, exposed)] == [
        [],
        both[:1],
        both,
        both[:1],
        both,
    ]
    assert (this[0], plain[0]) == (["127.0.0.1", "::1", "localhost"], ["0.0.0.0", "::"])
    checked = [
        *((host, Exposure.MACHINE, WITHOUT_PUBLIC) for host in this[0]),
        *((host, Exposure.NETWORK, WITH_PUBLIC) for host in private[0]),
        *((host, Exposure.NETWORK, WITHOUT_PUBLIC) for host in plain[0]),
        *((host, Exposure.INTERNET, WITH_PUBLIC) for host in plain[0]),
    ]
    for host, reach, own in checked:
        monkeypatch.setattr("minipop.server.address.own_addresses", lambda own=own: own)
        assert asyncio.run(admitted(host, reach))
        if reach:
            with pytest.raises(AddressError):
                asyncio.run(admitted(host, Exposure(reach - 1)))


@pytest.mark.parametrize("language", PAGES)
def test_every_option_on_the_page_is_one_of_minipop_or_npm(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        _parser().parse_args(["serve", "--help"])
    known = set(re.findall(r"--[a-z][a-z0-9-]+", capsys.readouterr().out)) | {"--package-lock-only"}
    named = set(re.findall(r"(?<=[` ])--[a-z][a-z0-9-]+", PAGES[language].read_text("utf-8")))
    assert len(named) > 5
    assert named - known == set()


def test_security_md_is_short_and_leads_to_the_page_and_names_nobody() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert [ROOT / link for link in links] == [PAGES["en"], PAGES["de"]]
    assert len(text.splitlines()) < 20
    assert re.findall(r"\S*@\S*|\w+://\S*", text) == []
    for page in PAGES.values():
        assert "Security → Report a vulnerability" in page.read_text("utf-8")
