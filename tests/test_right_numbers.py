"""Random lessons of every form: all their numbers against 50-digit arithmetic or PyTorch, which share nothing with stepnn."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from stepnn.errors import CalculationError, DerivativeError
from stepnn.lessons.checks import check
from stepnn.trace.trace import Trace
from tests.help import close, setup_of
from tests.networks import UPDATES, tables
from tests.oracle import Oracle, parts
from tests.random_lessons import Stack, formula_lessons, lesson, stacks

MOST = 1e4  # larger numbers lose too many digits
COUNTS = [12, pytest.param(1_000, marks=pytest.mark.long)]
with_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")


def many(strategy: st.SearchStrategy[Any], count: int, compare: Callable[[Any], str]) -> None:
    """Compares random cases, of which at least half have to be of use. What `compare` gives is why a case is not."""
    seen: Counter[str] = Counter()

    phases = (Phase.explicit, Phase.reuse, Phase.generate)  # making a case smaller takes minutes

    @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), phases=phases)
    @given(strategy)
    def run(case: Any) -> None:
        why = compare(case)
        seen[why] += 1
        assume(not why)

    run()
    assert count < 100 or seen[""] >= seen.total() / 2, seen


def numbers(table: dict[str, Any], **options: Any) -> Trace | str:
    """The lesson worked out by stepnn, or why that is refused."""
    if faults := check(table):
        return f"fault: {faults[0].message}"
    try:
        return Trace(setup_of(table), **options)
    except DerivativeError:
        return "no derivative"


def assert_close(found: Any, wanted: Any, what: Any) -> None:
    assert np.shape(found) == np.shape(wanted), what
    assert np.all(np.abs(found - wanted) <= 1e-9 * np.maximum(1, np.abs(wanted))), (what, found, wanted)


def compare_formulas(table: dict[str, Any]) -> str:
    try:
        oracle = Oracle(table)
    except (ZeroDivisionError, TypeError):  # TypeError: comparing complex numbers
        return "no number"
    if any(abs(value) > MOST for value in oracle.known.values()):
        return "large number"
    learned = [row["name"] for row in table["quantities"] if row.get("learned")]
    slopes = {(name, at): oracle.slopes(name, at) for name in learned for at in np.ndindex(*oracle.shapes[name])}
    if any(parts(*both) or abs(both[0]) > MOST for both in slopes.values()):
        return "kink or steep"
    trace = numbers(table)
    if isinstance(trace, str):
        return trace
    values = trace.moments[0].values
    for name in learned:
        assert np.shape(values[f"dE/d{name}"]) == oracle.shapes[name], f"dE/d{name}"
    for (name, at), wanted in oracle.known.items():
        assert close(float(values[name][at]), float(wanted), 1e-9), (name, at, values[name][at], float(wanted))
    for (name, at), (wanted, _) in slopes.items():
        found = float(values[f"dE/d{name}"][at])
        assert close(found, float(wanted), 1e-9), (f"dE/d{name}", at, found, float(wanted))
    return ""


FOUND: dict[str, tuple[tuple[str, str, str, dict[str, int]], ...]] = {
    "a dense layer of another width behind a recurrent one": (
        ("h", "t, k", "tanh(x[t, k] + sum(x[k, m] * h[t-1, m], m))", {}),
        ("z", "t, k", "sum(v[k, j] * h[t, j], j)", {}), ("Error", "", "1/2 * sum(z[t, k]**2, t, k)", {}),
    ),
    "two sums with one letter and two sizes": (("Error", "", "sum(w[i]**2, i) + sum(x[i, 0]**3, i)", {}),),
    "a quotient that does not read its own letter": (
        ("y", "i", "w[0] / (1 + sum(w[j], j)**2)", {"i": 4}), ("Error", "", "1/2 * sum(y[i]**2, i)", {}),
    ),
    "a largest of products, some outside": (
        ("y", "i", "largest(w[p] * w[i + p], p)", {"i": 3}), ("Error", "", "1/2 * sum(y[i]**2, i)", {}),
    ),
    "a largest over all hidden units one step before": (
        ("y", "i, j", "tanh(w[j] + y[i-1, j] + largest(y[i-1, k] + sum(w[m], m), k))", {"i": 2, "k": 3}),
        ("Error", "", "1/2 * sum(y[i, j]**2, i, j)", {}),
    ),
    "a largest that does not read its own letter": (
        ("y", "k", "largest(v[i, j], i, j) + sum(v[i, j], i, j)", {"k": 2}), ("Error", "", "1/2 * sum(y[k]**2, k)", {}),
    ),
    "a position that is twice another": (
        ("y", "i", "same(i, 2*i) * sum(w[j], j)", {"i": 2}), ("Error", "", "1/2 * sum(y[i]**2, i)", {}),
    ),
    "a root of positions": (
        ("y", "i", "w[i] * sqrt(1 + same(i, 1))", {}), ("Error", "", "1/2 * sum(y[i]**2, i)", {}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FOUND)
def test_what_random_lessons_have_found(what: str) -> None:
    arrays = {"w": ("i", [0.3, -0.2, 0.7]), "x": ("k, j", [[0.3, 0.2], [0.1, -0.4]]), "v": ("k, j", [[0.8, -0.6]])}
    used = " ".join(formula for _, _, formula, _ in FOUND[what])
    rows: list[dict[str, Any]] = [
        {"name": name, "index": index, "values": values, "learned": True}
        for name, (index, values) in arrays.items() if f"{name}[" in used
    ]  # fmt: skip
    for name, index, formula, sizes in FOUND[what]:
        rows.append({"name": name, "index": index, "formula": formula} | ({"sizes": sizes} if sizes else {}))
    assert compare_formulas(lesson(rows)) == ""


@pytest.mark.parametrize("count", COUNTS)
def test_formulas(count: int) -> None:
    many(formula_lessons(), count, compare_formulas)


@pytest.mark.parametrize("count", COUNTS)
def test_formulas_with_positions(count: int) -> None:
    """Letters that stand for their position, as in `where(s >= u, …)`."""
    many(formula_lessons(positions=True), count, compare_formulas)


def compare_stacks(stack: Stack) -> str:
    from tests.in_torch import stack_in_torch

    try:
        values, gradients = stack_in_torch(stack)
    except RuntimeError:  # a window larger than what is left of the picture
        return "does not fit"
    trace = numbers(stack.table())
    if isinstance(trace, str):
        return trace
    found = trace.moments[0].values
    for name, wanted in values.items():
        assert_close(found[name], wanted.numpy(), name)
    for row in stack.given:
        if row["learned"]:
            assert_close(found[f"dE/d{row['name']}"], gradients[row["name"]].numpy(), f"dE/d{row['name']}")
    return ""


@with_torch
@pytest.mark.parametrize("count", COUNTS)
def test_stacks_of_layers(count: int) -> None:
    many(stacks(), count, compare_stacks)


def compare_dense(table: dict[str, Any]) -> str:
    """Errors and gradients of three updates, and the parameters after them."""
    from tests.in_torch import dense_in_torch

    try:
        errors, gradients, after = dense_in_torch(table, 3)
    except KeyError as missing:
        return f"PyTorch has no {missing}"
    slopes = np.concatenate([np.ravel(one.numpy()) for step in gradients for one in step.values()])
    if not np.all(np.isfinite(slopes)) or np.max(np.abs([*slopes, *errors])) > MOST:
        return "large number"
    try:
        trace = numbers(table | {"updates": 3})
    except CalculationError:
        return "no number"
    if isinstance(trace, str):
        return trace
    moments = trace.moments[:3]
    for moment, error, step in zip(moments, errors, gradients, strict=True):
        assert_close(moment.values["E"], error, "E")
        for name, wanted in step.items():
            nothing = np.zeros(wanted.shape)  # of what is frozen as a whole there is no gradient
            assert_close(moment.values.get(f"dE/d{name}", nothing), wanted.numpy(), f"dE/d{name}")
        if np.any((np.abs(slopes) < 1e-6) & (slopes != 0)):
            return ""  # the rules that divide by the size of a gradient blow its rounding up
    for name, wanted in after.items():
        assert_close(trace.runs[0].after.values[name], wanted.numpy(), name)
    return ""


@with_torch
@pytest.mark.parametrize("count", COUNTS)
def test_dense_networks(count: int) -> None:
    many(tables(updates=UPDATES), count, compare_dense)
