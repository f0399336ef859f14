"""Mistakes in errors, and in how the error changes with an output."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from stepnn.exercises.situation import Situation, main_sum, on_calls, swapped, without_factors, without_terms
from stepnn.lessons.regularization import TOTAL_LINE
from stepnn.network.model import ERRORS, Role
from stepnn.notation.formula import (
    Add,
    Call,
    Divide,
    Formula,
    Multiply,
    Negative,
    Number,
    Power,
    Ref,
    refs,
    transform,
    walk,
)

HALF = Number(Fraction(1, 2))
ERROR_ROLES = (*ERRORS, Role.BATCH_ERROR)
SLOPES = (Role.ERROR_SLOPE, Role.DELTA)
MEANS = (Role.TOTAL_ERROR, Role.BATCH_ERROR, Role.BATCH_GRADIENT, Role.VALUE)


def target_minus_output(at: Situation) -> Iterator[Formula]:
    """t − a in the place of a − t, or a − t in the place of t − a."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Add((Ref() as first, Negative(Ref() as second))):
                roles = at.of(first).role, at.of(second).role
                if any(role in (Role.TARGET, Role.GIVEN) for role in roles):
                    return Add((second, Negative(first)))
        return None

    if at.role in (*SLOPES, Role.OUTPUT_ERROR, Role.GRADIENT):
        yield transform(at.whole, change)


def half_forgotten(at: Situation) -> Iterator[Formula]:
    """An error without its factor ½."""
    if at.role in ERRORS or (at.role is Role.VALUE and main_power(at.whole)):
        yield without_number(at.whole, HALF)


def two_kept(at: Situation) -> Iterator[Formula]:
    """The 2 of the square kept, although ½ takes it away."""
    error = at.network.total_error
    if at.role in SLOPES and error is not None and straight_from_error(at):
        yield Multiply((Number(2), at.whole))


def straight_from_error(at: Situation) -> bool:
    """Whether an output is compared with its target in the formula, and no 2 stands there."""
    two = any(part == Number(2) for part in walk(at.whole) if not isinstance(part, Power))
    differences = [part for part in walk(at.whole) if isinstance(part, Add) and compares(at, part)]
    return bool(differences) and not two


def compares(at: Situation, part: Add) -> bool:
    """Whether a sum is an output less its target."""
    match part.terms:
        case (Ref(), Negative(Ref() as second)):
            return at.of(second).role in (Role.TARGET, Role.GIVEN)
    return False


def two_forgotten(at: Situation) -> Iterator[Formula]:
    """The 2 that comes from a square is missing."""
    divisors = any(isinstance(part, Divide) and Number(2) in walk(part.bottom) for part in walk(at.whole))
    if at.role in (*SLOPES, Role.GRADIENT, Role.LOCAL_SLOPE) and not divisors:
        yield without_number(at.whole, Number(2))


def without_number(formula: Formula, number: Number) -> Formula:
    """The formula without a number as a factor."""
    return transform(
        formula,
        lambda part: (
            without_factors(part, lambda one: one == number)
            if isinstance(part, Multiply) and number in part.factors
            else None
        ),
    )


def main_power(formula: Formula) -> bool:
    return any(isinstance(part, Power) for part in walk(formula))


def output_forgotten(at: Situation) -> Iterator[Formula]:
    """One output, or one sample, left out of the error."""
    whole = main_sum(at.whole)
    if at.quantity.line == TOTAL_LINE:
        return  # a part of it is no output
    if at.role in (Role.TOTAL_ERROR, Role.BATCH_ERROR) and whole is not None and len(whole.terms) > 1:
        yield from without_terms(at.whole, whole)


def count_of(formula: Formula) -> tuple[Add, int] | None:
    """The sum in a formula and how many terms it has."""
    whole = main_sum(formula)
    return None if whole is None else (whole, len(whole.terms))


def is_share(part: Formula, count: int) -> bool:
    return part == Number(Fraction(1, count))


def divided(at: Situation, count: int) -> Formula | None:
    """What stands for "divided by how many they are" in the formula: a fraction, or a divisor."""
    for part in walk(at.whole):
        if is_share(part, count):
            return part
        if isinstance(part, Divide) and main_sum(part.top) is not None and isinstance(part.bottom, Ref):
            return part
    return None


