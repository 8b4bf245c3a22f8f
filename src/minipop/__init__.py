"""minipop: a small POP3 server that meets its clients the way Microsoft Exchange does.

It is made for teaching and for tests: it binds loopback and brings its own sample world.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lab import Lab

__all__ = ["Lab"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # The Lab brings sockets and threads; the protocol floor must import without them.
    if name == "Lab":
        from .lab import Lab

        return Lab
    raise AttributeError(f"module 'minipop' has no attribute {name!r}")
