"""Mistakes where a filter slides over a picture or a series, where areas are summed up, and along time."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from stepnn.exercises.situation import Situation, complements_swapped, is_complement, swapped
from stepnn.network.model import PARAMETERS, Role
from stepnn.notation.formula import (
    Add,
    Call,
    Divide,
    Formula,
    IsFirst,
    Multiply,
    Number,
    Ref,
    parts,
    refs,
    transform,
    walk,
)
from stepnn.notation.index import Index
from stepnn.notation.indices import binds, over

MOVED = (Role.WEIGHTED_SUM, Role.VALUE, Role.ERROR_SLOPE, Role.GRADIENT)


def sliding(at: Situation) -> dict[str, int]:
    """The letters that move within a window, with their sizes: those added to another letter in some index."""
    found: dict[str, int] = {}
    for part in walk(at.general):
        for letter, size in binds(part):
            if any(len(i.terms) > 1 and letter in dict(i.terms) for ref in refs(at.general) for i in ref.index):
                found[letter] = size
    return found


def reindexed(at: Situation, change: object) -> Formula:
    """The general formula with every index changed, for this element."""
    assert callable(change)

    def of(part: Formula) -> Formula | None:
        if isinstance(part, Ref):
            return Ref(part.name, tuple(change(part, index) for index in part.index))
        if binds(part):
            letters, sizes = zip(*binds(part), strict=True)
            (body,) = parts(part)
            return over(part, letters, sizes, transform(body, of))
        return None

    return at.made(transform(at.general, of))


def filter_flipped(at: Situation) -> Iterator[Formula]:
    """The filter laid on the wrong way round: its last cell on the first of the window."""
    letters = sliding(at)
    if not letters or at.role not in MOVED:
        return

    def change(ref: Ref, index: Index) -> Index:
        if index.letter in letters and at.of(ref).role in (*PARAMETERS, Role.GIVEN, Role.DELTA):
            return Index(((index.letter, -1),), letters[index.letter] - 1)
        return index

    yield reindexed(at, change)


def window_shifted(at: Situation) -> Iterator[Formula]:
    """The window one cell further on, or one cell before."""
    letters = sliding(at)
    if not letters or at.role not in MOVED:
        return
    for by in (1, -1):
        for axis in at.quantity.letters:

            def change(ref: Ref, index: Index, by: int = by, axis: str = axis) -> Index:
                terms = dict(index.terms)
                return Index(index.terms, index.constant + by) if axis in terms and len(terms) > 1 else index

            yield reindexed(at, change)


def stride_ignored(at: Situation) -> Iterator[Formula]:
    """The window moved on by one cell, where the stride is larger."""

    def change(ref: Ref, index: Index) -> Index:
        return Index(tuple((letter, 1 if factor > 1 else factor) for letter, factor in index.terms), index.constant)

    if sliding(at) or any(isinstance(part, Call) for part in walk(at.whole)):
        yield reindexed(at, change)


def padding_ignored(at: Situation) -> Iterator[Formula]:
    """The border of zeros left out: the first window begins at the first cell."""

    def change(ref: Ref, index: Index) -> Index:
        return Index(index.terms, 0) if len(index.terms) > 1 else index

    if sliding(at):
        yield reindexed(at, change)


def cells(at: Situation) -> tuple[Formula, tuple[Formula, ...]] | None:
    """A maximum or a mean of several cells, and the cells."""
    for part in walk(at.whole):
        match part:
            case Call("max" | "min", several) if len(several) > 2:
                return part, several
            case Multiply((Number(Fraction() as share), Add(several))) if share == Fraction(1, len(several)):
                return part, several
    return None


def mean_for_maximum(at: Situation) -> Iterator[Formula]:
    """The mean of the cells where their maximum belongs."""
    if (found := cells(at)) and isinstance(found[0], Call):
        yield swapped(at.whole, found[0], Divide(Add(found[1]), Number(len(found[1]))))


def maximum_for_mean(at: Situation) -> Iterator[Formula]:
    """The maximum of the cells where their mean belongs."""
    found = cells(at) if at.role is Role.VALUE else None
    if found and isinstance(found[0], Multiply) and all(isinstance(one, Ref) for one in found[1]):
        yield swapped(at.whole, found[0], Call("max", found[1]))


def smallest_for_largest(at: Situation) -> Iterator[Formula]:
    """The smallest where the largest belongs, or the reverse."""
    if (found := cells(at)) and isinstance(found[0], Call):
        other = "min" if found[0].function == "max" else "max"
        yield swapped(at.whole, found[0], Call(other, found[1]))
    yield transform(
        at.whole,
        lambda part: (
            IsFirst(part.place, part.among, part.shared, not part.least) if isinstance(part, IsFirst) else None
        ),
    )


def to_every_cell(at: Situation) -> Iterator[Formula]:
    """The error sent back to every cell, not only to the largest."""
    if at.role in (Role.ERROR_SLOPE, Role.DELTA):
        yield transform(at.whole, lambda part: Number(1) if isinstance(part, IsFirst) else None)
        yield transform(at.whole, lambda p: Number(Fraction(1, len(p.among))) if isinstance(p, IsFirst) else None)


def share_not_divided(at: Situation) -> Iterator[Formula]:
    """The error sent back whole to every cell, not divided among them."""
    if at.role in (Role.ERROR_SLOPE, Role.DELTA):
        yield transform(at.whole, lambda part: Number(1) if is_part(part) else None)


def is_part(part: Formula) -> bool:
    return isinstance(part, Number) and isinstance(part.value, Fraction) and part.value.numerator == 1


def other_gate(at: Situation) -> Iterator[Formula]:
    """One gate in the place of another."""
    for ref in at.with_role(Role.ACTIVATION):
        quantity = at.of(ref)
        for other in at.network.with_role(Role.ACTIVATION):
            alike = other.axes == quantity.axes and other.key != quantity.key and quantity.line and other.line
            if alike and at.has(Ref(other.key, ref.index)):
                yield swapped(at.whole, ref, Ref(other.key, ref.index))


def time_shifted(at: Situation) -> Iterator[Formula]:
    """A number of the time step before or after: h of t − 1 for h of t, or the reverse."""
    for name in dict.fromkeys(ref.name for ref in at.used):
        axes = at.network[name].axes
        own = [ref for ref in at.used if ref.name == name]
        if not axes or not axes[0].time or len({ref.index[0] for ref in own}) > 1:
            continue
        for by in (1, -1):
            moved = [Ref(ref.name, (Index((), ref.index[0].constant + by), *ref.index[1:])) for ref in own]
            if all(at.has(one) for one in moved):
                pairs = dict(zip(own, moved, strict=True))
                yield at.replaced(pairs.get)


def other_time_forgotten(at: Situation) -> Iterator[Formula]:
    """What comes from the time step before, or on the way back from the one after, is left out."""
    if not isinstance(at.whole, Add) or not at.quantity.axes or not at.quantity.axes[0].time:
        return
    here = at.ref.index[0].constant
    kept = tuple(term for term in at.whole.terms if not any(other_time(at, ref, here) for ref in refs(term)))
    if kept and len(kept) < len(at.whole.terms):
        yield Add(kept) if len(kept) > 1 else kept[0]


def other_time(at: Situation, ref: Ref, here: int) -> bool:
    """Whether an element stands at another time step."""
    axes = at.of(ref).axes
    return bool(axes) and bool(axes[0].time) and ref.index[0].constant != here


def cell_for_state(at: Situation) -> Iterator[Formula]:
    """c in the place of h, or h in the place of c."""
    for ref in at.with_role(Role.VALUE):
        quantity = at.of(ref)
        for other in at.network.with_role(Role.VALUE):
            alike = other.axes == quantity.axes and other.key not in (quantity.key, at.quantity.key)
            if alike and quantity.axes and quantity.axes[0].time and at.has(Ref(other.key, ref.index)):
                yield at.exchanged({one: Ref(other.key, one.index) for one in at.used if one.name == ref.name})


def complement_forgotten(at: Situation) -> Iterator[Formula]:
    """A gate where 1 − the gate belongs, or the reverse."""
    if at.role not in (Role.VALUE, Role.ERROR_SLOPE):
        return
    for ref in at.with_role(Role.ACTIVATION):
        if any(is_complement(part, ref) for part in walk(at.whole)):
            yield complements_swapped(at.whole, ref)


MISTAKES = (
    filter_flipped, window_shifted, stride_ignored, padding_ignored, mean_for_maximum, maximum_for_mean,
    smallest_for_largest, to_every_cell, share_not_divided, other_gate, time_shifted, other_time_forgotten,
    cell_for_state, complement_forgotten,
)  # fmt: skip
