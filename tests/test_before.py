"""The net under the redesign: what lessons showed before it, they show still, but for what is said here.

All gradients come before all updates, ẑ is called z_hat as a whole, too, and ∂E/∂w as a whole dE_dw.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import stepnn
from stepnn.exercises import catalogue
from stepnn.exercises.assignment import fingerprint
from stepnn.exercises.catalogue import LATER, MISTAKES
from stepnn.exercises.code import Codes, read_code
from stepnn.exercises.situation import Situation
from stepnn.lessons.build import runs
from stepnn.notation.formula import Formula, Multiply, Number
from stepnn.sheets.sheet import Printer
from stepnn.trace.trace import Trace
from tests import before
from tests.help import HERE, TRAINED_LONG, close, setup_of

PARTS = 8
OLD = sorted(path.name.partition(".")[0] for path in before.HERE.glob("*.gz") if path.name != "random.json.gz")


def renamed(name: str) -> str:
    """The overview of all ẑ of a layer was called zhat1 beside its elements z_hat_h1, that of a derivative dE/dw."""
    return re.sub(r"zhat(\d)", r"z_hat\1", name).replace("/", "_")


def assert_same(old: dict[str, before.Row], found: dict[str, before.Row], what: str) -> None:
    steps = {renamed(one): (renamed(symbol), *rest) for one, (symbol, *rest) in old.items()}
    assert [one for one in steps if one not in found] == [], what
    assert [one for one in found if one not in steps] == [], what
    for one, (symbol, value, uses) in steps.items():
        now = found[one]
        assert now[0] == symbol and now[2] == uses, (what, one)
        assert (value is None) == (now[1] is None), (what, one)
        if what in TRAINED_LONG and not one.startswith("p1."):
            continue
        assert value is None or abs(now[1] - value) <= 1e-9 * max(1e-3, abs(value)), (what, one, now[1], value)


@pytest.mark.parametrize("name", OLD)
def test_steps_of_a_lesson(name: str) -> None:
    """Of a lesson that has got further runs since then, the first one, or those that it had."""
    setup = stepnn.load(name).setup
    training = setup.lesson.training.model_copy(update={"sample": None})  # xor shows another update since then
    had = [run for run in setup.lesson.runs if not run.later]
    fields = {"training": training, **({"runs": had} if had else {})}
    setup = replace(setup, lesson=setup.lesson.model_copy(update=fields))
    assert_same(before.read(name)["steps"], before.steps(Trace(setup if had else runs(setup)[0])), name)


@pytest.mark.parametrize("name", [*OLD[::2], *(pytest.param(name, marks=pytest.mark.long) for name in OLD[1::2])])
def test_numbers_of_its_codes(name: str) -> None:
    codes = before.read(name)["codes"]
    for code, answers in codes.items():
        contents, setup = read_code(code), stepnn.load(name).setup
        assert contents.lesson == fingerprint(setup.lesson)
        assignment = contents.of(setup)
        assert Codes(setup, assignment).code(contents.number) == code
        sheet = Printer(setup, assignment).sheet(contents.number)
        found = {answer.symbol: answer.value for answer in sheet.answers}
        assert list(found) == list(answers), code
        assert all(close(found[symbol], value, 1e-9) for symbol, value in answers.items()), code


def test_numbers_of_codes_of_scheme_three(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are drawn so that mistakes are told apart, by those that were known then: a later one changes nothing."""
    assert len(MISTAKES.keys() - LATER) == 102, "a new mistake belongs in LATER"
    codes: dict[str, dict[str, float]] = json.loads((HERE / "codes.json").read_text(encoding="utf-8"))

    def a_later_one(at: Situation) -> Iterator[Formula]:
        yield Multiply((Number(1.5), at.whole))

    monkeypatch.setitem(MISTAKES, a_later_one.__name__, a_later_one)
    monkeypatch.setattr(catalogue, "LATER", LATER | {a_later_one.__name__})
    for name, answers in codes.items():
        lesson, code = name.split()
        contents, setup = read_code(code), stepnn.load(lesson).setup
        sheet = Printer(setup, contents.of(setup)).sheet(contents.number)
        found = {answer.symbol: answer.value for answer in sheet.answers}
        if sheet.mistake is not None:
            found[sheet.mistake.kind] = sheet.mistake.value
        assert found.keys() == answers.keys() and all(close(found[one], answers[one], 1e-9) for one in found), name


@pytest.mark.parametrize("part", [0, 1, 2, *(pytest.param(part, marks=pytest.mark.long) for part in range(3, PARTS))])
def test_random_lessons(part: int) -> None:
    every: list[dict[str, Any]] = before.read("random")
    assert len(every) > 190
    for number in range(part, len(every), PARTS):
        found = before.steps(Trace(setup_of(every[number]["lesson"])))
        assert_same(every[number]["steps"], found, f"random lesson {number}")
