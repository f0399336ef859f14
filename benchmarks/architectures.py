"""One training step of the cnn and of the LSTM lesson, compiled from their formulas and written by hand in NumPy."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from stepnn.lessons.build import setup
from stepnn.lessons.read import load_lesson
from stepnn.running.engine import Engine

STEPS = 3_000
Array = np.ndarray


def engine(name: str) -> Engine:
    return Engine(setup(load_lesson(name).model_copy(update={"runs": []})))


def compiled(name: str) -> float:
    """Seconds for so many updates with the engine that lessons use."""
    made = engine(name)
    made.run_to(1)
    began = time.perf_counter()
    made.run_to(STEPS + 1)
    return time.perf_counter() - began


def by_hand(name: str, update: Callable[[dict[str, Array], dict[str, Array], float], dict[str, Array]]) -> float:
    """The same by a function from parameters and data to new parameters, which is checked against the engine."""
    made = engine(name)
    values, data, rate = dict(made.state.values), made.constants, float(made.constants["eta"])
    first = update(values, data, rate)
    made.run_to(1)
    assert all(np.allclose(first[key], made.state.values[key], rtol=1e-12) for key in values)
    began = time.perf_counter()
    for _ in range(STEPS):
        values = update(values, data, rate)
    return time.perf_counter() - began


def cnn(p: dict[str, Array], data: dict[str, Array], rate: float) -> dict[str, Array]:
    """Convolution, ReLU, maximum pooling, dense layer, softmax and cross-entropy, forward and back."""
    windows = sliding_window_view(data["x"], (3, 3))  # (4, 4, 3, 3)
    z = np.tensordot(windows, p["w"], axes=2) + p["b"]  # (4, 4)
    a = np.maximum(z, 0)  # (4, 4)
    blocks = a.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(2, 2, 4)  # (rows, columns, cell of the window)
    best = blocks.argmax(axis=2)  # (2, 2)
    f = blocks.max(axis=2).ravel()  # (4)
    z2 = p["w2"] @ f + p["b2"]  # (2)
    powers = np.exp(z2 - z2.max())
    delta2 = powers / powers.sum() - data["t"]  # (2)
    df = (p["w2"].T @ delta2).reshape(2, 2)  # (2, 2)
    back = np.zeros((2, 2, 4))
    np.put_along_axis(back, best[:, :, None], df[:, :, None], axis=2)
    da = back.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)  # (4, 4)
    delta = da * (z > 0)  # (4, 4)
    dw = np.tensordot(delta, windows, axes=2)  # (3, 3)
    return {
        "w": p["w"] - rate * dw, "b": p["b"] - rate * delta.sum(),
        "w2": p["w2"] - rate * np.outer(delta2, f), "b2": p["b2"] - rate * delta2,
    }  # fmt: skip


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def lstm(p: dict[str, Array], data: dict[str, Array], rate: float) -> dict[str, Array]:
    """Two time steps of an LSTM, forward and back through time."""
    x, d = data["x"], data["d"]
    h, c, kept = np.zeros(1), np.zeros(1), []
    for t in range(len(x)):
        i = sigmoid(p["U_i"] @ x[t] + p["W_i"] @ h + p["b_i"])
        f = sigmoid(p["U_f"] @ x[t] + p["W_f"] @ h + p["b_f"])
        g = np.tanh(p["U_g"] @ x[t] + p["W_g"] @ h + p["b_g"])
        o = sigmoid(p["U_o"] @ x[t] + p["W_o"] @ h + p["b_o"])
        new_c = f * c + i * g
        new_h = o * np.tanh(new_c)
        kept.append((i, f, g, o, c, new_c, h, new_h))
        h, c = new_h, new_c
    gradients = {key: np.zeros_like(value) for key, value in p.items()}
    dh_next, dc_next = np.zeros(1), np.zeros(1)
    for t in reversed(range(len(x))):
        i, f, g, o, c, new_c, h, new_h = kept[t]
        dh = new_h - d[t] + dh_next
        squeezed = np.tanh(new_c)
        dc = dh * o * (1 - squeezed**2) + dc_next
        deltas = {
            "i": dc * g * i * (1 - i), "f": dc * c * f * (1 - f), "g": dc * i * (1 - g**2),
            "o": dh * squeezed * o * (1 - o),
        }  # fmt: skip
        dh_next, dc_next = np.zeros(1), dc * f
        for gate, delta in deltas.items():
            gradients[f"U_{gate}"] += np.outer(delta, x[t])
            gradients[f"W_{gate}"] += np.outer(delta, h)
            gradients[f"b_{gate}"] += delta
            dh_next = dh_next + p[f"W_{gate}"].T @ delta
    return {key: value - rate * gradients[key] for key, value in p.items()}


MEASURED = {
    "cnn_compiled": lambda: compiled("cnn"), "cnn_by_hand": lambda: by_hand("cnn", cnn),
    "lstm_compiled": lambda: compiled("lstm"), "lstm_by_hand": lambda: by_hand("lstm", lstm),
}  # fmt: skip

if __name__ == "__main__":
    print(MEASURED[sys.argv[1]]())
