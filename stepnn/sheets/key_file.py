"""The key of sheets as it is read again: what was asked, and of every sheet whose it is and what its numbers were."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from stepnn.errors import Fault, LessonError, UsageError, visible
from stepnn.exercises.assignment import MOST_POINTS, Assignment, Mode, read_assignment
from stepnn.words.told import told

LARGEST = 500_000_000  # bytes
ID = re.compile(r"[\w@][\w.@+-]*")
SEED = re.compile(r"\d{1,39}/\d{1,3}")
MOST_NUMBER = 9_999  # of an exercise
LONGEST = 200  # characters of a name, an id, a code, a symbol


@dataclass(frozen=True)
class Asked:
    """One answer that a sheet asks for: its number there, its step, its symbol and kind, and what it is worth."""

    number: int
    step: str
    symbol: str
    kind: str
    points: int


@dataclass(frozen=True)
class SheetKey:
    """One sheet. `seed` is what its numbers were drawn with."""

    id: str
    name: str
    code: str
    seed: str
    asked: tuple[Asked, ...]

    @property
    def who(self) -> str:
        """The id, or of a sheet for anyone its code."""
        return self.id or self.code

    @property
    def points(self) -> int:
        return sum(one.points for one in self.asked)


@dataclass(frozen=True)
class KeyFile:
    """The key of a class."""

    assignment: Assignment
    sheets: tuple[SheetKey, ...]

    @cached_property
    def by_id(self) -> dict[str, SheetKey]:
        return {plain(sheet.id): sheet for sheet in self.sheets if sheet.id}

    @cached_property
    def by_code(self) -> dict[str, SheetKey]:
        return {plain_code(sheet.code): sheet for sheet in self.sheets}

    @cached_property
    def by_name(self) -> dict[str, SheetKey]:
        """Those whose name nobody else has."""
        names = [plain(sheet.name) for sheet in self.sheets]
        return {name: one for name, one in zip(names, self.sheets, strict=True) if name and names.count(name) == 1}


def plain(text: str) -> str:
    """An id or a name as it is compared."""
    return " ".join(text.upper().casefold().split())


def plain_code(text: str) -> str:
    return text.upper().replace("-", "").replace(" ", "")


def read_key(path: Path) -> KeyFile:
    """The key in a file. Raises UsageError where there is none, LessonError, with all faults, for a damaged one."""
    found = document(path)
    assignment = assignment_of(found)
    rows = found.get("sheets")
    faults: list[Fault] = []
    sheets = list(sheets_of(rows if isinstance(rows, list) else [], faults))
    for number, sheet in enumerate(sheets):
        if sheet.id and not ID.fullmatch(sheet.id):
            faults.append(Fault(f"sheets[{number}].id", told("cannot_be_the_name_of"), visible(sheet.id)))
        same = [one.step for one in sheet.asked] == [one.step for one in sheets[0].asked]
        if not same and assignment.mode is Mode.FILL:
            faults.append(Fault(f"sheets[{number}].answers", told("key_damaged")))
    if len({sheet.code for sheet in sheets}) < len(sheets):
        faults.append(Fault("sheets", told("key_damaged")))
    if not sheets and not faults:
        faults.append(Fault("sheets", told("key_no_sheets")))
    if faults:
        raise LessonError(visible(str(path), 200), faults)
    return KeyFile(assignment, tuple(sheets))


def read_keys(paths: Sequence[Path]) -> KeyFile:
    """The key of sheets that were made in parts. Raises as `read_key` does, and UsageError where they are of different
    assignments."""
    first, *others = map(read_key, paths)
    if any(one.assignment != first.assignment for one in others):
        raise UsageError(told("keys_of_different_sheets"))
    sheets = {sheet.code: sheet for one in (first, *others) for sheet in one.sheets}
    return KeyFile(first.assignment, tuple(sheets.values()))


def document(path: Path) -> dict[str, Any]:
    """What is in a `key.json`. Raises UsageError for what is none."""
    shown = visible(str(path), 200)
    try:
        if path.exists() and not path.is_file():
            raise UsageError(told("table_is_no_file", file=shown))
        if path.is_file() and path.stat().st_size > LARGEST:
            raise UsageError(told("key_too_large", file=shown))
        found = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(told("key_not_read", file=shown, reason=visible(str(reason), 200))) from None
    if not isinstance(found, dict) or not isinstance(found.get("assignment"), dict):
        raise UsageError(told("key_is_none", file=shown))
    return found


def assignment_in(path: Path) -> Assignment:
    """What the sheets of a `key.json` ask, whatever else is in it. Raises UsageError."""
    return assignment_of(document(path))


def assignment_of(found: dict[str, Any]) -> Assignment:
    return read_assignment(json.dumps(found["assignment"]))


def sheets_of(rows: list[Any], faults: list[Fault]) -> Iterator[SheetKey]:
    """Every sheet; what is wrong with one goes to the faults."""
    for number, row in enumerate(rows):
        where = f"sheets[{number}]"
        try:
            yield sheet_of(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            faults.append(Fault(where, told("key_damaged"), visible(f"{type(error).__name__}: {error}", 100)))


def sheet_of(row: dict[str, Any]) -> SheetKey:
    """One sheet. Raises KeyError, TypeError or ValueError where something is missing or is not what it should be."""
    seed = row.get("seed")
    if not isinstance(seed, str) or not SEED.fullmatch(seed):
        raise ValueError("seed")
    asked = tuple(
        Asked(count(one["exercise"]), text(one["step"]), text(one["symbol"]), text(one["kind"]), points(one["points"]))
        for one in row["answers"]
    )
    return SheetKey(text(row.get("id") or ""), text(row.get("name") or ""), text(row["code"]), seed, asked)


def text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        raise ValueError(repr(value)[:LONGEST])
    return value


def count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_NUMBER:
        raise ValueError(repr(value)[:LONGEST])
    return value


def points(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_POINTS:
        raise ValueError(repr(value)[:LONGEST])
    return value
