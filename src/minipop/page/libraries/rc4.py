"""RC4, which encrypts the session key of a log-on with NTLM, as `cryptography` offers it."""


class ARC4:
    """A key.

    Args:
        key: 1 to 256 octets.
    """

    def __init__(self, key: bytes) -> None:
        self.key = key


class Cipher:
    """The algorithm with its key; it encrypts and decrypts in the same way.

    Args:
        algorithm: the key.
        mode: none, because RC4 is a stream.
        backend: whatever there is.
    """

    def __init__(self, algorithm: ARC4, mode: None = None, backend: object = None) -> None:
        del mode, backend
        self._key = algorithm.key

    def encryptor(self) -> "Stream":
        return Stream(self._key)

    decryptor = encryptor


class Stream:
    """The key stream, which goes on from one piece of data to the next."""

    def __init__(self, key: bytes) -> None:
        state, j = list(range(256)), 0
        for i in range(256):
            j = (j + state[i] + key[i % len(key)]) % 256
            state[i], state[j] = state[j], state[i]
        self._state, self._i, self._j = state, 0, 0

    def update(self, data: bytes) -> bytes:
        """Encrypt or decrypt the next piece."""
        state = self._state
        out = bytearray()
        for octet in data:
            self._i = (self._i + 1) % 256
            self._j = (self._j + state[self._i]) % 256
            state[self._i], state[self._j] = state[self._j], state[self._i]
            out.append(octet ^ state[(state[self._i] + state[self._j]) % 256])
        return bytes(out)

    def finalize(self) -> bytes:
        """Return nothing, because nothing is held back."""
        return b""
