"""The equation of a step as rows of printed pieces: the one place where all views get their formulas from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from stepnn.network.names import Names
from stepnn.notation.formula import Formula, Ref, Whole, Worked
from stepnn.notation.mathematics import Element, Fraction, Scripts
from stepnn.notation.numbers import Decimal, given, shown
from stepnn.notation.printer import ATOM, POWER, PRODUCT, SUM, Leaf, Leaves, Piece, Pieces, TextPrinter, joined
from stepnn.notation.typesetting import MathPrinter
from stepnn.trace.step import Moment, Step
from stepnn.views.saturated import numbers_of


class Script(Enum):
    """How formulas are written."""

    TEXT = "text"
    ASCII = "ascii"
    TYPESET = "typeset"


@dataclass(frozen=True)
class Row:
    """One line of an equation: `label` is a catalogue key (general, here, numbers, result) or empty."""

    label: str
    left: Pieces
    right: Pieces


def names_leaf(names: Names, script: Script) -> Leaves:
    """Prints an element by its name."""

    def leaf(ref: Ref | Worked | Whole) -> Leaf:
        assert isinstance(ref, Ref)
        if script is Script.TYPESET:
            nodes = names.typeset(ref)
            marked = isinstance(nodes[0], Scripts) and bool(nodes[0].above)  # a power would stand where its mark is
            return Leaf("", POWER if marked or isinstance(nodes[0], Fraction) else ATOM, nodes)
        text = names.ascii(ref) if script is Script.ASCII else names.text(ref)
        return Leaf(text, PRODUCT if "/" in text else ATOM)

    return leaf


def values_leaf(moment: Moment, script: Script) -> Leaves:
    """Prints an element by its value: given numbers as given, computed ones to the digits of the policy."""

    def leaf(ref: Ref | Worked | Whole) -> Leaf:
        assert not isinstance(ref, Whole)
        decimal = decimal_of(moment, ref)
        binding = SUM if decimal.mantissa[0] == "-" else PRODUCT if decimal.exponent is not None else ATOM
        return Leaf(decimal.ascii if script is Script.ASCII else decimal.text, binding, decimal.typeset)

    return leaf


def decimal_of(moment: Moment, ref: Ref | Worked) -> Decimal:
    if isinstance(ref, Worked):
        return shown(ref.value, moment.policy.digits)
    value = moment.value(ref)
    return given(value) if ref.name in moment.given else shown(value, moment.policy.digits)


def written(decimal: Decimal, script: Script) -> str:
    return {Script.TEXT: decimal.text, Script.ASCII: decimal.ascii, Script.TYPESET: decimal.latex}[script]


def pieces_of(decimal: Decimal, script: Script, ref: Ref | None = None) -> Pieces:
    """A number as a printed formula."""
    return [Element(decimal.typeset, ref)] if script is Script.TYPESET else [Piece(written(decimal, script), ref)]


def name_pieces(names: Names, ref: Ref, script: Script) -> Pieces:
    """The name of an element as a printed formula."""
    return printer(names_leaf(names, script), script)(ref)


def printer(leaf: Leaves, script: Script) -> TextPrinter:
    return MathPrinter(leaf) if script is Script.TYPESET else TextPrinter(leaf, ascii=script is Script.ASCII)


def result(step: Step, script: Script) -> Pieces:
    """The value of a step as shown."""
    assert step.value is not None
    return pieces_of(shown(step.value, step.moment.policy.digits), script, step.ref)


def rows(step: Step, script: Script) -> list[Row]:
    """The equation of a step: general, here, with numbers, result. A side that equals the result is left out."""
    if step.quantity is None or step.quantity.formula is None:
        return []
    names = step.moment.forms.names
    symbols = printer(names_leaf(names, script), script)
    values = printer(values_leaf(step.moment, script), script)
    general = symbols(step.quantity.general)
    if step.ref is None:
        return chained("general", general, step.general or step.moment.forms.general(step), symbols)
    own: Pieces = [] if step.term is not None else symbols(step.ref)
    found = chained("general", general, step.general, symbols)
    found += chained("here", own, step.here, symbols)
    numbers = [side for side in numbers_of(step) if not isinstance(side, Ref)]
    found += chained("numbers", [], numbers, values)
    return [*found, Row("result", own, result(step, script))]


def chained(label: str, left: Pieces, sides: Sequence[Formula], write: TextPrinter) -> list[Row]:
    """Equal right sides, one below the other; of two that read the same, one."""
    right = {joined(printed): printed for printed in map(write, sides)}
    return [Row("" if place else label, [] if place else left, side) for place, side in enumerate(right.values())]


def one_line(step: Step, script: Script, form: str) -> str:
    """One form of the equation on one line: general, here or numbers."""
    names = step.moment.forms.names
    symbols = printer(names_leaf(names, script), script)
    values = printer(values_leaf(step.moment, script), script)
    assert step.quantity is not None and step.ref is not None
    left = symbols(step.quantity.general if form == "general" else step.ref)
    sides = numbers_of(step)[-1:] if form == "numbers" else step.general if form == "general" else step.here[-1:]
    if form == "numbers" and not sides and step.value is not None:
        return joined(result(step, script))
    right = [values(side) if form == "numbers" else symbols(side) for side in sides]
    return " = ".join(joined(one) for one in ([left, *right] if form != "numbers" else right))
