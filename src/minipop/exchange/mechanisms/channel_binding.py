"""What binds a log-on to the server's certificate, so that it is worth nothing to an attacker in the middle.

No library reads the certificate, because a browser page has none that does. The certificates of the page are
signed with ECDSA and SHA-256, so that there the binding is the SHA-256 of the certificate; elsewhere a server
may show others.
"""

import hashlib

#: The hash in each algorithm of a signature, by object identifier in DER: ECDSA's (RFC 5758, section 3.2),
#: RSA's (RFC 4055, section 5), and that of the hash itself, which is a parameter of RSA-PSS (section 2.1).
_HASHES = {
    bytes.fromhex(identifier): name
    for name, identifiers in {
        "sha224": ("2a8648ce3d040301", "2a864886f70d01010e", "608648016503040204"),
        "sha256": ("2a8648ce3d040302", "2a864886f70d01010b", "608648016503040201"),
        "sha384": ("2a8648ce3d040303", "2a864886f70d01010c", "608648016503040202"),
        "sha512": ("2a8648ce3d040304", "2a864886f70d01010d", "608648016503040203"),
    }.items()
    for identifier in identifiers
}


def tls_server_end_point(certificate: bytes) -> bytes:
    """Return what binds a log-on to a TLS server (RFC 5929, section 4): the hash of its certificate.

    The hash function is that of the certificate's signature, but SHA-256 instead of MD5 and SHA-1. For a
    signature without one, such as Ed25519, the RFC defines nothing; here it is SHA-256 as well.

    Args:
        certificate: the server's, in DER.
    """
    algorithm = _signature_algorithm(certificate)
    found = [(at, name) for identifier, name in _HASHES.items() if (at := algorithm.find(identifier)) >= 0]
    _, name = min(found, default=(0, "sha256"))  # the first, because RSA-PSS names one for its mask as well
    return b"tls-server-end-point:" + hashlib.new(name, certificate).digest()


def _signature_algorithm(certificate: bytes) -> bytes:
    """Return the second of the three parts of a certificate (RFC 5280, section 4.1)."""
    body, _ = _bounds(certificate, 0)
    _, after_body = _bounds(certificate, body)
    start, end = _bounds(certificate, after_body)
    return certificate[start:end]


def _bounds(der: bytes, at: int) -> tuple[int, int]:
    """Return where the content of a value begins and ends (X.690, section 8.1)."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[at + 2 : start], "big")
    return start, start + length
