"""Tables that marking writes and reads beside answers: marks, a mail merge, an empty one to fill in, overrides."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from stepnn.errors import Fault, LessonError, visible
from stepnn.exercises.assignment import MOST_POINTS
from stepnn.marking.marks import Mark, Override, points_text
from stepnn.marking.papers import Collector
from stepnn.sheets.key import safe
from stepnn.sheets.key_file import KeyFile
from stepnn.tables.table import read_table
from stepnn.words.told import told

MARKS = ("id", "name", "points", "out_of", "first_wrong", "mistakes")
MAIL = ("id", "name", "points", "out_of", "feedback")
OVERRIDES = ("id", "question", "points", "reason")
POINTS = re.compile(r"\d{1,4}(\.\d{1,3})?")
LONGEST_REASON = 200


def as_csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table as UTF-8 with a byte order mark, as spreadsheets want it. Nothing in it is a formula to them."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    table.writerow([safe(cell) for cell in head])
    table.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def marks_table(marks: Sequence[Mark]) -> bytes:
    """A row for each student: id, name, points, of how many, the first wrong step, the names of the mistakes."""
    return as_csv(MARKS, map(marks_row, marks))


def marks_row(mark: Mark) -> tuple[str, ...]:
    first = mark.first_wrong
    wrong = f"{first.number} {first.asked.symbol}" if first is not None else ""
    points = points_text(mark.earned), str(mark.points)
    return mark.sheet.who, mark.sheet.name, *points, wrong, " ".join(mark.mistakes)


def mail_table(marks: Sequence[Mark], told_of: Callable[[Mark], str]) -> bytes:
    """A row for each student with all feedback in one cell, for a mail merge."""
    rows = (
        (mark.sheet.who, mark.sheet.name, points_text(mark.earned), str(mark.points), told_of(mark)) for mark in marks
    )
    return as_csv(MAIL, rows)


def template(key: KeyFile) -> bytes:
    """An empty table: a row for each sheet, a column for each answer."""
    head = ["id", "name", "code", *(f"{one.number} {one.symbol}" for one in key.sheets[0].asked)]
    empty = [""] * len(key.sheets[0].asked)
    return as_csv(head, ([sheet.id, sheet.name, sheet.code, *empty] for sheet in key.sheets))


def read_overrides(path: Path, collector: Collector) -> dict[str, dict[str, Override]]:
    """Points given by hand: by the code of the sheet and the id of the step. Raises UsageError, LessonError with all
    faults."""
    table = read_table(path)
    source, head = visible(str(path), 200), [cell.strip().casefold() for cell in table.head]
    missing = [name for name in OVERRIDES if head.count(name) != 1]
    if missing:
        found, wanted = ", ".join(table.head), ", ".join(OVERRIDES)
        raise LessonError(source, [Fault(name, told("this_column_is_missing"), found, wanted) for name in missing])
    overrides: dict[str, dict[str, Override]] = {}
    faults: list[Fault] = []
    for line, row in table.rows:
        if len(row) != len(head):
            message, wanted = (
                told("the_number_of_cells_is", count=len(row)),
                told("as_in_the_head_line", count=len(head)),
            )
            faults.append(Fault("", message, wanted=wanted, line=line))
            continue
        cells = {name: row[head.index(name)].strip() for name in OVERRIDES}
        faults += [replace(fault, line=line) for fault in overridden(cells, collector, overrides)]
    if faults:
        raise LessonError(source, faults)
    return overrides


def overridden(
    cells: Mapping[str, str], collector: Collector, overrides: dict[str, dict[str, Override]]
) -> Iterator[Fault]:
    """Add what a row gives to the overrides; everything that is wrong with it."""
    who, question, points, reason = (cells[name] for name in OVERRIDES)
    sheet, step, number = collector.known(who, "id"), collector.step(question), points_of(points.replace(",", "."))
    if sheet is None:
        yield Fault("id", told("marks_unknown"), who)
    if step is None:
        yield Fault("question", told("marks_no_question"), question, told("marks_a_question"))
    most = next((one.points for one in sheet.asked if one.step == step), MOST_POINTS) if sheet else MOST_POINTS
    if number is None or number > most:
        yield Fault("points", told("override_points"), points, told("override_wanted", most=most))
    if not reason or len(reason) > LONGEST_REASON:
        wanted = told("at_most_characters", longest_id=LONGEST_REASON)
        yield Fault("reason", told("override_reason"), reason, wanted)
    if sheet is None or step is None or number is None:
        return
    of_sheet = overrides.setdefault(sheet.code, {})
    if step in of_sheet:
        yield Fault("question", told("marks_question_twice", who=visible(who)), question)
    of_sheet[step] = Override(number, visible(reason, LONGEST_REASON))


def points_of(text: str) -> Fraction | None:
    """A number of points; None for what is none."""
    return Fraction(text) if POINTS.fullmatch(text) else None
