"""How far off the answers are, and why a calculation stops: which step gave no number, and what to try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.arithmetic import is_finite
from stepnn.errors import CalculationError, Fault, LessonError
from stepnn.lessons.schema import Lesson
from stepnn.network.model import Quantity
from stepnn.notation.formula import refs
from stepnn.trace.forms import Forms
from stepnn.trace.step import Moment

Array = NDArray[Any]


def check_symbols(lesson: Lesson, forms: Forms) -> None:
    """Refuse two steps of one symbol: y_1_1 may be of y or of y_1, and dE_dw may be a name. Raises LessonError."""
    if lesson.shipped or not lesson.quantities:
        return
    symbols = Counter(
        forms.names.ascii(one.element(place)) for one in forms.network.computed for place in one.positions
    )
    for symbol, count in symbols.most_common(1):
        if count > 1:
            message = f"two steps would both be called {symbol}"
            raise LessonError(lesson.id, [Fault("quantities", message, remedy="choose another name for one of them")])


def diverged(before: float, after: float, rate: float) -> str:
    """Why a training has to stop, and what to try."""
    return (
        f"The error grew from {before:.4g} to {after:.4g}: the learning rate {rate:g} is too large; try {rate / 10:g}."
    )


def check(moment: Moment, quantities: Sequence[Quantity]) -> None:
    """Stop at the first number that is infinite or no number. Raises CalculationError, which names the step."""
    for quantity in quantities:
        finite = is_finite(moment.values[quantity.key])
        if not np.all(finite):
            position = tuple(int(n) for n in np.argwhere(~finite)[0])
            raise CalculationError(what_went_wrong(moment, quantity, position))


def what_went_wrong(moment: Moment, quantity: Quantity, position: tuple[int, ...]) -> str:
    """The step that gave infinity or no number, its formula's inputs, and what may help."""
    ref = quantity.element(position)
    name = moment.forms.names.text(ref)
    value = moment.value(ref)
    kind = (
        "not a number (such as 0/0 or ln of a negative number)"
        if np.isnan(value)
        else "infinite (too large, or divided by 0)"
    )
    formula = moment.forms.at(quantity.formula, quantity, ref) if quantity.formula is not None else None
    known = refs(formula)[:4] if formula is not None else []
    used = ", ".join(f"{moment.forms.names.text(one)} = {moment.value(one):g}" for one in known)
    return (
        f"{name} ({quantity.role.value}, pass {moment.number}, sample {moment.sample}) is {kind}. "
        f"It was computed from {used}. Try smaller numbers or a smaller learning rate."
    )
