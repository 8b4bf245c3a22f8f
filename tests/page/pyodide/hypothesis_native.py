"""In the place of the native part of Hypothesis, of which there is no build here: floats and their bits.

Our properties draw no floats; Hypothesis itself wants these functions when it is imported.
"""

import math
import struct
import sys
import types

_FORMATS = {16: ("e", "H"), 32: ("f", "I"), 64: ("d", "Q")}


def float_to_int(value: float, width: int = 64) -> int:
    """Return the bits of a float as an integer."""
    floating, integer = _FORMATS[width]
    bits: int = struct.unpack(f"!{integer}", struct.pack(f"!{floating}", value))[0]
    return bits


def int_to_float(bits: int, width: int = 64) -> float:
    """Return the float that has these bits."""
    floating, integer = _FORMATS[width]
    value: float = struct.unpack(f"!{floating}", struct.pack(f"!{integer}", bits))[0]
    return value


def float_of(value: float, width: int) -> float:
    """Return the float of that width that is next to a value."""
    return int_to_float(float_to_int(value, width), width)


def is_negative(value: float) -> bool:
    """Tell whether the sign is minus, of a zero as well."""
    return math.copysign(1.0, value) < 0


def next_up(value: float, width: int = 64) -> float:
    """Return the next larger float of that width."""
    bits = float_to_int(value, width)
    if math.isnan(value) or value == math.inf:
        return value
    if value == 0:
        return int_to_float(1, width)
    return int_to_float(bits + (1 if value > 0 else -1), width)


def next_down(value: float, width: int = 64) -> float:
    """Return the next smaller float of that width."""
    return -next_up(-value, width)


def width_smallest_normals(width: int) -> float:
    """Return the smallest positive float of that width that is no subnormal."""
    return float({16: 2.0**-14, 32: 2.0**-126, 64: sys.float_info.min}[width])


def install() -> None:
    """Let Hypothesis find this in the place of its own."""
    native, internal, floats, cathetus = (
        types.ModuleType(f"hypothesis._native{name}")
        for name in ("", ".internal", ".internal.floats", ".internal.cathetus")
    )
    native.__dict__.update(__version__="0", internal=internal)
    internal.__dict__.update(floats=floats, cathetus=cathetus)
    cathetus.__dict__.update(cathetus=lambda h, a: math.sqrt((h - a) * (h + a)))
    for function in (
        float_to_int,
        int_to_float,
        float_of,
        is_negative,
        next_up,
        next_down,
        width_smallest_normals,
    ):
        setattr(floats, function.__name__, function)
    for unused in ("count_between_floats", "next_down_normal", "next_up_normal"):
        setattr(floats, unused, None)
    sys.modules |= {module.__name__: module for module in (native, internal, floats, cathetus)}
