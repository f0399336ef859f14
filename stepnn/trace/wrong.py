"""Why a calculation stops: which step gave infinity or no number, and what to try."""

from __future__ import annotations

import numpy as np

from stepnn.model import Quantity
from stepnn.notation.formula import refs
from stepnn.trace.step import Moment


def diverged(before: float, after: float, rate: float) -> str:
    """Why a training has to stop, and what to try."""
    return (
        f"The error grew from {before:.4g} to {after:.4g}: the learning rate {rate:g} is too large; try {rate / 10:g}."
    )


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
