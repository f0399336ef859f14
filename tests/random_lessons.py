"""Random lessons: formulas drawn as trees, and layers of several kinds one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from hypothesis import strategies as st

from tests.help import WORDS

LETTERS = "ijkmst"
GIVEN, COMPUTED = ("x", "w", "v"), ("y", "z", "h", "g")
NUMBERS = ("2", "0.5", "1", "3", "1.25", "0.1")
SMOOTH = ("tanh({})", "sin({})", "sigmoid({})", "cos({})", "log(1 + ({})**2)", "sqrt(1 + ({})**2)", "abs({})", "exp(tanh({}))",
          "exp(-({})**2)", "({})**2", "({})**3", "1 / (1 + exp({}))", "max(0, {})", "-({})")  # fmt: skip
BOTH = ("{} + {}", "{} * {}", "{} - {}", "({}) / (1 + ({})**2)", "max({}, {})", "min({}, {})")
Sizes = dict[str, int]  # of the letters that may be used at a place, in the order in which they came


def lesson(quantities: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "format_version": 1, "id": "made", "title": WORDS, "goal": WORDS, "introduction": WORDS,
        "closing": {"question": WORDS, "answer": WORDS}, "error": "Error", "update": "gradient descent",
        "learning_rate": 0.1, "quantities": quantities,
    }  # fmt: skip


class Luck:
    """What is drawn; the first choice is the simplest, towards which Hypothesis shrinks."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def size(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high)) if low < high else low

    def pick(self, choices: Sequence[Any]) -> Any:
        return choices[self.size(0, len(choices) - 1)]

    def rarely(self, of: int = 4) -> bool:
        return self.size(1, of) == of

    def numbers(self, *shape: int) -> Any:
        """Three decimals, never 0."""
        if shape:
            return [self.numbers(*shape[1:]) for _ in range(shape[0])]
        return (self.size(1, 1500) if self.rarely(2) else -self.size(1, 1500)) / 1000


