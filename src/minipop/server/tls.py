"""Certificates for this machine: a throw-away CA of trustme, and the contexts that servers use."""

import atexit
import ssl
import tempfile
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

#: The names that the certificate holds; fetchmail and others look at the common name, too.
NAMES = ("localhost", "127.0.0.1", "::1")


class Authority:
    """A certificate authority for the length of the process, and a server certificate that it issued."""

    def __init__(self) -> None:
        import trustme  # costs 0.1 s and cryptography, so only when TLS is wanted

        self._ca: trustme.CA = trustme.CA(organization_name="minipop", organization_unit_name="Muster GmbH")
        self._leaf = self._ca.issue_cert(*NAMES, common_name=NAMES[0])

    def server_context(self) -> ssl.SSLContext:
        """Return a context for the server's side: TLS 1.2 and later."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._leaf.configure_cert(context)
        return context

    @cached_property
    def certificate(self) -> bytes:
        """The server certificate in DER."""
        return ssl.PEM_cert_to_DER_cert(self._leaf.cert_chain_pems[0].bytes().decode())

    @cached_property
    def ca_file(self) -> Path:
        """The CA certificate as a PEM file that clients can be pointed at; removed with the process."""
        folder = tempfile.TemporaryDirectory(prefix="minipop-")
        atexit.register(folder.cleanup)
        file = Path(folder.name) / "ca.pem"
        self._ca.cert_pem.write_to_path(file)
        return file


@lru_cache(maxsize=1)
def authority() -> Authority:
    """Return the authority of this process; making one takes some milliseconds, so it is made once."""
    return Authority()
