"""The commands `stepnn progress` and `stepnn review`: what was practised so far, and what to come back to."""

from __future__ import annotations

import time
from enum import Enum
from typing import Annotated, Optional

import typer

from stepnn.cli import output
from stepnn.cli.options import Ascii, Lang, Plain, chosen_words
from stepnn.errors import StepnnError


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
    output.print_lines(exported(rows, export.value) if export else progress_lines(rows, words))


def review(lang: Lang = None, ascii: Ascii = False, plain: Plain = False) -> None:
    """Practise what went wrong or has rested, mixed over all lessons."""
    from stepnn.cli.holding import hold, opened  # the help needs none of it
    from stepnn.exercises.desk import desk_for
    from stepnn.lessons.build import setup
    from stepnn.lessons.read import load_lesson
    from stepnn.practice.progress import to_review
    from stepnn.practice.session import Session, Wanted

    words = chosen_words(lang)
    history = opened(words)
    due = to_review(history.rows(), time.time())
    if not due:
        output.print_lines([words("practice.nothing_due")])
    for row in due:
        try:
            desk, _ = desk_for(setup(load_lesson(row.lesson)), run=row.run)
            session = Session(desk, history, Wanted(steps=(row.step,), name_only=True))
        except StepnnError:  # the lesson has changed since, or was a file that is gone
            continue
        if not hold(session, words, ascii, plain):
            return
