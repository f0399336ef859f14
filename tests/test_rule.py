"""Clipping, schedules of η, weight decay of weights alone, and an optimiser that remembers something: as PyTorch."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stepnn.trace.trace import Trace
from tests.conftest import Run, toml
from tests.help import lesson_table, setup_of

LAYERS = [
    {"neurons": ["h1", "h2"], "activation": "tanh", "weights": [[0.5, -0.3], [0.8, 0.2]], "biases": [0.1, -0.2]},
    {"neurons": ["o1"], "activation": "identity", "weights": [[0.7, -0.6]], "biases": [0.3]},
]
SAMPLES = [{"inputs": [1.0, 2.0], "targets": [1.0]}, {"inputs": [-0.5, 0.4], "targets": [-1.0]}]
UPDATES = 6
SAID = {"en": "text", "ko": "글"}
W = {"name": "w", "values": 0.5, "learned": True}


def table(update: str = "gradient descent", **fields: Any) -> dict[str, Any]:
    plain = {"loss": "half_squared_error", "update": update, "learning_rate": 0.2, "updates": UPDATES}
    return lesson_table(LAYERS, SAMPLES, **{**plain, **fields})


def after(lesson: dict[str, Any]) -> dict[str, Any]:
    trace = Trace(setup_of(lesson))
    return {key: trace.runs[0].after.values[key] for key in ("w1", "b1", "w2", "b2")}


class Torch:
    """The same network in PyTorch. `step` makes one update; `clip` is what is done to the gradients before."""

    def __init__(self) -> None:
        self.torch = pytest.importorskip("torch")
        self.known = {
            f"{letter}{n}": self.torch.tensor(layer[name], dtype=self.torch.float64, requires_grad=True)
            for n, layer in enumerate(LAYERS, 1)
            for letter, name in (("w", "weights"), ("b", "biases"))
        }

    def learn(
        self, optimizer: Any, scheduler: Any = None, clip: Any = None, per: int = 1, cost: Any = lambda: 0
    ) -> None:
        for number in range(UPDATES):
            sample = SAMPLES[number % len(SAMPLES)]
            a = self.torch.tensor(sample["inputs"], dtype=self.torch.float64)
            hidden = self.torch.tanh(self.known["w1"] @ a + self.known["b1"])
            a = self.known["w2"] @ hidden + self.known["b2"]
            optimizer.zero_grad()
            wanted = self.torch.tensor(sample["targets"], dtype=self.torch.float64)
            (((a - wanted) ** 2).sum() / 2 + cost()).backward()
            if clip is not None:
                clip(list(self.known.values()))
            optimizer.step()
            if scheduler is not None and (number + 1) % per == 0:
                scheduler.step()

    def agrees(self, found: dict[str, Any], tolerance: float = 1e-12) -> None:
        for name, values in found.items():
            assert self.torch.allclose(self.torch.tensor(values), self.known[name], rtol=tolerance, atol=tolerance), (
                name
            )

    @property
    def groups(self) -> list[dict[str, Any]]:
        weights, biases = ([self.known[f"{letter}{n}"] for n in (1, 2)] for letter in "wb")
        return [{"params": weights, "weight_decay": 0.1}, {"params": biases, "weight_decay": 0.0}]


@pytest.mark.parametrize(
    ("schedule", "scheduler", "fields"),
    [
        ({"kind": "step", "every": 2, "factor": 0.5}, "StepLR", {"step_size": 2, "gamma": 0.5}),
        ({"kind": "exponential", "factor": 0.9}, "ExponentialLR", {"gamma": 0.9}),
        ({"kind": "cosine", "over": 8, "least": 0.01}, "CosineAnnealingLR", {"T_max": 8, "eta_min": 0.01}),
        ({"kind": "cosine", "over": 10}, "CosineAnnealingLR", {"T_max": 10}),
        ({"warm_up": 4}, "LinearLR", {"start_factor": 0.25, "total_iters": 3}),
    ],
)
@pytest.mark.parametrize("per", ["update", "epoch"])
def test_schedules(schedule: dict[str, Any], scheduler: str, fields: dict[str, Any], per: str) -> None:
    torch = Torch()
    optimizer = torch.torch.optim.SGD(torch.known.values(), lr=0.2, momentum=0.9)
    made = getattr(torch.torch.optim.lr_scheduler, scheduler)(optimizer, **fields)
    torch.learn(optimizer, made, per=1 if per == "update" else len(SAMPLES))
    torch.agrees(after(table("momentum", schedule={**schedule, "per": per})))


def test_cosine_behind_a_warm_up() -> None:
    """As PyTorch's LambdaLR with the formula that transformers are trained with; behind the end it stays at the least."""
    torch = Torch()
    optimizer = torch.torch.optim.Adam(torch.known.values(), lr=0.2)

    def share(step: int) -> float:
        return (step + 1) / 2 if step < 2 else (1 + math.cos(math.pi * min(step - 2, 3) / 3)) / 2

    torch.learn(optimizer, torch.torch.optim.lr_scheduler.LambdaLR(optimizer, share))
    torch.agrees(after(table("adam", schedule={"kind": "cosine", "over": 3, "warm_up": 2})))