@dataclass
class Writer:
    """Writes the formula of one quantity; `shapes` are those of what it may read."""

    luck: Luck
    shapes: dict[str, tuple[int, ...]]
    positions: bool
    own: Sizes
    step: dict[str, str] = field(default_factory=dict)  # what recurs, with the place it is read at: "t-1"
    stated: Sizes = field(default_factory=dict)
    plain: dict[str, set[int]] = field(default_factory=dict)  # sizes of letters that follow from arrays
    read: set[str] = field(default_factory=set)

    def sizes(self) -> Sizes:
        """What has to be stated: letters that stand beside no array."""
        return self.stated | {letter: size for letter, size in self.own.items() if letter not in self.plain}

    def element(self, letters: Sizes, name: str = "", beside: dict[int, str] | None = None) -> str:
        """An element of some array; `beside` says which letters stand at some of its places."""
        name = name or self.luck.pick([*self.shapes])
        self.read.add(name)
        index = []
        for n, size in enumerate(self.shapes[name]):
            if n == 0 and name in self.step:
                index.append(self.step[name])
            else:
                index.append((beside or {}).get(n) or self.place(letters, size))
            if index[-1] in letters and name not in self.step:
                self.plain.setdefault(index[-1], set()).add(size)
        return f"{name}[{', '.join(index)}]" if index else name

    def place(self, letters: Sizes, size: int) -> str:
        """A place of an index: a letter of that size, now and then a calculated one."""
        plain = [letter for letter in reversed(letters) if letters[letter] == size]
        if plain and not self.luck.rarely():
            return str(self.luck.pick(plain))
        if not letters or self.luck.rarely():
            return str(self.luck.size(0, size - 1))
        return self.calculated(self.luck.pick([*letters]), letters, size)

    def calculated(self, one: str, letters: Sizes, size: int) -> str:
        """A place that a letter and perhaps another one give."""
        ways = [f"{one} - 1", f"{one} + 1", f"{size - 1} - {one}", f"2*{one}", f"{one} + 2", f"2*{one} - 1"]
        others = [other for other in letters if other != one]
        if others and self.luck.rarely(2):
            other = self.luck.pick(others)
            ways = [f"{one} + {other} - 1", f"2*{one} + {other}", f"{one} - {other}", f"{one} + {other}"]
        return str(self.luck.pick(ways))

    def letter(self, letters: Sizes, size: int, stated: bool) -> str | None:
        """A letter for a sum: one that is not in use here, whatever it means in other sums."""
        free = [
            letter for letter in LETTERS
            if letter not in letters and letter not in self.own and self.stated.get(letter, size) == size
            and not (stated and self.plain.get(letter, {size}) != {size})
        ]  # fmt: skip
        return self.luck.pick(free) if free else None

    def over(self, depth: int, letters: Sizes) -> str:
        """A sum, a largest or a smallest over the places of an array, or over calculated places."""
        name = self.luck.pick([name for name, shape in self.shapes.items() if shape] or [""])
        shape, inner = self.shapes.get(name, ()), dict(letters)
        beside: dict[int, str] = {}
        for n, size in enumerate(shape):
            if n == 0 and name in self.step:
                continue
            if prod(inner.values()) * size > 100 or (beside and self.luck.rarely(3)):
                continue
            stated = name in self.step or self.luck.rarely()
            length = self.luck.size(1, 3) if stated and name not in self.step else size
            letter = self.letter(inner, length, stated)
            if letter is None:
                continue
            inner[letter] = length
            beside[n] = letter
            if stated:
                self.stated[letter] = length
                if name not in self.step:
                    beside[n] = self.calculated(letter, inner, size)
        new = [letter for letter in inner if letter not in letters]
        if not new:
            return self.tree(depth - 1, letters)
        body = self.element(inner, name, beside)
        if depth > 1 or self.luck.rarely(2):
            body = self.combined(body, self.tree(depth - 1, inner))
        function = self.luck.pick(["sum", "sum", "sum", "largest", "smallest", "share_largest"])
        return f"{function}({body}, {', '.join(new)})"

    def combined(self, one: str, other: str) -> str:
        """Two formulas in one."""
        if one == other:
            return f"({one})**2"
        way = self.luck.pick(BOTH[:4])
        return str(way).format(one, f"({other})" if way == "{} * {}" or way == "{} - {}" else other)

    def tree(self, depth: int, letters: Sizes) -> str:
        if depth <= 0:
            return self.element(letters) if not self.luck.rarely(6) else self.luck.pick(NUMBERS)
        ways = [
            self.over,
            self.pair,
            self.over,
            self.smooth,
            self.cases,
            self.over,
            self.pair,
            self.softmax,
            self.winner,
            self.equal,
        ]
        return str(self.luck.pick(ways)(depth, letters))

    def pair(self, depth: int, letters: Sizes) -> str:
        one, other = self.tree(depth - 1, letters), self.tree(depth - 1, letters)
        way = self.luck.pick(BOTH)
        if way in ("{} * {}", "{} - {}"):
            one, other = f"({one})", f"({other})"
        return f"({str(way).format(one, other)})"

    def smooth(self, depth: int, letters: Sizes) -> str:
        return str(self.luck.pick(SMOOTH)).format(self.tree(depth - 1, letters))

    def several(self, depth: int, letters: Sizes, name: str) -> str:
        """A formula that reads an array in several ways."""
        one, other = self.element(letters, name), self.element(letters, name)
        both = self.combined(one, other) if one != other else f"{one}**2"
        return self.combined(both, self.tree(depth - 2, letters))

    def cases(self, depth: int, letters: Sizes) -> str:
        name = self.luck.pick([*self.shapes])
        one, other = self.several(depth, letters, name), self.several(depth, letters, name)
        function = self.luck.pick(["where", "max", "min"])
        if function != "where":
            return f"{function}({one}, {other})"
        if self.positions and letters and self.luck.rarely(2):
            first, second = self.luck.pick([*letters]), self.luck.pick([*letters, "1", "2"])
            return f"where({first} {self.luck.pick(['>', '<='])} {second}, {one}, {other})"
        condition = (
            f"{self.element(letters, name)} {self.luck.pick(['>', '<', '>=', '<='])} {self.tree(depth - 2, letters)}"
        )
        return f"where({condition}, {one}, {other})"

    def softmax(self, depth: int, letters: Sizes) -> str:
        """exp(x[k]) / Σ_m exp(x[m]) with a formula around it."""
        choices = [
            (name, n) for name, shape in self.shapes.items() for n in range(len(shape)) if (n or name not in self.step)
        ]
        if not choices:
            return self.tree(depth - 1, letters)
        name, n = self.luck.pick(choices)
        size, stated = self.shapes[name][n], name in self.step
        letter = self.letter(letters, size, stated)
        if letter is None:
            return self.tree(depth - 1, letters)
        if stated:
            self.stated[letter] = size
        here = self.element(letters, name)
        there = self.element({**letters, letter: size}, name, {n: letter})
        return self.combined(f"exp({here}) / sum(exp({there}), {letter})", self.tree(depth - 1, letters))

    def winner(self, depth: int, letters: Sizes) -> str:
        choices = [
            (name, n, place) for name, shape in self.shapes.items() if name not in self.step
            for n, size in enumerate(shape) for place in letters if letters[place] == size
        ]  # fmt: skip
        name, n, place = self.luck.pick(choices or [("", 0, "")])
        letter = name and self.letter(letters, self.shapes[name][n], False)
        if not letter:
            return self.tree(depth - 1, letters)
        inside = self.element({**letters, letter: self.shapes[name][n]}, name, {n: letter})
        function = self.luck.pick(["is_largest", "is_smallest"])
        return f"{function}({inside}, {letter} == {place}) * ({self.tree(depth - 1, letters)})"

    def equal(self, depth: int, letters: Sizes) -> str:
        if not letters:
            return self.tree(depth - 1, letters)
        one, other = self.luck.pick([*letters]), self.luck.pick([*letters])
        second = self.luck.pick([f"2*{other}", f"{other} + 1", "1", f"2 - {other}"] + [other] * (one != other))
        return f"same({one}, {second}) * ({self.tree(depth - 1, letters)})"


