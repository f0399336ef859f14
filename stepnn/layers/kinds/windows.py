"""Layers that look through a window: convolution, the transposed one, pooling, and flatten behind them.

Sources: Goodfellow, Bengio and Courville, *Deep Learning* (2016), chapter 9; the output sizes are those of Dumoulin and
Visin 2016, arXiv 1603.07285: (m − p + 2a)/s + 1 (relationship 6), with a filter whose numbers stand d apart in place of
p the room d·(p − 1) + 1 that it takes (15), and s·(m − 1) + p − 2a for the transposed one (13).
"""

from __future__ import annotations

from dataclasses import dataclass

from stepnn.layers.kinds.page import Applied, Kind, Line, Setting, Shape, Unfit
from stepnn.network.model import Role
from stepnn.words.told import told

PLACES, OFFSETS = "ij", "pq"  # of a window, and within it
REST = {"rest": Setting("refused", ("refused", "drop"))}  # what of the picture no window reaches; frameworks drop it
WINDOW = {"stride": Setting(1, least=1), "padding": Setting(0), **REST}


def length(picture: int, window: int, stride: int, padding: int, rest: str) -> int:
    """How many windows fit next to each other: (m − p + 2a)/s + 1, the rest dropped if that is said. Raises Unfit."""
    room = picture + 2 * padding - window
    if room < 0:
        found = told("window_in_picture", window=window, picture=picture + 2 * padding)
        raise Unfit(told("the_window_is_larger_than"), found, remedy=told("take_a_smaller_one_or"))
    if room % stride and rest != "drop":
        found = told("is_not_whole", value=f"({picture} − {window} + 2·{padding}) / {stride} + 1")
        raise Unfit(told("the_windows_do_not_fit"), found, remedy=told("choose_another_stride"))
    return room // stride + 1


def moved(place: str, offset: str, stride: int, padding: int, apart: int = 1) -> str:
    """Where a window reads: S·i + d·p − a."""
    return f"{times(stride, place)} + {times(apart, offset)}{f' - {padding}' if padding else ''}"


def times(factor: int, letter: str) -> str:
    return f"{factor}*{letter}" if factor > 1 else letter


@dataclass(frozen=True)
class Laid:
    """A picture and a filter: the letters of batch, channels and filters, if there are any, and their sizes."""

    batch: list[str]
    channel: list[str]
    front: list[str]
    picture: Shape
    window: Shape
    bias: str


def laid(given: Applied, dimensions: int, channels_first: bool = False) -> Laid:
    """What x and w are: x[n, c, i, j] and w[k, c, p, q], or w[c, k, p, q] with channels first. Raises Unfit."""
    rank = given.rank("x", dimensions, dimensions + 1, dimensions + 2)
    channels, batch = min(rank - dimensions, 1), int(rank == dimensions + 2)
    filters = given.rank("w", channels + dimensions, channels + dimensions + 1) - channels - dimensions
    own, its = given.shapes["x"][batch], given.shapes["w"][0 if channels_first else filters]
    if channels and own != its:
        raise Unfit(told("the_filter_has_another_number"), f"{its} in w, {own} in x")
    bias = given.term("b", " + b[k]" if filters and given.shapes.get("b") else " + b")
    picture, window = given.shapes["x"][rank - dimensions :], given.shapes["w"][channels + filters :]
    return Laid(["n"] * batch, ["c"] * channels, ["k"] * filters, picture, window, bias)


def convolution(given: Applied, dimensions: int) -> list[Line]:
    """z[k, i, j] = Σ w[k, c, p, q] · x[c, S·i + d·p − a, S·j + d·q − a] + b[k], with channels c and filters k if any.

    A batch of pictures has their number n first, and channels.
    """
    it = laid(given, dimensions)
    stride, padding, apart = (given.whole(name) for name in ("stride", "padding", "dilation"))
    places, offsets = PLACES[:dimensions], OFFSETS[:dimensions]
    sizes = {
        i: length(m, apart * (p - 1) + 1, stride, padding, given.choice("rest"))
        for i, m, p in zip(places, it.picture, it.window, strict=True)
    }
    read = [moved(i, p, stride, padding, apart) for i, p in zip(places, offsets, strict=True)]
    flipped = given.choice("filter") == "flipped"
    weights = [f"{size - 1} - {p}" if flipped else p for p, size in zip(offsets, it.window, strict=True)]
    product = f"w[{', '.join([*it.front, *it.channel, *weights])}] * x[{', '.join([*it.batch, *it.channel, *read])}]"
    formula = f"sum({product}, {', '.join([*it.channel, *offsets])}){it.bias}"
    every = dict(zip(offsets, it.window, strict=True)) | sizes
    index = ", ".join([*it.batch, *it.front, *places])
    return [Line("z", index, formula, Role.WEIGHTED_SUM, every, text="convolution.z")]