@pytest.mark.parametrize("update", ["gradient descent", "momentum", "adamw"])
def test_weight_decay_leaves_biases_alone(update: str) -> None:
    torch = Torch()
    optimizer = {
        "gradient descent": lambda: torch.torch.optim.SGD(torch.groups, lr=0.2),
        "momentum": lambda: torch.torch.optim.SGD(torch.groups, lr=0.2, momentum=0.9),
        "adamw": lambda: torch.torch.optim.AdamW(torch.groups, lr=0.2),
    }[update]()
    torch.learn(optimizer)
    lesson = table(update, optimizer={"weight_decay": 0.1, "no_decay": ["biases"]})
    torch.agrees(after(lesson))
    steps = {step.symbol for step in Trace(setup_of(lesson)) if step.pass_number == 1}
    assert any("g_w_h1" in one or "d_w_h1" in one for one in steps)
    assert not any("g_b_h1" in one or "d_b_h1" in one for one in steps)


def test_clipping() -> None:
    """PyTorch divides by the norm and a millionth."""
    for options, most, tolerance in (({"clip_value": 0.1}, 0.1, 1e-12), ({"clip_norm": 0.3}, 0.3, 1e-5)):
        torch = Torch()
        clip = getattr(torch.torch.nn.utils, f"clip_grad_{'norm' if 'clip_norm' in options else 'value'}_")
        optimizer = torch.torch.optim.SGD(torch.known.values(), lr=0.2, weight_decay=0.1)
        torch.learn(
            optimizer, clip=partial(clip, max_norm=most) if "clip_norm" in options else partial(clip, clip_value=most)
        )
        torch.agrees(after(table(optimizer={**options, "weight_decay": 0.1})), tolerance)
    trace = Trace(setup_of(table(optimizer={"clip_norm": 0.3})))
    gradients = [step.value for step in trace if step.kind.value == "gradient" and step.pass_number == 1]
    assert trace["norm"].value == pytest.approx(math.hypot(*gradients), rel=1e-12)


def test_an_optimiser_goes_on() -> None:
    """From what it remembered, after ten updates that nobody saw."""
    torch = Torch()
    adam = torch.torch.optim.Adam(torch.known.values(), lr=0.2)
    m, v = {"w1": [[0.1, 0.2], [0.3, 0.4]], "b2": [-0.5]}, 0.04
    for name, one in torch.known.items():
        first = torch.torch.tensor(m[name], dtype=torch.torch.float64) if name in m else torch.torch.zeros_like(one)
        adam.state[one] = {
            "step": torch.torch.tensor(10.0), "exp_avg": first, "exp_avg_sq": torch.torch.full_like(one, v),
        }  # fmt: skip
    torch.learn(adam)
    torch.agrees(after(table("adam", optimizer={"state": {"m": m, "v": v}, "updates_before": 10})))


@pytest.mark.parametrize(
    ("penalty", "names"),
    [
        ({"l2": 0.1}, ("w1", "w2")), ({"l1": 0.05}, ("w1", "w2")), ({"l2": 0.1, "l1": 0.05, "of": ["w2"]}, ("w2",)),
        ({"l2": 0.1, "biases": True}, ("w1", "w2", "b1", "b2")),
    ],
)  # fmt: skip
def test_a_penalty_is_a_step_and_comes_back(penalty: dict[str, Any], names: tuple[str, ...]) -> None:
    torch = Torch()

    def cost() -> Any:
        every = [torch.known[name] for name in names]
        squares, sizes = sum((one**2).sum() for one in every), sum(one.abs().sum() for one in every)
        return penalty.get("l2", 0) / 2 * squares + penalty.get("l1", 0) * sizes

    first = float(cost().detach())
    torch.learn(torch.torch.optim.SGD(torch.known.values(), lr=0.2), cost=cost)
    lesson = table(regularization=penalty)
    torch.agrees(after(lesson))
    trace = Trace(setup_of(lesson))
    found = {name: trace[name].value or 0.0 for name in ("E", "E_data", "L1", "L2") if name in trace.by_symbol}
    assert found["E"] - found["E_data"] == pytest.approx(first, rel=1e-12)
    assert found["E"] == pytest.approx(sum(found.values()) - found["E"], rel=1e-12)
    changed = Trace(setup_of(lesson).with_values({f"lambda{1 + ('l2' in penalty)}": 0.3}))
    assert changed["E"].value > found["E"]


