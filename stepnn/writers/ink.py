"""Building blocks of terminal screens: coloured text, wrapped, side by side, in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from stepnn.drawing.board_text import BoardCanvas
from stepnn.drawing.canvas import Canvas, Cell
from stepnn.drawing.colours import RESULT, hue
from stepnn.notation.formula import Ref
from stepnn.notation.printer import Pieces
from stepnn.page.blocks import Line, Paragraph, Step
from stepnn.page.written import Expression, Written, plain
from stepnn.words import Catalogue
from stepnn.writers.text import in_ascii

WIDE = 110  # columns from which the picture stands beside the formulas
WIDEST_TEXT = 100
NARROWEST_PICTURE = 40
Lines = list[Text]


@dataclass(frozen=True)
class Look:
    """How a screen is drawn: its size in characters, its language, and whether only ASCII may be used."""

    width: int
    height: int
    words: Catalogue
    ascii: bool = False

    @property
    def most_neurons(self) -> int:
        """How many neurons of a layer the picture has room for."""
        return max(2, min(12, (self.height - 14) // 2)) if self.width >= WIDE else 4 if self.height >= 24 else 2


def wrapped(text: Text, width: int) -> Lines:
    """The text in lines of at most that many cells."""
    return list(text.wrap(Console(width=max(width, 8), color_system=None), max(width, 8)))


def hanging(label: Text, text: Text, width: int) -> Lines:
    """A label with text behind it; further lines stand under the text."""
    lines = wrapped(text, width - label.cell_len)
    gap = " " * label.cell_len
    return [Text.assemble(label if place == 0 else gap, line) for place, line in enumerate(lines)]


def ascii_if(text: str, look: Look) -> str:
    return in_ascii(text) if look.ascii else text


def styled(pieces: Pieces, styles: Mapping[Ref, str], default: str = "") -> Text:
    """Printed pieces in the colours of their elements."""
    return Text.assemble(
        *((piece.text, default if piece.ref is None else styles.get(piece.ref, default)) for piece in pieces)
    )


def painted(canvas: Canvas | BoardCanvas, styles: Mapping[Ref, str]) -> Lines:
    """A drawing with its colours: what is in use has that of its symbol, everything else is dim."""

    def style(cell: Cell) -> str:
        if cell.ref is None or cell.ref not in styles:
            return "dim" if cell.kind in ("edge", "value") else ""
        weight = {"focus": "reverse ", "node": "bold ", "label": "bold "}.get(cell.kind, "")
        style = styles[cell.ref]
        return hue(style) if cell.kind == "edge" else f"{weight}{style}"

    return [Text.assemble(*((cell.text, style(cell)) for cell in row)) for row in canvas.draw()]


def beside(left: Lines, right: Lines, column: int) -> Lines:
    """Two columns."""
    found = []
    for number in range(max(len(left), len(right))):
        first = left[number] if number < len(left) else Text()
        found.append(
            Text.assemble(first, " " * max(column - first.cell_len, 1), right[number] if number < len(right) else "")
        )
    return found


def packed(texts: Lines, width: int) -> Lines:
    """Short texts beside each other where they fit on one line."""
    found: Lines = []
    for text in texts:
        if found and found[-1].cell_len + 3 + text.cell_len <= width:
            found[-1] = Text.assemble(found[-1], "   ", text)
        else:
            found += wrapped(text, width)
    return found


def equation(lines: Sequence[Line], look: Look, width: int, styles: Mapping[Ref, str]) -> Lines:
    """The equation in its forms, one below the other, the equals signs in one column."""
    words = look.words
    labels = [words(f"label.{line.label}") if line.label else "" for line in lines]
    label_width = max((cell_len(label) for label in labels), default=0) + 2
    lefts = [side(line.left, look, styles, "") for line in lines]
    left_width = max((left.cell_len for left in lefts), default=0)
    found: Lines = []
    for line, label, left in zip(lines, labels, lefts, strict=True):
        head = Text.assemble(
            (label, "dim"), " " * (label_width - cell_len(label)), left, " " * (left_width - left.cell_len), " = "
        )
        result = left_style(line.left, styles) if line.label == "result" else ""
        found += hanging(head, side(line.right, look, styles, result), width)
    return found


def left_style(left: Written | None, styles: Mapping[Ref, str]) -> str:
    """The style of a result: that of its name."""
    ref = left.formula if isinstance(left, Expression) and isinstance(left.formula, Ref) else None
    return styles.get(ref, RESULT) if ref is not None else RESULT


def side(one: Written | None, look: Look, styles: Mapping[Ref, str], default: str) -> Text:
    """One side of an equation, which may be empty."""
    if isinstance(one, Expression):
        return styled(one.pieces(look.ascii), styles, default)
    return Text("" if one is None else ascii_if(one.text, look), style=default)


def described(block: Step, look: Look, width: int) -> Lines:
    """The title of a step, and why it is done, if that is said."""
    said = wrapped(Text(ascii_if(plain(block.title), look), style="bold"), width)
    for one in block.blocks[:1]:
        said += wrapped(Text(ascii_if(plain(one.text), look)), width) if isinstance(one, Paragraph) else []
    return said
