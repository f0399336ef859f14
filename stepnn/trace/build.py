"""The tree of steps: pass → layer → quantity → neuron → factor, and the walk through it.

The walk is what a reader sees with the `next` key. It goes from neuron to neuron; a quantity with many
elements is one step of the walk, and its neurons are made when the reader opens it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby

from stepnn.network.identity import Key
from stepnn.network.model import ERRORS, Network, Quantity, Role
from stepnn.notation.formula import Ref
from stepnn.trace.step import Kind, Moment, Phase, Step

MOST_UPDATED = 16  # new values of one layer that the walk visits one by one

PHASES = {
    **dict.fromkeys((Role.WEIGHTED_SUM, Role.ACTIVATION, Role.VALUE), Phase.FORWARD),
    **dict.fromkeys((*ERRORS, Role.BATCH_ERROR), Phase.LOSS),
    **dict.fromkeys((Role.UPDATED, Role.BATCH_GRADIENT, Role.NEW_STATE, Role.AUXILIARY), Phase.UPDATE),
}


def phase_of(quantity: Quantity) -> Phase:
    """The part of the walk in which a quantity is worked out; a slope that the lesson asks for comes forward."""
    if quantity.role is Role.LOCAL_SLOPE and asked_for(quantity):
        return Phase.FORWARD
    return PHASES.get(quantity.role, Phase.BACKWARD)


def asked_for(quantity: Quantity) -> bool:
    """Whether a derivative has a name that the lesson gave it."""
    return not isinstance(quantity.key, Key)


def kind_of(network: Network, quantity: Quantity) -> Kind:
    """What computing this quantity is called."""
    if quantity.role is Role.LOCAL_SLOPE and quantity.wrt is not None:
        by_sum = asked_for(quantity) or network[quantity.wrt[1].name].role is Role.WEIGHTED_SUM
        return Kind.ACTIVATION_SLOPE if by_sum else Kind.WEIGHTED_SUM_SLOPE
    if network.total_error is None and quantity.role is Role.OUTPUT_ERROR:
        return Kind.PERCEPTRON_ERROR
    if network.total_error is None and quantity.role is Role.UPDATED:
        return Kind.PERCEPTRON_UPDATE
    return Kind(quantity.role.value)


class PassTree:
    """The tree of one moment. `root` is the step of the whole pass."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self.network = moment.network
        self.overviews: dict[str, Step] = {}
        self.root = Step(Phase.FORWARD, Kind.PASS, moment, label="pass", make_children=self.layers)

    def layers(self, root: Step) -> tuple[Step, ...]:
        """The layers in the order in which they are worked out: forward, the error, all gradients, all updates.

        What an update works out once for all parameters stands in layer 0. The update of a batch has no backward pass.
        """
        there = range(1, self.network.layers + 1)
        found = [self.layer(root, phase, number) for phase in (Phase.FORWARD, Phase.LOSS) for number in there]
        found += [self.layer(root, Phase.BACKWARD, number) for number in reversed(there)]
        found += [self.layer(root, Phase.UPDATE, number) for number in (0, *reversed(there))]
        return tuple(layer for layer in found if layer.children)

    def layer(self, root: Step, phase: Phase, number: int) -> Step:
        label = f"{phase.value}_layer_{number}"
        return Step(phase, Kind.LAYER, self.moment, number, parent=root, label=label, make_children=self.quantities)

    def quantities(self, layer: Step) -> tuple[Step, ...]:
        """An overview of each quantity that is worked out in this layer and phase."""
        found = []
        for quantity in self.network.computed:
            if quantity.key not in self.moment.values:
                continue
            weight_slope = (
                quantity.role is Role.LOCAL_SLOPE and kind_of(self.network, quantity) is Kind.WEIGHTED_SUM_SLOPE
            )
            if phase_of(quantity) is layer.phase and quantity.layer == layer.layer and not weight_slope:
                found.append(self.overview(layer, quantity, layer.phase))
        return tuple(found)

    def overview(self, layer: Step, quantity: Quantity, phase: Phase) -> Step:
        """The whole quantity in one step: its matrix form."""
        kind = kind_of(self.network, quantity)
        step = Step(
            phase, kind, self.moment, quantity.layer, quantity, parent=layer,
            label=quantity.key.replace("/", "_"), make_children=self.elements,
        )  # fmt: skip
        self.overviews[quantity.key] = step
        return step

    def elements(self, overview: Step) -> tuple[Step, ...]:
        """One step for each element."""
        assert overview.quantity is not None
        return tuple(self.element(overview, overview.quantity, position) for position in overview.quantity.positions)

    def element(self, parent: Step, quantity: Quantity, position: tuple[int, ...]) -> Step:
        phase, kind = phase_of(quantity), kind_of(self.network, quantity)
        ref = quantity.element(position)
        in_full = quantity is self.showcase and position == quantity.positions[0] and self.whole
        return Step(
            phase, kind, self.moment, quantity.layer, quantity, ref, parent, in_full=in_full, make_children=self.inside
        )

    @cached_property
    def whole(self) -> bool:
        """Whether every link of the chain rule is a number; one that is beyond all numbers has no step."""
        slopes = self.network.with_role(Role.ERROR_SLOPE)
        return not self.moment.goes_back or all(slope.key in self.moment.values for slope in slopes)

    @cached_property
    def showcase(self) -> Quantity | None:
        """The gradient whose first element is shown factor by factor: that of the last layer's weights."""
        for quantity in self.network.with_role(Role.GRADIENT):
            if quantity.wrt is not None and self.network[quantity.wrt[1].name].role is Role.WEIGHT:
                return quantity
        return None

    def inside(self, step: Step) -> tuple[Step, ...]:
        """What an element is made of: the links of the chain rule, or the terms of its sum."""
        assert step.quantity is not None and step.ref is not None
        forms = self.moment.forms
        factors = forms.factors(step)
        if factors and all(ref.name in self.moment.values for ref in factors):
            return tuple(self.step_of(ref, step) for ref in factors)
        terms = forms.terms(step.quantity, step.ref)
        return tuple(
            Step(
                step.phase, Kind.TERM, self.moment, step.layer, step.quantity, step.ref, step,
                label=f"{step.symbol}_term_{number}", term=term,
            )
            for number, term in enumerate(terms, 1)
            if len(terms) > 1
        )  # fmt: skip

    def step_of(self, ref: Ref, parent: Step) -> Step:
        """The step that computes an element."""
        quantity, position = self.network[ref.name], tuple(index.constant for index in ref.index)
        if ref.name in self.overviews:
            return self.overviews[ref.name].children[quantity.positions.index(position)]
        return self.element(parent, quantity, position)


