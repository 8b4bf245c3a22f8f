"""The addresses of this machine, as Linux' kernel tells them; the standard library has no function for it.

To look up one's own name, or which address a packet into the world would carry, finds some addresses and
never surely all. The kernel tells all of this process' network namespace, by rtnetlink(7), and needs no
rights for it. For other systems there is no such way without a library, so there nobody knows.
"""

import socket
import struct
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address

# netlink(7): length, type, flags, sequence number, port; rtnetlink(7): family, three octets more, interface.
_HEADER = struct.Struct("=IHHII")
_ABOUT = struct.Struct("=BBBBI")
_ATTRIBUTE = struct.Struct("=HH")  # length, type

_ERROR, _DONE, _ADDRESS, _WHICH_ADDRESSES = 2, 3, 20, 22
_REQUEST, _INTERRUPTED, _ALL = 0x1, 0x10, 0x300

# Of a point-to-point link, the first is the other end's address.
_IFA_ADDRESS, _IFA_LOCAL = 1, 2

#: Seconds for an answer that the kernel gives at once.
_PATIENCE = 5.0


def own_addresses() -> list[Address] | None:
    """Return the addresses of this machine's interfaces, IPv4 and IPv6; None where nobody can say."""
    if sys.platform != "linux":
        return None
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
            kernel.settimeout(_PATIENCE)
            size = _HEADER.size + _ABOUT.size
            kernel.send(
                _HEADER.pack(size, _WHICH_ADDRESSES, _REQUEST | _ALL, 1, 0)
                + _ABOUT.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
            )
            return _gathered(iter(lambda: kernel.recv(65_536), b""))
    except OSError:
        return None


def _gathered(answers: Iterator[bytes]) -> list[Address] | None:
    """Return the addresses in the kernel's answers; None if it tells of an error, or that some are amiss."""
    found: list[Address] = []
    for answer in answers:
        for kind, flags, body in _messages(answer):
            if kind == _ERROR or flags & _INTERRUPTED:
                return None
            if kind == _DONE:
                return found
            if kind == _ADDRESS:
                attributes = dict(_attributes(body[_ABOUT.size :]))
                told = attributes.get(_IFA_LOCAL) or attributes.get(_IFA_ADDRESS)
                if told:
                    found.append(ip_address(told))
    return None  # the end is missing


def _messages(answer: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield type, flags and content of each message."""
    while len(answer) >= _HEADER.size:
        size, kind, flags, _, _ = _HEADER.unpack_from(answer)
        yield kind, flags, answer[_HEADER.size : size]
        answer = answer[_aligned(max(size, _HEADER.size)) :]


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and value of each attribute."""
    while len(content) >= _ATTRIBUTE.size:
        size, kind = _ATTRIBUTE.unpack_from(content)
        yield kind, content[_ATTRIBUTE.size : size]
        content = content[_aligned(max(size, _ATTRIBUTE.size)) :]


def _aligned(size: int) -> int:
    """Round up to a multiple of four octets."""
    return (size + 3) & ~3
