"""Measurements inside one process; prints seconds. Started by run.py."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from stepnn.calculus.differentiate import differentiate
from stepnn.lessons.build import runs, setup
from stepnn.lessons.read import load_lesson
from stepnn.lessons.schema import Lesson
from stepnn.lessons.setup import Setup
from stepnn.running.engine import Engine

WORDS = {"en": "text", "ko": "글"}
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
T = np.array([[0.0], [1.0], [1.0], [0.0]])
W1, B1 = np.array([[0.5, -0.4], [0.9, 1.0]]), np.array([-0.2, 0.1])
W2, B2 = np.array([[-1.2, 1.1]]), np.array([-0.3])
UPDATES, RATE = 10_000, 0.5


def network(*sizes: int, bias: bool = False) -> Setup:
    """A sigmoid network of these sizes."""
    layers = [
        {
            "neurons": [f"n{number}_{n}" for n in range(size)],
            "activation": "sigmoid",
            **({"biases": [0.1] * size} if bias else {}),
        }
        for number, size in enumerate(sizes[1:], 1)
    ]
    table = {
        "format_version": 1, "id": "made", "title": WORDS, "goal": WORDS, "introduction": WORDS, "weight_seed": 1,
        "loss": "half_squared_error", "update": "gradient descent", "learning_rate": RATE,
        "inputs": {"names": [f"x{n}" for n in range(sizes[0])]}, "layers": layers,
        "samples": [{"inputs": [0.5] * sizes[0], "targets": [0.0] * sizes[-1]}],
        "closing": {"question": WORDS, "answer": WORDS},
    }  # fmt: skip
    return setup(Lesson.model_validate(table))


def derive(*sizes: int) -> float:
    """All formulas of a network, SymPy being warm but no formula known yet."""
    differentiate(network(1, 1).network, ["w1"])  # SymPy sets up its polynomials on first use
    from stepnn.calculus.local import plain_links

    plain_links.cache_clear()
    made = network(*sizes).network
    began = time.perf_counter()
    differentiate(made)
    return time.perf_counter() - began


def xor_engine() -> Engine:
    """XOR in full batches, with the engine that lessons use."""
    names = ("h1", "h2"), ("o1",)
    weights, biases = (W1, W2), (B1, B2)
    layers = [
        {
            "neurons": list(names[n]),
            "activation": "sigmoid",
            "weights": weights[n].tolist(),
            "biases": biases[n].tolist(),
        }
        for n in range(2)
    ]
    table = {
        "format_version": 1, "id": "made", "title": WORDS, "goal": WORDS, "introduction": WORDS,
        "loss": "half_squared_error", "update": "gradient descent", "learning_rate": RATE,
        "inputs": {"names": ["x1", "x2"]}, "layers": layers, "training": {"batch": "all", "gradient": "sum"},
        "samples": [{"inputs": x, "targets": t} for x, t in zip(X.tolist(), T.tolist(), strict=True)],
        "closing": {"question": WORDS, "answer": WORDS},
    }  # fmt: skip
    return Engine(setup(Lesson.model_validate(table)))


def xor_compiled() -> float:
    """Full-batch gradient descent as lessons do it."""
    engine = xor_engine()
    assert engine.compiled(False).update.source  # compiled when it is first asked for
    began = time.perf_counter()
    engine.run_to(UPDATES)
    took = time.perf_counter() - began
    values = engine.state.values
    check(values["w1"], values["b1"], values["w2"], values["b2"])
    return took


def digits_compiled() -> float:
    """One epoch of the digits lesson, batches of 32, plain gradient descent."""
    lesson = load_lesson("digits").model_copy(update={"update": "gradient descent"})
    engine = Engine(setup(lesson))  # draws the pictures
    assert engine.compiled(False).update.source  # compiled when it is first asked for
    began = time.perf_counter()
    engine.run_to(1)
    return time.perf_counter() - began


def digits_by_hand() -> float:
    """The same, as one writes it by hand."""
    engine = Engine(setup(load_lesson("digits").model_copy(update={"update": "gradient descent"})))
    inputs, targets = engine.data["a0"], engine.data["t"]
    w1, b1, w2, b2, w3, b3 = (engine.state.values[f"{kind}{n}"] for n in (1, 2, 3) for kind in "wb")
    batches, rate = engine.setup.batches(1), 0.01
    began = time.perf_counter()
    for places in batches:
        x, t = inputs[places], targets[places]  # (samples, 784), (samples, 10)
        a1 = 1 / (1 + np.exp(-(x @ w1.T + b1)))  # (samples, 16)
        a2 = 1 / (1 + np.exp(-(a1 @ w2.T + b2)))  # (samples, 16)
        z3 = a2 @ w3.T + b3  # (samples, 10)
        powers = np.exp(z3 - z3.max(axis=1, keepdims=True))
        delta3 = (powers / powers.sum(axis=1, keepdims=True) - t) / len(x)  # (samples, 10)
        delta2 = (delta3 @ w3) * a2 * (1 - a2)  # (samples, 16)
        delta1 = (delta2 @ w2) * a1 * (1 - a1)  # (samples, 16)
        w3, b3 = w3 - rate * (delta3.T @ a2), b3 - rate * delta3.sum(axis=0)
        w2, b2 = w2 - rate * (delta2.T @ a1), b2 - rate * delta2.sum(axis=0)
        w1, b1 = w1 - rate * (delta1.T @ x), b1 - rate * delta1.sum(axis=0)
    took = time.perf_counter() - began
    engine.run_to(1)
    assert np.allclose(engine.state.values["w1"], w1, rtol=1e-9, atol=1e-12)
    return took


def xor_training() -> float:
    """What comes before epoch 5000 of the XOR lesson."""
    engine = Engine(runs(setup(load_lesson("xor")))[0])
    other = Engine(runs(setup(load_lesson("xor")))[1])
    began = time.perf_counter()
    engine.run_to(4999)
    other.run_to(4999)
    return time.perf_counter() - began


def xor_by_hand() -> float:
    """The same, as one writes it by hand."""
    w1, b1, w2, b2 = W1, B1, W2, B2
    began = time.perf_counter()
    for _ in range(UPDATES):
        a1 = 1 / (1 + np.exp(-(X @ w1.T + b1)))  # (samples, 2)
        a2 = 1 / (1 + np.exp(-(a1 @ w2.T + b2)))  # (samples, 1)
        delta2 = (a2 - T) * a2 * (1 - a2)  # (samples, 1)
        delta1 = (delta2 @ w2) * a1 * (1 - a1)  # (samples, 2)
        w2, b2 = w2 - RATE * (delta2.T @ a1), b2 - RATE * delta2.sum(axis=0)
        w1, b1 = w1 - RATE * (delta1.T @ X), b1 - RATE * delta1.sum(axis=0)
    took = time.perf_counter() - began
    check(w1, b1, w2, b2)
    return took


def check(w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray) -> None:
    """Both ways must have learned XOR."""
    a1 = 1 / (1 + np.exp(-(X @ w1.T + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ w2.T + b2)))
    assert np.abs(a2 - T).max() < 0.1, a2


def xor_torch() -> float:
    """The same in PyTorch, float64, on one thread."""
    import torch

    torch.set_num_threads(1)
    values = [torch.tensor(array, requires_grad=True) for array in (W1, B1, W2, B2)]
    x, t = torch.tensor(X), torch.tensor(T)
    began = time.perf_counter()
    for _ in range(UPDATES):
        w1, b1, w2, b2 = values
        a2 = torch.sigmoid(torch.sigmoid(x @ w1.T + b1) @ w2.T + b2)
        error = 0.5 * ((a2 - t) ** 2).sum()
        error.backward()
        with torch.no_grad():
            for value in values:
                value -= RATE * value.grad
                value.grad = None
    took = time.perf_counter() - began
    check(*(value.detach().numpy() for value in values))
    return took


def xor_micrograd() -> float:
    """The same in micrograd, number by number; a hundredth of the updates, and its time a hundredfold."""
    from micrograd.engine import Value

    flat = [Value(float(number)) for array in (W1, B1, W2, B2) for number in array.ravel()]
    began = time.perf_counter()
    for _ in range(UPDATES // 100):
        w, b, v, c = flat[0:4], flat[4:6], flat[6:8], flat[8]
        error = Value(0.0)
        for x, t in zip(X, T, strict=True):
            hidden = [1 / (1 + exp(Value(-1.0) * (w[2 * n] * x[0] + w[2 * n + 1] * x[1] + b[n]))) for n in range(2)]
            answer = 1 / (1 + exp(Value(-1.0) * (v[0] * hidden[0] + v[1] * hidden[1] + c)))
            error = error + 0.5 * (answer - t[0]) ** 2
        for value in flat:
            value.grad = 0.0
        error.backward()
        for value in flat:
            value.data -= RATE * value.grad
    return 100 * (time.perf_counter() - began)


def exp(value: Any) -> Any:
    """e to the power of a micrograd value, which has no exponential of its own."""
    out = type(value)(np.exp(value.data), (value,), "exp")

    def backward() -> None:
        value.grad += out.data * out.grad

    out._backward = backward
    return out


def requests(count: int) -> bytes:
    """What the typesetter is handed for so many sheets and their key, or for the worked example if there are none."""
    from stepnn.exercises.assignment import MOST_DIGITS, assigned
    from stepnn.page.build import page
    from stepnn.sheets.layout import key_page, sheet_page
    from stepnn.sheets.sheet import Printer, key_part
    from stepnn.trace.trace import Trace
    from stepnn.words import catalogue
    from stepnn.writers.pdf.typesetter import Typesetter

    words, lesson = catalogue("en"), setup(load_lesson("backprop"))
    with Typesetter() as typesetter:
        if not count:
            return typesetter.request(page(Trace(lesson), words))
        printer = Printer(lesson, assigned(lesson, digits=MOST_DIGITS))
        sheets = [printer.sheet(number) for number in range(count)]
        pages = [sheet_page(sheet, words, True) for sheet in sheets]
        key = key_page([key_part(sheet) for sheet in sheets], lesson.lesson, printer.assignment, words)
        return b"".join(typesetter.request(page) for page in [*pages, key])


def bare_typesetter(count: int) -> float:
    """The typesetter's process alone, from its start to its end, on pages that are ready."""
    from stepnn.writers.pdf.typesetter import WORKER

    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "pages"
        ready.write_bytes(requests(count))
        folders = [Path(folder) / name for name in ("empty", "fonts")]
        for one in folders:
            one.mkdir()
        with ready.open("rb") as pages:
            began = time.perf_counter()
            subprocess.run([sys.executable, "-I", WORKER, *folders], stdin=pages, stdout=subprocess.DEVNULL, check=True)
            return time.perf_counter() - began


MEASUREMENTS = {
    "typesetter_200": lambda: bare_typesetter(200),
    "typesetter_example": lambda: bare_typesetter(0),
    "xor_torch": xor_torch,
    "xor_micrograd": xor_micrograd,
    "derive_small": lambda: derive(2, 2, 2),
    "derive_large": lambda: derive(784, 16, 16, 10),
    "derive_8": lambda: derive(*[2] * 9),
    "derive_16": lambda: derive(*[2] * 17),
    "xor_compiled": xor_compiled,
    "xor_by_hand": xor_by_hand,
    "digits_compiled": digits_compiled,
    "digits_by_hand": digits_by_hand,
    "xor_training": xor_training,
}

if __name__ == "__main__":
    print(MEASUREMENTS[sys.argv[1]]())
