"""In the place of `cryptography`, of which there is no build here: RC4, all that pyspnego wants of it."""

import sys
import types
from types import SimpleNamespace


class Rc4:
    """The cipher, as `cryptography.hazmat.primitives.ciphers.Cipher` has it."""

    def __init__(self, algorithm: bytes, mode: None = None, backend: object = None) -> None:
        del mode, backend
        key, state, j = algorithm, list(range(256)), 0
        for i in range(256):
            j = (j + state[i] + key[i % len(key)]) % 256
            state[i], state[j] = state[j], state[i]
        self._state, self._i, self._j = state, 0, 0

    def encryptor(self) -> "Rc4":
        return self

    def update(self, data: bytes) -> bytes:
        state, out = self._state, bytearray()
        for octet in data:
            self._i = (self._i + 1) % 256
            self._j = (self._j + state[self._i]) % 256
            state[self._i], state[self._j] = state[self._j], state[self._i]
            out.append(octet ^ state[(state[self._i] + state[self._j]) % 256])
        return bytes(out)


#: What pyspnego imports; the empty ones are for CredSSP, which nobody uses here.
_MODULES: dict[str, dict[str, object]] = {
    "": {"__version__": "0"},
    ".x509": {},
    ".hazmat": {},
    ".hazmat.backends": {"default_backend": lambda: None},
    ".hazmat.decrepit": {},
    ".hazmat.decrepit.ciphers": {},
    ".hazmat.decrepit.ciphers.algorithms": {"ARC4": bytes},
    ".hazmat.primitives": {},
    ".hazmat.primitives.asymmetric": {},
    ".hazmat.primitives.asymmetric.rsa": {},
    ".hazmat.primitives.ciphers": {"Cipher": Rc4, "algorithms": SimpleNamespace(ARC4=bytes)},
    ".hazmat.primitives.hashes": {},
    ".hazmat.primitives.serialization": {},
}


def install() -> None:
    """Let pyspnego find this in the place of `cryptography`."""
    for name, content in _MODULES.items():
        module = types.ModuleType(f"cryptography{name}")
        module.__path__ = []
        module.__dict__.update(content)
        sys.modules[module.__name__] = module
        parent, _, last = module.__name__.rpartition(".")
        if parent:
            setattr(sys.modules[parent], last, module)
