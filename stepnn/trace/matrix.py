"""The matrix form of a quantity: the same calculation for all its elements at once.

A dense layer's sums are one matrix product, `z = W · x + b`; δ goes back through the transposed matrix,
`Wᵀ · δ`; gradients are an outer product, `δ · aᵀ`. All of this is read off the formula: nothing here knows
what a layer is.
"""

from __future__ import annotations

from stepnn.network.model import Network, Quantity, Role
from stepnn.network.names import glyph_name
from stepnn.notation.formula import (
    Add,
    Call,
    Divide,
    Formula,
    Joined,
    Multiply,
    Negative,
    Number,
    Power,
    Ref,
    Sum,
    Whole,
)
from stepnn.notation.indices import free_letters


class NoMatrixForm(Exception):
    """The formula cannot be written for all elements at once, with rows and columns alone."""


def matrix_form(network: Network, quantity: Quantity, formula: Formula | None) -> tuple[Whole, Formula]:
    """Left and right side: the formula of the quantity, or an equal one, over whole arrays. Raises NoMatrixForm."""
    if formula is None or len(quantity.axes) > 2 or set(free_letters(formula)) != set(quantity.letters):
        raise NoMatrixForm
    writer = MatrixWriter(network, quantity.letters)
    return writer.block(quantity.general), writer.whole(formula)


class MatrixWriter:
    """Writes a formula whose free letters are those of the rows and columns of the result."""

    def __init__(self, network: Network, letters: tuple[str, ...]) -> None:
        self.network = network
        self.letters = letters

    def block(self, ref: Ref, down: str | None = None) -> Whole:
        """The array of an element with its letters, `down` being the letter of the rows."""
        quantity, name = self.network[ref.name], self.name(self.network[ref.name])
        letters = [index.letter for index in ref.index]
        if None in letters or len(letters) > 2 or len(set(letters)) < len(letters):
            raise NoMatrixForm
        if not letters:
            return Whole(name, ((quantity.element(()),),))
        if len(letters) == 1:
            elements = tuple(quantity.element((n,)) for n in range(quantity.shape[0]))
            upright = down is None or letters[0] == down
            return Whole(name, tuple((one,) for one in elements)) if upright else Whole(f"{name}ᵀ", (elements,))
        height, width = quantity.shape
        grid = tuple(tuple(quantity.element((n, m)) for m in range(width)) for n in range(height))
        turned = down is not None and letters[1] == down
        return Whole(f"{name}ᵀ", tuple(zip(*grid, strict=True))) if turned else Whole(name, grid)

    def name(self, quantity: Quantity) -> str:
        """What the whole array is called: W, z, δ, ∂E/∂W."""
        if quantity.role is Role.UPDATED:
            return f"{self.name(self.network[quantity.of])}_new"
        if quantity.wrt is not None and quantity.role is not Role.DELTA:
            top, bottom = (self.name(self.network[one.name]) for one in quantity.wrt)
            return f"∂{top}/∂{bottom}"
        text = glyph_name(quantity.glyph).text
        return text.upper() if len(quantity.axes) == 2 else text

    def whole(self, formula: Formula) -> Formula:
        """The formula over whole arrays in place of their elements."""
        match formula:
            case Number():
                return formula
            case Ref():
                return self.block(formula, self.letters[0] if self.letters else None)
            case Add(terms):
                return Add(self.alike(terms))
            case Multiply(factors):
                return self.product(factors)
            case Negative(inner):
                return Negative(self.whole(inner))
            case Divide(top, bottom):
                return Divide(*self.alike((top, bottom)))
            case Power(base, Number()):
                return Power(self.whole(base), formula.exponent)
            case Call(function, arguments):
                return Call(function, self.alike(arguments))
            case Sum(letter, _, body):
                return self.contraction(letter, body)
        raise NoMatrixForm

    def alike(self, formulas: tuple[Formula, ...]) -> tuple[Formula, ...]:
        """Element by element, arrays must have the shape of the result; only a plain number goes with any shape."""
        for formula in formulas:
            letters = set(free_letters(formula))
            if letters and letters != set(self.letters):
                raise NoMatrixForm
        return tuple(map(self.whole, formulas))

    def product(self, factors: tuple[Formula, ...]) -> Formula:
        """A number times an array, an outer product of a column and a row, or a product element by element."""
        signs: list[str] = []
        seen: set[str] = set()  # the letters of what has been multiplied so far, from left to right
        for place, factor in enumerate(factors):
            own = set(free_letters(factor))
            if not seen or not own:
                sign = "·"
            elif own == seen:
                sign = "⊙"
            elif len(self.letters) == 2 and (seen, own) == ({self.letters[0]}, {self.letters[1]}):
                sign = "·"
            else:
                raise NoMatrixForm
            seen |= own
            signs += [sign] if place else []
        return Joined(tuple(map(self.whole, factors)), tuple(signs))

    def contraction(self, letter: str, body: Formula) -> Formula:
        """Σ_j w_kj · a_j as matrix times column; a matrix is turned so that its rows give the result."""
        if isinstance(body, Ref) and len(body.index) == 1:
            return Call("sum", (self.block(body, letter),))
        factors = body.factors if isinstance(body, Multiply) else ()
        if len(factors) != 2 or not all(isinstance(factor, Ref) for factor in factors):
            raise NoMatrixForm
        matrix, column = sorted(
            (factor for factor in factors if isinstance(factor, Ref)), key=lambda ref: -len(ref.index)
        )
        if len(column.index) != 1 or column.index[0].letter != letter or len(matrix.index) > 2:
            raise NoMatrixForm
        down = next((index.letter for index in matrix.index if index.letter != letter), None)
        return Joined((self.block(matrix, down or ""), self.block(column, letter)), ("·",))
