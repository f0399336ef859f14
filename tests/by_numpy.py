"""Students who work a lesson out with NumPy alone, and make one mistake. Nothing here is taken from stepnn.

Numbers are those that the lessons print. A mistake is a word that the code asks for where it would be made.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Answers = dict[str, float]


def sigma(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def backprop(wrong: str = "") -> Answers:
    """The 2-2-2 network of the lesson backprop: one pass forward, one back, one update, and forward again."""
    x, t, eta = np.array([0.1, 0.2]), np.array([0.4, 0.6]), 0.5
    return two_layers(x, t, eta, wrong)


def two_layers(x: Any, t: Any, eta: float, wrong: str) -> Answers:
    hidden, output = np.array([[0.3, 0.25], [0.4, 0.35]]), np.array([[0.45, 0.4], [0.7, 0.6]])
    found: Answers = {}
    a, z2, a2 = forward(x, hidden, output, found, "p1.", wrong)
    loss = (a2 - t) ** 2 * (1.0 if wrong == "half_forgotten" else 0.5)
    found |= {"E_o1": loss[0], "E_o2": loss[1], "E": loss.sum()}
    error = t - a2 if wrong == "target_minus_output" else a2 - t
    slope = a2 * (1 - a2)
    if wrong == "slope_at_sum":
        slope = z2 * (1 - z2)
    if wrong == "slope_at_activation":
        slope = sigma(a2) * (1 - sigma(a2))
    delta = error if wrong == "slope_forgotten" else error * slope
    found |= {"dE_da_o1": error[0], "dE_da_o2": error[1], "da_dz_o1": slope[0], "da_dz_o2": slope[1]}
    found |= {"delta_o1": delta[0], "delta_o2": delta[1]}
    gradient = np.outer(delta, a2 if wrong == "own_activation" else a)
    found |= {"dE_dw5": gradient[0, 0], "dE_dw6": gradient[0, 1], "dE_dw7": gradient[1, 0], "dE_dw8": gradient[1, 1]}
    back = output - eta * gradient if wrong == "new_weights" else output.T if wrong == "transposed" else output
    sent = error if wrong == "error_for_delta" else delta
    arriving = np.array([delta.sum()] * 2) if wrong == "weights_forgotten" else back.T @ sent
    if wrong == "path_forgotten":
        arriving = back[0] * delta[0]
    hidden_slope = a * (1 - a)
    hidden_delta = arriving * hidden_slope
    for n in (0, 1):
        found |= {
            f"dE_da_h{n + 1}": arriving[n],
            f"da_dz_h{n + 1}": hidden_slope[n],
            f"delta_h{n + 1}": hidden_delta[n],
        }
    hidden_gradient = np.outer(hidden_delta, x)
    found |= {f"dE_dw{n + 1}": one for n, one in enumerate(hidden_gradient.ravel())}
    rate = 1.0 if wrong == "rate_forgotten" else -eta if wrong == "wrong_direction" else eta
    output, hidden = output - rate * gradient, hidden - rate * hidden_gradient
    found |= {f"w{n + 5}_new": one for n, one in enumerate(output.ravel())}
    found |= {f"w{n + 1}_new": one for n, one in enumerate(hidden.ravel())}
    forward(x, hidden, output, found, "p2.", "")
    return found


def forward(x: Any, hidden: Any, output: Any, found: Answers, head: str, wrong: str) -> tuple[Any, Any, Any]:
    """z and a of both layers."""
    z = hidden @ x
    a = sigma(-z) if wrong == "exponent_sign" else sigma(z)
    z2 = output @ (z if wrong == "sum_for_activation" else a)
    a2 = sigma(z2)
    for name, values in (("z_h", z), ("a_h", a), ("z_o", z2), ("a_o", a2)):
        found |= {f"{head}{name}{n + 1}": value for n, value in enumerate(values)}
    return a, z2, a2


def softmax(wrong: str = "") -> Answers:
    """The first sample of the lesson softmax, forward, with its error and δ."""
    x = np.array([0.6, 0.9])
    weights = np.array([[0.47355232, 0.85557411], [0.9977393, 0.03563661], [0.84668094, 0.69422093]])
    z = weights @ x
    powers = 10.0**z if wrong == "base_ten" else np.exp(z)
    a = z / z.sum() if wrong == "exponent_forgotten" else powers / powers.sum()
    t = np.array([0.0, 0.0, 1.0])
    delta = (a - t) * a * (1 - a) if wrong == "other_loss" else a - t
    found = {f"z_o{n + 1}": one for n, one in enumerate(z)} | {f"a_o{n + 1}": one for n, one in enumerate(a)}
    return found | {f"delta_o{n + 1}": one for n, one in enumerate(delta)}


def lstm(wrong: str = "") -> Answers:
    """The LSTM of Gomez (2016): two time steps forward."""
    x, gates = np.array([[1, 2], [0.5, 3]]), {}
    weights = {
        "i": ([0.95, 0.8], 0.8, 0.65), "f": ([0.7, 0.45], 0.1, 0.15), "g": ([0.45, 0.25], 0.15, 0.2),
        "o": ([0.6, 0.4], 0.25, 0.1),
    }  # fmt: skip
    found, h, c = {}, 0.0, 0.0
    for t in (0, 1):
        for name, (u, w, b) in weights.items():
            z = np.array(u) @ x[t] + w * h + (0.0 if wrong == "bias_forgotten" and (t, name) == (1, "f") else b)
            squash = sigma if name != "g" or (wrong == "other_activation" and t == 1) else np.tanh
            gates[name] = squash(z)
            found |= {f"z_{name}_{t + 1}_1": float(z), f"{name}_{t + 1}_1": float(gates[name])}
        keep = gates["o"] if wrong == "other_gate" and t == 1 else gates["f"]
        c = keep * c + gates["i"] * gates["g"]
        h = gates["o"] * (c if wrong == "activation_left_out" and t == 1 else np.tanh(c))
        found |= {f"c_{t + 1}_1": float(c), f"h_{t + 1}_1": float(h)}
    return found


def attention(wrong: str = "") -> Answers:
    """The self-attention of Karim (2019), one head, scores not scaled."""
    x = np.array([[1, 0, 1, 0], [0, 2, 0, 2], [1, 1, 1, 1.0]])
    keys = x @ np.array([[0, 0, 1], [1, 1, 0], [0, 1, 0], [1, 1, 0]])
    queries = x @ np.array([[1, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 1]])
    values = x @ np.array([[0, 2, 0], [0, 3, 0], [1, 0, 3], [1, 1, 0]])
    scores = queries @ keys.T
    powers = scores if wrong == "exponent_forgotten" else np.exp(scores)
    shares = powers if wrong == "not_divided" else powers / powers.sum(1, keepdims=True)
    mixed = (np.full((3, 3), 1 / 3) if wrong == "shares_for_sum" else shares) @ values
    found: Answers = {}
    for name, table in (("Q", queries), ("K", keys), ("V", values), ("S", scores), ("A", shares), ("Y", mixed)):
        found |= {f"{name}_{i + 1}_{j + 1}": float(one) for i, row in enumerate(table) for j, one in enumerate(row)}
    return found


def adam(wrong: str = "") -> Answers:
    """Three updates of Adam on a straight slope, from w = 1."""
    w, m, v, rate, beta1, beta2, epsilon = 1.0, 0.0, 0.0, 0.1, 0.9, 0.999, 1e-8
    found: Answers = {}
    for turn, g in enumerate((0.4, 0.3, -0.1), 1):
        m = beta1 * m + (1 if wrong == "decay_share_forgotten" else 1 - beta1) * g
        v = beta2 * v + (1 - beta2) * (g if wrong == "square_forgotten" else g * g)
        power = 1 if wrong == "correction_power" else turn
        m_hat = m if wrong == "correction_forgotten" else m / (1 - beta1**power)
        v_hat = v / (1 - beta2**turn)
        w = w - rate * m_hat / ((v_hat if wrong == "root_forgotten" else np.sqrt(v_hat)) + epsilon)
        found |= {f"p{turn}.dE_dw": g, f"p{turn}.m_w_new": m, f"p{turn}.v_w_new": v, f"p{turn}.m_hat_w": m_hat}
        found |= {f"p{turn}.v_hat_w": v_hat, f"p{turn}.w_new": w}
    return found
