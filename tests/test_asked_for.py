"""The lessons that students asked for, against numbers worked out in other ways: NumPy, PyTorch, 50-digit arithmetic."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

import stepnn
from stepnn.network.model import Role
from stepnn.trace.step import Kind
from stepnn.trace.trace import Trace


def trace_of(name: str) -> Trace:
    return Trace(stepnn.load(name).setup)


def value(trace: Trace, name: str) -> float:
    found = trace.by_symbol[name].value
    assert found is not None
    return found


def test_gradient_check() -> None:
    """The formula from paper is the derivative; differences are what float64 makes of them; the best step is neither end."""
    trace = trace_of("gradient-check")
    with mpmath.workdps(50):
        x, t, w = map(mpmath.mpf, ("1.5", "0.2", "0.8"))
        error = lambda v: (v * x / mpmath.sqrt(1 + (v * x) ** 2) - t) ** 2 / 2  # noqa: E731
        exact = mpmath.diff(error, w)
    assert value(trace, "g") == pytest.approx(float(exact), rel=1e-14)

    def in_floats(v: float) -> float:
        return 0.5 * (v * 1.5 / math.sqrt(1 + (v * 1.5) ** 2) - 0.2) ** 2

    for place, h in enumerate(trace.setup.constants["h"], 1):
        up, down = in_floats(0.8 + h), in_floats(0.8 - h)
        assert value(trace, f"one_{place}") == pytest.approx((up - in_floats(0.8)) / h, rel=1e-12)
        assert value(trace, f"both_{place}") == pytest.approx((up - down) / (2 * h), rel=1e-12)
    off = [value(trace, f"off_both_{place}") for place in range(1, 8)]
    assert off.index(min(off)) == 3  # h = 10⁻⁵


def test_initialisation() -> None:
    """Twins, in every number of both updates; nothing at all; hardly anything; and two that differ."""
    equal, zero, large, xavier, he = trace_of("initialisation").runs
    for moment in equal.moments:
        for quantity in moment.network.computed:
            if quantity.key in moment.values and quantity.layer == 1 and quantity.role is not Role.UPDATED:
                rows = moment.array(quantity.key)
                assert not rows.shape or rows.shape[0] != 2 or np.array_equal(rows[0], rows[1]), quantity.key
    assert np.array_equal(equal.after.values["w1"][0], equal.after.values["w1"][1])
    assert all(
        not moment.array(key).any() for moment in zero.moments for key in moment.values if str(key).startswith("dE/dw")
    )
    first = large.moments[0]
    assert np.abs(first.array("dE/dz1")).max() < 0.01 * np.abs(first.array("dE/dz2")).max()
    for run in (xavier, he):
        weights = run.moments[0].array("w1")
        assert not np.allclose(weights[0], weights[1])


def test_dropout() -> None:
    """As PyTorch has it: the mask forward and backward, scaled by 1/p; at test time neither."""
    torch = pytest.importorskip("torch")
    trace = trace_of("dropout")
    numbers = {
        key: torch.tensor(trace.setup.constants.get(key) or trace.setup.parameters[key], dtype=torch.float64)
        for key in ("x", "w", "v", "m", "p", "t")
    }
    w, v = numbers["w"].reshape(4, 2).requires_grad_(), numbers["v"].requires_grad_()
    hidden = torch.tanh(w @ numbers["x"])
    error = 0.5 * ((v * hidden * numbers["m"] / numbers["p"]).sum() - numbers["t"]) ** 2
    error.sum().backward()
    moment = trace.runs[0].moments[0]
    assert np.allclose(moment.array("dE/dw"), w.grad, rtol=1e-12)
    assert np.allclose(moment.array("dE/dv"), v.grad, rtol=1e-12)
    assert not moment.array("dE/dw")[1].any() and moment.array("dE/dv")[1] == 0
    test = trace.runs[1].moments[0]
    assert float(test.values["y"]) == pytest.approx(float((v * hidden).sum().detach()), rel=1e-12)


def test_minus_or_plus() -> None:
    x, w, t, eta = np.array([0.5, 1.0]), np.array([0.4, -0.6]), 1.0, 0.5
    a = 1 / (1 + math.exp(-(w @ x)))
    trace = trace_of("minus-or-plus")
    right, wrong = (w - sign * eta * (a - t) * a * (1 - a) * x for sign in (1, -1))
    for place in (0, 1):
        assert value(trace, f"w_first_{place + 1}") == pytest.approx(right[place], rel=1e-12)
        assert value(trace, f"w_second_{place + 1}") == value(trace, f"w_first_{place + 1}")
        assert value(trace, f"w_mixed_{place + 1}") == pytest.approx(wrong[place], rel=1e-12)
    assert value(trace, "E_right") < value(trace, "E_old") < value(trace, "E_wrong")


def test_sum_or_mean() -> None:
    """The first, third and fifth run come to the same weights; the others go four times and twice as far."""
    trace = trace_of("sum-or-mean")
    before = trace.runs[0].before.values["w1"].astype(float)
    steps = [run.after.values["w1"].astype(float) - before for run in trace.runs]
    samples = np.array([[1, 0, 1], [0, 1, 0.5], [1, 1, 1.2], [2, 1, 2]])
    gradients = (samples[:, :2] @ before[0] - samples[:, 2])[:, None] * samples[:, :2]
    assert np.allclose(steps[0], -0.1 * gradients.mean(axis=0))
    for step, times in zip(steps, (1, 4, 1, 2, 1), strict=True):
        assert np.allclose(step, times * steps[0], rtol=1e-12)


def test_transpose() -> None:
    trace = trace_of("transpose")
    matrix, x, e = np.array([[1.0, 3.0], [0.5, -2.0], [-1.0, 4.0]]), np.array([2.0, -1.0]), np.array([0.2, -0.4, 0.1])
    moment = trace.moments[0]
    assert np.allclose(moment.array("z"), matrix @ x)
    assert np.allclose(moment.array("b"), matrix.T @ e) and np.allclose(moment.array("c"), matrix.T @ e)


def test_biases_learn() -> None:
    """In the second run: ∂E/∂b is δ, each bias moves by η·δ, and the error is that of the closing table."""
    frozen, learned = trace_of("backprop-bias").runs
    first = learned.moments[0]
    for layer in (1, 2):
        assert np.array_equal(first.array(f"dE/db{layer}"), first.array(f"dE/dz{layer}"))
        moved = learned.after.values[f"b{layer}"].astype(float) - learned.before.values[f"b{layer}"].astype(float)
        assert np.allclose(moved, -0.5 * first.array(f"dE/dz{layer}"))
    assert frozen.errors is not None and learned.errors is not None
    assert frozen.errors[1] == pytest.approx(0.291027774, abs=5e-10)  # Mazur 2015, corrected
    assert learned.errors[1] == pytest.approx(0.280471447, abs=5e-10)


def test_a_slope_at_a_kink_says_so() -> None:
    """ReLU at exactly 0: the reason of the step speaks of it, and of no other."""
    trace = stepnn.load("activations").trace()
    slopes = [step for step in trace if step.kind is Kind.ACTIVATION_SLOPE and step.symbol.startswith("drelu_")]
    told = {step.symbol: "kink" in trace.screen(step.id) for step in slopes}
    assert [name for name, said in told.items() if said] == ["drelu_dz_3"]
