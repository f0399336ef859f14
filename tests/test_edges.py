"""Edges that are left out, weights and neurons that never learn, and layers with several activation functions.

Random networks with them stand beside PyTorch in test_right_numbers, and beside 50-digit differences in test_gradients.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepnn.drawing.diagram import diagram
from stepnn.lessons.build import runs
from stepnn.lessons.read import load_lesson
from stepnn.trace.letters import letters
from stepnn.trace.trace import Trace
from stepnn.words import catalogue
from tests.conftest import Run, toml
from tests.help import lesson_table, setup_of, trace_of, written_as
from tests.test_formula_lessons import own
from tests.test_formula_lessons import table as formula_table

GAP = "none"


def table(**fields: Any) -> dict[str, Any]:
    """3-4-2, as an instructor would have it."""
    hidden = {
        "neurons": ["h1", "h2", "h3", "h4"], "activation": "sigmoid", "biases": [0.1, 0.2, 0.3, 0.4],
        "weights": [[0.1, 0.2, GAP], [0.4, 0.3, -0.2], [0.5, GAP, 0.1], [0.2, 0.1, 0.3]],
    }  # fmt: skip
    output = {
        "neurons": ["o1", "o2"], "activation": "sigmoid", "biases": [0.1, -0.1],
        "weights": [[0.5, -0.3, 0.2, 0.1], [0.4, 0.3, GAP, 0.6]],
    }  # fmt: skip
    hidden |= fields.pop("hidden", {})
    learning = {"loss": "half_squared_error", "update": "gradient descent", "learning_rate": 0.5, "updates": 2}
    return lesson_table(
        [hidden, output], [{"inputs": [1.0, 2.0, -1.0], "targets": [1.0, 0.0]}], **{**learning, **fields}
    )


def file(tmp_path: Path, lesson: dict[str, Any]) -> str:
    path = tmp_path / "lesson.toml"
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in lesson.items()), encoding="utf-8")
    return str(path)


def test_an_edge_that_is_left_out_has_no_term_no_step_and_no_number() -> None:
    trace = trace_of(table())
    assert len(trace["z_h1"].used) == 5  # two weights, two inputs, a bias
    symbols = {step.symbol for step in trace.elements()}
    for name in ("w_h1_x3", "w_h3_x2", "w_o2_h3"):
        assert f"{name}_new" not in symbols and f"dE_d{name}" not in symbols and name not in trace.setup.places
    assert {"w_h1_x1_new", "dE_dw_h1_x1"} <= symbols
    document = json.loads("\n".join(written_as(trace, catalogue("en"), "json")))
    assert "w_h1_x3" not in document["parameters"] and "w_h1_x2" in document["parameters"]
    last = trace.runs[0].after.values["w1"]
    assert last[0, 2] == last[2, 1] == 0


@pytest.mark.parametrize("update", ["gradient descent", "momentum", "adam", "adamw"])
def test_it_stays_out_whatever_the_rule(update: str) -> None:
    lesson = table(update=update, updates=5, optimizer={"weight_decay": 0.1, "clip_norm": 0.1})
    lesson["layers"][0]["frozen"] = ["w_h2_x1", "h4"]
    trace = trace_of(lesson)
    weights, biases = (trace.runs[0].after.values[key] for key in ("w1", "b1"))
    assert weights[0, 2] == 0 and weights[1, 0] == 0.4 and weights[3].tolist() == [0.2, 0.1, 0.3] and biases[3] == 0.4
    assert weights[0, 0] != 0.1 and biases[0] != 0.1


def test_a_weight_of_0_is_one_and_learns() -> None:
    lesson = table()
    lesson["layers"][0]["weights"][0][2] = 0.0
    assert trace_of(lesson)["w_h1_x3_new"].value != 0


def test_pages_say_it() -> None:
    lesson = table()
    lesson["layers"][0]["frozen"] = ["w_h2_x1", "h4"]
    setup = setup_of(lesson)
    said = letters(setup, catalogue("en"))
    assert "There is no w_h1_x3, w_h3_x2, w_o2_h3" in said
    assert "Learning leaves these as they are: w_h2_x1, w_h4_x1, w_h4_x2, w_h4_x3, b_h4." in said
    drawn = diagram(setup)
    assert drawn is not None and len(drawn.connections) == 3 * 4 + 4 * 2 - 3
    page = "\n".join(written_as(Trace(setup), catalogue("en"), "text"))
    assert "⎡  0.1   0.2     – ⎤" in page and "w_h1_x3 ·" not in page


def test_a_lesson_of_formulas_has_them_too() -> None:
    x, w = (
        own("x", index="i", values=[1.0, 2.0, GAP]),
        own("w", index="k, i", values=[[0.5, -1.0, 0.2], [GAP, 0.3, 0.4]]),
    )
    y = own("y", index="k", formula="tanh(sum(w[k, i] * x[i], i))")
    learns = {"error": "E", "update": "gradient descent", "learning_rate": 0.1}
    error = own("E", formula="1/2 * sum(y[k]**2, k)")
    trace = trace_of(formula_table(x, {**w, "learned": True, "frozen": ["w_2_2"]}, y, error, **learns))
    symbols = {step.symbol for step in trace.elements()}
    assert {"w_1_1_new", "w_2_3_new"} <= symbols and not {"w_2_1_new", "w_2_2_new"} & symbols
    assert trace["dE_dw_1_3"].value == 0  # x_3 does not exist


def test_everything_frozen_one_by_one_is_frozen(tmp_path: Path) -> None:
    lesson = table()
    lesson["layers"][0]["frozen"] = ["h1", "h2", "h3", "h4"]
    assert {"w1", "b1"} <= setup_of(lesson).network.frozen


def test_what_is_saved_has_them(run: Run, tmp_path: Path) -> None:
    lesson = table()
    lesson["layers"][0]["frozen"] = ["h4"]
    saved = str(tmp_path / "saved.toml")
    assert run("train", file(tmp_path, lesson), "--epochs", "3", "--save", saved).code == 0
    assert run("check", saved).code == 0
    again = load_lesson(saved)
    assert again.layers[0].weights is not None and again.layers[0].weights[0][2] is None
    assert again.layers[0].weights[3] == [0.2, 0.1, 0.3]
    (one,) = runs(setup_of(lesson | {"runs": [{"label": {"en": "a", "ko": "가"}}]}))
    assert one.network["w1"].missing == {(0, 2), (2, 1)}


@pytest.mark.parametrize("format", ["text", "markdown", "html", "latex"])
def test_sheets_have_them(run: Run, tmp_path: Path, format: str) -> None:
    out = tmp_path / "out"
    assert run("sheet", file(tmp_path, table()), "--seed", "3", "--format", format, "--out", str(out)).code == 0
    key = json.loads((out / "key.json").read_text(encoding="utf-8"))
    assert "w_h1_x3" not in json.dumps(key) and "w_h1_x2" in json.dumps(key)


def test_each_neuron_has_its_own_function() -> None:
    trace = trace_of(table(hidden={"activation": ["tanh", "sigmoid", "relu", "relu"]}))
    texts = [str(trace[f"a_h{n}"].here[-1]) for n in (1, 2, 3)]
    assert "tanh" in texts[0] and "exp" in texts[1] and "max" in texts[2]
    assert all("Cases" not in text for text in texts)


SHORTCUT = {"from_layer": 0, "weights": [[0.3, GAP, GAP], [GAP, -0.2, GAP]]}


def with_shortcuts(*shortcuts: dict[str, Any]) -> dict[str, Any]:
    lesson = table()
    lesson["layers"][1]["shortcuts"] = list(shortcuts)
    return lesson


def test_a_shortcut_leads_past_the_hidden_layer() -> None:
    trace = trace_of(with_shortcuts(SHORTCUT))
    names = trace.setup.names
    assert {names.text(ref) for ref in trace["z_o1"].used} >= {"w_o1_x1", "x1", "a_h1"}
    assert trace["z_o1"].value == pytest.approx(0.3 + (trace_of(table())["z_o1"].value or 0.0))
    assert {"w_o1_x1_new", "w_o2_x2_new"} <= {step.symbol for step in trace.elements()}
    drawn = diagram(trace.setup)
    assert drawn is not None and len(drawn.connections) == 3 * 4 + 4 * 2 - 3 + 2


def test_a_shortcut_is_saved(run: Run, tmp_path: Path) -> None:
    saved = str(tmp_path / "saved.toml")
    assert run("train", file(tmp_path, with_shortcuts(SHORTCUT)), "--epochs", "3", "--save", saved).code == 0
    weights = load_lesson(saved).layers[1].shortcuts[0].weights
    assert weights[0][1] is None and weights[0][0] not in (None, 0.3)


@pytest.mark.parametrize(
    ("shortcuts", "wanted"),
    [
        ([{"from_layer": 1, "weights": [[1.0] * 4] * 2}], ["layers[2].shortcuts[1].from_layer", "past a layer", "to 0"]),
        ([SHORTCUT, SHORTCUT], ["layers[2].shortcuts[2].from_layer", "two shortcuts from one layer"]),
        ([{"from_layer": 0, "weights": [[1.0] * 4] * 2}], ["layers[2].shortcuts[1].weights[1]", "wrong length", "3 columns"]),
        ([{"from_layer": 0, "weights": [[1.0] * 3]}], ["layers[2].shortcuts[1].weights", "wrong number of rows"]),
    ],
)  # fmt: skip
def test_faults_of_shortcuts(run: Run, tmp_path: Path, shortcuts: list[Any], wanted: list[str]) -> None:
    result = run("check", file(tmp_path, with_shortcuts(*shortcuts)))
    assert result.code == 1 and all(one in result.err for one in wanted), result.err


@pytest.mark.parametrize(
    ("hidden", "wanted"),
    [
        ({"frozen": ["w_h1_x3"]}, ["layers[1].frozen[1]", "w_h1_x3 is no edge", "remove it"]),
        ({"frozen": ["h9"]}, ["layers[1].frozen[1]", "nothing is called h9"]),
        ({"weights": [[0.1, 0.2, "no"], *[[0.1, 0.2, 0.3]] * 3]}, ["layers[1].weights[1][3]", '"no"', 'a number, or "none"']),
        ({"activation": ["tanh", "relu"]}, ["layers[1].activation", "wrong length", "4, one for each neuron"]),
        ({"activation": ["tanh", "softmax", "relu", "relu"]}, ["layers[1].activation", "softmax is for a whole layer"]),
        ({"activation": ["tanh", "reluu", "relu", "relu"]}, ["layers[1].activation", "did you mean relu"]),
        ({"activation": ["tanh", "step", "relu", "relu"]}, ["layers[1].activation", "no slope"]),
    ],
)  # fmt: skip
def test_faults(run: Run, tmp_path: Path, hidden: dict[str, Any], wanted: list[str]) -> None:
    result = run("check", file(tmp_path, table(hidden=hidden)))
    assert result.code == 1 and all(one in result.err for one in wanted), result.err
