"""Random dense networks for Hypothesis, and their error worked out in 50-digit arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import mpmath
from hypothesis import strategies as st

from stepnn.book.functions import ACTIVATIONS, LOSSES
from stepnn.lessons.setup import Setup
from stepnn.network.model import Network
from stepnn.network.order import elements
from stepnn.notation.evaluate import evaluate, functions_of
from stepnn.notation.formula import Ref
from stepnn.notation.index import number_index
from stepnn.notation.indices import expand, with_indices
from tests.help import lesson_table, setup_of

MP = functions_of(mpmath)
TRAINABLE = [name for name in ACTIVATIONS if name != "step"]
UPDATES = ["gradient descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam"]
OWN = {"hill": {"formula": "1 / (1 + z**2)"}, "bump": {"formula": "exp(-z**2)"}}


def numbers(low: float = -1.5, high: float = 1.5) -> st.SearchStrategy[float]:
    """Numbers as a lesson file holds them: three decimals, never 0."""
    return st.integers(round(low * 1000), round(high * 1000)).filter(bool).map(lambda n: n / 1000)


@st.composite
def tables(
    draw: st.DrawFn, most_layers: int = 4, most_width: int = 6, updates: Sequence[str] = ("gradient descent",)
) -> dict[str, Any]:
    """A lesson table: depth 1 to 4, width 1 to 6, any activation, any loss that fits the last one."""
    sizes = draw(st.lists(st.integers(1, most_width), min_size=2, max_size=most_layers + 1))
    layers: list[dict[str, Any]] = []
    for number, (before, size) in enumerate(pairwise(sizes), 1):
        letter = "o" if number == len(sizes) - 1 else f"h{number}_"
        layer: dict[str, Any] = {
            "neurons": [f"{letter}{n + 1}" for n in range(size)],
            "activation": draw(st.sampled_from([*TRAINABLE, *OWN])),
            "weights": draw(
                st.lists(st.lists(numbers(), min_size=before, max_size=before), min_size=size, max_size=size)
            ),
        }
        if draw(st.integers(0, 4)) == 0:
            several = [name for name in (*TRAINABLE, *OWN) if name not in ("softmax", "prelu")]
            layer["activation"] = draw(st.lists(st.sampled_from(several), min_size=size, max_size=size))
        if number > 1 and draw(st.integers(0, 3)) == 0:
            before_that = draw(st.integers(0, number - 2))
            columns = st.lists(
                st.one_of(numbers(), st.just("none")), min_size=sizes[before_that], max_size=sizes[before_that]
            )
            layer["shortcuts"] = [
                {"from_layer": before_that, "weights": draw(st.lists(columns, min_size=size, max_size=size))}
            ]
        bias = draw(st.sampled_from(["none", "own", "shared"]))
        if bias == "own":
            layer["biases"] = draw(st.lists(numbers(), min_size=size, max_size=size))
        elif bias == "shared":
            layer["shared_bias"] = draw(numbers())
        if draw(st.integers(0, 3)) == 0:
            leave_out(draw, layer, [f"x{n + 1}" for n in range(before)] if number == 1 else layers[-1]["neurons"])
        layers.append(layer)
    loss = draw(st.sampled_from(list(LOSSES)))
    if LOSSES[loss].after:
        layers[-1]["activation"] = LOSSES[loss].after
    if loss == "binary_cross_entropy":
        layers[-1]["activation"] = "sigmoid"
    target = (
        st.sampled_from([0.0, 1.0])
        if "entropy" in loss
        else st.sampled_from([-1.0, 1.0])
        if loss == "hinge"
        else numbers()
    )
    sample = {
        "inputs": draw(st.lists(numbers(), min_size=sizes[0], max_size=sizes[0])),
        "targets": draw(st.lists(target, min_size=sizes[-1], max_size=sizes[-1])),
    }
    used = {
        name
        for one in layers
        for name in ([one["activation"]] if isinstance(one["activation"], str) else one["activation"])
    }
    return lesson_table(
        layers, [sample], loss=loss, update=draw(st.sampled_from(updates)), learning_rate=0.1,
        activations={name: text for name, text in OWN.items() if name in used},
    )  # fmt: skip


def leave_out(draw: st.DrawFn, layer: dict[str, Any], senders: list[str]) -> None:
    """Some edges of a layer are not there, and some weights, biases or neurons never learn."""
    names = list(layer["neurons"])
    for row, receiver in zip(layer["weights"], layer["neurons"], strict=True):
        for place, sender in enumerate(senders):
            row[place] = draw(st.sampled_from([row[place], row[place], "none"]))
            names += [f"w_{receiver}_{sender}"] if row[place] != "none" else []
    names += [f"b_{one}" for one in layer["neurons"]] if "biases" in layer else []
    layer["frozen"] = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
    has_something = {name for name in layer["neurons"] if any(one.startswith(f"w_{name}_") for one in names)}
    layer["frozen"] = [name for name in layer["frozen"] if name[1] == "_" or name in has_something or "biases" in layer]


def setups(**limits: int) -> st.SearchStrategy[Setup]:
    return tables(**limits).map(setup_of)


Elements = dict[tuple[str, tuple[int, ...]], Any]


def given_elements(setup: Setup) -> Elements:
    """Every given number as a 50-digit number, by quantity key and position."""
    found: Elements = {}
    sample = setup.samples[0]
    arrays = {"a0": sample.inputs, "t": sample.targets or (), **setup.parameters, **setup.constants}
    for key, values in arrays.items():
        if key not in setup.network.by_key:
            continue
        for position, value in zip(setup.network[key].grid, values, strict=True):
            found[key, position] = mpmath.mpf(value)
    return found


def total_error(network: Network, given: Elements, functions: Mapping[str, Any] = MP) -> Any:
    """E, element by element, straight from the definitions: neither SymPy nor NumPy takes part."""
    known = dict(given)

    def value(ref: Ref) -> Any:
        return known[ref.name, tuple(index.constant for index in ref.index)]

    for quantity, position in elements(network.quantities):
        assert quantity.formula is not None
        where = {letter: number_index(n) for letter, n in zip(quantity.letters, position, strict=True)}
        formula = expand(with_indices(quantity.formula, where), network.resolve)
        known[quantity.key, position] = evaluate(formula, value, functions)
    total = network.total_error
    assert total is not None
    return known[total.key, ()]


def central_difference(network: Network, given: Elements, key: str, position: tuple[int, ...]) -> float:
    """∂E/∂element by central differences with a step of 10⁻²⁰ in 50 digits: right to about 38 digits.

    What a stop_gradient gives is that of the numbers as they are, one after the other.
    """
    step = mpmath.mpf(10) ** -20
    still: list[Any] = []
    total_error(network, given, {**MP, "stop_gradient": lambda z: still.append(z) or z})
    errors = []
    for sign in (1, -1):
        moved, as_it_was = dict(given), iter(still)
        moved[key, position] += sign * step
        errors.append(total_error(network, moved, {**MP, "stop_gradient": lambda _, rest=as_it_was: next(rest)}))
    return float((errors[0] - errors[1]) / (2 * step))
