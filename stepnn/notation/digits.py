"""How exactly an answer is wanted, and when a number is as exact as that: one rule for sheets, practice and marks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from stepnn.notation.numbers import SURE_DIGITS, Decimal, shown

SMALLEST_FIXED = -4  # the place of the first digit from which on a power of ten is easier to read
SLACK = 1e-9  # of a unit: a number that lies just on a border counts as on this side


@dataclass(frozen=True)
class Digits:
    """So many digits: significant ones, or digits after the point, where a smaller number has so many significant."""

    count: int = 4
    significant: bool = True

    def places(self, value: float) -> int:
        """How many digits after the point that is for a value; negative for a large one."""
        if value == 0 or not math.isfinite(value):
            return self.count
        first = math.floor(math.log10(abs(value)))  # the place of the first digit that is not 0
        if self.significant or first < -self.count:
            places = max(self.count, 1) - 1 - first
            up = abs(round(value, places)) if places < 300 else 0  # 0.99996 has the digits of 1.000
            return places - 1 if up and math.floor(math.log10(up) + SLACK) > first else places
        return self.count

    def unit(self, value: float) -> float:
        """One unit of the last digit that is asked of a value."""
        return 10.0 ** -self.places(value)

    def rounded(self, value: float) -> float:
        """The value as it is to be written; what is no number stays none."""
        if not math.isfinite(value):
            return value
        places = self.places(value)
        if places < 0:
            scale = 10.0**-places
            return shown(value / scale, 0).value * scale
        return float(f"{shown(value, places).value:.{SURE_DIGITS}g}") if places <= SURE_DIGITS else small(value, self)

    def shown(self, value: float) -> Decimal:
        """The value as it is to be written, as text."""
        if not self.significant:
            return shown(value, self.count)
        if float(value).is_integer() and abs(value) < 10.0**self.count:
            return shown(value, 0)  # a whole number is written as one
        places = self.places(value)
        first = math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
        if places > SURE_DIGITS or first < SMALLEST_FIXED:
            mantissa, exponent = f"{value:.{max(self.count, 1) - 1}e}".split("e")
            return Decimal(mantissa, int(exponent))
        if places < 0:
            return shown(self.rounded(value), 0)
        return shown(value, places)

    def same(self, typed: float, value: float) -> bool:
        """Whether a typed number is the value, rounded to the digits that are asked or to more of them."""
        return abs(typed - value) <= self.unit(value) / 2 * (1 + SLACK)


def small(value: float, digits: Digits) -> float:
    """A number below all fixed notation with its significant digits."""
    return float(f"{value:.{max(digits.count, 1) - 1}e}")
