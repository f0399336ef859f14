"""The answer key as a table for spreadsheets, as data for programs, and as lines for the terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from stepnn import __version__
from stepnn.exercises.assignment import Assignment, as_object
from stepnn.lessons.schema import Lesson
from stepnn.notation.numbers import given
from stepnn.sheets.sheet import Answer, KeyPart
from stepnn.words import Catalogue

FORMAT_VERSION = 1
COLUMNS = ("id", "name", "code", "exercise", "symbol", "kind", "answer", "points", "mistake")
# A cell that begins so is worked out by spreadsheets, which may run programs; some take a semicolon for its end.
FORMULA_START = re.compile(r"(^|[;,\t\r])(\s*)([=+\-@＝＋－＠])")


def as_csv(parts: Sequence[KeyPart]) -> str:
    """One row for each answer. Nothing in it is a formula to a spreadsheet."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    table.writerow(COLUMNS)
    for part in parts:
        student = [safe(text) for text in (part.student.id, part.student.name, part.code)]
        for answer in part.answers:
            table.writerow([*student, *row(answer)])
    return out.getvalue()


def row(answer: Answer) -> list[object]:
    return [answer.number, answer.symbol, answer.kind, answer.shown.ascii, answer.points, answer.mistake]


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe in front says that it is text."""
    return FORMULA_START.sub(r"\1\2'\3", text)


def as_json(parts: Sequence[KeyPart], lesson: Lesson, assignment: Assignment) -> Iterator[str]:
    """Everything that a program needs to mark the sheets, in pieces: a sheet at a time."""
    head = {
        "format_version": FORMAT_VERSION,
        "stepnn": __version__,
        "lesson": lesson.id,
        "mode": assignment.mode.value,
        "digits": assignment.digits,
        "significant": assignment.significant,
        "arithmetic": "rounded" if assignment.rounded else "full",
        "assignment": as_object(assignment),
    }
    yield f'{json.dumps(head, ensure_ascii=False, indent=1)[:-2]},\n "sheets": ['
    for place, part in enumerate(parts):
        yield ",\n" if place else "\n"
        yield json.dumps(part_object(part), ensure_ascii=False, allow_nan=False)
    yield "\n ]\n}\n"


def part_object(part: KeyPart) -> dict[str, Any]:
    """One sheet: its student, its given numbers, its answers."""
    return {
        "id": part.student.id or None,
        "name": part.student.name or None,
        "code": part.code,
        "seed": part.seed,
        "points": part.points,
        "given": dict(part.given),
        "answers": [
            {
                "exercise": answer.number,
                "step": answer.step,
                "symbol": answer.symbol,
                "kind": answer.kind,
                "answer": answer.shown.ascii,
                "value": float(f"{answer.value:.12g}"),  # the same on every machine
                "points": answer.points,
                **({"mistake": answer.mistake} if answer.mistake else {}),
            }
            for answer in part.answers
        ],
    }


def as_text(part: KeyPart, lesson: Lesson, words: Catalogue) -> Iterator[str]:
    """The key of one sheet in lines for the terminal."""
    yield " · ".join(filter(None, (lesson.id, part.student.name, part.student.id, part.code)))
    numbers = ", ".join(f"{name} = {given(value).ascii}" for name, value in part.given.items())
    yield from ("", numbers, "")
    wide = max(len(answer.symbol) for answer in part.answers)
    for answer in part.answers:
        mistake = f"   {words(f'mistake.{answer.mistake}')}" if answer.mistake else ""
        yield f"{answer.number:>4}  {answer.symbol:<{wide}} = {answer.shown.ascii}{mistake}"
