"""The curve of an activation function with the current z on it. Needs no NumPy: a first screen may ask for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from stepnn.book.functions import FUNCTIONS
from stepnn.network.model import Quantity, Role
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Formula, Ref, refs
from stepnn.notation.numbers import given
from stepnn.trace.charts import Chart, Curve
from stepnn.trace.step import Kind, Moment, Step

POINTS = 81  # of a curve


def activation_chart(step: Step) -> Chart | None:
    """The curve of an activation and of its slope around the current z, which is marked on both; None elsewhere."""
    network, quantity = step.moment.network, step.quantity
    if quantity is None or step.ref is None or step.kind not in (Kind.ACTIVATION, Kind.ACTIVATION_SLOPE):
        return None
    if step.kind is Kind.ACTIVATION_SLOPE:
        assert quantity.wrt is not None
        quantity = network[quantity.wrt[0].name]
    ref = Ref(quantity.key, step.ref.index[: len(quantity.axes)])
    assert quantity.formula is not None
    formula = step.moment.forms.at(quantity.formula, quantity, ref)
    inputs = [one for one in refs(formula) if one.index == ref.index and one != ref]
    if not inputs:
        return None
    by = inputs[0]
    here = step.moment.value(by)
    reach = max(4.0, 1.2 * abs(here))
    xs = [reach * (2 * n / (POINTS - 1) - 1) for n in range(POINTS)]
    value = function(step.moment, formula, by)
    glyph = FUNCTIONS[quantity.function].text if quantity.function in FUNCTIONS else "f"
    found = [Curve(glyph, points(value, xs))]
    marks = points(value, [here])
    slope = slope_function(step.moment, quantity, ref, by, value)
    if slope is not None:
        found.append(Curve(f"{glyph}′", points(slope, xs)))
        marks += points(slope, [here])
    names = step.moment.names
    label = f"{names.text(by)} = {given(float(f'{here:.4g}')).text}"
    title = f"{names.text(ref)} = {glyph}({names.text(by)})"
    return Chart(title, names.text(by), "", (*found, Curve(label, marks, dots=True)))


def points(value: Callable[[float], float], xs: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """The curve at some places; where it has no value, such as 1/z at 0, there is none."""
    found = []
    for x in xs:
        try:
            y = value(x)
        except (ArithmeticError, ValueError):
            continue
        if isinstance(y, float) and math.isfinite(y):
            found.append((x, y))
    return tuple(found)


def function(moment: Moment, formula: Formula, by: Ref) -> Callable[[float], float]:
    """A formula as a function of one of the numbers in it."""
    return lambda x: float(evaluate(formula, lambda ref: x if ref == by else moment.value(ref)))


def slope_function(
    moment: Moment, quantity: Quantity, ref: Ref, by: Ref, value: Callable[[float], float]
) -> Callable[[float], float] | None:
    """∂a/∂z as a function of z, where the network has it; it may be written with the value of a itself."""
    wanted = (quantity.key, by.name)
    every = moment.network.with_role(Role.LOCAL_SLOPE)
    slope = next((one for one in every if one.wrt and (one.wrt[0].name, one.wrt[1].name) == wanted), None)
    if slope is None or slope.formula is None or len(slope.axes) > len(ref.index):
        return None
    formula = moment.forms.at(slope.formula, slope, Ref(slope.key, ref.index))

    def at(x: float) -> float:
        return float(evaluate(formula, lambda one: x if one == by else value(x) if one == ref else moment.value(one)))

    return at
