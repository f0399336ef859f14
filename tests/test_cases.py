"""Small lesson files that once went wrong. The first line of each says what was wrong, and what is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stepnn
from stepnn.calculus.guard import disagreement
from stepnn.errors import LessonError, StepnnError
from stepnn.running.engine import Engine
from stepnn.trace.trace import Trace
from tests.conftest import Run
from tests.help import lesson_table, setup_of

HERE = Path(__file__).parent / "cases"
Numbers = dict[str, Any]

# What each case gives: by key of a quantity, its numbers. They are those of the first lines, or of the oracle.
RIGHT: dict[str, Numbers] = {
    "largest_all_outside": {"dE/dv": [0.0, 3.5]},
    "largest_outside": {"dE/dx": [0.0, 0.0, 55.8], "y": 9.3},
    "letter_captured": {"dE/dw": 0.188558402},
    "letter_captured_attention": {"dE/dq": [0.031671573, 0.160373817]},
    "letter_elman_output": {"dE/dU": [[0.025841818], [0.010110706]]},
    "letter_kind_attention": {"dE/dx": [[0.000247751759, 0.0003070285], [-0.00139934619, -0.00261660522]]},
    "letter_two_heads": {"dE/dw": [[47.8, 95.6], [53.3, 106.6], [80.8, 161.6]]},
    "lost-step": {"E": 0.125},
    "mask_by_index": {"A": [[2.718281828, 0.0], [20.085536923, 54.598150033]]},
    "matrix-false": {"z": [-3.0, 5.0], "y": [-4.0, 2.0]},
    "saturated_bce": {"E": 4.248354255e-18, "dE/dz1": [-4.248354255e-18]},
    "saturated_bce_one_layer": {"E": 2.862518581e-20, "dE/dz1": [-2.862518581e-20]},
    "saturated_slope": {"da1/dz1": [4.248354255e-18], "dE/dw1": [[6.797366808e-16]]},
    "shifted_in_exp": {"dE/dx": [10.074830683, 12.305425984, 6.765941557]},
    "shifted_next_token": {"dE/dx": [-1.25, 2.25, 1.0]},
    "shifted_smoothness": {"dE/dx": [-1.0, 3.0, -1.0]},
    "sizes_of_a_letter": {"E": 19.0},
    "start_in_a_sum": {"dE/dh0": 8.0, "dE/dw": 8.0},
    "start_read_shifted": {"dE/dw": 4.25},
    "two_maxima_crash": {"dE/dw": 12.75},
    "where_relu_skip": {"dE/dz": [4.0, 0.6]},
    "where_two_ways": {"dE/dw": 8.0},
    "zero_log_zero": {"E": 0.356674944},
    "lstm_backward": {
        "h": [[0.42832647202661], [0.36960635293570576]]
    },  # torch.nn.LSTM on the sequence the other way round
    "kind_alpha": {"z": [-3.0, -3.0], "a": [-0.03, -0.03]},
    "decimal-threshold": {"z1": [0.0], "a1": [1.0], "new/w1": [[0.3, -0.1, -0.2]]},
    "letter_kind_elman_dense": {"dE/dU": [[0.278153271, 0.018273643], [-0.14975952, 0.009734258]]},
}
REFUSED = {
    "name-clash": "the name b1 is one that stepnn itself uses",
    "window_rest": 'rest = "drop"',
}
# Gradients as they were before, by the lines of the cases: the guard refuses each. (A slope of 10⁻¹⁸ is beyond any
# difference; saturated numbers are compared with 400 digits in test_saturated.)
WRONG: dict[str, tuple[str, Any]] = {
    "largest_all_outside": ("dE/dv", [1.0, 3.5]),
    "largest_outside": ("dE/dx", [0.0, 0.0, 0.0]),
    "letter_captured": ("dE/dw", 0.405147),
    "letter_captured_attention": ("dE/dq", [-0.025783, 0.039543]),
    "letter_elman_output": ("dE/dU", [[-0.0019233], [0.0042791]]),
    "letter_kind_attention": ("dE/dx", [[-0.000114426, -0.000263426], [-0.0010228, -0.00201741]]),
    "letter_kind_elman_dense": ("dE/dU", [[0.194495, 0.018273643], [-0.14975952, 0.009734258]]),
    "letter_two_heads": ("dE/dw", [[9.0, 95.6], [53.3, 106.6], [80.8, 45.2]]),
    "shifted_in_exp": ("dE/dx", [10.074831, 12.305426, 12.305426]),
    "shifted_next_token": ("dE/dx", [-0.25, 2.25, 1.0]),
    "shifted_smoothness": ("dE/dx", [-1.0, 3.0, 1.0]),
    "start_read_shifted": ("dE/dw", 8.25),
    "where_relu_skip": ("dE/dz", [2.0, 0.0]),
    "where_two_ways": ("dE/dw", 6.0),
}  # fmt: skip


def trace(name: str) -> Trace:
    return stepnn.load(str(HERE / f"{name}.toml")).trace()


def test_every_case_is_tested() -> None:
    assert {path.stem for path in HERE.glob("*.toml")} == {*RIGHT, *REFUSED}


@pytest.mark.parametrize("name", RIGHT)
def test_numbers(name: str, run: Run) -> None:
    values = trace(name).moments[0].values
    for key, wanted in RIGHT[name].items():
        found = np.asarray(values[key], float)
        assert found.shape == np.shape(wanted)
        assert np.allclose(found, wanted, rtol=1e-6, atol=0), (key, found)
    path = str(HERE / f"{name}.toml")
    assert run("check", path).code == 0
    for format in ("text", "json", "html"):
        result = run("example", path, "--format", format)
        assert result.code == 0 and "-0.0," not in result.out, result.err


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_words(name: str) -> None:
    with pytest.raises(LessonError, match=REFUSED[name]):
        trace(name)


@pytest.mark.parametrize("name", WRONG)
def test_the_guard_refuses_what_was_wrong(name: str) -> None:
    """Everywhere the gradient is off by as much as it was at the lesson's own numbers."""
    engine, (key, wrong) = Engine(stepnn.load(str(HERE / f"{name}.toml")).setup), WRONG[name]
    given = {one.key: np.asarray(engine.known([0])[one.key], float) for one in engine.formulas.given}
    backward = engine.compiled(False).there_and_back
    right = backward(given)[key]
    off = np.reshape(wrong, np.shape(right)) - right

    def gradients(values: Any) -> Any:
        derived = backward(values)
        return {**derived, key: derived[key] + off}

    network, derived = engine.formulas.network, engine.formulas.backward
    assert disagreement(network, derived, given, backward) is None
    assert disagreement(network, derived, given, gradients) == key.removeprefix("dE/d")


