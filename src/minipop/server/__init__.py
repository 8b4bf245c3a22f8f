"""The server: ports, TLS, connections, and a thread to run them beside blocking clients."""

from .address import REFUSALS, AddressError, Reach, is_loopback
from .connection import Timeouts
from .limits import Limits, networks
from .service import Front, Service
from .thread import ServiceThread
from .tls import CERTIFICATES, Authority, CertificateError, Identity, authority, identity_from

__all__ = [
    "CERTIFICATES",
    "REFUSALS",
    "AddressError",
    "Authority",
    "CertificateError",
    "Front",
    "Identity",
    "Limits",
    "Reach",
    "Service",
    "ServiceThread",
    "Timeouts",
    "authority",
    "identity_from",
    "is_loopback",
    "networks",
]