def transposed(given: Applied, dimensions: int) -> list[Line]:
    """z[k, i, j] = Σ x[c, u, v] · w[c, k, i − S·u + a, j − S·v + a] + b[k]: each input lays the filter down.

    Beyond the filter w is 0. The weights are (channel, filter, row, column), as in PyTorch. A batch has its
    number n first.
    """
    it = laid(given, dimensions, channels_first=True)
    stride, padding, more = (given.whole(name) for name in ("stride", "padding", "output_padding"))
    if more >= stride:
        raise Unfit(told("output_padding_is_less"), str(more), told("at_most", most=stride - 1))
    places, inputs = PLACES[:dimensions], "uv"[:dimensions]
    grown = [stride * (m - 1) + p - 2 * padding + more for m, p in zip(it.picture, it.window, strict=True)]
    if min(grown) < 1:
        raise Unfit(told("padding_leaves_nothing"), str(padding), remedy=told("take_less_padding"))
    end = f" + {padding}" if padding else ""
    weights = [f"{i} - {times(stride, m)}{end}" for i, m in zip(places, inputs, strict=True)]
    down = ", ".join([*it.channel, *it.front, *weights])
    product = f"x[{', '.join([*it.batch, *it.channel, *inputs])}] * w[{down}]"
    formula = f"sum({product}, {', '.join([*it.channel, *inputs])}){it.bias}"
    sizes, index = dict(zip(places, grown, strict=True)), ", ".join([*it.batch, *it.front, *places])
    return [Line("z", index, formula, Role.WEIGHTED_SUM, sizes, text="transposed.z")]


def pooling(given: Applied, largest: bool) -> list[Line]:
    """y[c, i, j] = max or mean of x[c, S·i + p − a, S·j + q − a] over the window; windows side by side by default."""
    rank = given.rank("x", 1, 2, 3)
    dimensions, channel = min(rank, 2), ["c"] * (rank == 3)
    window, padding = given.whole("window"), given.whole("padding")
    stride = given.whole("stride") or window
    if 2 * padding > window:
        raise Unfit(told("the_padding_is_more_than"), str(padding), told("at_most", most=window // 2))
    places, offsets = PLACES[:dimensions], OFFSETS[:dimensions]
    picture = given.shapes["x"][rank - dimensions :]
    sizes = {i: length(m, window, stride, padding, given.choice("rest")) for i, m in zip(places, picture, strict=True)}
    read = [moved(i, p, stride, padding) for i, p in zip(places, offsets, strict=True)]
    inside = f"x[{', '.join([*channel, *read])}], {', '.join(offsets)}"
    name = "share_largest" if largest and given.choice("ties") == "shared" else "largest"
    formula = f"{name}({inside})" if largest else f"1/{window**dimensions} * sum({inside})"
    every = dict.fromkeys(offsets, window) | sizes
    text = "pooling.maximum" if largest else "pooling.mean"
    return [Line("y", ", ".join([*channel, *places]), formula, sizes=every, text=text)]


def flatten(given: Applied) -> list[Line]:
    """f[n] = x[c, i, j], row by row: n = (c·rows + i)·columns + j."""
    shape = given.shapes["x"]
    letters = "cij"[-given.rank("x", 2, 3) :]
    steps: list[int] = []
    count = 1
    for size in reversed(shape):
        steps.insert(0, count)
        count *= size
    place = " + ".join(f"{step}*{x}" if step > 1 else x for step, x in zip(steps, letters, strict=True))
    formula = f"sum(same(n, {place}) * x[{', '.join(letters)}], {', '.join(letters)})"
    return [Line("f", "n", formula, sizes={"n": count}, text="flatten.f")]


FILTER = {
    **WINDOW,
    "dilation": Setting(1, least=1),
    "filter": Setting("as it stands", ("as it stands", "flipped"), told=True),
}
GROWN = {"stride": Setting(1, least=1), "padding": Setting(0), "output_padding": Setting(0)}
POOL = {"window": Setting(2, least=1), "stride": Setting(0), "padding": Setting(0), **REST}
TIES = {**POOL, "ties": Setting("first", ("first", "shared"), told=True)}
BIAS = {"b": (0, 1)}
KINDS = {
    "convolution": Kind(lambda given: convolution(given, 2), ("x", "w"), ("b",), FILTER, BIAS, "convolution"),
    "convolution 1d": Kind(lambda given: convolution(given, 1), ("x", "w"), ("b",), FILTER, BIAS, "convolution"),
    "transposed convolution": Kind(lambda given: transposed(given, 2), ("x", "w"), ("b",), GROWN, BIAS),
    "transposed convolution 1d": Kind(lambda given: transposed(given, 1), ("x", "w"), ("b",), GROWN, BIAS),
    "maximum pooling": Kind(lambda given: pooling(given, True), ("x",), (), TIES, family="pooling"),
    "mean pooling": Kind(lambda given: pooling(given, False), ("x",), (), POOL),
    "flatten": Kind(flatten, ("x",)),
}
