"""The server: ports, TLS, connections, and a thread to run them beside blocking clients."""

from .connection import Timeouts
from .limits import Limits, networks
from .service import AddressError, Front, Service, is_loopback
from .thread import ServiceThread
from .tls import CERTIFICATES, Authority, authority

__all__ = [
    "CERTIFICATES",
    "AddressError",
    "Authority",
    "Front",
    "Limits",
    "Service",
    "ServiceThread",
    "Timeouts",
    "authority",
    "is_loopback",
    "networks",
]
