"""The limits for connections: how many at a time, and from where."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from minipop.protocol import ReplyName

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Limits:
    """Who may connect. How many sessions one user may have is decided by the policy, after the log-on.

    Args:
        total: most connections at a time, logged on or not; None for any number.
        per_address: most of them from one address; None for any number.
        allowed: the only networks that may connect; None for all.
    """

    total: int | None = None
    per_address: int | None = None
    allowed: tuple[Network, ...] | None = None


#: Any client, in any number.
UNLIMITED = Limits()


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read addresses and subnets, such as ``192.0.2.7`` or ``192.0.2.0/24``.

    Raises:
        ValueError: one of them is neither; the text says which.
    """
    return tuple(ip_network(text) for text in texts)


class ConnectionLimiter:
    """Counts the connections, and refuses those that the limits do not allow.

    Args:
        limits: who may connect.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._addresses: dict[Hashable, str] = {}  # of the connections that were admitted
        self._per_address: Counter[str] = Counter()

    def admit(self, connection: Hashable, address: str) -> ReplyName | None:
        """Count a connection, if the limits allow it.

        Args:
            connection: the connection.
            address: from where; empty if that is not known.

        Returns:
            The reply that refuses it; None for a connection that is admitted.
        """
        limits, allowed = self._limits, self._limits.allowed
        if allowed is not None and not (address and any(ip_address(address) in net for net in allowed)):
            return ReplyName.ADDRESS_NOT_ALLOWED
        if limits.total is not None and len(self._addresses) >= limits.total:
            return ReplyName.TOO_MANY_CONNECTIONS
        if limits.per_address is not None and self._per_address[address] >= limits.per_address:
            return ReplyName.TOO_MANY_FROM_ADDRESS
        self._addresses[connection] = address
        self._per_address[address] += 1
        return None

    def leave(self, connection: Hashable) -> None:
        """Count a connection no longer. Idempotent; of no effect for one that was not admitted."""
        address = self._addresses.pop(connection, None)
        if address is not None:
            self._per_address[address] -= 1
            if not self._per_address[address]:
                del self._per_address[address]
