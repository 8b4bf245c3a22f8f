"""The stage inside a browser page: event loop, network and TLS where there are neither threads nor sockets.

`install` puts it to use; importing it changes nothing. It also runs under an ordinary Python, for its tests.
"""

from .install import install

__all__ = ["install"]
