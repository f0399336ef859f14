"""Reading a lesson file: bytes → TOML → checked Lesson. Every fault is reported at once, each with its place."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stepnn.errors import Fault, LessonError, StepnnError, refused
from stepnn.lessons.checks import check
from stepnn.lessons.fields import field_faults
from stepnn.lessons.own_file import OwnFile, is_from_file, own_file_faults, with_samples
from stepnn.lessons.schema import Lesson
from stepnn.lessons.shelf import files, path_of
from stepnn.words.told import Told, told

LARGEST = 8 * 1024 * 1024  # bytes
DEEPEST = 100  # brackets within brackets, names within names
# A file within these limits is read in two seconds. Each is a number of signs: commas stand between values, "\n" ends a
# line, "=", "[" and "{" begin fields, lists and tables, which take longest.
MOST = {
    "too_many_values": (",", 400_000), "too_many_tables": ("=[{", 100_000), "too_many_lines": ("\n", 1_000_000)
}  # fmt: skip

# Every repetition takes all that it can and gives nothing back (++): no text is looked at more than once.
NAME = r"""(?:"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|[\w-]++)"""
DOTTED = re.compile(rf"(?:\.[ \t]*+{NAME}[ \t]*+)++")
FIELD = r"""[A-Za-z0-9_."-]++"""
HEADS = re.compile(rf"(?m)^[ \t]*+(?:(?P<open>\[\[?)[ \t]*+(?P<section>{FIELD})[ \t]*+\]|(?P<key>{FIELD})[ \t]*+=)")


def load_lesson(name: str) -> Lesson:
    """The lesson of that name, or in that file. Raises UsageError or LessonError."""
    path = path_of(name)
    lesson = read_lesson(path)
    return lesson.as_shipped() if path in files().values() else lesson


def read_lesson(path: Path) -> Lesson:
    """The lesson in a file. Raises LessonError with all faults of the file."""
    source = str(path)
    text = decoded(source, raw_bytes(path, source))
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LessonError(source, [toml_fault(error)]) from None
    except (RecursionError, ValueError):
        raise refused(source, told("this_is_not_toml_that"), remedy=told("stepnn_new_file_writes_a")) from None
    faults: list[Fault] = []
    lesson, more, short = None, 0, True
    if is_from_file(table):
        table, faults = with_own_samples(table, path.parent)
        if faults:
            raise LessonError(source, [with_line(one, Lines(text)) for one in faults])
    try:
        lesson = Lesson.model_validate(table)
    except ValidationError as error:
        faults, more, short = field_faults(error)
    if short:
        faults += check(table)
    if faults or lesson is None:
        lines = Lines(text)
        remedies = ((one.where, one.remedy) for one in faults if isinstance(one.remedy, Told))
        meant = {re.sub(r"[^.]*$", str(one.values.get("name")), where, count=1) for where, one in remedies}
        gone = told("this_field_is_missing")  # one that is only mistyped is told where it stands
        told_once = (one for one in faults if one.message != gone or one.where not in meant)
        placed = {(one.where, one.message): with_line(one, lines) for one in told_once}
        raise LessonError(source, sorted(placed.values(), key=lambda fault: fault.line or 0), more)
    return lesson


def with_own_samples(table: dict[str, Any], folder: Path) -> tuple[dict[str, Any], list[Fault]]:
    """The table with the samples of the file that it names, or what is wrong. Raises LessonError of that file."""
    try:
        data = OwnFile.model_validate(table["data"])
    except ValidationError as error:
        found, _, _ = field_faults(error)
        return table, [replace(one, where=f"data.{one.where}") for one in found]
    faults = own_file_faults(table, data, folder)
    return (table, faults) if faults else (with_samples(table, data, folder), [])


def raw_bytes(path: Path, source: str) -> bytes:
    """The bytes of a regular file of reasonable size."""
    try:
        if path.is_dir():
            raise refused(source, told("this_is_a_folder"), remedy=told("name_a_lesson_file_in"))
        if not path.exists():
            remedy = told("check_the_path_or_run")
            raise refused(source, told("there_is_no_such_file"), remedy=remedy)
        if not path.is_file():
            raise refused(source, told("this_is_not_an_ordinary"), remedy=told("check_the_path_or_run"))
        size = path.stat().st_size
        if size > LARGEST:
            raise refused(
                source, told("the_file_is_too_large"), told("bytes", count=size), told("at_most_bytes", largest=LARGEST)
            )
        return path.read_bytes()
    except OSError as error:
        remedy = told("check_the_path_or_run")
        raise refused(source, told("the_file_cannot_be_read", error=error.strerror or error), remedy=remedy) from None
    except ValueError:
        raise refused(source, told("this_cannot_be_the_name"), remedy=told("check_the_path_or_run")) from None


def decoded(source: str, data: bytes) -> str:
    """The text of the file, which must be plain UTF-8."""
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        remedy = told("save_the_file_as_utf")
        raise refused(source, told("the_file_starts_with_a"), remedy=remedy, line=1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = told("the_byte", value=f"0x{data[error.start]:02x}")
        raise refused(source, told("the_file_is_not_utf"), found, remedy=told("save_it_as_utf_8"), line=line) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise refused(source, told("there_is_a_nul_character"), remedy=told("remove_it"), line=line)
    if not text.strip():
        remedy = told("stepnn_new_file_writes_a")
        raise refused(source, told("the_file_is_empty"), remedy=remedy)
    size_check(source, text)
    return text


def size_check(source: str, text: str) -> None:
    """Refuse what would take the TOML reader long: nesting, dotted names, and too much of everything."""
    for what, (signs, most) in MOST.items():
        count = sum(map(text.count, signs))
        if count > most:
            raise refused(source, told(what), str(count), told("at_most", most=most))
    for dotted in DOTTED.finditer(text):
        if dotted[0].count(".") > DEEPEST:
            line = text.count("\n", 0, dotted.start()) + 1
            found = told("more_than_dots", most=DEEPEST)
            raise refused(source, told("names_are_nested_too_deeply"), found, told("at_most_2_dots"), line=line)
    brackets = re.sub(r"[^\[\]{}]+", "", text)
    deepest = max(accumulate((1 if one in "[{" else -1 for one in brackets), initial=0))
    if deepest > DEEPEST:
        found, wanted = told("levels", deepest=deepest), told("at_most", most=DEEPEST)
        raise refused(source, told("brackets_are_nested_too_deeply"), found, wanted)


def toml_fault(error: tomllib.TOMLDecodeError) -> Fault:
    """What the TOML reader says, with its line as a number."""
    message = str(error)
    match = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    line = int(match[1]) if match else None
    twice = "overwrite" in message or "twice" in message or "Cannot declare" in message
    remedy = told("write_each_field_once") if twice else told("write_it_as_toml")
    return Fault(
        "", told("not_valid_toml", value=message[: match.start()] if match else message), remedy=remedy, line=line
    )


class Lines:
    """Finds the line on which a field stands, by reading the file as lines."""

    def __init__(self, text: str) -> None:
        self.places: dict[str, int] = {}
        section, counts = "", dict[str, int]()
        number, before = 1, 0
        for head in HEADS.finditer(text):
            number, before = number + text.count("\n", before, head.start()), head.start()
            if head["key"]:
                key = head["key"].replace('"', "")
                self.places.setdefault(f"{section}.{key}" if section else key, number)
                continue
            section = head["section"].replace('"', "")
            if head["open"] == "[[":
                counts[section] = counts.get(section, 0) + 1
                section = f"{section}[{counts[section]}]"
            self.places.setdefault(section, number)

    def find(self, where: str) -> int | None:
        """The line of the field, or of the nearest thing around it."""
        while where:
            if where in self.places:
                return self.places[where]
            cut = max(where.rfind("."), where.rfind("["))
            where = where[:cut] if cut > 0 else ""
        return None


def with_line(fault: Fault, lines: Lines) -> Fault:
    line = fault.line or lines.find(fault.where)
    return Fault(fault.where, fault.message, fault.found, fault.wanted, fault.remedy, line)


__all__ = ["LessonError", "StepnnError", "load_lesson", "read_lesson"]
