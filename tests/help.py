"""What several tests need: lessons made from published networks and from thin air, and tolerant comparison."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepnn.lessons.build import setup
from stepnn.lessons.checks import check
from stepnn.lessons.layers import opened
from stepnn.lessons.schema import Lesson
from stepnn.lessons.setup import Setup
from stepnn.page.build import page
from stepnn.page.equations import equation
from stepnn.page.written import Written
from stepnn.trace.step import Step
from stepnn.trace.trace import Trace
from stepnn.words import LANGUAGES, Catalogue
from stepnn.writers.formats import FORMATS, Options

HERE = Path(__file__).parent
ROOT = HERE.parent
LESSONS = [
    "neuron", "activations", "perceptron", "xor-impossible", "linear-collapse", "matrix", "forward", "digits", "transpose",
    "backprop", "backprop-bias", "delta-rule", "error-sharing", "softmax", "gradient-check",
    "minus-or-plus", "gradient-descent", "xor", "batches",
    "optimizers", "vanishing", "batchnorm", "overfitting", "dropout", "initialisation",
    "sum-or-mean", "transfer", "convolution", "pooling", "convolution-1d", "cnn", "rnn",
    "lstm", "gru", "attention", "autoencoder", "rbm", "gan", "vae", "cgan", "language-model", "bidirectional", "seq2seq", "conv-autoencoder", "lenet", "resnet", "dcgan", "stacked-autoencoder", "rbf", "embedding", "evolution", "k-means", "pca", "policy-gradient",
    "dbscan", "quantisation", "hopfield", "q-learning", "som",
]  # fmt: skip
# Thousands of updates that never settle: where a processor rounds one sum otherwise, they lead to other numbers.
TRAINED_LONG = ("overfitting",)
IN_TURN = [  # every lesson in one language, by turns, and the main one in all: for what takes seconds for a lesson
    (name, language)
    for place, name in enumerate(LESSONS)
    for at, language in enumerate(LANGUAGES)
    if name == "backprop" or place % len(LANGUAGES) == at
]


def every_fourth(turn: int) -> list[Any]:
    """Every lesson in every language; in the ordinary run, a quarter of the lessons in one language each, another one
    for each kind of page that takes seconds."""
    now = {(name, language) for name, language in IN_TURN if LESSONS.index(name) % 4 == turn}
    return [
        pytest.param(name, language, marks=() if (name, language) in now else pytest.mark.long)
        for name in LESSONS
        for language in LANGUAGES
    ]


EVERY_SECOND = [  # in the ordinary run half of the lessons
    name if place % 2 == 0 else pytest.param(name, marks=pytest.mark.long) for place, name in enumerate(LESSONS)
]
EVERY_OTHER = [  # and the other half
    name if place % 2 == 1 and name != "digits" else pytest.param(name, marks=pytest.mark.long)
    for place, name in enumerate(LESSONS)
]
IN_BOTH = [  # every lesson in every language; in the ordinary run, by turns
    pytest.param(name, language, marks=() if (name, language) in IN_TURN else pytest.mark.long)
    for name in LESSONS
    for language in LANGUAGES
]
SMALL = [pytest.param(name, marks=pytest.mark.long) if name == "digits" else name for name in LESSONS]  # 13 002 weights
WORDS = {"en": "text", "ko": "글"}
LOSS_NAMES = {
    "half_sse": "half_squared_error", "sse": "squared_error", "ce": "softmax_cross_entropy", "bce": "binary_cross_entropy",
    "sum": "output_itself",
}  # fmt: skip


def published(name: str) -> dict[str, Any]:
    """A published hand calculation. Its `source` says who printed it."""
    found: dict[str, Any] = json.loads((HERE / "published" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def exact(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "exact" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def close(found: float, wanted: float, tolerance: float = 1e-12) -> bool:
    """Relative to max(1, |wanted|)."""
    return abs(found - wanted) <= tolerance * max(1.0, abs(wanted))


def all_close(found: Any, wanted: Any) -> bool:
    return all(close(float(one), float(other)) for one, other in zip(found, wanted, strict=True))


def lesson_table(layers: list[dict[str, Any]], samples: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """A complete lesson table around some layers and samples."""
    return {
        "format_version": 1, "id": "made", "title": WORDS, "goal": WORDS, "introduction": WORDS,
        "inputs": {"names": [f"x{n + 1}" for n in range(len(samples[0]["inputs"]))]},
        "layers": layers, "samples": samples, "closing": {"question": WORDS, "answer": WORDS}, **fields,
    }  # fmt: skip


def setup_of(table: dict[str, Any]) -> Setup:
    """The table checked as a file would be, and made a network."""
    lesson = Lesson.model_validate(table)
    assert check(table) == [], check(table)
    return setup(lesson)


def trace_of(table: dict[str, Any], **options: Any) -> Trace:
    return Trace(setup_of(table), **options)


def as_quantities(table: dict[str, Any]) -> dict[str, Any]:
    """The same lesson without [[layers]]."""
    rows = [row.model_dump(exclude_defaults=True) for row in opened(Lesson.model_validate(table))]
    kept = {name: value for name, value in table.items() if name not in ("layers", "loss")}
    return kept | {"quantities": rows} | ({"error": "E"} if "loss" in table else {})


def floats(rows: Any) -> Any:
    return [floats(row) for row in rows] if isinstance(rows, list) else float(rows)


def published_table(name: str) -> dict[str, Any]:
    """The lesson table of a published dense network."""
    network = published(name)["network"]
    train = network.get("train", {"lr": "0.5", "biases": True})
    count = len(network["layers"])
    layers = []
    for number, layer in enumerate(network["layers"], 1):
        letter = "o" if number == count else f"h{number}_"
        fields: dict[str, Any] = {
            "neurons": [f"{letter}{n + 1}" for n in range(len(layer["W"]))],
            "activation": layer["activation"], "weights": floats(layer["W"]),
        }  # fmt: skip
        if layer["b"] is not None:
            fields |= {"biases": floats(layer["b"]), "frozen": [] if train["biases"] else ["biases"]}
        layers.append(fields)
    samples = [
        {"inputs": floats(inputs), "targets": floats(targets)}
        for inputs, targets in zip(network["inputs"], network["targets"], strict=True)
    ]
    loss = LOSS_NAMES[network["loss"]]
    more = {"losses": {"output_itself": {"formula": "a + 0 * t"}}} if loss == "output_itself" else {}
    return lesson_table(
        layers, samples, loss=loss, update="gradient descent", learning_rate=float(train["lr"]), **more
    )  # fmt: skip


def written_as(trace: Trace, words: Catalogue, format: str = "text", **options: Any) -> list[str]:
    """The lines of a worked example."""
    whole = page(trace, words, () if FORMATS[format].of_any_size else None)
    return list(FORMATS[format].lines(whole, Options(**options)))


def numbers_line(step: Step) -> list[Written]:
    """The last right side with numbers in it that the page of a step has, and then its result."""
    lines = equation(step)
    at = [place for place, line in enumerate(lines) if line.label == "numbers"]
    return [lines[-2].right if at else lines[-1].right, lines[-1].right]
