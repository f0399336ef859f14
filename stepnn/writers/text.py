"""Blocks as plain text: for pipes, files, screen readers and golden tests. No colours, no cursor."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from stepnn.drawing import chart
from stepnn.drawing.canvas import as_text
from stepnn.drawing.places import setup_picture
from stepnn.network.names import GREEK
from stepnn.notation.mathematics import joined
from stepnn.page.blocks import (
    Answers,
    Block,
    Box,
    Bullets,
    Chart,
    Derivation,
    Equation,
    Fresh,
    Given,
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
)
from stepnn.page.build import opening, step_blocks, where
from stepnn.page.written import Cell, Expression, Text, Written, plain
from stepnn.trace.step import Kind, Phase
from stepnn.trace.step import Step as TraceStep
from stepnn.words import Catalogue
from stepnn.writers.formats import Options
from stepnn.writers.matrix_text import matrix_lines

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

WIDTH = 80
ASCII = {
    **{character: name for name, character in GREEK.items()}, "σ": "sigmoid", "Σ": "sum", "∂": "d", "½": "1/2",
    "−": "-", "·": "*", "°": " degrees", "\u00a0": " ",
    "×": "*", "…": "...", "→": "->", "←": "<-", "↑": "^", "↓": "v", "⋮": ":", "²": "^2", "⊙": "o", "≥": ">=",
    "≤": "<=", "ᵀ": "^T", "“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "─": "-", "±": "+-",
    "√": "sqrt", "′": "'", "≈": "~", "̂": "_hat", "̄": "_bar", "Δ": "delta",
}  # fmt: skip
POWER = re.compile("([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
FROM_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def in_ascii(text: str) -> str:
    """The text with its symbols in ASCII. Letters of a language, such as Hangul, stay as they are."""
    if text.isascii():
        return text
    text = re.sub("×10" + POWER.pattern, lambda match: f"e{match[1].translate(FROM_SUPERSCRIPTS)}", text)
    text = POWER.sub(lambda match: f"^{match[1].translate(FROM_SUPERSCRIPTS)}", text)
    return "".join(ASCII.get(letter, letter) for letter in "".join(map(without_accent, text)))


def without_accent(letter: str) -> str:
    """A letter and its accent one behind the other."""
    apart = unicodedata.normalize("NFD", letter)
    return apart if apart[-1] in ASCII else letter


@lru_cache(maxsize=4096)
def cells(text: str) -> int:
    """How many columns a text takes: Hangul and other wide characters take two."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def paragraph(text: str, indent: str = "", width: int = WIDTH) -> list[str]:
    """The text in lines of at most that many columns, broken at spaces."""
    lines: list[list[str]] = []
    used = width + 1
    for word in text.split():
        if used + 1 + cells(word) > width:
            lines.append([])
            used = len(indent) - 1
        lines[-1].append(word)
        used += 1 + cells(word)
    return [indent + " ".join(line) for line in lines]


def refitted(line: str) -> list[str]:
    """A line in ASCII. One of a text that has become too long goes on in the next line."""
    found = in_ascii(line)
    indent = found[: len(found) - len(found.lstrip())]
    text = cells(line) <= WIDTH < cells(found) and "  " not in found.strip()
    return paragraph(found, indent) if text else [found]


