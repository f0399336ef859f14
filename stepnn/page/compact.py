"""A worked example to hand out: a line for each number, what belongs together as a matrix, and no reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from stepnn.notation.formula import Ref, Worked
from stepnn.page.asides import is_overview, matrices, values
from stepnn.page.blocks import Answers, Block, Heading, Network, Page, Pairs, Paragraph
from stepnn.page.blocks import Step as StepBlock
from stepnn.page.build import where
from stepnn.page.closing import closing
from stepnn.page.equations import by_name
from stepnn.page.given import given_block
from stepnn.page.prose import prose
from stepnn.page.saturated import numbers_of
from stepnn.page.written import Equal, Expression, Written
from stepnn.trace.letters import letters
from stepnn.trace.sentences import turn_name
from stepnn.trace.step import Kind, Phase, Step
from stepnn.trace.texts import goal, title_text
from stepnn.trace.trace import Trace
from stepnn.words import Catalogue

FEW = 4  # elements of a quantity that stand one by one
LONGEST = 150  # letters of a line that can be read
NARROW = 34  # letters of a line, up to which there are three in a row


def compact_page(trace: Trace, words: Catalogue) -> Page:
    """The whole lesson on a few pages."""
    name = title_text(trace.lesson, words.language)
    return Page(name, words, tuple(compact_blocks(trace, words)), trace=trace, compact=True)


def compact_blocks(trace: Trace, words: Catalogue) -> Iterator[Block]:
    """Title, goal, picture, given numbers, letters; then pass by pass; then what has come of it."""
    yield Heading(1, (title_text(trace.lesson, words.language),))
    yield Paragraph(prose(goal(trace.setup, words.language)))
    yield Network(trace.setup)
    yield given_block(trace.setup, words)
    yield Paragraph(prose(letters(trace.setup, words)))
    steps = [step for step in trace.steps if step.quantity is not None and step.kind is not Kind.DERIVATION]
    phases = len({(step.pass_number, step.phase) for step in steps})
    by_phase = 3 * phases <= len(steps)
    number = 0
    for _, of_part in groupby(steps, lambda step: (step.pass_number, step.phase if by_phase else None)):
        part = list(of_part)
        yield Heading(2, (" · ".join(where(part[0], words) if by_phase else turn_name(part[0], words)),))
        yield from lines_and_matrices(part, number)
        number += len(part)
    for step in trace.steps:
        if step.phase is Phase.END and step.kind is Kind.SUMMARY:
            yield from closing(trace, step, words)


def lines_and_matrices(steps: Sequence[Step], number: int) -> Iterator[Block]:
    """The quantities of a part: a few elements as lines, many as a matrix."""
    lines: list[tuple[str, Written]] = []
    whole: list[StepBlock] = []
    for _, same in groupby(steps, lambda step: step.quantity):
        found = list(same)
        if len(found) <= FEW and not is_overview(found[0]):
            yield from in_pairs(whole)
            whole = []
            lines += [(str(place), chain(step)) for place, step in enumerate(found, number + 1)]
        else:
            yield from in_columns(lines)
            lines = []
            whole.append(as_matrix(found, number + 1))
        number += len(found)
    yield from in_columns(lines)
    yield from in_pairs(whole)


def as_matrix(steps: Sequence[Step], number: int) -> StepBlock:
    """All elements of a quantity: its formula, and the matrix form with its numbers, or these alone."""
    first, last = steps[0], number + len(steps) - 1
    assert first.quantity is not None
    symbols = by_name(first.moment.names)
    sides = first.moment.forms.general(first)
    formula = Equal(Expression(first.quantity.general, symbols), Expression(sides[-1], symbols))
    place = str(number) if last == number else f"{number}–{last}"
    return StepBlock(place, (formula,), (matrices(first) or values(first),))


def in_pairs(whole: Sequence[StepBlock]) -> Iterator[Block]:
    if whole:
        yield Pairs(tuple(whole))


def in_columns(lines: Sequence[tuple[str, Written]]) -> Iterator[Block]:
    """Lines in as many columns as most of them fit into."""
    if lines:
        wide = sorted(len(line.text) for _, line in lines)[len(lines) * 3 // 4]
        columns = 3 if wide <= NARROW else 2 if wide <= 2 * NARROW else 1
        yield Answers(tuple((place, (line,)) for place, line in lines), columns)


def chain(step: Step) -> Written:
    """Name, formula, numbers, result: equal to each other, on one line. Of a long one the formula with its sums
    and the result, or the result alone."""
    assert step.ref is not None and step.value is not None and step.quantity is not None
    moment = step.moment
    symbols, result = by_name(moment.names), moment.policy.shown(step.value)
    sides: list[Written] = [Expression(step.here[-1], symbols)] if step.here else []
    sides += [Expression(side, moment.decimal) for side in numbers_of(step)[-1:] if not isinstance(side, Ref | Worked)]
    found = equal(moment.names.of(step.ref), *sides, result)
    if len(found.text) <= LONGEST or not step.general:
        return found
    alone = step.quantity.count == 1  # else the general formula is of no element in particular
    return equal(moment.names.of(step.ref), *([Expression(step.general[-1], symbols)] if alone else []), result)


def equal(first: Written, *others: Written) -> Written:
    """All of them with signs of equality between."""
    return Equal(first, equal(*others)) if others else first
