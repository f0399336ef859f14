"""Lessons to begin with: a network of some layers, or one kind of layer, with numbers to work with by hand."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from stepnn.book.optimizers import OPTIMIZERS
from stepnn.layers.kinds.page import Value

MOST_NEURONS_EACH, MOST_LAYERS_NEW = 10, 6  # of a lesson that is begun: more cannot be followed by hand
RULE = next(iter(OPTIMIZERS))
TENTHS = [n / 10 for n in range(-9, 10) if n]


class Numbers:
    """Numbers with one decimal, never 0, none of them twice before all have been: the same on every machine."""

    def __init__(self, seed: str) -> None:
        self.random, self.left = random.Random(seed), list[float]()

    def __call__(self, *shape: int) -> Any:
        if not shape:
            self.left = self.left or self.random.sample(TENTHS, len(TENTHS))
            return self.left.pop()
        return [self(*shape[1:]) for _ in range(shape[0])]


@dataclass(frozen=True)
class Start:
    """What a kind of layer begins with: its arrays as "index: sizes" by name, and what the error is made of.

    Names in `fixed` are not learned; `values` are given as they stand.
    """

    arrays: dict[str, str]
    out: str
    index: str
    settings: dict[str, Value] = field(default_factory=dict)
    fixed: tuple[str, ...] = ("x",)
    values: dict[str, Any] = field(default_factory=dict)
    of: dict[str, str] = field(default_factory=dict)


SEQUENCE = {"x": "t, j: 3, 1"}
STARTS: dict[str, Start] = {
    "dense": Start({"x": "j: 2", "w": "k, j: 2, 2", "b": "k: 2"}, "a", "k", {"activation": "sigmoid"}),
    "activation": Start({"z": "k: 3"}, "a", "k", {"activation": "tanh"}, ()),
    "convolution": Start({"x": "i, j: 4, 4", "w": "p, q: 2, 2", "b": ": "}, "z", "i, j", {"stride": 2}),
    "convolution 1d": Start({"x": "i: 6", "w": "p: 3", "b": ": "}, "z", "i"),
    "transposed convolution": Start({"x": "u, v: 2, 2", "w": "p, q: 2, 2"}, "z", "i, j", {"stride": 2}),
    "transposed convolution 1d": Start({"x": "u: 3", "w": "p: 2"}, "z", "i", {"stride": 2}),
    "maximum pooling": Start({"x": "i, j: 4, 4"}, "y", "i, j", {"window": 2}, ()),
    "mean pooling": Start({"x": "i, j: 4, 4"}, "y", "i, j", {"window": 2}, ()),
    "flatten": Start({"x": "i, j: 2, 2"}, "f", "n", fixed=()),
    "elman": Start({**SEQUENCE, "U": "k, j: 2, 1", "W": "k, m: 2, 2", "b": "k: 2"}, "h", "t, k"),
    "lstm": Start(
        {**SEQUENCE, **{f"{a}_{g}": f"k, {i}: 1, 1" for g in "ifgo" for a, i in (("U", "j"), ("W", "m"))},
         **{f"b_{g}": "k: 1" for g in "ifgo"}},
        "h", "t, k",
    ),
    "gru": Start(
        {**SEQUENCE, **{f"{a}_{g}": f"k, {i}: 1, 1" for g in "rzn" for a, i in (("U", "j"), ("W", "m"))},
         **{f"b_{g}": "k: 1" for g in "rzn"}},
        "h", "t, k",
    ),
    "encoder decoder": Start(
        {**SEQUENCE, "U": "k, j: 1, 1", "W": "k, m: 1, 1", "y": "t, j: 2, 1", "U_d": "k, j: 1, 1", "W_d": "k, m: 1, 1"},
        "s", "t, k", fixed=("x", "y"),
    ),
    "embedding": Start({"word": "t: 2", "V": "v, d: 3, 2"}, "x", "t, d", fixed=("word",), values={"word": [3, 1]}),
    "attention": Start({"x": "s, d: 2, 2", **dict.fromkeys(("W_q", "W_k", "W_v"), "d, e: 2, 2")}, "Y", "s, e"),
    "residual": Start({"x": "d: 2", "f": "d: 2"}, "y", "d", fixed=()),
    "layer normalization": Start({"x": "d: 4", "gamma": "d: 4", "beta": "d: 4"}, "y", "d", fixed=()),
    "batch normalization": Start({"x": "n, d: 3, 2", "gamma": "d: 2", "beta": "d: 2"}, "y", "n, d", fixed=()),
    "positional encoding": Start({"x": "s, d: 2, 4"}, "y", "s, d", fixed=()),
    "dropout": Start(
        {"x": "k: 4", "mask": "k: 4"}, "y", "k", {"rate": 0.5}, ("mask",), {"mask": [1, 0, 1, 0]},
    ),
    "rbm": Start({"v": "i: 3", "W": "i, j: 3, 2", "u": "j: 2"}, "", "", fixed=("v", "W", "u"),
                 values={"v": [1, 0, 1], "u": [0.3, 0.8]}),
    "loss": Start({"p": "k: 2", "t": "k: 2"}, "E", "", fixed=("t",), values={"p": [0.6, 0.3], "t": [1, 0]},
                  of={"a": "p"}),
}  # fmt: skip


def kind_lines(kind: str) -> list[str]:
    """A lesson about one kind of layer: what is given, the kind, and an error that learning makes smaller."""
    start, draw = STARTS[kind], Numbers(kind)
    learns = ['error = "E"', f'update = "{RULE}"'] if start.out else []
    lines = [*learns, "learning_rate = 0.1", "digits = 4", ""]
    for name, said in start.arrays.items():
        index, _, sizes = said.partition(":")
        shape = [int(size) for size in sizes.split(",") if size.strip()]
        values = start.values[name] if name in start.values else draw(*shape)
        lines += ["[[quantities]]", f'name = "{name}"', *([f'index = "{index}"'] if index else [])]
        lines += [f"values = {written(values)}", *(["learned = true"] if name not in start.fixed else []), ""]
    lines += ["[[quantities]]", f'kind = "{kind}"']
    lines += [f"{name} = {inline(said)}" for name, said in (("of", start.of), ("settings", start.settings)) if said]
    if start.out not in ("", "E"):
        total = f"1/2 * sum({start.out}[{start.index}]**2, {start.index})"
        lines += ["", "# The error: half the sum of all squares, so that something can be learned. Put your own here.",
                  "[[quantities]]", 'name = "E"', f'formula = "{total}"', "layer = 2"]  # fmt: skip
    return lines


MORE = """\
# The numbers of other sheets: whole steps of 0.1, below 0 too.
[variants]
draw = ["inputs", "weights", "biases"]
low = -0.9
high = 0.9
step = 0.1

