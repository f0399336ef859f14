"""What numbers are: float64, or fractions where a lesson's arithmetic is rational.

On paper 0.3 − 0.1 − 0.2 is 0, and a neuron whose threshold is 0 fires. With float64 it is −2.8·10⁻¹⁷, and it does not.
So where nothing but + − · / and comparisons is used, the same generated source runs over fractions of the decimals that
the lesson gives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepnn.book.functions import FUNCTIONS
from stepnn.calculus.stable import NAMESPACE, highest, winners
from stepnn.network.model import Quantity
from stepnn.notation.formula import Call, Formula, Negative, Number, Power, walk
from stepnn.notation.indices import longest

Array = NDArray[Any]
MOST_BITS = 1_000  # of a numerator or a denominator; beyond that float64 takes over
MOST_TERMS = 20_000  # of all sums of a lesson together: fractions are some hundred times slower than float64


def is_rational(quantities: Iterable[Quantity], samples: int) -> bool:
    """Whether all formulas can be worked out with fractions for so many samples, in reasonable time."""
    terms = 0
    for quantity in quantities:
        if quantity.formula is not None:
            terms += quantity.count * longest(quantity.formula) * samples
            if terms > MOST_TERMS or not all(map(rational, walk(quantity.formula))):
                return False
    return True


def rational(part: Formula) -> bool:
    """Whether a part of a formula makes a fraction of fractions."""
    match part:
        case Call(function):
            return FUNCTIONS[function].rational
        case Power(_, Number(value)) | Power(_, Negative(Number(value))):
            return float(value).is_integer()
        case Power():
            return False
    return True


def fractions(array: Array) -> Array:
    """The numbers as the fractions that their decimals mean: 0.1 is 1/10."""
    flat = [Fraction(one if isinstance(one, (Fraction, int)) else repr(float(one))) for one in np.ravel(array)]
    found = np.empty(len(flat), dtype=object)
    found[:] = flat
    return found.reshape(np.shape(array))


def floats(array: Array) -> Array:
    """The numbers as float64."""
    return np.asarray(array, dtype=np.float64)


def one_sample(array: Array, place: int = 0) -> Array:
    """One sample of an array without its sample axis; of an array of fractions it stays an array."""
    found: Array = array[place]
    return fractions(found) if isinstance(found, Fraction) else found


def too_long(values: Mapping[str, Array]) -> bool:
    """Whether some fraction has more digits than are carried on."""
    return any(
        max(abs(one.numerator), one.denominator).bit_length() > MOST_BITS
        for array in values.values()
        for one in np.ravel(array)
        if isinstance(one, Fraction)
    )


def is_finite(array: Array) -> NDArray[np.bool_]:
    """Which elements are numbers; every fraction is one."""
    return np.ones(np.shape(array), bool) if np.asarray(array).dtype == object else np.isfinite(array)


def exact_winners(values: Array, counts: Array | None, over: int, shared: bool, least: bool) -> Array:
    """As `stable.winners`; a part that several share is a fraction."""
    parts = winners(values, counts, over, shared, least)
    found = [Fraction(1, round(1 / float(one))) if one else Fraction(0) for one in np.ravel(parts)]
    return fractions(np.array(found, dtype=object).reshape(np.shape(parts)))


EXACT: dict[str, Any] = {
    **NAMESPACE,
    "winners": exact_winners,
    "highest": lambda *arguments: fractions(highest(*arguments)),
    "sign": lambda array: fractions(np.asarray(np.sign(array))),
    "abs": lambda array: fractions(np.asarray(np.abs(array))),
    "floor": lambda array: fractions(np.vectorize(math.floor, otypes=[object])(array)),
    "nearest": lambda array: fractions(np.vectorize(round, otypes=[object])(array)),
}


def keeping(rounding: Callable[[Array], Array] | None) -> Callable[[Any], Array]:
    """What every computed array goes through: rounding, if it is asked for, and it stays an array of fractions."""
    return (lambda found: fractions(rounding(floats(found)))) if rounding is not None else fractions
