"""The server: ports, TLS, connections, and a thread to run them beside blocking clients."""

from .connection import Timeouts
from .limits import Limits, networks
from .service import AddressError, Front, Service, is_loopback
from .thread import ServiceThread
from .tls import CERTIFICATES, Authority, CertificateError, Identity, authority, identity_from

__all__ = [
    "CERTIFICATES",
    "AddressError",
    "Authority",
    "CertificateError",
    "Front",
    "Identity",
    "Limits",
    "Service",
    "ServiceThread",
    "Timeouts",
    "authority",
    "identity_from",
    "is_loopback",
    "networks",
]
