"""Reading formulas: `sum(w[k, j] * x[j], j) + b[k]` as a tree.

The text is parsed with Python's `ast`, and only what is listed here is understood: numbers, names, indices,
+ − * / **, comparisons inside `where`, and the functions of `notation.functions`. Nothing is evaluated, so a
formula from a stranger's lesson file can do nothing but be a formula.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache

from stepnn.book.functions import FUNCTIONS
from stepnn.errors import FormulaError
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import (
    Call,
    Cases,
    Compare,
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
    parts,
    rebuild,
    refs,
    transform,
    walk,
)
from stepnn.notation.index import Index, Looked, letter_index, number_index
from stepnn.notation.indices import binds, bound_letters, free_letters, indices_of
from stepnn.words.told import told

LONGEST = 2_000  # characters
SPECIAL = (
    "is_largest",
    "is_smallest",
    "largest",
    "same",
    "share_largest",
    "smallest",
    "sum",
    "where",
)  # beside the functions
DEEPEST = 50  # brackets within brackets
LARGEST_EXPONENT = 20
LARGEST_POSITION = 100_000  # in an index
HIGHEST_DEGREE = 100  # of powers within powers, which grow faster than anything can be worked out
RELATIONS: dict[type[ast.cmpop], str] = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}


@lru_cache(maxsize=256)  # a lesson is checked, and then built
def parse(text: str, any_exponent: bool = False) -> Formula:
    """The formula that the text describes. Raises FormulaError with the column where it stops making sense.

    `any_exponent` allows formulas as exponents, such as beta1**tau: SymPy never sees those.
    """
    if len(text) > LONGEST:
        raise FormulaError(told("the_formula_is_characters_long", count=len(text), longest=LONGEST), LONGEST)
    check_depth(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python thinks of odd syntax is of no use to a reader
            tree = ast.parse(text.strip() or "?", mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        column = getattr(error, "offset", None) or 1
        raise FormulaError(told("this_is_not_a_formula"), column) from None
    formula = Reader(any_exponent).formula(tree.body)
    check_constants(formula)
    return formula


def check_constants(formula: Formula) -> None:
    """Refuse parts without names that have no value, such as z/0, log(0) or (−8)**(1/3)."""
    for part in walk(formula):
        if isinstance(part, (Divide, Power, Call)) and is_constant(part):
            value = constant(part)
            if isinstance(value, complex) or not math.isfinite(value):
                raise FormulaError(told("a_part_of_this_formula"))
        if isinstance(part, Divide) and is_constant(part.bottom) and constant(part.bottom) == 0:
            raise FormulaError(told("division_by_zero"))


def is_constant(formula: Formula) -> bool:
    """Whether there is nothing in a formula that has another value elsewhere."""
    return not any(isinstance(part, Ref) or indices_of(part) for part in walk(formula))


def constant(formula: Formula) -> complex | float:
    """The value of a formula without names; not a number where it has none."""
    try:
        value: complex | float = evaluate(formula, lambda ref: math.nan)
    except (ArithmeticError, ValueError, TypeError):
        return math.nan
    return value


def check_depth(text: str) -> None:
    """Refuse deep nesting before Python's own parser meets it."""
    depth = 0
    for column, letter in enumerate(text, 1):
        depth += (letter in "([{") - (letter in ")]}")
        if depth > DEEPEST:
            raise FormulaError(told("brackets_are_nested_more_than", deepest=DEEPEST), column)


