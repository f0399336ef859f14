"""Answers as they come in: tables with a row for each student or for each answer, exports of learning platforms, and
the small files that an answer form makes."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from stepnn.errors import MOST_FAULTS, Fault, LessonError, UsageError, visible
from stepnn.exercises.naming import spellings
from stepnn.marking.marks import Paper
from stepnn.network.names import Name
from stepnn.sheets.key_file import KeyFile, SheetKey, plain, plain_code
from stepnn.sheets.roster import IDS, NAMES, NO_STUDENTS
from stepnn.tables.table import Table, contents, table_of
from stepnn.words.told import told

LARGEST = 100_000_000  # bytes of a table or an archive
LARGEST_FORM = 200_000  # bytes of the file of an answer form
MOST_FORMS = 20_000
CODES = ("code", "코드")
QUESTIONS = ("question", "step", "exercise", "number", "frage", "aufgabe", "문항", "문제", "단계", "번호")
ANSWERS = ("answer", "response", "value", "antwort", "답", "답안", "응답")
NUMBERED = re.compile(
    r"(?:q|question|response|answer|antwort|frage|aufgabe|답|답안|응답|문항|문제)?\s*\.?\s*(?P<number>\d{1,4})\b[.)]?.*"
)
FORM = "stepnn-answers-1"  # the format of a form's file
FEW = 8
LONGEST_NAME = 100  # letters of a head that can name an answer


@dataclass
class Papers:
    """The papers of a class, in the order in which they came. `ignored` are columns that are none of answers, `missing`
    the numbers of the answers that there was no column for, `absent` the sheets that nobody handed in."""

    papers: list[Paper] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    absent: list[SheetKey] = field(default_factory=list)
    encoding: str = ""


class Collector:
    """Collects the answers to one key. Everything that is wrong is told at once."""

    def __init__(self, key: KeyFile, names: Mapping[str, Name]) -> None:
        """`names` are those of the steps, by id."""
        self.key, self.names = key, names
        self.faults: list[Fault] = []
        self.found: dict[str, dict[str, str]] = {}  # answers by step id, by the code of their sheet
        self.lines: dict[str, int] = {}
        self.result = Papers()

    def papers(self, source: str) -> Papers:
        """What was collected. Raises LessonError."""
        if self.faults:
            raise LessonError(source, self.faults[:MOST_FAULTS], max(len(self.faults) - MOST_FAULTS, 0))
        for sheet in self.key.sheets:
            if sheet.code in self.found:
                self.result.papers.append(Paper(sheet, self.found[sheet.code], self.lines[sheet.code]))
            else:
                self.result.absent.append(sheet)
        return self.result

    def fault(
        self, where: str, message: str, found: str = "", wanted: str = "", remedy: str = "", line: int = 0
    ) -> None:
        self.faults.append(Fault(where, message, found, wanted, remedy, line or None))

    def table(self, table: Table) -> None:
        """A table: of a row for each answer where it has columns of questions and answers, else of a row a student."""
        head = [unicodedata.normalize("NFKC", cell).strip().casefold() for cell in table.head]
        who = [
            (place, kind)
            for kind, names in (("code", CODES), ("id", IDS), ("name", NAMES))
            for place in found_in(head, names)
        ]
        if not who:
            wanted = told("marks_who")
            return self.fault("", told("marks_nobody"), ", ".join(table.head[:FEW]), wanted, line=table.head_line)
        question, answer = found_in(head, QUESTIONS), found_in(head, ANSWERS)
        self.result.encoding = table.note
        if question and answer:
            return self.long(table, who, question[0], answer[0])
        return self.wide(table, who)

    def wide(self, table: Table, who: list[tuple[int, str]]) -> None:
        """A row for each student, a column for each answer."""
        taken = {place for place, _ in who}
        columns: dict[int, str] = {}
        for place, cell in enumerate(table.head):
            step = self.step(cell) if place not in taken else None
            if step is None:
                self.result.ignored += [cell] if place not in taken and cell else []
            elif step in columns.values():
                self.fault(visible(cell), told("marks_column_twice"), line=table.head_line)
            else:
                columns[place] = step
        if not columns:
            wanted = ", ".join(f"{one.number} {one.symbol}" for one in self.key.sheets[0].asked[:FEW])
            return self.fault("", told("marks_no_column"), ", ".join(table.head[:FEW]), wanted, line=table.head_line)
        self.result.missing = [one.number for one in self.key.sheets[0].asked if one.step not in columns.values()]
        for line, row in table.rows:
            if any(cell.strip().casefold() in NO_STUDENTS for cell in row):
                continue
            if len(row) != len(table.head):
                count = told("the_number_of_cells_is", count=len(row))
                self.fault("", count, wanted=told("as_in_the_head_line", count=len(table.head)), line=line)
                continue
            answers = {step: row[place] for place, step in columns.items() if row[place].strip()}
            sheet = self.sheet([(row[place], kind) for place, kind in who], line, bool(answers))
            if sheet is not None:
                self.hand_in(sheet, answers, line)
        return None

    def long(self, table: Table, who: list[tuple[int, str]], question: int, answer: int) -> None:
        """A row for each answer."""
        for line, row in table.rows:
            if len(row) != len(table.head):
                count = told("the_number_of_cells_is", count=len(row))
                self.fault("", count, wanted=told("as_in_the_head_line", count=len(table.head)), line=line)
                continue
            sheet = self.sheet([(row[place], kind) for place, kind in who], line, bool(row[answer].strip()))
            step = self.step(row[question])
            if step is None:
                self.fault("", told("marks_no_question"), row[question], told("marks_a_question"), line=line)
            elif sheet is not None:
                answers = self.found.setdefault(sheet.code, {})
                self.lines.setdefault(sheet.code, line)
                if step in answers:
                    self.fault("", told("marks_question_twice", who=visible(sheet.who)), row[question], line=line)
                answers[step] = row[answer]

    def hand_in(self, sheet: SheetKey, answers: dict[str, str], line: int) -> None:
        """The answers to a whole sheet, which may come only once."""
        if sheet.code in self.found:
            message = told("marks_two_rows", who=visible(sheet.who), line=self.lines[sheet.code])
            return self.fault("", message, remedy=told("marks_keep_one"), line=line)
        self.found[sheet.code], self.lines[sheet.code] = answers, line
        return None

    def sheet(self, cells: list[tuple[str, str]], line: int, answered: bool) -> SheetKey | None:
        """The sheet of a row, by its code, an id or a name that is nobody else's; None, with a fault, where it is not
        known. An empty row is nobody's."""
        given = [(text, kind) for text, kind in cells if text.strip()]
        known = [sheet for text, kind in given if (sheet := self.known(text, kind)) is not None]
        if len({sheet.code for sheet in known}) > 1:
            shown = ", ".join(visible(text) for text, _ in given)
            self.fault("", told("marks_of_two"), shown, told("marks_of_one"), line=line)
            return None
        if known:
            return known[0]
        shown = ", ".join(filter(None, (text.strip() for text, _ in cells)))
        if shown or answered:
            close = ", ".join(one.who for one in self.key.sheets[:3])
            self.fault("", told("marks_unknown"), shown, told("marks_one_of", names=close), line=line)
        return None

    def known(self, text: str, kind: str) -> SheetKey | None:
        key = self.key
        if kind == "code":
            return key.by_code.get(plain_code(text))
        text = unicodedata.normalize("NFC", text).strip().removeprefix("'")  # as it protects a cell of a spreadsheet
        return (key.by_id if kind == "id" else key.by_name).get(plain(text)) or key.by_code.get(plain_code(text))

    def step(self, text: str) -> str | None:
        """The id of the step that a column or a question names: by its number, its id, or its symbol."""
        text = " ".join(unicodedata.normalize("NFKC", text[:LONGEST_NAME]).split())
        if text in self.by_name:
            return self.by_name[text]
        found = NUMBERED.fullmatch(text.casefold())
        return self.by_number.get(int(found["number"])) if found else None

    @cached_property
    def by_number(self) -> dict[int, str]:
        return {one.number: one.step for one in self.key.sheets[0].asked}

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Ids, and symbols in any spelling: of several with the same, the first one."""
        found: dict[str, str] = {}
        for one in self.key.sheets[0].asked:
            for name in (one.step, one.symbol, *(spellings(self.names[one.step]) if one.step in self.names else ())):
                found.setdefault(name, one.step)
        return found

    def form(self, found: Any, where: str) -> None:
        """The file of an answer form."""
        answers = found.get("answers") if isinstance(found, dict) else None
        if not isinstance(found, dict) or found.get("format") != FORM or not isinstance(answers, dict):
            return self.fault(visible(where, 100), told("marks_no_form"))
        sheet = self.key.by_code.get(plain_code(str(found.get("code", ""))))
        if sheet is None:
            return self.fault(visible(where, 100), told("marks_unknown"), str(found.get("code", "")))
        own = str(found.get("id") or "")
        if own and sheet.id and plain(own) != plain(sheet.id):
            return self.fault(visible(where, 100), told("marks_of_two"), f"{own}, {sheet.code}", told("marks_of_one"))
        if sheet.code in self.found:
            return self.fault(
                visible(where, 100), told("marks_two_files", who=visible(sheet.who)), remedy=told("marks_keep_one")
            )
        strange = [name for name, text in answers.items() if self.step(str(name)) is None or not is_answer(text)]
        if strange:
            shown = ", ".join(visible(str(name), 30) for name in strange[:FEW])
            return self.fault(visible(where, 100), told("marks_no_question"), shown, told("marks_a_question"))
        steps = {self.step(str(name)): text for name, text in answers.items()}
        return self.hand_in(sheet, {name: str(text) for name, text in steps.items() if name is not None}, 0)


def is_answer(value: object) -> bool:
    """Whether a form can have saved this."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def found_in(head: list[str], names: tuple[str, ...]) -> list[int]:
    """The places of the columns that have one of these names, in the order of the names."""
    return [head.index(name) for name in names if name in head]


