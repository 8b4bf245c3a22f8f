"""Which addresses a host stands for, and from how far away they can be reached.

A name is resolved once, and the addresses that this gave are both judged and bound, because the same name may
resolve to another address the next time.
"""

import asyncio
import socket
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address


class AddressError(OSError):
    """A port or address cannot be used; the text says which and why."""


class Exposure(IntEnum):
    """From how far away an address can be reached."""

    MACHINE = 0
    NETWORK = 1
    INTERNET = 2


#: What no router of the Internet forwards; every other address counts as public. Typed from IANA's
#: special-purpose registries (RFC 6890): what `ipaddress` calls global varies with Python's version.
NOT_ROUTED = [
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),  # private (RFC 1918, RFC 4193)
        *("169.254.0.0/16", "fe80::/10"),  # this link alone (RFC 3927, RFC 4291)
        "100.64.0.0/10",  # between a provider and its customers (RFC 6598)
        "198.18.0.0/15",  # measurements in a laboratory (RFC 2544)
        *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),  # examples in documents (RFC 5737)
        "2001:db8::/32",  # examples in documents (RFC 3849)
    )
]

#: What is wrong with an address that can be reached from so far away, and what to do.
REFUSALS = {
    Exposure.NETWORK: "is not loopback; to let other machines connect, allow it (in Python"
    " allow_remote=True, on the command line --allow-remote)",
    Exposure.INTERNET: "counts as public: anyone on the internet could reach this server, which is only for"
    " lessons and tests; use a private address, or confirm that you want this (in Python"
    " allow_public=True, on the command line --i-know-this-is-a-lab)",
}


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine alone, without looking a name up."""
    if host == "localhost":
        return True
    try:
        return _exposure_of_one(ip_address(host)) is Exposure.MACHINE
    except ValueError:
        return False


async def admitted(host: str, within: Exposure) -> list[str]:
    """Return the addresses that a host stands for, each of which can be bound as it is.

    Args:
        host: a name, an address, or empty for every IPv4 address of this machine.
        within: from how far away it may be reached.

    Raises:
        AddressError: one of them can be reached from farther away.
        OSError: the name cannot be resolved.
        UnicodeError: the name is none.
    """
    host = host or "0.0.0.0"
    addresses = await _resolved(host)
    for text in addresses:
        exposure, note = _exposure(ip_address(text))
        if exposure > within:
            notes = [f"({text})" for text in (text, note) if text not in ("", host)]
            raise AddressError(" ".join([host, *notes, REFUSALS[exposure]]))
    return addresses


def own_addresses() -> list[Address] | None:
    """Return the addresses of this machine's interfaces, IPv4 and IPv6; None where that is not known."""
    import psutil  # here, because it is slow to import and needed for a wildcard alone

    try:
        interfaces = psutil.net_if_addrs()
    except OSError:
        return None
    found = [
        ip_address(one.address.partition("%")[0])  # without the interface of a link-local address
        for addresses in interfaces.values()
        for one in addresses
        if one.family in (socket.AF_INET, socket.AF_INET6)
    ]
    return found or None  # because every machine has a loopback, an empty list means that they are not known


async def _resolved(host: str) -> list[str]:
    """Return a host's addresses: what is an address already, or else the IPv4 addresses of the name.

    To the resolver, ``127.1`` and ``2130706433`` are names as well: of 127.0.0.1.
    """
    try:
        ip_address(host)
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, None, family=socket.AF_INET, type=socket.SOCK_STREAM
        )
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))
    return [host]


def _exposure(address: Address) -> tuple[Exposure, str]:
    """Return from how far away an address can be reached and, for a wildcard, why.

    A wildcard takes the machine's addresses of its own family (asyncio binds ``::`` to IPv6 alone), so a
    public one among them counts; where they are not known, the worst is assumed. Whether a router forwards
    its public address to a private one of this machine cannot be seen from here.
    """
    address = _plain(address)
    if not address.is_unspecified:
        return _exposure_of_one(address), ""
    own = own_addresses()
    if own is None:
        return Exposure.INTERNET, "all addresses of this machine, and minipop cannot see which they are"
    for one in own:
        if one.version == address.version and _exposure_of_one(one) is Exposure.INTERNET:
            return Exposure.INTERNET, f"all addresses of this machine, including {one}"
    return Exposure.NETWORK, "all addresses of this machine"


def _exposure_of_one(address: Address) -> Exposure:
    """Return from how far away a single address can be reached."""
    address = _plain(address)
    if address.is_loopback:
        return Exposure.MACHINE
    return Exposure.NETWORK if any(address in network for network in NOT_ROUTED) else Exposure.INTERNET


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for (RFC 4291, section 2.5.5.2), or itself."""
    return getattr(address, "ipv4_mapped", None) or address
