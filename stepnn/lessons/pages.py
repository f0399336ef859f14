"""What a lesson writes as formulas, with every kind of layer opened into its lines, and the shape of everything.

Letters of an index belong to one formula: their sizes follow from the arrays that they stand beside, or are stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from math import prod
from typing import Any

from stepnn.errors import Fault, FormulaError
from stepnn.layers.kinds.page import Line, Shape, Unfit
from stepnn.lessons.opening import Opener, Outside, Placed
from stepnn.lessons.schema import OwnQuantity
from stepnn.lessons.sizes import furthest, unsized
from stepnn.lessons.values import MOST_ELEMENTS, MOST_TERMS
from stepnn.network.model import Role
from stepnn.notation.formula import Formula, IsLargest, Ref, parts, refs, transform, walk
from stepnn.notation.index import Index
from stepnn.notation.indices import binds, free_letters, indices_of, longest, over, scoped, steps_apart
from stepnn.words.told import together, told

Sizes = Mapping[str, int]
Seen = dict[int, tuple[str, int] | None]  # the quantity, and which of its letters, by size; None as it is stated
FORMULAS = "see_formulas_in_the_format"  # what to do about a formula that cannot be read
ROLES = {"weighted sum": Role.WEIGHTED_SUM, "activation": Role.ACTIVATION, "bias": Role.BIAS}


class Pages(Opener):
    """The lines of a lesson in written order. `shapes` are by name, `faults` say what cannot be used, and why."""

    def __init__(
        self,
        rows: Sequence[OwnQuantity | None],
        outside: Mapping[str, Outside],
        own: Mapping[str, Mapping[str, str]],
    ) -> None:
        """`rows` are the lesson's tables, None for one that is not valid."""
        super().__init__(outside, own)
        self.sizes: dict[str, dict[str, int]] = {}
        self.faults: list[Fault] = []
        self.complete: set[int] = set()  # the numbers of lines of which every size is known
        for number, row in enumerate(rows, 1):
            if row is not None and row.derivative is None:
                self.place(row, f"quantities[{number}]")

    def place(self, own: OwnQuantity, where: str) -> None:
        """Add the lines of one table, and learn what they tell about shapes."""
        if own.kind is not None:
            try:
                self.placed += self.opened(own, where)
            except (Unfit, FormulaError) as error:
                self.faults.append(unfit(own.kind, where, error))
                self.lost = len(self.placed) if self.lost is None else self.lost
        else:
            role = Role.ACTIVATION if own.activation else ROLES.get(own.role or "", Role.VALUE)
            line = Line(own.name, own.index, own.formula or "", role, own.sizes, own.start or "", values=flat(own))
            try:
                formula = self.read(own.formula, line, self.shapes) if own.formula is not None else None
            except FormulaError as error:
                formula = None
                message, remedy = told("column", error=error, position=error.position), told(FORMULAS)
                self.faults.append(Fault(f"{where}.formula", message, own.formula or "", remedy=remedy))
            self.placed.append(Placed(line, own, where, formula))
        self.learn()

    def learn(self) -> None:
        """Find the sizes of letters and the shapes of quantities, until nothing more follows."""
        while True:
            before = list(self.placed), len(self.shapes), sum(map(len, self.sizes.values()))
            for number, placed in enumerate(self.placed):
                if number not in self.complete:
                    self.placed[number] = self.learned_from(placed)
                    self.complete |= {number} if self.whole(self.placed[number]) else set()
            if before == (self.placed, len(self.shapes), sum(map(len, self.sizes.values()))):
                return

    def whole(self, placed: Placed) -> bool:
        """Whether every size that belongs to a line is known."""
        return placed.name in self.shapes and (placed.formula is None or not unsized(placed.formula))

    def learned_from(self, placed: Placed) -> Placed:
        """The line with the sizes of its sums as far as they are known; those of its own letters go to `sizes`."""
        sizes = self.sizes.setdefault(placed.name, dict(placed.line.sizes))
        known = [*zip(placed.letters[1:], self.shapes.get(placed.line.start, ()), strict=False)]
        if placed.own.values is not None:
            known = [*zip(placed.letters, shape_of(placed.own), strict=False)]
        for letter, size in known:
            sizes.setdefault(letter, size)
        if placed.formula is not None:
            beside = {i.letter: n for part in walk(placed.formula) for i, n in self.places(part) if i.letter}
            for letter in dict.fromkeys([*placed.letters, *free_letters(placed.formula)]):
                if letter not in sizes and (size := self.size_of(letter, placed.formula, sizes, beside)):
                    sizes[letter] = size
            placed = replace(placed, formula=self.sized(placed.formula, sizes, placed.line.sizes, beside | sizes))
        if placed.name not in self.shapes and all(letter in sizes for letter in placed.letters):
            self.shapes[placed.name] = tuple(sizes[letter] for letter in placed.letters)
        return placed

    def sized(self, formula: Formula, around: Sizes, stated: Sizes, beside: Sizes) -> Formula:
        """The formula with the sizes of its sums, as far as they are known: each letter belongs to its own sum."""

        def change(part: Formula) -> Formula | None:
            if not binds(part):
                return None
            (body,) = parts(part)
            letters = [letter for letter, _ in binds(part)]
            own = {letter: size or stated.get(letter, 0) for letter, size in binds(part)}
            for letter in letters:
                own[letter] = own[letter] or self.size_of(letter, body, {**around, **own}, beside)
            return over(part, letters, own.values(), self.sized(body, {**around, **own}, stated, beside))

        return transform(formula, change)

    def size_of(self, letter: str, formula: Formula, around: Sizes, beside: Sizes) -> int:
        """How far a letter runs that is free in a formula; 0 if that is still open.

        It is the size of an array beside which the letter stands alone; otherwise what the same letter has elsewhere in
        the line (`beside`); otherwise as far as a calculated index stays inside its array.
        """
        places = [
            (index, size, {**around, **bound})
            for part, bound in scoped(formula)
            if letter not in bound
            for index, size in self.places(part)
            if any(letter == one for one, _ in index.terms)
        ]
        alone = [size for index, size, _ in places if index.letter]
        if alone or letter in beside:
            return alone[0] if alone else beside[letter]
        reaches = (
            furthest(index, letter, known, size)
            for index, size, known in places
            if all(known.get(one) for one, _ in index.terms if one != letter)
        )
        return next((reach for reach in reaches if reach > 0), 0)

    def places(self, part: Formula) -> Iterator[tuple[Index, int]]:
        """Every index of an element, or of a position asked for, with the size of the array there if it is known."""
        sizes: Sequence[int | None] = ()
        if isinstance(part, Ref):
            sizes = self.known_sizes(part.name)
        elif isinstance(part, IsLargest):  # the position asked for lies where the compared ones do
            sizes = [size or None for size in part.sizes]
        for index, size in zip(indices_of(part), sizes, strict=False):
            if size is not None:
                yield index, size
        for one in indices_of(part):
            for table in one.tables:
                yield from zip(table.index, table.shape, strict=False)

    def known_sizes(self, name: str) -> Sequence[int | None]:
        """The shape of a quantity, None at every place where it does not follow from anything yet."""
        if name in self.shapes:
            return self.shapes[name]
        letters = next((placed.letters for placed in self.placed if placed.name == name), ())
        return [self.sizes.get(name, {}).get(letter) for letter in letters]

    def check(self) -> Iterator[Fault]:
        """Everything that is wrong with formulas and shapes."""
        yield from self.faults
        for number, placed in enumerate(self.placed):
            if placed.formula is not None:
                yield from self.formula_faults(number, placed)
            count = prod(self.shapes.get(placed.name, ()))
            terms = count * longest(placed.formula) if placed.formula is not None else count
            if count > MOST_ELEMENTS:
                message = told("is_too_large", name=placed.name)
                yield Fault(placed.where, message, str(count), told("at_most", most=MOST_ELEMENTS))
            elif terms > MOST_TERMS:
                message, most = told("the_sums_of_have_too", name=placed.name), told("at_most", most=MOST_TERMS)
                yield Fault(placed.where, message, str(terms), most, told("take_smaller_arrays"))

    def formula_faults(self, number: int, placed: Placed) -> Iterator[Fault]:
        """Every name is known, with that many letters; every letter has one size."""
        assert placed.formula is not None
        where = f"{placed.where}.formula" if placed.own.formula is not None else placed.where
        text = placed.own.formula or placed.line.formula
        above = {*self.outside_names, *(one.name for one in self.placed[:number])}
        later = {one.name for one in self.placed[number:]}
        for ref in refs(placed.formula):
            if ref.name not in above and not (ref.name in later and steps_apart(ref, placed.letters)):
                if self.is_lost(number, ref):
                    continue
                yield self.unknown(ref, where, text, placed, later)
            elif ref.name in self.shapes and len(ref.index) != len(self.shapes[ref.name]):
                message = told("has_letters", name=ref.name, count=len(self.shapes[ref.name]))
                yield Fault(
                    where,
                    message,
                    told("letters", count=len(ref.index)),
                    remedy=told("one_index_for_each", name=ref.name),
                )
        letters, sizes = set(placed.letters), self.sizes.get(placed.name, {})
        for letter in free_letters(placed.formula):
            if letter not in letters:
                remedy = told("sum_over_it_or_add")
                yield Fault(where, told("the_letter_is_neither_summed", letter=letter), text, remedy=remedy)
        behind = placed.name in self.behind_faults() or any(self.is_lost(number, ref) for ref in refs(placed.formula))
        open_ones = () if behind else {*unsized(placed.formula), *(letters - sizes.keys())}
        for letter in sorted(open_ones):
            remedy = told("use_it_beside_a_quantity", letter=letter)
            yield Fault(where, told("the_letter_has_no_size", letter=letter), text, remedy=remedy)
        yield from self.size_faults(placed, where, text)

    def is_lost(self, number: int, ref: Ref) -> bool:
        """Whether a name may be one that a kind would have brought, had it no fault of its own."""
        return self.lost is not None and number >= self.lost and ref.name not in self.known_names

    @property
    def known_names(self) -> set[str]:
        return {*self.outside_names, *(one.name for one in self.placed)}

    def behind_faults(self) -> set[str]:
        """The names of what has no shape because of a formula that cannot be read: its own, or one that it reads."""
        found = {one.name for one in self.placed if one.formula is None and one.name not in self.shapes}
        for placed in self.placed:
            if placed.formula is not None and any(ref.name in found for ref in refs(placed.formula)):
                found.add(placed.name)
        return found

    def unknown(self, ref: Ref, where: str, text: str, placed: Placed, later: set[str]) -> Fault:
        """A name that stands for nothing, or for something that is not known yet at this time step."""
        if ref.name == placed.name and ref.index:
            message = told("depends_on_itself_within_one", name=ref.name)
            remedy = told("read_an_earlier_one_such", name=ref.name, value=placed.letters[0] if placed.letters else "t")
            return Fault(where, message, text, remedy=remedy)
        known = sorted(self.known_names - later)
        close = get_close_matches(ref.name, known, n=1, cutoff=0.6)
        remedy = told("did_you_mean", name=close[0]) if close else told("define_it_above")
        return Fault(where, told("nothing_is_called_here", name=ref.name), text, ", ".join(known), remedy)

    def size_faults(self, placed: Placed, where: str, text: str) -> Iterator[Fault]:
        """A letter that stands beside arrays of different sizes, and a position that no array has."""
        assert placed.formula is not None
        for letter, size in self.sizes.get(placed.name, {}).items():
            given = letter in placed.line.sizes or (placed.own.values is not None and letter in placed.letters)
            yield from self.two_sizes(letter, placed.formula, {size: None} if given else {}, where, text)
        for part in walk(placed.formula):
            for letter, size in binds(part):
                stated: Seen = {size: None} if letter in placed.line.sizes else {}
                yield from self.two_sizes(letter, parts(part)[0], stated, where, text)
        for ref in refs(placed.formula):
            for index, size in zip(ref.index, self.shapes.get(ref.name, ()), strict=False):
                if index.is_number and not 0 <= index.constant < size:
                    wanted = told("0_to_positions_count_from", value=size - 1)
                    yield Fault(where, told("has_no_position", name=ref.name, constant=index.constant), text, wanted)
                for table in index.tables[:1] if index == Index(looked=index.looked) else ():
                    if max(table.rows) >= size:
                        found = told("has_no_position_for", name=ref.name, table=table.name, number=max(table.rows) + 1)
                        yield Fault(where, found, text, told("1_to", most=size))

    def two_sizes(self, letter: str, formula: Formula, seen: Seen, where: str, text: str) -> Iterator[Fault]:
        """A letter that is free in a formula stands beside arrays of different sizes; `seen` are those known before."""
        for part, bound in scoped(formula):
            if isinstance(part, Ref) and letter not in bound:
                for place, (index, size) in enumerate(zip(part.index, self.shapes.get(part.name, ()), strict=False), 1):
                    if index.letter == letter:
                        seen.setdefault(size, (part.name, place))
        if len(seen) > 1:
            places = (
                told("name_and_index", name=one[0], place=one[1]) if one else told("size_as_stated")
                for one in seen.values()
            )
            found = together(
                [told("size_of", size=size, what=what) for size, what in zip(seen, places, strict=True)], "both"
            )
            yield Fault(
                where,
                told("the_index_has_two_sizes", letter=letter, found=found),
                text,
                told("one_size"),
                told("mend_the_shapes"),
            )


def unfit(kind: str, where: str, error: Unfit | FormulaError) -> Fault:
    """Why a kind of layer cannot be used here."""
    if isinstance(error, FormulaError):
        return Fault(where, error.args[0], kind, remedy=told(FORMULAS))
    place, found = (
        (f"{where}.{error.where}" if error.where else where),
        (f"{kind}: {error.found}" if error.found else kind),
    )
    return Fault(place, error.message, found, error.wanted, error.remedy)


def shape_of(own: OwnQuantity) -> Shape:
    """The shape of the values that are given for it, along their first elements."""
    found, rows = [], own.values
    while isinstance(rows, list):
        found.append(len(rows))
        rows = rows[0] if rows else None
    return tuple(found)


def flat(own: OwnQuantity) -> tuple[float, ...]:
    """The given values, row by row, 0 where there is no element."""
    return tuple(0.0 if one is None else one for one in every_value(own))


def every_value(own: OwnQuantity) -> list[float | None]:
    values: Any = [] if own.values is None else [own.values]
    while any(isinstance(one, list) for one in values):
        values = [one for row in values for one in (row if isinstance(row, list) else [row])]
    return list(values)
