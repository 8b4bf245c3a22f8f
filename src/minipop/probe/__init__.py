"""The probe: how a POP3 server looks from outside, for its administrator; ``minipop probe HOST``.

It imports nothing else of minipop, so that its report on an edition is what is found on the wire, as with any
other server.
"""

from .command import add_parser

__all__ = ["add_parser"]
