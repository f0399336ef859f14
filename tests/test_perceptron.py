"""The perceptron rule as textbooks have it: answers of −1 and 1, thresholds, and mistakes that are counted in halves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stepnn.lessons.checks import check
from stepnn.lessons.schema import Lesson
from stepnn.running.course import bound
from stepnn.trace.trace import Trace
from tests.help import setup_of

CORNERS = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
AND = (-1, -1, -1, 1)
SIDES = [(0, 0), (0, 1), (1, 0), (1, 1)]


def lesson(
    activation: str, mistake: str | None, targets: tuple[float, ...], inputs: Any = CORNERS, **more: Any
) -> dict[str, Any]:
    said = {"en": "text", "ko": "글"}
    layer = {"neurons": ["o1"], "activation": "mine", "weights": [[0.0, 0.0]], "biases": [0.0]} | more
    table = {
        "format_version": 1, "id": "made", "title": said, "goal": said, "introduction": said, "digits": 4,
        "update": "perceptron", "learning_rate": 0.5, "updates": 100, "inputs": {"names": ["x1", "x2"]},
        "layers": [layer], "activations": {"mine": {"formula": activation}},
        "samples": [{"inputs": list(x), "targets": [t]} for x, t in zip(inputs, targets, strict=True)],
        "closing": {"question": said, "answer": said},
    }  # fmt: skip
    return table | ({"loss": "half", "losses": {"half": {"formula": mistake}}} if mistake else {})


def by_hand(answer: Any, mistake: Any, targets: Any, inputs: Any, bias: bool = True) -> list[float]:
    """Rosenblatt's rule, sample by sample, until an epoch has no mistake."""
    w, b = np.zeros(2), 0.0
    while True:
        wrong = 0
        for x, t in zip(np.array(inputs, float), targets, strict=True):
            e = mistake(t, answer(w @ x + b))
            wrong += e != 0
            w, b = w + 0.5 * e * x, b + 0.5 * e * bias
        if not wrong:
            return [*w, b]


@pytest.mark.parametrize("mistake", [None, "(t - a) / 2"])
@pytest.mark.parametrize("relation", [">", ">="])
def test_answers_of_minus_one_and_one(relation: str, mistake: str | None) -> None:
    """As in Fausett, Fundamentals of Neural Networks (1994), section 2.3: AND in both halves ends where ours does."""
    trace = Trace(setup_of(lesson(f"where(z {relation} 0, 1, -1)", mistake, AND)))
    run, share = trace.runs[0], 2 if mistake else 1
    strict = relation == ">"
    wanted = by_hand(lambda z: 1 if (z > 0 if strict else z >= 0) else -1, lambda t, a: (t - a) / share, AND, CORNERS)
    assert [*run.after.values["w1"].ravel(), *run.after.values["b1"]] == pytest.approx(wanted)
    limit = bound(run.engine)
    assert limit is not None and run.mistakes is not None and run.mistakes <= limit


def test_a_fixed_threshold() -> None:
    """The neuron fires above 0.4 and has no bias. Novikoff's bound is for lines through 0, so none is named."""
    table = lesson("where(z > 0.4, 1, 0)", None, (0, 1, 1, 1), SIDES, frozen=["biases"])
    run = Trace(setup_of(table)).runs[0]
    wanted = by_hand(lambda z: z > 0.4, lambda t, a: t - float(a), (0, 1, 1, 1), SIDES, bias=False)
    assert [*run.after.values["w1"].ravel(), 0.0] == pytest.approx(wanted)
    assert bound(run.engine) is None


def test_what_the_plane_says() -> None:
    """The picture tells the answers themselves, not how dark they are."""
    from stepnn.drawing.chart import told
    from stepnn.trace.pictures import field

    run = Trace(setup_of(lesson("where(z > 0, 1, -1)", None, AND))).runs[0]
    assert [line.rpartition(": ")[2] for line in told(field(run.engine, ""))] == [
        f"{t} (t = {t})".replace("-", "−") for t in AND
    ]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"activations": {"mine": {"formula": "tanh(z)"}}}, "layers[1].activation"),
        ({"loss": "half_squared_error"}, "update"),
        ({"samples": [{"inputs": [0.0, 1.0], "targets": [0.5]}]}, "samples[1].targets"),
    ],
)
def test_faults(change: dict[str, Any], wanted: str) -> None:
    found = check(lesson("where(z > 0, 1, -1)", None, AND) | change)
    assert [fault.where for fault in found] == [wanted], found
    Lesson.model_validate(lesson("where(z > 0, 1, -1)", "(t - a) / 2", AND))


def test_adaline_answers_minus_one_and_one() -> None:
    """The delta rule of Widrow and Hoff 1960: the mistake of the weighted sum, not of its sign, moves the weights."""
    table = lesson("z", None, AND) | {"update": "gradient descent", "loss": "half_squared_error", "updates": 40}
    table["learning_rate"] = 0.1
    trace = Trace(setup_of(table))
    w, b = np.zeros(2), 0.0
    for number in range(40):
        x, t = np.array(CORNERS[number % 4], float), AND[number % 4]
        error = t - (w @ x + b)
        w, b = w + 0.1 * error * x, b + 0.1 * error
    state = trace.runs[0].after.values
    assert np.allclose(state["w1"].astype(float)[0], w, atol=1e-12) and float(state["b1"][0]) == pytest.approx(b)
    answers = [np.sign(w @ np.array(x) + b) for x in CORNERS]
    assert answers == list(AND)
