"""What a matrix form says is true: every one, with the numbers of its arrays, is worked out again and compared."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

import stepnn
from stepnn.errors import CalculationError
from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Whole
from stepnn.page.asides import matrices
from stepnn.trace.step import Moment, Policy
from stepnn.trace.trace import Trace
from stepnn.writers.matrix_text import matrix_lines, tokens_of
from tests.help import SMALL, lesson_table, trace_of
from tests.networks import setups
from tests.random_lessons import formula_lessons
from tests.test_right_numbers import numbers


class Array:
    """A matrix as a reader takes it: · is the product of matrices, or with a number; ⊙ and all else is by element."""

    def __init__(self, values: Any) -> None:
        self.values = np.atleast_2d(np.asarray(values, float))

    def single(self) -> bool:
        return self.values.size == 1

    def __matmul__(self, other: Array) -> Array:
        both = self.single() or other.single()
        return Array(self.values * other.values if both else self.values @ other.values)

    def __mul__(self, other: Array) -> Array:
        assert self.values.shape == other.values.shape
        return Array(self.values * other.values)

    def joined(self, other: Array, by: Any) -> Array:
        assert self.single() or other.single() or self.values.shape == other.values.shape
        return Array(by(self.values, other.values))

    def __add__(self, other: Array) -> Array:
        return self.joined(other, np.add)

    def __sub__(self, other: Array) -> Array:
        return self.joined(other, np.subtract)

    def __truediv__(self, other: Array) -> Array:
        return self.joined(other, np.divide)

    def __pow__(self, other: Array) -> Array:
        return self.joined(other, np.power)

    def __neg__(self) -> Array:
        return Array(-self.values)


def each(function: Any) -> Any:
    return lambda array: Array(function(array.values))


NAMES = {
    "exp": each(np.exp), "ln": each(np.log), "tanh": each(np.tanh), "sqrt": each(np.sqrt), "abs": each(np.abs),
    "sin": each(np.sin), "cos": each(np.cos), "arctan": each(np.arctan), "sinh": each(np.sinh), "cosh": each(np.cosh),
    "sigmoid": each(lambda z: 1 / (1 + np.exp(-z))),
    "π": Array(math.pi), "sign": each(np.sign), "round": each(np.rint), "floor": each(np.floor), "erf": each(np.vectorize(math.erf)), "stop_gradient": each(np.positive), "sum": lambda array: Array(array.values.sum()),
    "max": lambda a, b: a.joined(b, np.maximum), "min": lambda a, b: a.joined(b, np.minimum), "Array": Array,
}  # fmt: skip


def grid(whole: Whole, moment: Moment) -> Array:
    return Array([[moment.value(ref) for ref in row] for row in whole.rows])


def read(pieces: list[Any], moment: Moment) -> Array:
    """The right side as it is printed, with numbers in its arrays."""
    arrays = [grid(piece.whole, moment) for piece in pieces if piece.whole is not None]
    places = iter(range(len(arrays)))
    text = "".join(piece.text if piece.whole is None else f"arrays[{next(places)}]" for piece in pieces)
    text = text.replace("½", "0.5").replace("²", "^2").replace("−", "-").replace("√", "sqrt").replace("σ", "sigmoid")
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = re.sub(r"\be\^", "exp", text).replace("^", "**").replace("·", "@").replace("⊙", "*")
    text = re.sub(r"exp(arrays\[\d+\])", r"exp(\1)", text)
    text = re.sub(r"(?<![\w\[.])(\d+(?:\.\d+)?)(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", number, text)
    # Python takes @ and * to bind alike, from left to right, as the page means it.
    found: Array = eval(text, {"__builtins__": {}}, {**NAMES, "arrays": arrays})
    return found


def number(match: re.Match[str]) -> str:
    power = (match[2] or "⁰").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return f"Array({match[1]}e{power})"


def check(trace: Trace) -> int:
    """Every matrix form of every pass holds; returns how many there are."""
    count = 0
    for run in trace.runs:
        for tree in run.passes:
            for layer in tree.root.children:
                for overview in layer.children:
                    form = matrices(overview)
                    if form is None or form.left is None or form.right is None:
                        continue
                    left, right = form.left, form.right
                    moment, pieces = overview.moment, tokens_of(left, right, False)
                    assert pieces[0].whole is left and pieces[1].text == " = "
                    wanted, found = grid(left, moment).values, read(pieces[2:], moment).values
                    assert found.shape == wanted.shape, (overview.id, pieces)
                    cells = [[moment.network[ref.name].lacks(ref.index) for ref in row] for row in left.rows]
                    there = ~np.array(cells).reshape(found.shape)  # a dash says nothing
                    assert np.allclose(found[there], wanted[there], rtol=1e-9, atol=1e-12), (overview.id, pieces)
                    lines = ["".join(piece.text for piece in line) for line in matrix_lines(form, 200, False)]
                    assert not any(re.search("[-+·⊙/−] ?−", line) for line in lines), lines  # 0.5 · (−1), not 0.5 · −1
                    count += 1
    return count


@pytest.mark.parametrize("name", SMALL)
def test_lessons(name: str) -> None:
    check(stepnn.load(name).trace(updates=1))


def test_most_networks_have_matrix_forms() -> None:
    assert sum(check(stepnn.load(name).trace(updates=1)) for name in ("backprop", "softmax", "gru", "attention")) > 40


@given(setups(most_layers=3, most_width=3))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_networks(setup: Setup) -> None:
    try:
        check(Trace(setup, Policy(15)))
    except CalculationError:
        assume(False)


@given(formula_lessons())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_formulas(table: dict[str, Any]) -> None:
    trace = numbers(table)
    if isinstance(trace, str):
        assume(False)
    check(trace)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softmax"])
def test_saturated_networks(activation: str) -> None:
    """Where 1 − a shows as 0, no matrix form says that the slope is 1 ⊙ (1 − 1)."""
    layer = {"neurons": ["o1", "o2"], "activation": activation, "weights": [[40.0], [-1.0]]}
    table = lesson_table(
        [layer], [{"inputs": [1.0], "targets": [1.0, 0.0]}], loss="half_squared_error", update="gradient descent",
        learning_rate=0.1,
    )  # fmt: skip
    trace = trace_of(table)
    for overview in (one for layer in trace.runs[0].passes[0].root.children for one in layer.children):
        form = matrices(overview)
        if form is not None and form.left is not None and form.right is not None:
            left, right = form.left, form.right
            wanted, found = grid(left, overview.moment).values, read(tokens_of(left, right, False)[2:], overview.moment)
            assert np.allclose(found.values, wanted, rtol=1e-9, atol=0), overview.id
