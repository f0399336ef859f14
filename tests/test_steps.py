"""Every number that is worked out is a step of the walk, or inside one, under an id of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

import stepnn
from stepnn.errors import CalculationError
from stepnn.lessons.setup import Setup
from stepnn.trace.step import Step
from stepnn.trace.trace import Trace
from stepnn.views import data
from stepnn.words import catalogue
from tests.help import LESSONS
from tests.networks import setups
from tests.random_lessons import formula_lessons
from tests.test_right_numbers import numbers

FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate)
)


def inside(step: Step) -> Iterator[Step]:
    yield step
    for child in step.children:
        yield from inside(child)


def check(trace: Trace) -> None:
    for run in trace.runs:
        for tree in run.passes:
            found = {step.ref for step in inside(tree.root) if step.ref is not None and step.term is None}
            for quantity in tree.network.computed:
                if quantity.key in tree.moment.values:
                    for position in quantity.positions:
                        assert quantity.element(position) in found, (quantity.key, position)
    document = json.loads("\n".join(data.document(trace, catalogue("en"))))
    ids = [step["id"] for step in document["steps"]]
    assert len(set(ids)) == len(ids)
    for run in trace.runs:
        for moment in run.moments:
            total = moment.forms.network.total_error
            if total is not None and total.formula is not None and total.key in moment.values:
                assert f"p{moment.number}.{moment.forms.names.ascii(total.general)}" in ids


@pytest.mark.parametrize("name", [name for name in LESSONS if name not in ("digits", "vanishing")])
def test_lessons(name: str) -> None:
    check(stepnn.load(name).trace(updates=1))


@given(setups(most_layers=3, most_width=3))
@FEW
def test_random_networks(setup: Setup) -> None:
    try:
        check(Trace(setup))
    except CalculationError:
        assume(False)


@given(formula_lessons())
@FEW
def test_random_formulas(table: dict[str, Any]) -> None:
    trace = numbers(table)
    if isinstance(trace, str):
        assume(False)
    check(trace)
