"""Random lessons for every kind of layer, and the same calculation in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.help import WORDS

Nested = Any  # numbers in lists of lists


@dataclass
class Case:
    """A kind of layer with its given arrays: by name their index and values; `out` is what comes out, with its index."""

    kind: str
    given: dict[str, tuple[str, Nested]]
    out: str
    index: str
    shape: tuple[int, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()  # what has no gradient
    weights: Nested = None  # of the sum that the error is

    def table(self) -> dict[str, Any]:
        """A lesson whose error is a weighted sum of everything that comes out."""
        quantities = [
            {"name": name, "index": index, "values": values, "learned": name not in self.fixed}
            for name, (index, values) in self.given.items()
        ]
        letters = self.index.replace(" ", "").split(",")
        where = f"[{self.index}]" if self.index else ""
        total = f"sum(Weight{where} * {self.out}{where}, {', '.join(letters)})"
        return {
            "format_version": 1, "id": "made", "title": WORDS, "goal": WORDS, "introduction": WORDS,
            "closing": {"question": WORDS, "answer": WORDS}, "error": "Error", "update": "gradient descent",
            "learning_rate": 0.1,
            "quantities": [
                *quantities, {"name": "Weight", "index": self.index, "values": self.weights},
                {"kind": self.kind, "settings": self.settings}, {"name": "Error", "formula": total},
            ],
        }  # fmt: skip


class Numbers:
    """Draws arrays of numbers with three decimals, no two of them equal."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.seen = {0}

    def __call__(self, *shape: int) -> Nested:
        if not shape:
            while (number := self.random.randint(-1500, 1500)) in self.seen:
                pass
            self.seen.add(number)
            return number / 1000
        return [self(*shape[1:]) for _ in range(shape[0])]

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def size(self, low: int, high: int) -> int:
        return self.random.randint(low, high)


@dataclass
class Row:
    """One direction of a picture that windows fit into, and how many of them there are."""

    size: int
    window: int
    stride: int
    sides: tuple[int, int]
    apart: int
    out: int


