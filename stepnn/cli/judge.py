"""The command `stepnn judge`: answers as JSON Lines in, what each of them is as JSON Lines out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from stepnn.cli import output
from stepnn.cli.options import LessonName, Round, RunNumber, Set, Significant
from stepnn.cli.sheet_options import AssignmentFile
from stepnn.cli.work import assigned
from stepnn.errors import Fault, LessonError, StepnnError, visible
from stepnn.words.told import told

if TYPE_CHECKING:
    from stepnn.exercises.assignment import Assignment
    from stepnn.exercises.desk import Desk
    from stepnn.exercises.typed import Typed

LONGEST_LINE = 1_000_000  # characters
Answers = dict[str, object]


def judge(
    name: LessonName,
    answers: Annotated[
        str, typer.Option("--answers", metavar="FILE|-", help="One JSON object a line: the answers of one person.")
    ],
    significant: Significant = None,
    digits: Annotated[
        Optional[int], typer.Option("--digits", min=0, max=15, help="Ask for digits after the point, in their place.")
    ] = None,
    rounded: Round = False,
    code: Annotated[Optional[str], typer.Option("--code", help="The code of the sheet that was answered.")] = None,
    assignment: AssignmentFile = None,
    assignments: Set = None,
    run: RunNumber = 1,
) -> None:
    """Say of every answer what it is: right, carried forward, or which mistake. For other programs."""
    from stepnn.exercises.desk import desk_for  # the help needs none of it
    from stepnn.lessons.build import setup
    from stepnn.lessons.read import load_lesson

    given = setup(load_lesson(name))
    changes, asked = assigned(assignments or []), asked_in(assignment)
    desk, number = desk_for(given, digits, rounded, significant, code, changes, run, asked=asked)
    output.print_lines(judged_lines(desk, number, answers))


def asked_in(path: Path | None) -> Assignment | None:
    """What the sheets of a `key.json` ask. Raises UsageError."""
    from stepnn.sheets.key_file import assignment_in  # only sheets with options need it

    return assignment_in(path) if path is not None else None


def judged_lines(desk: Desk, number: int | None, source: str) -> Iterator[str]:
    """One line for each person, in the order of the answers. Raises LessonError, which tells all faults of the file."""
    sheets = read_sheets(desk, source)
    trace = desk.trace(number)
    for answers, typed in sheets:
        yield json.dumps(desk.as_object(desk.judge.judge(trace, typed), answers), ensure_ascii=False, allow_nan=False)


def read_sheets(desk: Desk, source: str) -> list[tuple[Answers, dict[str, Typed]]]:
    """The answers of everybody."""
    found, faults = [], []
    for line, text in enumerate(lines_of(source), 1):
        if not text.strip():
            continue
        answers = object_of(text)
        if isinstance(answers, str):
            faults.append(Fault("", answers, found=visible(text), line=line))
            continue
        typed, wrong = desk.read(answers)
        faults += [Fault(one.where, one.message, one.found, one.wanted, one.remedy, line) for one in wrong]
        found.append((answers, typed))
    if faults:
        raise LessonError(visible(source, 200), faults)
    return found


def lines_of(source: str) -> list[str]:
    """The lines of a file, or of standard input. Raises StepnnError."""
    try:
        data = sys.stdin.buffer.read() if source == output.STANDARD else Path(source).read_bytes()
        return data.decode("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StepnnError(
            told("answers_not_read", file=visible(source, 200), reason=visible(str(reason), 200))
        ) from None


def object_of(text: str) -> Answers | str:
    """The answers on a line, or what is wrong with it."""
    if len(text) > LONGEST_LINE:
        return told("answers_line_too_long", most=LONGEST_LINE)
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else told("answers_no_json")
