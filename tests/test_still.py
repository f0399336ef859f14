"""What stop_gradient holds still: its value is that of what stands in it, and no error goes back through it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stepnn.errors import StepnnError
from stepnn.page.nudged import nudge_blocks
from stepnn.trace.derivation import derivation
from stepnn.trace.trace import Trace
from stepnn.words import catalogue
from tests.conftest import Run, toml
from tests.help import setup_of
from tests.test_formula_lessons import LEARNS, own, table


def learned(name: str, values: Any, index: str = "") -> dict[str, Any]:
    return own(name, values=values, learned=True, **({"index": index} if index else {}))


def network(formula: str, *more: dict[str, Any]) -> dict[str, Any]:
    """w and r are learned, x is given; the error is that of y."""
    error = own("E", formula="1/2 * (y - 1)**2")
    return table(
        own("x", values=2.0), learned("w", 0.5), learned("r", -0.7), *more, own("y", formula=formula), error, **LEARNS
    )


def gradients(lesson: dict[str, Any], *names: str) -> list[Any]:
    values = Trace(setup_of(lesson)).moments[0].values
    return [np.asarray(values[f"dE/d{name}"]) for name in names]


@pytest.mark.parametrize(
    "formula",
    [
        "w*x - stop_gradient(w*x + r) + r", "w * stop_gradient(tanh(r*x)) + r", "stop_gradient(w)*w + r**3",
        "tanh(w*x + r) / (2 + stop_gradient(tanh(w*x)))", "w*r + stop_gradient(exp(w) * stop_gradient(r))",
        "where(stop_gradient(w) > 0, w*r, r)", "max(stop_gradient(w)*x, r) + w",
    ],
)  # fmt: skip
def test_detach(formula: str) -> None:
    """As PyTorch's detach."""
    torch = pytest.importorskip("torch")
    w, r = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (0.5, -0.7))
    names = {
        "x": torch.tensor(2.0, dtype=torch.float64), "w": w, "r": r, "stop_gradient": lambda z: z.detach(),
        "tanh": torch.tanh, "exp": torch.exp, "max": torch.maximum, "where": lambda test, yes, no: yes if test else no,
    }  # fmt: skip
    error = (eval(formula, {}, names) - 1) ** 2 / 2
    error.backward()
    assert np.allclose(gradients(network(formula), "w", "r"), [w.grad, r.grad], rtol=1e-12)


def test_truncated_in_time() -> None:
    """Backpropagation through time that stops at the state before, which a number before the first step also is."""
    torch = pytest.importorskip("torch")
    given = [0.5, -1.0, 0.8]
    state = own("h", index="t", formula="tanh(w*x[t] + r*stop_gradient(h[t-1]) + 0.1*h[t-1])", start="s")
    parts = [own("x", index="t", values=given), learned("w", 0.5), learned("r", 0.7), learned("s", 0.3)]
    found = gradients(table(*parts, state, own("E", formula="sum(h[t]**2, t)"), **LEARNS), "w", "r", "s")
    w, r, s = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (0.5, 0.7, 0.3))
    h, error = s, torch.tensor(0.0, dtype=torch.float64)
    for one in given:
        h = torch.tanh(w * one + r * h.detach() + 0.1 * h)
        error = error + h**2
    error.backward()
    assert np.allclose(found, [w.grad, r.grad, s.grad], rtol=1e-12)


def test_what_no_error_comes_back_to(run: Run, tmp_path: Any) -> None:
    path = tmp_path / "made.toml"
    lesson = network("stop_gradient(w) * x + r")
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in lesson.items()), encoding="utf-8")
    result = run("check", str(path))
    assert result.code == 1 and "w has no gradient" in result.err and "r has no gradient" not in result.err
    with pytest.raises(StepnnError, match="stop_gradient"):
        Trace(setup_of(lesson))


def test_it_is_not_said_to_agree_with_a_nudge() -> None:
    """The nudge moves everything. On the way back nothing is said of what only stop_gradient reads."""
    trace = Trace(setup_of(network("w*x - stop_gradient(v) + r", own("v", formula="w*x"))))
    assert "dE/dv" not in trace.moments[0].values
    step = next(one for one in trace.steps if one.id.endswith(".dE_dw"))
    lines = [one.keys[0][0] for one in derivation(step).lines]
    assert "stopped" in lines
    said = nudge_blocks(trace, step, catalogue("en"))
    assert said is not None and any("need not agree" in str(block) for block in said)
