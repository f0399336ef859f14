"""Slips of the pen and of the keys: a right number, written down wrongly."""

from __future__ import annotations

import math

from stepnn.exercises.typed import Typed
from stepnn.notation.digits import Digits

FURTHEST = 3  # powers of ten
MOST_PLACES = 15


def slip(typed: Typed, value: float, digits: Digits) -> str:
    """How a value became what was typed: `sign`, `point` or `digits`; "" where it is no slip."""
    if not math.isfinite(value) or typed.formula is not None or value == 0 or typed.value == 0:
        return ""
    if digits.same(-typed.value, value):
        return "sign"
    ratio = math.log10(abs(typed.value / value))
    power = round(ratio)
    if 0 < abs(power) <= FURTHEST and digits.same(typed.value / 10.0**power, value):
        return "point"
    return "digits" if misread(typed, value, digits) else ""


def misread(typed: Typed, value: float, digits: Digits) -> bool:
    """Whether two neighbouring digits are swapped, or one is another one."""
    places = max(digits.places(value), 0) if typed.places is None else max(typed.places, 0)
    if typed.value * value < 0 or places > MOST_PLACES or 10.0**-places > 10 * digits.unit(value):
        return False
    wrong, right = (f"{abs(one):.{places}f}".replace(".", "") for one in (typed.value, value))
    if len(wrong) != len(right):
        return False
    off = [place for place, (one, other) in enumerate(zip(wrong, right, strict=True)) if one != other]
    if len(off) == 2:
        first, second = off
        return second == first + 1 and wrong[first] == right[second] and wrong[second] == right[first]
    return len(off) == 1 and abs(int(wrong[off[0]]) - int(right[off[0]])) in (1, 9)