class Maker:
    """Draws the quantities of one lesson."""

    def __init__(self, luck: Luck, positions: bool) -> None:
        self.luck, self.positions = luck, positions
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.rows: list[dict[str, Any]] = []
        self.reads: dict[str, set[str]] = {}

    def letters(self, count: int) -> list[str]:
        return self.luck.draw(st.permutations(LETTERS))[:count]

    def given(self, name: str, shape: tuple[int, ...] | None = None) -> None:
        if shape is None:
            shape = tuple(self.luck.size(1, 4) for _ in range(self.luck.pick([1, 2, 1, 0, 3])))
            shape = shape if prod(shape) <= 18 else shape[:2]
        self.shapes[name] = shape
        values = self.luck.numbers(*shape)
        learned = not self.luck.rarely(5)
        self.rows.append(
            {"name": name, "index": ", ".join(self.letters(len(shape))), "values": values, "learned": learned}
        )

    def add(self, name: str, own: Sizes, formula: str, writer: Writer, **more: Any) -> None:
        row = {"name": name, "index": ", ".join(own), "formula": formula, **more}
        self.rows.append(row | ({"sizes": writer.sizes()} if writer.sizes() else {}))
        self.shapes[name] = tuple(own.values())
        self.reads[name] = writer.read | set(more.values())

    def own(self) -> Sizes:
        count = self.luck.pick([1, 2, 0, 1])
        return {letter: self.luck.size(1, 3) for letter in self.letters(count)}

    def computed(self, name: str) -> None:
        own = self.own()
        writer = Writer(self.luck, self.shapes, self.positions, own)
        self.add(name, own, writer.tree(self.luck.size(1, 3), own), writer)

    def recurrence(self, name: str, other: str) -> None:
        """What reads itself at an earlier or a later time step, perhaps by way of another quantity."""
        own = {letter: self.luck.size(2, 3) for letter in self.letters(self.luck.pick([1, 2]))}
        time, shape, more, new = next(iter(own)), tuple(own.values()), {}, ""
        if self.luck.rarely(2):
            fitting = [name for name, known in self.shapes.items() if known == shape[1:]]
            if not fitting:
                new = f"u{len(self.shapes)}"
                self.given(new, shape[1:])
            more = {"start": self.luck.pick(fitting or [new])}
        step = self.luck.pick([f"{time}-1", f"{time}+1", f"{time}-1", f"{time}-2"])
        known = {name: shape, **self.shapes}
        writer = Writer(self.luck, known, self.positions, own, {name: step})
        before = writer.element(own, name, dict(enumerate(own)))
        formula = f"tanh({writer.combined(before, writer.tree(2, own))})"
        if other and self.luck.rarely(3):
            self.add(other, own, formula, writer)
            del self.shapes[other]
            writer = Writer(self.luck, {other: shape, **known}, self.positions, own, {name: step, other: time})
            here = writer.element(own, other, dict(enumerate(own)))
            formula = f"tanh({writer.combined(here, writer.tree(1, own))})"
            self.shapes[other] = shape
        self.add(name, own, formula, writer, **more)

    def error(self) -> None:
        """½ Σ y² of everything that nothing else reads, perhaps with a formula more."""
        writer, parts, used = Writer(self.luck, self.shapes, self.positions, {}), [], set[str]()
        given = {row["name"] for row in self.rows if "values" in row}
        for name in [*reversed([name for name in self.shapes if name not in given]), *sorted(given)]:
            if name in used or (name in given and used & given):
                continue
            sizes = dict(zip(self.letters(len(self.shapes[name])), self.shapes[name], strict=True))
            for letter, size in sizes.items():
                writer.plain.setdefault(letter, set()).add(size)
            letters = ", ".join(sizes)
            parts.append(f"1/2 * sum({name}[{letters}]**2, {letters})" if letters else f"1/2 * {name}**2")
            writer.read.add(name)
            used |= self.behind(name)
        if self.luck.rarely():
            parts.append(writer.tree(2, {}))
        self.add("Error", {}, " + ".join(parts), writer)
        used |= self.behind("Error")
        for row in self.rows:
            if "values" in row:
                row["learned"] &= row["name"] in used
        if not any(row.get("learned") for row in self.rows):
            next(row for row in self.rows if row["name"] in used and "values" in row)["learned"] = True

    def behind(self, name: str) -> set[str]:
        """A quantity and all that it depends on."""
        found, waiting = {name}, [name]
        while waiting:
            more = self.reads.get(waiting.pop(), set()) - found
            found |= more
            waiting += more
        return found