def walk_through(tree: PassTree) -> Iterator[Step]:
    """The steps of a pass in reading order. In the backward pass every factor comes before what it builds."""
    for layer in tree.root.children:
        if layer.phase is Phase.BACKWARD:
            yield from walk_back(layer)
        elif layer.phase is Phase.UPDATE:
            yield from updates(layer)
        else:
            yield from in_time(layer.children, 1)


def in_time(overviews: Sequence[Step], turn: int) -> Iterator[Step]:
    """The elements of quantities; those with time steps step by step, on the way back (`turn` −1) from the last on."""
    for (time, size), group in groupby(overviews, key=time_of):
        members = list(group)
        if not time or not all(unfolds(member, size) for member in members):
            for member in members:
                yield from unfolded(member)
            continue
        for place in range(size) if time * turn > 0 else range(size - 1, -1, -1):
            for member in members:
                yield from (step for step in member.children if step.ref and step.ref.index[0].constant == place)


def time_of(overview: Step) -> tuple[int, int]:
    """Which way the time steps of a quantity are worked out, and how many there are; 0 where it has none."""
    axes = overview.quantity.axes if overview.quantity is not None else ()
    return (axes[0].time, axes[0].size) if axes and axes[0].time else (0, 0)


def unfolded(overview: Step) -> tuple[Step, ...]:
    """The elements of a small quantity, or the overview of a large one."""
    return overview.children if unfolds(overview) else (overview,)


def unfolds(overview: Step, steps: int = 1) -> bool:
    """Whether the walk visits the elements of a quantity one by one; of one with time steps, those of each."""
    assert overview.quantity is not None
    most = overview.moment.setup.lesson.unfold
    if overview.phase is Phase.UPDATE and overview.moment.setup.network.has_neurons:  # seen weight by weight
        most = max(most, MOST_UPDATED)
    return overview.quantity.count <= most * max(steps, 1) or not overview.quantity.axes


def walk_back(layer: Step) -> Iterator[Step]:
    """Neuron by neuron the links of the chain rule and δ, then the gradients.

    The first weight of the last layer is followed to its gradient at once, so that its chain is seen whole.
    """
    seen: set[str] = set()

    def new(*steps: Step) -> Iterator[Step]:
        for step in steps:
            if step.id not in seen:
                seen.add(step.id)
                yield step

    behind = layer.children
    deltas = [overview for overview in behind if overview.kind is Kind.DELTA]
    gradients = [step for overview in behind if overview.kind is Kind.GRADIENT for step in unfolded(overview)]
    if deltas and all(map(unfolds, deltas)) and layer.moment.setup.network.has_neurons:
        neurons = [step for overview in deltas for step in overview.children]
        for neuron in neurons:
            yield from new(*neuron.children)
            whole_chain = [step for step in gradients if step.in_full and neuron is neurons[0]]
            for step in whole_chain:
                yield from new(*(link for link in step.children[-1:] if link.kind is not Kind.TERM))
            yield from new(neuron)
            yield from new(*whole_chain)
    else:
        yield from new(*in_time([one for one in behind if one.kind is not Kind.GRADIENT], -1))
    yield from new(*gradients)


def updates(layer: Step) -> Iterator[Step]:
    """The update of a layer: for each parameter everything that leads to its new value, then the next parameter."""
    groups: dict[str, list[Step]] = {}
    for overview in layer.children:
        if overview.phase is Phase.UPDATE and overview.quantity is not None:
            wrt = overview.quantity.wrt
            groups.setdefault(overview.quantity.of or (wrt[1].name if wrt else ""), []).append(overview)
    for group in groups.values():
        if all(map(unfolds, group)):
            for steps in zip(*(overview.children for overview in group), strict=True):
                yield from steps
        else:
            yield from group
