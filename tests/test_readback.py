"""What is printed is true: every numbers line, in text, ASCII, LaTeX and JSON, is worked out again and compared."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, assume, given, settings

import stepnn
from stepnn.errors import CalculationError
from stepnn.lessons.setup import Setup
from stepnn.notation.mathematics import joined
from stepnn.notation.numbers import rounded
from stepnn.page.written import Expression, Written
from stepnn.trace.step import Policy, Step
from stepnn.trace.trace import Trace
from stepnn.words import catalogue
from tests.help import EVERY_SECOND, LESSONS, SMALL, close, numbers_line, written_as
from tests.networks import setups
from tests.readback import number_of_latex, number_of_text


def check(trace: Trace, tolerance: float) -> None:
    """Every element: the line's value is the step's value, and so is the shown result."""
    for step in trace.elements():
        value = step.value
        assert value is not None
        numbers, result = numbers_line(step)
        for write, read in ((in_text, number_of_text), (in_letters, number_of_text), (in_latex, number_of_latex)):
            assert close(read(write(result)), value, 0.6 * 10**-trace.policy.digits)
            line = write(numbers)
            if any(dots in line for dots in ("…", "...", "cdots")) or loses_digits(step):
                continue  # the middle of a long sum is left out on the page
            assert close(read(line), value, tolerance), (step.id, line)


def loses_digits(step: Step) -> bool:
    """The differences of gradient-check show what is lost when nearly equal numbers are taken apart, and say so."""
    of_check = step.moment.setup.lesson.id == "gradient-check"
    return of_check and step.quantity is not None and step.quantity.layer >= 4


def in_text(side: Written) -> str:
    return side.text


def in_letters(side: Written) -> str:
    assert isinstance(side, Expression)
    return joined(side.pieces(ascii=True))


def in_latex(side: Written) -> str:
    return joined(side.typeset)


@given(setups(most_layers=3, most_width=4))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_networks(setup: Setup) -> None:
    try:
        check(Trace(setup, Policy(15)), 1e-9)
    except CalculationError:
        assume(False)


@pytest.mark.parametrize("name", SMALL)
def test_lessons(name: str) -> None:
    check(stepnn.load(name).trace(digits=15), 1e-9)


@pytest.mark.parametrize("name", [name for name in LESSONS if name != "digits"])
def test_calculator_policy(name: str) -> None:
    """Rounded: each shown number follows from the shown numbers before it, to the last digit; to 2 and 4 by turns."""
    digits = 2 + 2 * (LESSONS.index(name) % 2)
    trace = stepnn.load(name).trace(digits=digits, rounded=True)
    for step in trace.elements():
        numbers, result = numbers_line(step)
        if "…" in numbers.text:
            continue
        again = number_of_text(numbers.text)
        nearest = {rounded(again * (1 + nudge), digits) for nudge in (-1e-13, 0, 1e-13)}  # a tie may go either way
        assert any(one == pytest.approx(step.value, abs=1e-12) for one in nearest), step.id
        assert number_of_text(result.text) == pytest.approx(step.value, abs=1e-15)


@pytest.mark.parametrize("name", EVERY_SECOND)
def test_json_says_the_same(name: str) -> None:
    trace = stepnn.load(name).trace(digits=15)
    document = json.loads("\n".join(written_as(trace, catalogue("en"), "json")))
    ids = {step["id"] for step in document["steps"]}
    assert len(ids) == len(document["steps"])
    for step, shown in zip(trace.elements(), document["steps"], strict=True):
        assert shown["value"] == step.value
        assert set(shown["uses"]) <= ids
        if "…" in shown["numbers"]["text"] or loses_digits(step):
            continue
        assert close(number_of_text(shown["numbers"]["text"]), shown["value"], 1e-9)
        assert close(number_of_latex(shown["numbers"]["latex"]), shown["value"], 1e-9)
