"""Minimal verification, until the real one is here."""

import base64, datetime, hashlib, ipaddress, re, ssl

# -- certificates: who verifies, since no OpenSSL is here ---------------------------------------------


def verify(context, chain, hostname):
    """Refuse a certificate as OpenSSL does: unknown issuer, wrong name, not valid now, in that order."""
    if context.verify_mode == ssl.CERT_NONE:
        return
    leaf = Certificate(chain[0])
    roots = [Certificate(der) for der in _chain(getattr(context, "_ca_data", ""))]
    if not any(leaf.issuer == root.subject and leaf.signed_by(root) for root in roots):
        _refuse(20, "unable to get local issuer certificate")
    if context.check_hostname and hostname not in leaf.names:
        what = "IP address" if _is_address(hostname) else "Hostname"
        _refuse(
            64 if what == "IP address" else 62, f"{what} mismatch, certificate is not valid for '{hostname}'."
        )
    now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d%H%M%SZ")
    if now < leaf.not_before:
        _refuse(9, "certificate is not yet valid")
    if now > leaf.not_after:
        _refuse(10, "certificate has expired")


def _refuse(code, message):
    error = ssl.SSLCertVerificationError(
        1, f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {message} (_ssl.c:1010)"
    )
    error.verify_code, error.verify_message, error.reason = code, message, "CERTIFICATE_VERIFY_FAILED"
    raise error


def _is_address(name):
    return re.fullmatch(r"[0-9.]+|.*:.*", name) is not None


def _chain(pem):
    blocks = re.findall("-----BEGIN CERTIFICATE-----(.*?)-----END", pem, re.DOTALL)
    return [base64.b64decode(block) for block in blocks]


def _items(data):
    """Take DER apart: (tag, whole, content) of each value."""
    at, found = 0, []
    while at < len(data):
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[at + 2 : start])
        found.append((tag, data[at : start + length], data[start : start + length]))
        at = start + length
    return found


class Certificate:
    """What `verify` needs of a certificate in DER."""

    def __init__(self, der):
        body, _, signature = _items(_items(der)[0][2])
        self._signed, self._signature = body[1], signature[2][1:]
        fields = [item for item in _items(body[2]) if item[0] != 0xA0]
        _, _, self.issuer, validity, self.subject, self._key = (item[1] for item in fields[:6])
        times = [(tag, content.decode()) for tag, _, content in _items(_items(validity)[0][2])]
        self.not_before, self.not_after = (
            text if tag == 0x18 else ("20" if text < "50" else "19") + text for tag, text in times
        )
        self.names = set()
        extensions = next((item[2] for item in fields if item[0] == 0xA3), b"\x30\x00")
        for _, _, extension in _items(_items(extensions)[0][2]):
            parts = _items(extension)
            if parts[0][2] == b"\x55\x1d\x11":  # subjectAltName
                for tag, _, name in _items(_items(parts[-1][2])[0][2]):
                    self.names.add(name.decode() if tag == 0x82 else str(ipaddress.ip_address(name)))

    def signed_by(self, root):
        """Tell whether another one's P-256 key has signed this; without ecdsa, the names must do."""
        try:
            from ecdsa import BadSignatureError, VerifyingKey
            from ecdsa.util import sigdecode_der
        except ImportError:
            return True
        key = VerifyingKey.from_der(root._key)
        try:
            return key.verify(self._signature, self._signed, hashlib.sha256, sigdecode_der)
        except BadSignatureError:
            return False
