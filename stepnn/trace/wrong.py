"""How far off the answers are, and why a calculation stops: which step gave no number, and what to try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from stepnn.calculus.arithmetic import is_finite
from stepnn.errors import CalculationError, Fault, LessonError
from stepnn.lessons.schema import Lesson
from stepnn.network.model import Quantity
from stepnn.notation.formula import refs
from stepnn.trace.forms import Forms
from stepnn.trace.step import Moment
from stepnn.words.told import told


def check_symbols(lesson: Lesson, forms: Forms) -> None:
    """Refuse two steps of one symbol: y_1_1 may be of y or of y_1, and dE_dw may be a name. Raises LessonError."""
    if lesson.shipped or not lesson.quantities:
        return
    symbols = Counter(
        forms.names.ascii(one.element(place)) for one in forms.network.computed for place in one.positions
    )
    for symbol, count in symbols.most_common(1):
        if count > 1:
            message = told("two_steps_would_both_be", symbol=symbol)
            raise LessonError(lesson.id, [Fault("quantities", message, remedy=told("choose_another_name_for_one"))])


def diverged(before: float, after: float, rate: float) -> str:
    """Why a training has to stop, and what to try."""
    return told("error_grew", before=before, after=after, rate=rate, less=rate / 10)


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
    name = moment.names.text(ref)
    value = moment.value(ref)
    kind = told("not_a_number" if np.isnan(value) else "infinite_number")
    formula = moment.forms.at(quantity.formula, quantity, ref) if quantity.formula is not None else None
    known = refs(formula)[:4] if formula is not None else []
    used = ", ".join(f"{moment.names.text(one)} = {moment.value(one):g}" for one in known)
    return told(
        "no_finite_number", name=name, role=quantity.role.value, number=moment.number, sample=moment.sample, kind=kind,
        used=used,
    )  # fmt: skip
