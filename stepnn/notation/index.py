"""Positions in arrays: letters and whole numbers added up, and positions that stand in a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from stepnn.notation.part import formula_part


@formula_part
class Index:
    """A whole-number position: `i + p` is Index((("i", 1), ("p", 1))), the third element is Index((), 2).

    `looked` are positions that stand in a table, as the one of `V[word[t], d]`, each with a factor like the letters.
    """

    terms: tuple[tuple[str, int], ...] = ()
    constant: int = 0
    looked: tuple[tuple[Looked, int], ...] = ()

    @property
    def letter(self) -> str | None:
        """The letter, where the index is one letter and nothing else; otherwise None."""
        if self.constant == 0 and len(self.terms) == 1 and self.terms[0][1] == 1 and not self.looked:
            return self.terms[0][0]
        return None

    @property
    def is_number(self) -> bool:
        """Whether no letter is left in it."""
        return not self.terms and not self.looked

    @property
    def letters(self) -> tuple[str, ...]:
        """Every letter in it, those of positions that are looked up among them."""
        inner = (letter for table, _ in self.looked for one in table.index for letter in one.letters)
        return tuple(dict.fromkeys((*(letter for letter, _ in self.terms), *inner)))

    @property
    def tables(self) -> tuple[Looked, ...]:
        """Every table in it, those that others are looked up by among them."""
        return tuple(
            one for table, _ in self.looked for one in (table, *(inner for at in table.index for inner in at.tables))
        )

    def plus(self, other: Index, times: int = 1) -> Index:
        """self + times · other."""
        terms = together(self.terms, other.terms, times)
        return Index(terms, self.constant + times * other.constant, together(self.looked, other.looked, times))

    def replace(self, where: Mapping[str, Index]) -> Index:
        """The index with letters replaced by other indices; what is looked up at a number is a number."""
        if (one := self.letter) is not None:
            return where.get(one, self)
        found = Index((), self.constant)
        for letter, factor in self.terms:
            found = found.plus(where.get(letter, Index(((letter, 1),))), factor)
        for table, factor in self.looked:
            found = found.plus(table.at(tuple(one.replace(where) for one in table.index)), factor)
        return found


@formula_part
class Looked:
    """A position that stands in a table of given numbers. They count from 1, as readers do; `rows` count from 0.

    The numbers belong to the formula, like the size of a sum: where a table of other numbers is wanted, it is another
    formula. `shape` and `rows` are empty until it is bound to its quantity.
    """

    name: str
    index: tuple[Index, ...]
    shape: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()

    def at(self, index: tuple[Index, ...]) -> Index:
        """The position that stands at an index; before the first or behind the last of them it is none, −1."""
        if not self.rows or not all(one.is_number for one in index):
            return Index(looked=((Looked(self.name, index, self.shape, self.rows), 1),))
        place = 0
        for one, size in zip(index, self.shape, strict=True):
            if not 0 <= one.constant < size:
                return Index((), -1)
            place = place * size + one.constant
        return Index((), self.rows[place])


Part = TypeVar("Part", str, Looked)


def together(
    one: Iterable[tuple[Part, int]], other: Iterable[tuple[Part, int]], times: int
) -> tuple[tuple[Part, int], ...]:
    """one + times · other, each a sum of letters, or of positions that are looked up, with factors."""
    total = dict(one)
    for part, factor in other:
        total[part] = total.get(part, 0) + times * factor
    return tuple((part, factor) for part, factor in total.items() if factor)


def letter_index(letter: str) -> Index:
    return Index(((letter, 1),))


def number_index(position: int) -> Index:
    return Index((), position)
