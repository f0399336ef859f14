"""The numbers line of a step in which something is saturated: what the shown numbers no longer give is shown itself.

Where a shows as 1.0000, `1 − a` would read as 0. The page then has the number that was worked out in its place, such as
4.2484×10⁻¹⁸, so that the printed line still gives the printed result.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from stepnn.calculus.saturation import Saturation
from stepnn.notation.evaluate import RELATIONS, evaluate, functions_of
from stepnn.notation.formula import Formula, Ref, Worked, refs, transform
from stepnn.notation.indices import expand
from stepnn.trace.step import Moment, Step

DIGITS = 400  # enough for 1 + e^z wherever e^z is a float64
FAR = 0.5  # of a number: more than the rounding of what is shown takes away


@lru_cache(maxsize=64)
def numbers_of(step: Step) -> tuple[Formula, ...]:
    """The right sides of a step to be shown with numbers in them."""
    moment, quantity = step.moment, step.quantity
    written = tuple(side for side in step.numbers if all(ref.name in moment.values for ref in refs(side)))
    if moment.policy.rounded or quantity is None or quantity.formula is None:
        return written
    saturation = moment.forms.saturation
    if not saturation.reads(quantity.formula):
        return written
    sides = tuple(transform(side, lambda part: worked(part, moment, saturation)) for side in written)
    return tuple(side for side in sides if reads_back(side, step, side in written))


def is_saturated(whole: Step, formula: Formula) -> bool:
    """Whether some element of a quantity is shown otherwise than its formula is written: no matrix form would hold."""
    if whole.moment.policy.rounded or not whole.moment.forms.saturation.reads(formula):
        return False
    return any(numbers_of(one) != one.numbers for one in whole.children if one.ref is not None)


def worked(part: Formula, moment: Moment, saturation: Saturation) -> Formula | None:
    """A part whose shown numbers no longer give what it is, as the number that it is."""
    better = saturation.better(part)
    if better is None or not holds(better.when.relation, moment, better.when.left, better.when.right):
        return None
    value = float(exactly(better.formula, moment))
    return None if near(reading(part, moment), value) else Worked(value)


def holds(relation: str, moment: Moment, left: Formula, right: Formula) -> bool:
    return RELATIONS[relation](*(exactly(side, moment) for side in (left, right)))


def exactly(formula: Formula, moment: Moment) -> Any:
    """The value of a formula that neither overflows nor loses digits on the way."""
    import mpmath  # few lessons need it

    resolved = expand(formula, moment.network.resolve)
    with mpmath.workdps(DIGITS):
        return evaluate(resolved, lambda ref: mpmath.mpf(moment.value(ref)), functions_of(mpmath))


def reading(formula: Formula, moment: Moment) -> float | None:
    """What a reader gets who works a formula out with the numbers that are shown; None where that cannot be done."""

    def read(ref: Ref) -> float:
        return moment.decimal(ref).value

    try:
        return float(evaluate(formula, read))
    except (ArithmeticError, ValueError, TypeError):  # TypeError: dots in a long sum
        return None


def reads_back(side: Formula, step: Step, as_written: bool) -> bool:
    """Whether a line with numbers in it gives about the result of its step, or at least does not lose it."""
    found, value = reading(side, step.moment), step.value or 0.0
    return found is None or near(found, value) or (as_written and found != 0)


def near(found: float | None, value: float) -> bool:
    return found is not None and abs(found - value) <= FAR * abs(value)
