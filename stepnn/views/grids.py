"""The matrix form of a step as typeset mathematics: blocks in brackets with signs between them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stepnn.notation.mathematics import DOTS, Grid, Nodes, Style, Symbol
from stepnn.trace.matrix import Block, Sign, Token
from stepnn.trace.step import Moment, Step
from stepnn.views import blocks
from stepnn.views.equations import decimal_of
from stepnn.views.matrices import MOST_ROWS, few

MOST_COLUMNS = 5
COLUMN_DOTS = Symbol("⋮", r"\vdots", Style.NUMBER)
LATEX = {
    "·": r"\cdot ", "⊙": r"\odot ", "−": "-", "σ": r"\sigma ", "²": "^2", "½": r"\tfrac{1}{2}", "√": r"\surd ",
    "e^(": r"\exp(",
}  # fmt: skip


def matrix_nodes(step: Step) -> Nodes:
    """The matrix form with its numbers, or the values alone; of large blocks the middle is left out."""
    tokens: Sequence[Token] = blocks.matrix_tokens(step) or blocks.result_block(step)
    found: Nodes = ()
    for token in tokens:
        found += sign_nodes(token) if isinstance(token, Sign) else block_nodes(token, step.moment)
    return found


def sign_nodes(sign: Sign) -> Nodes:
    """What stands between blocks: operators, brackets and names of functions."""
    latex = sign.text
    for old, new in LATEX.items():
        latex = latex.replace(old, new)
    latex = re.sub(r"(?<![\\A-Za-z])([A-Za-z]{2,})\(", r"\\operatorname{\1}(", latex)
    plain = sign.text.strip()
    style = Style.RELATION if plain == "=" else Style.OPERATOR if plain in "+−·⊙" else Style.WORD
    return (Symbol(plain, latex, style),) if plain else ()


def block_nodes(block: Block, moment: Moment) -> Nodes:
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
