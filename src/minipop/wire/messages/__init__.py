"""SASL messages made readable, one module for each family.

A module's function takes a message's number in its direction, and its octets; it returns what there is to
show, nothing secret and nothing that varies from run to run, or raises ValueError for what it cannot read.
"""

from .unfolded import MASK, Fields, Unfolded, octets, printable, shown

__all__ = ["MASK", "Fields", "Unfolded", "octets", "printable", "shown"]