# What else there is: take the # away. In weights, "none" stands where no edge is; frozen = ["w_h1_x1"] in a layer
# leaves that weight as it is; an activation may be a list with one for each neuron.
#[regularization]
#l2 = 0.1                          # a penalty on large weights, as a step of the error; l1 = 0.1 on their sizes
#[optimizer]
#weight_decay = 0.1                # the same in the update alone
#no_decay = ["biases"]
#clip_norm = 1.0
#[schedule]
#kind = "exponential"              # a learning rate that changes from update to update
#factor = 0.9""".splitlines()


def layer_lines(sizes: Sequence[int], activation: str, loss: str) -> list[str]:
    """A dense network: `sizes` are those of the inputs and of every layer. The last one's function fits the loss."""
    draw = Numbers(f"{sizes}")
    last = {"softmax_cross_entropy": "softmax", "binary_cross_entropy": "sigmoid", "hinge": "tanh"}.get(
        loss, activation
    )
    lines = [f'loss = "{loss}"', f'update = "{RULE}"', "learning_rate = 0.5", "digits = 4", "", "[inputs]"]
    lines += [f"names = {written([f'x{n + 1}' for n in range(sizes[0])])}"]
    for number, (before, size) in enumerate(pairwise(sizes), 1):
        is_last = number == len(sizes) - 1
        letter = "o" if is_last else "h" if len(sizes) == 3 else f"h{number}_"
        lines += ["", "[[layers]]", f"neurons = {written([f'{letter}{n + 1}' for n in range(size)])}"]
        lines += [f'activation = "{last if is_last else activation}"']
        lines += [f"weights = {written(draw(size, before))}", f"biases = {written(draw(size))}"]
    ones = [1.0 if n == 0 else -1.0 if loss == "hinge" else 0.0 for n in range(sizes[-1])]
    lines += [
        "",
        "[[samples]]",
        f"inputs = {written([abs(one) for one in draw(sizes[0])])}",
        f"targets = {written(ones)}",
        "",
        *MORE,
    ]
    return lines


def inline(fields: Mapping[str, Any]) -> str:
    """A table on one line, as TOML."""
    return f"{{ {', '.join(f'{name} = {written(value)}' for name, value in fields.items())} }}"


def written(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(written, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
