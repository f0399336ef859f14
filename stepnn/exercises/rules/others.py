"""Mistakes of place: the right formula with the numbers of another neuron, connection or sample."""

from __future__ import annotations

from collections.abc import Iterator

from stepnn.exercises.rules.backward import slope_of, with_slope
from stepnn.exercises.situation import Situation, swapped
from stepnn.network.model import PARAMETERS, Role
from stepnn.notation.formula import Formula, Multiply, Ref
from stepnn.notation.index import Index

MOST_OTHERS = 4  # of more neighbours only those beside it are likely to be taken for it


def another(at: Situation, *roles: Role) -> Iterator[Formula]:
    """The numbers of another neuron: along an axis on which all elements of a quantity stand at the same place."""
    for name in dict.fromkeys(ref.name for ref in at.with_role(*roles)):
        own = [ref for ref in at.used if ref.name == name]
        for place, axis in enumerate(at.network[name].axes):
            at_place = {ref.index[place] for ref in own}
            if len(at_place) > 1:
                continue
            here = own[0].index[place].constant
            others = [here - 1, here + 1] if axis.size > MOST_OTHERS or axis.time else range(axis.size)
            for other in others:
                taken = {ref: moved(ref, place, other) for ref in own}
                there = 0 <= other < axis.size and not any(at.of(one).lacks(one.index) for one in taken.values())
                if other != here and there:
                    yield at.exchanged(taken)


def moved(ref: Ref, place: int, to: int) -> Ref:
    """The element at another place along one axis."""
    return Ref(ref.name, (*ref.index[:place], Index((), to), *ref.index[place + 1 :]))


def another_weight(at: Situation) -> Iterator[Formula]:
    """The weight or bias of another connection."""
    return another(at, *PARAMETERS)


def another_input(at: Situation) -> Iterator[Formula]:
    """Another input."""
    return another(at, Role.INPUT)


def another_sum(at: Situation) -> Iterator[Formula]:
    """The weighted sum of another neuron."""
    return another(at, Role.WEIGHTED_SUM)


def another_activation(at: Situation) -> Iterator[Formula]:
    """The activation of another neuron."""
    return another(at, Role.ACTIVATION)


def another_target(at: Situation) -> Iterator[Formula]:
    """The target of another output."""
    return another(at, Role.TARGET)


def another_given(at: Situation) -> Iterator[Formula]:
    """Another one of the given numbers: its neighbour in the table."""
    return another(at, Role.GIVEN)


def another_value(at: Situation) -> Iterator[Formula]:
    """Another one of the values that were worked out before: its neighbour in the table."""
    return another(at, Role.VALUE)


def another_delta(at: Situation) -> Iterator[Formula]:
    """The δ, or ∂E/∂a, of another neuron."""
    return another(at, Role.DELTA, Role.ERROR_SLOPE)


def another_slope(at: Situation) -> Iterator[Formula]:
    """The slope of another neuron's activation function."""
    found = slope_of(at) if at.role is Role.DELTA else None
    if found and isinstance(found[0], Ref):
        quantity = at.of(found[0])
        for position in quantity.positions[:8]:
            other = quantity.element(position)
            if other != found[0] and other.index[:-1] == found[0].index[:-1]:
                yield with_slope(at, found[1], swapped(Multiply(found[1]), found[0], other))


def another_gradient(at: Situation) -> Iterator[Formula]:
    """The gradient, or the error, of another weight."""
    if at.role is Role.UPDATED:
        yield from another(at, Role.GRADIENT, Role.BATCH_GRADIENT, Role.OUTPUT_ERROR)


MISTAKES = (
    another_weight, another_input, another_sum, another_activation, another_target, another_given, another_value,
    another_delta, another_slope, another_gradient,
)  # fmt: skip
