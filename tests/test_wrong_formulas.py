"""Wrong formulas that others wrote down: where students go wrong, from threads, marking and textbooks.

They were collected by somebody who had not seen the catalogue (`source` says from where); `names` are those of the
catalogue that describe what was done, as read by hand.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

import pytest

import stepnn
from stepnn.errors import StepnnError
from stepnn.exercises.catalogue import MISTAKES
from stepnn.exercises.desk import Desk, desk_for
from stepnn.exercises.judge import Judged, Judgement
from stepnn.exercises.person import Numbers
from stepnn.exercises.situation import Situation
from stepnn.exercises.typed import number
from stepnn.exercises.workings import Working
from stepnn.network.identity import Key, What, is_a
from stepnn.notation.formula import refs
from stepnn.trace.trace import Trace
from tests.help import HERE, LESSONS

LINES = [json.loads(line) for line in (HERE / "wrong_formulas.jsonl").read_text(encoding="utf-8").splitlines()]
FUNCTIONS: dict[str, Any] = {
    "exp": math.exp, "log": math.log, "log10": math.log10, "sqrt": math.sqrt, "tanh": math.tanh, "max": max, "min": min,
    "abs": abs, "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
}  # fmt: skip
VARIANTS = (1,)


def test_wrong_formulas_that_others_wrote_down() -> None:
    """The first wrong step is found, and hardly ever is a mistake called by a wrong name."""
    counts: Counter[str] = Counter()
    lessons = {name: desk_for(stepnn.load(name).setup)[0] for name in {line["lesson"] for line in LINES}}
    for variant in VARIANTS:
        traces = {name: numbers(desk, variant) for name, desk in lessons.items()}
        for line in LINES:
            count(line, lessons[line["lesson"]], traces[line["lesson"]], counts)
    print(counts)
    assert len(LINES) >= 60 and counts["visible"] >= 200
    assert counts["located"] >= 0.99 * counts["visible"]
    assert counts["wrongly named"] <= 0.02 * counts["visible"]
    assert counts["named"] >= 0.4 * counts["visible"]


@pytest.mark.parametrize(
    "name", [name for name in LESSONS if name != "digits"]
)  # whose layers are large, and like others
def test_a_mistake_reads_what_there_is(name: str) -> None:
    """Every number in a wrong formula of the last element of an array exists."""
    last = {(step.ref.name, step.moment.number > 1): step for step in stepnn.load(name).trace().elements() if step.ref}
    for step in last.values():
        at = Situation(step)
        for called, rule in MISTAKES.items():
            for ref in (ref for wrong in rule(at) for ref in refs(wrong)):
                if isinstance(ref.name, Key) and is_a(ref.name, What.BEFORE):  # a weight of the pass before
                    assert at.network[ref.name.of[0]].lacks(ref.index) is False, (step.id, called)
                else:
                    assert at.has(ref), (step.id, called)


def numbers(desk: Desk, variant: int) -> Trace:
    """Numbers that tell mistakes apart; the lesson's own where there are none."""
    try:
        return desk.trace(variant)
    except StepnnError:
        return desk.trace(None)


def count(line: dict[str, Any], desk: Desk, trace: Trace, counts: Counter[str]) -> None:
    working = desk.spelling.working(line["step"])
    assert working is not None, line
    value = float(eval(line["wrong"], {"__builtins__": {}}, known(trace, working)))  # our own data
    right = Numbers(desk.workings, trace).true(working.at, working.ref)
    if abs(value - right) <= 2 * desk.judge.digits.unit(right):
        counts["invisible"] += 1
        return
    judgement = followed(desk, trace, working, value)
    said: Judged = judgement.answers[working.id]
    counts["visible"] += 1
    counts["located"] += judgement.first == working.id
    if said.mistakes:
        counts["named" if set(said.mistakes) & set(line["names"]) else "wrongly named"] += 1


def known(trace: Trace, working: Working) -> dict[str, Any]:
    """Every number of the pass by its symbol; in a later pass, weights before the update as `w5_old`."""
    found = dict(FUNCTIONS)
    moment = trace.moments[working.at]
    for quantity in moment.network.quantities:
        if quantity.key in moment.values:
            for ref in map(quantity.element, quantity.positions):
                found.setdefault(moment.names.ascii(ref), moment.value(ref))
    if working.at:
        before = trace.moments[working.at - 1]
        for quantity in before.network.parameters:
            for ref in map(quantity.element, quantity.positions):
                found[f"{before.names.ascii(ref)}_old"] = before.value(ref)
    return found


def followed(desk: Desk, trace: Trace, wrong: Working, value: float) -> Judgement:
    """The whole sheet of somebody who goes on from a wrong value with all digits."""
    own = Numbers(desk.workings, trace)
    answers = {}
    for one in desk.workings.all:
        found = value if one is wrong else own.of(one.at, one.forms[0])
        own.values[one.id] = found if math.isfinite(found) else own.true(one.at, one.ref)
        if one.step is not None:
            typed = number(desk.judge.digits.shown(own.values[one.id]).ascii)
            assert typed is not None
            answers[one.id] = typed
    return desk.judge.judge(trace, answers)
