"""The server: ports, TLS, connections; `minipop.server.thread` runs it beside blocking clients."""

from .address import REFUSALS, AddressError, Exposure, is_loopback
from .connection import Timeouts
from .limits import Limits, networks
from .listener import Listener, OneAnswer
from .service import Relay, Service
from .tls import CERTIFICATES, CertificateError, TlsIdentity

__all__ = [
    "CERTIFICATES",
    "REFUSALS",
    "AddressError",
    "CertificateError",
    "Exposure",
    "Limits",
    "Listener",
    "OneAnswer",
    "Relay",
    "Service",
    "Timeouts",
    "TlsIdentity",
    "is_loopback",
    "networks",
]
