"""A table from a file: its head line, its other lines with their numbers, and how it was saved."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stepnn.errors import UsageError, refused, visible
from stepnn.tables.encoding import encoding_of
from stepnn.tables.spreadsheet import BEGINNING, spreadsheet_rows
from stepnn.words.told import told

LARGEST = 50_000_000  # bytes
SEPARATORS = ",;\t|"
SAID = re.compile(r'"?sep=(?P<separator>.)"?\s*', re.IGNORECASE)  # a first line by which Excel is told the separator
ENOUGH = 20_000  # letters of a line that tell its separator
USUAL = ("utf-8", "utf-8-sig")
Row = tuple[int, list[str]]


@dataclass
class Table:
    """A head line and the lines below it that are not blank, each with its number from 1.

    `encoding` and `separator` are those of a text, empty for a spreadsheet. Lines are read as they are asked for; one
    that cannot be read raises LessonError.
    """

    head_line: int
    head: list[str]
    rows: Iterator[Row]
    encoding: str = ""
    separator: str = ""

    @property
    def has_decimal_commas(self) -> bool:
        """Whether a comma in a number can be its decimal point."""
        return self.separator not in ("", ",")

    @property
    def note(self) -> str:
        """The encoding, where it is worth a word."""
        return "" if self.encoding in ("", *USUAL) else self.encoding.replace("cp1252", "Latin-1 (cp1252)").upper()


def read_table(path: Path, largest: int = LARGEST) -> Table:
    """The table in a file. Raises UsageError where there is no file, LessonError for what is no table."""
    return table_of(contents(path, largest), str(path))


def contents(path: Path, largest: int) -> bytes:
    """The bytes of a file. Raises UsageError."""
    shown = visible(str(path), 200)
    try:
        if path.exists() and not path.is_file():
            raise UsageError(told("table_is_no_file", file=shown))
        if path.stat().st_size > largest:
            raise UsageError(told("table_too_large", file=shown, most=largest // 1_000_000))
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(told("table_not_read", file=shown, reason=visible(str(reason), 200))) from None


def table_of(data: bytes, source: str) -> Table:
    """The table in the bytes of a file. Raises LessonError."""
    if data.startswith(BEGINNING):
        return first_line(spreadsheet_rows(data, source), source)
    if not data.strip():
        raise refused(source, told("the_file_is_empty"), remedy=told("write_a_header_and_a"))
    encoding = encoding_of(data, source)
    text = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    separator, skipped = separator_of(text)
    rows = csv_rows(text, separator, skipped, source)
    found = first_line(rows, source)
    found.encoding, found.separator = encoding, separator
    return found


def first_line(rows: Iterator[Row], source: str) -> Table:
    """The first line that is not blank as the head of the others."""
    try:
        line, head = next(rows)
    except StopIteration:
        raise refused(source, told("the_file_is_empty"), remedy=told("write_a_header_and_a")) from None
    return Table(line, [cell.strip() for cell in head], rows)


def separator_of(text: io.TextIOWrapper) -> tuple[str, int]:
    """What separates the cells of a text, and how many lines stand before the table. Leaves the text where it begins.

    Where no line says so, it is what makes most cells of the first line that is not blank.
    """
    for number, line in enumerate(text):
        said = SAID.fullmatch(line.strip("\r\n"))
        if number == 0 and said is not None:
            return said["separator"], 1
        if line.strip():
            counts = {one: cells_in(line, one) for one in SEPARATORS}
            text.seek(0)
            return max(counts, key=lambda one: counts[one]), 0
    text.seek(0)
    return ",", 0


def cells_in(line: str, separator: str) -> int:
    """How many cells a line has, a quoted one counted once."""
    return len(next(csv.reader([line[:ENOUGH]], delimiter=separator), []))


def csv_rows(text: io.TextIOWrapper, separator: str, before: int, source: str) -> Iterator[Row]:
    """The lines that are not blank, each with the number of the line on which it begins."""
    reader = csv.reader(text, delimiter=separator, strict=True)
    while True:
        begins = reader.line_num + 1 + before
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, UnicodeError) as error:
            message, remedy = told("this_line_is_no_csv", error=error), told("look_for_a_quotation_mark")
            raise refused(source, message, remedy=remedy, line=begins) from None
        if any(cell.strip() for cell in row):
            yield begins, row
