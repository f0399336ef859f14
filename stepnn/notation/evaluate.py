"""The value of one formula at one place, number by number, as a person would work it out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
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


def evaluate(formula: Formula, value: Callable[[Ref], Any], functions: Mapping[str, Callable[..., Any]] = MATH) -> Any:
    """The value of a formula without free indices and without sums (see `formula.expand`).

    `value` gives the number of each element; with other `functions` other kinds of numbers can be used.
    Raises OverflowError, ZeroDivisionError or ValueError as Python's own arithmetic does.
    """

    def of(part: Formula) -> Any:
        match part:  # what is met most often comes first
            case Ref():
                return value(part)
            case Multiply(factors):
                found = of(factors[0])
                for factor in factors[1:]:
                    found = found * of(factor)
                return found
            case Number(number) | Worked(number):
                return number
            case Add(terms):
                found = of(terms[0])
                for term in terms[1:]:
                    found = found + of(term)
                return found
            case Divide(top, bottom):
                return of(top) / of(bottom)
            case Power(base, exponent):
                return of(base) ** of(exponent)
            case Negative(inner):
                return -of(inner)
            case Call(function, arguments):
                return functions[function](*map(of, arguments))
            case Cases(condition, yes, no):
                return of(yes if RELATIONS[condition.relation](of(condition.left), of(condition.right)) else no)
            case IsFirst(place, among, shared, least):
                values = [of(one) for one in among]
                best = min(values) if least else max(values)
                return (values[place] == best) / values.count(best) if shared else int(values.index(best) == place)
        raise TypeError(part)

    return of(formula)
