"""Random lessons for every kind of layer, and the same calculation in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

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


def fitting(draw: Numbers, window: int) -> tuple[int, int, int]:
    """A picture that windows fit into: its size, the stride and the padding."""
    stride, padding, count = draw.size(1, 3), draw.size(0, window // 2), draw.size(1, 3)
    size = (count - 1) * stride + window - 2 * padding
    return (size, stride, padding) if size > 0 else (window, stride, 0)


def windows(size: int, window: int, stride: int, padding: int) -> int:
    return (size + 2 * padding - window) // stride + 1


def convolution(draw: Numbers, dimensions: int) -> Case:
    window = draw.size(1, 3)
    size, stride, padding = fitting(draw, window)
    channels, filters = draw.pick(0, 1, 2), draw.pick(0, 2)
    places, offsets = "ij"[:dimensions], "pq"[:dimensions]
    front, inner = ["k"] * bool(filters), ["c"] * bool(channels)
    lead, depth = [filters] * bool(filters), [channels] * bool(channels)
    out = windows(size, window, stride, padding)
    batch = ["n"] * bool(channels and draw.pick(True, False))
    lot, apart = [2] * len(batch), draw.pick(1, 2)
    size += (apart - 1) * (window - 1)
    given = {
        "x": (", ".join([*batch, *inner, *places]), draw(*lot, *depth, *[size] * dimensions)),
        "w": (", ".join([*front, *inner, *offsets]), draw(*lead, *depth, *[window] * dimensions)),
    }
    if draw.pick(True, False):
        given["b"] = (", ".join(front), draw(*lead))
    filter = draw.pick("as it stands", "flipped")
    settings = {"stride": stride, "padding": padding, "filter": filter, "dilation": apart}
    kind = "convolution" if dimensions == 2 else "convolution 1d"
    return Case(kind, given, "z", ", ".join([*batch, *front, *places]), (*lot, *lead, *[out] * dimensions), settings)


def transposed(draw: Numbers, dimensions: int) -> Case:
    window, size, stride = draw.size(1, 3), draw.size(1, 3), draw.size(1, 3)
    padding, more = draw.size(0, (window - 1) // 2), draw.size(0, stride - 1)
    channels, filters = draw.pick(0, 1, 2), draw.pick(0, 2)
    places, offsets = "ij"[:dimensions], "pq"[:dimensions]
    front, inner = ["k"] * bool(filters), ["c"] * bool(channels)
    lead, depth = [filters] * bool(filters), [channels] * bool(channels)
    batch = ["n"] * bool(channels and draw.pick(True, False))
    lot = [2] * len(batch)
    given = {
        "x": (", ".join([*batch, *inner, *places]), draw(*lot, *depth, *[size] * dimensions)),
        "w": (", ".join([*inner, *front, *offsets]), draw(*depth, *lead, *[window] * dimensions)),
    }
    if draw.pick(True, False):
        given["b"] = (", ".join(front), draw(*lead))
    out = stride * (size - 1) + window - 2 * padding + more
    settings = {"stride": stride, "padding": padding, "output_padding": more}
    kind = "transposed convolution" if dimensions == 2 else "transposed convolution 1d"
    return Case(kind, given, "z", ", ".join([*batch, *front, *places]), (*lot, *lead, *[out] * dimensions), settings)


def pooling(draw: Numbers, kind: str) -> Case:
    window, rank = draw.size(1, 3), draw.size(1, 3)
    size, stride, padding = fitting(draw, window)
    out, dimensions = windows(size, window, stride, padding), min(rank, 2)
    depth = [2] * (rank == 3)
    index = ", ".join([*["c"] * (rank == 3), *"ij"[:dimensions]])
    given = {"x": (index, draw(*depth, *[size] * dimensions))}
    settings = {"window": window, "stride": stride, "padding": padding}
    return Case(kind, given, "y", index, (*depth, *[out] * dimensions), settings)


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
    if draw.pick(True, False):
        own = wide if layer or rank > 1 else 0
        given |= {name: ("d" if own else "", draw(own) if own else draw()) for name in ("gamma", "beta")}
    out = "y" if "gamma" in given else "x_hat"
    settings = {"variance": draw.pick("biased", "unbiased")}
    return Case(kind, given, out, index, shape, settings)


def residual(draw: Numbers) -> Case:
    shape = [draw.size(1, 3) for _ in range(draw.size(1, 3))]
    index = ("d", "s, d", "c, i, j")[len(shape) - 1]
    return Case("residual", {name: (index, draw(*shape)) for name in "xf"}, "y", index, tuple(shape))


def positions(draw: Numbers) -> Case:
    long, wide = draw.size(1, 4), 2 * draw.size(1, 3)
    return Case("positional encoding", {"x": ("s, d", draw(long, wide))}, "y", "s, d", (long, wide))


MAKE: dict[str, Callable[[Numbers], Case]] = {
    "transposed convolution": lambda draw: transposed(draw, 2), "embedding": embedding,
    "transposed convolution 1d": lambda draw: transposed(draw, 1),
    "convolution": lambda draw: convolution(draw, 2), "convolution 1d": lambda draw: convolution(draw, 1),
    "maximum pooling": lambda draw: pooling(draw, "maximum pooling"), "elman": elman, "lstm": lstm, "gru": gru,
    "mean pooling": lambda draw: pooling(draw, "mean pooling"), "flatten": flatten, "dense": dense,
    "activation": activation, "encoder decoder": encoder_decoder, "attention": attention, "residual": residual,
    "layer normalization": lambda draw: normalization(draw, "layer normalization"),
    "batch normalization": lambda draw: normalization(draw, "batch normalization"), "positional encoding": positions,
}  # fmt: skip


def made(kind: str, seed: int) -> Case:
    """A random case of a kind; the same seed makes the same case."""
    draw = Numbers(seed)
    case = MAKE[kind](draw)
    case.weights = draw(*case.shape)
    return case


def cases(kind: str) -> st.SearchStrategy[Case]:
    return st.integers(0, 10**6).map(lambda seed: made(kind, seed))
