"""The messages that both servers serve, odd in one way each, and the Maildirs that hold them."""

from __future__ import annotations

from pathlib import Path


def _message(name: str, body: bytes, end: bytes = b"\n") -> bytes:
    header = (b"From: anna@muster.example", b"Subject: " + name.encode(), b"Message-ID: <%s@muster.example>")
    return end.join(header) % name.encode() + end + body


#: The messages by their names, in the order of their numbers.
MESSAGES = {
    "plain": _message("plain", b"\nOne\nTwo\nThree\n"),
    "dots": _message("dots", b"\r\n.\r\n..\r\n.one\r\nend.\r\n.\r\n", b"\r\n"),
    "unended": _message("unended", b"\nThe last line\nhas no end"),
    "empty": _message("empty", b"\n"),
    "header": _message("header", b""),
    "8-bit": _message("8-bit", "\nGrüße\n".encode() + b"\xff\xfe\x80\n\n\n" + "ß\n".encode("latin-1")),
    "long": _message("long", b"\n" + b"x" * 9_000 + b"\n." + b"y" * 2_000 + b"\n"),
    "many": _message("many", b"\r\n" + b".line\r\n\r\n" * 9_000, b"\r\n"),  # more than one chunk
    "mixed": _message("mixed", b"\nLF\nCRLF\r\nlone \r return\n\r\n"),
}

#: What a mailbox holds, by its kind.
BOXES = {"full": tuple(MESSAGES), "none": (), "one": ("plain",)}


class Box:
    """A Maildir of a server, as it lies on the disk.

    Args:
        folder: the Maildir.
        names: the messages that it holds, in order.
    """

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder = folder
        self._names = names
        self._times = 0
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        self.fill()

    def fill(self) -> None:
        """Destroy what is there and deliver the messages anew."""
        for file in self._files():
            file.unlink()
        self._times += 1
        for number, name in enumerate(self._names):
            key = f"{1_700_000_000 + self._times}.M{number}P1.{name}"  # no key comes twice
            (self._folder / "new" / key).write_bytes(MESSAGES[name])

    def present(self) -> tuple[str, ...]:
        """Return the messages that are there, in order: name and delivery, such as ``plain 3``."""
        there = {file.name.partition(":")[0].rpartition(".")[2] for file in self._files()}
        return tuple(f"{name} {self._times}" for name in self._names if name in there)

    def _files(self) -> list[Path]:
        return [file for part in ("cur", "new") for file in (self._folder / part).iterdir()]
