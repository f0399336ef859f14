"""Every derived gradient against central differences in 50-digit arithmetic."""

from __future__ import annotations

from random import Random

import mpmath
import pytest
from hypothesis import HealthCheck, assume, given, settings

import stepnn
from stepnn.book.functions import ACTIVATIONS
from stepnn.errors import CalculationError, DerivativeError
from stepnn.lessons.setup import Setup
from stepnn.network.model import Network
from stepnn.trace.trace import Trace
from tests.help import LESSONS, close, lesson_table, setup_of
from tests.networks import TRAINABLE, Elements, central_difference, given_elements, setups, total_error


@given(setups())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_gradients_of_random_networks(setup: Setup) -> None:
    try:
        compare(setup)
    except CalculationError:
        assume(False)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "step"])
def test_gradients_of_each_activation(name: str) -> None:
    """In a small network, in the middle and further out, hidden and at the output."""
    for size in (0.5, 3.0):
        layers = [
            {
                "neurons": ["h1", "h2"],
                "activation": name,
                "weights": [[size, -0.4], [0.3, -size]],
                "biases": [0.1, 0.2],
            },
            {"neurons": ["o1", "o2"], "activation": name, "weights": [[0.6, size], [-0.5, 0.4]], "biases": [0.2, -0.3]},
        ]
        samples = [{"inputs": [0.8, -0.6], "targets": [0.3, 0.9]}]
        learning = {"loss": "half_squared_error", "update": "gradient descent", "learning_rate": 0.1}
        assert compare(setup_of(lesson_table(layers, samples, **learning))) >= 12


def compare(setup: Setup) -> int:
    """How many gradients of the first update agree with differences. Raises CalculationError."""
    values = Trace(setup).moments[0].values
    count = 0
    with mpmath.workdps(50):
        given_numbers = given_elements(setup)
        for parameter in setup.network.trained:
            for position in set(parameter.positions) - parameter.still:
                wanted = central_difference(setup.network, given_numbers, parameter.key, position)
                assert close(float(values[f"dE/d{parameter.key}"][position]), wanted, 1e-10)
                count += 1
    return count


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


@pytest.mark.parametrize("name", LESSONS)
def test_lessons(name: str) -> None:
    """The gradients of every lesson against differences: of the compiled forward pass, and in 50 digits."""
    for run in stepnn.load(name).trace(updates=1).runs:
        run.prove()
        moment = next((one for one in run.moments if one.goes_back and not one.samples), None)
        derived = run.engine.formulas.backward
        network = run.engine.formulas.network
        if moment is None or network.total_error is None or sum(one.count for one in network.quantities) > 800:
            continue
        pick = Random(name)
        with mpmath.workdps(50):
            numbers = {
                (one.key, position): mpmath.mpf(float(moment.values[one.key][position]))
                for one in network.quantities if one.formula is None for position in one.positions
            }  # fmt: skip
            for gradient in derived:
                if gradient.wrt is None or gradient.wrt[0].name != network.total_error.key:
                    continue
                key = gradient.wrt[1].name
                if network[key].formula is None:
                    for position in pick.sample(network[key].positions, min(2, network[key].count)):
                        wanted = central_difference(network, numbers, key, position)
                        kink = one_sided(network, numbers, key, position)
                        found = float(moment.values[gradient.key][position])
                        assert close(found, wanted, 1e-9) or kink, (key, position, found, wanted)


def one_sided(network: Network, numbers: Elements, key: str, position: tuple[int, ...]) -> bool:
    """Whether the slopes to the right and to the left part, as at the tie of a maximum."""
    step = mpmath.mpf(10) ** -20
    here, right, left = (
        total_error(network, {**numbers, (key, position): numbers[key, position] + one}) for one in (0, step, -step)
    )
    return bool(abs((right - here) - (here - left)) > step * mpmath.mpf(10) ** -8)


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
    """Every activation at ±800, forward and back."""
    for activation in TRAINABLE:
        layer = {"neurons": ["o1", "o2"], "activation": activation, "weights": [[z], [0.5]]}
        table = lesson_table(
            [layer], [{"inputs": [1.0], "targets": [0.0, 1.0]}],
            loss="half_squared_error", update="gradient descent", learning_rate=0.01,
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
