"""Mistakes about penalties on large weights, about gradients that are made smaller first, and about schedules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from stepnn.exercises.situation import (
    CLIPPED,
    DECAYED,
    RATE_NOW,
    Situation,
    main_sum,
    parameter,
    penalties,
    penalties_on,
    swapped,
)
from stepnn.lessons.regularization import PENALTY_LINES, TOTAL_LINE
from stepnn.network.model import Role
from stepnn.notation.formula import Add, Call, Formula, Multiply, Negative, Number, Power, Ref, refs, transform, walk

LATER_STEPS = (Role.NEW_STATE, Role.UPDATED)
HALF, TWO = Number(Fraction(1, 2)), Number(2)


def each_changed(at: Situation, change: Callable[[Formula], Formula]) -> Iterator[Formula]:
    """The formula with each of its penalties changed."""
    for term in penalties(at):
        if (found := change(term)) != term:
            yield swapped(at.whole, term, found)


def without(whole: Formula, lost: list[Formula]) -> Iterator[Formula]:
    """A sum without each of some terms, and without all of them."""
    total = main_sum(whole)
    for gone in [*([one] for one in lost), lost]:
        kept = tuple(term for term in total.terms if term not in gone) if total is not None else ()
        if total is not None and kept and gone:
            yield swapped(whole, total, Add(kept) if len(kept) > 1 else kept[0])


def penalty_forgotten(at: Situation) -> Iterator[Formula]:
    """The penalty, or one of two, left out: of the error, of a gradient, or of what the update uses."""
    if at.quantity.line == TOTAL_LINE:
        yield from without(at.whole, [ref for ref in at.used if at.of(ref).line in PENALTY_LINES])
    yield from without(at.whole, penalties(at))
    if at.role in LATER_STEPS:
        yield at.replaced(lambda ref: source(at, ref) if at.line(ref) == DECAYED else None)


def source(at: Situation, ref: Ref) -> Ref | None:
    """What a gradient was before it was changed for the update."""
    return next((one for one in refs(at.definition(ref)) if is_slope(at, one)), None)


def is_slope(at: Situation, ref: Ref) -> bool:
    return at.of(ref).role in (Role.GRADIENT, Role.BATCH_GRADIENT) or at.line(ref) in (DECAYED, *CLIPPED)


def penalty_sign(at: Situation) -> Iterator[Formula]:
    """The penalty with the other sign: away from 0."""
    return each_changed(at, lambda term: term.inner if isinstance(term, Negative) else Negative(term))


def penalty_factor(at: Situation) -> Iterator[Formula]:
    """Twice or half of what the penalty adds: ½ · λ · w² differentiated as λ · w², or with its ½ kept."""
    for factor in (TWO, HALF):
        of_squares = {term: Multiply((factor, term)) for term in penalties(at) if signs(term, TWO) == term}
        yield from (swapped(at.whole, term, found) for term, found in of_squares.items())


def penalty_not_differentiated(at: Situation) -> Iterator[Formula]:
    """The penalty itself in a gradient, where its slope belongs."""
    own = parameter(at)
    if at.role is Role.GRADIENT and own is not None:
        square, size = Power(own, TWO), Call("abs", (own,))

        def whole(term: Formula) -> Formula:
            factors = term.factors if isinstance(term, Multiply) else (term,)
            return swapped(term, own, square) if own in factors else signs(term, size)

        yield from each_changed(at, whole)
        yield from each_changed(at, lambda term: term if (found := whole(term)) == term else Multiply((HALF, found)))


def other_penalty(at: Situation) -> Iterator[Formula]:
    """The slope of the other penalty: λ · sign(w) for λ · w, or the reverse."""
    own = parameter(at)
    if own is not None:
        sign = Call("sign", (own,))
        yield from each_changed(at, lambda term: signs(term, own) if sign in walk(term) else swapped(term, own, sign))


def signs(term: Formula, new: Formula) -> Formula:
    """A term with sign(w) in it replaced."""
    return transform(term, lambda part: new if isinstance(part, Call) and part.function == "sign" else None)


def penalty_on_biases(at: Situation) -> Iterator[Formula]:
    """Biases punished like weights, though they are left out."""
    if at.quantity.line in PENALTY_LINES:
        yield from biases_added(at)
    own = parameter(at)
    if own is None or at.of(own).role is not Role.BIAS:
        return
    if at.role is Role.GRADIENT and not penalties(at):
        more = as_for_weights(at, own)
        yield from (Add((at.whole, *some)) for some in (*([one] for one in more), more) if some)
    decays = any(one.glyph == DECAYED for one in at.network.with_role(Role.AUXILIARY))
    if at.role in LATER_STEPS and decays and not any(at.line(ref) == DECAYED for ref in at.used):
        decay = Multiply((Ref("lambda_"), own))
        yield at.replaced(lambda ref: Add((ref, decay)) if is_slope(at, ref) else None)


def as_for_weights(at: Situation, bias: Ref) -> list[Formula]:
    """What the penalties add to the gradient of a weight, for a bias."""
    for gradient in at.network.with_role(Role.GRADIENT):
        assert gradient.wrt is not None and gradient.formula is not None
        _, weight = gradient.wrt
        if found := penalties_on(at, weight, gradient.formula):
            return [swapped(term, weight, bias) for term in found]
    return []


def biases_added(at: Situation) -> Iterator[Formula]:
    """A sum over weights with all biases of the network in it."""
    whole = main_sum(at.whole)
    biases = [Ref(one.key, one.element(place).index) for one in at.network.with_role(Role.BIAS) for place in one.grid]
    if whole is None or not biases or set(biases) & set(at.used):
        return
    square = isinstance(whole.terms[0], Power)
    more = tuple(Power(one, TWO) if square else Call("abs", (one,)) for one in biases)
    yield swapped(at.whole, whole, Add((*whole.terms, *more)))


def clipping_forgotten(at: Situation) -> Iterator[Formula]:
    """The gradient as it was, before it was made smaller."""
    if at.role in (*LATER_STEPS, Role.AUXILIARY):
        yield at.replaced(lambda ref: source(at, ref) if at.line(ref) in CLIPPED else None)


def schedule_forgotten(at: Situation) -> Iterator[Formula]:
    """The learning rate of the beginning in the place of that of this update."""
    if at.role in (*LATER_STEPS, Role.AUXILIARY):
        yield at.replaced(lambda ref: Ref("eta") if at.line(ref) == RATE_NOW else None)


MISTAKES = (
    penalty_forgotten, penalty_sign, penalty_factor, penalty_not_differentiated, other_penalty,
    penalty_on_biases, clipping_forgotten, schedule_forgotten,
)  # fmt: skip
