"""Positions that stand in a table of given numbers: `V[word[t], d]`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepnn.errors import UsageError
from stepnn.notation.formula import Same, walk
from stepnn.notation.printer import Leaf, TextPrinter, joined
from stepnn.trace.trace import Trace
from tests.conftest import Run, toml
from tests.help import setup_of, trace_of
from tests.kinds import Numbers
from tests.test_formula_lessons import LEARNS, own, table

ONE_HOT = {"formula": "sum(hot[t, v] * V[v, d], v)"}
LOOKED = {"formula": "V[word[t], d]"}


def sentences(seed: int, looked: bool) -> dict[str, Any]:
    """Words become vectors, vectors shares of all words, and the share of the next word is to grow."""
    draw = Numbers(seed)
    long, words, wide = draw.size(1, 4), draw.size(1, 4), draw.size(1, 3)
    word, after = ([draw.size(1, words) for _ in range(long)] for _ in "ab")
    tables = [own("word", index="t", values=word), own("after", index="t", values=after)]
    if not looked:
        tables = [
            own(name, index="t, v", values=[[float(v + 1 == one) for v in range(words)] for one in every])
            for name, every in (("hot", word), ("wanted", after))
        ]
    error = "-sum(log(P[t, after[t]]), t)" if looked else "-sum(wanted[t, v] * log(P[t, v]), t, v)"
    return table(
        *tables,
        own("V", index="v, d", values=draw(words, wide), learned=True),
        own("W", index="v, d", values=draw(words, wide), learned=True),
        own("x", index="t, d", **(LOOKED if looked else ONE_HOT)),
        own("S", index="t, v", formula="sum(W[v, d] * x[t, d], d)", role="weighted sum"),
        own("P", index="t, v", formula="exp(S[t, v]) / sum(exp(S[t, u]), u)", role="activation"),
        own("E", formula=error),
        **LEARNS,
    )


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_to_look_up_is_to_multiply_by_ones_and_zeros(seed: int) -> None:
    looked, multiplied = (trace_of(sentences(seed, one)).moments[0].values for one in (True, False))
    for key in ("x", "P", "E", "dE/dS", "dE/dx", "dE/dW", "dE/dV"):
        assert np.allclose(looked[key], multiplied[key], rtol=1e-13, atol=1e-15), key


def test_the_sum_over_all_words_is_gone_from_the_delta() -> None:
    """What the page shows is the formula of the textbook: P, less 1 for the word that comes next."""
    made = trace_of(sentences(3, True))
    step = next(one for one in made.steps if one.quantity and one.quantity.key == "dE/dS")
    write = TextPrinter(lambda ref: Leaf(step.moment.names.text(ref)))
    assert step.quantity and step.quantity.formula
    assert joined(write(step.quantity.formula)) == "P_tv − [after_t = v]"


def test_they_are_read_anywhere() -> None:
    """By two letters, one further, in what is compared, in a convolution's place."""
    lesson = table(
        own("row", index="n, t", values=[[2, 1], [3, 2]]),
        own("V", index="v, d", values=[[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]], learned=True),
        own("x", index="n, t, d", formula="V[row[n, t], d]"),
        own("y", index="n, t", formula="V[row[n, t] - 1, 0]"),
        own("same_row", index="n, t, v", formula="same(v, row[n, t])", sizes={"v": 3}),
        own("E", formula="sum(x[n, t, d]**2, n, t, d) + sum(y[n, t], n, t)"),
        **LEARNS,
    )
    values = Trace(setup_of(lesson)).moments[0].values
    assert values["x"].tolist() == [[[3, 5], [1, 2]], [[7, 11], [3, 5]]]
    assert values["y"].tolist() == [[1, 0], [3, 1]] and values["same_row"][1, 0].tolist() == [0, 0, 1]
    assert values["dE/dV"].tolist() == [[2 + 2, 4], [12 + 1, 20], [14, 22]]


