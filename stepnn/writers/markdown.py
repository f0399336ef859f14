"""A page as Markdown with LaTeX mathematics, as GitHub, GitLab, Jupyter and Obsidian show it.

Each equation stands on one line between `$$`, without line breaks in it: that is what all hosts agree on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from stepnn.drawing import chart
from stepnn.drawing.canvas import as_text
from stepnn.drawing.places import setup_picture
from stepnn.notation.mathematics import joined
from stepnn.page.blocks import (
    Answers,
    Block,
    Box,
    Bullets,
    Chart,
    Equation,
    Fresh,
    Heading,
    Line,
    Matrices,
    Network,
    Page,
    Pairs,
    Paragraph,
    Room,
    Step,
    Table,
    simpler,
)
from stepnn.page.written import Cell, Text, Written, with_latex
from stepnn.writers.formats import Options
from stepnn.writers.matrix_maths import matrix_nodes

WIDTH = 80


def escape(text: str) -> str:
    """Any text as Markdown text: no mark-up, no HTML, no mathematics."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]#|$~!])", r"\\\1", text)


def prose(text: str) -> str:
    """A text that stands on lines of its own: none of them begins a list, a rule or a heading."""
    return re.sub(r"(?m)^(\s*)([-+=]|\d+[.)])(?=[-+=\s]|$)", r"\1&#8203;\2", text)


def document(page: Page, options: Options) -> Iterator[str]:
    """The lines of the whole page."""
    yield from apart(page.blocks)


def apart(blocks: Iterable[Block]) -> Iterator[str]:
    """Blocks with an empty line between them."""
    for place, block in enumerate(blocks):
        yield from [""] if place else []
        yield from lines(block)


def lines(block: Block) -> Iterator[str]:
    """One block, without an empty line before or after it."""
    match block:
        case Heading(level, text):
            yield f"{'#' * level} {written(text)}"
        case Paragraph(text, label):
            yield (f"**{escape(label)}:** " if label else "") + prose(written(text))
        case Bullets(items):
            yield from (f"- {item(*one)}" for one in items)
        case Equation(rows):
            yield from spaced([f"$${one}$$" for one in one_liners(rows)])
        case Matrices():
            yield f"$${joined(matrix_nodes(block))}$$"
        case Table(head, rows):
            yield f"| {' | '.join(map(cell, head))} |"
            yield f"|{''.join('---:|' if block.is_number(column) else '---|' for column in range(len(head)))}"
            yield from (f"| {' | '.join(map(cell, row))} |" for row in rows)
        case Chart():
            yield from fenced(chart.drawn(block.picture, WIDTH, 14))
        case Network(setup, hidden):
            found = None if hidden else setup_picture(setup, WIDTH - 2, 4, ascii=False)
            yield from fenced(as_text(found.draw())) if found is not None else []
        case Room(count):
            yield from spaced(["&nbsp;"] * count)
        case Answers(items):
            for number, answer in items:
                yield f"- **{escape(number)}** {written(answer)}" if number else f"- {written(answer)}"
        case Pairs(steps):
            yield from apart(steps)
        case Fresh():
            yield "---"
        case Box(inner):
            yield from (f"> {line}".rstrip() for line in apart(inner))
        case Step(number, title, inner, note):
            yield f"### {number}. {written(title)}{f' ({escape(note)})' if note else ''}"
            for one in inner:
                yield from ("", *lines(one))
        case _:
            yield from apart(simpler(block))


def written(text: Text) -> str:
    return with_latex(text, escape)


def item(label: str, text: Text) -> str:
    return f"{escape(label)}: {written(text)}" if label else written(text)


def cell(one: Cell) -> str:
    return written((one,))


def spaced(found: Sequence[str]) -> Iterator[str]:
    """Lines with an empty one between them."""
    for place, line in enumerate(found):
        yield from [""] if place else []
        yield line


def fenced(drawing: Sequence[str]) -> Iterator[str]:
    """A drawing in characters."""
    yield from ("```text", *(line.replace("```", "") for line in drawing), "```")


def one_liners(rows: Sequence[Line]) -> list[str]:
    """General and here as they are; the numbers run on to the result."""
    found: dict[str, str] = {}
    label = ""
    for row in rows:
        label = row.label or label
        key = "numbers" if label == "result" and "numbers" in found else label
        left = "" if key in found else latex(row.left)
        if key == "numbers" and key not in found:
            left = latex(rows[-1].left)
        found[key] = f"{found.get(key, '')}{left} = {latex(row.right)}"
    return list(found.values())


def latex(side: Written | None) -> str:
    """One side of an equation, which may be empty."""
    return "" if side is None else joined(side.typeset)