def sum_for_mean(at: Situation) -> Iterator[Formula]:
    """Added up, not divided by how many they are."""
    found = count_of(at.whole)
    if found is None or at.role not in MEANS or found[1] < 2:
        return
    by = divided(at, found[1])
    if isinstance(by, Divide):
        yield swapped(at.whole, by, by.top)
    elif by is not None and at.whole != by:
        yield swapped(at.whole, by, Number(1))


def mean_for_sum(at: Situation) -> Iterator[Formula]:
    """Divided by how many they are, where they are only added up."""
    found = count_of(at.whole)
    roles = (Role.TOTAL_ERROR, Role.BATCH_ERROR, Role.BATCH_GRADIENT)
    if found is not None and at.role in roles and found[1] > 1 and divided(at, found[1]) is None:
        yield Divide(at.whole, Number(found[1]))


def mean_twice(at: Situation) -> Iterator[Formula]:
    """Divided twice by how many they are."""
    found = count_of(at.whole)
    if found is not None and at.role in MEANS and found[1] > 1 and divided(at, found[1]) is not None:
        yield Divide(at.whole, Number(found[1]))


def divided_by_one_less(at: Situation) -> Iterator[Formula]:
    """Divided by n − 1 in the place of n."""
    found = count_of(at.whole)
    if found is None or at.role is not Role.VALUE or found[1] < 3:
        return
    count, by = found[1], divided(at, found[1])
    if isinstance(by, Divide):
        yield swapped(at.whole, by, Divide(by.top, Number(count - 1)))
    elif by is not None:
        yield swapped(at.whole, by, Number(Fraction(1, count - 1)))


def wrong_class(at: Situation) -> Iterator[Formula]:
    """The logarithm of another output than the target's."""
    logs = [part for part in walk(at.whole) if isinstance(part, Call) and part.function == "log"]
    if at.role not in ERROR_ROLES or not logs:
        return
    for log in logs:
        for ref in refs(log):
            quantity = at.of(ref)
            if len(quantity.shape) == 1:
                for n in range(quantity.count):
                    if quantity.element((n,)) != ref:
                        yield swapped(at.whole, ref, quantity.element((n,)))


def log_base(at: Situation) -> Iterator[Formula]:
    """A logarithm to base 10 or 2 in the place of the natural one."""
    if at.role in (*ERROR_ROLES, Role.VALUE):
        yield on_calls(at.whole, "log", lambda inner: Divide(Call("log", (inner,)), Call("log", (Number(10),))))
        yield on_calls(at.whole, "log", lambda inner: Divide(Call("log", (inner,)), Call("log", (Number(2),))))


def log_forgotten(at: Situation) -> Iterator[Formula]:
    """The output itself where its logarithm belongs."""
    if at.role in ERROR_ROLES:
        yield on_calls(at.whole, "log", lambda inner: inner)


def other_loss(at: Situation) -> Iterator[Formula]:
    """The slope that belongs to another error: squared for cross-entropy, or the reverse."""
    outputs = [ref for ref in at.used if at.of(ref).role is Role.ACTIVATION and ref.index == at.ref.index]
    targets = [ref for ref in at.used if at.of(ref).role in (Role.TARGET, Role.GIVEN) and ref.index == at.ref.index]
    if at.role not in SLOPES or len(outputs) != 1 or len(targets) != 1:
        return
    (a,), (t,) = outputs, targets
    if at.definition(a) == at.weighted_sum(a):
        return  # a linear output: no slope to be taken for another
    difference = Add((a, Negative(t)))
    if at.role is Role.ERROR_SLOPE:
        yield difference if isinstance(at.whole, Divide | Negative) else Negative(Divide(t, a))
    else:
        yield Multiply((difference, a, Add((Number(1), Negative(a)))))
        yield difference


MISTAKES = (
    target_minus_output, half_forgotten, two_kept, two_forgotten, output_forgotten, sum_for_mean, mean_for_sum,
    mean_twice, divided_by_one_less, wrong_class, log_base, log_forgotten, other_loss,
)  # fmt: skip
