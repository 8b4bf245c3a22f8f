"""What a context of Pyodide's `ssl` was told. Its own `wrap_bio` is missing, so it has no way to say it.

The attributes are private to Pyodide; a test in the page notices when they change.
"""

import ssl
from functools import lru_cache

from .certificate import Certificate, pem_blocks
from .errors import tls_error


def server_files(context: ssl.SSLContext) -> tuple[str, str]:
    """Return the certificates that a server shows, and its key, as PEM.

    Raises:
        ssl.SSLError: it has none.
    """
    shown = str(getattr(context, "_certfile_data", ""))
    key = str(getattr(context, "_keyfile_data", "") or shown)
    if not pem_blocks(shown):
        raise tls_error("NO_CERTIFICATE_ASSIGNED")
    return shown, key


def trusted(context: ssl.SSLContext) -> list[Certificate]:
    """Return the certificates that a client trusts."""
    return _certificates(str(getattr(context, "_ca_data", "")))


def tls_versions(context: ssl.SSLContext) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the lowest and the highest version to be offered, in the numbers of the protocol.

    Never below TLS 1.2, whatever the context allows, because minipop's servers offer no less.

    Raises:
        ssl.SSLError: the context allows only older ones.
    """
    lowest, highest = int(context.minimum_version), int(context.maximum_version)
    if 0 < highest < ssl.TLSVersion.TLSv1_2:
        raise tls_error("NO_PROTOCOLS_AVAILABLE")
    only_new = lowest >= ssl.TLSVersion.TLSv1_3
    only_old = 0 < highest <= ssl.TLSVersion.TLSv1_2
    return (3, 4) if only_new else (3, 3), (3, 3) if only_old else (3, 4)


@lru_cache(8)
def _certificates(pem: str) -> list[Certificate]:
    return [Certificate(der) for der in pem_blocks(pem)]
