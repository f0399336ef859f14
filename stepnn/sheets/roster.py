"""The list of students: a CSV file with a column for ids and one for names."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from stepnn.errors import Fault, LessonError, UsageError, visible
from stepnn.sheets.sheet import Student

COLUMNS = {"id": ("id", "student id", "student_id", "학번"), "name": ("name", "student", "이름", "성명")}
MOST_STUDENTS = 5_000
LONGEST_NAME, LONGEST_ID = 80, 40
LARGEST_FILE = 2_000_000  # bytes
ID = re.compile(r"[\w.@+-]+")
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d|key|sheets)(\..*)?")


def read_roster(path: Path) -> list[Student]:
    """All students of the file, in its order. Raises UsageError or LessonError, which tells all faults at once."""
    source = visible(str(path), 200)
    lines = decoded(path).splitlines()
    delimiter = max(",;\t", key=lambda one: lines[0].count(one)) if lines else ","
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        table = [(reader.line_num, row) for row in reader if any(row)]
    except csv.Error as error:
        raise LessonError(source, [Fault("", f"this is no CSV: {error}", line=reader.line_num)]) from None
    if not table:
        raise LessonError(source, [Fault("", "the file is empty", wanted="a head line `id,name`, then the students")])
    columns = [cell.strip().lower() for cell in table[0][1]]
    places = {name: columns.index(one) for name, known in COLUMNS.items() for one in known if one in columns}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        line, found = table[0][0], ", ".join(columns)
        wanted = "a head line `id,name`"
        raise LessonError(source, [Fault(one, "this column is missing", found, wanted, line=line) for one in missing])
    students, faults = checked(table[1:], (places["id"], places["name"]))
    if faults:
        raise LessonError(source, faults)
    if not students:
        raise LessonError(source, [Fault("", "there are no students in it", wanted="a line for each student")])
    return students


def decoded(path: Path) -> str:
    """The text of the file. Raises UsageError where there is none."""
    shown = visible(str(path), 200)
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"--students {shown} is no file. Name a CSV file with the columns id and name.")
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError(f"--students {shown}: the file is larger than {LARGEST_FILE // 1_000_000} MB.")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"--students {shown}: this is no UTF-8 text. Save the list as CSV in UTF-8.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"--students {shown}: {reason}. Name a CSV file with the columns id and name.") from None


def checked(table: Sequence[tuple[int, list[str]]], places: Sequence[int]) -> tuple[list[Student], list[Fault]]:
    """The students, and every fault of their lines."""
    students: list[Student] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    if len(table) > MOST_STUDENTS:
        faults.append(Fault("", "too many students", str(len(table)), f"at most {MOST_STUDENTS}", "split the list"))
    for number, row in table:
        id_, name = (unicodedata.normalize("NFC", row[place].strip()) if place < len(row) else "" for place in places)
        faults += id_faults(id_, number) + name_faults(name, number)
        if id_.lower() in seen:
            faults.append(Fault("id", f"already on line {seen[id_.lower()]}", id_, "an id of its own", line=number))
        elif id_:
            seen[id_.lower()] = number  # in small letters: some systems do not tell files apart by capitals
        students.append(Student(id_, name))
    return students, faults


def id_faults(id_: str, line: int) -> list[Fault]:
    """What is wrong with an id; a file is named after it."""
    if not id_:
        return [Fault("id", "is empty", wanted="an id", line=line)]
    if len(id_) > LONGEST_ID:
        return [Fault("id", "is too long", id_, f"at most {LONGEST_ID} characters", line=line)]
    if RESERVED.fullmatch(id_):
        return [Fault("id", "is the name of another file", id_, "an id that is not reserved", line=line)]
    if not ID.fullmatch(id_) or id_.startswith(".") or id_.endswith("."):
        wanted = "letters, digits and . _ - + @ within; a file is named after it"
        return [Fault("id", "cannot be the name of a file", id_, wanted, line=line)]
    return []


def name_faults(name: str, line: int) -> list[Fault]:
    """What is wrong with a name. Any mark-up in it is printed as it stands."""
    if not name:
        return [Fault("name", "is empty", wanted="a name", line=line)]
    if len(name) > LONGEST_NAME:
        return [Fault("name", f"has {len(name)} characters", name, f"at most {LONGEST_NAME}", line=line)]
    bad = [letter for letter in name if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]
    if bad:
        return [Fault("name", "has a control character in it", name, "printable letters", "type it anew", line=line)]
    return []