class Reader:
    """Turns Python's syntax tree into a formula, refusing everything that it does not know."""

    def __init__(self, any_exponent: bool = False) -> None:
        self.depth = 0
        self.any_exponent = any_exponent

    def formula(self, node: ast.expr) -> Formula:
        self.depth += 1
        if self.depth > 4 * DEEPEST:
            raise FormulaError(told("the_formula_is_nested_too"), node.col_offset + 1)
        try:
            return self.read(node)
        finally:
            self.depth -= 1

    def read(self, node: ast.expr) -> Formula:
        match node:
            case ast.Constant(int() | float() as value) if not isinstance(value, bool):
                return self.number(value, node)
            case ast.Name(name):
                return Ref(name)
            case ast.Subscript(ast.Name(name), inside):
                items = inside.elts if isinstance(inside, ast.Tuple) else [inside]
                return Ref(name, tuple(self.index(item) for item in items))
            case ast.UnaryOp(ast.USub(), inner):
                return Negative(self.formula(inner))
            case ast.UnaryOp(ast.UAdd(), inner):
                return self.formula(inner)
            case ast.BinOp(left, operator, right):
                return self.binary(node, left, operator, right)
            case ast.Call(ast.Name(name), arguments, []):
                return self.call(node, name, arguments)
        raise FormulaError(told("is_not_part_of_a", value=describe_node(node)), node.col_offset + 1)

    def number(self, value: int | float, node: ast.expr) -> Number:
        if abs(value) > 1e15 or value != value:
            raise FormulaError(told("a_number_in_a_formula"), node.col_offset + 1)
        return Number(value)

    def binary(self, node: ast.expr, left: ast.expr, operator: ast.operator, right: ast.expr) -> Formula:
        match operator:
            case ast.Add():
                return add(self.formula(left), self.formula(right))
            case ast.Sub():
                return add(self.formula(left), Negative(self.formula(right)))
            case ast.Mult():
                return multiply(self.formula(left), self.formula(right))
            case ast.Div():
                return quotient(self.formula(left), self.formula(right))
            case ast.Pow():
                return self.power(node, self.formula(left), self.formula(right))
        raise FormulaError(told("only_can_join_the_parts"), node.col_offset + 1)

    def power(self, node: ast.expr, base: Formula, exponent: Formula) -> Formula:
        if self.any_exponent:
            return Power(base, exponent)
        inner = exponent.inner if isinstance(exponent, Negative) else exponent
        if not isinstance(inner, Number) or abs(float(inner.value)) > LARGEST_EXPONENT:
            raise FormulaError(told("an_exponent_is_a_number", largest_exponent=LARGEST_EXPONENT), node.col_offset + 1)
        if degree(base) * abs(float(inner.value)) > HIGHEST_DEGREE:
            raise FormulaError(told("powers_of_powers_go_up", highest_degree=HIGHEST_DEGREE), node.col_offset + 1)
        return Power(base, exponent)

    def call(self, node: ast.expr, name: str, arguments: Sequence[ast.expr]) -> Formula:
        column = node.col_offset + 1
        if name in ("sum", "largest", "share_largest", "smallest"):
            return self.reduced(name, arguments, column)
        if name in ("is_largest", "is_smallest"):
            return self.is_largest(name, arguments, column)
        if name == "same":
            if len(arguments) != 2:
                raise FormulaError(told("equal_positions_are_written_same"), column)
            return Same(self.index(arguments[0]), self.index(arguments[1]))
        if name == "where":
            if len(arguments) != 3:
                raise FormulaError(told("cases_are_written_where_condition"), column)
            return Cases(self.condition(arguments[0]), self.formula(arguments[1]), self.formula(arguments[2]))
        if name not in FUNCTIONS or not FUNCTIONS[name].numpy:
            known = ", ".join(sorted([*(one for one in FUNCTIONS if FUNCTIONS[one].numpy), *SPECIAL]))
            close = get_close_matches(name, known.split(", "), n=1, cutoff=0.6)
            message = told("there_is_no_function_known", name=name, known=known)
            raise FormulaError(
                told("there_is_no_function_like", name=name, near=close[0]) if close else message, column
            )
        if len(arguments) != FUNCTIONS[name].arguments:
            raise FormulaError(
                told("takes_argument_s_not", name=name, arguments=FUNCTIONS[name].arguments, count=len(arguments)),
                column,
            )
        return Call(name, tuple(self.formula(argument) for argument in arguments))

    def reduced(self, name: str, arguments: Sequence[ast.expr], column: int) -> Formula:
        """A sum or a maximum over one or several letters."""
        letters = tuple(one.id for one in arguments[1:] if isinstance(one, ast.Name))
        if not letters or len(letters) != len(arguments) - 1:
            raise FormulaError(told("it_is_written_formula_letter", name=name), column)
        body = self.formula(arguments[0])
        self.check_unbound(letters, body, column)
        if name != "sum":
            return Largest(letters, (0,) * len(letters), body, name == "share_largest", name == "smallest")
        for letter in reversed(letters):
            body = Sum(letter, 0, body)
        return body

    def is_largest(self, name: str, arguments: Sequence[ast.expr], column: int) -> Formula:
        """`is_largest(d[n, m], m == k)`: 1 where the largest over m is that at k."""
        letters, at = [], []
        for one in arguments[1:]:
            match one:
                case ast.Compare(ast.Name(letter), [ast.Eq()], [position]):
                    letters.append(letter)
                    at.append(self.index(position))
        if not letters or len(letters) != len(arguments) - 1:
            raise FormulaError(told("it_is_written_formula_letter_index", name=name), column)
        body = self.formula(arguments[0])
        self.check_unbound(letters, body, column)
        return IsLargest(tuple(letters), (0,) * len(letters), body, tuple(at), least=name == "is_smallest")

    def check_unbound(self, letters: Sequence[str], body: Formula, column: int) -> None:
        """Refuse a letter that is summed over twice: nobody could tell which one an index means."""
        for letter in letters:
            if letter in bound_letters(body) or letters.count(letter) > 1:
                raise FormulaError(told("the_letter_is_summed_over", letter=letter), column)
            if letter not in free_letters(body) and Ref(letter) not in refs(body):
                raise FormulaError(told("the_letter_is_summed_over_but", letter=letter), column)

    def condition(self, node: ast.expr) -> Compare:
        match node:
            case ast.Compare(left, [operator], [right]) if type(operator) in RELATIONS:
                return Compare(RELATIONS[type(operator)], self.formula(left), self.formula(right))
        raise FormulaError(told("a_condition_compares_two_formulas"), node.col_offset + 1)

    def index(self, node: ast.expr) -> Index:
        match node:
            case ast.Name(letter):
                return letter_index(letter)
            case ast.Subscript(ast.Name(name), inside):
                items = inside.elts if isinstance(inside, ast.Tuple) else [inside]
                return Index(looked=((Looked(name, tuple(map(self.index, items))), 1),))
            case ast.Constant(value) if isinstance(value, int) and not isinstance(value, bool):
                return number_index(self.whole(value, node))
            case ast.BinOp(left, ast.Add(), right):
                return self.index(left).plus(self.index(right))
            case ast.BinOp(left, ast.Sub(), right):
                return self.index(left).plus(self.index(right), -1)
            case ast.BinOp(ast.Constant(int(factor)), ast.Mult(), right):
                return Index().plus(self.index(right), self.whole(factor, node))
        raise FormulaError(told("an_index_is_made_of"), node.col_offset + 1)

    def whole(self, value: int, node: ast.expr) -> int:
        if value > LARGEST_POSITION:
            raise FormulaError(told("a_number_in_an_index", largest_position=LARGEST_POSITION), node.col_offset + 1)
        return value