def read_papers(path: Path, key: KeyFile, names: Mapping[str, Name]) -> Papers:
    """All papers in a table, an archive or a folder. Raises UsageError where there is none, LessonError, which tells
    all that is wrong with them."""
    collector = Collector(key, names)
    for name, data in sources(path):
        collect(collector, name, data)
    if not collector.found and not collector.faults:
        raise UsageError(told("marks_no_answers", file=visible(str(path), 200)))
    return collector.papers(visible(str(path), 200))


def sources(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files that answers stand in: the one that is named, or those in a folder or an archive. Raises UsageError."""
    if path.is_dir():
        yield from files_of(path)
        return
    data = contents(path, LARGEST)
    inside = None if is_spreadsheet(data) else archive(data, str(path))
    yield from inside if inside is not None else [(str(path), data)]


def codes_in(path: Path) -> list[str]:
    """The codes that stand beside the answers, each once. Raises UsageError, LessonError."""
    found: dict[str, None] = {}
    for name, data in sources(path):
        if name.casefold().endswith(".json"):
            try:
                found[str(json.loads(data.decode("utf-8-sig"))["code"])] = None
            except (ValueError, RecursionError, KeyError, TypeError):
                continue  # told where the answers are read
        else:
            table = table_of(data, name)
            places = found_in([cell.casefold() for cell in table.head], CODES)
            rows = (row[places[0]].strip() for _, row in table.rows if places and len(row) > places[0])
            found |= dict.fromkeys(filter(None, rows))
    return list(found)


def collect(collector: Collector, name: str, data: bytes) -> None:
    """One file: that of an answer form, or a table."""
    if not name.casefold().endswith(".json"):
        collector.table(table_of(data, name))
        return
    try:
        collector.form(json.loads(data.decode("utf-8-sig")), name)
    except (ValueError, RecursionError):
        collector.fault(visible(name, 100), told("marks_no_form"))


def files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files of answer forms in a folder and in its folders, as learning platforms unpack them. Links are not
    followed. Raises UsageError for one that cannot be read."""
    found = (file for file in sorted(folder.rglob("*")) if file.suffix.casefold() == ".json" and not file.is_symlink())
    for number, file in enumerate(found):
        if number == MOST_FORMS:
            raise UsageError(told("marks_too_many_forms", most=MOST_FORMS))
        yield str(file.relative_to(folder)), contents(file, LARGEST_FORM)


def archive(data: bytes, source: str) -> Iterator[tuple[str, bytes]] | None:
    """The files of answer forms in a zip archive; None for what is none. Nothing is unpacked to the disk."""
    return unpacked(data, source) if data.startswith(b"PK\x03\x04") else None


def unpacked(data: bytes, source: str) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            wanted = [one for one in packed.infolist() if one.filename.casefold().endswith(".json")]
            if len(wanted) > MOST_FORMS or any(one.file_size > LARGEST_FORM for one in wanted):
                raise UsageError(told("marks_too_many_forms", most=MOST_FORMS))
            for one in wanted:
                with packed.open(one) as file:
                    yield one.filename, file.read(LARGEST_FORM)
    except UsageError:
        raise
    except (LessonError, GeneratorExit):
        raise
    except Exception as error:  # what a damaged archive does to the library is not documented
        reason = visible(f"{type(error).__name__}: {error}", 100)
        raise UsageError(told("table_not_read", file=visible(source, 200), reason=reason)) from None


def is_spreadsheet(data: bytes) -> bool:
    """Whether an archive is one of a spreadsheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return "[Content_Types].xml" in packed.namelist()
    except Exception:  # what a damaged archive does to the library is not documented
        return False
