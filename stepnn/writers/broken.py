"""Long equations broken into lines, for pages whose width is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stepnn.notation.mathematics import (
    Blank,
    Brackets,
    Branches,
    Element,
    Fraction,
    Grid,
    Node,
    Nodes,
    Scripts,
    Style,
    Symbol,
    parts,
)
from stepnn.page.blocks import Equation, Step

PAGE, FULL, HALF = 84, 62, 38  # letters across a page, beside a small picture, and in half a page


LEFT, RIGHT = (Symbol(sign, sign, Style.NUMBER) for sign in "()")


@dataclass(frozen=True)
class Row:
    """One line of an equation as typeset. One that `continues` the line before it has no equals sign."""

    left: Nodes
    right: Nodes
    label: str = ""
    continues: bool = False


def typeset_rows(equation: Equation) -> list[Row]:
    """The lines of an equation as they are typeset."""
    return [Row(() if one.left is None else one.left.typeset, one.right.typeset, one.label) for one in equation.lines]


def fitting(lines: Sequence[Row], room: float) -> list[Row]:
    """The lines, each that is too long broken before signs: before + and − if that is enough, else before any."""
    found: list[Row] = []
    for line in lines:
        indent = width(line.left) + 2
        for row in rows(line.right, room - indent):
            found.append(line if row == line.right else replace(line, right=row))
            line = Row((), (), continues=True)
    return found


def is_wide(step: Step) -> bool:
    """Whether an equation cannot be broken to fit half a page, such as one with a long fraction."""
    equations = [block for block in step.blocks if isinstance(block, Equation)]
    found = [line for block in equations for line in fitting(typeset_rows(block), HALF)]
    return any(width(line.left) + width(line.right) > 1.3 * HALF for line in found)


def rows(nodes: Nodes, room: float) -> list[Nodes]:
    """The nodes in as few rows as the room allows."""
    if width(nodes) <= room:
        return [nodes]
    pieces = split(nodes, "+−")
    pieces = [small for piece in pieces for small in ([piece] if width(piece) <= room else split(piece, "·"))]
    pieces = [
        small for piece in pieces for small in ([piece] if width(piece) <= room else split(opened(piece, room), "+−"))
    ]
    found = [pieces[0]]
    for piece in pieces[1:]:
        if width(found[-1]) + width(piece) <= room:
            found[-1] += piece
        else:
            found.append(piece)
    return found


def opened(nodes: Nodes, room: float) -> Nodes:
    """The nodes with what stands in a bracket that is too long, between two signs that need not be on one line."""
    found: Nodes = ()
    for node in nodes:
        long = isinstance(node, Brackets) and node.shape == "round" and width((node,)) > room
        found += (LEFT, *node.inner, RIGHT) if long and isinstance(node, Brackets) else (node,)
    return found


def split(nodes: Nodes, signs: str) -> list[Nodes]:
    """The nodes cut before every sign between values."""
    found: list[Nodes] = [()]
    for node in nodes:
        if isinstance(node, Symbol) and node.style is Style.OPERATOR and node.letter in signs and found[-1]:
            found.append(())
        found[-1] += (node,)
    return found


def width(nodes: Nodes) -> float:
    """About how many letters wide a formula is."""
    return sum(map(node_width, nodes))


def node_width(node: Node) -> float:
    match node:
        case Symbol(letter, _, style):
            return len(letter) + (1.5 if style in (Style.OPERATOR, Style.RELATION) else 0)
        case Scripts(base, below, above):
            return width(base) + 0.65 * max(width(below), width(above))
        case Fraction(top, bottom, small):
            return (0.7 if small else 1.0) * max(width(top), width(bottom))
        case Brackets(inner):
            return width(inner) + 1
        case Element(inner):
            return width(inner)
        case Branches(yes, condition, no):
            return max(width(yes), width(no)) + width(condition) + 3
        case Grid(rows_):
            return max(sum(width(cell) + 1 for cell in row) for row in rows_) + 1
        case Blank(small):
            return 4 if small else 12
    return 1 + sum(map(width, parts(node)))
