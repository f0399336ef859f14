"""The command `stepnn practice`: its options, and how the sitting is held."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from stepnn.cli import output
from stepnn.cli.judge import asked_in
from stepnn.cli.options import (
    Ascii,
    Digits,
    Lang,
    LessonName,
    Plain,
    Round,
    RunNumber,
    Set,
    Significant,
    Updates,
    chosen_words,
)
from stepnn.cli.sheet_options import AssignmentFile, SheetSample
from stepnn.cli.work import assigned
from stepnn.errors import UsageError
from stepnn.words.told import told

if TYPE_CHECKING:
    from stepnn.exercises.desk import Desk
    from stepnn.lessons.setup import Setup
    from stepnn.practice.history import History
    from stepnn.practice.session import Session
    from stepnn.words import Catalogue


def practice(
    name: LessonName,
    drill: Annotated[
        str,
        typer.Option("--drill", metavar="STEP", help="Only this kind of step, such as delta_h, with fresh numbers."),
    ] = "",
    steps: Annotated[
        Optional[list[str]],
        typer.Option("--steps", metavar="STEP", help="Ask these steps; the rest is given. Repeatable."),
    ] = None,
    blank: Annotated[
        Optional[list[str]], typer.Option("--blank", help="What to ask: kinds of steps, as for sheets.")
    ] = None,
    one_by_one: Annotated[bool, typer.Option("--all", help="Ask every step by itself, with its formula.")] = False,
    exam: Annotated[bool, typer.Option("--exam", help="Say nothing until the end.")] = False,
    expressions: Annotated[bool, typer.Option("--expressions", help="With --exam: allow expressions.")] = False,
    code: Annotated[Optional[str], typer.Option("--code", help="The numbers of this code once more.")] = None,
    assignment: AssignmentFile = None,
    paper: Annotated[
        bool, typer.Option("--paper", help="Judge lines such as a_h1 = 0.52 from standard input, all at once.")
    ] = False,
    report: Annotated[bool, typer.Option("--report", help="Show what was practised of this lesson, and end.")] = False,
    own: Annotated[bool, typer.Option("--own", help="The lesson's own numbers.")] = False,
    significant: Significant = None,
    digits: Digits = None,
    rounded: Round = False,
    assignments: Set = None,
    run: RunNumber = 1,
    updates: Updates = None,
    sample: SheetSample = None,
    lang: Lang = None,
    ascii: Ascii = False,
    plain: Plain = False,
) -> None:
    """Work a lesson out yourself: each answer is judged at once, and what went wrong is explained."""
    from stepnn.cli.holding import hold, opened  # the help needs none of it
    from stepnn.lessons.build import setup
    from stepnn.lessons.read import load_lesson

    words, changes = chosen_words(lang), assigned(assignments or [])
    if own and code:
        raise UsageError(told("code_and_set"))
    given = setup(load_lesson(name))
    chosen = {name: value for name, value in (("updates", updates), ("sample", sample)) if value is not None}
    exactly = {"digits": digits, "rounded": rounded, "significant": significant, **chosen}
    desk = partial(desk_of, given, blank, **exactly, code=code, values=changes, run=run, asked=asked_in(assignment))
    if paper:
        on_paper(*desk(), words)
        return
    history = opened(words)
    if report:
        from stepnn.practice.progress import progress_lines  # only a report needs it

        output.print_sentences(progress_lines(history.rows(given.lesson.id), words))
        return
    numbers = {"own": own or bool(changes), "changed": bool(changes)}
    wanted = {"drill": drill, "steps": tuple(steps or ()), "one_by_one": one_by_one, "exam": exam, **numbers}
    hold(
        partial(sitting, desk, history, {**wanted, "expressions": expressions or not exam}), given, words, ascii, plain
    )


def desk_of(given: Setup, blank: list[str] | None, **options: Any) -> tuple[Desk, int | None]:
    """A desk, and the number of the sheet whose numbers are used. Raises UsageError."""
    from stepnn.exercises.assignment import Selection, read_blanks  # a reader sees the network first
    from stepnn.exercises.desk import desk_for

    return desk_for(given, **options, selection=Selection(read_blanks(blank)) if blank else None)


def on_paper(desk: Desk, number: int | None, words: Catalogue) -> None:
    """Judge lines that are typed or come from a file."""
    from stepnn.practice.paper import judged_lines, paper_lines  # only a paper needs it

    if sys.stdin.isatty():
        output.print_sentences(paper_lines(desk, number, words))
    output.print_sentences(judged_lines(desk, number, written_lines(), words))


def sitting(desk: Callable[[], tuple[Desk, int | None]], history: History, wanted: Mapping[str, Any]) -> Session:
    """A sitting with the numbers of a code, or with others. Raises StepnnError for what cannot be practised."""
    from stepnn.practice.question import Wanted  # a reader sees the network first
    from stepnn.practice.session import Session

    made, number = desk()
    return Session(made, history, Wanted(number=number, **wanted))


def written_lines() -> Iterator[str]:
    """The lines of standard input; typed ones end with an empty line."""
    for line in sys.stdin:
        if not line.strip() and sys.stdin.isatty():
            return
        yield line
