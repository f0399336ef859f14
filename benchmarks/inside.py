"""Measurements inside one process; prints seconds. Started by run.py."""

from __future__ import annotations

import sys
import time

import numpy as np
from stepnn.layers.updates import gradient_descent

from stepnn.calculus.compile import compile_quantities
from stepnn.calculus.differentiate import differentiate
from stepnn.lessons.build import setup
from stepnn.lessons.schema import Lesson
from stepnn.lessons.setup import Setup

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


def xor_compiled() -> float:
    """Full-batch gradient descent with the functions that lessons use."""
    made = network(2, 2, 1, bias=True).network
    derived = differentiate(made)
    gradients = {q.key: next(g for g in derived.quantities if g.key == derived.error_of[q.key]) for q in made.trained}
    updates = gradient_descent(made, gradients, made["eta"])
    known = [quantity for quantity in made.quantities if quantity.formula is None]
    step = compile_quantities(known, [*made.computed, *derived.quantities, *updates], [one.key for one in updates])
    values = {"a0": X, "t": T, "eta": np.array(RATE), "w1": W1, "b1": B1, "w2": W2, "b2": B2}
    began = time.perf_counter()
    for _ in range(UPDATES):
        values |= {key.removeprefix("new/"): array for key, array in step(values).items()}
    took = time.perf_counter() - began
    check(values["w1"], values["b1"], values["w2"], values["b2"])
    return took


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


MEASUREMENTS = {
    "derive_small": lambda: derive(2, 2, 2),
    "derive_large": lambda: derive(784, 16, 16, 10),
    "derive_8": lambda: derive(*[2] * 9),
    "derive_16": lambda: derive(*[2] * 17),
    "xor_compiled": xor_compiled,
    "xor_by_hand": xor_by_hand,
}

if __name__ == "__main__":
    print(MEASUREMENTS[sys.argv[1]]())
