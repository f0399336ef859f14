"""Typical mistakes, planted on purpose: a worked page in which one step is wrong and everything after it follows."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stepnn.exercises.assignment import SCHEME
from stepnn.exercises.catalogue import Rule, wrong_formulas
from stepnn.exercises.rules.backward import new_weights, slope_forgotten
from stepnn.exercises.rules.forward import bias_forgotten, transposed
from stepnn.exercises.rules.generic import minus_lost
from stepnn.exercises.rules.losses import half_forgotten
from stepnn.exercises.rules.updates import rate_forgotten
from stepnn.exercises.situation import Situation
from stepnn.network.identity import What, is_a
from stepnn.network.model import ERRORS, Quantity, Role
from stepnn.network.order import elements
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Formula, Ref, refs
from stepnn.notation.indices import expand, with_indices
from stepnn.notation.numbers import shown
from stepnn.trace.step import Moment, Step
from stepnn.trace.trace import Trace

BACK = (Role.ERROR_SLOPE, Role.DELTA)
SUMS = (Role.WEIGHTED_SUM, Role.ERROR_SLOPE, Role.VALUE)
FROM_CATALOGUE = 3  # the scheme from which on any mistake of the catalogue is planted
FIRST: dict[str, tuple[tuple[Role, ...], Rule]] = {  # those of schemes 1 and 2, under the names by which they are drawn
    "sign": ((Role.UPDATED, Role.WEIGHTED_SUM, Role.VALUE, *BACK), minus_lost),
    "derivative": ((Role.DELTA,), slope_forgotten),
    "early": ((Role.ERROR_SLOPE,), new_weights),
    "transposed": (SUMS, transposed),
    "half": (ERRORS, half_forgotten),
    "rate": ((Role.UPDATED,), rate_forgotten),
    "bias": ((Role.WEIGHTED_SUM,), lambda at: bias_forgotten(at) if at.with_role(Role.BIAS) else iter(())),
}
CALLED = {
    "sign": "minus_lost", "derivative": "slope_forgotten", "early": "new_weights", "half": "half_forgotten",
    "rate": "rate_forgotten", "bias": "bias_forgotten",
}  # fmt: skip


@dataclass(frozen=True)
class Mistake:
    """A step done wrongly: `kind` is its name in the catalogue, `formula` what the step was worked out with.

    `values` holds the value of every step that came out differently because of it, by id.
    """

    kind: str
    step: Step
    formula: Formula
    values: dict[str, float]

    @property
    def value(self) -> float:
        return self.values[self.step.id]


def plant(trace: Trace, steps: Sequence[Step], number: int, scheme: int = SCHEME) -> Mistake | None:
    """One mistake, the same for the same number; None where none of them would show."""
    found: dict[str, list[tuple[Step, Formula]]] = {}
    for step in steps:
        for kind, formula in plantable(step, scheme):
            if shows(step, formula):
                found.setdefault(kind, []).append((step, formula))
    if not found:
        return None
    draw = random.Random(f"mistake/{number}")
    kind = draw.choice(sorted(found))
    step, formula = draw.choice(found[kind])
    return Mistake(CALLED.get(kind, kind), step, formula, followed(trace, step, formula))


def shows(step: Step, formula: Formula) -> bool:
    """Whether the mistake changes what is printed, by more than a rounding could."""
    try:
        value, right = float(evaluate(formula, step.moment.value)), step.value or 0.0
    except (ArithmeticError, ValueError):
        return False
    digits = step.moment.policy.digits
    return abs(value - right) >= 5 * 10**-digits and shown(value, digits).exponent is None and abs(value) < 1e4


def plantable(step: Step, scheme: int = SCHEME) -> Iterator[tuple[str, Formula]]:
    """The mistakes that can be made in a step, each as the formula that one then works with."""
    if scheme >= FROM_CATALOGUE:
        drawn = (one for one in wrong_formulas(step) if one.is_drawn)
        shown = (one for one in drawn if not any(is_a(ref.name, What.BEFORE) for ref in refs(one.formula)))
        yield from ((fault.names[0], fault.formula) for fault in shown)
        return
    at = Situation(step)
    for name, (roles, rule) in FIRST.items():
        wrong = next(rule(at), None) if at.role in roles else None
        if wrong is not None and wrong != at.whole:
            yield name, wrong


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
