"""Who may connect: how many at a time, and from where."""

import ipaddress
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Limits:
    """Who may connect. How many sessions one user may have is for the policy to say, after the log-on.

    Args:
        total: most connections at a time, logged on or not; None for any number.
        per_address: most of them from one address; None for any number.
        allowed: the only networks that may connect; None for all.
    """

    total: int | None = None
    per_address: int | None = None
    allowed: tuple[Network, ...] | None = None


#: Everybody, in any number.
UNLIMITED = Limits()


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read addresses and subnets, such as ``192.0.2.7`` or ``192.0.2.0/24``.

    Raises:
        ValueError: one of them is neither; the text says which.
    """
    return tuple(ipaddress.ip_network(text) for text in texts)


class Doorkeeper:
    """Counts who is inside, and turns away whom the limits do not let in.

    Args:
        limits: who may connect.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._inside: dict[Hashable, str] = {}
        self._from: Counter[str] = Counter()

    def admit(self, visitor: Hashable, address: str) -> str:
        """Let somebody in, or not.

        Args:
            visitor: who comes.
            address: from where; empty if nobody knows.

        Returns:
            The name in `Replies` of what is said to one who is turned away; empty for one who is inside now.
        """
        limits = self._limits
        for reached, reply in (
            (not self._allows(address), "address_not_allowed"),
            (_reached(limits.total, len(self._inside)), "too_many_connections"),
            (_reached(limits.per_address, self._from[address]), "too_many_from_address"),
        ):
            if reached:
                return reply
        self._inside[visitor] = address
        self._from[address] += 1
        return ""

    def leave(self, visitor: Hashable) -> None:
        """Give back the place of one who goes; once, however often it is said, and of nobody else."""
        address = self._inside.pop(visitor, None)
        if address is not None:
            self._from[address] -= 1
            if not self._from[address]:
                del self._from[address]

    def _allows(self, address: str) -> bool:
        allowed = self._limits.allowed
        if allowed is None:
            return True
        return bool(address) and any(ipaddress.ip_address(address) in network for network in allowed)


def _reached(most: int | None, now: int) -> bool:
    return most is not None and now >= most
