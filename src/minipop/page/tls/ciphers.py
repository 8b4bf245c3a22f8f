"""ChaCha20-Poly1305 in JavaScript instead of Python, which would need seconds for a large message."""

from .library import chacha20_poly1305

_InPython = chacha20_poly1305.CHACHA20_POLY1305


class InJavaScript(_InPython):  # type: ignore[misc, valid-type]  # tlslite-ng has no types
    """The cipher with one key, by the JavaScript module ``page_ciphers`` that the worker registers.

    Args:
        key: 32 octets.
    """

    def __init__(self, key: bytearray) -> None:
        super().__init__(key, "python")
        self._key = bytes(key)

    def seal(self, nonce: bytearray, plaintext: bytearray, data: bytearray) -> bytearray:
        """Return the ciphertext, and behind it what proves that it is whole.

        Args:
            nonce: 12 octets.
            plaintext: what to encrypt.
            data: what else is proved.
        """
        import page_ciphers

        return bytearray(page_ciphers.seal(self._key, bytes(nonce), bytes(data), bytes(plaintext)).to_bytes())

    def open(self, nonce: bytearray, ciphertext: bytearray, data: bytearray) -> bytearray | None:
        """Return the plaintext; None if something was tampered with. The arguments are those of `seal`."""
        import page_ciphers

        try:
            return bytearray(
                page_ciphers.open(self._key, bytes(nonce), bytes(data), bytes(ciphertext)).to_bytes()
            )
        except Exception:  # JavaScript's, which Pyodide wraps
            return None


def use_javascript() -> bool:
    """Let connections that begin from now on use it, if the worker has registered it; tell whether it has."""
    try:
        import page_ciphers  # noqa: F401
    except ImportError:
        return False
    chacha20_poly1305.new = InJavaScript
    return True
