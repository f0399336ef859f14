"""Reading arrays in NumPy source: at letters, at calculated positions, outside their range, before the first step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.arithmetic import fractions
from stepnn.calculus.source import Code
from stepnn.calculus.stable import NAMESPACE
from stepnn.network.model import SAMPLE, Quantity, samplewise
from stepnn.notation.index import Index, Looked, number_index


class Reader:
    """Knows the arrays by their variables. `constants` collects the index arrays that the source needs."""

    def __init__(self, quantities: Mapping[str, Quantity], exact: bool = False) -> None:
        """With `exact` all numbers are fractions, those that stand in the source too."""
        self.quantities = quantities
        self.exact = exact
        self.per_sample = samplewise(quantities)
        self.constants: dict[str, NDArray[np.generic]] = {}
        self.variables: dict[str, str] = {}
        self.sizes: Mapping[str, int] = {}  # of the letters in scope where the source is being written

    def variable(self, key: str) -> str:
        """A Python name for a quantity: its key with everything but letters and digits replaced."""
        if key not in self.variables:
            name = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in key)
            taken = set(self.variables.values()) | set(NAMESPACE) | {"rounded", "len"}
            while name in taken:
                name += "_"
            self.variables[key] = name
        return self.variables[key]

    def axes(self, quantity: Quantity) -> tuple[str, ...]:
        return (SAMPLE, *quantity.letters) if quantity.key in self.per_sample else quantity.letters

    def length(self, axis: str) -> str:
        if axis != SAMPLE:
            return str(self.sizes[axis])
        some = [key for key in self.variables if key in self.per_sample]
        return f"len({self.variables[some[0]]})" if some else "1"  # without data there is one sample

    def element(self, variable: str, per_sample: bool, shape: tuple[int, ...], index: tuple[Index, ...]) -> Code:
        """An array read at an index pattern: as it is, at fixed positions, or gathered with zeros outside its range."""
        lead = (SAMPLE,) if per_sample else ()
        letters = tuple(dict.fromkeys(letter for one in index for letter in one.letters))
        whole = all(one.letter and self.sizes[one.letter] == size for one, size in zip(index, shape, strict=True))
        if len(letters) == len(index) and whole:
            return Code(variable, (*lead, *letters))
        if index and index[0].is_number and 0 <= index[0].constant < shape[0]:  # one position of the first axis
            taken = f"{variable}[{':, ' if per_sample else ''}{index[0].constant}]"
            return self.element(taken, per_sample, shape[1:], index[1:])
        grids = [self.grid(one, letters) for one in index]
        inside = np.logical_and.reduce([(grid >= 0) & (grid < size) for grid, size in zip(grids, shape, strict=True)])
        places = [self.constant(np.clip(grid, 0, size - 1)) for grid, size in zip(grids, shape, strict=True)]
        text = f"{variable}[{', '.join([*(':' for _ in lead), *places])}]"
        if not inside.all():
            text = f"where({self.constant(inside)}, {text}, {self.number(0)})"
        return Code(text, (*lead, *letters))

    def reaches(self, index: Index, position: int) -> bool:
        """Whether an index can be that position."""
        return bool(np.any(self.grid(index, index.letters) == position))

    def started(self, quantity: Quantity, index: tuple[Index, ...]) -> Code:
        """An array read at another time step, with what stands before the first put in front of it (or behind)."""
        code, start = self.variable(quantity.key), self.quantities[quantity.start]
        first = self.variable(start.key)
        here, there = quantity.key in self.per_sample, start.key in self.per_sample
        if here and not there:
            first = f"broadcast_to({first}, (len({code}), {''.join(f'{n}, ' for n in start.shape)}))"
        shift = quantity.before_first < 0
        lead = ":, " if here else ""
        parts = (f"{first}[{lead}None]", code) if shift else (code, f"{first}[{lead}None]")
        text = f"concatenate(({', '.join(parts)}), axis={1 if here else 0})"
        moved = index[0].plus(number_index(1 if shift else 0))
        if moved.letter and self.sizes[moved.letter] <= quantity.shape[0] + 1:
            size = self.sizes[moved.letter]
            return self.element(f"{text}[{lead}:{size}]", here, (size, *quantity.shape[1:]), (moved, *index[1:]))
        return self.element(text, here, (quantity.shape[0] + 1, *quantity.shape[1:]), (moved, *index[1:]))

    def same(self, left: Index, right: Index) -> Code:
        letters = tuple(dict.fromkeys((*left.letters, *right.letters)))
        equal = self.grid(left, letters) == self.grid(right, letters)
        return Code(self.constant(equal.astype(np.float64)), letters)

    def grid(self, index: Index, letters: Sequence[str]) -> NDArray[np.int64]:
        """The index's value at every combination of the letters."""
        total = np.full([self.sizes[letter] for letter in letters], index.constant, dtype=np.int64)
        for letter, factor in index.terms:
            shape = [self.sizes[letter] if other == letter else 1 for other in letters]
            total = total + factor * np.arange(self.sizes[letter]).reshape(shape)
        for table, factor in index.looked:
            total = total + factor * self.looked_up(table, letters)
        return total

    def looked_up(self, table: Looked, letters: Sequence[str]) -> NDArray[np.int64]:
        """The positions in a table at every combination of the letters; −1 outside of it."""
        places = [self.grid(one, letters) for one in table.index]
        rows = np.array(table.rows, dtype=np.int64).reshape(table.shape)
        inside = [(place >= 0) & (place < size) for place, size in zip(places, table.shape, strict=True)]
        within = tuple(np.clip(place, 0, size - 1) for place, size in zip(places, table.shape, strict=True))
        return np.where(np.logical_and.reduce(inside), rows[within], -1)

    def number(self, value: Fraction | int | float) -> str:
        """A number that stands in a formula."""
        if self.exact:
            return self.constant(fractions(np.array(value, dtype=object)))
        text = repr(float(value))
        name = "_" + text.translate(str.maketrans(".-+", "_m_"))  # _1_0: as an array it need not be made one each time
        self.constants[name] = np.array(float(value))
        return name

    def constant(self, array: NDArray[np.generic]) -> str:
        if self.exact and array.dtype == np.float64:
            array = fractions(array)
        name = f"_C{len(self.constants)}"  # no name of a lesson begins so
        self.constants[name] = array
        return name
