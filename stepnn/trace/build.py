"""The tree of steps: pass → layer → quantity → neuron → factor, and the walk through it.

The walk is what a reader sees with the `next` key. It goes from neuron to neuron; a quantity with many
elements is one step of the walk, and its neurons are made when the reader opens it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from stepnn.model import ERRORS, Network, Quantity, Role
from stepnn.notation.formula import Ref
from stepnn.trace.step import Kind, Moment, Phase, Step

MOST_UNFOLDED = 16  # elements of a quantity that the walk visits one by one

KINDS = {
    Role.WEIGHTED_SUM: Kind.WEIGHTED_SUM, Role.ACTIVATION: Kind.ACTIVATION, Role.OUTPUT_ERROR: Kind.OUTPUT_ERROR,
    Role.TOTAL_ERROR: Kind.TOTAL_ERROR, Role.ERROR_SLOPE: Kind.ERROR_SLOPE, Role.DELTA: Kind.DELTA,
    Role.GRADIENT: Kind.GRADIENT, Role.UPDATED: Kind.WEIGHT_UPDATE,
}  # fmt: skip
PHASES = {
    Role.WEIGHTED_SUM: Phase.FORWARD, Role.ACTIVATION: Phase.FORWARD, Role.OUTPUT_ERROR: Phase.LOSS,
    Role.TOTAL_ERROR: Phase.LOSS, Role.UPDATED: Phase.UPDATE,
}  # fmt: skip


def kind_of(network: Network, quantity: Quantity) -> Kind:
    """What computing this quantity is called."""
    if quantity.role is Role.LOCAL_SLOPE and quantity.wrt is not None:
        by_sum = network[quantity.wrt[1].name].role is Role.WEIGHTED_SUM
        return Kind.ACTIVATION_SLOPE if by_sum else Kind.WEIGHTED_SUM_SLOPE
    if network.total_error is None and quantity.role is Role.OUTPUT_ERROR:
        return Kind.PERCEPTRON_ERROR
    if network.total_error is None and quantity.role is Role.UPDATED:
        return Kind.PERCEPTRON_UPDATE
    return KINDS[quantity.role]


class PassTree:
    """The tree of one moment. `root` is the step of the whole pass."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self.network = moment.forms.network
        self.overviews: dict[str, Step] = {}
        self.root = Step(Phase.FORWARD, Kind.PASS, moment, label="pass", make_children=self.layers)

    def layers(self, root: Step) -> tuple[Step, ...]:
        """The layers in the order in which they are worked out: forward, the error, backward."""
        count = self.network.layers
        found = [self.layer(root, Phase.FORWARD, number) for number in range(1, count + 1)]
        if self.network.with_role(*ERRORS):
            found.append(self.layer(root, Phase.LOSS, count))
        if self.moment.has_learned:
            found += [self.layer(root, Phase.BACKWARD, number) for number in range(count, 0, -1)]
        return tuple(layer for layer in found if layer.children)

    def layer(self, root: Step, phase: Phase, number: int) -> Step:
        label = f"{phase.value}_layer_{number}"
        return Step(phase, Kind.LAYER, self.moment, number, parent=root, label=label, make_children=self.quantities)

    def quantities(self, layer: Step) -> tuple[Step, ...]:
        """An overview of each quantity that is worked out in this layer and phase."""
        backward = (Phase.BACKWARD, Phase.UPDATE)
        found = []
        for quantity in self.network.computed:
            phase = PHASES.get(quantity.role, Phase.BACKWARD)
            same = phase in backward if layer.phase is Phase.BACKWARD else phase is layer.phase
            weight_slope = (
                quantity.role is Role.LOCAL_SLOPE and kind_of(self.network, quantity) is Kind.WEIGHTED_SUM_SLOPE
            )
            if same and quantity.layer == layer.layer and not weight_slope:
                found.append(self.overview(layer, quantity, phase))
        return tuple(found)

    def overview(self, layer: Step, quantity: Quantity, phase: Phase) -> Step:
        """The whole quantity in one step: its matrix form."""
        kind = kind_of(self.network, quantity)
        step = Step(
            phase, kind, self.moment, quantity.layer, quantity, parent=layer,
            label=f"{quantity.key}", make_children=self.elements,
        )  # fmt: skip
        self.overviews[quantity.key] = step
        return step

    def elements(self, overview: Step) -> tuple[Step, ...]:
        """One step for each element."""
        assert overview.quantity is not None
        return tuple(self.element(overview, overview.quantity, position) for position in overview.quantity.positions)

    def element(self, parent: Step, quantity: Quantity, position: tuple[int, ...]) -> Step:
        phase, kind = PHASES.get(quantity.role, Phase.BACKWARD), kind_of(self.network, quantity)
        ref = quantity.element(position)
        in_full = quantity is self.showcase and not any(position)
        return Step(
            phase, kind, self.moment, quantity.layer, quantity, ref, parent, in_full=in_full, make_children=self.inside
        )

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
        if factors:
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
        else:
            for overview in layer.children:
                yield from unfolded(overview)


def unfolded(overview: Step) -> tuple[Step, ...]:
    """The elements of a small quantity, or the overview of a large one."""
    assert overview.quantity is not None
    return overview.children if overview.quantity.count <= MOST_UNFOLDED else (overview,)


def walk_back(layer: Step) -> Iterator[Step]:
    """Neuron by neuron the links of the chain rule and δ, then the gradients, then the new parameters.

    The first weight of the last layer is followed to its gradient at once, so that its chain is seen whole.
    """
    seen: set[str] = set()

    def new(*steps: Step) -> Iterator[Step]:
        for step in steps:
            if step.id not in seen:
                seen.add(step.id)
                yield step

    neurons = [step for overview in layer.children if overview.kind is Kind.DELTA for step in unfolded(overview)]
    gradients = [step for overview in layer.children if overview.kind is Kind.GRADIENT for step in unfolded(overview)]
    for neuron in neurons:
        yield from new(*neuron.children) if neuron.ref is not None else ()
        whole_chain = [step for step in gradients if step.in_full and neuron is neurons[0]]
        for step in whole_chain:
            yield from new(step.children[-1])
        yield from new(neuron)
        yield from new(*whole_chain)
    for overview in layer.children:
        if overview.kind in (Kind.GRADIENT, Kind.WEIGHT_UPDATE, Kind.PERCEPTRON_UPDATE):
            yield from new(*unfolded(overview))
        elif not neurons or neurons[0].ref is None:
            yield from new(overview)
