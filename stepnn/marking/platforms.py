"""Marks in the very table that a learning platform has exported: nothing is added but grades and feedback."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stepnn.errors import Fault, LessonError, visible
from stepnn.marking.marks import Mark, points_text
from stepnn.sheets.key import safe
from stepnn.sheets.key_file import plain
from stepnn.sheets.roster import IDS, NAMES
from stepnn.tables.table import Table, read_table
from stepnn.words.told import told

PLATFORMS = ("moodle", "canvas")
GRADES = ("grade", "bewertung", "성적", "점수")  # as Moodle calls the column of a grading worksheet
FEEDBACK = (
    "feedback comments",
    "feedback als kommentar",
    "feedback-kommentare",
    "피드백 주석",
    "피드백 댓글",
    "피드백",
)
OUT_OF = ("maximum grade", "höchste bewertung", "최고 성적", "최고점")
POINTS_POSSIBLE = "points possible"
FEW = 12
PLAIN = re.compile(r"[+-]?[\d.,]*")  # a number, or the sign that stands for none


@dataclass(frozen=True)
class Filled:
    """The table with the marks in it, and the students of whom it knows nothing."""

    data: bytes
    unknown: list[Mark]


def filled(path: Path, platform: str, column: str, marks: Sequence[Mark], told_of: Callable[[Mark], str]) -> Filled:
    """An export with grades and feedback in the columns that it has. Raises UsageError, LessonError."""
    table = read_table(path)
    head = [cell.strip().casefold() for cell in table.head]
    grade = place_of(table, head, (column.casefold(),) if column else GRADES, str(path), platform)
    feedback = next((head.index(name) for name in FEEDBACK if name in head), None) if platform == "moodle" else None
    known = by_name(marks)
    who = [head.index(name) for name in (*IDS, *NAMES) if name in head]
    rows, seen = [], set()
    for _, row in table.rows:
        cells = row + [""] * (len(head) - len(row))
        mark = next((known[plain(cells[place])] for place in who if plain(cells[place]) in known), None)
        if mark is not None and cells[0].strip().casefold() != POINTS_POSSIBLE:
            seen.add(mark.sheet.code)
            cells[grade] = points_text(mark.earned)
            if feedback is not None:
                cells[feedback] = told_of(mark)
        rows.append(cells)
    return Filled(written(table, rows), [mark for mark in marks if mark.sheet.code not in seen])


def by_name(marks: Sequence[Mark]) -> Mapping[str, Mark]:
    """The marks by id, and by a name that nobody else has."""
    names = [plain(mark.sheet.name) for mark in marks]
    found = {name: mark for name, mark in zip(names, marks, strict=True) if name and names.count(name) == 1}
    return found | {plain(mark.sheet.id): mark for mark in marks if mark.sheet.id}


def place_of(table: Table, head: list[str], names: Sequence[str], source: str, platform: str) -> int:
    """The column of grades. In a Canvas gradebook it has the name of an assignment. Raises LessonError."""
    found = [
        place
        for place, cell in enumerate(head)
        if cell in names or (platform == "canvas" and any(cell.startswith(f"{name} (") for name in names))
    ]
    if len(found) != 1:
        message = told("grades_column_twice") if found else told("grades_no_column")
        shown = ", ".join(table.head[:FEW])
        remedy = told("grades_name_it")
        raise LessonError(
            visible(source, 200), [Fault("", message, shown, ", ".join(names[:1]), remedy, table.head_line)]
        )
    return found[0]


def written(table: Table, rows: list[list[str]]) -> bytes:
    """The table as it came: with its head, its separator, and in an encoding that has every letter."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=table.separator or ",", lineterminator="\r\n")
    writer.writerow(map(harmless, table.head))
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig" if table.encoding != "utf-8" else "utf-8")


def harmless(cell: str) -> str:
    """A cell as it came, but for what a spreadsheet would work out."""
    return cell if PLAIN.fullmatch(cell) else safe(cell)
