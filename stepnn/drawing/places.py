"""Which picture belongs to a step: how large, with which values below the neurons and which names on the edges."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from stepnn.drawing.board import given_board, given_number, step_board
from stepnn.drawing.board_text import BoardCanvas
from stepnn.drawing.canvas import Canvas
from stepnn.drawing.picture import EdgeKey, Light, Place, Shown, light, neuron_layers, picture, weights_of
from stepnn.lessons.setup import Setup
from stepnn.network.identity import Key, What
from stepnn.network.model import Network, Role
from stepnn.notation.formula import Ref
from stepnn.notation.numbers import NOTHING, Decimal, given
from stepnn.trace.step import Step

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

MOST_LABELLED = 4  # edges between two layers that can all carry their names
MOST_LIT_LABELS = 8


def height_for(network: Network, most: int, tall: bool = False) -> int:
    """Rows of a picture: two for a neuron and its value, and some room between."""
    tallest = min(max(layer.axes[-1].size for layer in neuron_layers(network)), most)
    return (
        {1: 3, 2: 11, 3: 14, 4: 15}.get(tallest, 2 * tallest) if tall else {1: 3, 2: 7, 3: 8}.get(tallest, 2 * tallest)
    )


def setup_picture(setup: Setup, width: int, most: int, ascii: bool) -> Canvas | BoardCanvas | None:
    """What is given, as a picture: the network, or the arrays of a lesson that is written as formulas."""
    return setup_canvas(setup, width, most, ascii) if neuron_layers(setup.network) else setup_board(setup, width, ascii)


def setup_canvas(setup: Setup, width: int, most: int, ascii: bool) -> Canvas:
    """The network before anything is computed: input values, and names on the edges where they fit."""
    layers = neuron_layers(setup.network)
    plain = len(setup.samples) == 1 and setup.lesson.data is None and not setup.has_joint_samples
    single = setup.numbers("a0") if plain else ()

    def values(place: Place) -> tuple[Shown, ...]:
        return (Shown(letters(given(single[place[1]]), ascii)),) if place[0] == 0 and single else ()

    named = edge_names(setup.network, lambda ref: letters(given_number(setup, ref), ascii))
    sizes = [layer.axes[-1].size for layer in layers]
    few = all(before * after <= MOST_LABELLED for before, after in pairwise(sizes))
    drawn = picture(setup.network, values, Light(), named if few else lambda key: "", most)
    return Canvas(drawn, width, height_for(setup.network, most), ascii)


def edge_names(network: Network, value: Callable[[Ref], str]) -> Callable[[EdgeKey], str]:
    """The name of a weight that has one of its own, otherwise its value."""

    def name(key: EdgeKey) -> str:
        _, receiving, sending, _ = key
        quantity = weights_of(network, key)
        place = receiving * quantity.axes[1].size + sending
        return quantity.names[place] if quantity.names else value(quantity.element((receiving, sending)))

    return name


def step_canvas(trace: Trace, place: int, step: Step, width: int, most: int, ascii: bool, tall: bool) -> Canvas:
    """The network at a step: what is in use lit up, and below each neuron what is known of it so far."""
    lit = light(step)
    named = edge_names(step.moment.setup.network, lambda ref: letters(step.moment.decimal(ref), ascii))
    labels = len(lit.edges) <= MOST_LIT_LABELS

    def label(key: EdgeKey) -> str:
        return named(key) if labels and key in lit.edges else ""

    drawn = picture(step.moment.setup.network, known_values(trace, place, step, ascii), lit, label, most)
    lines = 2 if step.moment.setup.network.total_error is not None and step.moment.setup.learns else 1
    height = height_for(step.moment.setup.network, most, tall) + lines - 1
    return Canvas(drawn, width, height, ascii, trace.policy.digits + 6, lines)


def setup_board(setup: Setup, width: int, ascii: bool) -> BoardCanvas | None:
    """The given arrays of a lesson that is written as formulas, before anything is computed."""
    board = given_board(setup)
    if not board:
        return None

    def text(ref: Ref) -> str:
        return letters(given_number(setup, ref), ascii)

    return BoardCanvas(board, width, ascii, text)


def board_canvas(trace: Trace, place: int, step: Step, width: int, ascii: bool) -> BoardCanvas | None:
    """The arrays at a step: what is in use lit up, and in every cell what is known of it so far."""
    board = step_board(step)
    if not board:
        return None

    def text(ref: Ref) -> str:
        if step.moment.network[ref.name].lacks(ref.index):
            return letters(NOTHING, ascii)
        source = step.moment.source(ref)
        known = source is None or trace.places.get(source, trace.places.get(f"p{step.pass_number}.{ref.name}", 10**9))
        return short(step.moment.value(ref), ascii) if known is True or known <= place else "."

    return BoardCanvas(board, width, ascii, text)


def letters(number: Decimal, ascii: bool) -> str:
    return number.ascii if ascii else number.text


def short(value: float, ascii: bool) -> str:
    """A value with three digits that count: enough to find it again."""
    text = f"{value:.3g}" if value else "0"
    return text if ascii else text.replace("-", "−")


def known_values(trace: Trace, place: int, step: Step, ascii: bool) -> Callable[[Place], tuple[Shown, ...]]:
    """What has been computed of a neuron by this place of the walk: its activation, and on the way back its δ."""
    moment = step.moment
    layers = neuron_layers(step.moment.setup.network)
    mark = "delta " if ascii else "δ "

    def known(symbol: str) -> bool:
        return trace.places.get(f"p{moment.number}.{symbol}", place + 1) <= place

    def values(at: Place) -> tuple[Shown, ...]:
        layer, neuron = at
        quantity = layers[layer]
        if len(quantity.axes) != 1 or quantity.key not in moment.values:
            return ()
        if quantity.role is Role.INPUT:
            ref = quantity.element((neuron,))
            return (Shown(letters(moment.decimal(ref), ascii), ref),)
        delta = moment.network.by_key.get(Key(What.ERROR_SLOPE, f"z{layer}"))
        found = []
        for wanted, prefix in ((quantity, ""), (delta, mark)):
            if wanted is None or wanted.key not in moment.values:
                continue
            ref = wanted.element((neuron,))
            if known(moment.names.ascii(ref)) or known(wanted.key):
                found.append(Shown(prefix + letters(moment.decimal(ref), ascii), ref))
        return tuple(found)

    return values
