"""How numbers are shown: correctly rounded to the digits asked for, never as 0.0000 when they are not zero.

Rounding is what a student does on paper: to the nearest, a 5 with nothing behind it goes up. A float64 holds
about 16 digits, so 0.2995 may be stored a hair below itself; the digits that are sure are what is rounded. So a
number that lies just between two others is rounded alike on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, localcontext
from decimal import Decimal as Exact

from stepnn.notation.mathematics import Nodes, joined, number, power_of_ten

SURE_DIGITS = 15  # significant decimal digits that a float64 always holds
SURE_PLACES = 14  # decimal places to which a sum of numbers near 1 is right, also where they nearly cancel
LARGEST_FIXED = 1e15  # from here on, fixed notation would print digits that float64 does not have
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Decimal:
    """A number as shown: a mantissa such as `-0.0250`, and a power of ten or None; with no mantissa, no number."""

    mantissa: str
    exponent: int | None = None

    @property
    def text(self) -> str:
        """`0.0250` or `3.51×10⁻⁵`, with a real minus sign."""
        mantissa = self.mantissa.replace("-", "−") or "–"
        return mantissa if self.exponent is None else f"{mantissa}×10{str(self.exponent).translate(SUPERSCRIPTS)}"

    @property
    def ascii(self) -> str:
        """`0.0250` or `3.51e-5`."""
        return (self.mantissa or "-") if self.exponent is None else f"{self.mantissa}e{self.exponent}"

    @property
    def typeset(self) -> Nodes:
        return number(self.mantissa or "–") if self.exponent is None else power_of_ten(self.mantissa, self.exponent)

    @property
    def latex(self) -> str:
        return joined(self.typeset)

    @property
    def value(self) -> float:
        """The number that a reader reads."""
        return float(self.ascii if self.mantissa else "0")


NOTHING = Decimal("")  # where an array has no element


def shown(value: float, digits: int) -> Decimal:
    """A computed value with `digits` digits after the point (0 to 15).

    A value that would show as zero but is not is shown as a power of ten with `digits` significant digits, and
    so is one too large for fixed notation.
    """
    with localcontext(Context(prec=60, rounding=ROUND_HALF_UP)):
        exact = Exact(f"{value:.{SURE_DIGITS}g}") if digits < SURE_DIGITS else Exact(value)
        sure = exact.quantize(Exact(1).scaleb(-SURE_PLACES)) if digits < SURE_PLACES - 1 and abs(value) < 1 else exact
        fixed = sure.quantize(Exact(1).scaleb(-digits)) if abs(value) < LARGEST_FIXED else exact
        if fixed == 0 and value == 0:
            return Decimal(f"{abs(fixed):f}")
        if fixed != 0 and abs(value) < LARGEST_FIXED:
            return Decimal(f"{fixed:f}")
        scientific = f"{exact:.{max(digits - 1, 0)}e}"
        for more in range(digits, SURE_DIGITS):  # 0.004996 as 5.00×10⁻³ would round up to 0.01 when read again
            if fixed != 0 or Exact(scientific).quantize(Exact(1).scaleb(-digits)) == 0:
                break
            scientific = f"{exact:.{more}e}"
    mantissa, exponent = scientific.split("e")
    return Decimal(mantissa, int(exponent))


def given(value: float) -> Decimal:
    """A value that was given, as it was given: the shortest decimal that reads back as the same number."""
    text = repr(float(value))
    if "e" in text:
        mantissa, exponent = text.split("e")
        return Decimal(mantissa.removesuffix(".0"), int(exponent))
    text = text.removesuffix(".0")
    return Decimal("0" if text == "-0" else text)


def rounded(value: float, digits: int) -> float:
    """The value that is left when only what is shown is carried on: what a student with a calculator does."""
    return shown(value, digits).value
