"""What "how fast does the error change with this weight" means: it is moved a little, and all is worked out again.

The difference quotient (E(w + h) − E(w)) / h comes near the derivative; nudged both ways, (E(w + h) − E(w − h)) / 2h
comes much nearer, since what is curved cancels.
"""

from __future__ import annotations

from dataclasses import dataclass

from stepnn.errors import StepnnError
from stepnn.network.model import ERRORS, PARAMETERS, Role
from stepnn.notation.formula import Ref
from stepnn.trace.step import Moment, Step
from stepnn.trace.trace import Trace

BY = 0.001
FORWARD = (Role.WEIGHTED_SUM, Role.ACTIVATION, Role.VALUE, *ERRORS)


@dataclass(frozen=True)
class Nudge:
    """A given number that is moved by `BY`, and what it moves. `up` and `down` are the moments with it."""

    ref: Ref
    moment: Moment
    up: Moment
    down: Moment

    @property
    def moved(self) -> list[Ref]:
        """What changes on the way forward, in the order in which it is worked out."""
        forward = [one for one in self.moment.network.computed if one.role in FORWARD and one.key in self.moment.values]
        every = (one.element(position) for one in forward for position in one.positions)
        return [ref for ref in every if self.up.value(ref) != self.moment.value(ref)]

    @property
    def error(self) -> Ref | None:
        """The total error."""
        found = self.moment.network.total_error
        return found.element(()) if found is not None and found.key in self.moment.values else None

    @property
    def slopes(self) -> tuple[float, float]:
        """How far the error moves for each 1 that the number grows: nudged one way, and both ways."""
        assert self.error is not None
        here, up, down = (one.value(self.error) for one in (self.moment, self.up, self.down))
        return (up - here) / BY, (up - down) / (2 * BY)

    @property
    def slope(self) -> Ref | None:
        """∂E/∂ of the number, where the way back works it out."""
        network = self.moment.network
        found = (one for one in network.with_role(Role.GRADIENT) if one.wrt is not None)
        made = (one for one in found if one.wrt is not None and one.wrt[1].name == self.ref.name)
        return next((Ref(one.key, self.ref.index) for one in made if one.key in self.moment.values), None)


def nudge(trace: Trace, step: Step) -> Nudge | None:
    """The number of a step is nudged, in its pass; None where no error would move."""
    ref = nudged(step.about or step) or first_weight(step.moment)
    return None if ref is None else nudge_of(trace, step.moment, ref)


def nudge_of(trace: Trace, moment: Moment, ref: Ref) -> Nudge | None:
    """A given number is nudged in a pass, and all is worked out again; None where no error would move."""
    if moment.samples or moment.network.total_error is None or moment.setup.has_joint_samples:
        return None
    setup, value, made = moment.setup.after(moment.values), moment.value(ref), trace.runs[moment.run - 1].made
    place, quantity = 0, moment.network[ref.name]
    for index, axis in zip(ref.index, quantity.axes, strict=True):
        place = place * axis.size + index.constant
    try:
        changed = (setup.with_number(ref.name, place, other, moment.sample) for other in (value + BY, value - BY))
        up, down = (made.with_numbers(one).run(0, sample=moment.sample)[0] for one in changed)
    except StepnnError:
        return None
    return Nudge(ref, moment, up, down)


def nudged(step: Step) -> Ref | None:
    """The parameter whose gradient or new value the step is; of another step the first given number that it uses."""
    quantity, network = step.quantity, step.moment.network
    if quantity is None or step.ref is None:
        return None
    if quantity.of:
        return Ref(quantity.of, step.ref.index)
    if quantity.wrt is not None and network[quantity.wrt[1].name].role in PARAMETERS:
        where = dict(zip(quantity.letters, step.ref.index, strict=True))
        return Ref(quantity.wrt[1].name, tuple(index.replace(where) for index in quantity.wrt[1].index))
    roles = (*PARAMETERS, Role.INPUT, Role.GIVEN)
    return next((ref for ref in step.used if network[ref.name].role in roles), None)


def first_weight(moment: Moment) -> Ref | None:
    """The first weight of the last layer."""
    found = moment.network.with_role(Role.WEIGHT) or moment.network.trained
    return found[-1].element(found[-1].positions[0]) if found else None


def outer_weights(moment: Moment) -> list[Ref]:
    """The first weight of the last layer and the first one of the first, of those that have a gradient."""
    found = [one.wrt[1].name for one in moment.network.with_role(Role.GRADIENT) if one.wrt is not None]
    weights = [moment.network[name] for name in found if moment.network[name].role is Role.WEIGHT]
    return [one.element(one.positions[0]) for one in dict.fromkeys((weights[0], weights[-1]))] if weights else []
