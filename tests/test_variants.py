"""Numbers for a class are drawn in a hurry: each short way gives what the long one gives."""

from __future__ import annotations

import math
import pickle
from functools import lru_cache
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import stepnn
from stepnn.exercises.assignment import Selection, assigned
from stepnn.exercises.person import Numbers
from stepnn.exercises.telling import Alike, Telling, are_alike, is_like, may_be_alike, may_be_like
from stepnn.exercises.variants import SMALLEST, has_equals, is_tiny
from stepnn.notation.digits import Digits
from stepnn.notation.evaluate import ERRORS, Program, evaluate
from stepnn.notation.formula import Call, Cases, Compare, Divide, Formula, IsFirst, Number, Power, Ref, add, multiply
from stepnn.sheets.layout import sheet_page
from stepnn.sheets.sheet import Printer
from stepnn.trace.step import Policy
from stepnn.trace.trace import Trace
from stepnn.words import catalogue
from stepnn.writers.formats import FORMATS, Options
from stepnn.writers.pdf.source import source

SOME = ("backprop", "perceptron", "xor", "lstm", "softmax")
ENGLISH = catalogue("en")


@lru_cache(1)
def printer(name: str, significant: bool = True, digits: int = 4) -> Printer:
    found = stepnn.load(name).setup
    return Printer(found, assigned(found, Selection(), digits, significant=significant))


@pytest.mark.parametrize("name", SOME)
def test_the_steps_of_a_variant_are_those_of_the_lesson_with_other_numbers(name: str) -> None:
    exercises = printer(name).exercises
    for seed in range(5):
        given_numbers = exercises.setup.with_seed(f"{seed}/0")
        anew = Trace(given_numbers, exercises.assignment.policy, exercises.assignment.updates)
        quick = exercises.with_numbers(given_numbers)
        assert [(one.id, one.value, one.here, one.kind) for one in exercises.chosen(quick)] == [
            (one.id, one.value, one.here, one.kind) for one in exercises.chosen(anew)
        ]
        for one, other in zip(exercises.chosen(quick), exercises.chosen(anew), strict=True):
            assert [(inner.id, inner.value) for inner in one.children] == [
                (inner.id, inner.value) for inner in other.children
            ]
            assert one.parent is not None and other.parent is not None
            assert (one.parent.id, one.parent.moment.number) == (other.parent.id, other.parent.moment.number)


def one_by_one(telling: Telling, trace: Trace) -> list[Alike]:
    """What numbers do not tell, with no short way: every mistake of every step, each with all before it."""
    numbers, digits, found = Numbers(telling.workings, trace), telling.digits, []
    for step in telling.workings.asked:
        right = numbers.true(step.at, step.ref)
        others: list[tuple[float, tuple[str, ...]]] = []
        for mistake in (mistake for own, mistake in telling.mistakes if own is step):
            value = numbers.of(step.at, mistake.formula)
            if is_like(value, right, digits):
                found.append(Alike(step.id, mistake.names))
            elif not math.isnan(value):
                near = [names for other, names in others if names != mistake.names and are_alike(value, other, digits)]
                found += [Alike(step.id, mistake.names, names) for names in near]
                others.append((value, mistake.names))
    return found


@pytest.mark.parametrize("exactly", [(True, 4), (True, 2), (False, 4), (False, 8)], ids=str)
@pytest.mark.parametrize("name", SOME)
def test_no_mistake_that_is_not_told_is_passed_over(name: str, exactly: tuple[bool, int]) -> None:
    """Printed codes draw their numbers by the count."""
    variants = printer(name, *exactly).variants
    traces = [found for number in range(6) if isinstance(found := variants.attempt(number, 0), Trace)]
    for trace in [*traces, variants.exercises.trace]:
        for telling in (variants.drawing, variants.telling):
            assert list(telling.alike(trace)) == one_by_one(telling, trace)


SIZES = st.one_of(st.floats(-1e15, 1e15), st.floats(-1e-3, 1e-3), st.integers(-99_999, 99_999).map(float))


