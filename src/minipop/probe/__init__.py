"""The probe: an administrator looks at the own POP3 server from outside; ``minipop probe HOST``.

It stands by itself and imports nothing else of minipop, so what it says of the editions here is found on
the wire, as with any other server.
"""

from .command import add_parser

__all__ = ["add_parser"]
