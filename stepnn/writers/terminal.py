"""A step as a terminal screen: header, picture, sentence, equation, in colours, for any size of window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from stepnn.drawing.colours import colours
from stepnn.drawing.picture import neuron_layers
from stepnn.drawing.places import board_canvas, letters, step_canvas
from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Ref
from stepnn.page.asides import curve
from stepnn.page.blocks import Network, Paragraph
from stepnn.page.blocks import Step as StepBlock
from stepnn.page.build import opening, step_blocks
from stepnn.trace.sentences import phase_name, title, turn_name
from stepnn.trace.step import Kind, Phase, Step
from stepnn.trace.texts import keys, title_text
from stepnn.trace.turns import counted
from stepnn.writers.ink import NARROWEST_PICTURE, WIDE, WIDEST_TEXT, Lines, Look, ascii_if, beside, painted
from stepnn.writers.screens import chart_body, closing_body, trimmed, written

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

EQUATION_WIDTH = 70  # what the longest equations of small networks take
NARROWEST_HEADER = 60  # with fewer columns the header says only `28/55`
NARROWEST_COLUMN = 11  # of a picture beside the text: a neuron, and the lines that lead to the next layer


def header(setup: Setup, look: Look, right: str, turns: str = "") -> Lines:
    """The lesson on the left, where we are on the right, a rule below, in which stands which turn of how many it is."""
    left = Text(title_text(setup.lesson, look.words.language), style="bold")
    left.truncate(max(look.width - cell_len(right) - 2, 0), overflow="ellipsis" if not look.ascii else "crop")
    gap = max(1, look.width - left.cell_len - cell_len(right))
    line = Text.assemble(left, " " * gap, (right, "dim"))
    line.truncate(look.width)
    dash = "-" if look.ascii else "─"
    room = look.width - cell_len(turns) - 4
    rule = f"{dash * room} {turns} {dash * 2}" if turns and room > 0 else dash * look.width
    return [line, Text(rule, style="dim")]


def opening_body(setup: Setup, look: Look) -> Lines:
    """What the lesson is about, the network, and all given numbers. Nothing has been computed yet."""
    worth_pressing = keys(setup, look.words.language)
    hints = [Paragraph((line,)) for line in worth_pressing.split("\n") if line]
    _, *found = opening(setup, look.words)  # the title stands in the header
    last = max(at for at, block in enumerate(found) if isinstance(block, Paragraph) and not block.label)
    body: Lines = []
    for block in (*found[: last + 1], *hints, *found[last + 1 :]):
        lines = written(block, look)
        body += [*lines, Text()] if isinstance(block, Network) and lines else lines
        body += [Text()] if isinstance(block, Paragraph) and block.label == look.words("label.goal") else []
    return body


def step_body(trace: Trace, place: int, step: Step, look: Look) -> Lines:
    """One step: the picture, what is computed and why, the equation. Side by side where there is room."""
    if step.kind is Kind.GIVEN:
        return opening_body(trace.setup, look)
    if step.kind in (Kind.SUMMARY, Kind.QUESTION, Kind.ANSWER):
        return closing_body(trace, place, step, look)
    (block,) = step_blocks(trace, place + 1, step, look.words)
    assert isinstance(block, StepBlock)
    around = step.kind in (Kind.LAYER, Kind.PASS) or step.about is not None
    if step.ref is None and not around:
        return written(block, look)
    styles = colours(step)
    beside_text = max(44, min(look.width - EQUATION_WIDTH, 70))
    layers = max(1, len(neuron_layers(step.moment.setup.network)))
    side_by_side = look.width >= WIDE and beside_text // layers >= NARROWEST_COLUMN
    picture_width = beside_text if side_by_side else min(look.width, WIDEST_TEXT) - 1
    text_width = look.width - picture_width - 3 if side_by_side else look.width
    text = written(block, replace(look, width=text_width), styles)
    text += [Text(), *listed(step, look)] if step.kind in (Kind.LAYER, Kind.PASS) else []
    chart = curve(step) if look.width >= NARROWEST_PICTURE else None
    drawing = step_drawing(trace, place, step, look, picture_width, side_by_side)
    if not drawing:
        return text + (chart_body(chart, look, look.height - len(text) - 9) if chart else [])
    drawing = trimmed(drawing) if step.about is not None and not side_by_side else drawing
    if not side_by_side and len(drawing) + len(text) + 1 > look.height - 3:
        return text  # the whole equation is worth more than the picture
    if not side_by_side:
        return [*drawing, Text(), *text]
    body = beside(drawing, text, picture_width + 3)
    return body + ledger(trace, place, step, look, look.height - len(body) - 6, styles)


def step_drawing(trace: Trace, place: int, step: Step, look: Look, width: int, tall: bool) -> Lines:
    """The picture of a step: the network, or the arrays of a lesson that is written as formulas."""
    if step.moment.samples or look.width < NARROWEST_PICTURE:
        return []
    if neuron_layers(step.moment.setup.network):
        canvas = step_canvas(trace, place, step, width, look.most_neurons, look.ascii, tall)
        return painted(canvas, colours(step))
    board = board_canvas(trace, place, step, width, look.ascii)
    return painted(board, colours(step)) if board is not None else []


def ledger(trace: Trace, place: int, step: Step, look: Look, room: int, styles: Mapping[Ref, str]) -> Lines:
    """What has been computed in this pass so far, in columns: the newest that fit. What the step uses is coloured."""
    names = step.moment.names
    cells = [
        Text.assemble(
            (f"{names.ascii(one.ref) if look.ascii else names.text(one.ref)} = ", "dim"),
            (letters(one.moment.decimal(one.ref), look.ascii), styles.get(one.ref, "")),
        )
        for one in trace.steps[: place + 1]
        if one.ref is not None and one.pass_number == step.pass_number
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


def listed(step: Step, look: Look) -> Lines:
    """What is inside a layer or a pass, one line each."""
    return [Text(f"  {ascii_if(title(child, look.words), look)}") for child in step.children]


def where_we_are(trace: Trace | None, place: int, step: Step | None, look: Look) -> str:
    """`backward · step 14 of 53`; before the trace is there, only that this is the start."""
    words = look.words
    if trace is None or step is None:
        return words("label.step_open", number=1)
    number = words("label.step", number=place + 1, count=len(trace))
    inside = step is not trace.steps[place]
    if look.width < NARROWEST_HEADER:
        return f"{place + 1}/{len(trace)}"
    aside = "label.around" if step.ref is None else "label.inside"
    parts = [phase_name(step, words), words(aside, number=place + 1) if inside else number]
    if len(trace.moments) > 1 and step.phase not in (Phase.START, Phase.TRAINING, Phase.END):
        parts[1:1] = turn_name(step, words)
    return (" - " if look.ascii else " · ").join(parts)


def which_turn(trace: Trace, step: Step, look: Look) -> str:
    """`epoch 2 of 4 · sample 3 of 4`, in a walk through more than two passes."""
    if len(trace.moments) <= 2:
        return ""
    parts = (look.words(f"label.of.{name}", number=number, count=count) for name, number, count in counted(trace, step))
    return (" - " if look.ascii else " · ").join(parts)
