"""One language for networks: [[layers]] says the same as the [[quantities]] that it is opened into, on every page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from stepnn.errors import CalculationError
from stepnn.lessons.checks import check
from stepnn.lessons.read import load_lesson
from stepnn.trace.trace import Trace
from stepnn.words import LANGUAGES, catalogue
from tests.help import as_quantities, lesson_table, setup_of, written_as
from tests.networks import UPDATES, tables


def pages(table: dict[str, Any]) -> dict[str, Any]:
    trace = Trace(setup_of(table))
    found: dict[str, Any] = {"steps": json.loads("\n".join(written_as(trace, catalogue("en"), "json")))}
    for language in LANGUAGES:
        words = catalogue(language)
        found[f"text {language}"] = written_as(trace, words)
        found[f"markdown {language}"] = written_as(trace, words, "markdown")
    found["values"] = [{key: array.tolist() for key, array in one.values.items()} for one in trace.moments]
    return found


def compare(table: dict[str, Any]) -> None:
    one, other = pages(table), pages(as_quantities(table))
    for what, page in one.items():
        assert other[what] == page, what


@given(tables(updates=UPDATES))
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_networks(table: dict[str, Any]) -> None:
    try:
        Trace(setup_of(table))
    except CalculationError:
        assume(False)
    compare(table)


@pytest.mark.parametrize("name", ["neuron", "forward", "backprop", "delta-rule"])
def test_lessons(name: str) -> None:
    lesson = load_lesson(name)
    compare(json.loads(lesson.model_dump_json(exclude_defaults=True)) | {"format_version": 1})


def test_names_and_frozen_biases() -> None:
    """Everything that [[layers]] can say of a layer."""
    layers: list[dict[str, Any]] = [
        {"neurons": ["h1", "h2"], "activation": "prelu", "weights": [[0.3, 0.25], [0.4, 0.35]], "shared_bias": 0.1,
         "shared_bias_name": "b", "weight_names": [["w1", "w2"], ["w3", "w4"]], "frozen": ["biases"]},
        {"neurons": ["h3", "h4"], "activation": "leaky_relu", "alpha": 0.2, "weights": [[0.3, -0.5], [0.4, 0.7]],
         "biases": [0.2, 0.1], "bias_names": ["b3", "b4"]},
        {"neurons": ["o1"], "activation": "sigmoid", "weights": [[0.45, 0.4]], "frozen": ["weights"]},
    ]  # fmt: skip
    samples = [{"inputs": [0.1, 0.2], "targets": [0.4]}, {"inputs": [0.5, -0.2], "targets": [0.1]}]
    learning = {"loss": "half_squared_error", "update": "gradient descent", "learning_rate": 0.5, "updates": 2}
    compare(lesson_table(layers, samples, **learning))
    compare(lesson_table(layers, samples, **learning, training={"batch": 2}))


SAMPLES: dict[str, Any] = {"inputs": {"names": ["p", "q"]}, "samples": [{"inputs": [1.0, 2.0], "targets": [1.0, 0.0]}]}
W = {"name": "w", "index": "k, j", "values": [[1.0, 0.5], [0.3, 0.2]], "learned": True}
DENSE = {"kind": "dense", "neurons": ["h1", "h2"]}


def written(*quantities: dict[str, Any], **fields: Any) -> dict[str, Any]:
    more = {"inputs": SAMPLES["inputs"], **fields, "quantities": list(quantities)}
    table = lesson_table([], SAMPLES["samples"], **more)
    return {name: value for name, value in table.items() if value != []}


@pytest.mark.parametrize(
    ("quantities", "wanted"),
    [
        ([W, {**DENSE, "neurons": ["h1", "h1"]}], "two neurons have one name"),
        ([W, {**DENSE, "neurons": ["h1"]}], "wrong number of neurons"),
        ([W, DENSE, {"kind": "activation", "neurons": ["a"], "of": {"z": "z"}}], "no neurons of its own"),
        ([W, DENSE, {"kind": "loss", "of": {"a": "z"}, "settings": {"loss": "magic"}}], "no such loss"),
        ([{**W, "values": [[1.0, 0.5, 0.1]]}, {**DENSE, "neurons": ["h1"]}], "the index j has two sizes"),
        ([W, {"name": "b", "index": "k", "values": [1.0, 2.0, 3.0]}, DENSE], "the index k has two sizes"),
    ],
)
def test_what_is_refused_is_one_fault(quantities: list[dict[str, Any]], wanted: str) -> None:
    (fault,) = check(written(*quantities, **({"error": "E"} if "loss" in wanted else {})))
    assert wanted in fault.message


@pytest.mark.parametrize(
    ("quantities", "symbols"),
    [
        ([{"kind": "activation", "of": {"z": "x"}}], ["a_1", "a_2"]),  # inputs are no neurons of this layer
        ([{"kind": "batch normalization"}], ["mu", "variance", "x_hat_1", "x_hat_2"]),
        ([W, DENSE, {"kind": "batch normalization", "of": {"x": "z"}}], ["z_h1", "z_h2", "mu", "variance", "x_hat_h1", "x_hat_h2"]),
        ([W, DENSE, {"kind": "loss", "of": {"a": "z", "t": "x"}}], ["z_h1", "z_h2", "E_h1", "E_h2", "E"]),
        ([W, {**DENSE, "of": {"b": "t"}}], ["z_h1", "z_h2"]), ([W, {**DENSE, "name": "out"}], ["out_h1", "out_h2"]),
        ([W, {**DENSE, "settings": {"activation": "step"}}, {"kind": "loss", "settings": {"loss": "perceptron"}}],
         ["z_h1", "z_h2", "a_h1", "a_h2", "e_h1", "e_h2"]),
    ],
)  # fmt: skip
def test_names_of_neurons_go_where_the_neurons_are(quantities: list[dict[str, Any]], symbols: list[str]) -> None:
    trace = Trace(setup_of(written(*quantities)))
    assert [step.symbol for step in trace.steps if step.ref is not None] == symbols
