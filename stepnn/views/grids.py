"""The matrix form of a step as typeset mathematics: blocks in brackets with signs between them."""

from __future__ import annotations

from stepnn.notation.formula import Ref, Whole, Worked
from stepnn.notation.mathematics import DOTS, EQUALS, Grid, Nodes, Style, Symbol
from stepnn.notation.printer import ATOM, POWER, SUM, Leaf
from stepnn.notation.typesetting import MathPrinter, typeset
from stepnn.trace.step import Moment, Step
from stepnn.views import blocks
from stepnn.views.equations import decimal_of
from stepnn.views.matrices import MOST_ROWS, few

MOST_COLUMNS = 5
COLUMN_DOTS = Symbol("⋮", r"\vdots", Style.NUMBER)


def matrix_nodes(step: Step) -> Nodes:
    """The matrix form with its numbers, or the values alone; of large blocks the middle is left out."""

    def leaf(part: Ref | Worked | Whole) -> Leaf:
        assert isinstance(part, Whole)
        single = len(part.rows) == len(part.rows[0]) == 1
        negative = single and decimal_of(step.moment, part.rows[0][0]).mantissa.startswith("-")
        binding = SUM if negative else ATOM if single else POWER
        return Leaf("", binding, block_nodes(part, step.moment))

    form = blocks.matrix_of(step)
    if form is not None:
        left, right = form
        write = MathPrinter(leaf)
        return (*typeset(write(left)), EQUALS, *typeset(write(right)))
    found: Nodes = ()
    for label, block in blocks.result_blocks(step):
        found += (Symbol(label.strip(), label, Style.WORD),) if label else ()
        found += block_nodes(block, step.moment)
    return found


def block_nodes(block: Whole, moment: Moment) -> Nodes:
    """A block in brackets; a single number needs none."""
    if len(block.rows) == 1 and len(block.rows[0]) == 1:
        return decimal_of(moment, block.rows[0][0]).typeset
    grid: list[tuple[Nodes, ...]] = []
    wide = min(len(block.rows[0]), MOST_COLUMNS)
    for row in few(list(block.rows), MOST_ROWS):
        if row is None:
            grid.append(((COLUMN_DOTS,),) + ((),) * (wide - 1))
        else:
            cells = few(list(row), MOST_COLUMNS)
            grid.append(tuple((DOTS,) if ref is None else decimal_of(moment, ref).typeset for ref in cells))
    return (Grid(tuple(grid)),)
