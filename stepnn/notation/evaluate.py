"""The value of one formula at one place, number by number, as a person would work it out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from stepnn.book.functions import FUNCTIONS
from stepnn.notation.formula import (
    Add,
    Call,
    Cases,
    Divide,
    Formula,
    IsFirst,
    Multiply,
    Negative,
    Number,
    Power,
    Ref,
    Worked,
)


def functions_of(module: Any) -> dict[str, Callable[..., Any]]:
    """The functions of formulas as those of `math`, or of mpmath."""
    return {
        **{name: getattr(module, one.math) for name, one in FUNCTIONS.items() if one.math},
        "abs": abs,
        "max": max,
        "min": min,
        "round": round,
        "floor": lambda x: x // 1,
        "stop_gradient": lambda x: x,
        "pi": lambda: module.pi + 0,
        "sign": lambda x: (x > 0) - (x < 0),
        "sigmoid": lambda x: 1 / (1 + module.exp(-x)) if x >= 0 else module.exp(x) / (1 + module.exp(x)),
    }


MATH = functions_of(math)
RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda x, y: x > y, ">=": lambda x, y: x >= y, "<": lambda x, y: x < y, "<=": lambda x, y: x <= y,
}  # fmt: skip


Value = Callable[[Ref], Any]
Functions = Mapping[str, Callable[..., Any]]
Values = list[Any]  # how elements are read, the functions, and then what every part has given
Work = Callable[[Values], Any]
ERRORS = (ArithmeticError, ValueError, TypeError)
MOST_KEPT = 5_000  # formulas


def evaluate(formula: Formula, value: Value, functions: Functions = MATH) -> Any:
    """The value of a formula without free indices and without sums (see `formula.expand`).

    `value` gives the number of each element; with other `functions` other kinds of numbers can be used.
    Raises OverflowError, ZeroDivisionError or ValueError as Python's own arithmetic does.
    """
    return program_of(formula).last(value, functions)


@lru_cache(MOST_KEPT)
def program_of(formula: Formula) -> Program:
    """The program of one formula, put together once for all numbers to come."""
    return Program([formula])


class Program:
    """Works formulas out part by part, what they have in common once: each part from those before it."""

    def __init__(self, formulas: Sequence[Formula]) -> None:
        self.parts: list[Work] = []
        self.places: dict[Formula, int] = {}
        self.wanted = [self.place(formula) for formula in formulas]

    def last(self, value: Value, functions: Functions = MATH) -> Any:
        """What the last formula gives."""
        values: Values = [value, functions]
        for work in self.parts:
            values.append(work(values))
        return values[-1]

    def numbers(self, value: Value) -> list[float]:
        """What each formula gives; not a number where that is none, or is infinite."""
        values: Values = [value, MATH]
        for work in self.parts:
            try:
                values.append(work(values))
            except ERRORS:
                values.append(None)  # with which nothing can be worked out, either
        return [number(values[place]) for place in self.wanted]

    def place(self, formula: Formula) -> int:
        """Where the value of a formula stands; it is put behind those of its parts."""
        if formula not in self.places:
            work = self.work(formula)
            self.places[formula] = len(self.parts) + 2
            self.parts.append(work)
        return self.places[formula]

    def work(self, formula: Formula) -> Work:
        """How a formula is worked out from the values of its parts."""
        match formula:
            case Ref():
                return lambda values: values[0](formula)
            case Number(number) | Worked(number):
                return lambda values: number
            case Multiply(factors):
                return product(*map(self.place, factors))
            case Add(terms):
                return total(*map(self.place, terms))
            case Divide(top, bottom):
                return quotient(self.place(top), self.place(bottom))
            case Power(base, exponent):
                return power(self.place(base), self.place(exponent))
            case Negative(inner):
                return negative(self.place(inner))
            case Call(function, arguments):
                return call(function, *map(self.place, arguments))
            case Cases(condition, yes, no):
                sides = self.place(condition.left), self.place(condition.right)
                return choice(RELATIONS[condition.relation], *sides, program_of(yes), program_of(no))
            case IsFirst():
                return first_of(formula, *map(self.place, formula.among))
        raise TypeError(formula)


def number(found: Any) -> float:
    """A value as a number; not a number where it is none, or infinite."""
    try:
        value = float(found) + 0.0  # −0 is 0
    except ERRORS:
        return math.nan
    return value if math.isfinite(value) else math.nan


def product(first: int, *others: int) -> Work:
    if len(others) == 1:
        (second,) = others
        return lambda values: values[first] * values[second]

    def work(values: Values) -> Any:
        found = values[first]
        for other in others:
            found = found * values[other]
        return found

    return work


def total(first: int, *others: int) -> Work:
    if len(others) == 1:
        (second,) = others
        return lambda values: values[first] + values[second]

    def work(values: Values) -> Any:
        found = values[first]
        for other in others:
            found = found + values[other]
        return found

    return work


def quotient(top: int, bottom: int) -> Work:
    return lambda values: values[top] / values[bottom]


def power(base: int, exponent: int) -> Work:
    return lambda values: values[base] ** values[exponent]


def negative(inner: int) -> Work:
    return lambda values: -values[inner]


def call(name: str, *arguments: int) -> Work:
    return lambda values: values[1][name](*(values[one] for one in arguments))


def choice(holds: Callable[[Any, Any], bool], left: int, right: int, yes: Program, no: Program) -> Work:
    """Only the branch that is taken is worked out: the other one may have no value."""
    return lambda values: (yes if holds(values[left], values[right]) else no).last(values[0], values[1])


def first_of(formula: IsFirst, *among: int) -> Work:
    def work(values: Values) -> Any:
        found = [values[one] for one in among]
        best = min(found) if formula.least else max(found)
        if formula.shared:
            return (found[formula.place] == best) / found.count(best)
        return int(found.index(best) == formula.place)

    return work