@given(
    SIZES, SIZES, st.integers(10, 99_999), st.integers(-9, 4), st.integers(0, 10), st.booleans(), st.integers(0, 5),
    st.integers(-9, 9), st.floats(-0.6, 0.6),
)  # fmt: skip
@settings(max_examples=1_000, deadline=None)
def test_the_quick_questions_pass_over_nothing(
    one: float, other: float, whole: int, power: int, count: int, significant: bool, place: int, by: int, rest: float
) -> None:
    """Of numbers of any size, and of some whose digits are swapped or misread."""
    digits, unit = Digits(count, significant), 10.0**power
    right, first = (whole + rest) * unit, place % len(text := str(whole))
    swapped = int(text[:first] + text[first : first + 2][::-1] + text[first + 2 :]) * unit
    for value, true in product((one, other, swapped, right + by * unit * 10**place, right * 7), (right, one)):
        arrays = np.array([value]), np.array([true])
        assert may_be_like(*arrays, digits)[0] or not is_like(value, true, digits), (value, true)
        assert may_be_alike(*arrays, digits)[0] or not are_alike(value, true, digits), (value, true)


@given(st.lists(SIZES, min_size=2, max_size=6), st.integers(0, 12), st.booleans())
@example(values=[-0.0009181913217300827, -0.0005005452912163107], count=3, significant=False)
@settings(max_examples=500, deadline=None)
def test_what_is_not_written_out_would_read_so(values: list[float], count: int, significant: bool) -> None:
    """Whether a number is hard to read, and whether two read the same, is mostly answered without their texts."""
    policy, step = Policy(count, significant=significant), printer("backprop").exercises.steps[0]
    texts = [policy.shown(value).text for value in values]
    assert has_equals([(step, value) for value in values], policy) == (len(set(texts)) < len(texts))
    for value in values:
        assert is_tiny(value, policy) == (abs(value) < SMALLEST or policy.shown(value).exponent is not None)


numbers = st.sampled_from([-2.0, -0.5, 0.0, 0.5, 1.0, 3.0, 1e200])
leaves = st.one_of(st.builds(Ref, st.sampled_from("abcd")), st.builds(Number, st.integers(-2, 3)))


def larger(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    condition = st.builds(Compare, st.sampled_from([">", "<="]), inner, inner)
    return st.one_of(
        st.builds(add, inner, inner, inner), st.builds(multiply, inner, inner), st.builds(Divide, inner, inner),
        st.builds(Power, inner, inner), st.builds(lambda one: Call("log", (one,)), inner),
        st.builds(lambda one: Call("sigmoid", (one,)), inner), st.builds(Cases, condition, inner, inner),
        st.builds(lambda one, other, shared: IsFirst(1, (one, other), shared), inner, inner, st.booleans()),
    )  # fmt: skip


@given(
    st.lists(st.recursive(leaves, larger, max_leaves=12), max_size=6),
    st.fixed_dictionaries(dict.fromkeys("abcd", numbers)),
)
@settings(deadline=None)
def test_many_formulas_at_once_give_what_each_gives(formulas: list[Formula], values: dict[str, float]) -> None:
    """Also where one has no value: then the others still have theirs."""

    def alone(formula: Formula) -> float:
        try:
            value = float(evaluate(formula, lambda ref: values[ref.name]))
        except ERRORS:
            return math.nan
        return value if math.isfinite(value) else math.nan

    together = Program(formulas).numbers(lambda ref: values[ref.name])
    assert list(map(repr, together)) == [repr(alone(formula) + 0.0) for formula in formulas]


def test_a_formula_takes_no_hash_to_another_process() -> None:
    formula = multiply(Ref("w"), Ref("a"))
    assert {formula: 1}[pickle.loads(pickle.dumps(formula))] == 1
    assert "hash" in formula.__dict__
    assert "hash" not in pickle.loads(pickle.dumps(formula)).__dict__


@pytest.mark.parametrize("fade", [0, 3])
def test_what_sheets_have_in_common_stands_on_each(fade: int) -> None:
    """The second sheet of a class is the sheet that is made alone."""
    lesson = stepnn.load("backprop").setup
    asked = assigned(lesson, Selection(fade=fade))
    of_class, alone = Printer(lesson, asked), Printer(lesson, asked)
    first, second = (sheet_page(of_class.sheet(number), ENGLISH, True) for number in (1, 2))
    own = sheet_page(alone.sheet(2), ENGLISH, True)
    assert source(second, "a4") == source(own, "a4") != source(first, "a4")
    lines = FORMATS["text"].lines
    assert list(lines(second, Options())) == list(lines(own, Options()))
