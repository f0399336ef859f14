"""Every derived gradient against central differences in 50-digit arithmetic."""

from __future__ import annotations

import mpmath
import pytest
from hypothesis import HealthCheck, assume, given, settings

from stepnn.errors import CalculationError, DerivativeError
from stepnn.lessons.setup import Setup
from stepnn.trace.trace import Trace
from tests.help import close, lesson_table, setup_of
from tests.networks import central_difference, given_elements, setups


@given(setups())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_gradients_of_random_networks(setup: Setup) -> None:
    try:
        trace = Trace(setup)
    except CalculationError:
        assume(False)
    values = trace.moments[0].values
    with mpmath.workdps(50):
        given_numbers = given_elements(setup)
        for parameter in setup.network.trained:
            for position in parameter.positions:
                wanted = central_difference(setup.network, given_numbers, parameter.key, position)
                assert close(float(values[f"dE/d{parameter.key}"][position]), wanted, 1e-10)


@given(setups(most_layers=2, most_width=3))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_links_of_the_chain_multiply_to_delta(setup: Setup) -> None:
    """δ is what its factors say, whatever form it was tidied into."""
    try:
        trace = Trace(setup, updates=1)
    except CalculationError:
        assume(False)
    for step in trace.elements():
        if step.symbol.startswith("delta") and len(step.children) == 2:
            outer, slope = (child.value or 0 for child in step.children)
            assert close(step.value or 0, outer * slope, 1e-9)


def test_step_function_has_no_delta() -> None:
    layer = {"neurons": ["o1"], "activation": "step", "weights": [[1.0]]}
    table = lesson_table([layer], [{"inputs": [1.0], "targets": [1.0]}], loss="half_squared_error")
    setup = setup_of(table)
    assert Trace(setup)["a_o1"].value == 1.0
    learning = Setup(
        setup.lesson.model_copy(update={"update": "gradient descent", "learning_rate": 0.5}),
        setup.network.extended([setup_of(table | {"learning_rate": 0.5}).network["eta"]]),
        setup.parameters, setup.samples, 0.5,
    )  # fmt: skip
    with pytest.raises(DerivativeError, match=r"step function .* flat"):
        Trace(learning)


@pytest.mark.parametrize("z", [-800.0, 800.0])
def test_extreme_sums_stay_finite(z: float) -> None:
    """σ, softplus, softmax and swish at ±800, forward and back."""
    for activation in ("sigmoid", "softplus", "softmax", "tanh", "elu", "swish"):
        layer = {"neurons": ["o1", "o2"], "activation": activation, "weights": [[z], [0.5]]}
        own = {"activations": {"swish": {"formula": "z / (1 + exp(-z))"}}} if activation == "swish" else {}
        table = lesson_table(
            [layer], [{"inputs": [1.0], "targets": [0.0, 1.0]}],
            loss="half_squared_error", update="gradient descent", learning_rate=0.01, **own,
        )  # fmt: skip
        trace = Trace(setup_of(table))
        value, slope = trace["a_o1"].value, trace["delta_o1"].value
        assert value is not None and slope is not None
        if activation == "sigmoid":
            assert value == (1.0 if z > 0 else 0.0)
        if activation == "softplus":
            assert value == max(z, 0.0)


def test_softmax_cross_entropy_of_large_sums() -> None:
    """δ = a − t survives activations that are exactly 0 and 1."""
    layer = {"neurons": ["o1", "o2"], "activation": "softmax", "weights": [[800.0], [0.0]]}
    table = lesson_table([layer], [{"inputs": [1.0], "targets": [1.0, 0.0]}], loss="softmax_cross_entropy")
    assert Trace(setup_of(table))["E"].value == 0.0
