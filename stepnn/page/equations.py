"""The equation of a step: general, here, with numbers, result. The one place where all pages get it from."""

from __future__ import annotations

from collections.abc import Sequence

from stepnn.network.names import Names
from stepnn.notation.formula import Formula, Ref, Worked
from stepnn.page.blocks import Line
from stepnn.page.saturated import numbers_of
from stepnn.page.written import Expression, Shows, Written
from stepnn.trace.step import Step


def by_name(names: Names) -> Shows:
    """Elements by their names."""

    def name(part: Ref | Worked) -> Written:
        assert isinstance(part, Ref)
        return names.of(part)

    return name


def equation(step: Step) -> tuple[Line, ...]:
    """The forms of the equation, each side that equals the one before left out."""
    if step.quantity is None or step.quantity.formula is None:
        return ()
    moment = step.moment
    symbols = by_name(moment.names)
    general = Expression(step.quantity.general, symbols)
    if step.ref is None:
        return chained("general", general, step.general or moment.forms.general(step), symbols)
    own = Expression(step.ref, symbols) if step.term is None else None
    numbers = [side for side in numbers_of(step) if not isinstance(side, Ref)]
    assert step.value is not None
    return (
        *chained("general", general, step.general, symbols),
        *chained("here", own, step.here, symbols),
        *chained("numbers", None, numbers, moment.decimal),
        Line(own, Expression(Worked(step.value), moment.decimal), "result"),
    )


def chained(label: str, left: Expression | None, sides: Sequence[Formula], shows: Shows) -> tuple[Line, ...]:
    """Equal right sides, one below the other; of two that read the same, one."""
    right = {one.text: one for one in (Expression(side, shows) for side in sides)}
    return tuple(Line(None if at else left, side, "" if at else label) for at, side in enumerate(right.values()))