class TextWriter:
    """Writes blocks as lines of at most `width` columns, but for equations. `pictures` are drawn with characters, or
    else told in words."""

    def __init__(
        self, words: Catalogue, ascii: bool = False, pictures: bool = True, width: int = WIDTH, height: int = 14
    ) -> None:
        """`height` is that of charts, in lines."""
        self.words, self.ascii, self.pictures, self.width, self.height = words, ascii, pictures, width, height

    def page(self, blocks: Iterable[Block]) -> Iterator[str]:
        """The lines of a page, an empty one between its blocks."""
        for at, block in enumerate(blocks):
            yield from [""] if at else []
            yield from self.finished(block)

    def finished(self, block: Block) -> Iterator[str]:
        """The lines of a block as they are printed."""
        for line in self.lines(block):
            yield from refitted(line) if self.ascii else [line]

    def lines(self, block: Block, indent: str = "") -> Iterator[str]:
        """One block."""
        match block:
            case Heading(level, text):
                yield from (plain(text), "=" * cells(plain(text))) if level == 1 else [f"== {plain(text)} =="]
            case Paragraph(text, label):
                yield from self.paragraph(f"{label}: {plain(text)}".strip() if label else plain(text), indent)
            case Bullets(items):
                yield from self.items(items, indent)
            case Given():
                yield from self.items(block.beside(self.pictures), indent)
            case Equation(lines):
                yield from self.equation(lines, indent)
            case Matrices():
                yield from (f"{indent}{joined(line)}".rstrip() for line in matrix_lines(block, 74, self.ascii))
            case Derivation():
                for sentence, row in block.lines:
                    yield from self.paragraph(plain(sentence), indent)
                    yield from self.lines(row, f"{indent}   ") if row is not None else []
            case Table(head, rows):
                table = [[*map(letters, row)] for row in (head, *rows)]
                yield from (f"{indent}{line}" for line in fitted(table, self.width - len(indent), block.words))
            case Chart():
                yield from self.chart(block, indent)
            case Network(setup, hidden):
                drawn = self.pictures and not hidden  # a drawing in characters has no gaps
                found = setup_picture(setup, self.width - 2, 4, self.ascii) if drawn else None
                yield from as_text(found.draw()) if found is not None else []
            case Room(count):
                yield from [f"{indent}{'_' * 40}"] * count
            case Answers(answers):
                for number, text in answers:
                    yield from self.paragraph(f"{number} {plain(text)}".strip(), indent)
            case Pairs(inner):
                for at, step in enumerate(inner):
                    yield from [""] if at else []
                    yield from self.lines(step, indent)
            case Fresh():
                yield "-" * self.width
            case Box(inner):
                for one in inner:
                    yield from self.lines(one, f"{indent}   ")
            case Step(number, title, inner, note):
                yield f"{indent}{number}. {plain(title)}{f' ({note})' if note else ''}"
                for one in inner:
                    yield from [""] if isinstance(one, (Paragraph, Box)) and one is not inner[0] else []
                    yield from self.lines(one, f"{indent}   ")

    def paragraph(self, text: str, indent: str) -> list[str]:
        return paragraph(text, indent, self.width)

    def items(self, items: Sequence[tuple[str, Text]], indent: str) -> Iterator[str]:
        for label, text in items:
            yield from self.paragraph(f"{label}: {plain(text)}" if label else plain(text), indent)

    def chart(self, block: Chart, indent: str) -> Iterator[str]:
        picture, width = block.picture, self.width - len(indent)
        for line in chart.drawn(picture, width - 3, self.height, self.ascii) if self.pictures else chart.told(picture):
            yield from [f"{indent}{line}"] if cells(line) <= width else self.paragraph(line, indent)

    def equation(self, lines: Sequence[Line], indent: str) -> Iterator[str]:
        """The forms of an equation, labels and equals signs in columns."""
        labels = [self.words(f"label.{line.label}") if line.label else "" for line in lines]
        wide = max(map(cells, labels)) + 2 if any(labels) else 0
        sides = [(self.side(line.left), self.side(line.right)) for line in lines]
        left = max(len(one) for one, _ in sides)
        for label, (before, behind) in zip(labels, sides, strict=True):
            yield f"{indent}{label}{' ' * (wide - cells(label))}{before:<{left}} = {behind}"

    def side(self, side: Written | None) -> str:
        """One side of an equation, which may be empty."""
        if isinstance(side, Expression):
            return joined(side.pieces(self.ascii))
        return "" if side is None else side.text


def document(page: Page, options: Options) -> Iterator[str]:
    """The lines of the whole page."""
    writer = TextWriter(page.words, options.ascii, options.pictures)
    return writer.page(page.blocks)


def letters(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell.text


def single(trace: Trace, number: int, step: TraceStep, words: Catalogue, ascii: bool) -> list[str]:
    """One step on its own, for reading step by step."""
    writer = TextWriter(words, ascii, pictures=False)
    found = opening(trace.setup, words) if step.kind is Kind.GIVEN else step_blocks(trace, number, step, words)
    blocks = list(found)
    if step.phase not in (Phase.START, Phase.TRAINING, Phase.END):
        blocks.insert(0, Heading(2, (" · ".join(where(step, words)),)))
    return [line for block in blocks for line in writer.finished(block)]


def fitted(table: Sequence[Sequence[str]], width: int = WIDTH, words: Collection[int] = frozenset()) -> Iterator[str]:
    """A table; one that is too wide becomes a list, a few lines for each of its rows."""
    lines = list(aligned(table, words))
    if max(map(cells, lines)) <= width:
        yield from lines
        return
    head, *rest = table
    for row in rest:
        yield from paragraph(row[0], width=width)
        named = [f"{name} {cell}" for name, cell in zip(head[1:], row[1:], strict=True) if cell]
        yield from paragraph(" · ".join(named), "   ", width)


def aligned(table: Sequence[Sequence[str]], words: Collection[int] = frozenset()) -> Iterator[str]:
    """A table: the first column and those of words to the left, numbers to the right."""
    widths = [max(cells(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        gaps = [" " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)]
        placed = enumerate(zip(gaps, row, strict=True))
        yield "   ".join(cell + gap if not at or at in words else gap + cell for at, (gap, cell) in placed).rstrip()
