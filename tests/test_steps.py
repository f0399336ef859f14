"""Every number that is worked out is a step of the walk, or inside one, under an id of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import Phase as Part

import stepnn
from stepnn.errors import CalculationError, LessonError
from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Same, walk
from stepnn.trace.step import Phase, Step
from stepnn.trace.trace import Trace
from stepnn.words import catalogue
from tests.help import LESSONS, lesson_table, trace_of, written_as
from tests.networks import setups
from tests.random_lessons import formula_lessons
from tests.test_architectures import own, table
from tests.test_right_numbers import numbers

FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=(Part.explicit, Part.generate)
)


def inside(step: Step) -> Iterator[Step]:
    yield step
    for child in step.children:
        yield from inside(child)


def check(trace: Trace) -> None:
    for run in trace.runs:
        for tree in run.passes:
            found = {step.ref for step in inside(tree.root) if step.ref is not None and step.term is None}
            for quantity in tree.network.computed:
                if quantity.key in tree.moment.values:
                    for position in quantity.positions:
                        assert quantity.element(position) in found, f"no step computes {quantity.key} at {position}"
            formulas = [quantity.formula for quantity in tree.network.computed if quantity.formula is not None]
            same = [part for formula in formulas for part in walk(formula) if isinstance(part, Same)]
            assert not any(part.left == part.right for part in same), "[t = t] is no condition"
    document = json.loads("\n".join(written_as(trace, catalogue("en"), "json")))
    ids = [step["id"] for step in document["steps"]]
    assert len(set(ids)) == len(ids)
    for run in trace.runs:
        for moment in run.moments:
            total = moment.network.total_error
            if total is not None and total.formula is not None and total.key in moment.values:
                assert f"p{moment.number}.{moment.names.ascii(total.general)}" in ids


@pytest.mark.parametrize("name", [name for name in LESSONS if name not in ("digits", "vanishing")])
def test_lessons(name: str) -> None:
    check(stepnn.load(name).trace(updates=1))


@given(setups(most_layers=3, most_width=3))
@FEW
def test_random_networks(setup: Setup) -> None:
    try:
        check(Trace(setup))
    except CalculationError:
        assume(False)


@given(formula_lessons())
@FEW
def test_random_formulas(lesson: dict[str, Any]) -> None:
    trace = numbers(lesson)
    if isinstance(trace, str):
        assume(False)
    check(trace)


def test_what_is_surely_the_same_is_no_condition_inside_a_maximum() -> None:
    """[k = 2k] with a single k, which is 0."""
    y = own("y", "k", formula="smallest(x[i] + same(k, 2*k) * x[1], i)", sizes={"k": 1})
    learns = {"error": "E", "update": "gradient descent", "learning_rate": 0.1}
    check(
        trace_of(table(own("x", "t", [-0.27, 0.364, -0.149], True), y, own("E", formula="sum(y[t]**2, t)"), **learns))
    )


def test_a_slope_along_a_diagonal_is_no_link_of_a_chain() -> None:
    """∂y_i/∂x_ii does not lead to every x_ij, so the gradient of x is not shown as a product with it."""
    rows = [
        {"name": "x", "index": "i, j", "values": [[1.5, -1.0], [-0.5, 0.5]], "learned": True},
        {"name": "y", "index": "i", "formula": "tanh(x[i, i])"},
        {"name": "E", "formula": "1/2 * sum(y[i]**2, i)"},
    ]
    table = lesson_table(
        [], [{"inputs": [1.0]}], error="E", update="gradient descent", learning_rate=0.1, quantities=rows
    )
    trace = trace_of({key: table[key] for key in table if key not in ("layers", "samples", "inputs")})
    check(trace)
    assert trace["dE_dx_1_2"].value == 0 != trace["dE_dx_1_1"].value


@pytest.mark.parametrize("name", ["dE_dw", "w_new", "nudge", "h", "exp", "rounded", "compute", "E_sample", "np", "y_1"])
def test_names(name: str) -> None:
    """A name that the documentation allows works, or is refused by name where a step has it already."""
    rows = [
        {"name": "w", "values": 0.5, "learned": True},
        {"name": "y", "index": "k", "formula": "w", "sizes": {"k": 2}},
        {"name": name, "formula": "w * 2"},
        {"name": "E", "formula": f"1/2 * {name}**2 + w**2 + sum(y[k], k)"},
    ]
    table = lesson_table(
        [], [{"inputs": [1.0]}], error="E", update="gradient descent", learning_rate=0.1, quantities=rows
    )
    try:
        check(trace_of({key: table[key] for key in table if key not in ("layers", "samples", "inputs")}))
    except LessonError as error:
        assert f"two steps would both be called {name}" in str(error) and name in ("dE_dw", "w_new", "y_1")


def test_a_quantity_called_e_beside_the_error() -> None:
    """∂E/∂w of the quantity E is not the gradient of w, which is ∂L/∂w."""
    rows = [
        {"name": "w", "values": 0.5, "learned": True}, {"name": "E", "formula": "3 * w"},
        {"name": "L", "formula": "1/2 * E**2"},
    ]  # fmt: skip
    table = lesson_table(
        [], [{"inputs": [1.0]}], error="L", update="gradient descent", learning_rate=0.1, quantities=rows
    )
    trace = trace_of({key: table[key] for key in table if key not in ("layers", "samples", "inputs")})
    check(trace)
    assert trace["dL_dw"].value == 4.5


@pytest.mark.parametrize("name", LESSONS)
def test_all_gradients_come_before_all_updates(name: str) -> None:
    """Forward, the error, all of the way back, and only then a new weight."""
    order = [Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE]
    trace = stepnn.load(name).trace(updates=2)
    for number in {step.pass_number for step in trace.steps}:
        phases = [order.index(step.phase) for step in trace.steps if step.pass_number == number and step.phase in order]
        assert phases == sorted(phases), (name, number)
