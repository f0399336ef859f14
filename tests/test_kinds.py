"""Every kind of layer on random shapes: gradients against 50-digit differences and against PyTorch."""

from __future__ import annotations

import importlib.util
import os
from random import Random
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepnn.layers.kinds import KINDS
from stepnn.trace.trace import Trace
from tests.help import close, trace_of
from tests.kinds import MAKE, Case, made
from tests.networks import central_difference, given_elements

FEW = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=6)
HAS_TORCH = importlib.util.find_spec("torch") is not None
SEEDS = 40 if os.environ.get("CI") else 12


def test_every_kind_is_tried() -> None:
    assert set(MAKE) == set(KINDS) - {"rbm"}  # which has no gradient; see test_architectures


def values(trace: Trace, key: str) -> Any:
    return trace.moments[0].values[key]


@pytest.mark.parametrize("kind", MAKE)
def test_gradients_agree_with_fifty_digit_differences(kind: str) -> None:
    @FEW
    @given(st.integers(0, 10**6))
    def check(seed: int) -> None:
        case = made(kind, seed)
        trace, pick = trace_of(case.table()), Random(seed)
        with mpmath.workdps(50):
            elements = given_elements(trace.setup)
            for name in case.given:
                quantity = trace.setup.network[name]
                for position in pick.sample(quantity.positions, min(2, quantity.count)):
                    wanted = central_difference(trace.setup.network, elements, name, position)
                    assert close(float(values(trace, f"dE/d{name}")[position]), wanted, 1e-10), (name, position)

    check()


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")
@pytest.mark.parametrize("kind", MAKE)
def test_values_and_gradients_agree_with_pytorch(kind: str) -> None:
    from tests.in_torch import gradients

    for seed in range(SEEDS):
        case = made(kind, seed)
        trace = trace_of(case.table())
        out, wanted = gradients(case)
        same(values(trace, case.out), out.numpy(), case)
        for name, gradient in wanted.items():
            same(values(trace, f"dE/d{name}"), gradient.numpy(), case)


def same(found: Any, wanted: Any, case: Case) -> None:
    assert np.shape(found) == np.shape(wanted), case
    assert np.all(np.abs(found - wanted) <= 1e-12 * np.maximum(1.0, np.abs(wanted))), case


def test_at_a_tie_the_first_of_the_largest_learns_or_all_share() -> None:
    case = made("maximum pooling", 3)
    case.given, case.shape, case.index = {"x": ("i, j", [[3.0, 3.0], [0.0, 3.0]])}, (1, 1), "i, j"
    case.weights = [[6.0]]
    for ties, wanted in (("first", [[6, 0], [0, 0]]), ("shared", [[2, 2], [0, 2]])):
        case.settings = {"window": 2, "ties": ties}
        assert values(trace_of(case.table()), "dE/dx").tolist() == wanted
