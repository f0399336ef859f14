"""What the commands do between reading their options and writing their lines: load → trace → view."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from stepnn.errors import UsageError, visible
from stepnn.lessons import shelf
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.lessons.setup import Setup
    from stepnn.trace.trace import Trace


class Format(str, Enum):
    """The kinds of page that `example` writes."""

    text = "text"
    markdown = "markdown"
    latex = "latex"
    html = "html"
    pdf = "pdf"
    json = "json"


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
    from stepnn.lessons.build import setup  # the first screen comes before it
    from stepnn.lessons.read import load_lesson

    given = setup(load_lesson(name))
    given = given if numbers.seed is None else given.with_seed(numbers.seed)
    return given.with_values(assigned(numbers.assignments))


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
            raise UsageError(f"--set {visible(text)!r}: write a name and a number, such as --set w5=0.3.")
        found[name.strip()] = number
    return found


def worked_out(setup: Setup, numbers: Numbers) -> Trace:
    """The trace of the lesson."""
    from stepnn.lessons.schema import MOST_TRAINED  # the first screen comes before it
    from stepnn.trace.step import Policy
    from stepnn.trace.trace import Trace

    digits = setup.lesson.digits if numbers.digits is None else numbers.digits
    if numbers.sample is not None:
        count = len(setup.samples)
        if numbers.epoch is None:
            raise UsageError("--sample goes with --epoch: it says which update of that epoch to open.")
        if numbers.sample > count:
            raise UsageError(f"--sample {numbers.sample}: the samples are numbered from 1 to {count}.")
    if numbers.epoch is not None and not setup.learns:
        raise UsageError("--epoch: this lesson does not learn, so it has no epochs.")
    updates = (numbers.epoch or 0) * -(-len(setup.samples) // setup.batch)
    if updates > MOST_TRAINED:
        raise UsageError(
            f"--epoch {numbers.epoch}: {updates} updates would have to be made first; at most {MOST_TRAINED} are. "
            "Train with `stepnn train --save FILE`, and open that file."
        )
    return Trace(setup, Policy(digits, numbers.rounded), numbers.updates, numbers.epoch, numbers.sample)


def from_start(trace: Trace, words: Catalogue, ascii: bool, pictures: bool, start: str, whole: bool) -> Iterator[str]:
    """The printed lesson, from the step asked for."""
    from stepnn.views import plain  # the first screen comes before it

    place = trace.place(start) if start else 0
    if os.environ.get("FORCE_COLOR") and not os.environ.get("NO_COLOR"):
        return coloured(trace, words, ascii, place)
    return plain.page(trace, words, ascii, pictures, place, whole)


def coloured(trace: Trace, words: Catalogue, ascii: bool, start: int) -> Iterator[str]:
    """The screens of the lesson one after the other, in colours, where FORCE_COLOR asks for them in a pipe."""
    from rich.console import Console  # the first screen comes before it

    from stepnn.views import terminal
    from stepnn.views.ink import Look

    console = Console(force_terminal=True)
    look = Look(console.width, 24, words, ascii)
    for place, step in enumerate(trace.steps[start:], start):
        head = terminal.header(trace.setup, look, terminal.where_we_are(trace, place, step, look))
        for line in [*head, *terminal.step_body(trace, place, step, look)]:
            with console.capture() as capture:
                console.print(line, end="", soft_wrap=True, highlight=False)
            yield capture.get()
        yield ""


def step_through(setup: Setup, numbers: Numbers, words: Catalogue, ascii: bool, start: str) -> None:
    """The walk on a terminal."""
    from rich.console import Console  # the first screen comes before it

    from stepnn.cli.screen import Screen
    from stepnn.cli.stepper import Stepper

    Stepper(setup, lambda: worked_out(setup, numbers), Screen(Console()), words, ascii, start).run()


def page_lines(
    trace: Trace, format: Format, words: Catalogue, ascii: bool, plain: bool, paper: str, whole: bool
) -> Iterable[str]:
    """The lines of one kind of page; a PDF is no text, see `pdf`. Raises StepnnError for too large a page that is not
    wanted `whole`; JSON is for programs and of any size."""
    from stepnn.views import data, markdown, tex  # the first screen comes before it
    from stepnn.views import plain as text
    from stepnn.views.example import example
    from stepnn.views.page import within
    from stepnn.views.web import html

    if format is Format.text:
        lines = text.page(trace, words, ascii, not plain)
        return lines if whole else list(within(lines, len))
    if format is Format.json:
        return data.document(trace, words)
    page = example(trace, words, whole)
    if format is Format.latex:
        return tex.document(page, paper)
    return markdown.page(page) if format is Format.markdown else html.document(page)


def pdf(name: str, numbers: Numbers, words: Catalogue, paper: str, whole: bool) -> bytes:
    """A worked example as PDF. The typesetter starts while the numbers are worked out."""
    from stepnn.views.example import example  # the first screen comes before it
    from stepnn.views.paper.typesetter import Typesetter

    with Typesetter(paper) as typesetter:
        return typesetter.pdf(example(worked_out(prepared(name, numbers), numbers), words, whole))
