"""Learned numbers that only conditions, sign and the like read: their gradient is 0, and the page says so."""

from __future__ import annotations

from typing import Any

import pytest

from stepnn.trace.sentences import why
from stepnn.words import catalogue
from tests.help import trace_of
from tests.test_architectures import own, table

LEARNS = {"error": "E", "update": "gradient descent", "learning_rate": 0.1}
GIVEN = (
    own("x", "i", [1.0, 2.0]), own("w", "i", [0.5, -1.0], True), own("c", "", 0.25, True), own("v", "", 0.7, True),
    own("s", "i", formula="v * x[i] * sign(w[i]) + where(x[i] > c, 1, 0)"), own("E", formula="1/2 * sum(s[i]**2, i)"),
)  # fmt: skip
ALONE = own("w", "", 0.3, True), own("E", formula="1/2 * (sign(w) - 0.5)**2")


def gradient(trace: Any, name: str) -> list[float]:
    return [float(one) for one in trace.moments[0].values[f"dE/d{name}"].ravel()]


def test_gradients_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    w, c, v = (torch.tensor(one, dtype=torch.float64, requires_grad=True) for one in ([0.5, -1.0], 0.25, 0.7))
    x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    s = v * x * torch.sign(w) + torch.where(x > c, 1.0, 0.0)
    (s**2).sum().div(2).backward()
    trace = trace_of(table(*GIVEN, **LEARNS))
    assert gradient(trace, "w") == w.grad.tolist() == [0, 0] and gradient(trace, "v") == [pytest.approx(v.grad.item())]
    assert gradient(trace, "c") == [0] and c.grad is None  # a comparison has no gradient at all there
    assert {name: trace[name].value for name in ("w_1_new", "w_2_new", "c_new")} == {
        "w_1_new": 0.5, "w_2_new": -1.0, "c_new": 0.25,
    }  # fmt: skip


@pytest.mark.parametrize("update", ["gradient descent", "momentum", "adam"])
def test_one_that_stands_alone_stays(update: str) -> None:
    trace = trace_of(table(*ALONE, **{**LEARNS, "update": update, "updates": 3}))
    assert gradient(trace, "w") == [0] and trace["w_new"].value == 0.3


def test_the_page_says_why() -> None:
    trace = trace_of(table(*GIVEN, **LEARNS))
    for language, wanted in (("en", "gradient is 0, as in PyTorch"), ("ko", "기울기는 PyTorch에서처럼 0")):
        assert wanted in why(trace["dE_dc"], catalogue(language))
        assert wanted not in why(trace["dE_dv"], catalogue(language))


def test_every_sample_of_a_batch_has_it() -> None:
    samples = [{"inputs": [one], "targets": [1.0]} for one in (0.5, -2.0, 1.0)]
    formulas = own("w", "", 0.3, True), own("v", "", 2.0, True), own("E", formula="(v * x[0] * sign(w) - t[0])**2")
    trace = trace_of(
        table(*formulas, **LEARNS)
        | {"inputs": {"names": ["x1"]}, "samples": samples, "training": {"batch": 3, "epochs": 1, "show": [1]}}
    )
    last = [moment for moment in trace.moments if moment.samples][-1]
    assert float(last.values["batch/dE/dw"]) == 0
