"""The first sheet of an XLSX file as lines of text. Formulas and errors are refused, each cell by its name."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from stepnn.errors import MOST_FAULTS, Fault, LessonError, UsageError, refused, visible
from stepnn.words.told import told

BEGINNING = b"PK\x03\x04"  # of a zip archive, which an XLSX file is
LARGEST = 200_000_000  # bytes, unpacked
MOST_COLUMNS, MOST_LINES = 16_384, 1_048_576  # that a spreadsheet has


def spreadsheet_rows(data: bytes, source: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of the first sheet that are not blank, each with its number. Raises LessonError, which tells all cells
    that cannot be read, and UsageError where what reads spreadsheets is not installed."""
    try:
        import openpyxl  # an extra
    except ImportError:
        raise UsageError(told("table_install_for_spreadsheets", file=visible(source, 200))) from None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > LARGEST:
                raise refused(source, told("the_file_unpacks_to_too"), wanted=told("at_most_bytes", largest=LARGEST))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and pictures that are not read
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size may be wrong
            rows = []
            for row in sheet.iter_rows():  # a line that the file leaves out comes as an empty one
                rows.append(list(row))
                if len(rows) > MOST_LINES or len(row) > MOST_COLUMNS:
                    raise refused(source, told("table_too_many_cells"), remedy=told("save_it_as_csv_in"))
    except LessonError:
        raise
    except Exception as error:  # what a broken file does to the library is not documented
        message = told("table_no_spreadsheet", error=visible(str(error), 200))
        raise refused(source, message, remedy=told("save_it_as_csv_in")) from None
    return iter(read_rows(rows, source))


def read_rows(rows: list[list[Any]], source: str) -> list[tuple[int, list[str]]]:
    """The cells as texts; as many in each line as the first one has."""
    found: list[tuple[int, list[str]]] = []
    faults: list[Fault] = []
    for line, row in enumerate(rows, 1):
        texts = []
        for cell in row:
            if cell.data_type == "f":
                where = f"{cell.column_letter}{line}"
                wanted, remedy = told("table_a_value"), told("table_paste_values")
                faults.append(Fault(where, told("table_has_a_formula"), str(cell.value), wanted, remedy, line))
            elif cell.data_type == "e":
                remedy = told("table_mend_the_cell")
                faults.append(
                    Fault(
                        f"{cell.column_letter}{line}",
                        told("table_has_an_error"),
                        str(cell.value),
                        remedy=remedy,
                        line=line,
                    )
                )
            texts.append(text_of(cell.value))
        while texts and not texts[-1] and (not found or len(texts) > len(found[0][1])):
            texts.pop()
        if any(texts):
            found.append((line, texts + [""] * (len(found[0][1]) - len(texts) if found else 0)))
    if faults:
        raise LessonError(source, faults[:MOST_FAULTS], len(faults) - len(faults[:MOST_FAULTS]))
    return found


def text_of(value: object) -> str:
    """A cell as somebody would type it: a whole number without a point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
