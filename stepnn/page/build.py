"""A lesson as blocks: its opening, each step of its walk, and the whole walk as a page.

This is where it is decided what a step shows. Every screen, page and file is written from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from stepnn.page.asides import cost_table, derivation, is_overview, matrices, picture, rows_beside, values
from stepnn.page.blocks import Block, Box, Bullets, Equation, Heading, Network, Page, Paragraph, Step
from stepnn.page.closing import closing
from stepnn.page.equations import equation
from stepnn.page.given import given_block
from stepnn.page.now import what_now
from stepnn.page.outlook import outlook
from stepnn.page.predicted import choices, predicted
from stepnn.page.prose import prose
from stepnn.page.written import Marks, Text
from stepnn.trace.letters import letters, sentences_about
from stepnn.trace.sentences import OUTLOOKS, as_for, phase_name, title, told_at, turn_name, why
from stepnn.trace.step import Kind, Phase
from stepnn.trace.step import Step as TraceStep
from stepnn.trace.texts import answer, conventions, goal, opening_paragraphs, own_why, question, title_text
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.lessons.setup import Setup
    from stepnn.trace.trace import Trace


def page(trace: Trace, words: Catalogue, found: Iterable[Block] | None = None) -> Page:
    """A whole worked example, or these blocks of it."""
    name = title_text(trace.lesson, words.language)
    return Page(name, words, tuple(walk(trace, words) if found is None else found), trace=trace)


def opening(setup: Setup, words: Catalogue) -> Iterator[Block]:
    """Title, introduction, goal, picture and given numbers. Nothing has been computed yet."""
    yield Heading(1, (title_text(setup.lesson, words.language),))
    for part in opening_paragraphs(setup, words):
        yield Paragraph(prose(part))
    yield Paragraph(prose(goal(setup, words.language)), words("label.goal"))
    yield Network(setup)
    yield given_block(setup, words)
    for convention in conventions(setup, words):
        yield Paragraph(prose(convention), words("label.convention"))


def walk(trace: Trace, words: Catalogue, start: int = 0, whole: bool = False) -> Iterator[Block]:
    """The whole lesson, or from a place of the walk on; `whole` also opens large quantities."""
    if start == 0:
        yield from opening(trace.setup, words)
        yield from [] if trace.setup.network.has_neurons else [Paragraph(prose(letters(trace.setup, words)))]
    yield Paragraph((policy_text(trace, words),))
    steps = [one for one in trace.numbered() if one[0] > start]
    derived: set[str] = set()
    last = {(step.pass_number, step.quantity.key): number for number, step, _ in steps if step.quantity is not None}
    for at, (number, step, is_new) in enumerate(steps):
        if is_new or (not at and start):
            yield Heading(2, (" · ".join(where(step, words)),))
        for block in step_blocks(trace, number, step, words):
            is_last = step.quantity is not None and last[step.pass_number, step.quantity.key] == number
            yield with_asides(block, step, is_last, derived, words) if isinstance(block, Step) else block
        for child in step.children if whole and is_overview(step) else ():
            yield from step_blocks(trace, number, child, words)


def where(step: TraceStep, words: Catalogue) -> list[str]:
    """The part of the walk that a step belongs to: its phase, pass and sample."""
    return [phase_name(step, words), *(turn_name(step, words) if step.phase is not Phase.TRAINING else [])]


def with_asides(block: Step, step: TraceStep, is_last: bool, derived: set[str], words: Catalogue) -> Step:
    """The step with what is shown once for each quantity: at the first element of a derived one, where its formula
    comes from; at the last element of a pass, all of them as matrices. `derived` are the quantities that have had it.
    """
    quantity = step.quantity
    if quantity is None or quantity.formula is None or step.term is not None or step.kind is Kind.DERIVATION:
        return block
    more: list[Block] = []
    if quantity.wrt is not None and quantity.key not in derived and not step.moment.setup.lesson.derive:
        function = step.moment.network[quantity.wrt[0].name].function
        found = derivation(step, words, closing=not derived, briefly=function in derived, here=False)
        derived |= {quantity.key, function} if function else {quantity.key}
        more.append(Box((Paragraph((), words("derivation.title")), found)))
    form = matrices(step) if step.ref is not None and is_last and quantity.count > 1 else None
    more += [Paragraph((), words("label.as_matrices")), form] if form is not None else []
    return Step(block.number, block.title, (*block.blocks, *more), block.note, block.of)


def step_blocks(trace: Trace, number: int, step: TraceStep, words: Catalogue) -> Iterator[Block]:
    """One step: title, why, and what it shows; or one of the closing pages."""
    if step.kind in (Kind.QUESTION, Kind.ANSWER):
        text = question(trace, words) if step.kind is Kind.QUESTION else answer(trace, words)
        yield Paragraph(prose(text), words("label.question" if step.kind is Kind.QUESTION else "label.answer"))
        yield from what_now(trace.setup, words) if step.kind is Kind.ANSWER else ()
    elif step.kind is Kind.SUMMARY:
        yield from closing(trace, step, words)
    else:
        marks = Marks()
        inner = (Paragraph(reason(trace, step, words)), *beneath(trace, step, words))
        yield Step(str(number), marks.text(title(step, words, marks)), inner, of=step)


def reason(trace: Trace, step: TraceStep, words: Catalogue) -> Text:
    """Why a step is done: in full where it is told first in a pass, then in a line that says what is different."""
    if step.kind is Kind.LETTERS:
        return prose(sentences_about(trace.setup, words)[0])
    if step.prediction is not None:
        return predicted(trace, step, words)
    own = own_why(step, trace.setup, words.language)
    if own:
        return prose(own)
    marks = Marks()
    first = told_at(step, islice(trace.steps, trace.places.get(step.id, 0)))
    return marks.text(as_for(step, first, words, marks) if first is not None else why(step, words, marks))


def beneath(trace: Trace, step: TraceStep, words: Catalogue) -> Iterator[Block]:
    """What stands below the reason: an equation, matrices, a table, a picture."""
    if step.kind is Kind.DERIVATION:
        yield derivation(step, words)
        return
    if step.kind is Kind.LETTERS:
        yield from (Paragraph(prose(one)) for one in sentences_about(trace.setup, words)[1:])
    lines = equation(step)
    yield from [Equation(lines)] if lines else []
    if step.kind in (Kind.RUN, Kind.TRAINING):
        yield Bullets(tuple(row.item for row in rows_beside(trace, step, words)))
    elif step.kind is Kind.COST:
        yield cost_table(trace, words)
    elif step.kind is Kind.PICTURE:
        yield picture(trace, step, words)
    elif step.kind is Kind.PREDICT:
        yield choices(trace, step, words)
    elif step.kind in OUTLOOKS:
        yield from outlook(trace, step, words)
    elif is_overview(step):
        yield matrices(step) or values(step)


def policy_text(trace: Trace, words: Catalogue) -> str:
    """How the numbers of a page were calculated, and to how many digits they are shown."""
    digits, update = trace.policy.digits, trace.inexact_from
    one = "_one" if digits == 1 else ""
    places, significant = (words(f"sheet.{kind}{one}", digits=digits) for kind in ("places", "significant"))
    if trace.policy.rounded:
        return words("label.rounded", places=places, significant=significant)
    kind = "full" if update == 1 else "exact" if update is None else "exact_until"
    return words(f"label.{kind}", places=places, update=update or "")