def fitting(draw: Numbers, most: int, dilated: bool, loose: bool) -> Row:
    """A direction of a picture with windows; `loose`: some of the picture is left over."""
    window, stride, apart = draw.size(1, 3), draw.size(1, 3), draw.pick(1, 2) if dilated else 1
    room, out = apart * (window - 1) + 1, draw.size(1, 3)
    before, behind = draw.size(0, min(most, window // 2)), draw.size(0, min(most, window // 2))
    size = (out - 1) * stride + room - before - behind + (draw.size(0, stride - 1) if loose else 0)
    return Row(size, window, stride, (before, behind), apart, out) if size > 0 else fitting(draw, most, dilated, loose)


def alike(draw: Numbers, rows: list[Row]) -> list[Row]:
    """All directions like the first, with the same padding on both sides, so that one number says it; or as they are."""
    first = rows[0]
    if draw.pick(True, False):
        return rows
    size = first.size + sum(first.sides) - 2 * min(first.sides)
    return [replace(first, size=size, sides=(min(first.sides),) * 2)] * len(rows)


def said(rows: list[Row], field: str) -> Any:
    """A setting of all directions: one number where that says it."""
    values = [getattr(row, field) for row in rows]
    if field == "sides":
        values = [list(one) if one[0] != one[1] else one[0] for one in values]
    return values[0] if all(one == values[0] and isinstance(one, int) for one in values) else values


def convolution(draw: Numbers, dimensions: int) -> Case:
    rest = draw.pick("refused", "drop")
    rows = alike(draw, [fitting(draw, 2, True, rest == "drop") for _ in range(dimensions)])
    groups = draw.pick(1, 1, 2, 3)
    channels, filters = (
        (groups * draw.size(1, 2), groups * draw.size(1, 2)) if groups > 1 else (draw.pick(0, 1, 2), draw.pick(0, 2))
    )
    places, offsets = "ij"[:dimensions], "pq"[:dimensions]
    front, inner = ["k"] * bool(filters), ["c"] * bool(channels)
    lead, depth = [filters] * bool(filters), [channels] * bool(channels)
    batch = ["n"] * bool(channels and draw.pick(True, False))
    lot, seen = [2] * len(batch), [channels // groups] * bool(channels)
    given = {
        "x": (", ".join([*batch, *inner, *places]), draw(*lot, *depth, *[row.size for row in rows])),
        "w": (", ".join([*front, *inner, *offsets]), draw(*lead, *seen, *[row.window for row in rows])),
    }
    if draw.pick(True, False):
        given["b"] = (", ".join(front), draw(*lead))
    out = [row.out for row in rows]
    settings = {
        "stride": said(rows, "stride"), "padding": said(rows, "sides"), "dilation": said(rows, "apart"), "rest": rest,
        "filter": draw.pick("as it stands", "flipped"), "groups": groups,
    }  # fmt: skip
    if draw.pick(False, False, True):
        settings |= {"padding": "same", "rest": "drop"}
        out = [-(-row.size // row.stride) for row in rows]
    kind = "convolution" if dimensions == 2 else "convolution 1d"
    return Case(kind, given, "z", ", ".join([*batch, *front, *places]), (*lot, *lead, *out), settings)


def transposed(draw: Numbers, dimensions: int) -> Case:
    rows = [(draw.size(1, 3), draw.size(1, 3), draw.size(1, 3)) for _ in range(dimensions)]
    rows = rows if draw.pick(True, False) else [rows[0]] * dimensions
    cut = [draw.size(0, (window - 1) // 2) for window, _, _ in rows]
    more = [draw.size(0, stride - 1) for _, _, stride in rows]
    channels, filters = draw.pick(0, 1, 2), draw.pick(0, 2)
    places, offsets = "ij"[:dimensions], "pq"[:dimensions]
    front, inner = ["k"] * bool(filters), ["c"] * bool(channels)
    lead, depth = [filters] * bool(filters), [channels] * bool(channels)
    batch = ["n"] * bool(channels and draw.pick(True, False))
    lot = [2] * len(batch)
    given = {
        "x": (", ".join([*batch, *inner, *places]), draw(*lot, *depth, *[size for _, size, _ in rows])),
        "w": (", ".join([*inner, *front, *offsets]), draw(*depth, *lead, *[window for window, _, _ in rows])),
    }
    if draw.pick(True, False):
        given["b"] = (", ".join(front), draw(*lead))
    each = zip(rows, cut, more, strict=True)
    out = [stride * (size - 1) + window - 2 * one + extra for (window, size, stride), one, extra in each]
    settings = {"stride": [stride for _, _, stride in rows], "padding": cut, "output_padding": more}
    kind = "transposed convolution" if dimensions == 2 else "transposed convolution 1d"
    return Case(kind, given, "z", ", ".join([*batch, *front, *places]), (*lot, *lead, *out), settings)


def pooling(draw: Numbers, kind: str) -> Case:
    """PyTorch pads both sides of a picture with as much, and looks at the rest in its ceil mode."""
    rank, rest = draw.size(1, 4), draw.pick("refused", "drop", "looked at")
    dimensions = min(rank, 2)
    rows = [fitting(draw, 0, False, rest != "refused") for _ in range(dimensions)]
    rows = rows if draw.pick(True, False) else [rows[0]] * dimensions
    around = [draw.size(0, row.window // 2) for row in rows]
    rows = [replace(row, size=max(row.size - 2 * one, 1)) for row, one in zip(rows, around, strict=True)]
    rest = "drop" if rest == "refused" and any(around) else rest
    lead = {3: [2], 4: [2, 2]}.get(rank, [])
    index = ", ".join([*["n", "c"][2 - len(lead) :], *"ij"[:dimensions]])
    given = {"x": (index, draw(*lead, *[row.size for row in rows]))}
    settings = {
        "window": said(rows, "window"), "stride": said(rows, "stride"), "padding": around, "rest": rest,
        **({"counted": draw.pick("with padding", "inside only")} if kind == "mean pooling" else {}),
    }  # fmt: skip
    out = []
    for row, one in zip(rows, around, strict=True):
        room = row.size + 2 * one - row.window
        count = room // row.stride + 1
        count += rest == "looked at" and room % row.stride > 0 and count * row.stride < row.size + one
        out.append(count)
    return Case(kind, given, "y", index, (*lead, *out), settings)


def flatten(draw: Numbers) -> Case:
    shape = [draw.size(1, 3) for _ in range(draw.size(2, 3))]
    count = 1
    for size in shape:
        count *= size
    return Case("flatten", {"x": (", ".join("cij"[-len(shape) :]), draw(*shape))}, "f", "n", (count,))


def dense(draw: Numbers) -> Case:
    long, wide, out = draw.pick(0, 3), draw.size(1, 4), draw.size(1, 3)
    front = ["t"] * bool(long)
    lead = [long] * bool(long)
    given = {"x": (", ".join([*front, "j"]), draw(*lead, wide)), "w": ("k, j", draw(out, wide))}
    if draw.pick(True, False):
        given["b"] = ("k", draw(out))
    function = draw.pick("none", "sigmoid", "tanh", "relu", "softmax", "softplus", "identity")
    name = "z" if function == "none" else "a"
    return Case("dense", given, name, ", ".join([*front, "k"]), (*lead, out), {"activation": function})


def activation(draw: Numbers) -> Case:
    shape = [draw.size(1, 3) for _ in range(draw.size(1, 4))]
    index = ", ".join("nkij"[-len(shape) :])
    function = draw.pick("sigmoid", "tanh", "relu", "softmax", "softplus")
    return Case("activation", {"z": (index, draw(*shape))}, "a", index, tuple(shape), {"activation": function})


def sequence(draw: Numbers, gates: Sequence[str]) -> tuple[dict[str, tuple[str, Nested]], int, int]:
    """A sequence, weights for each gate, biases and a first state; how long and how wide."""
    steps, wide, hidden = draw.size(1, 4), draw.size(1, 3), draw.size(1, 3)
    given = {"x": ("t, j", draw(steps, wide))}
    for gate in gates:
        given |= {f"U{gate}": ("k, j", draw(hidden, wide)), f"W{gate}": ("k, m", draw(hidden, hidden))}
    if draw.pick(True, False):
        given |= {f"b{gate}": ("k", draw(hidden)) for gate in gates}
    if draw.pick(True, False):
        given["h0"] = ("k", draw(hidden))
    return given, steps, hidden


def elman(draw: Numbers) -> Case:
    given, steps, hidden = sequence(draw, [""])
    settings = {"activation": draw.pick("tanh", "relu"), "direction": draw.pick("forward", "backward")}
    return Case("elman", given, "h", "t, k", (steps, hidden), settings)


def lstm(draw: Numbers) -> Case:
    given, steps, hidden = sequence(draw, ["_i", "_f", "_g", "_o"])
    if draw.pick(True, False):
        given["c0"] = ("k", draw(hidden))
    return Case(
        "lstm",
        given,
        "h",
        "t, k",
        (steps, hidden),
        {"order": draw.pick("ifgo", "gifo"), "direction": draw.pick("forward", "backward")},
    )


def gru(draw: Numbers) -> Case:
    given, steps, hidden = sequence(draw, ["_r", "_z", "_n"])
    settings = {"reset": draw.pick("after", "before"), "mix": draw.pick("z keeps the old", "z takes the new")}
    if settings["reset"] == "after" and draw.pick(True, False):
        given["c_n"] = ("k", draw(hidden))
    settings["direction"] = draw.pick("forward", "backward")
    return Case("gru", given, "h", "t, k", (steps, hidden), settings)


def encoder_decoder(draw: Numbers) -> Case:
    given, _, hidden = sequence(draw, [""])
    steps, wide = draw.size(1, 3), draw.size(1, 3)
    given |= {
        "y": ("t, j", draw(steps, wide)),
        "U_d": ("k, j", draw(hidden, wide)),
        "W_d": ("k, m", draw(hidden, hidden)),
    }
    return Case("encoder decoder", given, "s", "t, k", (steps, hidden))


def attention(draw: Numbers) -> Case:
    heads, each = draw.size(1, 2), draw.size(1, 2)
    long, wide, other = draw.size(1, 3), draw.size(1, 3), draw.size(1, 3)
    given = {"x": ("s, d", draw(long, wide))}
    given |= {name: ("d, e", draw(wide, heads * each)) for name in ("W_q", "W_k", "W_v")}
    if draw.pick(True, False):
        given["m"] = ("u, d", draw(other, wide))
    settings = {"heads": heads, "scores": draw.pick("scaled", "not scaled"), "mask": draw.pick("none", "causal")}
    fixed: tuple[str, ...] = ()
    if draw.pick(True, False):
        given["pad"], fixed = (
            ("u", [1.0, *(draw.pick(0.0, 1.0) for _ in range((other if "m" in given else long) - 1))]),
            ("pad",),
        )
    if draw.pick(True, False):
        given["W_o"] = ("e, d", draw(heads * each, wide))
        return Case("attention", given, "O", "s, d", (long, wide), settings, fixed)
    return Case("attention", given, "Y" if heads == 1 else "O", "s, f", (long, heads * each), settings, fixed)


def embedding(draw: Numbers) -> Case:
    long, words, wide = draw.size(1, 4), draw.size(1, 4), draw.size(1, 3)
    given = {"word": ("t", [draw.size(1, words) for _ in range(long)]), "V": ("v, d", draw(words, wide))}
    return Case("embedding", given, "x", "t, d", (long, wide), fixed=("word",))


def normalization(draw: Numbers, kind: str) -> Case:
    layer = kind == "layer normalization"
    rank, long, wide = draw.size(1, 2 if layer else 4), draw.size(2, 4), draw.size(2, 4)
    index = ("d", "s, d")[rank - 1] if layer else ("n", "n, d", "n, d, i", "n, d, i, j")[rank - 1]
    shape = (wide,) if rank == 1 else (long, wide, 2, 2)[:rank]
    given = {"x": (index, draw(*shape))}
    own = wide if layer or rank > 1 else 0
    for name in draw.pick(("gamma", "beta"), ("gamma",), ("beta",), ()):
        given[name] = ("d" if own else "", draw(own) if own else draw())
    out = "y" if {"gamma", "beta"} & given.keys() else "x_hat"
    settings = {"variance": draw.pick("biased", "unbiased")}
    return Case(kind, given, out, index, shape, settings)


def residual(draw: Numbers) -> Case:
    shape = [draw.size(1, 3) for _ in range(draw.size(1, 3))]
    index = ("d", "s, d", "c, i, j")[len(shape) - 1]
    return Case("residual", {name: (index, draw(*shape)) for name in "xf"}, "y", index, tuple(shape))


def positions(draw: Numbers) -> Case:
    long, wide = draw.size(1, 4), draw.size(1, 6)
    settings = {"base": draw.pick(10_000, 100.0, 2)}
    return Case("positional encoding", {"x": ("s, d", draw(long, wide))}, "y", "s, d", (long, wide), settings)


def dropout(draw: Numbers) -> Case:
    shape = [draw.size(1, 3) for _ in range(draw.size(1, 4))]
    index = ", ".join("nkij"[-len(shape) :])
    mask = draw(*shape)
    kept = np.sign(np.maximum(mask, 0)).tolist()
    settings = {"rate": draw.pick(0.5, 0.2, 0), "scale": draw.pick("in training", "none")}
    given = {"x": (index, draw(*shape)), "mask": (index, kept)}
    return Case("dropout", given, "y", index, tuple(shape), settings, ("mask",))


MAKE: dict[str, Callable[[Numbers], Case]] = {
    "transposed convolution": lambda draw: transposed(draw, 2), "embedding": embedding,
    "transposed convolution 1d": lambda draw: transposed(draw, 1),
    "convolution": lambda draw: convolution(draw, 2), "convolution 1d": lambda draw: convolution(draw, 1),
    "maximum pooling": lambda draw: pooling(draw, "maximum pooling"), "elman": elman, "lstm": lstm, "gru": gru,
    "mean pooling": lambda draw: pooling(draw, "mean pooling"), "flatten": flatten, "dense": dense,
    "activation": activation, "encoder decoder": encoder_decoder, "attention": attention, "residual": residual,
    "layer normalization": lambda draw: normalization(draw, "layer normalization"),
    "batch normalization": lambda draw: normalization(draw, "batch normalization"), "positional encoding": positions, "dropout": dropout,
}  # fmt: skip


def made(kind: str, seed: int) -> Case:
    """A random case of a kind; the same seed makes the same case."""
    draw = Numbers(seed)
    case = MAKE[kind](draw)
    case.weights = draw(*case.shape)
    return case


def cases(kind: str) -> st.SearchStrategy[Case]:
    return st.integers(0, 10**6).map(lambda seed: made(kind, seed))
