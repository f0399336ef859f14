"""Between stepnn's formulas and SymPy's expressions.

Every element, every sum and every choice between cases becomes one plain symbol, so that SymPy only ever sees
smooth scalar expressions: no index calculus, no `Sum`, no `Piecewise`. On the way back, terms and factors are put
into the order of a textbook: `a_k − t_k`, `a_k · (1 − a_k)`, `1 − a_k²`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import sympy

from stepnn.book.functions import FUNCTIONS
from stepnn.errors import DerivativeError
from stepnn.notation.formula import (
    Add,
    Call,
    Cases,
    Divide,
    Formula,
    IsLargest,
    Largest,
    Multiply,
    Negative,
    Number,
    Position,
    Power,
    Ref,
    Same,
    Sum,
    add,
    multiply,
    size,
    walk,
)
from stepnn.words.told import told

LARGEST_DENOMINATOR = 12  # of fractions that are printed as such
Expression: TypeAlias = Any  # a sympy.Expr; sympy has no types that mypy could check


class Rounded(sympy.Function):
    """round(x), which is flat wherever it is smooth."""

    def fdiff(self, argindex: int = 1) -> Expression:
        return sympy.Integer(0)


class Floored(sympy.Function):
    """floor(x), which is flat wherever it is smooth."""

    def fdiff(self, argindex: int = 1) -> Expression:
        return sympy.Integer(0)


class Still(sympy.Function):
    """stop_gradient(x), which is x, and a given number to whoever differentiates it."""

    def fdiff(self, argindex: int = 1) -> Expression:
        return sympy.Integer(0)


TO_SYMPY: dict[str, Callable[..., Expression]] = {
    **{name: getattr(sympy, one.sympy or one.math) for name, one in FUNCTIONS.items() if one.sympy or one.math},
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "round": Rounded,
    "floor": Floored,
    "stop_gradient": Still,
    "pi": lambda: sympy.pi,
}
FROM_SYMPY = {function: name for name, function in TO_SYMPY.items() if isinstance(function, type)}


class Bridge:
    """Translates one family of formulas. What stands for what is remembered in `symbols` and `meanings`."""

    def __init__(self) -> None:
        self.symbols: dict[Formula, sympy.Symbol] = {}
        self.meanings: dict[sympy.Symbol, Formula] = {}

    def symbol(self, formula: Formula) -> sympy.Symbol:
        """The plain symbol that stands for an element, a sum or a function call."""
        if formula not in self.symbols:
            symbol = sympy.Dummy(f"s{len(self.symbols)}", real=True)
            self.symbols[formula] = symbol
            self.meanings[symbol] = formula
        return self.symbols[formula]

    def to_sympy(self, formula: Formula) -> Expression:
        """The formula as a SymPy expression in plain symbols."""
        match formula:
            case Number(value):
                return (
                    sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else exact(value)
                )
            case Ref() | Sum() | Same() | Position() | Cases() | Largest() | IsLargest() | Call("max" | "min", _):
                return self.symbol(formula)
            case Add(terms):
                return sympy.Add(*map(self.to_sympy, terms))
            case Multiply(factors):
                return sympy.Mul(*map(self.to_sympy, factors))
            case Divide(top, bottom):
                return self.to_sympy(top) / self.to_sympy(bottom)
            case Power(base, exponent):
                return self.to_sympy(base) ** self.to_sympy(exponent)
            case Negative(inner):
                return -self.to_sympy(inner)
            case Call(function, arguments):
                return TO_SYMPY[function](*map(self.to_sympy, arguments))
        raise TypeError(formula)

    def rank(self, expression: Expression) -> int:
        """The place of the expression's first symbol in the order in which symbols were met."""
        order = {symbol: place for place, symbol in enumerate(self.meanings)}
        return min((order.get(symbol, 0) for symbol in expression.free_symbols), default=-1)

    def to_formula(self, expression: Expression) -> Formula:
        """The expression as a formula, its terms and factors in the order of a textbook."""
        if expression.is_Symbol:
            return self.meanings[expression]
        if isinstance(expression, sympy.DiracDelta):
            return Number(0)  # the slope of sign(z) wherever it is smooth
        if expression.is_Number:
            return number(expression)
        if expression == sympy.pi:
            return Call("pi", ())
        if expression == sympy.E:  # what SymPy makes of exp(0.5)**2
            return Call("exp", (Number(1),))
        if expression.is_Add:
            return self.sum_of(expression)
        if expression.is_Mul or (expression.is_Pow and expression.exp.is_negative):
            return self.product_of(expression)
        if expression.is_Pow:
            if expression.exp == sympy.Rational(1, 2):
                return Call("sqrt", (self.to_formula(expression.base),))
            return Power(self.to_formula(expression.base), self.to_formula(expression.exp))
        if type(expression) in FROM_SYMPY:
            return Call(FROM_SYMPY[type(expression)], tuple(map(self.to_formula, expression.args)))
        raise DerivativeError(told("the_derivative_of_this_formula", expression=expression))

    def sum_of(self, expression: Expression) -> Formula:
        """Positive terms first, plain numbers before symbols, symbols in the order in which they were met."""

        def key(term: Expression) -> tuple[bool, bool, int]:
            return (term.could_extract_minus_sign(), not term.is_Number, self.rank(term))

        terms = (self.to_formula(term) for term in sorted(expression.args, key=key))
        return add(*terms)

    def product_of(self, expression: Expression) -> Formula:
        """Numbers, then symbols and functions, then sums in brackets; negative powers below the line."""
        coefficient, rest = expression.as_coeff_Mul()
        factors = list(sympy.Mul.make_args(rest)) if rest != 1 else []
        above = [factor for factor in factors if not (factor.is_Pow and factor.exp.is_negative)]
        below = [1 / factor for factor in factors if factor not in above]
        negative = signs_moved(above, below, bool(coefficient < 0))
        share = abs(coefficient)
        if share.q > LARGEST_DENOMINATOR:
            top = multiply(Number(float(share)), self.side(above, 1))
            product = Divide(top, self.side(below, 1)) if below else top
        elif share.q != 1 and not below and above:
            product = multiply(Number(Fraction(int(share.p), int(share.q))), self.side(above, 1))
        elif below or share.q != 1:
            product = Divide(self.side(above, int(share.p)), self.side(below, int(share.q)))
        else:
            product = self.side(above, int(share.p))
        return Negative(product) if negative else product

    def side(self, factors: list[Expression], lead: int) -> Formula:
        """The factors above or below the line."""

        def key(factor: Expression) -> tuple[bool, int]:
            return (factor.is_Add or (factor.is_Pow and factor.base.is_Add), self.rank(factor))

        return multiply(Number(lead), *map(self.to_formula, sorted(factors, key=key)))

    def shortest(self, *candidates: Expression) -> Formula:
        """Of several equal expressions, the one that takes the least room on the page."""
        return min(map(self.to_formula, candidates), key=room)


