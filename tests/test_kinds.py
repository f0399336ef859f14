"""Every kind of layer on random shapes: gradients against 50-digit differences and against PyTorch."""

from __future__ import annotations

import importlib.util
import os
import re
from random import Random
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepnn.calculus.differentiate import differentiate
from stepnn.layers.kinds import KINDS
from stepnn.trace.trace import Trace
from tests.help import close, setup_of, trace_of
from tests.kinds import MAKE, Case, Numbers, made
from tests.networks import central_difference, given_elements

FEW = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=6)
HAS_TORCH = importlib.util.find_spec("torch") is not None
SEEDS = int(os.environ.get("SEEDS", 12))  # `make test-long` takes a thousand


def test_every_kind_is_tried() -> None:
    assert set(MAKE) == set(KINDS) - {
        "rbm",
        "loss",
    }  # without a gradient, see test_architectures; see test_dense_networks


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
            for name in case.given.keys() - {*case.fixed}:
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


def of_size(kind: str, size: int) -> Case:
    """A layer all of whose sizes grow together."""
    draw = Numbers(size)
    if kind == "gru":
        given = {"x": ("t, j", draw(size, size))}
        for gate in "rzn":
            given |= {f"U_{gate}": ("k, j", draw(size, size)), f"W_{gate}": ("k, m", draw(size, size))}
        return Case(kind, given, "h", "t, k", (size, size), weights=draw(size, size))
    if kind == "convolution":
        given = {"x": ("i, j", draw(size + 1, size + 1)), "w": ("p, q", draw(2, 2))}
        return Case(kind, given, "z", "i, j", (size, size), weights=draw(size, size))
    given = {"x": ("i, c", draw(size, size))} | {f"W_{one}": ("c, j", draw(size, size)) for one in "qkv"}
    settings = {"scores": "not scaled"}  # by √2 and √9
    return Case(kind, given, "Y", "i, j", (size, size), settings, weights=draw(size, size))


@pytest.mark.parametrize("kind", ["gru", "convolution", "attention"])
def test_a_formula_is_derived_once_whatever_the_sizes(kind: str) -> None:
    """The formulas of a large layer are those of a small one: only how far their sums run is another."""
    small, large = (differentiate(setup_of(of_size(kind, size).table()).network).quantities for size in (2, 9))
    assert [one.key for one in small] == [one.key for one in large] and len(small) > 2
    for few, many in zip(small, large, strict=True):
        assert re.sub(r"size=\d+", "", repr(few.formula)) == re.sub(r"size=\d+", "", repr(many.formula))
