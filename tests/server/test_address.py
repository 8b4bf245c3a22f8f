"""Which addresses a host stands for, from how far away they can be reached, and what is refused."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from minipop.server import AddressError, Exposure
from minipop.server.address import admitted, own_addresses
from tests.server.test_service import service

#   host                          from how far away it can be reached
REACHES = {
    "127.0.0.1": Exposure.MACHINE,
    "127.255.255.254": Exposure.MACHINE,
    "::1": Exposure.MACHINE,
    "::ffff:127.0.0.1": Exposure.MACHINE,
    "127.1": Exposure.MACHINE,  # the resolver's short forms of 127.0.0.1
    "2130706433": Exposure.MACHINE,
    "0x7f.1": Exposure.MACHINE,
    "10.0.0.1": Exposure.NETWORK,
    "172.16.0.1": Exposure.NETWORK,
    "172.31.255.255": Exposure.NETWORK,
    "192.168.1.20": Exposure.NETWORK,
    "169.254.1.1": Exposure.NETWORK,
    "100.64.0.1": Exposure.NETWORK,
    "192.0.2.1": Exposure.NETWORK,
    "fd00::1": Exposure.NETWORK,
    "fe80::1": Exposure.NETWORK,
    "fe80::1%7": Exposure.NETWORK,
    "::ffff:192.168.1.20": Exposure.NETWORK,
    "10.1": Exposure.NETWORK,
    "3232235796": Exposure.NETWORK,  # 192.168.1.20
    "8.8.8.8": Exposure.INTERNET,
    "172.32.0.1": Exposure.INTERNET,
    "192.169.0.1": Exposure.INTERNET,
    "100.128.0.1": Exposure.INTERNET,
    "2001:4860:4860::8888": Exposure.INTERNET,
    "2001:4860:4860::8888%7": Exposure.INTERNET,
    "::ffff:8.8.8.8": Exposure.INTERNET,
    "2002:808:808::1": Exposure.INTERNET,  # 6to4 of 8.8.8.8
    "64:ff9b::808:808": Exposure.INTERNET,
    "8.8.2056": Exposure.INTERNET,
    "134744072": Exposure.INTERNET,
    "0x08080808": Exposure.INTERNET,
    "010.010.010.010": Exposure.INTERNET,  # octal
}


@pytest.mark.parametrize(("host", "reach"), REACHES.items())
def test_an_address_is_admitted_as_far_as_it_can_be_reached_and_no_less(host: str, reach: Exposure) -> None:
    assert len(asyncio.run(admitted(host, reach))) == 1
    for less in Exposure:
        if less < reach:
            with pytest.raises(AddressError, match="public" if reach is Exposure.INTERNET else "loopback"):
                asyncio.run(admitted(host, less))


def test_what_is_refused_is_named_as_it_was_typed_and_as_it_was_understood() -> None:
    with pytest.raises(AddressError) as refused:
        asyncio.run(admitted("134744072", Exposure.NETWORK))
    assert str(refused.value) == (
        "134744072 (8.8.8.8) counts as public: anyone on the internet could reach this server, which is only "
        "for lessons and tests; use a private address, or confirm that you want this (in Python "
        "allow_public=True, on the command line --i-know-this-is-a-lab)"
    )
    with pytest.raises(AddressError, match=r"^10\.1 \(10\.0\.0\.1\) is not loopback; .*--allow-remote\)$"):
        asyncio.run(admitted("10.1", Exposure.MACHINE))


# -- wildcards ----------------------------------------------------------------------------------------

CLASSROOM = ["127.0.0.1", "192.168.1.20", "::1", "fd00::2", "fe80::1"]

#   the machine's addresses           a wildcard      how far it reaches
WILDCARDS: list[tuple[list[str] | None, str, Exposure]] = [
    (CLASSROOM, "0.0.0.0", Exposure.NETWORK),
    (CLASSROOM, "", Exposure.NETWORK),
    (CLASSROOM, "0", Exposure.NETWORK),
    (CLASSROOM, "::", Exposure.NETWORK),
    (CLASSROOM, "::ffff:0.0.0.0", Exposure.NETWORK),
    (["127.0.0.1", "::1"], "0.0.0.0", Exposure.NETWORK),  # another may come any time
    ([], "::", Exposure.NETWORK),
    ([*CLASSROOM, "8.8.8.8"], "0.0.0.0", Exposure.INTERNET),
    (["8.8.8.8", *CLASSROOM], "", Exposure.INTERNET),
    (["8.8.8.8", *CLASSROOM], "::ffff:0.0.0.0", Exposure.INTERNET),
    ([*CLASSROOM, "8.8.8.8"], "::", Exposure.NETWORK),  # IPv6 alone
    ([*CLASSROOM, "2001:4860:4860::8888"], "::", Exposure.INTERNET),
    ([*CLASSROOM, "2001:4860:4860::8888"], "0.0.0.0", Exposure.NETWORK),  # IPv4 alone
    (None, "0.0.0.0", Exposure.INTERNET),
    (None, "::", Exposure.INTERNET),
]


@pytest.mark.parametrize(("own", "host", "reach"), WILDCARDS)
def test_a_wildcard_reaches_as_far_as_the_machine_s_own_addresses(
    own: list[str] | None, host: str, reach: Exposure, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = None if own is None else [ip_address(text) for text in own]
    monkeypatch.setattr("minipop.server.address.own_addresses", lambda: known)
    assert len(asyncio.run(admitted(host, reach))) == 1
    with pytest.raises(AddressError, match="8888|8.8.8.8|cannot see which" if reach > 1 else "loopback"):
        asyncio.run(admitted(host, Exposure(reach - 1)))


# -- names --------------------------------------------------------------------------------------------


class Resolver:
    """Stands in for the resolver: each question is answered with the next of these addresses."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: object, *_: object, **__: object) -> list[Any]:
        """Answer as `socket.getaddrinfo` does."""
        self.asked.append(host)
        found = self.answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in found]