def room(formula: Formula) -> int:
    """How much of the reader's attention a formula takes; a power counts more than the product that it saves."""
    return size(formula) + 2 * sum(isinstance(part, Power) for part in walk(formula))


def exact(value: Fraction | int | float) -> Expression:
    """A written number as the fraction that its decimal digits mean: 0.1 is 1/10, so that SymPy can cancel it."""
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    return sympy.Integer(value) if isinstance(value, int) else sympy.Rational(repr(value))


def number(expression: Expression) -> Formula:
    """A rational number: as a fraction if it is a simple one, otherwise as a decimal."""
    if not expression.is_Rational:
        raise DerivativeError(told("the_derivative_of_this_formula_is", expression=expression))
    size_of = abs(expression)
    simple = size_of.q <= LARGEST_DENOMINATOR
    value = Number(Fraction(int(size_of.p), int(size_of.q)) if simple else float(size_of))
    value = Number(int(size_of)) if size_of.q == 1 else value
    return Negative(value) if expression < 0 else value


def signs_moved(above: list[Expression], below: list[Expression], negative: bool) -> bool:
    """Turn `−a·(a − 1)` into `a·(1 − a)` and `−(t − a)` into `a − t`; returns whether a minus sign is left.

    The lists are changed in place, and only if that leaves no minus sign.
    """
    if not negative and not any(awkward(factor) for factor in below):
        return False
    sides = [[-factor if awkward(factor) else factor for factor in side] for side in (above, below)]
    left = negative ^ (sum(awkward(factor) for factor in (*above, *below)) % 2 == 1)
    for place, factor in enumerate(sides[0]):
        if left and factor.is_Add and not any(term.is_Number for term in factor.args):
            sides[0][place], left = -factor, False
    if not left:
        above[:], below[:] = sides
    return negative and left


def awkward(factor: Expression) -> bool:
    """Whether a factor is a sum with a negative number in it, such as `a − 1`."""
    return bool(factor.is_Add) and any(term.is_Number and term < 0 for term in factor.args)
