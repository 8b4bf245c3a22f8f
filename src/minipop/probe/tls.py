"""TLS as a probe needs it: every version that OpenSSL can speak, with and without verification."""

import ssl
import warnings
from functools import lru_cache

#: The versions that are tried, by their short names.
VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}

#: Versions that no server should speak any more (RFC 8996).
OLD = ("1.0", "1.1")

#: All that OpenSSL still has but anonymous key exchange, because that shows no certificate. Level 0 allows
#: what TLS 1.0 and 1.1 need: MD5 and SHA-1 in the handshake.
_CIPHERS = "ALL:!aNULL:@SECLEVEL=0"

#: SSL_OP_LEGACY_SERVER_CONNECT, because OpenSSL 3 refuses servers without RFC 5746 (2010). The ssl module has
#: the name only since Python 3.12.
_LEGACY_SERVER_CONNECT = 0x4


#: PEM files of a client's certificate and its key; the key may lie in the first.
Pair = tuple[str, str | None]


def unverified(version: str | None = None, pair: Pair | None = None) -> ssl.SSLContext:
    """Return a context that takes any certificate and any version; never for a password.

    Args:
        version: the one version to speak, None for all.
        pair: the certificate that the probe shows if it is asked for one.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(_CIPHERS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # because old versions are tried on purpose
        context.options |= _LEGACY_SERVER_CONNECT
        context.minimum_version = VERSIONS[version] if version else ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = VERSIONS[version] if version else ssl.TLSVersion.MAXIMUM_SUPPORTED
    if pair:
        show(context, pair)
    return context


def show(context: ssl.SSLContext, pair: Pair) -> None:
    """Let a context show a certificate to servers that ask for one.

    Raises:
        OSError: the files cannot be read, or do not fit each other; ssl.SSLError is one.
        ValueError: the key is encrypted.
    """

    def locked() -> str:
        raise ValueError("the key is encrypted")  # because OpenSSL would ask on the terminal

    context.load_cert_chain(pair[0], pair[1], password=locked)


def chain_verified(
    ca_file: str | None, version: str | None = None, pair: Pair | None = None
) -> ssl.SSLContext:
    """Return a context that wants a certificate of a trusted authority, whatever names are in it.

    Args:
        ca_file: a PEM file of authorities, None for those of the system.
        version: the one version to speak, None for all.
        pair: the certificate that the probe shows if it is asked for one.
    """
    context = unverified(version, pair)
    context.verify_mode = ssl.CERT_REQUIRED
    if ca_file is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(ca_file)
    return context


def fully_verified(ca_file: str | None, pair: Pair | None = None) -> ssl.SSLContext:
    """Return a context fit for a password: TLS 1.2 or later, a trusted certificate, the right name."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if pair:
        show(context, pair)
    return context


def chain_length(connection: ssl.SSLSocket) -> int:
    """Return how many certificates the server has sent."""
    # Public since Python 3.13, where it lies on the socket itself.
    chain = getattr(connection, "get_unverified_chain", None) or connection._sslobj.get_unverified_chain  # type: ignore[attr-defined]
    return len(chain() or ())


@lru_cache
def can_speak(version: str) -> bool:
    """Tell whether this machine's OpenSSL gets as far as a ClientHello of a version."""
    try:
        unverified(version).wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO()).do_handshake()
    except ssl.SSLWantReadError:  # the ClientHello is written, and the server's answer is missing
        return True
    except (ssl.SSLError, ValueError):
        pass
    return False
