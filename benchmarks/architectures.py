"""One training step of some lessons, compiled from their formulas and written by hand in NumPy."""

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


def normal(x: Array) -> tuple[Array, Array]:
    """Every row brought to mean 0 and variance 1, and by what it was divided."""
    middle = x - x.mean(axis=1, keepdims=True)  # (4, 4)
    spread = np.sqrt((middle**2).mean(axis=1, keepdims=True) + 1e-5)  # (4, 1)
    return middle / spread, spread


def from_normal(back: Array, x_hat: Array, spread: Array) -> Array:
    """The error through that normalisation."""
    middle = back.mean(axis=1, keepdims=True) + x_hat * (back * x_hat).mean(axis=1, keepdims=True)
    return (back - middle) / spread


def shares(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def heads(x: Array) -> Array:
    """Columns of two heads apart, and `joined` together again."""
    return x.reshape(4, 2, 2).transpose(1, 0, 2)  # (2, 4, 2)


def joined(x: Array) -> Array:
    return x.transpose(1, 0, 2).reshape(4, 4)


def language_model(p: dict[str, Array], data: dict[str, Array], rate: float) -> dict[str, Array]:
    """A GPT of one block with two heads, forward and back; its table of words is read at both ends."""
    word, after = data["word"].astype(int) - 1, data["next"].astype(int) - 1  # (4), (4)
    h = p["W_e"][word] + p["W_p"]  # (4, 4)
    x1, s1 = normal(h)
    q, k, v = (heads(x1 @ p[name]) for name in ("W_q", "W_k", "W_v"))
    scores = np.where(np.tri(4) > 0, q @ k.transpose(0, 2, 1) / np.sqrt(2), -np.inf)  # (2, 4, 4)
    a = shares(scores)
    y = joined(a @ v)  # (4, 4)
    y1 = h + y @ p["W_o"]
    x2, s2 = normal(y1)
    z2 = x2 @ p["w2"].T
    a2 = np.maximum(z2, 0)
    x3, s3 = normal(y1 + a2 @ p["w3"].T)
    delta = shares(x3 @ p["W_e"].T)  # (4, 3)
    delta[np.arange(4), after] -= 1
    delta /= 4
    d2 = from_normal(delta @ p["W_e"], x3, s3)  # (4, 4)
    delta2 = (d2 @ p["w3"]) * (z2 > 0)
    d1 = d2 + from_normal(delta2 @ p["w2"], x2, s2)
    dy = heads(d1 @ p["W_o"].T)
    da = dy @ v.transpose(0, 2, 1)
    ds = a * (da - (da * a).sum(axis=-1, keepdims=True)) / np.sqrt(2)
    dq, dk, dv = joined(ds @ k), joined(ds.transpose(0, 2, 1) @ q), joined(a.transpose(0, 2, 1) @ dy)
    dh = d1 + from_normal(dq @ p["W_q"].T + dk @ p["W_k"].T + dv @ p["W_v"].T, x1, s1)
    table = delta.T @ x3  # (3, 4)
    np.add.at(table, word, dh)
    gradients = {
        "W_e": table, "W_p": dh, "W_q": x1.T @ dq, "W_k": x1.T @ dk, "W_v": x1.T @ dv, "W_o": y.T @ d1,
        "w2": delta2.T @ x2, "w3": d2.T @ a2,
    }  # fmt: skip
    return {key: value - rate * gradients[key] for key, value in p.items()}


MEASURED = {
    "language-model_compiled": lambda: compiled("language-model"),
    "language-model_by_hand": lambda: by_hand("language-model", language_model),
    "cnn_compiled": lambda: compiled("cnn"), "cnn_by_hand": lambda: by_hand("cnn", cnn),
    "lstm_compiled": lambda: compiled("lstm"), "lstm_by_hand": lambda: by_hand("lstm", lstm),
}  # fmt: skip

if __name__ == "__main__":
    print(MEASURED[sys.argv[1]]())
