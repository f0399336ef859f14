"""A page as a list of blocks: what every kind of paper and browser page is made from.

Worked examples and exercise sheets build blocks; each format (Markdown, LaTeX, HTML, PDF) writes them. No format
knows a lesson, and no builder knows a format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from stepnn.errors import StepnnError
from stepnn.network.names import Name
from stepnn.notation.mathematics import Nodes
from stepnn.trace import charts
from stepnn.views.cells import Cell, Maths
from stepnn.views.shapes import Diagram

LARGEST = 1_000_000  # letters of a page as text or Markdown; the longest of our own has 100 000, in HTML 2 million
Piece = TypeVar("Piece")
Text = tuple[Cell, ...]
MARK = re.compile("\x02(\\d+)\x03")


class Marks:
    """Lets sentences hold mathematics: a name becomes a mark in the sentence, and `text` puts it back.

    The marks are control characters, which no lesson file may hold.
    """

    def __init__(self) -> None:
        self.found: list[Nodes] = []

    def __call__(self, name: Name) -> str:
        self.found.append(name.typeset)
        return f"\x02{len(self.found) - 1}\x03"

    def text(self, sentence: str) -> Text:
        pieces = MARK.split(sentence)
        cells: list[Cell] = [Maths(self.found[int(one)]) if at % 2 else one for at, one in enumerate(pieces)]
        return tuple(cell for cell in cells if cell)


@dataclass(frozen=True)
class Heading:
    """`level` 1 is the title of the page, 2 that of a part."""

    level: int
    text: Text


@dataclass(frozen=True)
class Paragraph:
    """`label` stands in front of it in bold."""

    text: Text
    label: str = ""


@dataclass(frozen=True)
class Bullets:
    items: tuple[Text, ...]


@dataclass(frozen=True)
class Line:
    """One line of an equation: a left side, which may be empty, and a right side. `label` is a catalogue key.

    One that `continues` the line before it has no equals sign.
    """

    left: Nodes
    right: Nodes
    label: str = ""
    continues: bool = False


@dataclass(frozen=True)
class Equation:
    """Lines below each other, aligned at their equals signs. `spoken` is how it is read aloud."""

    lines: tuple[Line, ...]
    spoken: str = ""


@dataclass(frozen=True)
class Matrices:
    """A matrix form on a line of its own."""

    nodes: Nodes
    spoken: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of cells; all columns but the first are numbers, to the right.

    A `key` has a number and a name in front, and then a column for each sheet, all equally wide.
    """

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    key: bool = False


@dataclass(frozen=True)
class Chart:
    """A curve, a field or a raster."""

    picture: charts.Picture


@dataclass(frozen=True)
class Network:
    """The network drawn, and the same in characters for pages that cannot draw."""

    diagram: Diagram
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Room:
    """Empty lines to write on."""

    lines: int


@dataclass(frozen=True)
class Answers:
    """Short lines in columns, each with a number in front of it or without: a key, or a list of formulas."""

    items: tuple[tuple[str, Text], ...]
    columns: int = 4


@dataclass(frozen=True)
class Pairs:
    """Steps of half a page's width, two side by side."""

    blocks: tuple[Step, ...]


@dataclass(frozen=True)
class Fresh:
    """Here a new sheet of paper begins, with a footer of its own and pages counted anew."""

    footer: str


@dataclass(frozen=True)
class Box:
    """Something set apart from the rest, such as the rules of a sheet."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Step:
    """A numbered step of a worked example, or a numbered exercise: kept together on paper.

    `note` stands at its right, and so does `beside`, the network with what is in use lit up.
    """

    number: str
    title: Text
    blocks: tuple[Block, ...]
    note: str = ""
    beside: Diagram | None = None


Drawn = Table | Chart | Network
Block = (
    Heading | Paragraph | Bullets | Equation | Matrices | Drawn | Room | Answers | Pairs | Fresh | Box | Step
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A whole page: its title, its language, and its blocks.

    `footer` stands at the foot of every sheet of paper. With `duplex`, what begins afresh begins on a front side.
    `stepping` is whether it is a walk that a reader may go through step by step.
    """

    title: str
    language: str
    blocks: tuple[Block, ...]
    footer: str = ""
    duplex: bool = False
    stepping: bool = False


def plain_text(text: Sequence[Cell]) -> str:
    """The text as one string, its mathematics in LaTeX."""
    return "".join(map(str, text))


def inside(blocks: Sequence[Block]) -> list[Block]:
    """All blocks, and those inside steps and boxes."""
    found: list[Block] = []
    for block in blocks:
        found.append(block)
        if isinstance(block, (Step, Box, Pairs)):
            found += inside(block.blocks)
    return found


def within(found: Iterable[Piece], size: Callable[[Piece], int]) -> Iterator[Piece]:
    """The pieces of a page, as they are made, while they have no more letters than anybody is likely to want to read.
    Raises StepnnError."""
    letters = 0
    for one in found:
        letters += size(one)
        if letters > LARGEST:
            raise StepnnError(
                f"This page is larger than {LARGEST // 1_000_000} MB of text. Nothing was written. Use --all for all "
                "of it, or make it shorter: fewer updates, or a smaller unfold in the lesson file."
            )
        yield one