@pytest.mark.parametrize(
    ("tables", "wanted"),
    [
        ([own("word", index="t", values=[1, 4])], "V has no row for the number 4 in word"),
        ([own("word", index="t", values=[0, 1])], "whole and count from 1"),
        ([own("word", index="t", values=[1.5, 1])], "whole and count from 1"),
        ([own("word", index="t", values=[1, 2], learned=True)], "do not learn"),
        ([own("one", index="t", values=[1, 2]), own("word", index="t", formula="one[t] + 1")], "must be given numbers"),
        ([], "word is read as a position"), ([own("word", values=1)], "word has 0 letters"),
    ],
)  # fmt: skip
def test_faults(run: Run, tmp_path: Any, tables: list[dict[str, Any]], wanted: str) -> None:
    path = tmp_path / "made.toml"
    x = own("x", index="t, d", formula="V[word[t], d]")
    vectors = own("V", index="v, d", values=[[1.0], [2.0], [3.0]], learned=True)
    lesson = table(*tables, vectors, x, own("E", formula="sum(x[t, d], t, d)"), **LEARNS)
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in lesson.items()), encoding="utf-8")
    result = run("check", str(path))
    assert result.code == 1 and wanted in " ".join(result.err.split()), result.err
    assert result.err.count("quantities[") == 1, result.err


@pytest.mark.parametrize(
    ("values", "wanted"), [([1, 0], "count from 1"), ([1, 9], "no row for the number 9"), ([1, 1e300], "count from 1")]
)
def test_a_kind_that_cannot_be_opened_is_one_fault(run: Run, tmp_path: Any, values: list[float], wanted: str) -> None:
    """Nor is anything said of what it would have brought."""
    path = tmp_path / "made.toml"
    vectors = own("V", index="v, d", values=[[1.0], [2.0], [3.0]], learned=True)
    error = own("E", formula="sum(a[t, d]**2, t, d)")
    rows = [own("word", index="t", values=values), vectors, {"kind": "embedding"}]
    lesson = table(*rows, {"kind": "activation", "of": {"z": "x"}}, error, **LEARNS)
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in lesson.items()), encoding="utf-8")
    result = run("check", str(path))
    assert result.code == 1 and wanted in " ".join(result.err.split()), result.err
    assert result.err.count("quantities[") == 1 and "made.toml" in result.err, result.err


def test_a_table_that_is_looked_up_in_a_table() -> None:
    """And derived: each row gets what came from where it was read."""
    lesson = table(
        own("word", index="t", values=[2, 1, 2]), own("row", index="n", values=[3, 1]),
        own("V", index="v, d", values=[[1.0], [2.0], [3.0]], learned=True),
        own("x", index="t, d", formula="V[row[word[t]], d]"), own("E", formula="sum(x[t, d]**2, t, d)"), **LEARNS,
    )  # fmt: skip
    setup = setup_of(lesson)
    values = Trace(setup).moments[0].values
    assert values["x"].ravel().tolist() == [1, 3, 1] and values["dE/dV"].ravel().tolist() == [4, 0, 6]
    assert setup.network.positions == {"word", "row"}


def test_no_other_words_are_drawn_or_set() -> None:
    """The formulas are made for these numbers."""
    setup = setup_of(sentences(5, True))
    assert setup.with_seed(1).constants["word"] == setup.constants["word"]
    with pytest.raises(UsageError, match="which row of a table"):
        setup.with_values({"word_1": 1.0})


def test_a_position_is_not_compared_with_itself() -> None:
    """Where the first time step alone is meant, [0 = 0] is left out, also within a fraction."""
    lesson = table(
        own("w", index="i", values=[1.0, 2.0], learned=True), own("s", values=0.5, learned=True),
        own("z", index="i", formula="tanh(z[i - 1] / (1 + (same(i, 2*i) * w[i])**2))", start="s"),
        own("E", formula="sum(z[i]**2, i)"), **LEARNS,
    )  # fmt: skip
    network = Trace(setup_of(lesson)).moments[0].network
    formulas = [one.formula for one in network.computed if one.formula is not None]
    assert len(formulas) > 4 and not any(
        isinstance(one, Same) and one.left == one.right for f in formulas for one in walk(f)
    )
