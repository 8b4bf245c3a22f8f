"""The server: ports, TLS, connections, and a thread to run them beside blocking clients."""

from .address import REFUSALS, AddressError, Reach, is_loopback
from .connection import Timeouts
from .limits import Limits, networks
from .service import Front, Service
from .thread import ServiceThread
from .tls import CERTIFICATES, Authority, authority

__all__ = [
    "CERTIFICATES",
    "REFUSALS",
    "AddressError",
    "Authority",
    "Front",
    "Limits",
    "Reach",
    "Service",
    "ServiceThread",
    "Timeouts",
    "authority",
    "is_loopback",
    "networks",
]
