"""Comparisons that rounding may have decided: 0.3 − 0.1 − 0.2 is −2.8·10⁻¹⁷ in float64, and not 0."""

from __future__ import annotations

from collections.abc import Iterator

from stepnn.network.model import Role
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Call, Cases, Formula, walk
from stepnn.trace.step import Step

NEAR = 1e-14  # of the larger side, or of 1


def is_near_threshold(step: Step) -> bool:
    """Whether two numbers that are compared in a step differ by no more than rounding, and are not the same."""
    if step.moment.is_exact or step.moment.policy.rounded:
        return False
    return any(0 < abs(one - other) <= NEAR * max(1.0, abs(one), abs(other)) for one, other in comparisons(step))


def is_at_kink(step: Step) -> bool:
    """Whether a slope is asked for just where two pieces of a function meet, so that there is none."""
    is_slope = step.quantity is not None and step.quantity.role is Role.LOCAL_SLOPE
    return is_slope and any(one == other for one, other in comparisons(step))


def comparisons(step: Step) -> Iterator[tuple[float, float]]:
    """The pairs of numbers that are compared in a step."""
    moment, quantity = step.moment, step.quantity
    if step.ref is None or step.term is not None or quantity is None or quantity.formula is None:
        return
    if not any(True for _ in compared(quantity.formula)):
        return
    for left, right in (pair for side in step.here[-1:] for pair in compared(side)):
        try:
            yield float(evaluate(left, moment.value)), float(evaluate(right, moment.value))
        except (ArithmeticError, ValueError, TypeError, KeyError):  # dots in a long sum, a link without a number
            continue


def compared(formula: Formula) -> Iterator[tuple[Formula, Formula]]:
    """The two sides of every choice in a formula."""
    for part in walk(formula):
        match part:
            case Cases(condition):
                yield condition.left, condition.right
            case Call("max" | "min", (left, right)):
                yield left, right
