"""What a kind of layer is: a page of formulas, written as a lesson file would write them.

A page is made for the quantities that it is applied to: their shapes decide which indices its formulas have. Nothing
else in stepnn knows a kind of layer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from stepnn.book.functions import ACTIVATIONS, LOSSES
from stepnn.network.model import Role
from stepnn.words.told import together, told

Shape = tuple[int, ...]
Value = int | float | str | bool | Sequence[int | str | Sequence[int]]


@dataclass(frozen=True)
class Line:
    """One quantity: its name, its index letters as in "k, j", and its formula, or given values row by row.

    `sizes` are stated sizes of letters; `start` names what is read before the first time step; `text` is the key of
    its title and reason in the catalogue; `function` the activation or loss that the formula belongs to; `glyph` the
    letter that readers see where that is not the name.
    """

    name: str
    index: str
    formula: str = ""
    role: Role = Role.VALUE
    sizes: Mapping[str, int] = field(default_factory=dict)
    start: str = ""
    text: str = ""
    function: str = ""
    values: tuple[float, ...] = ()
    glyph: str = ""


class Unfit(Exception):
    """A page cannot be applied: what is wrong, what was found, what was wanted, what to do, and in which field."""

    def __init__(self, message: str, found: str = "", wanted: str = "", remedy: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message, self.found, self.wanted, self.remedy, self.where = message, found, wanted, remedy, where


@dataclass(frozen=True)
class Setting:
    """What may be chosen: one of `choices`, or a number from `least` on; `default` agrees with PyTorch.

    A setting with `told` names its convention on the page. One with `each` may be a list of whole numbers, one for each
    direction of a picture, rows first; with `sides` each of them may be a pair: before and behind.
    """

    default: Value
    choices: tuple[str, ...] = ()
    least: float = 0
    told: bool = False
    each: bool = False
    sides: bool = False


@dataclass(frozen=True)
class Kind:
    """`takes` are the names that the page needs, `may` those it uses where they exist (biases, first states).

    The neurons of a kind are the rows of the array called `rows`, or those that `like` is about.
    """

    page: Callable[[Applied], list[Line]]
    takes: tuple[str, ...]
    may: tuple[str, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    ranks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # how many indices what it uses may have
    family: str = ""  # under which its conventions stand in the catalogue
    like: str = ""
    rows: str = ""


class Applied:
    """A page applied: shapes and index letters of the quantities it uses, by the names on the page; its settings."""

    def __init__(
        self,
        shapes: Mapping[str, Shape],
        settings: Mapping[str, Value],
        letters: Mapping[str, tuple[str, ...]],
        own: Mapping[str, Mapping[str, str]],
    ) -> None:
        """`own` are the formulas of the activations and losses that the lesson defines itself, by name."""
        self.shapes = shapes
        self.settings = settings
        self.letters = letters
        self.activations, self.losses = own["activations"], own["losses"]

    def has(self, name: str) -> bool:
        return name in self.shapes

    def term(self, name: str, text: str) -> str:
        """A term of a formula, if the lesson gives what it needs."""
        return text if self.has(name) else ""

    def whole(self, name: str) -> int:
        return int(self.number(name))

    def number(self, name: str) -> int | float:
        found = self.settings[name]
        assert isinstance(found, (int, float))
        return found

    def each(self, name: str, dimensions: int) -> list[int]:
        """A whole number for each direction of a picture. Raises Unfit if there are others than `dimensions`."""
        return [before for before, _ in self.sides(name, dimensions)]

    def sides(self, name: str, dimensions: int) -> list[tuple[int, int]]:
        """Two whole numbers for each direction of a picture: before it and behind. Raises Unfit as `each`."""
        value = self.settings[name]
        rows = value if isinstance(value, Sequence) and not isinstance(value, str) else [value] * dimensions
        if len(rows) != dimensions:
            wanted = told("one_for_each_direction", count=dimensions)
            raise Unfit(told("this_cannot_be_chosen"), str(value), wanted, where=f"settings.{name}")
        return [pair(row) for row in rows]

    def choice(self, name: str) -> str:
        return str(self.settings[name])

    def index(self, name: str, otherwise: str, taken: str = "") -> str:
        """The index of a quantity as its own formula has it, or another one where that uses a letter in `taken`."""
        letters = self.letters.get(name, ())
        fits = len(letters) == len(self.shapes[name]) and not set(letters) & set(taken)
        return ", ".join(letters) if fits else otherwise

    def rank(self, name: str, *wanted: int) -> int:
        """How many indices a quantity has. Raises Unfit if that is none of those wanted."""
        found = len(self.shapes[name])
        if found not in wanted:
            listed = together([*map(str, wanted)], "either")
            raise Unfit(told("has_the_wrong_number_of", name=name), str(found), listed, where="of")
        return found

    def activated(self, name: str, index: str, of: str, text: str = "") -> Line:
        """The activation function that is chosen, of the book or of the lesson's own; its α is given or its default.

        Of a list, one for each position of the last index. Raises Unfit.
        """
        chosen = self.settings["activation"]
        if isinstance(chosen, str):
            return self.function(name, index, of, chosen, text)
        assert isinstance(chosen, Sequence)
        each, size = (
            [*map(str, chosen)],
            self.shapes["w" if "w" in self.shapes else of][0 if "w" in self.shapes else -1],
        )
        if len(each) != size:
            wanted = told("one_for_each_neuron", receivers=size)
            raise Unfit(told("wrong_length"), str(len(each)), wanted, where="settings.activation")
        letter = index.rpartition(",")[2].strip()
        lines = [self.function(name, index, of, one, text) for one in each]
        formula = lines[-1].formula
        for place in range(size - 2, -1, -1):
            if each[place] != each[place + 1]:
                formula = f"where({letter} <= {place}, {lines[place].formula}, {formula})"
        return replace(lines[-1], formula=formula, function=", ".join(line.function for line in lines))

    def function(self, name: str, index: str, of: str, function: str, text: str) -> Line:
        """One function, applied to every element. Raises Unfit."""
        own, rule = self.activations.get(function), ACTIVATIONS.get(function)
        if own is not None:
            formula = re.sub(r"\bz\b", f"{of}[{index}]", own)
            line = Line(name, index, formula, Role.ACTIVATION, text=text, function=own_name(function))
        elif rule is not None:
            line = activated(name, index, of, function, text)
        else:
            known = ", ".join(dict.fromkeys([*ACTIVATIONS, *self.activations]))
            raise Unfit(
                told("there_is_no_such_activation"),
                f'"{function}"',
                told("one_of", known=known),
                where="settings.activation",
            )
        if self.has("alpha") or not re.search(r"\balpha\b", line.formula):
            return line
        if own is not None or rule is None:
            remedy = told("define_a_quantity_alpha_above")
            raise Unfit(told("uses_alpha_but_it_has", function=function), remedy=remedy, where="settings.activation")
        return replace(line, formula=line.formula.replace("alpha", repr(rule.alpha)))


def pair(row: object) -> tuple[int, int]:
    """What stands before a picture and behind it, in one direction; it has been checked."""
    match row:
        case int(both):
            return both, both
        case [int(before), int(behind)]:
            return before, behind
    raise TypeError(row)


def own_name(name: str) -> str:
    """What a function of a lesson's own is called; one that hides one of the book is told from it."""
    return f"own {name}" if name in ACTIVATIONS or name in LOSSES else name


def activated(name: str, index: str, of: str, function: str, text: str = "") -> Line:
    """An activation function of the book applied to every element; softmax runs over the last index."""
    last = index.rpartition(",")[2].strip()
    other = next(letter for letter in "mnuv" if letter not in index)
    places = {"z[k]": f"{of}[{index}]", "z[m]": f"{of}[{index.removesuffix(last)}{other}]", ", m)": f", {other})"}
    formula = re.sub(r"z\[k\]|z\[m\]|, m\)", lambda match: places[match[0]], ACTIVATIONS[function].formula)
    return Line(name, index, formula, Role.ACTIVATION, text=text, function=function)
