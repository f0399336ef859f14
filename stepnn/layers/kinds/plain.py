"""Dense layers, activations over any number of indices, losses, and the restricted Boltzmann machine.

Sources: Hinton 2002, *Training products of experts by minimizing contrastive divergence*, and his *Practical guide
to training restricted Boltzmann machines* (2010), section 3.
"""

from __future__ import annotations

import re

from stepnn.book.functions import LOSSES, LossRule
from stepnn.layers.kinds.page import Applied, Kind, Line, Setting, Unfit, activated, own_name
from stepnn.network.model import Role
from stepnn.words.told import together, told


def dense(given: Applied) -> list[Line]:
    """z[k] = Σ w[k, j]·x[j] + b[k] and a = g(z); of a sequence, the same at every position t.

    What comes past the layers in between is added: Σ v[k, i]·s[i].
    """
    k, j = given.index("w", "k, j").split(", ")
    front = ""
    if given.rank("x", 1, 2) == 2:
        front = f"{next(one for one in (*given.letters['x'][:1], *'tsu') if one not in (k, j))}, "
    bias = given.term("b", f" + b[{k}]" if given.shapes.get("b") else " + b")
    more = "".join(past(given, s, v, k, front) for s, v in SHORTCUTS)
    formula = f"sum(w[{k}, {j}] * x[{front}{j}], {j}){more}{bias}"
    z = Line("z", f"{front}{k}", formula, Role.WEIGHTED_SUM, text="dense.z")
    return [z] if given.settings["activation"] == "none" else [z, given.activated("a", z.index, "z")]


def past(given: Applied, s: str, v: str, k: str, front: str) -> str:
    """What a shortcut adds to a weighted sum. Raises Unfit."""
    if not (given.has(s) and given.has(v)):
        return ""
    row, i = given.index(v, f"{k}, {'i' if k != 'i' else 'j'}").split(", ")
    if (given.shapes[v][0], len(given.shapes[s])) != (given.shapes["w"][0], len(given.shapes["x"])):
        found = together([" × ".join(map(str, given.shapes[name])) for name in ("w", v)], "both")
        raise Unfit(told("the_shortcut_has_other_rows"), found, told("as_many_rows_as_in_w"), where="of")
    i = i if i not in (k, *front.split(", ")) and row == k else next(x for x in "imnu" if x not in (k, front[:1]))
    return f" + sum({v}[{k}, {i}] * {s}[{front}{i}], {i})"


def activation(given: Applied) -> list[Line]:
    """a = g(z), element by element."""
    index = given.index("z", ("k", "t, k", "k, i, j", "n, k, i, j")[given.rank("z", 1, 2, 3, 4) - 1])
    return [given.activated("a", index, "z")]


def loss(given: Applied) -> list[Line]:
    """The error of each output neuron, of each sample where there are several, and of all of them.

    With the perceptron rule it is e = t − a, or a formula of the lesson's own, and there is no error of all.
    """
    index = given.index("a", ("k", "n, k")[given.rank("a", 1, 2) - 1])
    name, (*front, k) = given.choice("loss"), index.split(", ")
    if given.shapes["a"] != given.shapes["t"]:
        found = together([" × ".join(map(str, given.shapes[one])) for one in ("a", "t")], "both")
        raise Unfit(told("what_is_compared_has_another"), found, told("the_same_shape_for_a"), where="of")
    if name == "perceptron":
        mistake = re.sub(r"\b([at])\b", rf"\1[{index}]", given.losses.get(name, "t - a"))
        return [Line("e", index, mistake, Role.OUTPUT_ERROR, function=name)]
    rule = LossRule(given.losses[name]) if name in given.losses else LOSSES.get(name)
    if rule is None:
        known = ", ".join(dict.fromkeys([*LOSSES, *given.losses]))
        raise Unfit(told("there_is_no_such_loss"), f'"{name}"', told("one_of", known=known), where="settings.loss")
    each = re.sub(r"\b([at])\b(\[k\])?", rf"\1[{index}]", rule.each)
    size = given.shapes["a"][-1]
    total = rule.total.replace("E[k]", f"E_each[{index}]").replace(", k)", f", {k})").replace("1/n", f"1/{size}")
    function = own_name(name) if name in given.losses else name
    lines = [Line("E_each", index, each, Role.OUTPUT_ERROR, glyph="E", function=function)]
    if front:
        (n,) = front
        lines.append(Line("E_sample", n, total, Role.OUTPUT_ERROR, glyph="E", function=function))
        total = f"1/{given.shapes['a'][0]} * sum(E_sample[{n}], {n})"
    return [*lines, Line("E", "", total, Role.TOTAL_ERROR, function=function)]


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


SHORTCUTS = (("s", "v"), ("s2", "v2"), ("s3", "v3"))  # what comes past other layers, and its weights
KINDS = {
    "dense": Kind(
        dense,
        ("x", "w"),
        ("b", "alpha", *(name for pair in SHORTCUTS for name in pair)),
        {"activation": Setting("none", each=True)},
        {"x": (1, 2), "w": (2,), "b": (0, 1), "alpha": (0,), "v": (2,), "v2": (2,), "v3": (2,)},
        rows="w",
    ),
    "activation": Kind(
        activation,
        ("z",),
        ("alpha",),
        {"activation": Setting("relu", each=True)},
        {"z": (1, 2, 3, 4), "alpha": (0,)},
        like="z",
    ),
    "loss": Kind(loss, ("a", "t"), (), {"loss": Setting("half_squared_error")}, {"a": (1, 2), "t": (1, 2)}, like="a"),
    "rbm": Kind(
        rbm, ("v", "W", "u", "eta"), ("b", "c", "r"), ranks={"W": (2,), "eta": (0,), **dict.fromkeys("vubcr", (1,))}
    ),
}
