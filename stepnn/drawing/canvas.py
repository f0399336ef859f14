"""Drawing the picture of a network with characters: braille dots for the edges, or plain ASCII.

A drawing is rows of cells; a cell is a character and the element whose colour it takes. What the colours
are is the terminal's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from stepnn.drawing.picture import Edge, Node, Picture, Place
from stepnn.notation.formula import Ref

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # bit of each dot, [row][column], in a braille cell


@dataclass
class Cell:
    """One character place. `kind` is edge, node, value, focus, label or empty; `ref` is what lights it."""

    text: str = " "
    kind: str = ""
    ref: Ref | None = None
    bits: int = 0


class Canvas:
    """A picture being drawn on `width` × `height` characters."""

    def __init__(self, picture: Picture, width: int, height: int, ascii: bool, room: int = 0, lines: int = 1) -> None:
        """`room` is kept for a value of the last column, and `lines` of them below each neuron; where neurons stand too
        near to each other for that, the values stand in one line, or only the last one is shown."""
        self.picture = picture
        self.width, self.height, self.ascii = width, height, ascii
        tallest = max(map(len, picture.columns))
        near = lines > 1 and tallest > 1 and (height - 1 - lines) < (lines + 1) * (tallest - 1)
        both = lines * room - 3  # only one of them has a δ in front
        self.beside = near and (width - both - 2) > both * (len(picture.columns) - 1)
        self.shown = 1 if near and not self.beside else lines
        self.lines, self.room = (1 if near else lines), (both if self.beside else room)
        self.cells = [[Cell() for _ in range(width)] for _ in range(height)]
        self.at: dict[Place, tuple[int, int]] = {}  # column and row of each node's label

    def draw(self) -> list[list[Cell]]:
        """The finished rows."""
        self.place_nodes()
        for edge in sorted(self.picture.edges, key=lambda edge: edge.ref is not None):
            self.edge(edge)
        for column in self.picture.columns:
            for node in column:
                self.node(node)
            self.gaps(column)
        for edge in self.picture.edges:
            if edge.label:
                self.edge_label(edge)
        return self.cells

    def place_nodes(self) -> None:
        """Columns from edge to edge, neurons spread over the height."""
        columns = self.picture.columns
        labels = max(len(node.label) + 2 for column in columns for node in column)
        last = self.width - max(labels, self.room) - 1
        for number, column in enumerate(columns):
            x = 1 if len(columns) == 1 else 1 + round(number * (last - 1) / (len(columns) - 1))
            for place, node in enumerate(column):
                self.at[node.place] = (x, self.row(place, len(column)))

    def row(self, place: int, count: int) -> int:
        """The row of a neuron; below each there is room for its values."""
        if count == 1:
            return (self.height - 1) // 2
        return round(place * (self.height - 1 - self.lines) / (count - 1))

    def edge(self, edge: Edge) -> None:
        """A line from the right end of one label to the left end of another."""
        (x0, y0), (x1, y1) = self.at[edge.start], self.at[edge.end]
        start = x0 + len(self.label_of(edge.start)) + 1
        if self.ascii:
            self.ascii_line(start, y0, x1 - 2, y1, edge.ref)
        else:
            self.dotted_line(2 * start, 4 * y0 + 2, 2 * (x1 - 1) - 1, 4 * y1 + 2, edge.ref)

    def label_of(self, place: Place) -> str:
        node = next(node for node in self.picture.columns[place[0]] if node.place == place)
        return f"({node.label})"

    def dotted_line(self, x0: int, y0: int, x1: int, y1: int, ref: Ref | None) -> None:
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            x, y = x0 + round(step * (x1 - x0) / steps), y0 + round(step * (y1 - y0) / steps)
            cell = self.cells[y // 4][x // 2]
            if ref is not None and cell.ref is None:
                cell.bits, cell.ref = 0, ref
            cell.bits |= DOTS[y % 4][x % 2]
            cell.kind, cell.text = "edge", chr(0x2800 + cell.bits)

    def ascii_line(self, x0: int, y0: int, x1: int, y1: int, ref: Ref | None) -> None:
        steps = max(x1 - x0, 1)
        before = y0
        for step in range(steps + 1):
            y = y0 + round(step * (y1 - y0) / steps)
            cell = self.cells[y][x0 + step]
            cell.text = "-" if y == before else "\\" if y > before else "/"
            cell.kind, cell.ref = "edge", ref if ref is not None else cell.ref
            before = y

    def write(self, x: int, y: int, text: str, kind: str, ref: Ref | None) -> None:
        for place, letter in enumerate(text):
            if 0 <= y < self.height and 0 <= x + place < self.width:
                self.cells[y][x + place] = Cell(letter, kind, ref)

    def node(self, node: Node) -> None:
        x, y = self.at[node.place]
        self.write(x, y, f"({node.label})", "focus" if node.focus else "node", node.ref)
        for value in node.values[-self.shown :]:
            y += 0 if self.beside and value is not node.values[0] else 1
            self.write(x, y, f"{value.text} ", "value", value.ref)
            x += len(value.text) + 1 if self.beside else 0

    def gaps(self, column: tuple[Node, ...]) -> None:
        """Dots where neurons are left out: below the values above them, or where there is no room, behind them."""
        for upper, lower in pairwise(column):
            if lower.place[1] != upper.place[1] + 1:
                (x, y0), (_, y1) = self.at[upper.place], self.at[lower.place]
                shown = [len(value.text) for value in upper.values[-self.shown :]]
                row = max((y0 + y1 + 1) // 2, y0 + 1 + (min(1, len(shown)) if self.beside else len(shown)))
                width = sum(shown) + len(shown) - 1 if self.beside else shown[-1] if shown else 0
                behind = width if row >= y1 and shown else 0
                self.write(x + 1 + behind, min(row, y1 - 1), ":" if self.ascii else "⋮", "value", None)

    def edge_label(self, edge: Edge) -> None:
        """The label on the line: near the start of a slanted one, where lines to different neurons are apart."""
        (x0, y0), (x1, y1) = self.at[edge.start], self.at[edge.end]
        start = x0 + len(self.label_of(edge.start)) + 1
        for share in (0.22, 0.3, 0.36, 0.42) if y0 != y1 else (0.5,):
            x = start + round(share * (x1 - start)) - len(edge.label) // 2
            y = y0 + round(share * (y1 - y0))
            around = [
                self.cells[y][place] for place in range(x - 1, x + len(edge.label) + 1) if 0 <= place < self.width
            ]
            if all(cell.kind in ("", "edge") for cell in around):
                self.write(x, y, edge.label, "label", edge.ref)
                return


def as_text(cells: list[list[Cell]]) -> list[str]:
    """The drawing without colours."""
    return ["".join(cell.text for cell in row).rstrip() for row in cells]
