"""One term of the chain rule, ∂E/∂user · ∂user/∂quantity, summed over what it must be summed over.

The local derivative holds only where certain positions are equal. Solving these equations removes sums, as a
Kronecker delta does, and what is left is the formula of the textbook.
"""

from __future__ import annotations

from collections.abc import Iterable

from stepnn.calculus.bridge import Bridge, room
from stepnn.calculus.local import Link, fresh_sums, summed, tidied, unused
from stepnn.model import Axis, Quantity
from stepnn.notation.formula import (
    ONE,
    Formula,
    Index,
    IsLargest,
    Multiply,
    Negative,
    Ref,
    Same,
    Sum,
    letter_index,
    multiply,
    walk,
)
from stepnn.notation.indices import bound_letters, indices_of, with_indices


class Product:
    """∂E/∂user · coefficient, while its index equations are being solved.

    Letters that are summed over carry a prime until they are removed or, at the end, renamed.
    """

    def __init__(self, error: Formula, written_out: bool, user: Quantity, link: Link, letters: Iterable[str]) -> None:
        """`letters` are those of the quantity: no sum inside may use them for itself."""
        self.sizes = {f"{axis.letter}'": axis.size for axis in user.axes} | {
            f"{letter}'": n for letter, n in link.bounds
        }
        self.written_out = written_out
        taken = {*letters, *(letter.removesuffix("'") for letter in self.sizes)}
        error, coefficient = fresh_sums(error, taken), fresh_sums(link.coefficient, taken)
        primes = {letter.removesuffix("'"): letter_index(letter) for letter in self.sizes}
        self.error = with_indices(error, primes)
        self.coefficient = with_indices(coefficient, primes)
        self.index = [one.replace(primes) for one in link.index]
        self.conditions: list[Formula] = []

    def equate(self, place: int, axis: Axis) -> None:
        """Solve `index[place] = axis.letter` for a summed letter, which then needs no sum any more."""
        index, wanted = self.index[place], letter_index(axis.letter)
        for letter, factor in index.terms:
            if letter not in self.sizes or abs(factor) != 1:
                continue
            if (index.letter == letter and self.sizes[letter] == axis.size) or self.guards(letter):
                rest = Index(tuple(term for term in index.terms if term[0] != letter), index.constant)
                self.substitute(letter, difference(wanted, rest, factor))
                return
        self.conditions.append(Same(index, wanted))

    def guards(self, letter: str) -> bool:
        """Whether an element is read at just this letter, so that a position out of range makes the product 0."""
        read = [part for one in (self.error, self.coefficient) for part in walk(one)]
        indices = [one for part in read if isinstance(part, (Ref, IsLargest)) for one in indices_of(part)]
        return any(one.letter == letter for one in indices)

    def use_conditions(self) -> None:
        """Where two positions must be the same, one of the summed letters in them is known, and its sum goes."""
        factors = self.coefficient.factors if isinstance(self.coefficient, Multiply) else (self.coefficient,)
        self.conditions += [factor for factor in factors if isinstance(factor, Same)]
        self.coefficient = multiply(*(factor for factor in factors if not isinstance(factor, Same)))
        for condition in list(self.conditions):
            at = self.conditions.index(condition) if condition in self.conditions else -1
            if at >= 0 and self.solved(self.conditions[at]):
                del self.conditions[at]

    def solved(self, condition: Formula) -> bool:
        """Substitute a summed letter by what a condition says that it is, if that can be done."""
        assert isinstance(condition, Same)
        for index, wanted in ((condition.left, condition.right), (condition.right, condition.left)):
            for letter, factor in index.terms:
                rest = Index(tuple(term for term in index.terms if term[0] != letter), index.constant)
                value = difference(wanted, rest, factor)
                known = not value.terms and 0 <= value.constant < self.sizes.get(letter, 0)
                if letter in self.sizes and abs(factor) == 1 and (known or self.guards(letter)):
                    self.substitute(letter, value)
                    return True
        return False

    def substitute(self, letter: str, by: Index) -> None:
        where = {letter: by}
        self.error = with_indices(self.error, where)
        self.coefficient = with_indices(self.coefficient, where)
        self.conditions = [with_indices(condition, where) for condition in self.conditions]
        self.index = [one.replace(where) for one in self.index]
        self.sizes.pop(letter, None)

    def result(self, taken: set[str]) -> Formula:
        """The product, summed over the letters that are left, which get unprimed names."""
        self.use_conditions()
        taken = taken | {*bound_letters(self.error), *bound_letters(self.coefficient)}
        for letter in list(self.sizes):
            count = self.sizes[letter]
            plain = unused(letter.removesuffix("'"), taken)
            taken.add(plain)
            self.substitute(letter, letter_index(plain))
            self.sizes[plain] = count
        product = multiply(*self.conditions, self.error, self.coefficient)
        if self.written_out and not self.conditions:
            product = shortest_product(self.error, self.coefficient)
        for letter, count in reversed(self.sizes.items()):
            product = Sum(letter, count, product) if self.conditions else summed(product, letter, count)
        return product


def difference(wanted: Index, rest: Index, factor: int) -> Index:
    """The solution of factor · letter + rest = wanted, for a factor of 1 or −1."""
    terms = dict(wanted.terms)
    for letter, count in rest.terms:
        terms[letter] = terms.get(letter, 0) - count
    constant = wanted.constant - rest.constant
    return Index(tuple((letter, factor * count) for letter, count in terms.items() if count), factor * constant)


def shortest_product(error: Formula, coefficient: Formula) -> Formula:
    """error · coefficient, or a shorter equal form: (a − t)/(a·(1 − a)) times a·(1 − a) is a − t."""
    if isinstance(coefficient, Negative):
        return multiply(Negative(ONE), shortest_product(error, coefficient.inner))
    bridge = Bridge()
    left, right = bridge.to_sympy(error), bridge.to_sympy(coefficient)
    candidates = [left * right, *(tidied(left * right) if error != ONE else [])]
    return min([multiply(error, coefficient), *map(bridge.to_formula, candidates)], key=room)
