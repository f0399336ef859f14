"""What is exact on paper is exact here: fractions where a lesson's arithmetic is rational."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stepnn
from stepnn.book.optimizers import OPTIMIZERS
from stepnn.notation.formula import Ref, Sum, add
from stepnn.notation.index import letter_index
from stepnn.notation.indices import longest
from stepnn.page.build import policy_text
from stepnn.running.engine import Engine
from stepnn.trace.sentences import why
from stepnn.trace.step import Moment, Policy
from stepnn.trace.trace import Trace
from stepnn.words import LANGUAGES, catalogue
from tests.conftest import Run
from tests.help import LESSONS, lesson_table, setup_of, trace_of

RATIONAL = {
    "perceptron", "xor-impossible", "matrix", "error-sharing", "gradient-descent", "convolution", "pooling",
    "convolution-1d", "k-means",
}  # fmt: skip
AND = [([0.0, 0.0], 0.0), ([0.0, 1.0], 0.0), ([1.0, 0.0], 0.0), ([1.0, 1.0], 1.0)]


def assert_fractions(moment: Moment) -> None:
    for key, array in moment.values.items():
        assert all(type(one) is Fraction for one in np.ravel(array)), key


@pytest.mark.parametrize("name", LESSONS)
def test_lessons(name: str) -> None:
    """Every array of a rational walk holds fractions and nothing else."""
    for run in stepnn.load(name).trace().runs:
        if name in RATIONAL:
            assert run.engine.rational and not run.engine.inexact_from
        if run.engine.rational and not run.engine.inexact_from:
            for moment in run.moments:
                assert_fractions(moment)


def perceptron(weights: list[float], bias: float, rate: float, samples: Any, **fields: Any) -> dict[str, Any]:
    layer = {"neurons": ["o"], "activation": "step", "weights": [weights], "biases": [bias]}
    made = [{"inputs": inputs, "targets": [target]} for inputs, target in samples]
    return lesson_table([layer], made, update="perceptron", learning_rate=rate, **fields)


def by_hand(weights: list[float], bias: float, rate: float, samples: Any, updates: int) -> list[list[Fraction]]:
    """The perceptron rule in fractions, as in a published table: weights and bias after each update."""
    w, b, eta = [Fraction(str(one)) for one in weights], Fraction(str(bias)), Fraction(str(rate))
    rows = []
    for number in range(updates):
        inputs, target = samples[number % len(samples)]
        x = [Fraction(str(one)) for one in inputs]
        z = sum((one * two for one, two in zip(w, x, strict=True)), b)
        error = Fraction(str(target)) - (1 if z >= 0 else 0)
        w = [one + eta * error * two for one, two in zip(w, x, strict=True)]
        b += eta * error
        rows.append([*w, b])
    return rows


def test_a_published_table_comes_out_line_by_line() -> None:
    """AND with rate 0.1 and threshold 0.2, from weights 0.3 and −0.1 (Negnevitsky 2005, table 6.3)."""
    final = {1: (0.3, 0.0), 2: (0.2, 0.0), 3: (0.2, 0.1), 4: (0.1, 0.1), 5: (0.1, 0.1)}
    samples = [(inputs, target) for inputs, target in AND]
    layer = {
        "neurons": ["o"], "activation": "step", "weights": [[0.3, -0.1]], "biases": [-0.2], "frozen": ["biases"],
    }  # fmt: skip
    made = [{"inputs": inputs, "targets": [target]} for inputs, target in samples]
    trace = trace_of(lesson_table([layer], made, update="perceptron", learning_rate=0.1, updates=20))
    learned = [moment for moment in trace.moments if moment.has_learned]
    for epoch, weights in final.items():
        moment = learned[4 * epoch - 1]
        assert [float(one) for one in np.ravel(moment.values["new/w1"])] == list(weights)
    # 0.1·1 + 0.1·1 − 0.2 is 0 on paper, so the neuron fires: at the last line nothing changes any more.
    assert learned[19].values["z1"].tolist() == [0] and learned[19].values["a1"].tolist() == [1]


@given(st.lists(st.integers(-9, 9), min_size=4, max_size=4), st.integers(1, 9))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_200_updates_of_the_perceptron(numbers: list[int], rate: int) -> None:
    *weights, bias, _ = (one / 10 for one in numbers)
    samples = [([0.3, 0.7], 1.0), ([-0.1, 0.4], 0.0), ([0.6, -0.2], 1.0), ([0.1, 0.1], 0.0)]
    table = perceptron(weights, bias, rate / 10, samples, updates=200)
    learned = [moment for moment in trace_of(table).moments if moment.has_learned]
    for moment, wanted in zip(learned, by_hand(weights, bias, rate / 10, samples, 200), strict=False):
        assert_fractions(moment)
        found = [*np.ravel(moment.values["new/w1"]), *np.ravel(moment.values["new/b1"])]
        assert found == wanted


def test_training_fires_where_the_walk_does() -> None:
    made = setup_of(perceptron([0.3, -0.1], -0.2, 0.1, AND, updates=40))
    engine, trace = Engine(made), Trace(made)
    engine.run_to(len([moment for moment in trace.moments if moment.has_learned]) // 4)
    for key, wanted in engine.state.values.items():
        assert np.array_equal(trace.runs[0].after.values[key], wanted)


def relu_network(**fields: Any) -> dict[str, Any]:
    layers = [
        {"neurons": ["h1", "h2"], "activation": "relu", "weights": [[0.3, 0.7], [0.2, 0.9]], "biases": [0.1, 0.4]},
        {"neurons": ["o1"], "activation": "identity", "weights": [[0.6, 0.5]]},
    ]
    samples = [{"inputs": [0.7, 0.9], "targets": [0.3]}]
    fields = {"loss": "half_squared_error", "update": "gradient descent", "learning_rate": 0.1, **fields}
    return lesson_table(layers, samples, **fields)


def test_fractions_that_become_too_long_give_way_to_float64() -> None:
    """The page says from which update on; the numbers go on as if they had always been float64."""
    long, short = trace_of(relu_network(updates=12)), trace_of(relu_network(updates=3))
    engine = long.runs[0].engine
    assert engine.rational and 3 < engine.inexact_from <= 12
    learned = [moment.is_exact for moment in long.moments if moment.has_learned]
    assert learned.index(False) + 1 == engine.inexact_from
    for moment in short.moments:
        assert_fractions(moment)
    assert isinstance(long.moments[-1].value(long.moments[-1].forms.network["E"].general), float)
    engine = Engine(setup_of(relu_network(updates=12)))
    engine.run_to(12)
    for key, wanted in engine.state.values.items():
        assert np.allclose(np.asarray(long.runs[0].after.values[key], float), wanted, rtol=1e-12)
    for language in LANGUAGES:
        words = catalogue(language)
        assert str(engine.inexact_from) in policy_text(long, words)
        assert words("label.exact", places=words("sheet.places", digits=8)) in policy_text(short, words)


@pytest.mark.parametrize(
    "update", [name for name in OPTIMIZERS if name in ("gradient descent", "momentum", "nesterov")]
)
def test_rational_rules_stay_exact(update: str) -> None:
    for moment in trace_of(relu_network(updates=2, update=update)).moments:
        assert_fractions(moment)


def test_rounding_goes_with_fractions() -> None:
    """0.3 − 0.1 − 0.2 is 0 with every number of digits."""
    layer = {"neurons": ["o"], "activation": "step", "weights": [[0.3, -0.1, -0.2]]}
    table = lesson_table(
        [layer], [{"inputs": [1.0, 1.0, 1.0], "targets": [1.0]}], update="perceptron", learning_rate=0.1
    )
    for policy in (Policy(4), Policy(2, rounded=True)):
        trace = trace_of(table, policy=policy)
        assert trace["z_o"].value == 0.0 and trace["a_o"].value == 1.0
        assert_fractions(trace.moments[0])


def test_division_by_zero_is_told_as_ever(run: Run, tmp_path: Any) -> None:
    path = tmp_path / "zero.toml"
    path.write_text(
        'format_version = 1\nid = "zero"\n'
        + "".join(f'{one} = {{ en = "t", ko = "t" }}\n' for one in ("title", "goal", "introduction"))
        + 'closing = { question = { en = "q", ko = "q" }, answer = { en = "a", ko = "a" } }\n'
        + '[[quantities]]\nname = "x"\nvalues = 0\n[[quantities]]\nname = "y"\nformula = "1 / x"\n'
    )
    result = run("lesson", str(path))
    assert result.code == 1 and "y (value, pass 1, sample 1) is infinite" in result.err


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comparison_within_rounding_is_pointed_out(language: str) -> None:
    """Behind a sigmoid nothing is rational, and 0.1 + 0.2 − 0.3 is not 0."""
    rows: list[dict[str, Any]] = [
        {"name": "s", "values": 0.5}, {"name": "p", "formula": "exp(s)"},
        {"name": "x", "index": "i", "values": [0.1, 0.2, -0.3]},
        {"name": "z", "formula": "sum(x[i], i)"}, {"name": "a", "formula": "where(z > 0, 1, 0)"},
        {"name": "b", "formula": "where(p > 0, 1, 0)"},
    ]  # fmt: skip
    table = lesson_table([], [{"inputs": [1.0]}]) | {"quantities": rows}
    trace, words = (
        trace_of({key: table[key] for key in table if key not in ("layers", "samples", "inputs")}),
        catalogue(language),
    )
    assert words("why.near_threshold") in why(trace["a"], words)
    assert words("why.near_threshold") not in why(trace["b"], words)


def test_how_many_terms_a_formula_has() -> None:
    """A sum has as many as it is long, one inside another as both together; of several the longest counts."""
    one = Ref("w", (letter_index("i"),))
    assert longest(one) == longest(Sum("i", 1, one)) == 1 and longest(Sum("i", 5, one)) == 5
    assert longest(add(Sum("k", 3, Sum("i", 5, one)), Sum("i", 9, one))) == 15
