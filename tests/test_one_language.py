"""One language for networks: [[layers]] says the same as the [[quantities]] that it is opened into, on every page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from stepnn.errors import CalculationError
from stepnn.lessons.layers import opened
from stepnn.lessons.read import load_lesson
from stepnn.lessons.schema import Lesson
from stepnn.trace.trace import Trace
from stepnn.views import data, markdown, plain
from stepnn.views.example import example
from stepnn.words import LANGUAGES, catalogue
from tests.help import lesson_table, setup_of
from tests.networks import UPDATES, tables


def as_quantities(table: dict[str, Any]) -> dict[str, Any]:
    """The same lesson without [[layers]]."""
    rows = [row.model_dump(exclude_defaults=True) for row in opened(Lesson.model_validate(table))]
    kept = {name: value for name, value in table.items() if name not in ("layers", "loss")}
    return kept | {"quantities": rows} | ({"error": "E"} if "loss" in table else {})


def pages(table: dict[str, Any]) -> dict[str, Any]:
    trace = Trace(setup_of(table))
    found: dict[str, Any] = {"steps": json.loads("\n".join(data.document(trace, catalogue("en"))))}
    for language in LANGUAGES:
        words = catalogue(language)
        found[f"text {language}"] = list(plain.page(trace, words))
        found[f"markdown {language}"] = list(markdown.page(example(trace, words)))
    found["values"] = [{key: array.tolist() for key, array in one.values.items()} for one in trace.moments]
    return found


def compare(table: dict[str, Any]) -> None:
    one, other = pages(table), pages(as_quantities(table))
    for what, page in one.items():
        assert other[what] == page, what


@given(tables(updates=UPDATES))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
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
