"""What the page reads of an X.509 certificate (RFC 5280), in DER, since it has no OpenSSL to read it."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from ipaddress import ip_address
from typing import Any

#: Tags of DER (X.690, section 8).
BOOLEAN, OCTET_STRING, UTC_TIME, BMP_STRING, SEQUENCE = 0x01, 0x04, 0x17, 0x1E, 0x30

#: Names in a subject or an issuer by their object identifiers, as OpenSSL writes them.
_NAMES = {
    "55:04:03": "commonName",
    "55:04:05": "serialNumber",
    "55:04:06": "countryName",
    "55:04:07": "localityName",
    "55:04:08": "stateOrProvinceName",
    "55:04:0a": "organizationName",
    "55:04:0b": "organizationalUnitName",
    "2a:86:48:86:f7:0d:01:09:01": "emailAddress",
    "09:92:26:89:93:f2:2c:64:01:19": "domainComponent",
}
_SUBJECT_KEY, _ALTERNATIVE_NAME, _AUTHORITY_KEY = "55:1d:0e", "55:1d:11", "55:1d:23"

#: What a certificate says of a name or a key: pairs in a tuple for each part of a name, as in `ssl`.
Name = tuple[tuple[tuple[str, str], ...], ...]


class DerError(ValueError):
    """It is no DER, or no certificate."""


@dataclass(frozen=True)
class Value:
    """A value in DER.

    Args:
        tag: what it is.
        content: what is in it.
        whole: the same with tag and length.
    """

    tag: int
    content: bytes = field(repr=False)
    whole: bytes = field(repr=False)

    @cached_property
    def parts(self) -> "list[Value]":
        """The values in it."""
        return list(values(self.content))

    @property
    def oid(self) -> str:
        """Its octets in hexadecimal, if it is an object identifier."""
        return self.content.hex(":")

    @property
    def text(self) -> str:
        """What it says, if it is a string."""
        return self.content.decode("utf-16-be" if self.tag == BMP_STRING else "utf-8", "replace")

    @property
    def time(self) -> datetime:
        """What it says, if it is a time (RFC 5280, section 4.1.2.5)."""
        digits = self.content.decode()
        if self.tag == UTC_TIME:
            digits = ("20" if digits < "50" else "19") + digits
        return datetime.strptime(digits, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def values(data: bytes) -> Iterator[Value]:
    """Give the values that stand one after the other in DER.

    Raises:
        DerError: it ends within a value.
    """
    at = 0
    while at < len(data):
        start = at + 2
        length = data[at + 1] if start <= len(data) else 0
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[at + 2 : start], "big")
        end = start + length
        if end > len(data):
            raise DerError("the data ends within a value")
        yield Value(data[at], data[start:end], data[at:end])
        at = end


class Certificate:
    """A certificate.

    Args:
        der: the certificate.

    Attributes:
        issuer: who has signed it, in DER.
        subject: whose it is, in DER.
        key: the public key of the subject with its kind (SubjectPublicKeyInfo), in DER.
        not_before: from when it is valid.
        not_after: until when.
        signed: what the signature is for.
        signature: the signature.
        algorithm: how it was signed: an object identifier, its octets in hexadecimal.
        alternative_names: the names and addresses that it is for, each with its kind as OpenSSL writes it.
        subject_key: what it calls the subject's key, None if it does not.
        authority_key: what it calls the issuer's key, None if it does not.

    Raises:
        DerError: it is none.
    """

    def __init__(self, der: bytes) -> None:
        self.der = der
        try:
            ((body, algorithm, signature),) = (value.parts for value in values(der))
            fields = [value for value in body.parts if value.tag != 0xA0]  # without the version
            self._serial, _, issuer, validity, subject, key = fields[:6]
            self.not_before, self.not_after = (value.time for value in validity.parts)
            self.algorithm = algorithm.parts[0].oid
            self.signed, self.signature = body.whole, signature.content[1:]
            self.issuer, self.subject, self.key = issuer.whole, subject.whole, key.whole
            self._issuer, self._subject = _name(issuer), _name(subject)
            self._version = body.parts[0].parts[0].content[-1] + 1 if body.parts[0].tag == 0xA0 else 1
            extensions = dict(_extensions(fields[6:]))
            self.alternative_names = tuple(_alternative_names(extensions.get(_ALTERNATIVE_NAME)))
            self.subject_key = own.content if (own := extensions.get(_SUBJECT_KEY)) else None
            self.authority_key = _key_identifier(extensions.get(_AUTHORITY_KEY))
        except (ValueError, IndexError, TypeError) as error:
            raise DerError(f"no certificate: {error}") from error

    def described(self) -> dict[str, Any]:
        """Return what `ssl.SSLSocket.getpeercert` says of a certificate, but for revocation."""
        says = {
            "subject": self._subject,
            "issuer": self._issuer,
            "version": self._version,
            "serialNumber": _serial_number(self._serial),
            "notBefore": _printed(self.not_before),
            "notAfter": _printed(self.not_after),
        }
        if self.alternative_names:
            says["subjectAltName"] = tuple((kind, _spelt_out(name)) for kind, name in self.alternative_names)
        return says


def pem_blocks(text: str, kind: str = "CERTIFICATE") -> list[bytes]:
    """Return what a PEM file holds of one kind, in DER.

    Args:
        text: the file.
        kind: what its lines with hyphens say, as a regular expression.

    Raises:
        ValueError: one of them is not in base64; encrypted keys may have lines of another kind.
    """
    blocks = re.findall(f"-----BEGIN {kind}-----(.*?)-----END {kind}-----", text, re.DOTALL)
    return [base64.b64decode("".join(block.split()), validate=True) for block in blocks]


def _extensions(fields: list[Value]) -> Iterator[tuple[str, Value]]:
    for value in fields:
        if value.tag == 0xA3:
            for extension in value.parts[0].parts:
                content = [
                    part for part in extension.parts[1:] if part.tag != BOOLEAN
                ]  # not whether it is critical
                yield extension.parts[0].oid, content[0].parts[0]


def _alternative_names(extension: Value | None) -> Iterator[tuple[str, str]]:
    for name in extension.parts if extension else ():
        if name.tag == 0x82:
            yield "DNS", name.text
        elif name.tag == 0x87:
            yield "IP Address", str(ip_address(name.content))


def _key_identifier(extension: Value | None) -> bytes | None:
    parts = extension.parts if extension else []
    return next((part.content for part in parts if part.tag == 0x80), None)


def _name(value: Value) -> Name:
    def pair(kind: Value, text: Value) -> tuple[str, str]:
        return _NAMES.get(kind.oid, kind.oid), text.text

    return tuple(tuple(pair(*one.parts) for one in part.parts) for part in value.parts)


def _serial_number(value: Value) -> str:
    digits = f"{int.from_bytes(value.content, 'big'):X}"
    return digits.zfill(len(digits) + len(digits) % 2)


def _printed(time: datetime) -> str:
    return f"{time:%b} {time.day:2} {time:%H:%M:%S %Y} GMT"


def _spelt_out(name: str) -> str:
    """Return an address as OpenSSL writes it: of IPv6 every group, without leading zeros."""
    if ":" not in name:
        return name
    return ":".join(f"{int(group, 16):X}" for group in ip_address(name).exploded.split(":"))
