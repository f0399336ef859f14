"""The value of one formula at one place, number by number, as a person would work it out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
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
        "sign": lambda x: (x > 0) - (x < 0),
        "sigmoid": lambda x: 1 / (1 + module.exp(-x)) if x >= 0 else module.exp(x) / (1 + module.exp(x)),
    }


MATH = functions_of(math)
RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda x, y: x > y, ">=": lambda x, y: x >= y, "<": lambda x, y: x < y, "<=": lambda x, y: x <= y,
}  # fmt: skip


Value = Callable[[Ref], Any]
Functions = Mapping[str, Callable[..., Any]]
Work = Callable[[Value, Functions], Any]
MOST_KEPT = 20_000  # formulas


def evaluate(formula: Formula, value: Value, functions: Functions = MATH) -> Any:
    """The value of a formula without free indices and without sums (see `formula.expand`).

    `value` gives the number of each element; with other `functions` other kinds of numbers can be used.
    Raises OverflowError, ZeroDivisionError or ValueError as Python's own arithmetic does.
    """
    return work_of(formula)(value, functions)


@lru_cache(MOST_KEPT)
def work_of(formula: Formula) -> Work:
    """How a formula is worked out: a function made of those of its parts, once for all numbers that it is used with."""
    match formula:
        case Ref():
            return lambda value, functions: value(formula)
        case Number(number) | Worked(number):
            return lambda value, functions: number
        case Multiply(factors):
            return product(*map(work_of, factors))
        case Add(terms):
            return total(*map(work_of, terms))
        case Divide(top, bottom):
            return quotient(work_of(top), work_of(bottom))
        case Power(base, exponent):
            return power(work_of(base), work_of(exponent))
        case Negative(inner):
            return negative(work_of(inner))
        case Call(function, arguments):
            return call(function, *map(work_of, arguments))
        case Cases(condition, yes, no):
            sides = work_of(condition.left), work_of(condition.right)
            return choice(RELATIONS[condition.relation], *sides, work_of(yes), work_of(no))
        case IsFirst():
            return first_of(formula, *map(work_of, formula.among))
    raise TypeError(formula)


def product(first: Work, *others: Work) -> Work:
    def work(value: Value, functions: Functions) -> Any:
        found = first(value, functions)
        for other in others:
            found = found * other(value, functions)
        return found

    return work


def total(first: Work, *others: Work) -> Work:
    def work(value: Value, functions: Functions) -> Any:
        found = first(value, functions)
        for other in others:
            found = found + other(value, functions)
        return found

    return work


def quotient(top: Work, bottom: Work) -> Work:
    return lambda value, functions: top(value, functions) / bottom(value, functions)


def power(base: Work, exponent: Work) -> Work:
    return lambda value, functions: base(value, functions) ** exponent(value, functions)


def negative(inner: Work) -> Work:
    return lambda value, functions: -inner(value, functions)


def call(name: str, *arguments: Work) -> Work:
    return lambda value, functions: functions[name](*(one(value, functions) for one in arguments))


def choice(holds: Callable[[Any, Any], bool], left: Work, right: Work, yes: Work, no: Work) -> Work:
    def work(value: Value, functions: Functions) -> Any:
        chosen = yes if holds(left(value, functions), right(value, functions)) else no
        return chosen(value, functions)

    return work


def first_of(formula: IsFirst, *among: Work) -> Work:
    def work(value: Value, functions: Functions) -> Any:
        values = [one(value, functions) for one in among]
        best = min(values) if formula.least else max(values)
        if formula.shared:
            return (values[formula.place] == best) / values.count(best)
        return int(values.index(best) == formula.place)

    return work