def test_a_run_without_a_penalty_stands_beside_one_with() -> None:
    runs = [{"label": {"en": "a", "ko": "가"}}, {"label": {"en": "b", "ko": "나"}, "regularization": {"l2": 0.5}}]
    trace = Trace(setup_of(table(runs=runs)))
    assert {step.moment.run for step in trace if step.symbol == "L2"} == {2}


def test_a_given_number_with_the_name_of_a_setting_is_none() -> None:
    """`state` and `start` are fields of the optimiser; a lesson of formulas with runs may have numbers called so."""
    given = [{"name": name, "values": 2.0} for name in ("state", "start", "variant")]
    error = {"name": "E", "formula": "(w * state - start * variant)**2"}
    lesson = {
        "format_version": 1, "id": "made", "title": SAID, "goal": SAID, "introduction": SAID, "error": "E",
        "update": "gradient descent", "learning_rate": 0.1, "quantities": [*given, W, error],
        "runs": [{"label": SAID}, {"label": SAID, "learning_rate": 0.2}], "closing": {"question": SAID, "answer": SAID},
    }  # fmt: skip
    trace = Trace(setup_of(lesson))
    assert [run.setup.constants["state"] for run in trace.runs] == [(2.0,), (2.0,)]
    assert all(run.setup.lesson.optimizer.state == {} for run in trace.runs)


def test_a_run_has_a_schedule_of_its_own() -> None:
    runs = [
        {"label": {"en": "a", "ko": "가"}},
        {"label": {"en": "b", "ko": "나"}, "schedule": {"kind": "exponential", "factor": 0.5}},
    ]
    trace = Trace(setup_of(table(runs=runs)))
    assert "eta_now" not in {step.symbol for step in trace if step.moment.run == 1}
    found = [step.value for step in trace if step.symbol == "eta_now"]
    assert found == [0.2 / 2**n for n in range(UPDATES)]


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"schedule": {"kind": "step", "factor": 0.5}}, ["schedule.every", "is missing", "step"]),
        ({"schedule": {"kind": "exponential", "factor": 0.5, "over": 3}}, ["schedule.over", "does not use over"]),
        ({"schedule": {"kind": "cosine", "over": 3, "least": 0.5}}, ["schedule.least", "would grow", "at most 0.2"]),
        ({"schedule": {"kind": "cosinus"}}, ["schedule.kind", "cosine"]),
        ({"optimizer": {"no_decay": ["biases"]}}, ["optimizer.no_decay", "no weight decay"]),
        ({"optimizer": {"weight_decay": 0.1, "no_decay": ["b3"]}}, ["optimizer.no_decay", "nothing is called b3", "b2"]),
        ({"optimizer": {"state": {"v": 0.1}}}, ["optimizer.state", "nothing is called v"]),
        ({"update": "momentum", "optimizer": {"state": {"v": {"w1": [[0.1]]}}}}, ["state.v.w1", "1 × 1", "2 × 2"]),
        ({"update": "momentum", "optimizer": {"state": {"v": {"w3": [[0.1]]}}}}, ["state.v", "nothing is called w3"]),
        ({"optimizer": {"clip_norm": 0}}, ["optimizer.clip_norm", "more than 0"]),
        ({"regularization": {"l2": 0}}, ["regularization", "there is no penalty", "l2, l1"]),
        ({"regularization": {"l2": 1, "of": ["w9"]}}, ["regularization.of", "nothing is called w9"]),
        ({"update": "perceptron", "regularization": {"l2": 1}}, ["regularization", "layers with a loss"]),
    ],
)  # fmt: skip
def test_faults(run: Run, tmp_path: Path, fields: dict[str, Any], wanted: list[str]) -> None:
    path = tmp_path / "lesson.toml"
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in table(**fields).items()), encoding="utf-8")
    result = run("check", str(path))
    assert result.code == 1 and all(one in result.err for one in wanted), result.err
