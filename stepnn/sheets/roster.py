"""The list of students: a CSV file with a column for ids and one for names."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from pathlib import Path

from stepnn.errors import Fault, LessonError, UsageError, visible
from stepnn.sheets.sheet import Student

COLUMNS = {"id": ("id", "student id", "student_id", "학번"), "name": ("name", "student", "이름", "성명")}
MOST_STUDENTS = 5_000
LONGEST_NAME, LONGEST_ID = 80, 40
LARGEST_FILE = 2_000_000  # bytes
ID = re.compile(r"[\w@][\w.@+-]*")
SHEET, MERGED, KEY = "sheet", "sheets", "key"  # the files that every run makes have these names, with more behind a -
RESERVED = re.compile(rf"(?i)((con|prn|aux|nul|com\d|lpt\d)|({SHEET}|{MERGED}|{KEY})(-.*)?)(\..*)?")
HEAD = "a head line `id,name`"
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
            raise UsageError(f"--students {shown} is no file. Name a CSV file with the columns id and name.")
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError(f"--students {shown}: the file is larger than {LARGEST_FILE // 1_000_000} MB.")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"--students {shown}: this is no UTF-8 text. Save the list as CSV in UTF-8.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"--students {shown}: {reason}. Name a CSV file with the columns id and name.") from None


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
        return [], [Fault("", f"this line is no CSV ({error})", remedy="look for a quotation mark too many", line=line)]
    return found, []


def head_faults(table: Rows) -> list[Fault]:
    """What is wrong with the head line, and whether anything follows it."""
    if not table:
        return [Fault("", "the file is empty", wanted=f"{HEAD}, then the students")]
    line, head = table[0]
    names = [cell.strip().lower() for cell in head]
    faults = []
    for name, known in COLUMNS.items():
        count = sum(one in known for one in names)
        if count != 1:
            message = "this column is there more than once" if count else "this column is missing"
            faults.append(Fault(name, message, ", ".join(names), HEAD, line=line))
    if not faults and len(table) == 1:
        faults.append(Fault("", "there are no students in it", wanted="a line for each student"))
    return faults


def checked(table: Rows) -> tuple[list[Student], list[Fault]]:
    """The students, and every fault of their lines."""
    head = [cell.strip().lower() for cell in table[0][1]]
    places = [next(place for place, one in enumerate(head) if one in known) for known in COLUMNS.values()]
    students: list[Student] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    if len(table) - 1 > MOST_STUDENTS:
        found, most = str(len(table) - 1), f"at most {MOST_STUDENTS}"
        return [], [Fault("", "too many students", found, most, "split the list")]
    for line, row in table[1:]:
        if len(row) != len(head):
            wanted = f"{len(head)}, as in the head line; a name with a comma in it stands in quotation marks"
            faults.append(Fault("", f"the number of cells is {len(row)}", wanted=wanted, line=line))
            continue
        id_, name = (unicodedata.normalize("NFC", row[place].strip()) for place in places)
        faults += id_faults(id_, line) + name_faults(name, line)
        alike = id_.upper().casefold()  # some systems do not tell files apart by capitals
        if alike in seen:
            faults.append(Fault("id", f"already on line {seen[alike]}", id_, "an id of its own", line=line))
        elif id_:
            seen[alike] = line
        students.append(Student(id_, name, line))
    return students, faults


def id_faults(id_: str, line: int) -> list[Fault]:
    """What is wrong with an id; a file is named after it."""
    if not id_:
        return [Fault("id", "is empty", wanted="an id", line=line)]
    if len(id_) > LONGEST_ID:
        return [Fault("id", "is too long", id_, f"at most {LONGEST_ID} characters", line=line)]
    if RESERVED.fullmatch(unicodedata.normalize("NFKC", id_)):
        return [Fault("id", "is the name of another file", id_, "an id that is not reserved", line=line)]
    if not ID.fullmatch(id_) or id_.endswith("."):
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
