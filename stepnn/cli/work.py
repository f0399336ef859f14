"""What the commands do between reading their options and writing their lines: load → trace → view."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepnn.errors import UsageError, visible
from stepnn.lessons import shelf
from stepnn.words import Catalogue
from stepnn.words.told import told

if TYPE_CHECKING:
    from stepnn.lessons.setup import Setup
    from stepnn.page.blocks import Page
    from stepnn.trace.trace import Trace
    from stepnn.writers.formats import Format, Options


@dataclass(frozen=True)
class Numbers:
    """The options that change the numbers of a lesson."""

    digits: int | None
    rounded: bool
    assignments: list[str]
    seed: int | None
    updates: int | None
    epoch: int | None = None
    sample: int | None = None


def lesson_list(words: Catalogue) -> Iterator[str]:
    """All lessons by part, one line each."""
    cards = shelf.cards()
    wide = max(len(card.id) for card in cards)
    part = 0
    for card in cards:
        if card.part != part:
            yield from ([""] if part else [])
            yield f"{card.part}. {words(f'part.{card.part}')}"
            part = card.part
        yield f"   {card.id:<{wide}}  {card.title.get(words.language, next(iter(card.title.values())))}"
    yield from ("", words("list.hint"))


def prepared(name: str, numbers: Numbers) -> Setup:
    """The lesson's network with the numbers that the options ask for."""
    from stepnn.lessons.build import changed, setup  # the first screen comes before it
    from stepnn.lessons.read import load_lesson

    given = setup(load_lesson(name))
    given = given if numbers.seed is None else given.with_seed(numbers.seed)
    return changed(given, assigned(numbers.assignments))


def assigned(assignments: Iterable[str]) -> dict[str, float]:
    """`w5=0.3` as a name and a number. Raises UsageError."""
    found = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not equals or not name.strip() or not math.isfinite(number):
            raise UsageError(told("set_write_a_name_and", text=visible(text)))
        found[name.strip()] = number
    return found


def worked_out(setup: Setup, numbers: Numbers) -> Trace:
    """The trace of the lesson."""
    from stepnn.lessons.values import MOST_TRAINED  # the first screen comes before it
    from stepnn.trace.step import Policy
    from stepnn.trace.trace import Trace

    digits = setup.lesson.digits if numbers.digits is None else numbers.digits
    if numbers.sample is not None:
        count = len(setup.samples)
        if numbers.epoch is None:
            raise UsageError(told("sample_goes_with_epoch_it"))
        if numbers.sample > count:
            raise UsageError(told("sample_the_samples_are_numbered", sample=numbers.sample, count=count))
    if numbers.epoch is not None and not setup.learns:
        raise UsageError(told("epoch_this_lesson_does_not"))
    updates = (numbers.epoch or 0) * -(-len(setup.samples) // setup.batch)
    if updates > MOST_TRAINED:
        raise UsageError(
            told("epoch_updates_would_have_to", epoch=numbers.epoch, updates=updates, most_trained=MOST_TRAINED)
        )
    return Trace(setup, Policy(digits, numbers.rounded), numbers.updates, numbers.epoch, numbers.sample)


def from_start(trace: Trace, words: Catalogue, ascii: bool, pictures: bool, start: str, whole: bool) -> Iterator[str]:
    """The printed lesson, from the step asked for."""
    from stepnn.page.build import walk  # the first screen comes before it
    from stepnn.writers.text import TextWriter

    place = trace.place(start) if start else 0
    if os.environ.get("FORCE_COLOR") and not os.environ.get("NO_COLOR"):
        return coloured(trace, words, ascii, place)
    return TextWriter(words, ascii, pictures).page(walk(trace, words, place, whole))


def coloured(trace: Trace, words: Catalogue, ascii: bool, start: int) -> Iterator[str]:
    """The screens of the lesson one after the other, in colours, where FORCE_COLOR asks for them in a pipe."""
    from rich.console import Console  # the first screen comes before it

    from stepnn.writers import terminal
    from stepnn.writers.ink import Look

    console = Console(force_terminal=True)
    look = Look(console.width, 24, words, ascii)
    for place, step in enumerate(trace.steps[start:], start):
        head = terminal.header(trace.setup, look, terminal.where_we_are(trace, place, step, look))
        for line in [*head, *terminal.step_body(trace, place, step, look)]:
            with console.capture() as capture:
                console.print(line, end="", soft_wrap=True, highlight=False)
            yield capture.get()
        yield ""


def step_through(
    name: str, setup: Setup, numbers: Numbers, words: Catalogue, ascii: bool, start: str, practising: bool = False
) -> tuple[str, ...]:
    """The walk on a terminal; the command that was chosen on its last page. A file is read again when it is saved."""
    from rich.console import Console  # the first screen comes before it

    from stepnn.cli.screen import Screen
    from stepnn.cli.stepper import Stepper
    from stepnn.cli.watching import Again, Watch

    def read() -> tuple[Setup, Trace]:
        now = prepared(name, numbers)
        return now, worked_out(now, numbers)

    again = Again(Watch(shelf.path_of(name)), read) if name not in shelf.files() else None
    work, screen = (lambda: worked_out(setup, numbers)), Screen(Console())
    walk = Stepper(setup, work, screen, words, ascii, start, practising, again)
    walk.run()
    return walk.chosen.command if walk.chosen is not None else ()


def page_of(trace: Trace, words: Catalogue, whole: bool, document: bool = False) -> Page:
    """A worked example. Raises StepnnError for too large a page that is not wanted `whole`, as soon as it is seen: how
    large it is as Markdown tells how large it gets in every format."""
    from stepnn.page.blocks import within  # the first screen comes before it
    from stepnn.page.build import page, walk
    from stepnn.writers import markdown

    found = walk(trace, words, whole=whole)
    if document or not whole:
        found = within(found, lambda block: sum(map(len, markdown.lines(block))), whole)
    return page(trace, words, found)


def page_lines(
    trace: Trace, format: Format, words: Catalogue, options: Options, whole: bool, compact: bool = False
) -> Iterable[str]:
    """The lines of a worked example. Raises StepnnError for too large a page that is not wanted `whole`."""
    from stepnn.page.blocks import within  # the first screen comes before it
    from stepnn.page.build import page, walk

    if format.of_any_size:
        return format.lines(page(trace, words, ()), options)
    if compact:
        return format.lines(compact_page(trace, words), options)
    if format.name == "text":
        lines = format.lines(page(trace, words, walk(trace, words, whole=whole)), options)
        return lines if whole else list(within(lines, len))
    return format.lines(page_of(trace, words, whole), options)


def page_bytes(
    name: str, numbers: Numbers, format: Format, words: Catalogue, options: Options, whole: bool, compact: bool = False
) -> bytes:
    """A worked example as a file. What writes it starts while the numbers are worked out."""
    with format.opened(options) as write:
        trace = worked_out(prepared(name, numbers), numbers)
        return next(write([compact_page(trace, words) if compact else page_of(trace, words, whole, document=True)]))


def compact_page(trace: Trace, words: Catalogue) -> Page:
    """A worked example to hand out."""
    from stepnn.page import compact  # the first screen comes before it

    return compact.compact_page(trace, words)