def degree(formula: Formula) -> float:
    """How high the powers in a formula go: 6 for (z**2)**3 and for z**2 * z**4."""
    inner = [degree(part) for part in parts(formula)]
    if isinstance(formula, Multiply):
        return sum(inner)
    if isinstance(formula, Power) and isinstance(exponent := formula.exponent, (Number, Negative)):
        value = exponent.inner if isinstance(exponent, Negative) else exponent
        return inner[0] * abs(float(value.value)) if isinstance(value, Number) else inner[0]
    return max(inner, default=1.0)


def letters_as_numbers(formula: Formula, letters: frozenset[str], scalars: Collection[str]) -> Formula:
    """A letter that stands alone, as in `where(s >= u, …)`, as the position that it is; `scalars` are other names."""
    if isinstance(formula, Ref) and not formula.index and formula.name in letters and formula.name not in scalars:
        return Position(letter_index(formula.name))
    within = letters.union(letter for letter, _ in binds(formula))
    return rebuild(formula, tuple(letters_as_numbers(part, within, scalars) for part in parts(formula)))


def quotient(top: Formula, bottom: Formula) -> Formula:
    """A quotient; of two whole numbers it is a fraction such as ½."""
    if (
        isinstance(top, Number)
        and isinstance(bottom, Number)
        and isinstance(top.value, int)
        and isinstance(bottom.value, int)
    ):
        if bottom.value == 0:
            raise FormulaError(told("division_by_zero"))
        return Number(Fraction(top.value, bottom.value))
    return Divide(top, bottom)


def describe_node(node: ast.AST) -> str:
    """A refused piece of syntax in words."""
    names = {
        ast.Attribute: "an_attribute", ast.Lambda: "a_lambda", ast.Call: "this_call", ast.List: "a_list",
        ast.Dict: "a_dictionary", ast.Constant: "this_text_or_value", ast.Compare: "a_comparison", ast.IfExp: "an_if",
        ast.Subscript: "this_index",
    }  # fmt: skip
    return told(names.get(type(node), "this_piece"))


def read(text: str) -> Formula:
    """A formula of the book as a tree."""
    return parse(text, any_exponent=True)


def as_fractions(formula: Formula) -> Formula:
    """`1 / 3` of two plain numbers as the fraction ⅓."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Divide(Number(int(top)), Number(int(bottom))):
                return Number(Fraction(top, bottom))
            case Multiply(factors):
                return multiply(*(as_fractions(factor) for factor in factors))
        return None

    return transform(formula, change)
