"""Layers that read a sequence: Elman network, LSTM, GRU, and an encoder with a decoder.

x[t, j] is the input of time step t. U leads from the input, W from the state of the step before; rows receive.
Sources: Elman 1990, Cognitive Science 14; Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000;
Cho et al. 2014, arXiv 1406.1078 (GRU, encoder and decoder). The defaults are PyTorch's.
"""

from __future__ import annotations

from dataclasses import replace

from stepnn.layers.kinds.page import Applied, Kind, Line, Setting, activated
from stepnn.network.model import Role

FORWARD, BACKWARD = "t-1", "t+1"
ACTIVATION = {"activation": Setting("tanh")}
DIRECTION = {"direction": Setting("forward", ("forward", "backward"))}
GATES = {"i": "sigmoid", "f": "sigmoid", "g": "tanh", "o": "sigmoid"}


def weighted(gate: str, before: str = FORWARD, state: str = "h", inputs: str = "x") -> str:
    """Σ U·x + Σ W·h of the step before, for a gate or for the whole layer."""
    return f"sum(U{gate}[k, j] * {inputs}[t, j], j) + sum(W{gate}[k, m] * {state}[{before}, m], m)"


def bias(given: Applied, gate: str) -> str:
    return given.term(f"b{gate}", f" + b{gate}[k]")


def first(given: Applied, name: str) -> str:
    """What stands before the first time step, if the lesson gives it; otherwise zeros."""
    return name if given.has(name) else ""


def before_it(given: Applied) -> str:
    """The time step whose state is read: the one before, or going backward the one behind."""
    return BACKWARD if given.choice("direction") == "backward" else FORWARD


def elman(given: Applied) -> list[Line]:
    """z[t] = U·x[t] + W·h[t−1] + b, h[t] = g(z[t]); backward in time with h[t+1]."""
    before = before_it(given)
    z = Line("z", "t, k", weighted("", before) + bias(given, ""), Role.WEIGHTED_SUM, text="elman.z")
    h = given.activated("h", "t, k", "z", "elman.h")
    return [z, replace(h, start=first(given, "h0"))]


def gate_lines(given: Applied, letter: str, gate: str, function: str, kind: str) -> list[Line]:
    """The weighted sum of a gate, called by a letter, and the gate itself."""
    total = weighted(f"_{gate}", before_it(given)) + bias(given, f"_{gate}")
    name = f"{letter}_{gate}"
    return [
        Line(name, "t, k", total, Role.WEIGHTED_SUM, text=f"{kind}.{letter}"),
        activated(gate, "t, k", name, function, f"{kind}.{gate}"),
    ]


def lstm(given: Applied) -> list[Line]:
    """c[t] = f·c[t−1] + i·g and h[t] = o·tanh(c[t]), each gate with weights of its own."""
    before = before_it(given)
    lines = [one for gate in given.choice("order") for one in gate_lines(given, "z", gate, GATES[gate], "lstm")]
    cell = Line("c", "t, k", f"f[t, k] * c[{before}, k] + i[t, k] * g[t, k]", start=first(given, "c0"), text="lstm.c")
    state = Line("h", "t, k", "o[t, k] * tanh(c[t, k])", start=first(given, "h0"), text="lstm.h")
    return [*lines, cell, state]


def gru(given: Applied) -> list[Line]:
    """Reset gate r, update gate z, candidate n, and the new state mixed from candidate and old state."""
    before = before_it(given)
    lines = [one for gate in "rz" for one in gate_lines(given, "s", gate, "sigmoid", "gru")]
    if given.choice("reset") == "before":
        again = f"sum(W_n[k, m] * (r[t, m] * h[{before}, m]), m)"
    else:
        again = f"r[t, k] * (sum(W_n[k, m] * h[{before}, m], m){given.term('c_n', ' + c_n[k]')})"
    new = f"sum(U_n[k, j] * x[t, j], j){bias(given, '_n')} + {again}"
    lines.append(Line("s_n", "t, k", new, Role.WEIGHTED_SUM, text=f"gru.s_n.{given.choice('reset')}"))
    lines.append(activated("n", "t, k", "s_n", "tanh", "gru.n"))
    keeps = given.choice("mix") == "z keeps the old"
    old, new = f"h[{before}, k]", "n[t, k]"
    mixed = f"(1 - z[t, k]) * {new if keeps else old} + z[t, k] * {old if keeps else new}"
    return [*lines, Line("h", "t, k", mixed, start=first(given, "h0"), text="gru.h")]


def encoder_decoder(given: Applied) -> list[Line]:
    """An Elman network reads x; its last state is the first of another one, which reads y and gives s."""
    last = given.shapes["x"][0] - 1
    decoded = weighted("_d", state="s", inputs="y") + bias(given, "_d")
    return [
        Line("z", "t, k", weighted("") + bias(given, ""), Role.WEIGHTED_SUM, text="elman.z"),
        replace(given.activated("h", "t, k", "z", "elman.h"), start=first(given, "h0")),
        Line("v", "k", f"h[{last}, k]", text="encoder.v"),
        Line("z_d", "t, k", decoded, Role.WEIGHTED_SUM, text="decoder.z"),
        replace(given.activated("s", "t, k", "z_d", "decoder.s"), start="v"),
    ]


def ranks(gates: str, letters: str) -> dict[str, tuple[int, ...]]:
    """How many indices sequence, weights, biases and first states have."""
    ends = [f"_{gate}" for gate in gates] or [""]
    weights = {f"{letter}{end}": (2,) for letter in letters for end in ends}
    return {
        "x": (2,),
        **weights,
        **{f"b{end}": (1,) for end in ends},
        "c_n": (1,),
        "h0": (1,),
        "c0": (1,),
        "alpha": (0,),
    }


ORDERS = ("ifgo", "fiog", "figo", "gifo")
KINDS = {
    "elman": Kind(
        elman, ("x", "U", "W"), ("b", "h0", "alpha"),
        {**ACTIVATION, **DIRECTION}, ranks("", "UW"),
    ),
    "lstm": Kind(
        lstm,
        ("x", *(f"{letter}_{gate}" for gate in GATES for letter in "UW")),
        (*(f"b_{gate}" for gate in GATES), "h0", "c0"),
        {"order": Setting("ifgo", ORDERS, told=True), **DIRECTION}, ranks("ifgo", "UW"), "lstm",
    ),
    "gru": Kind(
        gru,
        ("x", "U_r", "W_r", "U_z", "W_z", "U_n", "W_n"),
        ("b_r", "b_z", "b_n", "c_n", "h0"),
        {
            "reset": Setting("after", ("after", "before"), told=True),
            "mix": Setting("z keeps the old", ("z keeps the old", "z takes the new"), told=True), **DIRECTION,
        }, ranks("rzn", "UW"), "gru",
    ),
    "encoder decoder": Kind(
        encoder_decoder, ("x", "U", "W", "y", "U_d", "W_d"), ("b", "b_d", "h0", "alpha"), ACTIVATION,
        {**ranks("", "UW"), **ranks("d", "UW"), "y": (2,)},
    ),
}  # fmt: skip
