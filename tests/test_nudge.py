"""A number that is moved a little: what it moves agrees with what the way back finds."""

from __future__ import annotations

import pytest

import stepnn
from stepnn.notation.numbers import Decimal
from stepnn.page.blocks import Table
from stepnn.page.nudged import nudge_blocks
from stepnn.trace.nudge import BY, nudge
from stepnn.trace.step import Kind
from stepnn.words import LANGUAGES, catalogue

NAMES = ["backprop", "backprop-bias", "softmax", "gradient-descent", "convolution", "lstm"]


@pytest.mark.parametrize("name", NAMES)
def test_it_finds_what_the_way_back_finds(name: str) -> None:
    """Nudged both ways; and every row of the page can be read back."""
    trace, tried = stepnn.load(name).trace(), 0
    for step in (one for one in trace if one.kind is Kind.GRADIENT and one.ref is not None):
        found = nudge(trace, step)
        if found is None or found.error is None or step.moment is not found.moment:
            continue
        assert found.slope == step.ref
        both = (found.up.value(found.error) - found.down.value(found.error)) / (2 * BY)
        assert both == pytest.approx(step.value, rel=1e-3, abs=1e-6), step.id
        tried += 1
        for block in nudge_blocks(trace, step, catalogue("en")) or ():
            for row in [one for one in block.rows if one[0] != "…"] if isinstance(block, Table) else ():
                before, after, moved = (one.value for one in row[1:] if isinstance(one, Decimal))
                assert after - before == pytest.approx(moved, abs=1e-12)
    assert tried, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_step_has_a_page_or_none(language: str) -> None:
    """What a step uses first is nudged; where no error would move, there is nothing to see."""
    for name in ("backprop", "xor", "optimizers", "batches", "perceptron", "neuron", "k-means", "vanishing"):
        trace = stepnn.load(name).trace()
        pages = [nudge_blocks(trace, step, catalogue(language)) for step in list(trace)[:25]]
        assert any(pages) is (name in ("backprop", "xor", "optimizers", "vanishing", "batches")), name
