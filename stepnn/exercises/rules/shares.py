"""Mistakes where numbers are turned into shares of a whole, and where positions look at each other."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from stepnn.exercises.situation import Situation, on_calls, swapped
from stepnn.network.model import Role
from stepnn.notation.formula import (
    Add,
    Call,
    Divide,
    Formula,
    Multiply,
    Negative,
    Number,
    Ref,
    Sum,
    refs,
    transform,
    walk,
)
from stepnn.notation.indices import with_indices

COMPUTED = (Role.ACTIVATION, Role.VALUE)


def share_of(formula: Formula) -> tuple[Call, Add] | None:
    """The power of e and the sum of such powers that it is divided by."""
    match formula:
        case Divide(Call("exp") as top, Add(terms) as bottom) if all(isinstance(one, Call) for one in terms):
            return top, bottom
    return None


def sigmoid_for_softmax(at: Situation) -> Iterator[Formula]:
    """σ in the place of softmax."""
    if found := share_of(at.whole):
        yield Call("sigmoid", found[0].arguments)


def exponent_forgotten(at: Situation) -> Iterator[Formula]:
    """The numbers themselves where powers of e belong."""
    if at.role in COMPUTED:
        yield on_calls(at.whole, "exp", lambda inner: inner)


def not_divided(at: Situation) -> Iterator[Formula]:
    """Not divided by the sum, so that the shares do not add up to 1."""
    if found := share_of(at.whole):
        yield found[0]


def wrong_axis(at: Situation) -> Iterator[Formula]:
    """Added up along the other axis: down the columns, not along the rows."""
    match at.general:
        case Divide(top, Sum(letter, size, body)) if share_of(at.whole):
            ref = next((one for one in refs(body) if any(index.letter == letter for index in one.index)), None)
            own = next((one for one in refs(top) if ref is not None and one.name == ref.name), None)
            if ref is None or own is None:
                return
            places = [place for place, index in enumerate(ref.index) if index.letter == letter]
            for place, axis in enumerate(at.of(ref).axes):
                if place not in places and axis.size == size:
                    index = list(own.index)
                    index[place] = ref.index[places[0]]
                    changed = swapped(body, ref, Ref(ref.name, tuple(index)))
                    yield at.made(Divide(top, Sum(letter, size, changed)))


def off_diagonal_forgotten(at: Situation) -> Iterator[Formula]:
    """Only a·(1 − a): the other outputs, which change too, are left out."""
    if at.role not in (Role.LOCAL_SLOPE, Role.DELTA, Role.GRADIENT):
        return
    shares = [ref for ref in at.with_role(Role.ACTIVATION, Role.VALUE) if share_of(at.definition(ref))]
    if at.role is Role.LOCAL_SLOPE and len(shares) == 2:
        yield Multiply((shares[0], Add((Number(1), Negative(shares[0])))))
    if at.role in (Role.DELTA, Role.GRADIENT) and len(shares) > 1:
        own = [ref for ref in shares if ref.index[-1:] == at.ref.index[-1:]]
        if own and (error := at.error_slope(own[0])) is not None:
            yield Multiply((error, own[0], Add((Number(1), Negative(own[0])))))


def diagonal_for_off_diagonal(at: Situation) -> Iterator[Formula]:
    """−a_i·a_k where i = k, so that a·(1 − a) belongs: the a alone is left out."""
    match at.whole:
        case Add((Ref(), Negative(Multiply() as square))) if at.role is Role.LOCAL_SLOPE:
            yield Negative(square)


def scale_forgotten(at: Situation) -> Iterator[Formula]:
    """The scores not divided by √d."""
    if at.role in (*COMPUTED, Role.ERROR_SLOPE, Role.DELTA):
        yield transform(at.whole, lambda part: part.top if isinstance(part, Divide) and is_scaled(part) else None)


def is_scaled(part: Formula) -> bool:
    return isinstance(part, Divide) and isinstance(part.bottom, Call) and isinstance(part.bottom.arguments[0], Number)


def other_scale(at: Situation) -> Iterator[Formula]:
    """The scores divided by d, or by the root of another size."""
    found = [part for part in walk(at.whole) if is_scaled(part)]
    if at.role in (*COMPUTED, Role.ERROR_SLOPE) and found:
        (scaled, *_) = found
        assert isinstance(scaled, Divide) and isinstance(scaled.bottom, Call)
        (number,) = scaled.bottom.arguments
        assert isinstance(number, Number)
        yield swapped(at.whole, scaled, Divide(scaled.top, number))
        sizes = {axis.size for quantity in at.network.quantities for axis in quantity.axes} - {number.value, 1}
        for size in sorted(sizes):
            yield swapped(at.whole, scaled, Divide(scaled.top, Call("sqrt", (Number(size),))))


def sides_swapped(at: Situation) -> Iterator[Formula]:
    """The two positions of a score change places: the query of one for the key of the other."""
    letters = at.quantity.letters
    if at.role is Role.VALUE and len(letters) >= 2 and at.quantity.shape[-1] == at.quantity.shape[-2]:
        one, other = (axis.letter for axis in at.quantity.axes[-2:])
        general = at.general
        ends = {one: at.quantity.general.index[-1], other: at.quantity.general.index[-2]}
        if at.ref.index[-1] != at.ref.index[-2] and isinstance(general, Sum | Divide):
            yield at.made(with_indices(general, ends))


def shares_for_sum(at: Situation) -> Iterator[Formula]:
    """A mean of the parts where they are weighted: every part counted alike."""
    match at.whole:
        case Add(terms) if at.role is Role.VALUE and all(isinstance(one, Multiply) for one in terms):
            weighted = [one for one in at.used if share_of(at.definition(one))]
            if weighted:
                share = Number(Fraction(1, len(terms)))
                yield at.exchanged(dict.fromkeys(weighted, share))


MISTAKES = (
    sigmoid_for_softmax, exponent_forgotten, not_divided, wrong_axis, off_diagonal_forgotten, diagonal_for_off_diagonal,
    scale_forgotten, other_scale, sides_swapped, shares_for_sum,
)  # fmt: skip
