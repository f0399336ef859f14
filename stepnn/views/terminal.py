"""A step as a terminal screen: header, picture, sentence, equation, in colours, for any size of window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Ref
from stepnn.notation.mathematics import joined
from stepnn.trace.curves import activation_chart
from stepnn.trace.sentences import phase_name, title, turn_name
from stepnn.trace.step import Kind, Phase, Step
from stepnn.trace.texts import conventions, goal, keys, opening_paragraphs, title_text
from stepnn.views.asides import aside_body, chart_body, closing_body, matrix_body, values_body
from stepnn.views.colours import colours
from stepnn.views.drawing import board_canvas, setup_picture, step_canvas
from stepnn.views.equations import result
from stepnn.views.given import GivenRow, given_rows, rows_beside_picture, text_of
from stepnn.views.ink import (
    WIDE,
    WIDEST_TEXT,
    Lines,
    Look,
    ascii_if,
    beside,
    described,
    equation,
    hanging,
    packed,
    painted,
    wrapped,
)
from stepnn.views.picture import neuron_layers

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

EQUATION_WIDTH = 70  # what the longest equations of small networks take
NARROWEST_PICTURE = 40
NARROWEST_HEADER = 60  # with fewer columns the header says only `28/55`


def header(setup: Setup, look: Look, right: str) -> Lines:
    """The lesson on the left, where we are on the right, a rule below."""
    left = Text(title_text(setup.lesson, look.words.language), style="bold")
    left.truncate(max(look.width - cell_len(right) - 2, 0), overflow="ellipsis" if not look.ascii else "crop")
    gap = max(1, look.width - left.cell_len - cell_len(right))
    line = Text.assemble(left, " " * gap, (right, "dim"))
    line.truncate(look.width)
    return [line, Text(("-" if look.ascii else "─") * look.width, style="dim")]


def opening_body(setup: Setup, look: Look) -> Lines:
    """What the lesson is about, the network, and all given numbers. Nothing has been computed yet."""
    words = look.words
    width = min(look.width, WIDEST_TEXT)
    body: Lines = []
    worth_pressing = keys(setup, words.language)
    for paragraph in [*opening_paragraphs(setup, words), *(worth_pressing.split("\n") if worth_pressing else [])]:
        body += wrapped(Text(paragraph), width)
    aim = Text(goal(setup, words.language))
    body += [*hanging(Text(f"{words('label.goal')}: ", style="bold"), aim, width), Text()]
    picture = setup_picture(setup, width - 1, look.most_neurons, look.script)
    if look.width >= NARROWEST_PICTURE and picture is not None:
        drawing = painted(picture, {})
        while not drawing[-1].plain.strip():
            drawing.pop()
        body += [*drawing, Text()]
    seen = look.width >= NARROWEST_PICTURE
    rows = rows_beside_picture(setup, words) if seen else given_rows(setup, words)
    body += packed([given_line(row, look) for row in rows], look.width)
    for convention in conventions(setup, words):
        label = Text(f"{words('label.convention')}: ", style="dim")
        body += hanging(label, Text(ascii_if(convention, look)), width)
    return body


def given_line(row: GivenRow, look: Look) -> Text:
    return Text.assemble((f"{row.label}: ", "dim"), ascii_if(text_of(row), look))


def step_body(trace: Trace, place: int, step: Step, look: Look) -> Lines:
    """One step: the picture, what is computed and why, the equation. Side by side where there is room."""
    if step.kind is Kind.GIVEN:
        return opening_body(trace.setup, look)
    if step.kind in (Kind.SUMMARY, Kind.QUESTION, Kind.ANSWER):
        return closing_body(trace, step, look)
    if step.kind in (Kind.RUN, Kind.TRAINING, Kind.PICTURE, Kind.COST, Kind.DERIVATION):
        return aside_body(trace, step, look)
    if step.ref is None and step.quantity is not None:
        return matrix_body(trace, step, look) or values_body(trace, step, look)
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
    chart = activation_chart(step) if look.width >= NARROWEST_PICTURE else None
    drawing = step_drawing(trace, place, step, look, picture_width, side_by_side)
    if not drawing:
        return text + (chart_body(chart, look, look.height - len(text) - 9) if chart else [])
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
        canvas = step_canvas(trace, place, step, width, look.most_neurons, look.script, tall)
        return painted(canvas, colours(step))
    board = board_canvas(trace, place, step, width, look.script)
    return painted(board, colours(step)) if board is not None else []


def ledger(trace: Trace, place: int, step: Step, look: Look, room: int, styles: Mapping[Ref, str]) -> Lines:
    """What has been computed in this pass so far, in columns: the newest that fit. What the step uses is coloured."""
    names = step.moment.forms.names
    known = [one for one in trace.steps[: place + 1] if one.ref is not None and one.pass_number == step.pass_number]
    cells = [
        Text.assemble(
            (f"{names.ascii(one.ref) if look.ascii else names.text(one.ref)} = ", "dim"),
            (joined(result(one, look.script)), styles.get(one.ref, "")),
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


def listed(step: Step, look: Look) -> Lines:
    """What is inside a layer or a pass, one line each."""
    return [Text(f"  {ascii_if(title(child, look.words), look)}") for child in step.children]


def where_we_are(trace: Trace | None, place: int, step: Step | None, look: Look) -> str:
    """`backward · step 14 of 53`; before the trace is there, only that this is the start."""
    words = look.words
    if trace is None or step is None:
        return words("label.step_open", number=1)
    number = words("label.step", number=place + 1, count=len(trace))
    inside = step is not trace[place]
    if look.width < NARROWEST_HEADER:
        return f"{place + 1}/{len(trace)}"
    aside = "label.around" if step.ref is None else "label.inside"
    parts = [phase_name(step, words), words(aside, number=place + 1) if inside else number]
    if len(trace.moments) > 1 and step.phase not in (Phase.START, Phase.TRAINING, Phase.END):
        parts[1:1] = turn_name(step, words)
    return (" - " if look.ascii else " · ").join(parts)
