"""The picture of a network, as a description: neurons in columns, edges between them, and what is lit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from stepnn.network.model import Network, Quantity, Role
from stepnn.notation.formula import Ref, refs
from stepnn.trace.step import Step

Place = tuple[int, int]  # layer (0 is the input), neuron in the layer
EdgeKey = tuple[int, int, int, int]  # layer, receiving neuron, sending neuron, and the layer that this one is in


@dataclass(frozen=True)
class Shown:
    """A value as text, and the element that it is the value of."""

    text: str
    ref: Ref | None = None


@dataclass(frozen=True)
class Node:
    """One neuron. `values` are shown below it; `ref` is the element that lights it up, if one does."""

    place: Place
    label: str
    values: tuple[Shown, ...]
    ref: Ref | None = None
    focus: bool = False


@dataclass(frozen=True)
class Edge:
    """One connection. `label` is printed on it where there is room."""

    start: Place
    end: Place
    label: str = ""
    ref: Ref | None = None


@dataclass(frozen=True)
class Picture:
    """Columns of neurons from input to output, and all edges."""

    columns: tuple[tuple[Node, ...], ...]
    edges: tuple[Edge, ...]


@dataclass
class Light:
    """What a step touches: neurons and edges, each with the element that touches it."""

    nodes: dict[Place, Ref] = field(default_factory=dict)
    edges: dict[EdgeKey, Ref] = field(default_factory=dict)
    focus: Place | None = None


def neuron_layers(network: Network) -> list[Quantity]:
    """The input and the activation of every layer; none for a network that is written as formulas."""
    found = network.with_role(Role.INPUT, Role.ACTIVATION)
    weighted = [quantity.layer for quantity in network.with_role(Role.WEIGHT) if quantity.key == f"w{quantity.layer}"]
    return found if weighted and weighted == list(range(1, len(found))) and network.with_role(Role.WEIGHTED_SUM) else []


def edge_layers(network: Network, count: int) -> list[tuple[Quantity, int, int]]:
    """The weights between layers, and which ones they lead to and from; those of shortcuts come last."""
    found = [network[f"w{number}"] for number in range(1, count)]
    found += [one for one in network.with_role(Role.WEIGHT) if sending_layer(one) < one.layer - 1]
    return [(one, one.layer, sending_layer(one)) for one in found]


def sending_layer(weights: Quantity) -> int:
    """The layer that edges come from: the one before, or that of a shortcut."""
    shortcut = re.fullmatch(r"w\d+_(\d+)", weights.key)
    return int(shortcut[1]) if shortcut else weights.layer - 1


def weights_of(network: Network, key: EdgeKey) -> Quantity:
    """The weights that an edge belongs to."""
    layer, _, _, before = key
    return network[f"w{layer}" if before == layer - 1 else f"w{layer}_{before}"]


def light(step: Step) -> Light:
    """What the step computes and uses."""
    step, network, found = step.about or step, step.moment.network, Light()
    for side in step.here:
        for ref in refs(side):
            touch(network, ref, found)
    if step.ref is not None:
        touch(network, step.ref, found, own=True)
    return found


def touch(network: Network, ref: Ref, found: Light, own: bool = False) -> None:
    """Light up the neuron or edge that an element belongs to."""
    quantity = network[ref.name]
    while quantity.role in (Role.GRADIENT, Role.UPDATED) or (
        quantity.role is Role.LOCAL_SLOPE and len(quantity.axes) == 2
    ):
        below = quantity.of or (quantity.wrt[1].name if quantity.wrt else "")
        quantity = network[below]
    position = [index.constant for index in ref.index]
    if quantity.role is Role.WEIGHT and len(position) == 2:
        found.edges.setdefault((quantity.layer, position[0], position[1], sending_layer(quantity)), ref)
    elif len(position) == 1 and quantity.role is not Role.TARGET:
        place = (quantity.layer, position[0])
        if own:
            found.focus = place
            found.nodes[place] = ref
        else:
            found.nodes.setdefault(place, ref)


def chosen(size: int, most: int, lit: list[int]) -> list[int]:
    """The neurons of a layer that are drawn: all, or the first ones, those in use, and the last."""
    if size <= most:
        return list(range(size))
    wanted = [*sorted(lit)[: most - 2], size - 1, *range(size)]
    return sorted(list(dict.fromkeys(wanted))[:most])


def picture(
    network: Network,
    values: Callable[[Place], tuple[Shown, ...]],
    lit: Light,
    label: Callable[[EdgeKey], str],
    most: int,
) -> Picture:
    """The picture, with at most `most` neurons in a column, values below each and a label on each edge."""
    layers = neuron_layers(network)
    columns = []
    for number, layer in enumerate(layers):
        names = layer.axes[-1].labels
        places = chosen(len(names), most, [place for at, place in lit.nodes if at == number])
        columns.append(
            tuple(
                Node(at, names[at[1]], values(at), lit.nodes.get(at), lit.focus == at)
                for at in ((number, place) for place in places)
            )
        )
    edges = []
    for weights, number, before in edge_layers(network, len(layers)):
        for receiving in columns[number]:
            for sending in columns[before]:
                key = (number, receiving.place[1], sending.place[1], before)
                if key[1:3] in weights.missing:
                    continue
                edges.append(Edge(sending.place, receiving.place, label(key), lit.edges.get(key)))
    return Picture(tuple(columns), tuple(edges))
