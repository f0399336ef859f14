"""Numbers for a class are drawn in a hurry: each short way gives what the long one gives."""

from __future__ import annotations

import math
import pickle
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stepnn
from stepnn.exercises.assignment import Selection, assigned
from stepnn.exercises.person import Numbers
from stepnn.exercises.telling import Alike, Right, Telling
from stepnn.notation.evaluate import ERRORS, Program, evaluate
from stepnn.notation.formula import Call, Cases, Compare, Divide, Formula, IsFirst, Number, Power, Ref, add, multiply
from stepnn.sheets.layout import sheet_page
from stepnn.sheets.sheet import Printer
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
    numbers, found = Numbers(telling.workings, trace), []
    for step in telling.steps:
        right = Right(numbers.true(step.at, step.ref), telling.digits)
        others: list[tuple[float, tuple[str, ...]]] = []
        for mistake in (mistake for own, mistake in telling.mistakes if own is step):
            value = numbers.of(step.at, mistake.formula)
            if right.is_like(value):
                found.append(Alike(step.id, mistake.names))
            elif not math.isnan(value):
                near = [names for other, names in others if names != mistake.names and right.are_alike(value, other)]
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
