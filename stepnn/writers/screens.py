"""Blocks on a terminal screen, and the screens that a key asks for: matrices, derivation, curve, all keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from stepnn.drawing import chart
from stepnn.drawing.colours import colours
from stepnn.drawing.places import setup_picture
from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Ref
from stepnn.page import blocks
from stepnn.page.asides import curve, derivation, matrices
from stepnn.page.blocks import Block, Chart, Derivation, Matrices, Paragraph, Table
from stepnn.page.build import step_blocks
from stepnn.page.nudged import nudge_blocks
from stepnn.page.written import Text as Sentence
from stepnn.page.written import plain
from stepnn.trace.letters import letters as legend_of
from stepnn.trace.step import Kind, Step
from stepnn.words import Catalogue
from stepnn.writers.ink import (
    NARROWEST_PICTURE,
    WIDEST_TEXT,
    Lines,
    Look,
    ascii_if,
    described,
    equation,
    hanging,
    packed,
    painted,
    styled,
    wrapped,
)
from stepnn.writers.matrix_text import matrix_lines, tokens_in
from stepnn.writers.text import TextWriter, aligned, fitted, letters

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

LARGEST_CHART, SMALLEST_CHART = 12, 4  # lines
TIED = "\ue000"  # stands in for a space at which no line ends


def written(block: Block, look: Look, styles: Mapping[Ref, str] | None = None) -> Lines:
    """One block; the elements in `styles` have their colours."""
    styles, narrow = styles or {}, min(look.width, WIDEST_TEXT)
    match block:
        case blocks.Heading(_, text):
            return wrapped(Text(ascii_if(plain(text), look), style="bold"), narrow)
        case Paragraph(text, label):
            said = Text(ascii_if(plain(text), look))
            return hanging(Text(f"{label}: ", style="bold"), said, narrow) if label else wrapped(said, narrow)
        case blocks.Bullets(items):
            return [line for item in items for line in unbroken(labelled(item, look), look.width)]
        case blocks.Given():
            items = block.beside(look.width >= NARROWEST_PICTURE)
            return packed([labelled(item, look) for item in items], look.width)
        case blocks.Equation(lines):
            return equation(lines, look, look.width, styles)
        case Matrices():
            return matrix_screen(block, look, styles)
        case Derivation():
            return derivation_lines(block, look)
        case Table(head, rows):
            return fitting_table([tuple(map(letters, row)) for row in (head, *rows)], look)
        case Chart():
            drawn = chart.drawn(block.picture, min(look.width - 1, WIDEST_TEXT), max(6, look.height - 13), look.ascii)
            return [Text(ascii_if(line, look)) for line in drawn]
        case blocks.Network(setup):
            picture = setup_picture(setup, narrow - 1, look.most_neurons, look.ascii)
            return trimmed(painted(picture, {})) if look.width >= NARROWEST_PICTURE and picture is not None else []
        case blocks.Step():
            inner = block.blocks[1:] if any(isinstance(one, Paragraph) for one in block.blocks[:1]) else block.blocks
            rest = [line for one in inner for line in [Text(), *written(one, look, styles)]]
            return [*described(block, look, narrow), *rest]
    return [Text(line) for line in TextWriter(look.words, look.ascii, width=look.width).finished(block)]


def labelled(item: tuple[str, Sentence], look: Look) -> Text:
    """A label and what belongs to it."""
    label, text = item
    return Text.assemble((f"{label}: ", "dim") if label else "  ", ascii_if(plain(text), look))


def unbroken(text: Text, width: int) -> Lines:
    """The text in lines, no equals sign parted from its sides."""
    text.plain = text.plain.replace(" = ", f"{TIED}={TIED}")
    lines = wrapped(text, width)
    for line in lines:
        line.plain = line.plain.replace(TIED, " ")
    return lines


def trimmed(drawing: Lines) -> Lines:
    """A drawing without the empty lines at its foot."""
    while not drawing[-1].plain.strip():
        drawing.pop()
    return drawing


def fitting_table(rows: Sequence[Sequence[str]], look: Look) -> Lines:
    """A table with its head; one that is too wide becomes a list."""
    rows = [[ascii_if(cell, look) for cell in row] for row in rows]
    lines = [Text(line) for line in fitted(rows, look.width)]
    lines[0].stylize("dim" if lines[0].plain == next(aligned(rows)) else "")  # a list has no head
    return lines


def matrix_screen(block: Matrices, look: Look, styles: Mapping[Ref, str]) -> Lines:
    """A matrix form on one line, with its names, and with its numbers; or the values alone."""
    lines = partial(matrix_lines, block, look.width - 2, look.ascii)
    if block.left is None:
        return [Text.assemble("  ", styled(line, styles)) for line in lines()]
    compact = "".join(token.text for token in tokens_in(block, look.ascii))
    body = [Text(f"  {ascii_if(compact, look)}"), Text()]
    for names in (True, False):
        body += [Text.assemble("  ", styled(line, styles)) for line in lines(names)] + [Text()]
    return body


def derivation_lines(block: Derivation, look: Look) -> Lines:
    """Where the formula comes from, line by line."""
    body: Lines = []
    for sentence, row in block.lines:
        body += wrapped(Text(ascii_if(plain(sentence), look), style="dim"), min(look.width, WIDEST_TEXT))
        lines = equation(row.lines, look, look.width - 4, {}) if row is not None else []
        body += [*(Text.assemble("    ", line) for line in lines), *([Text()] if lines else [])]
    return body


def overview_body(trace: Trace, step: Step, block: Matrices, look: Look) -> Lines:
    """A whole quantity: its title, its equation, and all its numbers at once."""
    whole = step if step.ref is None else (step.parent or step)
    found = next(one for one in step_blocks(trace, 0, whole, look.words) if isinstance(one, blocks.Step))
    general = [one for one in found.blocks[1:] if isinstance(one, blocks.Equation)]
    shown: list[Block] = [*general, block]
    rest = [line for one in shown for line in [Text(), *written(one, look, colours(step))]]
    return [*described(found, look, min(look.width, WIDEST_TEXT)), *rest]


def aside_blocks(trace: Trace, step: Step, words: Catalogue, wanted: str) -> list[Block] | None:
    """What a key asks for besides a step: its matrices, its derivation, its curve, a nudge. None where it has none."""
    match wanted:
        case "derivation":
            return [derivation(step, words)]
        case "nudge":
            return nudge_blocks(trace, step, words)
    found = matrices(step) if wanted == "matrix" else curve(step)
    return None if found is None else [found]


def aside_body(trace: Trace, step: Step, look: Look, wanted: str) -> Lines | None:
    """The same on a screen, each with what a reader needs beside it."""
    found = aside_blocks(trace, step, look.words, wanted)
    if found is None:
        return None
    (first, *_) = found
    if isinstance(first, Matrices):
        return overview_body(trace, step, first, look)
    if not isinstance(first, Chart):
        title = [Text(look.words("derivation.title"), style="bold"), Text()] if isinstance(first, Derivation) else []
        return [*title, *(line for one in found for line in [*written(one, look), Text()])]
    block = next(one for one in step_blocks(trace, 0, step, look.words) if isinstance(one, blocks.Step))
    body = described(block, look, min(look.width, WIDEST_TEXT))
    return [*body, *chart_body(first, look, look.height - len(body) - 9)]


def chart_body(found: Chart, look: Look, height: int) -> Lines:
    """A chart below an equation, as high as there is room."""
    if height < SMALLEST_CHART:
        return []
    lines = chart.drawn(found.picture, min(look.width - 1, 76), min(height, LARGEST_CHART), look.ascii)
    return [Text(), *(Text(ascii_if(line, look)) for line in lines)]


ASIDES = ("matrix", "derivation", "curve", "nudge")  # other views of a step
ABSENT = {"matrix": "keys.no_matrix", "curve": "keys.no_curve", "nudge": "keys.no_nudge"}
KEYS = (
    ("n Enter Space → l", "next"), ("p b ← h", "back"), ("i", "into"), ("o", "out"), ("m", "matrix"),
    ("d", "derivation"), ("c", "curve"), ("~", "nudge"), ("y", "yours"), ("< = >", "predict"),
    ("s e u r", "turns"), ("S E U R", "turns_back"),
    ("1 2 3 Enter", "go"),
    ("Home End g G", "ends"), ("/", "find"), ("↑ ↓ j k", "scroll"), ("?", "help"), ("q Ctrl-C", "quit"),
)  # fmt: skip


def help_body(setup: Setup, look: Look) -> Lines:
    """All keys."""
    body = [Text(look.words("keys.title"), style="bold"), Text()]
    for keys, name in KEYS:
        body += hanging(
            Text(f"{ascii_if(keys, look):<18} ", style="bold"), Text(look.words(f"keys.{name}")), look.width
        )
    legend = Text(ascii_if(legend_of(setup, look.words), look), style="dim")
    return [*body, Text(), *wrapped(legend, min(look.width, WIDEST_TEXT))]


def closing_body(trace: Trace, place: int, step: Step, look: Look) -> Lines:
    """The closing table; the question; with the next step the question and its answer."""
    found = list(step_blocks(trace, place + 1, step, look.words))
    if step.kind is Kind.ANSWER:
        found[:0] = step_blocks(trace, place, trace.steps[place - 1], look.words)
    body: Lines = []
    for block in found:
        gap = [] if isinstance(block, blocks.Bullets) or not body else [Text()]
        body += [*gap, *written(block, look)]
    if step.kind is Kind.QUESTION:
        body += [Text(), *wrapped(Text(look.words("why.question"), style="dim"), min(look.width, WIDEST_TEXT))]
    return body
