"""Dense layers and activations over any number of indices, and the restricted Boltzmann machine.

Sources: Hinton 2002, *Training products of experts by minimizing contrastive divergence*, and his *Practical guide
to training restricted Boltzmann machines* (2010), section 3.
"""

from __future__ import annotations

from stepnn.layers.kinds.page import Applied, Kind, Line, Setting, activated
from stepnn.network.model import Role


def dense(given: Applied) -> list[Line]:
    """z[k] = Σ w[k, j]·x[j] + b[k] and a = g(z); of a sequence, the same at every position t."""
    front = f"{given.index('x', 't, j', 'k').split(', ')[0]}, " if given.rank("x", 1, 2) == 2 else ""
    front = "t, " if front == "j, " else front
    bias = given.term("b", " + b[k]" if given.shapes.get("b") else " + b")
    z = Line("z", f"{front}k", f"sum(w[k, j] * x[{front}j], j){bias}", Role.WEIGHTED_SUM, text="dense.z")
    return [z] if given.choice("activation") == "none" else [z, given.activated("a", f"{front}k", "z", "dense.a")]


def activation(given: Applied) -> list[Line]:
    """a = g(z), element by element."""
    index = given.index("z", ("k", "t, k", "k, i, j", "n, k, i, j")[given.rank("z", 1, 2, 3, 4) - 1])
    return [given.activated("a", index, "z", "dense.a")]


def rbm(given: Applied) -> list[Line]:
    """One step of contrastive divergence: up, down and up again; random numbers decide what is 1."""
    up = "sum(W[i, j] * {}[i], i)" + given.term("c", " + c[j]")
    down = "sum(W[i, j] * h[j], j)" + given.term("b", " + b[i]")
    sampled = given.has("r")
    again = "v_new" if sampled else "q"
    update = f"W[i, j] + eta * (v[i] * p[j] - {again}[i] * p_new[j])"
    lines = [
        Line("z", "j", up.format("v"), Role.WEIGHTED_SUM, text="rbm.z"),
        activated("p", "j", "z", "sigmoid", "rbm.p"),
        Line("h", "j", "where(u[j] < p[j], 1, 0)", text="rbm.h"),
        Line("y", "i", down, Role.WEIGHTED_SUM, text="rbm.y"),
        activated("q", "i", "y", "sigmoid", "rbm.q"),
        *([Line("v_new", "i", "where(r[i] < q[i], 1, 0)", text="rbm.v_new")] if sampled else []),
        Line("z_new", "j", up.format(again), Role.WEIGHTED_SUM, text="rbm.z_new"),
        activated("p_new", "j", "z_new", "sigmoid", "rbm.p_new"),
        Line("W_new", "i, j", update, text="rbm.W_new"),
    ]
    if given.has("b"):
        lines.append(Line("b_new", "i", f"b[i] + eta * (v[i] - {again}[i])", text="rbm.b_new"))
    if given.has("c"):
        lines.append(Line("c_new", "j", "c[j] + eta * (p[j] - p_new[j])", text="rbm.c_new"))
    return lines


KINDS = {
    "dense": Kind(
        dense,
        ("x", "w"),
        ("b", "alpha"),
        {"activation": Setting("none")},
        {"x": (1, 2), "w": (2,), "b": (0, 1), "alpha": (0,)},
    ),
    "activation": Kind(
        activation, ("z",), ("alpha",), {"activation": Setting("relu")}, {"z": (1, 2, 3, 4), "alpha": (0,)}
    ),
    "rbm": Kind(
        rbm, ("v", "W", "u", "eta"), ("b", "c", "r"), ranks={"W": (2,), "eta": (0,), **dict.fromkeys("vubcr", (1,))}
    ),
}
