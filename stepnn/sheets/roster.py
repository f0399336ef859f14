"""The list of students: a table with ids and names, as people have it or as Moodle and Canvas export it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stepnn.errors import Fault, LessonError, visible
from stepnn.sheets.sheet import Student
from stepnn.tables.table import Row, Table, read_table
from stepnn.words.told import told

# The first of these columns that a table has; a system's own numbers, which nobody knows, come last.
IDS = (
    "sis user id", "id number", "idnumber", "id-nummer", "matrikelnummer", "matrikelnr", "student number",
    "student id", "student_id", "학번", "id 번호", "식별번호", "학생 번호", "id", "sis login id", "username",
    "anmeldename", "사용자명", "email address", "e-mail-adresse", "e-mail", "email", "이메일 주소", "이메일",
)  # fmt: skip
NAMES = ("name", "full name", "vollständiger name", "student name", "student", "성명", "전체 이름", "학생 이름", "학생")
FIRST_NAMES = ("first name", "firstname", "given name", "vorname", "이름")
LAST_NAMES = ("last name", "lastname", "surname", "family name", "nachname", "성")
ALONE = ("이름",)  # means the whole name where there is no family name beside it
NO_STUDENTS = ("points possible", "student, test")  # what Canvas puts among the students
MOST_STUDENTS = 5_000
LONGEST_NAME, LONGEST_ID = 80, 40
LARGEST_FILE = 2_000_000  # bytes
ID = re.compile(r"[\w@][\w.@+-]*")
SHEET, MERGED, KEY = "sheet", "sheets", "key"  # the files that every run makes have these names, with more behind a -
RESERVED = re.compile(rf"(?i)((con|prn|aux|nul|com\d|lpt\d)|({SHEET}|{MERGED}|{KEY})(-.*)?)(\..*)?")


@dataclass(frozen=True)
class Roster:
    """The students of a file, in its order. `encoding` is worth a word where it is not UTF-8."""

    students: list[Student]
    encoding: str = ""


@dataclass(frozen=True)
class Columns:
    """Where a table has the id and the name of a student; a name may be put together from two columns."""

    id: int
    name: tuple[int, ...]
    joined: str = " "

    def of(self, row: Sequence[str]) -> tuple[str, str]:
        name = self.joined.join(filter(None, (row[place].strip() for place in self.name)))
        return unicodedata.normalize("NFC", row[self.id].strip()), unicodedata.normalize("NFC", name)


def read_roster(path: Path) -> Roster:
    """All students of the file. Raises UsageError or LessonError, which tells all faults at once."""
    table = read_table(path, LARGEST_FILE)
    columns, faults = columns_of(table)
    students: list[Student] = []
    if columns is not None:
        students, faults = checked(list(table.rows), columns, len(table.head))
        if not students and not faults:
            wanted = told("a_line_for_each_student")
            faults = [Fault("", told("there_are_no_students_in"), wanted=wanted, line=table.head_line)]
    if faults:
        raise LessonError(visible(str(path), 200), faults)
    return Roster(students, table.note)


def columns_of(table: Table) -> tuple[Columns | None, list[Fault]]:
    """Where ids and names stand, or what is wrong with the head line."""
    head = [unicodedata.normalize("NFKC", cell).strip().casefold() for cell in table.head]
    faults = []

    def place(*names: str) -> int | None:
        """Of the first of these names that the head has."""
        for name in names:
            if head.count(name) > 1:
                found = Fault(name, told("this_column_is_there_more"), ", ".join(table.head), line=table.head_line)
                faults.append(found) if found not in faults else None
            if name in head:
                return head.index(name)
        return None

    id_, whole = place(*IDS), place(*NAMES)
    first, last = place(*FIRST_NAMES), place(*LAST_NAMES)
    name: tuple[int, ...] = (whole,) if whole is not None else ()
    joined = " "
    if not name and first is not None and last is not None:
        korean = table.head[last].strip() == "성"  # where the family name stands first, and nothing between
        name, joined = ((last, first), "") if korean else ((first, last), " ")
    elif not name and first is not None and head[first] in ALONE:
        name = (first,)
    for wanted, found in (("id", id_ is not None), ("name", bool(name))):
        if not found:
            message = told("this_column_is_missing")
            faults.append(Fault(wanted, message, ", ".join(table.head), told("head_line"), line=table.head_line))
    return (Columns(id_, name, joined) if id_ is not None and name and not faults else None), faults


def checked(rows: list[Row], columns: Columns, wide: int) -> tuple[list[Student], list[Fault]]:
    """The students, and every fault of their lines."""
    students: list[Student] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    if len(rows) > MOST_STUDENTS:
        found, most = str(len(rows)), told("at_most", most=MOST_STUDENTS)
        return [], [Fault("", told("too_many_students"), found, most, told("split_the_list"))]
    for line, row in rows:
        if len(row) != wide:
            wanted = told("as_in_the_head_line", count=wide)
            faults.append(Fault("", told("the_number_of_cells_is", count=len(row)), wanted=wanted, line=line))
            continue
        id_, name = columns.of(row)
        if any(cell.strip().casefold() in NO_STUDENTS for cell in row):
            continue
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
