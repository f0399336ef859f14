"""A board as a drawing for paper and browsers: panels beside and below each other, places in points."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise

from stepnn.drawing.board import Board, Panel, given_board, given_number, step_board
from stepnn.drawing.shapes import Box, Connection, Diagram, Label
from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Ref
from stepnn.notation.mathematics import Blank, Nodes, word
from stepnn.trace.step import Step

Write = Callable[[Ref], Nodes]


@dataclass(frozen=True)
class Measures:
    """Sizes in points: of the whole drawing, of a cell, and of the room for names and between panels."""

    width: float
    cell: float
    line: float
    name: float
    side: float
    gap: float
    sequence: float  # the height of a cell where every row has a name


LARGE = Measures(440.0, 30.0, 17.0, 16.0, 40.0, 24.0, 17.0)
SMALL = Measures(110.0, 7.0, 7.0, 12.0, 24.0, 9.0, 9.5)


def given_drawing(setup: Setup, hidden: Collection[Ref] = ()) -> Diagram | None:
    """The given arrays with their numbers; those in `hidden` are left for the reader to find."""
    board = given_board(setup)
    return Drawing(LARGE, lambda ref: number_or_gap(setup, ref, hidden)).draw(board) if board else None


def number_or_gap(setup: Setup, ref: Ref, hidden: Collection[Ref]) -> Nodes:
    """A given number, or a gap for it."""
    return (Blank(small=True),) if ref in hidden else given_number(setup, ref).typeset


def small_board(step: Step) -> Diagram | None:
    """The arrays beside a step, without numbers: what the step uses is lit up."""
    board = step_board(step)
    return Drawing(SMALL, None).draw(board) if board else None


class Drawing:
    """Collects the shapes of a board. `write` gives what stands in a cell, None leaves all cells empty."""

    def __init__(self, measures: Measures, write: Write | None) -> None:
        self.measures, self.write = measures, write
        self.boxes: list[Box] = []
        self.labels: list[Label] = []
        self.lines: list[Connection] = []

    def draw(self, board: Board) -> Diagram:
        """Panels from left to right; one that finds no room begins a new row."""
        x = y = tallest = widest = 0.0
        for panel in board:
            width, height = self.size(panel)
            if x and x + width > self.measures.width:
                x, y, tallest = 0.0, y + tallest + self.measures.gap / 2, 0.0
            self.panel(panel, x, y)
            x, tallest, widest = x + width + self.measures.gap, max(tallest, height), max(widest, x + width)
        return Diagram(
            max(widest, 1.0), y + tallest + 1, 0.0, (), tuple(self.lines), boxes=tuple(self.boxes),
            labels=tuple(self.labels),
        )  # fmt: skip

    def between(self, panel: Panel) -> float:
        """The room between columns: none in an array, some between time steps."""
        return self.measures.cell / 2 if panel.heads else 0.0

    def size(self, panel: Panel) -> tuple[float, float]:
        cell, columns = self.measures.cell, len(panel.rows[0])
        width = columns * cell + (columns - 1) * self.between(panel) + (self.measures.side if panel.sides else 0)
        name = 6.0 * len(panel.name.text)  # a little more than a letter takes
        return max(width, name), self.measures.name + len(panel.rows) * self.line(panel)

    def line(self, panel: Panel) -> float:
        return self.measures.sequence if panel.sides else self.measures.line

    def panel(self, panel: Panel, x: float, y: float) -> None:
        """One panel with its upper left corner there."""
        size, left = self.measures, x + (self.measures.side if panel.sides else 0)
        if panel.name.text:
            self.labels.append(Label(x, y + size.name / 2, panel.name.typeset))
        step = size.cell + self.between(panel)
        places = [left + column * step for column in range(len(panel.rows[0]))]
        if panel.heads and self.write is None:
            self.labels.append(Label(x, y + size.name / 2, (word(panel.heads[0][0]), word(" →"))))
        for number, row in enumerate(panel.rows):
            line = self.line(panel)
            top = y + size.name + number * line
            if panel.sides:
                self.labels.append(Label(left - 3, top + line / 2, panel.sides[number].typeset, right=True))
            if panel.flows and panel.flows[number]:
                middle = top + line / 2
                lit = any(tile.lit or tile.focus for tile in row)
                for before, after in pairwise(places):
                    self.lines.append(Connection((before + size.cell, middle), (after, middle), lit=lit))
            for place, tile in zip(places, row, strict=True):
                text = self.write(tile.ref) if self.write is not None else ()
                self.boxes.append(Box(place, top, size.cell, line, text, tile.lit, tile.focus))
