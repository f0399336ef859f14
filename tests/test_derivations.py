"""Every line of a derivation is true: worked out at the numbers of a lesson, and with any formula at random numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import stepnn
from stepnn.book.functions import ACTIVATIONS, FUNCTIONS, LOSSES
from stepnn.calculus.local import links
from stepnn.calculus.smallsteps import SmallSteps, in_own_value, small_steps
from stepnn.errors import DerivativeError, FormulaError
from stepnn.network.identity import Key, What, is_a
from stepnn.network.model import Network, Quantity, Role
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Formula, Ref, refs, walk
from stepnn.notation.indices import binds, free_letters
from stepnn.notation.parse import parse
from stepnn.page.asides import derivation as block_of
from stepnn.page.written import plain
from stepnn.trace.derivation import derivation
from stepnn.trace.step import Kind, Step
from stepnn.trace.trace import Trace
from stepnn.words import LANGUAGES, catalogue
from tests.help import LESSONS, trace_of

X = Ref("x")
H = 1e-5


def steps_of(text: str) -> tuple[Quantity, SmallSteps | None, Formula]:
    """y = text, differentiated by x in small steps; and what SymPy finds."""
    user = Quantity("y", Role.VALUE, "y", formula=parse(text))
    names = dict.fromkeys(ref.name for ref in refs(parse(text)))
    network = Network((*(Quantity(name, Role.GIVEN, name) for name in names), user))
    left = Quantity(Key(What.LINK, "y", "x", "whole"), Role.LOCAL_SLOPE, "slope", wrt=(user.general, X))
    (link,) = links(user, "x")
    return user, small_steps(user, X, left.general, network), link.plain


def wrong_lines(text: str, at: dict[str, float]) -> list[str]:
    """Lines of the derivation whose sides differ at these numbers; slopes are found by differences."""
    user, steps, plain_slope = steps_of(text)
    if steps is None:
        return []
    parts = {one.key: one for one in (user, *steps.extra) if one.formula is not None}
    slopes = {one.key: one.wrt[0] for one in steps.extra if one.wrt is not None}

    def value(ref: Ref, moved: float = 0.0) -> float:
        if ref.name in parts:
            return float(evaluate(parts[ref.name].formula, lambda one: value(one, moved)))
        if is_a(ref.name, What.LINK):
            top = slopes.get(ref.name, user.general)
            return (value(top, moved + H) - value(top, moved - H)) / (2 * H)
        return at[ref.name] + (moved if ref == X else 0.0)

    found = [(one.left, one.right) for one in steps.steps]
    found += [(one.left, one.right) for one in in_own_value(user, plain_slope)]
    found.append((steps.steps[-1].left, plain_slope))
    return [
        f"{left} = {right}"
        for left, right in found
        if not math.isclose(*(float(evaluate(side, value)) for side in (left, right)), rel_tol=1e-3, abs_tol=1e-4)
    ]


def of_one_number(formula: str) -> str:
    """A formula of the book with plain letters."""
    return formula.replace("z[k]", "x").replace("a[k]", "x").replace("t[k]", "t")


BOOK = [of_one_number(rule.formula) for name, rule in ACTIVATIONS.items() if name not in ("step", "softmax")]
BOOK += [of_one_number(rule.each) for rule in LOSSES.values()]
BOOK += ["x * exp(0.5)**2"]
BOOK += [f"{name}(0.3 * x + 0.4)" for name, one in FUNCTIONS.items() if one.math and one.arguments == 1]


@pytest.mark.parametrize("text", BOOK)
def test_every_formula_of_the_book_in_small_steps(text: str) -> None:
    """There are rules for all of them, and each line is true; on both sides of a kink."""
    _, steps, _ = steps_of(text)
    assert steps is not None
    for x in (0.7, 0.31, -0.45):
        if "log(x)" not in text or x > 0:
            assert wrong_lines(text, {"x": x, "t": 0.6, "alpha": 0.25}) == [], x


def test_what_does_not_lead_to_the_error_is_left_out() -> None:
    """A GPT's shares at a temperature are made of z too, but E is not made of them."""
    trace = stepnn.load("language-model").trace(updates=1)
    step = next(one for one in trace.steps if one.quantity is not None and one.quantity.key == "dE/dz")
    read = {
        ref.name for line in derivation(step).lines for sides in line.equations for side in sides for ref in refs(side)
    }
    assert "P" in read and not {"G", "c"} & read