def test_the_guard_looks_beside_the_numbers_of_the_lesson() -> None:
    """A gradient that is right only where an input is 0 is refused, although it is 0 there."""
    rows = [
        {"name": "x", "index": "i", "values": [0.0, 1.0]}, {"name": "w", "index": "i", "values": [0.5, 0.7], "learned": True},
        {"name": "E", "formula": "1/2 * (sum(w[i] * x[i], i) - 2)**2"},
    ]  # fmt: skip
    table = lesson_table(
        [], [{"inputs": [1.0]}], error="E", update="gradient descent", learning_rate=0.1, quantities=rows
    )
    engine = Engine(setup_of({key: table[key] for key in table if key not in ("layers", "samples", "inputs")}))
    given = {one.key: np.asarray(engine.known([0])[one.key], float) for one in engine.formulas.given}
    backward = engine.compiled(False).there_and_back

    def gradients(values: Any) -> Any:
        derived = backward(values)
        return {**derived, "dE/dw": derived["dE/dw"] + np.array([values["x"][0], 0.0])}

    assert np.all(gradients(given)["dE/dw"] == backward(given)["dE/dw"])
    assert disagreement(engine.formulas.network, engine.formulas.backward, given, gradients) == "w"


@pytest.mark.parametrize("path", sorted((HERE / "crash").glob("*.toml")), ids=lambda path: path.stem)
def test_nothing_crashes(path: Path, run: Run) -> None:
    """Each works, or is refused with its place and what to do."""
    try:
        stepnn.load(str(path)).trace()
    except StepnnError as error:
        assert "\n    " in str(error) or "Try" in str(error), error
    for command in (("check", str(path)), ("example", str(path), "--format", "json"), ("lesson", str(path), "--all")):
        result = run(*command)
        assert result.code in (0, 1) and "fault in stepnn itself" not in result.err, result.err
        assert run(*command, FORCE_COLOR="1").code == result.code
