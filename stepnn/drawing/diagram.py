"""The network as a drawing for paper and browsers: places in points, names and numbers as typeset mathematics."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from stepnn.drawing.board_drawing import given_drawing, number_or_gap, small_board
from stepnn.drawing.picture import EdgeKey, Light, Place, chosen, edge_layers, light, neuron_layers, weights_of
from stepnn.drawing.shapes import Connection, Diagram, Neuron
from stepnn.lessons.setup import Setup
from stepnn.network.model import Network, Quantity, Role
from stepnn.network.names import label_name
from stepnn.notation.formula import Ref
from stepnn.notation.mathematics import EQUALS, Nodes
from stepnn.trace.step import Step

WIDTH, RADIUS = 440.0, 13.0
SIDE = 62.0  # room beside the first and last column for inputs and targets
MOST_DRAWN = 5  # neurons of a layer; of more, the first ones and the last
MOST_LABELLED = 12  # edges between two layers that can all carry their numbers
NARROW = 50.0  # columns so near to each other leave no room for names
SMALL_WIDTH, SMALL_RADIUS = 96.0, 4.5


class Geometry:
    """Where the neurons of a network stand."""

    def __init__(self, layers: list[Quantity], width: float, radius: float, side: float, small: bool) -> None:
        self.layers = layers
        self.drawn = [chosen(layer.axes[-1].size, MOST_DRAWN, []) for layer in layers]
        labelled = [len(after) for before, after in pairwise(self.drawn) if len(before) * len(after) <= MOST_LABELLED]
        self.row = 13.0 if small else 46.0 + 12.0 * max(0, max(labelled, default=1) - 1)
        self.column = (width - 2 * side - 2 * radius) / max(1, len(layers) - 1)
        self.radius = min(radius, self.column * 0.36)
        self.left = side + radius
        self.height = self.row * (max(map(len, self.drawn)) - 1) + 2 * radius + (0 if small else 26)

    def place(self, at: Place) -> tuple[float, float]:
        layer, neuron = at
        order, count = self.drawn[layer].index(neuron), len(self.drawn[layer])
        return self.left + layer * self.column, self.height / 2 + (order - (count - 1) / 2) * self.row

    @property
    def gaps(self) -> tuple[tuple[float, float], ...]:
        """Between the last two neurons of a layer of which some are left out."""
        found = []
        for layer, drawn in enumerate(self.drawn):
            if len(drawn) < self.layers[layer].axes[-1].size:
                (x, above), (_, below) = (self.place((layer, one)) for one in drawn[-2:])
                found.append((x, (above + below) / 2))
        return tuple(found)


def diagram(setup: Setup, hidden: Collection[Ref] = ()) -> Diagram | None:
    """The network with its given numbers on it; those in `hidden` are left for the reader to find."""
    layers = neuron_layers(setup.network)
    if not layers or any(len(layer.axes) != 1 for layer in layers):
        return given_drawing(setup, hidden)
    where = Geometry(layers, WIDTH, RADIUS, SIDE, small=False)
    writer = Writer(setup, hidden)
    neurons = []
    for layer, drawn in enumerate(where.drawn):
        for neuron in drawn:
            x, y = where.place((layer, neuron))
            name = label_name(layers[layer].axes[0].labels[neuron]).typeset if where.column > NARROW else ()
            last = layer == len(layers) - 1
            neurons.append(
                Neuron(
                    x, y, name, writer.sample("a0", neuron) if layer == 0 else (),
                    writer.sample("t", neuron) if last else (),
                    writer.bias(layer, neuron) if where.column > NARROW else (),
                )
            )  # fmt: skip
    edges = connections(setup.network, where, Light(), writer)
    return Diagram(WIDTH, where.height, where.radius, tuple(neurons), edges, where.gaps)


def small_diagram(step: Step) -> Diagram | None:
    """The network beside a step, without numbers: what the step uses is lit up."""
    step = step.about or step
    layers = neuron_layers(step.moment.setup.network)
    if not layers or any(len(layer.axes) != 1 for layer in layers) or step.ref is None or step.moment.samples:
        return small_board(step)
    where = Geometry(layers, SMALL_WIDTH, SMALL_RADIUS, 1.0, small=True)
    lit = light(step)
    neurons = []
    for layer, drawn in enumerate(where.drawn):
        for neuron in drawn:
            at = (layer, neuron)
            x, y = where.place(at)
            neurons.append(Neuron(x, y, (), lit=at in lit.nodes, focus=lit.focus == at))
    edges = connections(step.moment.setup.network, where, lit, None)
    return Diagram(SMALL_WIDTH, where.height, where.radius, tuple(neurons), edges, where.gaps)


def connections(network: Network, where: Geometry, lit: Light, writer: Writer | None) -> tuple[Connection, ...]:
    """All lines, those in use last, so that they lie on top."""
    found = []
    for weights, number, before in edge_layers(network, len(where.layers)):
        senders, receivers = where.drawn[before], where.drawn[number]
        few = len(senders) * len(receivers) <= MOST_LABELLED and where.column > NARROW
        share = {1: 0.4, 2: 0.3, 3: 0.25}.get(len(receivers), 0.22)
        for sending in senders:
            for receiving in receivers:
                key = (number, receiving, sending, before)
                if key[1:3] in weights.missing:
                    continue
                start, end = where.place((before, sending)), where.place((number, receiving))
                x, y = (a + share * (b - a) for a, b in zip(start, end, strict=True))
                label = writer.weight(key) if writer is not None and few else ()
                found.append(Connection(start, end, label, x, y, key in lit.edges))
    return tuple(sorted(found, key=lambda line: line.lit))


class Writer:
    """Writes the numbers of a setup beside neurons and on edges."""

    def __init__(self, setup: Setup, hidden: Collection[Ref]) -> None:
        self.setup, self.hidden = setup, hidden
        self.single = len(setup.samples) == 1 and setup.lesson.data is None

    def number(self, quantity: Quantity, place: int, name: bool = True) -> Nodes:
        ref = quantity.element(quantity.grid[place])
        shown = number_or_gap(self.setup, ref, self.hidden)
        return (*self.setup.names.typeset(ref), EQUALS, *shown) if name else shown

    def weight(self, key: EdgeKey) -> Nodes:
        """The weight of an edge: its name where it has one of its own, and its value."""
        _, receiving, sending, _ = key
        quantity = weights_of(self.setup.network, key)
        place = receiving * quantity.axes[1].size + sending
        return self.number(quantity, place, bool(quantity.names))

    def bias(self, layer: int, neuron: int) -> Nodes:
        biases = [q for q in self.setup.network.with_role(Role.BIAS) if q.layer == layer]
        return self.number(biases[0], neuron if biases[0].axes else 0) if biases and layer else ()

    def sample(self, key: str, neuron: int) -> Nodes:
        """An input or a target, where there is a single sample."""
        quantity = self.setup.network.by_key.get(key)
        given = self.single and quantity is not None and self.setup.numbers(key)
        return self.number(quantity, neuron) if quantity is not None and given else ()
