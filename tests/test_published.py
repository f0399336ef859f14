"""stepnn against hand calculations that others printed, each checked in 60-digit arithmetic (see `source`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stepnn
from stepnn.layers.cost import costs
from stepnn.trace.trace import Trace
from tests.conftest import toml
from tests.help import all_close, close, exact, lesson_table, published, published_table, setup_of, trace_of

DENSE = [
    "wikidocs_2_2_2", "mazur_2_2_2", "zhou_2_2_1", "zhou_2_2_1_forward", "han_kamber_3_2_1", "rashid_3_3_3_forward",
    "saitoh_three_layer_forward", "saitoh_simplenet_softmax_ce", "cs231n_sigmoid_neuron",
]  # fmt: skip


def expected_arrays(expected: dict[str, Any], layers: int) -> dict[str, tuple[int, str]]:
    """Which pass and which quantity each expected array is."""
    found: dict[str, tuple[int, str]] = {}
    for number in range(1, layers + 1):
        found |= {
            f"z{number}": (0, f"z{number}"), f"a{number}": (0, f"a{number}"), f"delta{number}": (0, f"dE/dz{number}"),
            f"dW{number}": (0, f"dE/dw{number}"), f"db{number}": (0, f"dE/db{number}"),
            f"da{number}": (0, f"dE/da{number}"), f"W{number}_new": (0, f"new/w{number}"),
            f"b{number}_new": (0, f"new/b{number}"), f"z{number}_after": (1, f"z{number}"),
            f"a{number}_after": (1, f"a{number}"),
        }  # fmt: skip
    found |= {"loss": (0, "E"), "loss_after_1": (1, "E")}
    return {key: place for key, place in found.items() if key in expected}


def compare(trace: Trace, expected: dict[str, Any], frozen: bool) -> int:
    """Every expected array that the trace has, to 1e-12; returns how many there were."""
    compared = 0
    for key, (turn, quantity) in expected_arrays(expected, trace.setup.network.layers).items():
        if frozen and quantity.startswith(("dE/db", "new/b")):
            continue
        found, wanted = np.ravel(trace.moments[turn].values[quantity]), np.ravel(expected[key])
        assert all_close(found, wanted), key
        compared += len(wanted)
    return compared


@pytest.mark.parametrize("name", DENSE)
def test_every_published_dense_network(name: str, tmp_path: Path) -> None:
    """Each as a lesson file, read as any lesson file is."""
    data = published(name)
    frozen = not data["network"].get("train", {}).get("biases", True)
    path = tmp_path / "published.toml"
    path.write_text(
        "".join(f"{key} = {toml(value)}\n" for key, value in published_table(name).items()), encoding="utf-8"
    )
    trace = stepnn.load(str(path)).trace()
    assert compare(trace, data["expected"], frozen) >= 5


@pytest.mark.parametrize(("lesson", "name"), [("backprop", "wikidocs_2_2_2"), ("backprop-bias", "mazur_2_2_2")])
def test_the_lessons_themselves(lesson: str, name: str) -> None:
    assert compare(stepnn.load(lesson).trace(), published(name)["expected"], True) >= 40


def test_forward_lesson() -> None:
    trace, expected = stepnn.load("forward").trace(), published("rashid_3_3_3_forward")["expected"]
    for layer, letter in ((1, "h"), (2, "o")):
        for kind in "za":
            for neuron, wanted in enumerate(expected[f"{kind}{layer}"], 1):
                assert close(trace[f"{kind}_{letter}{neuron}"].value or 0, wanted)


def test_the_page_shows_what_its_source_printed() -> None:
    """The digits of the published page, as its readers see them, half a unit of the last digit included."""
    trace, data = stepnn.load("backprop").trace(), published("wikidocs_2_2_2")["published"]
    for symbol, printed in {
        "z_o1": data["z2"][0], "a_h2": data["a1"][1], "E_o1": data["sample_errors"][0], "E": data["loss"],
        "dE_dw5": data["dW2"][0][0], "dE_dw1": data["dW1"][0][0], "dE_da_h1": data["da1"][0],
        "w6_new": data["W2_new"][0][1], "w3_new": data["W1_new"][1][0], "p2.E": data["loss_after_1"],
    }.items():  # fmt: skip
        assert abs((trace[symbol].value or 0) - float(printed)) <= 0.5000001 * 10 ** -len(printed.partition(".")[2])


def test_perceptron_lesson_follows_the_published_run() -> None:
    expected, trace = published("cornell_perceptron_or")["expected"], stepnn.load("perceptron").trace()
    weights = [list(np.ravel(moment.values["new/w1"])) for moment in trace.runs[0].moments]
    answers = [float(moment.values["a1"][0]) for moment in trace.runs[0].moments]
    assert weights == expected["w"]
    assert answers == [answer for epoch in expected["y"] for answer in epoch]
    assert trace.errors == (1.0, 0.0)


def test_famous_wrong_figure_is_shown_beside_the_right_one() -> None:
    trace, data = stepnn.load("backprop-bias").trace(), published("mazur_2_2_2")
    right, wrong, _, own = (compared.error for compared in trace.comparisons)
    assert close(right, data["expected"]["loss_after_1"])
    assert f"{wrong:.9f}" == data["published"]["loss_after_1"] == "0.291027924"
    assert close(own, exact("dense_2_2_2")["cases"]["mazur_biases_trained"]["values"]["loss_after_1"])


def test_mazur_after_ten_thousand_updates() -> None:
    """A long run does not drift: the error after 10 000 updates is the exact one."""
    trace, expected = stepnn.load("backprop-bias").trace(updates=10_000), published("mazur_2_2_2")["expected"]
    assert close(float(trace.runs[0].moments[-1].values["E"]), expected["loss_after_10000"])


def test_13002_weights_and_biases() -> None:
    """784-16-16-10, counted from the formulas."""
    expected = published("three_blue_one_brown_784_16_16_10")
    sizes = expected["network"]["sizes"]
    layers = [
        {"neurons": [f"n{number}_{n}" for n in range(size)], "activation": "sigmoid", "biases": [0.0] * size}
        for number, size in enumerate(sizes[1:], 1)
    ]
    setup = setup_of(lesson_table(layers, [{"inputs": [0.0] * sizes[0]}], weight_seed=1))
    found = costs(setup.network)
    assert sum(cost.parameters for cost in found) == expected["expected"]["parameters"]
    assert sum(cost.forward for cost in found) == expected["expected"]["weights"]


def test_xor_by_goodfellow() -> None:
    table = published_table("goodfellow_xor_relu")
    table |= {"update": None, "learning_rate": None, "loss": None}
    trace = trace_of({key: value for key, value in table.items() if value is not None})
    expected = published("goodfellow_xor_relu")["expected"]
    for sample, moment in enumerate(trace.moments):
        for key in ("z1", "a1", "z2", "a2"):
            assert list(moment.values[key]) == expected[key][sample]


@pytest.mark.parametrize("name", ["identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu"])
def test_activations_and_their_derivatives(name: str) -> None:
    """f and f′ at seven points, from 30-digit arithmetic."""
    case = exact("activations")["cases"][name]
    for point, value, slope in zip(case["parameters"]["x"], case["values"]["f"], case["values"]["df"], strict=True):
        layer = {"neurons": ["o1"], "activation": name, "weights": [[1.0]]}
        fields = {"loss": "half_squared_error", "update": "gradient descent", "learning_rate": 0.1}
        trace = trace_of(lesson_table_one(layer, float(point), fields))
        assert close(trace["a_o1"].value or 0, value)
        assert close(trace["da_dz_o1"].value or 0, slope)


def test_softmax_and_its_jacobian() -> None:
    case = exact("activations")["cases"]["softmax"]
    layer = {
        "neurons": ["o1", "o2", "o3"],
        "activation": "softmax",
        "weights": [[float(x)] for x in case["parameters"]["x"]],
    }
    fields = {"loss": "half_squared_error", "update": "gradient descent", "learning_rate": 0.1}
    table = lesson_table_one(layer, 1.0, fields)
    table["samples"][0]["targets"] = [0.0, 1.0, 0.0]
    values = trace_of(table).moments[0].values
    assert all_close(values["a1"], case["values"]["f"])
    assert all_close(np.ravel(values["da1/dz1"]), np.ravel(case["values"]["jacobian"]))


def lesson_table_one(layer: dict[str, Any], x: float, fields: dict[str, Any]) -> dict[str, Any]:
    return lesson_table([layer], [{"inputs": [x], "targets": [0.0]}], **fields)
