"""One term of the chain rule, ∂E/∂user · ∂user/∂quantity, summed over what it must be summed over.

The local derivative holds only where certain positions are equal. Solving these equations removes sums, as a
Kronecker delta does, and what is left is the formula of the textbook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stepnn.calculus.bridge import Bridge, room
from stepnn.calculus.local import Link, summed
from stepnn.calculus.shorter import tidied
from stepnn.network.model import Axis, Quantity
from stepnn.notation.formula import (
    ONE,
    Call,
    Divide,
    Formula,
    IsLargest,
    Multiply,
    Negative,
    Number,
    Power,
    Ref,
    Same,
    Sum,
    multiply,
    transform,
    walk,
)
from stepnn.notation.index import Index, letter_index
from stepnn.notation.indices import apart, bound_letters, free_letters, only_within, unused, with_indices


class Product:
    """∂E/∂user · coefficient, while its index equations are being solved.

    Letters that are summed over carry a prime until they are removed or, at the end, renamed.
    """

    def __init__(
        self, error: Formula, written_out: bool, user: Quantity, link: Link, axes: Sequence[Axis],
        known: Mapping[str, tuple[Axis, ...]],
    ) -> None:  # fmt: skip
        """`axes` are those of the quantity; `known` those of everything that reads as 0 outside its array, by key."""
        self.axes, self.known = axes, known
        self.sizes = {f"{axis.letter}'": axis.size for axis in user.axes} | {
            f"{letter}'": n for letter, n in link.bounds
        }
        self.written_out = written_out
        taken = {*(axis.letter for axis in axes), *(letter.removesuffix("'") for letter in self.sizes)}
        error, coefficient = apart(error, taken), apart(link.coefficient, taken)
        primes = {letter.removesuffix("'"): letter_index(letter) for letter in self.sizes}
        self.error = with_indices(error, primes)
        self.coefficient = with_indices(coefficient, primes)
        self.index = [one.replace(primes) for one in link.index]
        self.conditions: list[Same] = []
        self.ranges: list[tuple[Index, int]] = []  # a position, and how many there are

    def equate(self, place: int) -> None:
        """Solve `index[place] = letter of the axis` for a summed letter, which then needs no sum any more."""
        axis = self.axes[place]
        index, wanted = self.index[place], letter_index(axis.letter)
        if index.letter and self.sizes.get(index.letter) == axis.size:
            self.substitute(index.letter, wanted)
        elif not self.solved(index, wanted):
            self.conditions.append(Same(index, wanted))

    def solved(self, index: Index, wanted: Index) -> bool:
        """Substitute a summed letter by what the equation says that it is, if that can be done.

        It can where the product is 0 by itself out of the letter's range, or where the range can be said in letters
        that stay.
        """
        found = list(self.solutions(index, wanted))
        for letter, value in found:
            if self.vanishes(letter):
                self.substitute(letter, value)
                return True
        for letter, value in found:
            if not any(other in self.sizes for other in value.letters):
                self.ranges.append((value, self.sizes[letter]))
                self.substitute(letter, value)
                return True
        return False

    def solutions(self, index: Index, wanted: Index) -> Iterator[tuple[str, Index]]:
        """Every summed letter that the equation can be solved for, and what it then is."""
        apart = wanted.plus(index, -1)
        for letter, factor in apart.terms:
            if letter in self.sizes and abs(factor) == 1:
                yield letter, Index().plus(apart.plus(letter_index(letter), -factor), -factor)

    def vanishes(self, letter: str) -> bool:
        """Whether the product is 0 by itself where the letter is out of its range.

        It is if one of its factors is an element at just this letter, and none of the others can be infinite there.
        """
        sides = (self.error, self.coefficient)
        zero = any(self.outside(factor, letter) for side in sides for factor in factors_of(side))
        return zero and not any(may_be_infinite(side, letter) for side in sides)

    def outside(self, factor: Formula, letter: str) -> bool:
        """Whether a factor is an element that does not exist where the letter is out of its range."""
        match factor:
            case Ref(name, index) if name in self.known:
                sizes: Sequence[int] = [axis.size for axis in self.known[name]]
            case IsLargest(_, sizes, _, index):
                pass
            case _:
                return False
        return any(one.letter == letter and n == self.sizes[letter] for one, n in zip(index, sizes, strict=True))

    def use_conditions(self) -> None:
        """Where two positions must be the same, one of the summed letters in them is known, and its sum goes."""
        self.coefficient, self.error = self.without_conditions(self.coefficient), self.without_conditions(self.error)
        tried: set[Same] = set()
        while untried := [one for one in self.conditions if one not in tried]:
            self.conditions.remove(untried[0])
            if not self.solved(untried[0].left, untried[0].right):
                tried.add(untried[0])
                self.conditions.append(untried[0])
        for condition in self.conditions:
            self.put_in(condition)

    def without_conditions(self, formula: Formula) -> Formula:
        """A factor of the product; the conditions among its own factors are kept apart."""
        if isinstance(formula, Negative):
            return multiply(Negative(ONE), self.without_conditions(formula.inner))
        factors = formula.factors if isinstance(formula, Multiply) else (formula,)
        self.conditions += [one for one in factors if isinstance(one, Same) and one.left != one.right]
        return multiply(*(factor for factor in factors if not isinstance(factor, Same)))

    def put_in(self, condition: Same) -> None:
        """Where a position that is looked up must be a letter, it is that letter in all the rest."""
        for position, letter in ((condition.left, condition.right), (condition.right, condition.left)):
            if position.looked and letter.letter:
                self.error, self.coefficient = (
                    with_index(side, position, letter) for side in (self.error, self.coefficient)
                )
                return

    def substitute(self, letter: str, by: Index) -> None:
        where = {letter: by}
        self.error = with_indices(self.error, where)
        self.coefficient = with_indices(self.coefficient, where)
        conditions = (Same(one.left.replace(where), one.right.replace(where)) for one in self.conditions)
        self.conditions = [one for one in conditions if one.left != one.right]
        self.ranges = [(one.replace(where), count) for one, count in self.ranges]
        self.index = [one.replace(where) for one in self.index]
        self.sizes.pop(letter, None)

    def result(self) -> Formula:
        """The product, summed over the letters that are left, which get unprimed names."""
        self.use_conditions()
        taken = {axis.letter for axis in self.axes} | bound_letters(self.error) | bound_letters(self.coefficient)
        for letter in list(self.sizes):
            count = self.sizes[letter]
            plain = unused(letter.removesuffix("'"), taken)
            taken.add(plain)
            self.substitute(letter, letter_index(plain))
            self.sizes[plain] = count
        product = multiply(self.error, self.coefficient)
        if self.written_out:
            product = shortest_product(self.error, self.coefficient)
        product = multiply(*self.conditions, product)
        for letter, count in reversed(self.sizes.items()):
            product = Sum(letter, count, product) if self.conditions else summed(product, letter, count)
        sizes = {axis.letter: axis.size for axis in self.axes}
        for index, count in self.ranges:
            product = only_within(index, count, sizes, product)
        return product


def with_index(formula: Formula, old: Index, new: Index) -> Formula:
    """The formula with one position in the place of another."""

    def change(part: Formula) -> Formula | None:
        if isinstance(part, Ref):
            return Ref(part.name, tuple(new if one == old else one for one in part.index))
        return None

    return transform(formula, change)


def factors_of(formula: Formula) -> Iterator[Formula]:
    """What makes the whole formula 0 where it is 0."""
    match formula:
        case Negative(inner) | Divide(inner, _) | Sum(_, _, inner):
            yield from factors_of(inner)
        case Power(inner, Number(value)) if value > 0:
            yield from factors_of(inner)
        case Multiply(factors):
            for factor in factors:
                yield from factors_of(factor)
        case _:
            yield formula


def may_be_infinite(formula: Formula, letter: str) -> bool:
    """Whether a part of the formula could divide by 0, or have no value, where the letter is out of its range."""
    for part in walk(formula):
        match part:
            case Divide(_, risky) | Call("log" | "sqrt", (risky,)):
                pass
            case Power(risky, exponent) if not isinstance(exponent, Number) or not isinstance(exponent.value, int):
                pass
            case _:
                continue
        if letter in free_letters(risky):
            return True
    return False


def shortest_product(error: Formula, coefficient: Formula) -> Formula:
    """error · coefficient, or a shorter equal form: (a − t)/(a·(1 − a)) times a·(1 − a) is a − t."""
    if isinstance(coefficient, Negative):
        return multiply(Negative(ONE), shortest_product(error, coefficient.inner))
    bridge = Bridge()
    left, right = bridge.to_sympy(error), bridge.to_sympy(coefficient)
    candidates = [left * right, *(tidied(left * right) if error != ONE else [])]
    return min([multiply(error, coefficient), *map(bridge.to_formula, candidates)], key=room)
