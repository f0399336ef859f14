"""Layers that look through a window: convolution, the transposed one, pooling, and flatten behind them.

Sources: Goodfellow, Bengio and Courville, *Deep Learning* (2016), chapter 9; the output sizes are those of Dumoulin and
Visin 2016, arXiv 1603.07285: (m − p + 2a)/s + 1 (relationship 6), with a filter whose numbers stand d apart in place of
p the room d·(p − 1) + 1 that it takes (15), and s·(m − 1) + p − 2a for the transposed one (13).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from stepnn.layers.kinds.page import Applied, Kind, Line, Setting, Shape, Unfit
from stepnn.network.model import Role
from stepnn.words.told import told

PLACES, OFFSETS = "ij", "pq"  # of a window, and within it
REST = {"rest": Setting("refused", ("refused", "drop"))}  # what of the picture no window reaches; frameworks drop it
STRIDE = Setting(1, least=1, each=True)
PADDING = Setting(0, ("same",), each=True, sides=True)


@dataclass(frozen=True)
class Along:
    """One direction of a picture with windows next to each other: how many numbers the picture and a window have, how
    far apart windows begin and the numbers of one stand, and what is put before the picture and behind it."""

    picture: int
    window: int
    stride: int = 1
    apart: int = 1
    before: int = 0
    behind: int = 0

    @property
    def room(self) -> int:
        """How much of the picture a window takes: d·(p − 1) + 1."""
        return self.apart * (self.window - 1) + 1

    def length(self, rest: str) -> int:
        """How many windows fit: (m − p + a + b)/s + 1, the rest dropped or looked at too if that is said. Raises Unfit.

        A window that looks at the rest begins within the picture, or in what stands before it, as in PyTorch.
        """
        room = self.picture + self.before + self.behind - self.room
        if room < 0:
            found = told("window_in_picture", window=self.room, picture=self.picture + self.before + self.behind)
            raise Unfit(told("the_window_is_larger_than"), found, remedy=told("take_a_smaller_one_or"))
        if room % self.stride and rest == "refused":
            padding = f"2·{self.before}" if self.before == self.behind else f"{self.before} + {self.behind}"
            found = told("is_not_whole", value=f"({self.picture} − {self.room} + {padding}) / {self.stride} + 1")
            raise Unfit(told("the_windows_do_not_fit"), found, remedy=told("choose_another_stride"))
        more = rest == "looked at" and room % self.stride and self.begins(room // self.stride + 1) < self.picture
        return room // self.stride + 1 + int(bool(more))

    def begins(self, window: int) -> int:
        """Where in the picture a window begins."""
        return window * self.stride - self.before

    def reached(self, window: int, padding: bool) -> int:
        """How many numbers of a window lie in the picture, or in it and what is put around it."""
        first, end = (-self.before, self.picture + self.behind) if padding else (0, self.picture)
        places = (self.begins(window) + self.apart * one for one in range(self.window))
        return sum(first <= place < end for place in places)

    def read(self, place: str, offset: str) -> str:
        """Where a window reads: S·i + d·p − a."""
        return moved(place, offset, self.stride, self.before, self.apart)


def padded(given: Applied, pictures: Shape, windows: Shape, strides: list[int], apart: list[int]) -> list[Along]:
    """Every direction of a picture, with what `padding` puts around it. Raises Unfit.

    "same": as many windows as the picture has room for strides, ⌈m/s⌉, and of an odd padding one more behind, as
    TensorFlow has it, and PyTorch for a stride of 1.
    """
    rows = [Along(*one) for one in zip(pictures, windows, strides, apart, strict=True)]
    if given.settings["padding"] != "same":
        sides = given.sides("padding", len(rows))
        return [replace(one, before=before, behind=behind) for one, (before, behind) in zip(rows, sides, strict=True)]
    found = []
    for one in rows:
        needed = max((-(-one.picture // one.stride) - 1) * one.stride + one.room - one.picture, 0)
        found.append(replace(one, before=needed // 2, behind=needed - needed // 2))
    return found


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
    depth: dict[str, int]


def laid(given: Applied, dimensions: int, channels_first: bool = False) -> Laid:
    """What x and w are: x[n, c, i, j] and w[k, c, p, q], or w[c, k, p, q] with channels first. Raises Unfit.

    In groups, w has the channels of one group only.
    """
    rank = given.rank("x", dimensions, dimensions + 1, dimensions + 2)
    channels, batch = min(rank - dimensions, 1), int(rank == dimensions + 2)
    filters = given.rank("w", channels + dimensions, channels + dimensions + 1) - channels - dimensions
    own, its = given.shapes["x"][batch], given.shapes["w"][0 if channels_first else filters]
    groups = given.whole("groups") if "groups" in given.settings else 1
    if groups > 1 and not (channels and filters and own % groups == given.shapes["w"][0] % groups == 0):
        found = told(
            "channels_and_filters", channels=own if channels else 0, filters=given.shapes["w"][0] if filters else 0
        )
        raise Unfit(
            told("the_groups_do_not_divide"), found, told("a_multiple_of", heads=groups), where="settings.groups"
        )
    if channels and own != its * groups:
        found = told("in_w_and_in_x", weights=its, groups=groups, channels=own)
        raise Unfit(told("the_filter_has_another_number"), found, remedy=told("as_many_channels_as_the_picture"))
    bias = given.term("b", " + b[k]" if filters and given.shapes.get("b") else " + b")
    picture, window = given.shapes["x"][rank - dimensions :], given.shapes["w"][channels + filters :]
    depth = {"c": its} if groups > 1 else {}
    return Laid(["n"] * batch, ["c"] * channels, ["k"] * filters, picture, window, bias, depth)


def convolution(given: Applied, dimensions: int) -> list[Line]:
    """z[k, i, j] = Σ w[k, c, p, q] · x[c, S·i + d·p − a, S·j + d·q − a] + b[k], with channels c and filters k if any.

    A batch of pictures has their number n first, and channels. In groups, a filter sees the channels of its own group.
    """
    it = laid(given, dimensions)
    places, offsets = PLACES[:dimensions], OFFSETS[:dimensions]
    strides, apart = given.each("stride", dimensions), given.each("dilation", dimensions)
    rows = padded(given, it.picture, it.window, strides, apart)
    sizes = {i: row.length(given.choice("rest")) for i, row in zip(places, rows, strict=True)}
    read = [row.read(i, p) for i, p, row in zip(places, offsets, rows, strict=True)]
    flipped = given.choice("filter") == "flipped"
    weights = [f"{size - 1} - {p}" if flipped else p for p, size in zip(offsets, it.window, strict=True)]
    seen, firsts = grouped(given, it)
    product = f"w[{', '.join([*it.front, *it.channel, *weights])}] * x[{', '.join([*it.batch, *seen, *read])}]"
    formula = f"sum({product}, {', '.join([*it.channel, *offsets])}){it.bias}"
    every = dict(zip(offsets, it.window, strict=True)) | sizes | it.depth
    index = ", ".join([*it.batch, *it.front, *places])
    text = "convolution.table" if firsts else "convolution.grouped" if seen != it.channel else "convolution.z"
    return [*firsts, Line("z", index, formula, Role.WEIGHTED_SUM, every, text=text)]


def grouped(given: Applied, it: Laid) -> tuple[list[str], list[Line]]:
    """Which channel of the picture a filter sees as its channel c, and a table of the first one where one is needed."""
    groups = given.whole("groups")
    if groups == 1:
        return it.channel, []
    filters, own = given.shapes["w"][0], given.shapes["w"][1]
    if filters == groups:
        return [f"{times(own, 'k')} + c"], []
    first = tuple(float(own * (filter // (filters // groups)) + 1) for filter in range(filters))
    return ["first[k] + c"], [Line("first", "k", values=first, sizes={"k": filters})]


def transposed(given: Applied, dimensions: int) -> list[Line]:
    """z[k, i, j] = Σ x[c, u, v] · w[c, k, i − S·u + a, j − S·v + a] + b[k]: each input lays the filter down.

    Beyond the filter w is 0. The weights are (channel, filter, row, column), as in PyTorch. A batch has its
    number n first.
    """
    it = laid(given, dimensions, channels_first=True)
    strides, more = given.each("stride", dimensions), given.each("output_padding", dimensions)
    cut = given.sides("padding", dimensions)
    for stride, one in zip(strides, more, strict=True):
        if one >= stride:
            raise Unfit(told("output_padding_is_less"), str(one), told("at_most", most=stride - 1))
    places, inputs = PLACES[:dimensions], "uv"[:dimensions]
    rows = zip(strides, it.picture, it.window, cut, more, strict=True)
    grown = [stride * (m - 1) + p - sum(sides) + behind for stride, m, p, sides, behind in rows]
    if min(grown) < 1:
        raise Unfit(told("padding_leaves_nothing"), str(given.settings["padding"]), remedy=told("take_less_padding"))
    weights = [
        f"{i} - {times(stride, m)}{f' + {before}' if before else ''}"
        for i, m, stride, (before, _) in zip(places, inputs, strides, cut, strict=True)
    ]
    down = ", ".join([*it.channel, *it.front, *weights])
    product = f"x[{', '.join([*it.batch, *it.channel, *inputs])}] * w[{down}]"
    formula = f"sum({product}, {', '.join([*it.channel, *inputs])}){it.bias}"
    sizes, index = dict(zip(places, grown, strict=True)), ", ".join([*it.batch, *it.front, *places])
    return [Line("z", index, formula, Role.WEIGHTED_SUM, sizes, text="transposed.z")]


def pooling(given: Applied, largest: bool) -> list[Line]:
    """y[c, i, j] = max or mean of x[c, S·i + p − a, S·j + q − a] over the window; windows side by side by default.

    A batch of pictures has their number n first. The mean of a window counts what is put around the picture, or not.
    """
    rank = given.rank("x", 1, 2, 3, 4)
    dimensions, front = min(rank, 2), ["n", "c"][4 - rank if rank > 2 else 2 :]
    window = given.each("window", dimensions)
    strides = window if given.settings["stride"] == 0 else given.each("stride", dimensions)
    places, offsets = PLACES[:dimensions], OFFSETS[:dimensions]
    rows = padded(given, given.shapes["x"][len(front) :], tuple(window), strides, [1] * dimensions)
    for row in rows:
        if 2 * max(row.before, row.behind) > row.window and given.settings["padding"] != "same":
            most = row.window // 2
            raise Unfit(told("the_padding_is_more_than"), str(max(row.before, row.behind)), told("at_most", most=most))
    sizes = {i: row.length(given.choice("rest")) for i, row in zip(places, rows, strict=True)}
    read = [row.read(i, p) for i, p, row in zip(places, offsets, rows, strict=True)]
    inside = f"x[{', '.join([*front, *read])}], {', '.join(offsets)}"
    every = dict(zip(offsets, window, strict=True)) | sizes
    index = ", ".join([*front, *places])
    if largest:
        name = "share_largest" if given.choice("ties") == "shared" else "largest"
        return [Line("y", index, f"{name}({inside})", sizes=every, text="pooling.maximum")]
    numbers = counted(rows, [sizes[i] for i in places], given.choice("counted") == "with padding")
    if len(set(numbers)) == 1:
        return [Line("y", index, f"1/{numbers[0]} * sum({inside})", sizes=every, text="pooling.mean")]
    cells = Line("cells", ", ".join(places), values=tuple(map(float, numbers)), sizes=sizes)
    formula = f"1/cells[{', '.join(places)}] * sum({inside})"
    return [cells, Line("y", index, formula, sizes=every, text="pooling.mean_of_cells")]


def counted(rows: list[Along], sizes: list[int], padding: bool) -> list[int]:
    """How many cells the mean of each window is over, row by row."""
    found = [1]
    for row, size in zip(rows, sizes, strict=True):
        found = [one * row.reached(window, padding) for one in found for window in range(size)]
    return found


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
    "stride": STRIDE, "padding": PADDING, **REST, "dilation": STRIDE, "groups": Setting(1, least=1),
    "filter": Setting("as it stands", ("as it stands", "flipped"), told=True),
}  # fmt: skip
GROWN = {"stride": STRIDE, "padding": Setting(0, each=True, sides=True), "output_padding": Setting(0, each=True)}
POOL = {
    "window": Setting(2, least=1, each=True), "stride": Setting(0, each=True), "padding": PADDING,
    "rest": Setting("refused", ("refused", "drop", "looked at")),
}  # fmt: skip
TIES = {**POOL, "ties": Setting("first", ("first", "shared"), told=True)}
MEANS = {**POOL, "counted": Setting("with padding", ("with padding", "inside only"))}
BIAS = {"b": (0, 1)}
KINDS = {
    "convolution": Kind(lambda given: convolution(given, 2), ("x", "w"), ("b",), FILTER, BIAS, "convolution"),
    "convolution 1d": Kind(lambda given: convolution(given, 1), ("x", "w"), ("b",), FILTER, BIAS, "convolution"),
    "transposed convolution": Kind(lambda given: transposed(given, 2), ("x", "w"), ("b",), GROWN, BIAS),
    "transposed convolution 1d": Kind(lambda given: transposed(given, 1), ("x", "w"), ("b",), GROWN, BIAS),
    "maximum pooling": Kind(lambda given: pooling(given, True), ("x",), (), TIES, family="pooling"),
    "mean pooling": Kind(lambda given: pooling(given, False), ("x",), (), MEANS),
    "flatten": Kind(flatten, ("x",)),
}
