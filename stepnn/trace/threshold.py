"""Comparisons that rounding may have decided: 0.3 − 0.1 − 0.2 is −2.8·10⁻¹⁷ in float64, and not 0."""

from __future__ import annotations

from collections.abc import Iterator

from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Call, Cases, Formula, walk
from stepnn.trace.step import Step

NEAR = 1e-14  # of the larger side, or of 1


def is_near_threshold(step: Step) -> bool:
    """Whether two numbers that are compared in a step differ by no more than rounding, and are not the same."""
    moment = step.moment
    quantity = step.quantity
    if step.ref is None or step.term is not None or quantity is None or quantity.formula is None:
        return False
    if not any(True for _ in compared(quantity.formula)) or moment.is_exact or moment.policy.rounded:
        return False
    for left, right in (pair for side in step.here[-1:] for pair in compared(side)):
        try:
            one, other = float(evaluate(left, moment.value)), float(evaluate(right, moment.value))
        except (ArithmeticError, ValueError, TypeError, KeyError):  # dots in a long sum, a link without a number
            continue
        if 0 < abs(one - other) <= NEAR * max(1.0, abs(one), abs(other)):
            return True
    return False


def compared(formula: Formula) -> Iterator[tuple[Formula, Formula]]:
    """The two sides of every choice in a formula."""
    for part in walk(formula):
        match part:
            case Cases(condition):
                yield condition.left, condition.right
            case Call("max" | "min", (left, right)):
                yield left, right
