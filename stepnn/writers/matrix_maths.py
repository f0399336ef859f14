"""The matrix form of a step as typeset mathematics: arrays in brackets with signs between them."""

from __future__ import annotations

from stepnn.notation.formula import Ref, Whole, Worked
from stepnn.notation.mathematics import DOTS, EQUALS, Grid, Nodes, Style, Symbol
from stepnn.notation.printer import ATOM, POWER, SUM, Leaf
from stepnn.notation.typesetting import MathPrinter, typeset
from stepnn.page.blocks import Matrices
from stepnn.trace.step import Moment
from stepnn.writers.matrix_text import MOST_ROWS, few

MOST_COLUMNS = 5
COLUMN_DOTS = Symbol("⋮", r"\vdots", Style.NUMBER)


def matrix_nodes(block: Matrices) -> Nodes:
    """The matrix form with its numbers, or the values alone; of large arrays the middle is left out."""
    moment = block.moment

    def leaf(part: Ref | Worked | Whole) -> Leaf:
        assert isinstance(part, Whole)
        single = len(part.rows) == len(part.rows[0]) == 1
        negative = single and moment.decimal(part.rows[0][0]).mantissa.startswith("-")
        binding = SUM if negative else ATOM if single else POWER
        return Leaf("", binding, array_nodes(part, moment))

    if block.left is not None and block.right is not None:
        write = MathPrinter(leaf)
        return (*typeset(write(block.left)), EQUALS, *typeset(write(block.right)))
    found: Nodes = ()
    for label, whole in block.blocks:
        found += (Symbol(label.strip(), label, Style.WORD),) if label else ()
        found += array_nodes(whole, moment)
    return found


def array_nodes(whole: Whole, moment: Moment) -> Nodes:
    """An array in brackets; a single number needs none."""
    if len(whole.rows) == 1 and len(whole.rows[0]) == 1:
        return moment.decimal(whole.rows[0][0]).typeset
    grid: list[tuple[Nodes, ...]] = []
    wide = min(len(whole.rows[0]), MOST_COLUMNS)
    for row in few(list(whole.rows), MOST_ROWS):
        if row is None:
            grid.append(((COLUMN_DOTS,),) + ((),) * (wide - 1))
        else:
            cells = few(list(row), MOST_COLUMNS)
            grid.append(tuple((DOTS,) if ref is None else moment.decimal(ref).typeset for ref in cells))
    return (Grid(tuple(grid)),)
