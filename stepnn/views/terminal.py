"""A step as a terminal screen: header, picture, sentence, equation, in colours, for any size of window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Ref
from stepnn.notation.printer import Leaves, Pieces
from stepnn.trace.matrix import NoMatrixForm, matrix_form
from stepnn.trace.sentences import own_why, phase_name, title, why
from stepnn.trace.step import Kind, Step
from stepnn.views.canvas import Canvas, Cell
from stepnn.views.closing import closing
from stepnn.views.colours import RESULT, colours
from stepnn.views.drawing import setup_canvas, step_canvas
from stepnn.views.equations import Script, names_leaf, printer, result, rows, values_leaf
from stepnn.views.given import GivenRow, given_rows, text_of
from stepnn.views.matrices import lines_of as matrix_lines
from stepnn.views.plain import in_ascii
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

WIDE = 110  # columns from which the picture stands beside the formulas
WIDEST_TEXT = 100
EQUATION_WIDTH = 70  # what the longest equations of small networks take
NARROWEST_PICTURE = 40
NARROWEST_HEADER = 60  # with fewer columns the header says only `28/55`
Lines = list[Text]


@dataclass(frozen=True)
class Look:
    """How a screen is drawn: its size in characters, its language, and whether only ASCII may be used."""

    width: int
    height: int
    words: Catalogue
    ascii: bool = False

    @property
    def script(self) -> Script:
        return Script.ASCII if self.ascii else Script.TEXT

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


def header(setup: Setup, look: Look, right: str) -> Lines:
    """The lesson on the left, where we are on the right, a rule below."""
    left = Text(str(getattr(setup.lesson.title, look.words.language)), style="bold")
    left.truncate(max(look.width - cell_len(right) - 2, 0), overflow="ellipsis" if not look.ascii else "crop")
    gap = max(1, look.width - left.cell_len - cell_len(right))
    line = Text.assemble(left, " " * gap, (right, "dim"))
    line.truncate(look.width)
    return [line, Text(("-" if look.ascii else "─") * look.width, style="dim")]


def painted(canvas: Canvas, styles: Mapping[Ref, str]) -> Lines:
    """A drawing with its colours: what is in use has that of its symbol, everything else is dim."""

    def style(cell: Cell) -> str:
        if cell.ref is None or cell.ref not in styles:
            return "dim" if cell.kind in ("edge", "value") else ""
        weight = "bold reverse " if cell.kind == "focus" else "bold " if cell.kind in ("node", "label") else ""
        return f"{weight}{styles.get(cell.ref, '')}".replace("bold reverse bold", "bold reverse").replace(
            "bold bold", "bold"
        )

    return [Text.assemble(*((cell.text, style(cell)) for cell in row)) for row in canvas.draw()]


def opening_body(setup: Setup, look: Look) -> Lines:
    """What the lesson is about, the network, and all given numbers. Nothing has been computed yet."""
    words, lesson = look.words, setup.lesson
    width = min(look.width, WIDEST_TEXT)
    body: Lines = []
    for paragraph in str(getattr(lesson.introduction, words.language)).strip().split("\n"):
        body += wrapped(Text(paragraph), width)
    goal = Text(str(getattr(lesson.goal, words.language)))
    body += [*hanging(Text(f"{words('label.goal')}: ", style="bold"), goal, width), Text()]
    if look.width >= NARROWEST_PICTURE:
        canvas = setup_canvas(setup, width - 1, look.most_neurons, look.script)
        body += [*painted(canvas, {}), Text()]
    return body + packed([given_line(row, look) for row in given_rows(setup, words)], look.width)


def given_line(row: GivenRow, look: Look) -> Text:
    return Text.assemble((f"{row.label}: ", "dim"), ascii_if(text_of(row), look))


def packed(texts: Lines, width: int) -> Lines:
    """Short texts beside each other where they fit on one line."""
    found: Lines = []
    for text in texts:
        if found and found[-1].cell_len + 3 + text.cell_len <= width:
            found[-1] = Text.assemble(found[-1], "   ", text)
        else:
            found += wrapped(text, width)
    return found


def ascii_if(text: str, look: Look) -> str:
    return in_ascii(text) if look.ascii else text


def equation(step: Step, look: Look, width: int, styles: Mapping[Ref, str]) -> Lines:
    """The equation in its forms, one below the other, the equals signs in one column."""
    words = look.words
    found = rows(step, look.script)
    labels = [words(f"label.{row.label}") if row.label else "" for row in found]
    label_width = max((cell_len(label) for label in labels), default=0) + 2
    left_width = max((cell_len("".join(piece.text for piece in row.left)) for row in found), default=0)
    lines: Lines = []
    for row, label in zip(found, labels, strict=True):
        left = styled(row.left, styles)
        head = Text.assemble(
            (label, "dim"), " " * (label_width - cell_len(label)), left, " " * (left_width - left.cell_len), " = "
        )
        right = styled(row.right, styles, RESULT if row.label == "result" else "")
        lines += hanging(head, right, width)
    return lines


def styled(pieces: Pieces, styles: Mapping[Ref, str], default: str = "") -> Text:
    """Printed pieces in the colours of their elements."""
    return Text.assemble(
        *((piece.text, styles.get(piece.ref, default) if piece.ref is not None else default) for piece in pieces)
    )


def step_body(trace: Trace, place: int, step: Step, look: Look) -> Lines:
    """One step: the picture, what is computed and why, the equation. Side by side where there is room."""
    if step.kind is Kind.GIVEN:
        return opening_body(trace.setup, look)
    if step.kind in (Kind.SUMMARY, Kind.QUESTION, Kind.ANSWER):
        return closing_body(trace, step, look)
    styles = colours(step)
    side_by_side = look.width >= WIDE
    picture_width = max(44, min(look.width - EQUATION_WIDTH, 70)) if side_by_side else min(look.width, WIDEST_TEXT) - 1
    text_width = look.width - picture_width - 3 if side_by_side else look.width
    text = described(trace, step, look, min(text_width, WIDEST_TEXT))
    text += (
        [Text(), *equation(step, look, text_width, styles)]
        if step.quantity is not None
        else [Text(), *listed(step, look)]
    )
    if look.width < NARROWEST_PICTURE:
        return text
    canvas = step_canvas(trace, place, step, picture_width, look.most_neurons, look.script, side_by_side)
    drawing = painted(canvas, styles)
    if not side_by_side:
        return [*drawing, Text(), *text]
    body = beside(drawing, text, picture_width + 3)
    return body + ledger(trace, place, step, look, look.height - len(body) - 6, styles)


def ledger(trace: Trace, place: int, step: Step, look: Look, room: int, styles: Mapping[Ref, str]) -> Lines:
    """What has been computed in this pass so far, in columns: the newest that fit. What the step uses is coloured."""
    names = step.moment.forms.names
    known = [one for one in trace.steps[: place + 1] if one.ref is not None and one.pass_number == step.pass_number]
    cells = [
        Text.assemble(
            (f"{names.ascii(one.ref) if look.ascii else names.text(one.ref)} = ", "dim"),
            (result(one, look.script), styles.get(one.ref, "")),
        )
        for one in known
        if one.ref is not None
    ]
    if room < 4 or not cells:
        return []
    width = max(cell.cell_len for cell in cells) + 3
    columns = max(1, look.width // width)
    cells = cells[-(columns * (room - 2)) :]
    height = -(-len(cells) // columns)
    lines = [Text(), Text(ascii_if(look.words("label.so_far"), look), style="bold")]
    for row in range(height):
        line = Text()
        for cell in cells[row::height]:
            line.append_text(cell).append(" " * (width - cell.cell_len))
        lines.append(line)
    return lines


def described(trace: Trace, step: Step, look: Look, width: int) -> Lines:
    """The title of a step, and why it is done."""
    heading = Text(ascii_if(title(step, look.words), look), style="bold")
    reason = Text(ascii_if(own_why(step, trace.setup, look.words.language) or why(step, look.words), look))
    return [*wrapped(heading, width), *wrapped(reason, width)]


def beside(left: Lines, right: Lines, column: int) -> Lines:
    """Two columns."""
    found = []
    for number in range(max(len(left), len(right))):
        first = left[number] if number < len(left) else Text()
        found.append(
            Text.assemble(first, " " * max(column - first.cell_len, 1), right[number] if number < len(right) else "")
        )
    return found


def listed(step: Step, look: Look) -> Lines:
    """What is inside a layer or a pass, one line each."""
    return [Text(f"  {ascii_if(title(child, look.words), look)}") for child in step.children]


def matrix_body(trace: Trace, step: Step, look: Look) -> Lines | None:
    """The same calculation as matrices, names first, then numbers. None if it has no such form."""
    if step.quantity is None or step.term is not None:
        return None
    try:
        tokens = matrix_form(step.moment.forms.network, step.quantity)
    except NoMatrixForm:
        return None
    whole = replace(step, ref=None) if step.ref is not None else step
    names, styles = names_leaf(step.moment.forms.names, look.script), colours(step)
    values = values_leaf(step.moment, look.script)
    body = described(trace, whole, look, min(look.width, WIDEST_TEXT))
    body += [Text(), *equation(whole, look, look.width, {}), Text()]
    for leaf in (names, values):
        lines = matrix_lines(tokens, partial(text_of_leaf, leaf), look.width - 2, look.ascii)
        body += [Text.assemble("  ", styled(line, styles)) for line in lines] + [Text()]
    return body


def text_of_leaf(leaf: Leaves, ref: Ref) -> str:
    return leaf(ref).text


def derivation_body(step: Step, look: Look) -> Lines:
    """Where the formula comes from, line by line."""
    from stepnn.trace.derivation import derivation  # brings SymPy, which the first screen does without

    words = look.words
    found = derivation(step)
    write = printer(names_leaf(found.names, look.script), look.script)
    body = [Text(words("derivation.title"), style="bold"), Text()]
    for line in found.lines:
        of = found.names.of(line.of) if line.of is not None else None
        said = words(f"derivation.{line.key}", of=of.ascii if of and look.ascii else of.text if of else "")
        body += wrapped(Text(ascii_if(said, look), style="dim"), min(look.width, WIDEST_TEXT))
        if line.left is not None and line.right is not None:
            left = styled(write(line.left), {})
            body += [*hanging(Text.assemble("    ", left, " = "), styled(write(line.right), {}), look.width), Text()]
    if any(line.key == "result" or line.key == "slope" for line in found.lines):
        body += wrapped(Text(words("derivation.derived"), style="dim"), min(look.width, WIDEST_TEXT))
    return body


KEYS = (
    ("n Enter Space → l", "next"), ("p b ← h", "back"), ("i", "into"), ("o", "out"), ("m", "matrix"),
    ("d", "derivation"), ("1 2 3 g", "go"), ("Home End g G", "ends"), ("/", "find"), ("↑ ↓ j k", "scroll"),
    ("?", "help"), ("q Ctrl-C", "quit"),
)  # fmt: skip


def help_body(look: Look) -> Lines:
    """All keys."""
    arrows = str.maketrans({"→": ">", "←": "<", "↑": "^", "↓": "v"})
    body = [Text(look.words("keys.title"), style="bold"), Text()]
    for keys, name in KEYS:
        shown = keys.translate(arrows) if look.ascii else keys
        body += hanging(Text(f"{shown:<18} ", style="bold"), Text(look.words(f"keys.{name}")), look.width)
    return body


def closing_body(trace: Trace, step: Step, look: Look) -> Lines:
    """The closing table, the question, or its answer."""
    words = look.words
    if step.kind is not Kind.SUMMARY:
        lesson = trace.lesson.closing
        text = lesson.question if step.kind is Kind.QUESTION else lesson.answer
        width = min(look.width, WIDEST_TEXT)
        question = [*wrapped(Text(str(getattr(lesson.question, words.language)), style="dim"), width), Text()]
        lead = question if step.kind is Kind.ANSWER else []
        said = wrapped(Text(ascii_if(str(getattr(text, words.language)), look), style="bold"), width)
        hint = wrapped(Text(words("why.question"), style="dim"), width) if step.kind is Kind.QUESTION else []
        return [*lead, *said, *([Text(), *hint] if hint else [])]
    last = closing(trace, words, look.script)
    body = (
        described(trace, step, look, look.width) if trace.setup.learns else [Text(words("label.answers"), style="bold")]
    )
    body += [Text(), *table([last.head, *last.rows])]
    if last.error:
        name, before, after = last.error
        body += [Text(), Text.assemble((f"{name}: ", "bold"), before, " -> " if look.ascii else " → ", (after, RESULT))]
    if last.compared:
        body += [Text(), *wrapped(Text(f"{words('label.compared')}:", style="dim"), look.width)]
        for label, value in last.compared:
            body += hanging(Text(f"  {value}  ", style="bold"), Text(label), look.width)
    return body


def table(cells: Sequence[Sequence[str]]) -> Lines:
    """Columns of equal width, numbers to the right; the first row is the head."""
    widths = [max(cell_len(row[column]) for row in cells) for column in range(len(cells[0]))]
    found = []
    for number, row in enumerate(cells):
        padded = [
            cell + " " * (width - cell_len(cell)) if column == 0 else " " * (width - cell_len(cell)) + cell
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        found.append(Text("   ".join(padded), style="dim" if number == 0 else ""))
    return found


def where_we_are(trace: Trace | None, place: int, step: Step | None, look: Look) -> str:
    """`backward · step 14 of 53`; before the trace is there, only that this is the start."""
    words = look.words
    if trace is None or step is None:
        return words("label.step_open", number=1)
    number = words("label.step", number=place + 1, count=len(trace))
    inside = step is not trace[place]
    if look.width < NARROWEST_HEADER:
        return f"{place + 1}/{len(trace)}"
    parts = [phase_name(step, words), words("label.inside", number=place + 1) if inside else number]
    if len(trace.moments) > 1 and step.kind not in (Kind.GIVEN, Kind.SUMMARY, Kind.QUESTION, Kind.ANSWER):
        parts.insert(1, words("label.pass", number=step.pass_number))
        parts.insert(2, words("label.sample", number=step.sample)) if len(trace.setup.samples) > 1 else None
    return (" - " if look.ascii else " · ").join(parts)
