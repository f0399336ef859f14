"""The list of students: a CSV file with a column for ids and one for names."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from pathlib import Path

from stepnn.errors import Fault, LessonError, UsageError, visible
from stepnn.sheets.sheet import Student
from stepnn.words.told import told

COLUMNS = {"id": ("id", "student id", "student_id", "학번"), "name": ("name", "student", "이름", "성명")}
MOST_STUDENTS = 5_000
LONGEST_NAME, LONGEST_ID = 80, 40
LARGEST_FILE = 2_000_000  # bytes
ID = re.compile(r"[\w@][\w.@+-]*")
SHEET, MERGED, KEY = "sheet", "sheets", "key"  # the files that every run makes have these names, with more behind a -
RESERVED = re.compile(rf"(?i)((con|prn|aux|nul|com\d|lpt\d)|({SHEET}|{MERGED}|{KEY})(-.*)?)(\..*)?")
Rows = list[tuple[int, list[str]]]


def read_roster(path: Path) -> list[Student]:
    """All students of the file, in its order. Raises UsageError or LessonError, which tells all faults at once."""
    table, faults = rows(decoded(path))
    if not faults:
        faults = head_faults(table)
    students: list[Student] = []
    if not faults:
        students, faults = checked(table)
    if faults:
        raise LessonError(visible(str(path), 200), faults)
    return students


def decoded(path: Path) -> str:
    """The text of the file. Raises UsageError where there is none."""
    shown = visible(str(path), 200)
    try:
        if path.exists() and not path.is_file():
            raise UsageError(told("students_is_no_file_name", shown=shown))
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError(told("students_the_file_is_larger", shown=shown, value=LARGEST_FILE // 1000000))
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(told("students_this_is_no_utf", shown=shown)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(told("students_name_a_csv_file", shown=shown, reason=reason)) from None


def rows(text: str) -> tuple[Rows, list[Fault]]:
    """The rows that are not empty, each with the line on which it begins; commas, semicolons or tabs between cells."""
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: Rows = []
    line = 1
    try:
        for row in reader:
            found += [(line, row)] if any(row) else []
            line = reader.line_num + 1
    except csv.Error as error:
        return [], [
            Fault("", told("this_line_is_no_csv", error=error), remedy=told("look_for_a_quotation_mark"), line=line)
        ]
    return found, []


def head_faults(table: Rows) -> list[Fault]:
    """What is wrong with the head line, and whether anything follows it."""
    if not table:
        return [Fault("", told("the_file_is_empty"), wanted=told("head_and_students"))]
    line, head = table[0]
    names = [cell.strip().lower() for cell in head]
    faults = []
    for name, known in COLUMNS.items():
        count = sum(one in known for one in names)
        if count != 1:
            message = told("this_column_is_there_more") if count else told("this_column_is_missing")
            faults.append(Fault(name, message, ", ".join(names), told("head_line"), line=line))
    if not faults and len(table) == 1:
        faults.append(Fault("", told("there_are_no_students_in"), wanted=told("a_line_for_each_student")))
    return faults


def checked(table: Rows) -> tuple[list[Student], list[Fault]]:
    """The students, and every fault of their lines."""
    head = [cell.strip().lower() for cell in table[0][1]]
    places = [next(place for place, one in enumerate(head) if one in known) for known in COLUMNS.values()]
    students: list[Student] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    if len(table) - 1 > MOST_STUDENTS:
        found, most = str(len(table) - 1), told("at_most", most=MOST_STUDENTS)
        return [], [Fault("", told("too_many_students"), found, most, told("split_the_list"))]
    for line, row in table[1:]:
        if len(row) != len(head):
            wanted = told("as_in_the_head_line", count=len(head))
            faults.append(Fault("", told("the_number_of_cells_is", count=len(row)), wanted=wanted, line=line))
            continue
        id_, name = (unicodedata.normalize("NFC", row[place].strip()) for place in places)
        faults += id_faults(id_, line) + name_faults(name, line)
        alike = id_.upper().casefold()  # some systems do not tell files apart by capitals
        if alike in seen:
            faults.append(
                Fault("id", told("already_on_line", value=seen[alike]), id_, told("an_id_of_its_own"), line=line)
            )
        elif id_:
            seen[alike] = line
        students.append(Student(id_, name, line))
    return students, faults


def id_faults(id_: str, line: int) -> list[Fault]:
    """What is wrong with an id; a file is named after it."""
    if not id_:
        return [Fault("id", told("is_empty"), wanted=told("an_id"), line=line)]
    if len(id_) > LONGEST_ID:
        return [Fault("id", told("is_too_long"), id_, told("at_most_characters", longest_id=LONGEST_ID), line=line)]
    if RESERVED.fullmatch(unicodedata.normalize("NFKC", id_)):
        return [Fault("id", told("is_the_name_of_another"), id_, told("an_id_that_is_not"), line=line)]
    if not ID.fullmatch(id_) or id_.endswith("."):
        wanted = told("letters_digits_and_within_a")
        return [Fault("id", told("cannot_be_the_name_of"), id_, wanted, line=line)]
    return []


def name_faults(name: str, line: int) -> list[Fault]:
    """What is wrong with a name. Any mark-up in it is printed as it stands."""
    if not name:
        return [Fault("name", told("is_empty"), wanted=told("a_name"), line=line)]
    if len(name) > LONGEST_NAME:
        return [
            Fault(
                "name",
                told("has_characters", count=len(name)),
                name,
                told("at_most", most=LONGEST_NAME),
                line=line,
            )
        ]
    bad = [letter for letter in name if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]
    if bad:
        return [
            Fault(
                "name",
                told("has_a_control_character_in"),
                name,
                told("printable_letters"),
                told("type_it_anew"),
                line=line,
            )
        ]
    return []
