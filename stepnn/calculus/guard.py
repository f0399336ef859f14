"""A last look at derived gradients before anybody sees them: they must say how the error really changes.

Every quantity whose derivative is known is nudged at once, computed ones too, by h times a direction d of its own. The
chain rule says that the error then changes by h·Σ ⟨∂E/∂q, d_q⟩; the compiled forward pass, with `+ h·d` behind every
formula, says by how much it does. Central differences of three step sizes stand on each side of the comparison.

What a stop_gradient holds still is read as it was before anything moved.

It looks at the lesson's own numbers and at numbers that lie a little beside them: where the error has a kink, as at a
tie of a maximum, only a point beside it can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.compile import compile_quantities
from stepnn.calculus.ways import held_still
from stepnn.errors import DerivativeError
from stepnn.network.identity import Key, What
from stepnn.network.model import Network, Quantity, Role
from stepnn.notation.formula import Formula, Ref, add, is_still, multiply, transform
from stepnn.words.told import told

Array = NDArray[np.float64]
Values = Mapping[str, Array]
STEPS = (1e-3, 1e-4, 1e-5, 1e-6)
TOLERANCE = 1e-6  # of the sum of all contributions without their signs
ROUNDING = 1e-13  # of the numbers, which a difference loses, divided by the step
KINKS = 10  # how far a gradient may lie from the middle of the slopes to the left and to the right, in their distance
MOST_ELEMENTS = 64  # of one quantity that are moved alone
STRENGTH = Quantity(Key(What.NUDGE, ""), Role.SETTING, "h")


@dataclass(frozen=True)
class Point:
    """Numbers at which gradients are compared: what is given, and every quantity worked out, by key."""

    given: Values
    values: Values


class Guard:
    """The forward pass of one network with a nudge behind every quantity in `derivatives`: key of ∂E/∂q by key of q."""

    def __init__(self, network: Network, derived: Sequence[Quantity]) -> None:
        total = network.total_error
        assert total is not None
        self.total = total.key
        found = [one for one in derived if one.wrt is not None and one.wrt[0].name == total.key]
        self.derivatives = {one.wrt[1].name: one.key for one in found if one.wrt is not None}
        nudges = [nudge(network[key]) for key in self.derivatives]
        known = [*(one for one in network.quantities if one.formula is None), *nudges, STRENGTH]
        computed = [nudged(one) if one.key in self.derivatives else one for one in network.computed]
        self.plain = compile_quantities(known, computed)
        held = [still(one) for one in computed]
        self.still = {Key(What.STILL, key): key for key in held_still(network)}
        more = [as_before(network[key], key in self.plain.samplewise) for key in self.still.values()]
        self.forward = compile_quantities([*known, *more], held) if self.still else self.plain
        self.network = network

    def at(
        self, given: Values, strength: float = 0.0, directions: Values | None = None, before: Point | None = None
    ) -> Point:
        """All values where every nudged quantity has moved by `strength` times its direction, from those `before`."""
        ways = directions or {}
        moved = {
            key: array + strength * ways[key] if key in ways and key in self.derivatives else array
            for key, array in given.items()
        }
        nudges: dict[str, Array] = {Key(What.NUDGE, key): np.zeros(self.network[key].shape) for key in self.derivatives}
        nudges |= {Key(What.NUDGE, key): array for key, array in ways.items() if key in self.derivatives}
        known = {**moved, **nudges, STRENGTH.key: np.array(strength)}
        if before is None:
            return Point(moved, {**moved, **self.plain(known)})
        held: dict[str, Array] = {key: before.values[own] for key, own in self.still.items()}
        return Point(moved, {**moved, **self.forward({**known, **held})})

    def error(self, point: Point, strength: float, directions: Values) -> float:
        """E, of the one sample, with everything moved away from a point."""
        found = self.at(point.given, strength, directions, point).values[self.total]
        return float(np.ravel(found)[0])

    def disagrees(self, point: Point, gradients: Values, directions: Values) -> bool:
        """Whether the error changes otherwise than the gradients say. A kink or a number out of range says nothing."""
        shares = [float(np.sum(gradients[self.derivatives[key]] * way)) for key, way in directions.items()]
        size = sum(abs(gradients[self.derivatives[key]] * way).sum() for key, way in directions.items())
        here = self.error(point, 0.0, directions)
        slope, scale, before = sum(shares), float(size), (0.0, 0.0)
        for number, step in enumerate(STEPS):
            up, down = (self.error(point, sign * step, directions) for sign in (1, -1))
            if not np.isfinite([up, down, here, size]).all():
                return False
            right, left = (up - here) / step, (here - down) / step
            scale = max(scale, abs(right), abs(left))
            centre, gap = (right + left) / 2, right - left
            # What both tend to, where they still change in proportion to the step, which was ten times as large before:
            limit, kink = (10 * centre - before[0]) / 9, (10 * gap - before[1]) / 9 if number else 0.0
            allowed = TOLERANCE * scale + ROUNDING * (abs(here) + scale) / step + KINKS * abs(kink)
            if min(abs(centre - slope), abs(limit - slope)) <= allowed:
                return False
            before = centre, gap
        return True


def nudge(quantity: Quantity) -> Quantity:
    """The direction in which a quantity is moved."""
    return replace(quantity, key=Key(What.NUDGE, quantity.key), role=Role.SETTING, formula=None, names=(), start="")


def nudged(quantity: Quantity) -> Quantity:
    """The quantity with h·d behind its formula."""
    assert quantity.formula is not None
    moved = multiply(Ref(STRENGTH.key), Ref(Key(What.NUDGE, quantity.key), quantity.general.index))
    return replace(quantity, formula=add(quantity.formula, moved))


def still(quantity: Quantity) -> Quantity:
    """The quantity with everything that a stop_gradient holds still read as it was before."""

    def before(part: Formula) -> Formula | None:
        return Ref(Key(What.STILL, part.name), part.index) if isinstance(part, Ref) else None

    def change(part: Formula) -> Formula | None:
        return transform(part, before) if is_still(part) else None

    assert quantity.formula is not None
    return replace(quantity, formula=transform(quantity.formula, change))


def as_before(quantity: Quantity, samplewise: bool) -> Quantity:
    """What a quantity was before anything moved, as a given one: of each sample, or of all."""
    role = Role.INPUT if samplewise else Role.GIVEN
    start = Key(What.STILL, quantity.start) if quantity.start else ""
    return replace(quantity, key=Key(What.STILL, quantity.key), role=role, formula=None, names=(), start=start)


def spread(array: Array) -> float:
    """How large the numbers of an array are."""
    return max(1e-3, float(np.max(np.abs(array), initial=0.0)))


def disagreement(
    network: Network, derived: Sequence[Quantity], given: Values, gradients: Callable[[Values], Values]
) -> str | None:
    """The key of a quantity whose gradient does not say how the error changes; None if all do.

    `given` holds the numbers of one sample; `gradients` gives every derived array from all values of the network.
    """
    guard = Guard(network, derived)
    random = np.random.default_rng(1)
    fixed = {one.key for one in network.with_role(Role.ACTIVATION_PARAMETER)} - {one.key for one in network.trained}
    beside = {
        key: array if key in fixed else array + 0.03 * random.uniform(-1, 1, array.shape) * spread(array)
        for key, array in given.items()
    }
    for numbers in (given, beside):
        point = guard.at(numbers)
        directions = {
            key: random.choice([-1.0, 1.0], network[key].shape)
            * random.uniform(0.5, 1.0, network[key].shape)
            * spread(point.values[key])
            * movable(network[key])
            for key in guard.derivatives
        }
        with np.errstate(all="ignore"):
            found = gradients(point.values)
            if guard.disagrees(point, found, directions):
                for key, way in directions.items():
                    if guard.disagrees(point, found, {key: way}) and any(
                        guard.disagrees(point, found, {key: one}) for one in elements_of(way, random)
                    ):
                        return key
    return None


def movable(quantity: Quantity) -> Array:
    """1 for each element that a gradient speaks of, 0 where nothing is learned."""
    found = np.ones(quantity.shape)
    for position in quantity.unlearned:
        found[position] = 0.0
    return found


def elements_of(way: Array, random: np.random.Generator) -> Iterator[Array]:
    """Directions in which one element moves alone: kinks of several may hide each other, that of one does not."""
    for place in random.permutation(way.size)[:MOST_ELEMENTS]:
        alone = np.zeros(way.size)
        alone[place] = np.ravel(way)[place]
        yield alone.reshape(way.shape)


def prove(network: Network, derived: Sequence[Quantity], given: Values, gradients: Callable[[Values], Values]) -> None:
    """Raises DerivativeError, which names the quantity, where a gradient is wrong: it is never shown as a number."""
    found = disagreement(network, derived, given, gradients)
    if found is not None:
        raise DerivativeError(told("e_as_stepnn_has_derived", glyph=network[found].glyph))
