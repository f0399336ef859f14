"""A board drawn with characters: a name above each panel, brackets around the cells in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stepnn.drawing.board import Board, Panel, Tile
from stepnn.drawing.canvas import Cell
from stepnn.network.names import Name
from stepnn.notation.formula import Ref

GAP = 3  # between panels
Row = list[Cell]


class BoardCanvas:
    """A board on at most `width` columns; panels that find no room beside the others stand below them."""

    def __init__(self, board: Board, width: int, ascii: bool, text: Callable[[Ref], str]) -> None:
        """`text` gives the value of a cell, or a dot for one that is not known yet."""
        self.board, self.width, self.ascii, self.text = board, width, ascii, text

    def draw(self) -> list[Row]:
        """The finished rows."""
        found: list[Row] = []
        line: list[list[Row]] = []
        for panel in map(self.panel, self.board):
            if line and sum(block_width(one) + GAP for one in line) + block_width(panel) > self.width:
                found += [*side_by_side(line), []]
                line = []
            line.append(panel)
        return [row[: self.width] for row in (*found, *side_by_side(line))]

    def panel(self, panel: Panel) -> list[Row]:
        """One panel: its name and its cells, those of a sequence with names at the side and time steps above."""
        texts = [[self.text(tile.ref) for tile in row] for row in panel.rows]
        width = max(len(text) for row in (*texts, panel.heads) for text in row)
        sides = [self.name(one) for one in panel.sides]
        margin = max(map(len, sides), default=-1) + 1
        arrows = any(panel.flows)
        rows = []
        for place, tiles in enumerate(panel.rows):
            flow = panel.flows[place] if panel.flows else 0
            row = written(f"{sides[place] if sides else '':<{margin}}", "label")
            for column, tile in enumerate(tiles):
                row += self.between(flow) if column and arrows else []
                row += marked(tile, texts[place][column], width)
            rows.append(row)
        return [self.head(panel, width, margin, arrows), *rows]

    def head(self, panel: Panel, width: int, margin: int, arrows: bool) -> Row:
        """The name of a panel, or the time steps of a sequence."""
        if not panel.heads:
            return written(" " + self.name(panel.name), "label")
        between = " " * (5 if arrows else 2)
        return written(" " * (margin + 1) + between.join(f"{head:>{width}}" for head in panel.heads), "value")

    def between(self, flow: int) -> Row:
        arrow = {0: "   ", 1: "-->" if self.ascii else "──▸", -1: "<--" if self.ascii else "◂──"}[flow]
        return written(arrow, "edge")

    def name(self, name: Name) -> str:
        return name.ascii if self.ascii else name.text


def marked(tile: Tile, text: str, width: int) -> Row:
    """A cell with its marks: brackets where it is used, angles where it is computed."""
    left, right, kind = ("<", ">", "focus") if tile.focus else ("[", "]", "node") if tile.lit else (" ", " ", "value")
    ref = tile.ref if tile.lit or tile.focus else None
    return [Cell(letter, kind, ref) for letter in f"{left}{text:>{width}}{right}"]


def written(text: str, kind: str) -> Row:
    return [Cell(letter, kind) for letter in text]


def block_width(block: Sequence[Row]) -> int:
    return max(map(len, block))


def side_by_side(blocks: Sequence[Sequence[Row]]) -> list[Row]:
    """Blocks next to each other, from the top."""
    found = []
    for number in range(max(map(len, blocks), default=0)):
        row: Row = []
        for block in blocks:
            own = list(block[number]) if number < len(block) else []
            row += own + [Cell() for _ in range(block_width(block) - len(own) + GAP)]
        found.append(row)
    return found
