"""What crossed the wire, byte by byte. It is not shown by itself, because it holds passwords.

`Wire` holds a `Capture` for each connection, a capture the chunks of both directions in their order. They
show their lengths; ``reveal()`` returns the bytes. A search needs no ``reveal()``: see
`minipop.wire.eavesdropper`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, overload

#: Who sent something: the client or the server.
Who = Literal["C", "S"]

#: The host and the port of one end of a connection.
Endpoint = tuple[str, int]

#: What a capture says of itself; lengths in bytes.
WORDS = {
    "de": "Verbindung{n}, Port {port}: {client} Bytes vom Client, {server} Bytes vom Server",
    "en": "Connection{n}, port {port}: {client} bytes from the client, {server} bytes from the server",
}

#: With these bytes both sides begin where TLS is only assumed: in a page that could not load its TLS library.
ASSUMED = b"No ciphertext: TLS is only assumed here. "

#: What a capture adds if it has found them.
NO_CIPHERTEXT = {
    "de": "; kein Chiffrat: TLS ist hier nur angenommen",
    "en": "; no ciphertext: TLS is only assumed here",
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes as they came out of one read of the socket.

    Args:
        who: who sent them.
        data: the bytes.
    """

    who: Who
    data: bytes = field(repr=False)


class Stream:
    """All that one side of a connection sent. Tells its length and whether something occurs in it.

    Args:
        pieces: the bytes in their order, cut anywhere.
    """

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces

    def holds(self, pattern: re.Pattern[bytes], longest: int) -> bool:
        """Tell whether a pattern occurs, cuts or no cuts.

        Args:
            pattern: what to look for.
            longest: how many bytes it matches at most.
        """
        tail = b""  # what came before and may be the beginning of a match
        for piece in self._pieces:
            window = tail + piece
            if pattern.search(window):
                return True
            tail = window[max(0, len(window) - longest + 1) :]
        return False

    def __len__(self) -> int:
        return sum(map(len, self._pieces))

    def __repr__(self) -> str:
        return f"<stream: {len(self)} bytes>"


class Capture:
    """One connection.

    Args:
        number: which connection of the server it is, from 1; 0 to leave it unsaid.
        tls: whether TLS came first, as on port 995.
        lang: the language in which it tells its lengths, ``de`` or ``en``.
        public: whether the bytes hold nobody's secrets and may be revealed.
        chunks: what crossed the wire already.
        client: where the client is.

    Attributes:
        seen: where the server sees the client: the recorder stands between them.
    """

    def __init__(
        self,
        number: int,
        tls: bool,
        lang: str,
        *,
        public: bool,
        chunks: Sequence[Chunk] = (),
        client: Endpoint | None = None,
    ) -> None:
        self.number = number
        self.tls = tls
        self.client = client
        self.seen: Endpoint | None = None
        self._lang = lang
        self._public = public
        self._chunks = list(chunks)

    @property
    def port(self) -> int:
        """The port that the server's stands for, 110 or 995."""
        return 995 if self.tls else 110

    def add(self, who: Who, data: bytes) -> None:
        """Keep bytes that crossed the wire."""
        self._chunks.append(Chunk(who, data))

    def sent_by(self, who: Who) -> Stream:
        """Return what one side sent, for a search: ``"C"`` the client, ``"S"`` the server."""
        return Stream([chunk.data for chunk in self._chunks if chunk.who == who])

    def reveal(self) -> list[tuple[Who, bytes]]:
        """Return who sent which bytes, in order.

        Raises:
            PermissionError: the accounts are not those of the built-in world.
        """
        if not self._public:
            raise PermissionError(
                "the bytes on the wire are shown for the built-in world alone; these accounts are not its own"
            )
        return [(chunk.who, chunk.data) for chunk in self._chunks]

    @property
    def assumed(self) -> bool:
        """Whether TLS was only assumed on this connection, so that what looks like ciphertext is none."""
        return self.sent_by("S").holds(re.compile(re.escape(ASSUMED)), len(ASSUMED))

    def copy(self, *, numbered: bool = True) -> "Capture":
        """Return a copy that no longer changes, with or without its number."""
        number = self.number if numbered else 0
        return Capture(number, self.tls, self._lang, public=self._public, chunks=self._chunks)

    def __repr__(self) -> str:
        says = WORDS[self._lang].format(
            n=f" {self.number}" if self.number else "",
            port=self.port,
            client=len(self.sent_by("C")),
            server=len(self.sent_by("S")),
        )
        return says + NO_CIPHERTEXT[self._lang] if self.assumed else says


class Wire(Sequence[Capture]):
    """All connections of a server, in the order in which they began.

    Args:
        lang: the language in which captures tell their lengths, ``de`` or ``en``.
        public: whether the bytes hold nobody's secrets and may be revealed.
        captures: what there is already.
    """

    def __init__(self, lang: str = "en", *, public: bool = False, captures: Sequence[Capture] = ()) -> None:
        self._lang = lang
        self._public = public
        self._captures = list(captures)

    def begin(self, tls: bool, client: Endpoint | None = None) -> Capture:
        """Open the capture of a new connection.

        Args:
            tls: whether TLS comes first.
            client: where the client is.
        """
        self._captures.append(Capture(len(self) + 1, tls, self._lang, public=self._public, client=client))
        return self._captures[-1]

    def copy(self) -> "Wire":
        """Return a copy that no longer changes."""
        return Wire(self._lang, public=self._public, captures=[capture.copy() for capture in self])

    def reveal(self) -> list[list[tuple[Who, bytes]]]:
        """Return for each connection who sent which bytes, in order.

        Raises:
            PermissionError: the accounts are not those of the built-in world.
        """
        return [capture.reveal() for capture in self]

    @overload
    def __getitem__(self, index: int) -> Capture: ...
    @overload
    def __getitem__(self, index: slice) -> list[Capture]: ...
    def __getitem__(self, index: int | slice) -> Capture | list[Capture]:
        return self._captures[index]

    def __len__(self) -> int:
        return len(self._captures)

    def __repr__(self) -> str:
        return "\n".join(map(str, self._captures))
