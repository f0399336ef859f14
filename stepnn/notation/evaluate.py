"""The value of one formula at one place, number by number, as a person would work it out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

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

MATH: dict[str, Callable[..., Any]] = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "abs": abs, "sin": math.sin, "cos": math.cos,
    "tanh": math.tanh, "max": max, "min": min,
    "sign": lambda x: (x > 0) - (x < 0),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x)),
}  # fmt: skip
RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda x, y: x > y, ">=": lambda x, y: x >= y, "<": lambda x, y: x < y, "<=": lambda x, y: x <= y,
}  # fmt: skip


def evaluate(formula: Formula, value: Callable[[Ref], Any], functions: Mapping[str, Callable[..., Any]] = MATH) -> Any:
    """The value of a formula without free indices and without sums (see `formula.expand`).

    `value` gives the number of each element; with other `functions` other kinds of numbers can be used.
    Raises OverflowError, ZeroDivisionError or ValueError as Python's own arithmetic does.
    """

    def of(part: Formula) -> Any:
        match part:
            case Number(number) | Worked(number):
                return number
            case Ref():
                return value(part)
            case Add(terms):
                return sum(map(of, terms[1:]), of(terms[0]))
            case Multiply(factors):
                return math.prod(map(of, factors[1:]), start=of(factors[0]))
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
