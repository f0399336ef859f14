"""A worked example as a page of blocks: the whole walk of a lesson, for every format that is typeset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stepnn.notation.mathematics import EQUALS
from stepnn.notation.typesetting import typeset
from stepnn.trace.sentences import letters_key, phase_name, title, turn_name, why
from stepnn.trace.step import Kind, Step
from stepnn.trace.texts import answer, conventions, goal, opening_paragraphs, own_why, question, title_text
from stepnn.views import blocks, markdown
from stepnn.views.canvas import as_text
from stepnn.views.cells import Cell, Maths
from stepnn.views.closing import closing
from stepnn.views.diagram import diagram, small_diagram
from stepnn.views.drawing import setup_picture
from stepnn.views.equations import Row, Script, rows
from stepnn.views.given import GivenRow, rows_beside_picture
from stepnn.views.grids import matrix_nodes
from stepnn.views.page import (
    Block,
    Bullets,
    Chart,
    Equation,
    Heading,
    Line,
    Marks,
    Matrices,
    Network,
    Page,
    Paragraph,
    Table,
    Text,
    within,
)
from stepnn.views.page import Step as StepBlock
from stepnn.views.plain import WIDTH, policy_text
from stepnn.views.prose import prose
from stepnn.views.spoken import speak, speak_lines
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.lessons.setup import Setup
    from stepnn.trace.trace import Trace


def example(trace: Trace, words: Catalogue, whole: bool = False) -> Page:
    """The lesson as a page. Raises StepnnError for too large a page that is not wanted `whole`, as soon as it is seen:
    how large it is as Markdown tells how large it gets in every format."""
    name = title_text(trace.lesson, words.language)
    found = page_blocks(trace, words)
    found = found if whole else within(found, lambda block: sum(map(len, markdown.lines(block))))
    return Page(name, words.language, tuple(found), stepping=True)


def page_blocks(trace: Trace, words: Catalogue) -> Iterator[Block]:
    language = words.language
    yield Heading(1, (title_text(trace.lesson, language),))
    for part in opening_paragraphs(trace.setup, words):
        yield Paragraph(prose(part))
    yield Paragraph(prose(goal(trace.setup, language)), words("label.goal"))
    yield from network(trace.setup, words)
    yield Bullets(tuple(given_text(row) for row in rows_beside_picture(trace.setup, words, Script.TYPESET)))
    for convention in conventions(trace.setup, words):
        yield Paragraph(prose(convention), words("label.convention"))
    yield Paragraph(prose(words(letters_key(trace.setup.network))))
    yield Paragraph((policy_text(trace, words, on_paper=True),))
    for number, step, is_new in trace.numbered():
        if is_new:
            yield Heading(2, (" · ".join([phase_name(step, words), *turn_name(step, words)]),))
        yield from step_blocks(trace, number, step, words)


def network(setup: Setup, words: Catalogue) -> Iterator[Block]:
    """The network drawn, or the given arrays."""
    found = diagram(setup)
    picture = setup_picture(setup, WIDTH - 2, 4, Script.TEXT)
    if found is not None and picture is not None:
        yield Network(found, tuple(as_text(picture.draw())))


def given_text(row: GivenRow) -> Text:
    """A label and the numbers behind it."""
    cells: list[Cell] = [f"{row.label}: "]
    for place, (name, value) in enumerate(row.pairs):
        cells += [", "] if place else []
        if isinstance(name, Maths) and isinstance(value, Maths):
            cells.append(Maths((*name.nodes, EQUALS, *value.nodes)))
        else:
            cells.append(str(value))
    return tuple(cells)


def step_blocks(trace: Trace, number: int, step: Step, words: Catalogue) -> Iterator[Block]:
    """One step: title, why, and its equations; or one of the closing blocks."""
    if step.kind in (Kind.QUESTION, Kind.ANSWER):
        text = question(trace, words.language) if step.kind is Kind.QUESTION else answer(trace, words.language)
        yield Paragraph(prose(text), words("label.question" if step.kind is Kind.QUESTION else "label.answer"))
    elif step.kind is Kind.SUMMARY:
        yield from closing_blocks(trace, words)
    else:
        marks = Marks()
        own = own_why(step, trace.setup, words.language)
        reason = prose(own) if own else marks.text(why(step, words, marks))
        inner = [Paragraph(reason), *beneath(trace, step, words)]
        yield StepBlock(str(number), marks.text(title(step, words, marks)), tuple(inner), beside=small_diagram(step))


def beneath(trace: Trace, step: Step, words: Catalogue) -> Iterator[Block]:
    """What stands below the reason: an equation, matrices, a table, a picture."""
    if step.kind is Kind.DERIVATION:
        marks = Marks()
        for sentence, row in blocks.derivation_lines(step, words, Script.TYPESET, marks):
            yield Paragraph(marks.text(sentence))
            yield from [equation([row], words)] if row else []
        return
    found = rows(step, Script.TYPESET)
    if found:
        yield equation(found, words)
    if step.kind in (Kind.RUN, Kind.TRAINING):
        yield Bullets(tuple(given_text(row) for row in blocks.rows_beside(trace, step, words, Script.TYPESET)))
    elif step.kind is Kind.COST:
        head, *rest = blocks.cost_table(trace, words)
        yield Table(head, tuple(rest))
    elif step.kind is Kind.PICTURE:
        yield Chart(blocks.picture(trace, step, words))
    elif blocks.is_overview(step):
        nodes = matrix_nodes(step)
        yield Matrices(nodes, speak(nodes, words))


def equation(found: Sequence[Row], words: Catalogue) -> Equation:
    """The rows of an equation as a block."""
    lines = tuple(Line(typeset(row.left), typeset(row.right), row.label) for row in found)
    return Equation(lines, speak_lines(lines, words))


def closing_blocks(trace: Trace, words: Catalogue) -> Iterator[Block]:
    """The closing table, the errors, and the comparisons."""
    last = closing(trace, words, Script.TYPESET)
    yield Heading(2, (words("title.summary") if trace.setup.learns else words("label.answers"),))
    yield Table(last.head, last.rows)
    if last.error:
        label, before, after = last.error
        yield Paragraph((before, " → ", after), label)
    if last.compared:
        yield Paragraph((f"{words('label.compared')}:",))
        yield Bullets(tuple((value, f" {label}") for label, value in last.compared))
