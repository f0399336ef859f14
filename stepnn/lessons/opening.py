"""Tables of a lesson opened into lines: a kind of layer becomes its formulas, under the names of the lesson."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from stepnn.errors import FormulaError
from stepnn.layers.kinds import KINDS
from stepnn.layers.kinds.page import Applied, Kind, Line, Shape, Unfit
from stepnn.layers.kinds.plain import SHORTCUTS
from stepnn.lessons.parts import choose
from stepnn.lessons.schema import OwnQuantity
from stepnn.lessons.settings import settings_for
from stepnn.network.model import Role
from stepnn.notation.formula import Formula, Ref, transform
from stepnn.notation.index import Looked
from stepnn.notation.indices import with_tables
from stepnn.notation.parse import LARGEST_POSITION, letters_as_numbers, parse
from stepnn.words.told import together, told

Labels = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Placed:
    """One line of the lesson: the table that it comes from, where that stands, and its formula as a tree.

    `labels` are the names of the neurons that one of its letters runs over, by letter.
    """

    line: Line
    own: OwnQuantity
    where: str
    formula: Formula | None = None
    labels: Labels = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.line.name

    @property
    def letters(self) -> tuple[str, ...]:
        return letters_of(self.line.index)


@dataclass(frozen=True)
class Parameter:
    """What a layer with named neurons says about a quantity that it uses."""

    role: Role
    glyph: str
    labels: Labels


@dataclass(frozen=True)
class Outside:
    """What stands outside the lines of a lesson: a shape, index letters, and the names of input neurons."""

    shape: Shape
    letters: tuple[str, ...] = ()
    neurons: tuple[str, ...] = ()


class Opener:
    """Lines in written order, and what is known of them.

    `shapes` are by name, as are `neurons`: the names of those that the last index runs over, where a layer has named
    them. `parameters` are given numbers of which a layer says what they are.
    """

    def __init__(self, outside: Mapping[str, Outside], own: Mapping[str, Mapping[str, str]]) -> None:
        """`outside` says what x and t are; `own` are the formulas of the lesson's own activations and losses."""
        self.outside, self.own = outside, own
        self.placed: list[Placed] = []
        self.shapes: dict[str, Shape] = {name: one.shape for name, one in outside.items()}
        self.indices = {name: one.letters for name, one in outside.items()}
        self.neurons: dict[str, tuple[str, ...]] = {}
        self.parameters: dict[str, Parameter] = {}
        self.lost: int | None = None  # from which line on names may be missing: a kind that brings them has a fault

    @property
    def outside_names(self) -> set[str]:
        return set(self.shapes) - {one.name for one in self.placed}

    def opened(self, own: OwnQuantity, where: str) -> list[Placed]:
        """The lines of a kind of layer under the names of this lesson. Raises Unfit."""
        if own.kind not in KINDS:
            wanted, remedy = choose(own.kind or "", list(KINDS))
            raise Unfit(told("there_is_no_such_kind"), f'"{own.kind}"', wanted, remedy, "kind")
        kind = KINDS[own.kind]
        names = self.names_for(own, kind)
        shapes = {page: self.shapes[name] for page, name in names.items() if name in self.shapes}
        if any(page not in shapes for page in kind.takes):
            return []  # something that it needs has a fault of its own
        indices = self.indices | {placed.name: placed.letters for placed in self.placed}
        letters = {page: indices.get(name, ()) for page, name in names.items()}
        for page, ranks in kind.ranks.items():
            if page in shapes and len(shapes[page]) not in ranks:
                found, wanted = told("indices", count=len(shapes[page])), together([*map(str, ranks)], "either")
                raise Unfit(told("cannot_be_used_here", value=names[page]), found, wanted, where="of")
        lines = kind.page(Applied(shapes, settings_for(own, kind), letters, self.own))
        labels = self.labels(own, kind, names, letters)
        names |= {line.name: f"{line.name}{own.suffix}" for line in lines}
        names |= {lines[-1].name: own.name} if own.name else {}
        placed: list[Placed] = []
        for line in lines:
            formula = self.read(line.formula, line, shapes, names, placed) if line.formula else None
            start = names.get(line.start, line.start)
            if labels:
                glyph = line.glyph or (own.name.removesuffix(own.suffix) if names[line.name] == own.name else line.name)
                line = replace(line, glyph=glyph, text="")
                if line.index:
                    self.neurons[names[line.name]] = labels.get(letters_of(line.index)[-1], ())
            placed.append(Placed(replace(line, name=names[line.name], start=start), own, where, formula, labels))
        return placed

    def labels(
        self, own: OwnQuantity, kind: Kind, names: Mapping[str, str], letters: Mapping[str, tuple[str, ...]]
    ) -> Labels:
        """The names of the neurons that a letter of a layer's lines runs over, if they have names. Raises Unfit."""
        if own.neurons and not kind.rows:
            raise Unfit(told("this_kind_of_layer_has"), remedy=told("remove_it"), where="neurons")
        if len(set(own.neurons)) < len(own.neurons):
            raise Unfit(
                told("two_neurons_have_one_name"), ", ".join(own.neurons), remedy=told("rename_one"), where="neurons"
            )
        if own.neurons:
            return self.rows_named(tuple(own.neurons), names, letters, names[kind.rows])
        neurons = self.neurons.get(names.get(kind.like, ""), ())
        if not neurons:
            return {}
        if "t" in names and names["t"] in self.outside and not self.outside[names["t"]].neurons:
            self.neurons[names["t"]], self.indices[names["t"]] = neurons, letters[kind.like]
        return {letters[kind.like][-1]: neurons}

    def rows_named(
        self, neurons: tuple[str, ...], names: Mapping[str, str], letters: Mapping[str, tuple[str, ...]], rows: str
    ) -> Labels:
        """What a dense layer uses learns what it is, and the names of the neurons that it leads to and from."""
        count = self.shapes[rows][0]
        if len(neurons) != count:
            wanted = told("one_for_each_row_of", count=count, rows=rows)
            raise Unfit(told("wrong_number_of_neurons"), str(len(neurons)), wanted, where="neurons")
        row, column = letters["w"]
        x = names["x"]
        senders = self.neurons.get(x) or (self.outside[x].neurons if x in self.outside else ())
        self.parameters[rows] = Parameter(Role.WEIGHT, "w", {row: neurons, column: senders})
        for s, v in SHORTCUTS:
            if s in names and v in names:
                senders = self.neurons.get(names[s]) or (
                    self.outside[names[s]].neurons if names[s] in self.outside else ()
                )
                self.parameters[names[v]] = Parameter(
                    Role.WEIGHT, "w", dict(zip(letters[v], (neurons, senders), strict=True))
                )
        for page, role in (("b", Role.BIAS), ("alpha", Role.ACTIVATION_PARAMETER)):
            if page in names:
                self.parameters[names[page]] = Parameter(role, page, dict.fromkeys(letters[page], neurons))
        return {row: neurons}

    def names_for(self, own: OwnQuantity, kind: Kind) -> dict[str, str]:
        """What the names that a page uses are called in this lesson. Raises Unfit where one is missing."""
        known = {*self.shapes, *(placed.name for placed in self.placed)}
        found = {}
        for page in (*kind.takes, *kind.may):
            wanted = own.of.get(page)
            options = [wanted] if wanted else [f"{page}{own.suffix}", *([page] if page in kind.takes else [])]
            name = next((one for one in options if one in known), None)
            if name is not None:
                found[page] = name
            elif (wanted or page in kind.takes) and self.lost is None:
                remedy = told("define_it_above") if wanted else told("define_it_above_or_say", page=page)
                raise Unfit(told("nothing_is_called_here", name=wanted or page), remedy=remedy, where="of")
        for page in own.of:
            if page not in (*kind.takes, *kind.may):
                raise Unfit(
                    told("it_uses_nothing_called", page=page), wanted=", ".join((*kind.takes, *kind.may)), where="of"
                )
        return found

    def read(
        self,
        text: str,
        line: Line,
        shapes: Mapping[str, Shape],
        names: Mapping[str, str] = MappingProxyType({}),
        beside: Sequence[Placed] = (),
    ) -> Formula:
        """A formula as a tree, with `names` in place of its own. `shapes` are those of what it reads, by its own names;
        `beside` are lines of the same kind above it. Raises FormulaError."""
        scalars = {name for name, shape in shapes.items() if not shape}
        formula = letters_as_numbers(parse(text), frozenset(letters_of(line.index)), scalars)
        return with_tables(renamed(formula, names), lambda table: self.known_table(table, (*self.placed, *beside)))

    def known_table(self, table: Looked, above: Sequence[Placed]) -> Looked:
        """A table of positions with its numbers, which count from 1."""
        placed = next((one for one in above if one.name == table.name), None)
        if placed is None or not placed.line.values or placed.own.learned:
            raise FormulaError(told("positions_are_given", name=table.name))
        values, sizes = placed.line.values, placed.line.sizes
        shape = self.shapes.get(table.name) or tuple(sizes[letter] for letter in placed.letters)
        if len(table.index) != len(shape):
            raise FormulaError(told("has_letters", name=table.name, count=len(shape)))
        if not all(value == int(value) and 1 <= value <= LARGEST_POSITION for value in values):
            raise FormulaError(told("positions_count_from_one", name=table.name))
        return replace(table, shape=shape, rows=tuple(int(value) - 1 for value in values))


def letters_of(index: str) -> tuple[str, ...]:
    """The index letters of a quantity: `k, j` as k and j."""
    return tuple(letter.strip() for letter in index.split(",")) if index.strip() else ()


def renamed(formula: Formula, names: Mapping[str, str]) -> Formula:
    found = with_tables(formula, lambda table: replace(table, name=names.get(table.name, table.name)))
    return transform(
        found, lambda part: Ref(names.get(part.name, part.name), part.index) if isinstance(part, Ref) else None
    )