def test_a_part_of_a_slope_is_not_shown_as_the_whole() -> None:
    """exp(z[0]) / Σ exp(z[u]) reads z_1 above and below the line; neither way alone is the slope by it."""
    rows = [
        {"name": "z", "index": "u", "values": [0.3, -0.2], "learned": True},
        {"name": "g", "formula": "exp(z[0]) / sum(exp(z[u]), u)"}, {"name": "E", "formula": "g**2"},
    ]  # fmt: skip
    words = {"en": "text"}
    table = {
        "format_version": 1, "id": "made", "title": words, "goal": words, "introduction": words, "quantities": rows,
        "closing": {"question": words, "answer": words}, "error": "E", "update": "gradient descent", "learning_rate": 0.1,
    }  # fmt: skip
    step = next(one for one in trace_of(table).steps if one.symbol == "dE_dz_1")
    shown = [left.name for line in derivation(step).lines for left, _ in line.equations if isinstance(left, Ref)]
    assert "E" in shown or "g" in shown
    assert Key(What.SLOPE, "g", "z") not in shown


ATOMS = st.sampled_from(["x", "t", "2", "0.5", "x"])
FORMULAS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda one: f"({one[0]} {one[1]} {one[2]})"),
        st.tuples(st.sampled_from(["exp", "tanh", "sin", "sigmoid"]), inner).map(lambda one: f"{one[0]}({one[1]})"),
        inner.map(lambda one: f"({one})**2"),
    ),
    max_leaves=6,
)


@given(FORMULAS, st.floats(0.2, 0.9))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_formula_in_small_steps(text: str, x: float) -> None:
    try:
        assume(any(ref == X for ref in refs(parse(text))))
        steps_of(text)
        found = wrong_lines(text, {"x": x, "t": 0.6})
    except (ValueError, ArithmeticError, DerivativeError, FormulaError):  # nothing is left of x, or no number
        assume(False)
    assert found == []


@pytest.mark.parametrize("name", LESSONS)
def test_every_line_holds_here(name: str) -> None:
    """What `d` says of a step, with the numbers of the step put in; and in the chain rule a letter is one thing."""
    trace, seen, compared = Trace(stepnn.load(name).setup), set[str](), 0
    for step in trace:
        if step.ref is None or step.quantity is None or step.quantity.key in seen or step.kind is Kind.TERM:
            continue
        seen.add(step.quantity.key)
        for line in derivation(step).lines:
            for left, right in line.equations:
                assert line.keys not in CHAINS or is_of_the_same(left, right), (step.id, line)
                sides = [worked_out(side, step) for side in (left, right)]
                if None not in sides and all(map(math.isfinite, sides)):
                    assert math.isclose(*sides, rel_tol=1e-9, abs_tol=1e-12), (step.id, line.keys)
                    compared += 1
    assert compared or name in ("k-means", "linear-collapse", "vanishing")


CHAINS = ((("chain",),), (("chain_one",),))


def is_of_the_same(left: Formula, right: Formula) -> bool:
    """What the left side is about stands on the right, too; a letter that is summed over is none of these."""
    summed = {letter for part in walk(right) for letter, _ in binds(part)}
    return set(free_letters(right)) <= set(free_letters(left)) and not summed & set(free_letters(left))


def worked_out(side: Formula, step: Step) -> float | None:
    """A side of an equation as a number; None for a general one, or one that speaks of what has no number."""
    if free_letters(side) or any(ref.name not in step.moment.values for ref in refs(side)):
        return None
    try:
        return float(evaluate(step.moment.forms.shortened(side), step.moment.value))
    except (TypeError, ZeroDivisionError, OverflowError, ValueError):
        return None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_something_to_say(language: str) -> None:
    """A derivation, or what a step rests on: never an empty page."""
    trace = Trace(stepnn.load("backprop").setup)
    for step in trace:
        lines = block_of(step, catalogue(language)).lines
        assert lines and all(plain(text).strip() for text, _ in lines), step.id


def test_sigmoid_is_derived_line_by_line() -> None:
    """By the quotient rule, then with e^(−z) as 1/σ − 1; general, and for the neuron of the step."""
    trace = Trace(stepnn.load("backprop").setup)
    lines = block_of(trace[trace.place("da_dz_o1")], catalogue("en")).lines
    text = "\n".join(
        [plain(one) for one, _ in lines]
        + [f"{row.left.text} = {row.right.text}" for _, rows in lines if rows for row in rows.lines]
    )
    for wanted in (
        "Quotient rule", "u = 1 + e^(−z_k)", "e^(−z_k) = 1 / a_k − 1", "∂a_k/∂z_k = (1 / a_k − 1) / (1 / a_k)²",
        "∂a_k/∂z_k = a_k · (1 − a_k)", "∂u/∂z_o1 = −e^(−z_o1)", "∂a_o1/∂z_o1 = a_o1 · (1 − a_o1)",
    ):  # fmt: skip
        assert wanted in text


def test_the_kink_is_spoken_of_where_it_is_used() -> None:
    """At exactly 0, ReLU has no slope: the page says which one is taken."""
    trace = Trace(stepnn.load("activations").setup)
    step = next(one for one in trace if one.kind is Kind.ACTIVATION_SLOPE and "relu" in one.symbol)
    assert any("kink" in plain(text) for text, _ in block_of(step, catalogue("en")).lines)
