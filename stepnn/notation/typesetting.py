"""Printing formulas as typeset mathematics: the same walk over the tree as for text, into a row of nodes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import cast

from stepnn.book.functions import FUNCTIONS
from stepnn.notation.formula import Compare, Formula, Ref, Whole, Worked
from stepnn.notation.index import Index, Looked
from stepnn.notation.mathematics import (
    COMMA,
    DOTS,
    EQUALS,
    SIGNS,
    TINY_COMMA,
    BigSum,
    Brackets,
    Branches,
    Element,
    Nodes,
    Printed,
    Root,
    Scripts,
    Style,
    Symbol,
    letter,
    number,
    word,
)
from stepnn.notation.mathematics import Fraction as Quotient
from stepnn.notation.numbers import given
from stepnn.notation.printer import ATOM, POWER, PRODUCT, SUM, Leaves, Pieces, TextPrinter, from_one


class MathPrinter(TextPrinter):
    """Prints a formula as typeset mathematics: a row of nodes."""

    def __init__(self, leaf: Leaves) -> None:
        super().__init__(leaf)
        self.minus, self.times, self.each = "-", r"\cdot", r"\odot"

    def __call__(self, formula: Formula) -> Pieces:
        return list(self.nodes(formula, SUM))

    def nodes(self, formula: Formula, place: int) -> Nodes:
        return typeset(self.at(formula, place))

    def sign(self, text: str) -> Printed:
        return SIGNS[text]

    def bracketed(self, pieces: Pieces) -> Pieces:
        return [Brackets(typeset(pieces))]

    def element(self, ref: Ref) -> tuple[Pieces, int]:
        leaf = self.leaf(ref)
        return [Element(leaf.typeset, ref)], leaf.binding

    def worked(self, part: Worked) -> tuple[Pieces, int]:
        leaf = self.leaf(part)
        return list(leaf.typeset), leaf.binding

    def whole(self, array: Whole) -> tuple[Pieces, int]:
        leaf = self.leaf(array)
        return list(leaf.typeset), leaf.binding

    def number(self, value: Fraction | int | float) -> tuple[Pieces, int]:
        if isinstance(value, Fraction) and value.denominator != 1:
            return [Quotient(number(str(value.numerator)), number(str(value.denominator)), small=True)], ATOM
        return list(given(float(value)).typeset), SUM if value < 0 else ATOM

    def quotient(self, top: Formula, bottom: Formula) -> tuple[Pieces, int]:
        return [Quotient(self.nodes(top, SUM), self.nodes(bottom, SUM))], POWER

    def power(self, base: Pieces, exponent: Formula) -> Pieces:
        return [Scripts(typeset(base), above=self.nodes(exponent, SUM))]

    def exponential(self, argument: Formula) -> Pieces:
        return self.power([letter("e")], argument)

    def reduced(self, sign: tuple[str, str, str], letters: tuple[str, ...], body: Formula) -> Pieces:
        below: Nodes = ()
        for one in letters:
            below += ((TINY_COMMA,) if below else ()) + (letter(one),)
        return [BigSum(below, sign[0], sign[2]), *self.at(body, PRODUCT)]

    def call(self, function: str, arguments: tuple[Formula, ...]) -> Pieces:
        if function == "sqrt":
            return [Root(self.nodes(arguments[0], SUM))]
        if function == "abs":
            return [Brackets(self.nodes(arguments[0], SUM), shape="bars")]
        inner: Nodes = ()
        for argument in arguments:
            inner += ((COMMA,) if inner else ()) + self.nodes(argument, SUM)
        known = FUNCTIONS[function]
        if not arguments:
            return [letter(known.text, known.latex)]
        return [Symbol(known.text, known.latex, Style.WORD), Brackets(inner)]

    def compare(self, condition: Compare) -> Pieces:
        return [
            *self.compared(condition.left, condition.right), SIGNS[condition.relation],
            *self.compared(condition.right, condition.left),
        ]  # fmt: skip

    def cases(self, condition: Compare, yes: Formula, no: Formula) -> tuple[Pieces, int]:
        return [Branches(self.nodes(yes, SUM), typeset(self.compare(condition)), self.nodes(no, SUM))], SUM

    def position(self, index: Index) -> Pieces:
        return list(index_nodes(index))

    def same(self, left: Index, right: Index) -> Pieces:
        return [Brackets((*index_nodes(left), EQUALS, *index_nodes(right)), shape="square")]

    def holds(self, left: Formula, right: Formula) -> Pieces:
        return [Brackets((*self.nodes(left, SUM), EQUALS, *self.nodes(right, SUM)), shape="square")]

    def dots(self) -> Pieces:
        return [DOTS]


def typeset(pieces: Sequence[Printed]) -> Nodes:
    """What a `MathPrinter` has printed, as a row of nodes."""
    return cast("Nodes", tuple(pieces))


def looked(table: Looked) -> Nodes:
    """A position that is looked up."""
    found: Nodes = ()
    for one in table.index:
        found += ((TINY_COMMA,) if found else ()) + index_nodes(one)
    return (Scripts((word(table.name),), found),)


def index_nodes(index: Index) -> Nodes:
    """An index as typeset mathematics. Positions are counted from 1."""
    found: Nodes = ()
    constant = from_one(index)
    letters: list[tuple[Nodes, int]] = [((letter(one),), factor) for one, factor in index.terms]
    for one, factor in (*letters, *((looked(table), factor) for table, factor in index.looked)):
        sign = SIGNS[" - " if found else "-"] if factor < 0 else SIGNS[" + "] if found else None
        plain = () if sign is None else (Symbol(sign.letter, sign.text.strip(), sign.style),)
        found += (*plain, *(number(str(abs(factor))) if abs(factor) != 1 else ()), *one)
    if index.is_number:
        return number(str(constant))
    if constant:
        sign = SIGNS[" - " if constant < 0 else " + "]
        found += (Symbol(sign.letter, sign.text.strip(), sign.style), *number(str(abs(constant))))
    return found
