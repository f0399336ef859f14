"""The commands `stepnn progress` and `stepnn review`: what was practised so far, and what to come back to."""

from __future__ import annotations

import time
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from stepnn.cli import output
from stepnn.cli.options import Ascii, Lang, Plain, chosen_words
from stepnn.errors import StepnnError

if TYPE_CHECKING:
    from stepnn.lessons.setup import Setup
    from stepnn.practice.history import History, Row
    from stepnn.practice.session import Session


class Export(str, Enum):
    """What the answers can be written as."""

    json = "json"
    csv = "csv"


def progress(
    export: Annotated[Optional[Export], typer.Option("--export", help="Print every answer instead.")] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Delete all answers.")] = False,
    lang: Lang = None,
) -> None:
    """Show what was practised in all lessons over time."""
    from stepnn.cli.holding import opened  # the help needs none of it
    from stepnn.practice.progress import exported, progress_lines

    words = chosen_words(lang)
    history = opened(words)
    if forget:
        output.print_lines([words("practice.forgotten", count=history.forget())])
        return
    rows = history.rows()
    if export:
        output.print_lines(exported(rows, export.value))
    else:
        output.print_sentences(progress_lines(rows, words))


def review(lang: Lang = None, ascii: Ascii = False, plain: Plain = False) -> None:
    """Practise what went wrong or has rested, mixed over all lessons."""
    from stepnn.cli.holding import hold, opened  # the help needs none of it
    from stepnn.lessons.build import setup
    from stepnn.lessons.read import load_lesson
    from stepnn.practice.progress import never_alone, to_review

    words = chosen_words(lang)
    history = opened(words)
    rows = history.rows()
    due = to_review(rows, time.time())
    if not due:
        waiting = never_alone(rows)
        said = [words("practice.not_yet_alone", lesson=lesson, skill=skill.name) for lesson, skill in waiting]
        output.print_sentences(said or [words("practice.nothing_due")])
    for row in due:
        try:
            given = setup(load_lesson(row.lesson))
            if not hold(partial(reviewed, row, given, history), given, words, ascii, plain):
                return
        except StepnnError:  # the lesson has changed since, or was a file that is gone
            continue


def reviewed(row: Row, given: Setup, history: History) -> Session:
    """A sitting that asks one step again. Raises StepnnError where the lesson has it no more."""
    from stepnn.exercises.desk import desk_for  # the help needs none of it
    from stepnn.practice.question import Wanted
    from stepnn.practice.session import Session

    desk, _ = desk_for(given, run=row.run)
    return Session(desk, history, Wanted(steps=(row.step,), name_only=True))
