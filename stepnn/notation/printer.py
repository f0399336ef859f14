"""Printing formulas: one walk over the tree, two ways to write what it finds (plain text and LaTeX).

The printer never knows whether it prints symbols or numbers: a function from element to `Leaf` tells it.
It returns pieces, so that a view can give each element its own colour; joined, they are the text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stepnn.notation.formula import (
    Add,
    Call,
    Cases,
    Compare,
    Divide,
    Dots,
    Formula,
    Index,
    Multiply,
    Negative,
    Number,
    Power,
    Ref,
    Same,
    Sum,
)
from stepnn.notation.functions import FUNCTIONS
from stepnn.notation.numbers import given

# How tightly a printed formula holds together; a part that binds more loosely than its place gets brackets.
SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is printed for an element: its name or its value, and how tightly that binds."""

    text: str
    binding: int = ATOM


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of printed text; `ref` is the element it stands for, or None."""

    text: str
    ref: Ref | None = None


Pieces = list[Piece]
Leaves = Callable[[Ref], Leaf]


def joined(pieces: Sequence[Piece]) -> str:
    """The pieces as one text."""
    return "".join(piece.text for piece in pieces)


class TextPrinter:
    """Prints a formula on one line, as in `z_h1 = w1 · x1 + w2 · x2`. With `ascii`, only ASCII is used."""

    def __init__(self, leaf: Leaves, ascii: bool = False) -> None:
        self.leaf = leaf
        self.ascii = ascii
        self.minus, self.times = ("-", "*") if ascii else ("−", "·")

    def __call__(self, formula: Formula) -> Pieces:
        return self.at(formula, SUM)

    def at(self, formula: Formula, place: int) -> Pieces:
        """The formula, bracketed if it binds more loosely than its place asks."""
        pieces, binding = self.written(formula)
        return pieces if binding >= place else self.bracketed(pieces)

    def bracketed(self, pieces: Pieces) -> Pieces:
        return [Piece("("), *pieces, Piece(")")]

    def written(self, formula: Formula) -> tuple[Pieces, int]:
        """The formula without brackets around it, and how tightly it binds."""
        match formula:
            case Number(value):
                leaf = self.number(value)
                return [Piece(leaf.text)], leaf.binding
            case Ref():
                leaf = self.leaf(formula)
                return [Piece(leaf.text, formula)], leaf.binding
            case Add(terms):
                return self.sum_of(terms), SUM
            case Multiply(factors):
                return self.product_of(factors), PRODUCT
            case Divide(top, bottom):
                return self.quotient(top, bottom)
            case Power(base, exponent):
                return self.power(self.at(base, ATOM), exponent), POWER
            case Negative(inner):
                return [Piece(self.minus), *self.at(inner, PRODUCT)], SUM
            case Sum(letter, _, body):
                return self.big_sum(letter, body), PRODUCT
            case Call("exp", (argument,)):
                return self.power([Piece("e")], argument), POWER
            case Call(function, arguments):
                return self.call(function, arguments), ATOM
            case Cases(condition, yes, no):
                return self.cases(condition, yes, no), SUM
            case Same(left, right):
                return [Piece(f"[{index_text(left)} = {index_text(right)}]")], ATOM
            case Dots():
                return [Piece("..." if self.ascii else "…")], ATOM
        raise TypeError(formula)

    def number(self, value: Fraction | int | float) -> Leaf:
        if isinstance(value, Fraction) and value.denominator != 1:
            half = value == Fraction(1, 2) and not self.ascii
            return Leaf("½") if half else Leaf(f"{value.numerator}/{value.denominator}", PRODUCT - 1)
        decimal = given(float(value))
        text = decimal.ascii if self.ascii else decimal.text
        return Leaf(text, SUM if value < 0 else ATOM)

    def sum_of(self, terms: tuple[Formula, ...]) -> Pieces:
        pieces = self.at(terms[0], SUM)
        for term in terms[1:]:
            if isinstance(term, Negative):
                pieces += [Piece(f" {self.minus} "), *self.at(term.inner, PRODUCT)]
            else:
                pieces += [Piece(" + "), *self.at(term, PRODUCT)]
        return pieces

    def product_of(self, factors: tuple[Formula, ...]) -> Pieces:
        pieces: Pieces = []
        for position, factor in enumerate(factors):
            last = position == len(factors) - 1
            # Σ reaches to the end of a product: brackets keep later factors out of it.
            loose = isinstance(factor, Sum) and not last
            pieces += [Piece(f" {self.times} ")] if position else []
            pieces += self.at(factor, ATOM if loose else PRODUCT)
        return pieces

    def quotient(self, top: Formula, bottom: Formula) -> tuple[Pieces, int]:
        return [*self.at(top, PRODUCT), Piece(" / "), *self.at(bottom, POWER)], PRODUCT

    def power(self, base: Pieces, exponent: Formula) -> Pieces:
        if exponent == Number(2) and not self.ascii:
            return [*base, Piece("²")]
        return [*base, Piece("^"), *self.at(exponent, ATOM)]

    def big_sum(self, letter: str, body: Formula) -> Pieces:
        return [Piece(f"{'sum' if self.ascii else 'Σ'}_{letter} "), *self.at(body, PRODUCT)]

    def call(self, function: str, arguments: tuple[Formula, ...]) -> Pieces:
        name = FUNCTIONS[function].ascii if self.ascii else FUNCTIONS[function].text
        pieces = [Piece(f"{name}(")]
        for position, argument in enumerate(arguments):
            pieces += [Piece(", ")] if position else []
            pieces += self.at(argument, SUM)
        return [*pieces, Piece(")")]

    def compare(self, condition: Compare) -> Pieces:
        relation = (
            condition.relation if self.ascii else {">=": "≥", "<=": "≤"}.get(condition.relation, condition.relation)
        )
        return [*self.at(condition.left, SUM), Piece(f" {relation} "), *self.at(condition.right, SUM)]

    def cases(self, condition: Compare, yes: Formula, no: Formula) -> Pieces:
        return [
            Piece("("), *self.at(yes, SUM), Piece(" if "), *self.compare(condition),
            Piece(", else "), *self.at(no, SUM), Piece(")"),
        ]  # fmt: skip


class LatexPrinter(TextPrinter):
    """Prints a formula as LaTeX for mathematics mode (amsmath)."""

    def __init__(self, leaf: Leaves) -> None:
        super().__init__(leaf)
        self.minus, self.times = "-", r"\cdot"

    def bracketed(self, pieces: Pieces) -> Pieces:
        return [Piece(r"\left("), *pieces, Piece(r"\right)")]

    def number(self, value: Fraction | int | float) -> Leaf:
        if isinstance(value, Fraction) and value.denominator != 1:
            return Leaf(rf"\tfrac{{{value.numerator}}}{{{value.denominator}}}")
        return Leaf(given(float(value)).latex, SUM if value < 0 else ATOM)

    def quotient(self, top: Formula, bottom: Formula) -> tuple[Pieces, int]:
        return [Piece(r"\frac{"), *self.at(top, SUM), Piece("}{"), *self.at(bottom, SUM), Piece("}")], POWER

    def power(self, base: Pieces, exponent: Formula) -> Pieces:
        return [*base, Piece("^{"), *self.at(exponent, SUM), Piece("}")]

    def big_sum(self, letter: str, body: Formula) -> Pieces:
        return [Piece(rf"\sum_{{{letter}}} "), *self.at(body, PRODUCT)]

    def call(self, function: str, arguments: tuple[Formula, ...]) -> Pieces:
        if function == "sqrt":
            return [Piece(r"\sqrt{"), *self.at(arguments[0], SUM), Piece("}")]
        pieces = [Piece(rf"{FUNCTIONS[function].latex}\left(")]
        for position, argument in enumerate(arguments):
            pieces += [Piece(", ")] if position else []
            pieces += self.at(argument, SUM)
        return [*pieces, Piece(r"\right)")]

    def compare(self, condition: Compare) -> Pieces:
        relation = {">=": r"\ge", "<=": r"\le", ">": r"\gt", "<": r"\lt"}[condition.relation]
        return [*self.at(condition.left, SUM), Piece(f" {relation} "), *self.at(condition.right, SUM)]

    def cases(self, condition: Compare, yes: Formula, no: Formula) -> Pieces:
        return [
            Piece(r"\begin{cases} "), *self.at(yes, SUM), Piece(" & "), *self.compare(condition),
            Piece(r" \cr "), *self.at(no, SUM), Piece(r" & \text{else} \end{cases}"),
        ]  # fmt: skip

    def written(self, formula: Formula) -> tuple[Pieces, int]:
        match formula:
            case Dots():
                return [Piece(r"\cdots")], ATOM
            case Same(left, right):
                return [Piece(rf"[{index_text(left)} = {index_text(right)}]")], ATOM
        return super().written(formula)


def index_text(index: Index) -> str:
    """An index as a reader sees it: `i+p`, `m−p`, `2`. Positions are counted from 1."""
    text = ""
    for letter, factor in index.terms:
        sign = "-" if factor < 0 else "+" if text else ""
        text += sign + ("" if abs(factor) == 1 else str(abs(factor))) + letter
    if not index.terms:
        return str(index.constant + 1)
    return text if index.constant == 0 else f"{text}{index.constant:+d}"
