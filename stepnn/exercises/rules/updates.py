"""Mistakes in updates of weights, and in what optimisers remember."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stepnn.exercises.situation import (
    CLIPPED,
    DECAYED,
    RATE_NOW,
    Situation,
    complements_swapped,
    swapped,
    without_factors,
)
from stepnn.network.identity import Key, What
from stepnn.network.model import Role
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

REMEMBERED = (Role.NEW_STATE, Role.AUXILIARY)
CHANGED = (Role.UPDATED, *REMEMBERED)
BESIDE_MEMORY = (RATE_NOW, DECAYED, *CLIPPED)  # lines of an update that remember nothing


def rates_in(at: Situation) -> list[Ref]:
    """The learning rate in a formula, or that of this update where it changes."""
    return at.with_role(Role.LEARNING_RATE) or [ref for ref in at.used if at.line(ref) == RATE_NOW]


def of_rate(at: Situation, change: Callable[[Multiply, Ref], Formula]) -> Iterator[Formula]:
    """The formula with every product that holds the learning rate changed."""
    rates = rates_in(at)
    if at.role in (*CHANGED, Role.VALUE) and rates:
        (rate,) = rates
        yield transform(
            at.whole, lambda part: change(part, rate) if isinstance(part, Multiply) and rate in part.factors else None
        )


def rate_forgotten(at: Situation) -> Iterator[Formula]:
    """The learning rate left out."""
    return of_rate(at, lambda part, rate: without_factors(part, lambda one: one == rate))


def rate_added(at: Situation) -> Iterator[Formula]:
    """The learning rate added to the gradient, not multiplied by it."""
    return of_rate(at, lambda part, rate: Add((rate, without_factors(part, lambda one: one == rate))))


def rate_twice(at: Situation) -> Iterator[Formula]:
    """Multiplied by the learning rate twice."""
    return of_rate(at, lambda part, rate: Multiply((rate, *part.factors)))


def change_only(at: Situation) -> Iterator[Formula]:
    """Only the change, not the old weight with the change."""
    if at.role is Role.UPDATED and isinstance(at.whole, Add) and len(at.whole.terms) == 2:
        yield at.whole.terms[1]


def wrong_direction(at: Situation) -> Iterator[Formula]:
    """The change with the other sign: away from the lower error."""
    if at.role in (Role.UPDATED, Role.VALUE) and isinstance(at.whole, Add) and len(at.whole.terms) == 2:
        first, second = at.whole.terms
        if rates_in(at):
            yield Add((first, second.inner if isinstance(second, Negative) else Negative(second)))


def input_forgotten(at: Situation) -> Iterator[Formula]:
    """An update by the error alone, without what the weight multiplies."""
    errors = at.with_role(Role.OUTPUT_ERROR)
    if at.role is Role.UPDATED and errors:
        inputs = at.with_role(Role.INPUT, Role.ACTIVATION)
        yield transform(
            at.whole,
            lambda part: (
                without_factors(part, lambda one: one in inputs)
                if isinstance(part, Multiply) and any(one in inputs for one in part.factors)
                else None
            ),
        )


def error_not_multiplied(at: Situation) -> Iterator[Formula]:
    """An update by the input alone, without the error."""
    errors = at.with_role(Role.OUTPUT_ERROR)
    if at.role is Role.UPDATED and errors:
        yield transform(
            at.whole,
            lambda part: (
                without_factors(part, lambda one: one in errors)
                if isinstance(part, Multiply) and len(part.factors) > 2
                else None
            ),
        )


def decay_swapped(at: Situation) -> Iterator[Formula]:
    """β and 1 − β change places."""
    for name in at.with_role(Role.SETTING) if at.role in REMEMBERED else []:
        yield complements_swapped(at.whole, name)


def decay_share_forgotten(at: Situation) -> Iterator[Formula]:
    """The gradient added whole, without its share 1 − β."""
    for name in at.with_role(Role.SETTING) if at.role in REMEMBERED else []:
        complement = Add((Number(1), Negative(name)))
        yield swapped(at.whole, complement, Number(1))


def memory_forgotten(at: Situation) -> Iterator[Formula]:
    """What is remembered from the update before is left out."""
    states = at.with_role(Role.STATE)
    if at.role is Role.NEW_STATE and isinstance(at.whole, Add) and states:
        kept = tuple(term for term in at.whole.terms if not any(state in refs(term) for state in states))
        if kept and len(kept) < len(at.whole.terms):
            yield Add(kept) if len(kept) > 1 else kept[0]
    if at.role is Role.UPDATED:
        gradient = gradient_of(at)
        roots = [part for part in walk(at.whole) if isinstance(part, Call) and part.function == "sqrt"]
        if gradient is not None:
            for ref in at.with_role(*REMEMBERED):
                if at.line(ref) not in BESIDE_MEMORY and not any(ref in refs(one) for one in roots):
                    yield swapped(at.whole, ref, gradient)


def gradient_of(at: Situation) -> Ref | None:
    """The gradient that an update is made from."""
    for key in (Key(What.BATCH, Key(What.ERROR_SLOPE, at.quantity.of)), Key(What.ERROR_SLOPE, at.quantity.of)):
        if key in at.moment.values:
            return Ref(key, at.ref.index)
    return None


def memory_sign(at: Situation) -> Iterator[Formula]:
    """What is remembered from the update before with the other sign."""
    if at.role is Role.NEW_STATE and isinstance(at.whole, Add) and at.with_role(Role.STATE):
        yield Add((Negative(at.whole.terms[0]), *at.whole.terms[1:]))


def old_state(at: Situation) -> Iterator[Formula]:
    """What was remembered before this update, in the place of what is remembered now."""

    def change(ref: Ref) -> Formula | None:
        quantity = at.of(ref)
        old = Ref(quantity.key.of[0], ref.index) if isinstance(quantity.key, Key) and quantity.key.of else None
        return old if quantity.role is Role.NEW_STATE and old is not None and old.name in at.moment.values else None

    if at.role in CHANGED:
        yield at.replaced(change)


def correction_forgotten(at: Situation) -> Iterator[Formula]:
    """The average itself where the corrected one belongs."""
    if at.role is Role.AUXILIARY and isinstance(at.whole, Divide) and isinstance(at.whole.top, Ref):
        yield at.whole.top
    if at.role is Role.UPDATED:

        def change(ref: Ref) -> Formula | None:
            made = at.definition(ref) if at.of(ref).role is Role.AUXILIARY else None
            return made.top if isinstance(made, Divide) and isinstance(made.top, Ref) else None

        yield at.replaced(change)
        for one in at.with_role(Role.AUXILIARY):
            if (other := change(one)) is not None:
                yield swapped(at.whole, one, other)


def correction_power(at: Situation) -> Iterator[Formula]:
    """The correction with another power of β than the number of the update."""
    counts = at.with_role(Role.UPDATE_NUMBER)
    if at.role in REMEMBERED and counts:
        (count,) = counts
        yield transform(
            at.whole, lambda part: part.base if isinstance(part, Power) and part.exponent == count else None
        )
        for more in (1, -1):
            yield swapped(at.whole, count, Add((count, Number(more))))


MISTAKES = (
    rate_forgotten, rate_added, rate_twice, change_only, wrong_direction, input_forgotten, error_not_multiplied,
    decay_swapped, decay_share_forgotten, memory_forgotten, memory_sign, old_state,
    correction_forgotten, correction_power,
)  # fmt: skip
