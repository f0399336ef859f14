"""The matrix form of a quantity: the same calculation for all its elements at once.

A dense layer's sums are one matrix product, `z = W · x + b`; δ goes back through the transposed matrix,
`Wᵀ · δ`; gradients are an outer product, `δ · aᵀ`. All of this is read off the formula: nothing here knows
what a layer is.
"""

from __future__ import annotations

from dataclasses import dataclass

from stepnn.model import Network, Quantity, Role
from stepnn.notation.formula import (
    Add,
    Call,
    Divide,
    Formula,
    Multiply,
    Negative,
    Number,
    Power,
    Ref,
    Sum,
    refs,
)
from stepnn.notation.functions import FUNCTIONS
from stepnn.notation.indices import free_letters
from stepnn.notation.names import glyph_name
from stepnn.notation.numbers import given


@dataclass(frozen=True)
class Block:
    """A matrix, column or row of elements. `rows` holds them as they stand on the page; `name` is that of them all."""

    name: str
    rows: tuple[tuple[Ref, ...], ...]


@dataclass(frozen=True)
class Sign:
    """Text between blocks, such as ` · ` or `1 / (1 + e^(−`."""

    text: str


Token = Block | Sign


class NoMatrixForm(Exception):
    """The formula has more indices than rows and columns can show."""


def matrix_form(network: Network, quantity: Quantity, formula: Formula | None) -> list[Token]:
    """Left side, `=`, right side: the formula of the quantity, or an equal one. Raises NoMatrixForm."""
    if formula is None or len(quantity.axes) > 2:
        raise NoMatrixForm
    writer = MatrixWriter(network, quantity.letters)
    return [writer.block(quantity.general), Sign(" = "), *writer.tokens(formula)]


class MatrixWriter:
    """Writes a formula whose free letters are those of the rows and columns of the result."""

    def __init__(self, network: Network, letters: tuple[str, ...]) -> None:
        self.network = network
        self.letters = letters

    def block(self, ref: Ref, down: str | None = None) -> Block:
        """The array of an element with its letters, `down` being the letter of the rows."""
        quantity, name = self.network[ref.name], self.name(self.network[ref.name])
        letters = [index.letter for index in ref.index]
        if None in letters or len(letters) > 2:
            raise NoMatrixForm
        if not letters:
            return Block(name, ((quantity.element(()),),))
        if len(letters) == 1:
            elements = tuple(quantity.element((n,)) for n in range(quantity.shape[0]))
            upright = down is None or letters[0] == down
            return Block(name, tuple((one,) for one in elements)) if upright else Block(f"{name}ᵀ", (elements,))
        height, width = quantity.shape
        grid = tuple(tuple(quantity.element((n, m)) for m in range(width)) for n in range(height))
        turned = down is not None and letters[1] == down
        return Block(f"{name}ᵀ", tuple(zip(*grid, strict=True))) if turned else Block(name, grid)

    def name(self, quantity: Quantity) -> str:
        """What the whole array is called: W, z, δ, ∂E/∂W."""
        if quantity.role is Role.UPDATED:
            return f"{self.name(self.network[quantity.of])}_new"
        if quantity.wrt is not None and quantity.role is not Role.DELTA:
            top, bottom = (self.name(self.network[one.name]) for one in quantity.wrt)
            return f"∂{top}/∂{bottom}"
        text = glyph_name(quantity.glyph).text
        return text.upper() if len(quantity.axes) == 2 else text

    def tokens(self, formula: Formula) -> list[Token]:
        match formula:
            case Number(value):
                return [
                    Sign("½" if str(value) == "1/2" else str(value) if "/" in str(value) else given(float(value)).text)
                ]
            case Ref():
                return [self.block(formula, self.letters[0] if self.letters else None)]
            case Add(terms):
                return self.sum_of(terms)
            case Multiply(factors):
                return self.product(factors)
            case Negative(inner):
                return [Sign("−"), *self.tokens(inner)]
            case Divide(top, bottom):
                self.check_whole((top, bottom))
                above = [Sign("("), *self.tokens(top), Sign(")")] if isinstance(top, Add) else self.tokens(top)
                return [*above, Sign(" / ("), *self.tokens(bottom), Sign(")")]
            case Power(base, Number(2)):
                return [Sign("("), *self.tokens(base), Sign(")²")]
            case Call("exp", (argument,)):
                return [Sign("e^("), *self.tokens(argument), Sign(")")]
            case Call(function, arguments):
                listed = [token for argument in arguments for token in (Sign(", "), *self.tokens(argument))][1:]
                return [Sign(f"{FUNCTIONS[function].text}("), *listed, Sign(")")]
            case Sum(letter, _, body):
                return self.contraction(letter, body)
        raise NoMatrixForm

    def check_whole(self, formulas: tuple[Formula, ...]) -> None:
        """Element by element, arrays must have the shape of the result; only a plain number goes with any shape."""
        for formula in formulas:
            letters = set(free_letters(formula))
            if letters and letters != set(self.letters):
                raise NoMatrixForm

    def sum_of(self, terms: tuple[Formula, ...]) -> list[Token]:
        self.check_whole(terms)
        found = self.tokens(terms[0])
        for term in terms[1:]:
            negative = isinstance(term, Negative)
            found += [
                Sign(" − " if negative else " + "),
                *self.tokens(term.inner if isinstance(term, Negative) else term),
            ]
        return found

    def product(self, factors: tuple[Formula, ...]) -> list[Token]:
        """An outer product of a column and a row, or a product element by element."""
        found: list[Token] = []
        for place, factor in enumerate(factors):
            bracketed = isinstance(factor, Add)
            inner = self.tokens(factor)
            scalar = isinstance(factor, Number) or not any(ref.index for ref in refs(factor)) if place else False
            before = isinstance(factors[place - 1], Number) or not any(ref.index for ref in refs(factors[place - 1]))
            whole = all(set(free_letters(one)) == set(self.letters) for one in factors[: place + 1])
            outer = len(self.letters) == 2 and place > 0 and not whole
            sign = " · " if place and (scalar or before or outer) else " ⊙ "
            found += [Sign(sign)] if place else []
            found += [Sign("("), *inner, Sign(")")] if bracketed else inner
        return found

    def contraction(self, letter: str, body: Formula) -> list[Token]:
        """Σ_j w_kj · a_j as matrix times column; a matrix is turned so that its rows give the result."""
        if isinstance(body, Ref):
            return [Sign("sum "), self.block(body, letter)]
        factors = body.factors if isinstance(body, Multiply) else ()
        if len(factors) != 2 or not all(isinstance(factor, Ref) for factor in factors):
            raise NoMatrixForm
        matrix, column = sorted(
            (factor for factor in factors if isinstance(factor, Ref)), key=lambda ref: -len(ref.index)
        )
        if len(column.index) != 1 or column.index[0].letter != letter or len(matrix.index) > 2:
            raise NoMatrixForm
        down = next((index.letter for index in matrix.index if index.letter != letter), None)
        left = self.block(matrix, down) if down else self.block(matrix, "")
        return [left, Sign(" · "), self.block(column, letter)]