@pytest.mark.parametrize("answer", [["8.8.8.8"], ["192.168.1.20", "8.8.8.8"], ["8.8.8.8", "127.0.0.1"]])
def test_a_name_that_leads_to_a_public_address_is_refused(
    answer: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.getaddrinfo", Resolver(answer))
    with pytest.raises(AddressError, match=r"^pop3\.example \(8\.8\.8\.8\) counts as public"):
        asyncio.run(admitted("pop3.example", Exposure.NETWORK))


def test_even_localhost_is_judged_by_what_it_leads_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", Resolver(["192.168.1.20"]))
    with pytest.raises(AddressError, match=r"^localhost \(192\.168\.1\.20\) is not loopback"):
        asyncio.run(service().start("localhost", within=Exposure.MACHINE))


def test_a_name_is_looked_up_once_and_what_was_judged_is_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(["127.0.0.1"], ["8.8.8.8"], ["8.8.8.8"], ["8.8.8.8"])
    monkeypatch.setattr("socket.getaddrinfo", resolver)
    own = service()

    async def bound() -> set[str]:
        await own.start("rebinding.example", within=Exposure.MACHINE)
        addresses = {listener.getsockname()[0] for s in own._servers for listener in s.sockets}
        await own.stop()
        return addresses

    assert asyncio.run(bound()) == {"127.0.0.1"}
    assert resolver.asked == ["rebinding.example"]
    assert own.host == "rebinding.example"


# -- the machine's own addresses ----------------------------------------------------------------------


class Interface(NamedTuple):
    """An address of an interface, with what psutil tells of it."""

    family: int
    address: str


def test_the_addresses_of_all_interfaces_count_and_nothing_else_that_they_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {
        "lo": [Interface(socket.AF_INET, "127.0.0.1")],
        "eth0": [
            Interface(socket.AF_INET, "10.0.0.5"),
            Interface(socket.AF_INET6, "2001:4860:4860::8888"),
            Interface(socket.AF_INET6, "fe80::1%eth0"),
            Interface(psutil.AF_LINK, "00:15:5d:01:02:03"),
        ],
    }
    monkeypatch.setattr("psutil.net_if_addrs", lambda: told)
    expected = ["127.0.0.1", "10.0.0.5", "2001:4860:4860::8888", "fe80::1"]
    assert [str(address) for address in own_addresses() or ()] == expected


def test_where_the_system_does_not_tell_nobody_can_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise PermissionError

    monkeypatch.setattr("psutil.net_if_addrs", refuse)
    assert own_addresses() is None
    monkeypatch.setattr("psutil.net_if_addrs", dict)
    assert own_addresses() is None


@pytest.mark.skipif(sys.platform != "linux", reason="Linux' own files are compared")
def test_no_address_that_linux_lists_elsewhere_is_missing() -> None:
    own = {str(address) for address in own_addresses() or ()}
    table = Path("/proc/net/fib_trie").read_text("ascii")
    listed = set(re.findall(r"\|-- (\S+)\n +/32 host LOCAL", table))
    six = Path("/proc/net/if_inet6")
    if six.exists():
        listed |= {str(ip_address(bytes.fromhex(line.split()[0]))) for line in six.read_text().splitlines()}
    assert "127.0.0.1" in listed
    assert listed - own == set()
