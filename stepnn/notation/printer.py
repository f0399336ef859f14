"""Printing formulas: one walk over the tree, two ways to write what it finds (plain text and typeset mathematics).

The printer never knows whether it prints symbols or numbers: a function from element to `Leaf` tells it.
It returns pieces, so that a view can give each element its own colour; joined, they are the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from stepnn.book.functions import FUNCTIONS
from stepnn.notation.formula import (
    Add,
    Call,
    Cases,
    Compare,
    Divide,
    Dots,
    Formula,
    IsFirst,
    IsLargest,
    Joined,
    Largest,
    Multiply,
    Negative,
    Number,
    Position,
    Power,
    Ref,
    Same,
    Sum,
    Whole,
    Worked,
)
from stepnn.notation.index import Index, Looked, number_index
from stepnn.notation.indices import here_at
from stepnn.notation.mathematics import (
    Nodes,
    Printed,
    joined,
)
from stepnn.notation.numbers import given

__all__ = ["joined"]

# How tightly a printed formula holds together; a part that binds more loosely than its place gets brackets.
SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4
SUM_SIGN = ("Σ", "sum", r"\sum")  # text, ASCII, LaTeX
MAX_SIGN, MIN_SIGN = ("max", "max", r"\max"), ("min", "min", r"\min")


@dataclass(frozen=True)
class Leaf:
    """What is printed for an element, its name or its value, as text or typeset; and how tightly that binds."""

    text: str
    binding: int = ATOM
    typeset: Nodes = ()


@dataclass(frozen=True)
class Piece:
    """A stretch of printed text; `ref` is the element, `whole` the array that it stands for, or None."""

    text: str
    ref: Ref | None = None
    whole: Whole | None = None


Pieces = list[Printed]
Leaves = Callable[["Ref | Worked | Whole"], Leaf]


class TextPrinter:
    """Prints a formula on one line, as in `z_h1 = w1 · x1 + w2 · x2`. With `ascii`, only ASCII is used."""

    def __init__(self, leaf: Leaves, ascii: bool = False) -> None:
        self.leaf = leaf
        self.ascii = ascii
        self.minus, self.times, self.each = ("-", "*", "o") if ascii else ("−", "·", "⊙")

    def __call__(self, formula: Formula) -> Pieces:
        return self.at(formula, SUM)

    def at(self, formula: Formula, place: int) -> Pieces:
        """The formula, bracketed if it binds more loosely than its place asks."""
        pieces, binding = self.written(formula)
        return pieces if binding >= place else self.bracketed(pieces)

    def sign(self, text: str) -> Printed:
        """A sign between or before values."""
        return Piece(text)

    def bracketed(self, pieces: Pieces) -> Pieces:
        return [Piece("("), *pieces, Piece(")")]

    def written(self, formula: Formula) -> tuple[Pieces, int]:
        """The formula without brackets around it, and how tightly it binds."""
        match formula:
            case Number(value):
                return self.number(value)
            case Ref():
                return self.element(formula)
            case Add(terms):
                return self.sum_of(terms), SUM
            case Multiply(factors):
                return self.product_of(factors), PRODUCT
            case Divide(top, bottom):
                return self.quotient(top, bottom)
            case Power(base, exponent):
                return self.power(self.at(base, ATOM), exponent), POWER
            case Negative(inner):
                return [self.sign(self.minus), *self.at(inner, PRODUCT)], SUM
            case Sum(letter, _, body):
                return self.reduced(SUM_SIGN, (letter,), body), PRODUCT
            case Largest(letters, _, body, _, least):
                return self.reduced(MIN_SIGN if least else MAX_SIGN, letters, body), PRODUCT
            case IsLargest(letters, _, body, _, _, least):
                return self.holds(here_at(formula), Largest(letters, (), body, False, least)), ATOM
            case IsFirst(place, among, shared, least):
                return self.wins(place, among, shared, least), ATOM
            case Call("exp", (argument,)):
                return self.exponential(argument), POWER
            case Call(function, arguments):
                return self.call(function, arguments), ATOM
            case Cases(condition, yes, no):
                return self.cases(condition, yes, no)
            case Same(left, right):
                return self.same(left, right), ATOM
            case Position(index):
                return self.position(counted_from_one(index)), ATOM if is_plain(index) else SUM
            case Dots():
                return self.dots(), ATOM
            case Worked():
                return self.worked(formula)
            case Whole():
                return self.whole(formula)
            case Joined(factors, signs):
                return self.joined(factors, signs), PRODUCT
        raise TypeError(formula)

    def element(self, ref: Ref) -> tuple[Pieces, int]:
        leaf = self.leaf(ref)
        return [Piece(leaf.text, ref)], leaf.binding

    def worked(self, part: Worked) -> tuple[Pieces, int]:
        leaf = self.leaf(part)
        return [Piece(leaf.text)], leaf.binding

    def whole(self, array: Whole) -> tuple[Pieces, int]:
        single = len(array.rows) == len(array.rows[0]) == 1
        return [Piece(array.name, whole=array)], ATOM if single else POWER  # a power of an array is one of each element

    def joined(self, factors: tuple[Formula, ...], signs: tuple[str, ...]) -> Pieces:
        """A product that is read from left to right."""
        pieces = self.at(factors[0], PRODUCT)
        for sign, factor in zip(signs, factors[1:], strict=True):
            pieces += [self.sign(f" {self.times if sign == '·' else self.each} "), *self.at(factor, POWER)]
        return pieces

    def number(self, value: Fraction | int | float) -> tuple[Pieces, int]:
        if isinstance(value, Fraction) and value.denominator != 1:
            half = value == Fraction(1, 2) and not self.ascii
            return ([Piece("½")], ATOM) if half else ([Piece(f"{value.numerator}/{value.denominator}")], SUM)
        decimal = given(float(value))
        text = decimal.ascii if self.ascii else decimal.text
        return [Piece(text)], SUM if value < 0 else ATOM

    def same(self, left: Index, right: Index) -> Pieces:
        return [Piece(f"[{index_text(left, alone=True)} = {index_text(right, alone=True)}]")]

    def position(self, index: Index) -> Pieces:
        """An index as it is printed in a subscript."""
        return [Piece(index_text(index))]

    def holds(self, left: Formula, right: Formula) -> Pieces:
        """1 where the two are equal, 0 elsewhere."""
        return [Piece("["), *self.at(left, SUM), Piece(" = "), *self.at(right, SUM), Piece("]")]

    def wins(self, place: int, among: tuple[Formula, ...], shared: bool, least: bool) -> Pieces:
        """1 if the largest of some values is the one at the place, counted from 1; with `shared` its part of them."""
        if shared:
            return self.call("share", (Number(place + 1), *among))
        return self.holds(Number(place + 1), Call("argmin" if least else "argmax", among))

    def dots(self) -> Pieces:
        return [Piece("..." if self.ascii else "…")]

    def sum_of(self, terms: tuple[Formula, ...]) -> Pieces:
        pieces = self.at(terms[0], SUM)
        for term in terms[1:]:
            if isinstance(term, Negative):
                pieces += [self.sign(f" {self.minus} "), *self.at(term.inner, PRODUCT)]
            else:
                pieces += [self.sign(" + "), *self.at(term, PRODUCT)]
        return pieces

    def product_of(self, factors: tuple[Formula, ...]) -> Pieces:
        pieces: Pieces = []
        for position, factor in enumerate(factors):
            last = position == len(factors) - 1
            # Σ reaches to the end of a product: brackets keep later factors out of it.
            loose = isinstance(factor, (Sum, Largest)) and not last
            pieces += [self.sign(f" {self.times} ")] if position else []
            pieces += self.at(factor, ATOM if loose else PRODUCT)
        return pieces

    def quotient(self, top: Formula, bottom: Formula) -> tuple[Pieces, int]:
        return [*self.at(top, PRODUCT), Piece(" / "), *self.at(bottom, POWER)], PRODUCT

    def power(self, base: Pieces, exponent: Formula) -> Pieces:
        if exponent == Number(2) and not self.ascii:
            return [*base, Piece("²")]
        return [*base, Piece("^"), *self.at(exponent, ATOM)]

    def exponential(self, argument: Formula) -> Pieces:
        return self.power([Piece("e")], argument)

    def reduced(self, sign: tuple[str, str, str], letters: tuple[str, ...], body: Formula) -> Pieces:
        """A sum or a maximum over some letters."""
        return [Piece(f"{sign[1 if self.ascii else 0]}_{','.join(letters)} "), *self.at(body, PRODUCT)]

    def call(self, function: str, arguments: tuple[Formula, ...]) -> Pieces:
        if function == "abs" and not self.ascii:
            return [Piece("|"), *self.at(arguments[0], SUM), Piece("|")]
        known = FUNCTIONS[function]
        name = known.ascii or known.text if self.ascii else known.text
        if not arguments:
            return [Piece(function if self.ascii else name)]
        pieces: Pieces = [Piece(f"{name}(")]
        for position, argument in enumerate(arguments):
            pieces += [Piece(", ")] if position else []
            pieces += self.at(argument, SUM)
        return [*pieces, Piece(")")]

    def compare(self, condition: Compare) -> Pieces:
        relation = (
            condition.relation if self.ascii else {">=": "≥", "<=": "≤"}.get(condition.relation, condition.relation)
        )
        return [*self.compared(condition.left, condition.right), Piece(f" {relation} "),
                *self.compared(condition.right, condition.left)]  # fmt: skip

    def compared(self, side: Formula, other: Formula) -> Pieces:
        """One side of a condition; where both say a position, as they stand in subscripts, counted from 1."""
        one, two = position_of(side), position_of(other)
        if one is not None and two is not None and not (one.is_number and two.is_number):
            return self.position(one)
        return self.at(side, SUM)

    def cases(self, condition: Compare, yes: Formula, no: Formula) -> tuple[Pieces, int]:
        return [
            Piece("("), *self.at(yes, SUM), Piece(" if "), *self.compare(condition),
            Piece(", else "), *self.at(no, SUM), Piece(")"),
        ], ATOM  # fmt: skip


def position_of(side: Formula) -> Index | None:
    """The position that a side of a condition says: a letter that stands alone, or a whole number beside one."""
    if isinstance(side, Position):
        return side.index
    return number_index(side.value) if isinstance(side, Number) and isinstance(side.value, int) else None


def counted_from_one(index: Index) -> Index:
    """The index that is printed as the number that another one is, counted from 0: t is t − 1 on the page."""
    return index.plus(number_index(-1))


def is_plain(index: Index) -> bool:
    """Whether a position is printed as one letter or one number."""
    return index.is_number or (from_one(index) == 1 and not index.looked)


def from_one(index: Index) -> int:
    """The constant of an index whose letters and positions are counted from 1: i + p becomes i + p − 1."""
    return index.constant + 1 - sum(factor for _, factor in (*index.terms, *index.looked))


def index_text(index: Index, alone: bool = False) -> str:
    """An index as a reader sees it: `i+p-1`, `t-1`, `2`; beside other letters `(word_t)`. Positions count from 1."""
    text = ""
    alone = alone and not index.terms and len(index.looked) == 1
    looked = ((looked_text(table) if alone else f"({looked_text(table)})", factor) for table, factor in index.looked)
    for one, factor in (*index.terms, *looked):
        sign = "-" if factor < 0 else "+" if text else ""
        text += sign + ("" if abs(factor) == 1 else str(abs(factor))) + one
    constant = from_one(index)
    if index.is_number:
        return str(constant)
    return text if constant == 0 else f"{text}{constant:+d}"


def looked_text(table: Looked) -> str:
    """A position that is looked up, as a reader sees it: `word_t`."""
    return f"{table.name}_{','.join(map(index_text, table.index))}"
