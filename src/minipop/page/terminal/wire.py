"""What an eavesdropper sees of a connection: clear text with the secrets in it, or records of TLS."""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import Any

from minipop.exchange import Account
from minipop.wire import Capture, read
from minipop.wire.capture import Who

#: Lines and records that are shown of what crossed the wire for one command; the rest is counted.
MOST = 40

#: Characters of a line, and octets of a record, that are shown.
LONGEST, HEAD = 160, 16

#: What a record of TLS holds, by its first octet (RFC 8446, section 5.1), and the octets before its content.
RECORDS = {20: "change-cipher-spec", 21: "alert", 22: "handshake", 23: "application-data"}
HEADER = 5

_PASS = re.compile(rb"PASS (.+)", re.IGNORECASE)
_BEARER = re.compile(rb"auth=Bearer ", re.IGNORECASE)


class WirePane:
    """What has crossed the wire of one connection.

    Args:
        account: whose secret is looked for.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._seen = 0
        self._rest: dict[Who, bytes] = {"C": b"", "S": b""}
        self._tls: set[Who] = set()

    def update(self, capture: Capture) -> dict[str, Any]:
        """Describe what has come since the last time.

        Args:
            capture: the whole connection up to now.

        Returns:
            ``lines``, each with ``who`` and either ``text``, ``secret`` (what of it is one) and ``decoded``,
            or ``record``, ``octets`` and ``head``; ``left``: how many more there are; ``octets``: how many
            crossed the wire in all; ``encrypted``: whether TLS has begun; ``assumed``: whether it is only
            pretended; ``password`` of the account, and
            ``found``: in which encodings it was found in what the client sent.
        """
        chunks = capture.reveal()
        new, self._seen = chunks[self._seen :], len(chunks)
        lines = [line for who, data in _joined(new) for line in self._lines(who, data)]
        return {
            "lines": lines[:MOST],
            "left": len(lines[MOST:]),
            "octets": sum(len(data) for _, data in chunks),
            "encrypted": bool(self._tls),
            "assumed": capture.assumed,
            "password": self._account.password,
            "found": list(read(capture.sent_by("C"), self._account.password or "????").found_in),
        }

    def _lines(self, who: Who, data: bytes) -> Iterator[dict[str, Any]]:
        data, self._rest[who] = self._rest[who] + data, b""
        if who in self._tls or (data[0] in RECORDS and data[1:2] == b"\3"):
            self._tls.add(who)
            yield from self._records(who, data)
            return
        for line in data.removesuffix(b"\r\n").split(b"\r\n"):
            yield {"who": who, **self._clear(who, line)}

    def _records(self, who: Who, data: bytes) -> Iterator[dict[str, Any]]:
        while len(data) >= HEADER and len(data) >= (end := HEADER + int.from_bytes(data[3:HEADER])):
            record, data = data[:end], data[end:]
            name = RECORDS.get(record[0], "")
            yield {"who": who, "record": name, "octets": len(record), "head": record[:HEAD].hex(" ")}
        self._rest[who] = data

    def _clear(self, who: Who, line: bytes) -> dict[str, Any]:
        """Describe a line in clear text, and what of it is a secret."""
        text = line.decode("utf-8", "backslashreplace")
        secret, decoded = self._secret(line) if who == "C" else (b"", "")
        if len(text) > LONGEST and not decoded:
            text = f"{text[:LONGEST]}…"
        return {"text": text, "secret": secret.decode("utf-8", "backslashreplace"), "decoded": decoded}

    def _secret(self, line: bytes) -> tuple[bytes, str]:
        """Return what of a client's line is a secret, and what that means if it is base64."""
        if typed := _PASS.fullmatch(line):
            return typed[1], ""
        word = line.rpartition(b" ")[2]
        try:
            decoded = base64.b64decode(word, validate=True)
        except binascii.Error:
            decoded = b""
        password = (self._account.password or "").encode()
        if _BEARER.search(decoded) or (password and password in decoded):
            return word, _printable(decoded)
        return (password, "") if password and password in line else (b"", "")


def _printable(data: bytes) -> str:
    """Show the octets that separate the parts of a SASL message as what they are."""
    text = data.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"<{ord(c):02x}>" for c in text)


def _joined(chunks: Sequence[tuple[Who, bytes]]) -> Iterator[tuple[Who, bytes]]:
    """Join what one side sent in pieces, one after the other."""
    pieces: list[bytes] = []
    sender: Who = "C"
    for who, data in chunks:
        if who != sender and pieces:
            yield sender, b"".join(pieces)
            pieces = []
        sender = who
        pieces.append(data)
    if pieces:
        yield sender, b"".join(pieces)
