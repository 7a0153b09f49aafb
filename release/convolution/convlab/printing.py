"""How the lesson prints numbers and sizes."""

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import SupportsFloat


def number(value: SupportsFloat) -> str:
    """A value as the lesson prints it: at most two decimals, a true minus sign, no trailing zeros.

    Halves are rounded away from 0 and millions written with an exponent, as the player's script
    does it too.
    """
    value = float(value)
    if not math.isfinite(value):
        text = str(value)
    elif abs(value) >= 1e6:
        text = f"{Context(prec=3, rounding=ROUND_HALF_UP).create_decimal(value):.2e}"
    else:
        text = str(Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)).rstrip("0").rstrip(".")
    return "0" if text in ("-0", "0") else text.replace("-", "\N{MINUS SIGN}")


def told_apart(a: SupportsFloat, b: SupportsFloat) -> tuple[str, str]:
    """Two different values as `number` prints them, with the decimals that tell them apart."""
    if number(a) != number(b):
        return number(a), number(b)
    first, second = (f"{float(x):.6f}".replace("-", "\N{MINUS SIGN}") for x in (a, b))
    return first, second


def size(shape: Iterable[int]) -> str:
    """A size as the lesson prints it: rows × columns."""
    return "\N{MULTIPLICATION SIGN}".join(str(int(n)) for n in shape)
