"""TLS errors as OpenSSL words them, because clients, lessons and searches go by its names."""

import ssl
from typing import TypeVar

T = TypeVar("T", bound=ssl.SSLError)

#: The alerts that SSL 3 had already; OpenSSL's names for them still say so.
_SSL3_ALERTS = frozenset({10, 20, 30, *range(40, 48)})


def tls_error(reason: str) -> ssl.SSLError:
    """Return an error of the TLS library.

    Args:
        reason: OpenSSL's name for it, such as ``WRONG_VERSION_NUMBER``.
    """
    return _with(ssl.SSLError(1, f"[SSL: {reason}] {reason.lower().replace('_', ' ')}"), reason)


def alert_error(description: int, name: str) -> ssl.SSLError:
    """Return what an alert of the peer is to this side.

    Args:
        description: its number (RFC 8446, section 6).
        name: its name there, such as ``unknown_ca``.
    """
    family = "SSLV3" if description in _SSL3_ALERTS else "TLSV1"
    return tls_error(f"{family}_ALERT_{name.upper()}")


def pem_error() -> ssl.SSLError:
    """Return what a file is to OpenSSL that it cannot make sense of; there is no name for it."""
    return _with(ssl.SSLError(1, "[SSL] PEM lib"), None)


def verification_error(code: int, message: str) -> ssl.SSLCertVerificationError:
    """Return the refusal of a certificate.

    Args:
        code: OpenSSL's number for it, see X509_STORE_CTX_get_error(3).
        message: its text for it.
    """
    reason = "CERTIFICATE_VERIFY_FAILED"
    error = ssl.SSLCertVerificationError(1, f"[SSL: {reason}] certificate verify failed: {message}")
    error.verify_code, error.verify_message = code, message
    return _with(error, reason)


def want_read() -> ssl.SSLWantReadError:
    """Return what says that more must come in first."""
    return ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "The operation did not complete (read)")


def unexpected_end() -> ssl.SSLEOFError:
    """Return what says that the connection ended without the peer's ``close_notify``."""
    return ssl.SSLEOFError(ssl.SSL_ERROR_EOF, "EOF occurred in violation of protocol")


def _with(error: T, reason: str | None) -> T:
    error.library, error.reason = "SSL", reason  # type: ignore[assignment]  # OpenSSL leaves it out as well
    return error
