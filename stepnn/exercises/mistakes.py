"""Typical mistakes, planted on purpose: a worked page in which one step is wrong and everything after it follows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stepnn.network.identity import Key, What
from stepnn.network.model import ERRORS, PARAMETERS, Quantity, Role
from stepnn.network.order import elements
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Add, Formula, Multiply, Negative, Number, Ref, refs, transform
from stepnn.notation.indices import expand, with_indices
from stepnn.notation.numbers import shown
from stepnn.trace.step import Moment, Step
from stepnn.trace.trace import Trace

SLOPES = (Role.ERROR_SLOPE, Role.DELTA)
SUMS = (Role.WEIGHTED_SUM, Role.ERROR_SLOPE, Role.VALUE)
MATRICES = (Role.WEIGHT, Role.GIVEN)


@dataclass(frozen=True)
class Mistake:
    """A step done wrongly: `kind` is a catalogue key, `formula` what the step was worked out with.

    `values` holds the value of every step that came out differently because of it, by id.
    """

    kind: str
    step: Step
    formula: Formula
    values: dict[str, float]

    @property
    def value(self) -> float:
        return self.values[self.step.id]


def plant(trace: Trace, steps: Sequence[Step], number: int) -> Mistake | None:
    """One mistake, the same for the same number; None where none of them would show."""
    found: dict[str, list[tuple[Step, Formula]]] = {}
    for step in steps:
        for kind, formula in wrong_formulas(step):
            if shows(step, formula):
                found.setdefault(kind, []).append((step, formula))
    if not found:
        return None
    draw = random.Random(f"mistake/{number}")
    kind = draw.choice(sorted(found))
    step, formula = draw.choice(found[kind])
    return Mistake(kind, step, formula, followed(trace, step, formula))


def shows(step: Step, formula: Formula) -> bool:
    """Whether the mistake changes what is printed, by more than a rounding could."""
    try:
        value, right = float(evaluate(formula, step.moment.value)), step.value or 0.0
    except (ArithmeticError, ValueError):
        return False
    digits = step.moment.policy.digits
    return abs(value - right) >= 5 * 10**-digits and shown(value, digits).exponent is None and abs(value) < 1e4


def wrong_formulas(step: Step) -> Iterator[tuple[str, Formula]]:
    """The typical mistakes that can be made in a step, each as the formula that one then works with."""
    assert step.quantity is not None
    role, whole = step.quantity.role, step.here[-1]
    if role in (Role.UPDATED, Role.WEIGHTED_SUM, Role.VALUE, *SLOPES):
        yield from changed("sign", whole, without_minus(whole))
    if role is Role.DELTA:
        yield from changed("derivative", whole, without_slope(step))
    if role is Role.ERROR_SLOPE:
        yield from changed("early", whole, with_new_weights(step, whole))
    if role in SUMS:
        yield from changed("transposed", whole, transposed(step, whole))
    if role in ERRORS:
        yield from changed("half", whole, without_factor(whole, lambda part: part == Number(Fraction(1, 2))))
    if role is Role.UPDATED:
        yield from changed("rate", whole, without_factor(whole, lambda part: part == Ref("eta")))
    if role is Role.WEIGHTED_SUM:
        yield from changed("bias", whole, without_bias(step, whole))


def changed(kind: str, old: Formula, new: Formula | None) -> Iterator[tuple[str, Formula]]:
    if new is not None and new != old:
        yield kind, new


def without_minus(formula: Formula) -> Formula | None:
    """The first minus sign lost."""
    done = False

    def change(part: Formula) -> Formula | None:
        nonlocal done
        if isinstance(part, Negative) and not done:
            done = True
            return part.inner
        return None

    return transform(formula, change)


def without_slope(step: Step) -> Formula | None:
    """δ without the slope of the activation function."""
    chain, network = step.here[0], step.moment.network
    if not isinstance(chain, Multiply) or not all(isinstance(factor, Ref) for factor in chain.factors):
        return None
    kept = [one for one in chain.factors if isinstance(one, Ref) and network[one.name].role is not Role.LOCAL_SLOPE]
    return kept[0] if len(kept) == 1 else None


def with_new_weights(step: Step, formula: Formula) -> Formula | None:
    """The error brought back along weights that were updated too early."""
    moment = step.moment

    def change(part: Formula) -> Formula | None:
        if isinstance(part, Ref) and moment.network[part.name].role in PARAMETERS:
            new = Key(What.NEW, part.name)
            return Ref(new, part.index) if new in moment.values else None
        return None

    return transform(formula, change)


def transposed(step: Step, formula: Formula) -> Formula | None:
    """Rows and columns of a square weight matrix mixed up."""
    network = step.moment.network

    def change(part: Formula) -> Formula | None:
        if isinstance(part, Ref) and network[part.name].role in MATRICES and len(part.index) == 2:
            rows, columns = network[part.name].shape
            return Ref(part.name, part.index[::-1]) if rows == columns else None
        return None

    return transform(formula, change)


def without_factor(formula: Formula, lost: Callable[[Formula], bool]) -> Formula | None:
    """A product without one of its factors."""

    def change(part: Formula) -> Formula | None:
        if isinstance(part, Multiply) and any(map(lost, part.factors)):
            kept = tuple(factor for factor in part.factors if not lost(factor))
            return Multiply(kept) if len(kept) > 1 else kept[0]
        return None

    return transform(formula, change)


def without_bias(step: Step, formula: Formula) -> Formula | None:
    """A weighted sum whose bias was forgotten."""
    network = step.moment.network
    if not isinstance(formula, Add):
        return None
    kept = [one for one in formula.terms if not (isinstance(one, Ref) and network[one.name].role is Role.BIAS)]
    return Add(tuple(kept)) if 1 < len(kept) < len(formula.terms) else kept[0] if len(kept) == 1 else None


def followed(trace: Trace, step: Step, formula: Formula) -> dict[str, float]:
    """The wrong value of the step, and what then comes out wherever it is used, by step id."""
    values = {step.id: trace.policy.kept(float(evaluate(formula, step.moment.value)))}
    for moment in trace.moments[trace.moments.index(step.moment) :]:
        for quantity, position in elements(moment.network.quantities):
            if quantity.key in moment.values:
                follow(moment, quantity, position, step.id, values)
    return values


def follow(
    moment: Moment, quantity: Quantity, position: tuple[int, ...], planted: str, values: dict[str, float]
) -> None:
    """Work an element out anew if it uses a value that has changed."""
    assert quantity.formula is not None
    ref = quantity.element(position)
    own = f"p{moment.number}.{moment.names.ascii(ref)}"
    where = dict(zip(quantity.letters, ref.index, strict=True))
    here = expand(with_indices(quantity.formula, where), moment.network.resolve)
    if own != planted and any(moment.source(one) in values for one in refs(here)):
        found = float(evaluate(here, lambda one: value_of(moment, one, values)))
        values[own] = moment.policy.kept(found)


def value_of(moment: Moment, ref: Ref, values: dict[str, float]) -> float:
    """The value of an element, or what it has become."""
    return values.get(moment.source(ref) or "", moment.value(ref))
