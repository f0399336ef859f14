"""Lessons written as formulas, with runs, training and pictures: what is wrong with them is said, all at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stepnn.trace.trace import Trace
from tests.conftest import Run, toml
from tests.help import WORDS, setup_of

LEARNS: dict[str, Any] = {"error": "E", "update": "gradient descent", "learning_rate": 0.1}


def own(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, **fields}


def table(*quantities: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "format_version": 1, "id": "made", "title": WORDS, "goal": WORDS, "introduction": WORDS, **fields,
        "quantities": list(quantities), "closing": {"question": WORDS, "answer": WORDS},
    }  # fmt: skip


W = own("w", values=2.0, learned=True)
LAYERS = [{"neurons": ["o"], "activation": "sigmoid"}]
DENSE = {"layers": LAYERS, "inputs": {"names": ["a", "b"]}, "weight_seed": 1, "loss": "squared_error", **LEARNS}
SAMPLES = [{"inputs": [1.0, 2.0], "targets": [1.0]}]


@pytest.mark.parametrize(
    ("lesson", "wanted"),
    [
        (table(own("a", formula="b + 1"), own("b", formula="a + 1")), ["nothing is called b here", "define it above"]),
        (table(own("a", formula="a + 1")), ["nothing is called a"]), (table(own("a")), ["not defined once", "nothing"]),
        (table(own("a", values=1.0, formula="2 + 1")), ["values and formula"]), (table(W), ["nothing to compute"]),
        (table(own("a", index="i, i", values=[[1.0]]), own("b", formula="3 + 1")), ["a letter stands twice"]),
        (table(own("a", index="i, j", values=[[1.0, 2.0], [3.0]])), ["rows of different lengths"]),
        (table(own("a", index="i", values=1.0), own("b", formula="sum(a[i], i)")), ["do not fit the index"]),
        (table(own("a", index="i", values=[1.0]), own("b", formula="a + 1")), ["a has 1 letters"]),
        (table(own("a", index="i", values=[1.0]), own("b", formula="a[i] + 1")), ["neither summed over nor in the index"]),
        (table(own("a", values=1.0), own("b", index="i", formula="a + 1")), ["the letter i has no size"]),
        (table(own("a", index="i", values=[1.0]), own("b", index="i", values=[1.0, 2.0]), own("c", formula="sum(a[i] * b[i], i)")),
         ["the index i has two sizes: 1 (a, index 1) and 2 (b, index 1)", "sum(a[i] * b[i], i)"]),
        (table(own("lambda", values=1.0), own("eta", values=2.0), own("c", formula="1 + 1")),
         ["the name lambda", "the name eta"]),
        (table(own("beta1", values=1.0, learned=True), own("E", formula="beta1**2"), **{**LEARNS, "update": "adam"}),
         ["the name beta1 is one that stepnn itself uses"]),
        (table(own("w", values=1.0), own("E", formula="w**2"), **LEARNS), ["there is nothing to learn"]),
        (table(W, own("v", values=1.0, learned=True), own("E", formula="w**2"), **LEARNS), ["no formula uses v"]),
        (table(W, own("F", formula="w**2"), **LEARNS), ["no quantity of that name without an index"]),
        (table(own("x", values=1.0), own("y", derivative=["x", "z"])), ["x cannot stand here", "z cannot stand here"]),
        (table(W, own("E", formula="w**2"), pictures=["regions", "pixels", "deltas", "curves"], **LEARNS),
         ["pictures[1]", "pictures[2]", "pictures[3]", "pictures[4]", "two inputs"]),
        (table(W, own("E", formula="w**2"), optimizer={"beta": 0.5}, **LEARNS), ["does not use beta", "no settings"]),
        (table(W, own("E", formula="w**2"), optimizer={"variant": "magic"}, **LEARNS), ["no such variant", '"magic"']),
        (table(W, own("E", formula="w**2"), training={"epochs": 5, "show": [3, 2, 9]}, **LEARNS), ["not in order", "no such epoch"]),
        (table(W, own("E", formula="w**2"), runs=[{"label": WORDS, "optimizer": {"rho": 0.5}}], **LEARNS),
         ["runs[1].optimizer.rho", "does not use rho"]),
        (table(samples=SAMPLES, training={"batch": 2}, **DENSE), ["the batch is larger than the data", "at most 1"]),
        (table(samples=SAMPLES, training={"epochs": 10**9, "look": [1]}, **DENSE), ["the walk would train too long"]),
        (table(data={"source": "digits", "count": 5}, **DENSE), ["digits do not fit", "784", "10"]),
        (table(samples=SAMPLES, runs=[{"label": WORDS, "inputs": {"names": ["a"]}}], **DENSE),
         ["runs[1].samples[1].inputs", "1, one for each input"]),
        (table(own("v", index="i", values=[1.0]), own("w", index="k, i", values=[[1.0]]), {"kind": "dense", "of": {"x": "v"}, "suffix": "1"},
               samples=SAMPLES, **DENSE),
         ["the name z1, which dense brings, is taken", 'such as "_2"']),
        (table(own("x", index="i, j", values=[[1.0]]), own("y", index="i, j", formula="x[i, j] + 1"), inputs={"names": ["p"]},
               samples=[{"inputs": [1.0]}]), ["the name x is used twice"]),
        (table(own("v", index="i", values=[1.0]), {"kind": "activation", "of": {"z": "v"}, "name": "x"}, inputs={"names": ["p"]},
               samples=[{"inputs": [1.0]}]), ["the name x, which activation brings, is taken"]),
        (table(**{**DENSE, "layers": []}), ["add a [[layers]] table, or [[quantities]]"]), (table(**DENSE), ["add a [[samples]] table"]),
    ],
)  # fmt: skip
def test_faults(run: Run, tmp_path: Any, lesson: dict[str, Any], wanted: list[str]) -> None:
    path = tmp_path / "lesson.toml"
    lesson = {key: value for key, value in lesson.items() if value != []}
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in lesson.items()), encoding="utf-8")
    result = run("check", str(path))
    assert result.code == 1 and all(text in result.err for text in wanted), result.err
    for command in ("lesson", "train"):
        assert run(command, str(path)).code == 1


def test_shapes_are_inferred_from_what_letters_stand_beside() -> None:
    rows = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    trace = Trace(
        setup_of(table(own("A", index="i, j", values=rows), own("s", index="p", formula="sum(A[p, q]**2, q)")))
    )
    assert list(trace.moments[0].values["s"]) == [14.0, 77.0]


def test_a_gradient_by_formulas_alone() -> None:
    """Logistic regression written as formulas gives the same gradient as the dense layer."""
    quantities = [
        own("w", index="i", values=[0.3, -0.2], learned=True), own("b", values=0.1, learned=True),
        own("a", formula="1 / (1 + exp(-(sum(w[i] * x[i], i) + b)))"), own("E", formula="1/2 * sum((a - t[k])**2, k)"),
    ]  # fmt: skip
    written = table(
        *quantities, inputs={"names": ["x1", "x2"]}, samples=[{"inputs": [1.0, 0.5], "targets": [1.0]}], **LEARNS
    )
    layer = {"neurons": ["o"], "activation": "sigmoid", "weights": [[0.3, -0.2]], "biases": [0.1]}
    dense = {**written, "layers": [layer], "loss": "half_squared_error"}
    dense = {key: value for key, value in dense.items() if key not in ("quantities", "error")}
    one, other = Trace(setup_of(written)).moments[0].values, Trace(setup_of(dense)).moments[0].values
    assert np.allclose(one["dE/dw"], other["dE/dw1"][0], rtol=1e-14)
    assert np.allclose(one["new/b"], other["new/b1"][0], rtol=1e-14)


def test_evil_texts_of_quantities_and_runs_stay_text(run: Run, tmp_path: Any) -> None:
    evil = {"en": r"[red]\input{/etc/passwd} <script> $x$ | # `y`", "ko": r"[red]\input{/etc/passwd} <script> 글"}
    lesson = table(
        {**W, "title": evil}, own("E", formula="w**2", title=evil, why=evil),
        runs=[{"label": evil, "about": evil}, {"label": evil}], **LEARNS,
    )  # fmt: skip
    path = tmp_path / "evil.toml"
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in lesson.items()), encoding="utf-8")
    latex, page = (
        run("example", str(path), "--format", "latex").out,
        run("example", str(path), "--format", "markdown").out,
    )
    assert r"\input" not in latex and r"\textbackslash{}input" in latex
    assert "<script" not in page and r"\$x\$" in page
    assert run("lesson", str(path)).code == 0


def test_one_run_of_another_size_is_what_all_pages_speak_of(run: Run, tmp_path: Any) -> None:
    """The closing table names the three weights of the run, not the two of the lesson."""
    more = own("w", index="i", values=[1.0, 2.0, 3.0], learned=True), own("E", formula="1/2 * sum(w[i]**2, i)")
    lesson = table(
        own("w", index="i", values=[1.0, 2.0], learned=True), more[1],
        runs=[{"label": WORDS, "quantities": list(more)}], **LEARNS,
    )  # fmt: skip
    path = tmp_path / "lesson.toml"
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in lesson.items()), encoding="utf-8")
    for format in ("text", "markdown", "json"):
        assert "w_3" in run("example", str(path), "--format", format).out
    assert "w_3 " in run("lesson", str(path)).out