@st.composite
def formula_lessons(draw: st.DrawFn, positions: bool = False) -> dict[str, Any]:
    """Two to six quantities and their error; `positions`: letters may stand for their position."""
    maker = Maker(Luck(draw), positions)
    luck = maker.luck
    for name in GIVEN[: luck.size(1, 3)]:
        maker.given(name)
    names = [*COMPUTED[: luck.size(1, 3)]]
    while names:
        name = names.pop(0)
        if luck.rarely(3):
            maker.recurrence(name, names.pop() if names else "")
        else:
            maker.computed(name)
    maker.error()
    return lesson(maker.rows)


@dataclass
class Part:
    """A layer of a stack: its kind, the arrays it takes (by the name in the kind that in the lesson), what it gives."""

    kind: str
    takes: dict[str, str]
    gives: str
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class Stack:
    """Layers one behind the other and heads behind the last; a head is compared with its target."""

    given: list[dict[str, Any]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    heads: list[tuple[str, str, str]] = field(default_factory=list)  # name, target and letters

    def table(self) -> dict[str, Any]:
        rows = list(self.given)
        for number, part in enumerate(self.parts, 1):
            of = {inside: name for inside, name in part.takes.items() if name != f"{inside}{number}"}
            rows.append(
                {"kind": part.kind, "of": of, "settings": part.settings, "suffix": str(number), "layer": number}
            )
        errors = []
        for name, target, letters in self.heads:
            errors.append(f"1/2 * sum(({name}[{letters}] - {target}[{letters}])**2, {letters})")
        rows.append({"name": "Error", "formula": " + ".join(errors), "layer": len(self.parts) + 1})
        return lesson(rows)


class Builder:
    """Puts layers on a stack; `out` is what came out last, of that shape."""

    def __init__(self, luck: Luck) -> None:
        self.luck, self.stack = luck, Stack()
        self.shape = tuple(luck.size(2, 3) for _ in range(luck.pick([1, 2, 3])))
        if len(self.shape) == 3:
            self.shape = (self.shape[0], 4, 4)
        self.out = self.give("x0", ["j", "t, j", "c, i, j"][len(self.shape) - 1], *self.shape)

    def give(self, name: str, index: str, *shape: int, learned: bool = True) -> str:
        self.stack.given.append({"name": name, "index": index, "values": self.luck.numbers(*shape), "learned": learned})
        return name

    def put(self, kind: str, gives: str, takes: dict[str, str], shape: tuple[int, ...], **settings: Any) -> None:
        self.out, self.shape = f"{gives}{self.number}", shape
        self.stack.parts.append(Part(kind, takes, self.out, settings))

    @property
    def number(self) -> int:
        return len(self.stack.parts) + 1

    def weights(self, index: str, shapes: dict[str, tuple[int, ...]]) -> dict[str, str]:
        """Weights of the next layer."""
        return {name: self.give(f"{name}{self.number}", index, *shape) for name, shape in shapes.items()}

    def dense(self, of: str = "", before: tuple[int, ...] = (), activation: str = "") -> None:
        of, before, out = of or self.out, before or self.shape, self.luck.size(1, 3)
        takes = {"x": of} | self.weights("k, j", {"w": (out, before[-1])})
        if self.luck.rarely(2):
            takes |= self.weights("k", {"b": (out,)})
        function = activation or self.luck.pick(["tanh", "sigmoid", "softplus", "relu", "softmax", "identity", "none"])
        self.put("dense", "z" if function == "none" else "a", takes, (*before[:-1], out), activation=function)

    def activation(self) -> None:
        function = self.luck.pick(["tanh", "sigmoid", "softplus", "relu", "softmax"])
        self.put("activation", "a", {"z": self.out}, self.shape, activation=function)

    def normalization(self) -> None:
        takes = {"x": self.out}
        if scaled := self.luck.rarely(2):
            takes |= self.weights("d", {"gamma": self.shape[-1:], "beta": self.shape[-1:]})
        self.put("layer normalization", "y" if scaled else "x_hat", takes, self.shape)

    def residual(self) -> None:
        """Around a dense layer of as many units."""
        before, shape = self.out, self.shape
        if len(shape) < 3:
            takes = {"x": before} | self.weights("k, j", {"w": (shape[-1], shape[-1])})
            self.put("dense", "a", takes, shape, activation="tanh")
        else:
            self.activation()
        self.put("residual", "y", {"x": before, "f": self.out}, shape)

    def recurrent(self) -> None:
        kind, out = self.luck.pick(["elman", "lstm", "gru"]), self.luck.size(1, 2)
        gates = {"elman": [""], "lstm": ["_i", "_f", "_g", "_o"], "gru": ["_r", "_z", "_n"]}[kind]
        takes = {"x": self.out}
        takes |= self.weights("k, j", {f"U{gate}": (out, self.shape[1]) for gate in gates})
        takes |= self.weights("k, m", {f"W{gate}": (out, out) for gate in gates})
        if self.luck.rarely(2):
            takes |= self.weights("k", {f"b{gate}": (out,) for gate in gates})
        if self.luck.rarely(2):
            takes |= self.weights("k", {"h0": (out,)})
        settings: dict[str, Any] = {}
        if kind == "elman":
            settings = {"direction": self.luck.pick(["forward", "backward"]), "activation": "tanh"}
        if kind == "gru":
            settings = {"reset": self.luck.pick(["after", "before"]), "mix": "z keeps the old"}
        self.put(kind, "h", takes, (self.shape[0], out), **settings)

    def attention(self) -> None:
        heads, each, wide = self.luck.size(1, 2), self.luck.size(1, 2), self.shape[1]
        takes = {"x": self.out} | self.weights("d, e", dict.fromkeys(("W_q", "W_k", "W_v"), (wide, heads * each)))
        if projected := self.luck.rarely(2):
            takes |= self.weights("e, d", {"W_o": (heads * each, wide)})
        gives = "O" if projected or heads > 1 else "Y"
        shape = (self.shape[0], wide if projected else heads * each)
        self.put("attention", gives, takes, shape, heads=heads, scores=self.luck.pick(["scaled", "not scaled"]))

    def convolution(self) -> None:
        filters, window, padding = self.luck.size(1, 2), self.luck.size(1, 2), self.luck.size(0, 1)
        channels, high, wide = self.shape
        takes = {"x": self.out} | self.weights("k, c, p, q", {"w": (filters, channels, window, window)})
        if self.luck.rarely(2):
            takes |= self.weights("k", {"b": (filters,)})
        shape = (filters, *(size + 2 * padding - window + 1 for size in (high, wide)))
        self.put("convolution", "z", takes, shape, stride=1, padding=padding, filter="as it stands")

    def pooling(self) -> None:
        shape = (self.shape[0], *(size // 2 for size in self.shape[1:]))
        kind = self.luck.pick(["maximum pooling", "mean pooling"])
        self.put(kind, "y", {"x": self.out}, shape, window=2, stride=2, padding=0)

    def flatten(self) -> None:
        self.put("flatten", "f", {"x": self.out}, (prod(self.shape),))

    def layer(self) -> None:
        ways = [self.activation, self.residual, self.normalization]
        if len(self.shape) < 3:
            ways = [self.dense, *ways]
        if len(self.shape) == 2:
            ways = [self.recurrent, self.attention, self.recurrent, *ways]
        if len(self.shape) == 3:
            ways = [self.convolution, self.activation, self.residual] + [self.pooling] * (min(self.shape[1:]) > 1)
        if len(self.shape) > 1:
            ways.append(self.flatten)
        self.luck.pick(ways)()

    def heads(self) -> None:
        if len(self.shape) == 3:
            self.flatten()
        before, shape = self.out, self.shape
        for number in range(self.luck.size(1, 2)):
            self.dense(before, shape, self.luck.pick(["none", "tanh", "sigmoid", "softmax", "identity"]))
            target = self.give(f"target{number}", ", ".join("st"[: len(shape)]), *self.shape, learned=False)
            letters = self.luck.pick(["st", "st", "uv"])
            self.stack.heads.append((self.out, target, ", ".join(letters[: len(shape)])))


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    """Two to four layers, and one or two heads that read the last."""
    builder = Builder(Luck(draw))
    for _ in range(builder.luck.size(2, 4)):
        builder.layer()
    builder.heads()
    return builder.stack
