"""What is asked on a sheet, and with which secret its numbers are drawn: from options, a code, or the key of others."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stepnn.cli.printing import Order
from stepnn.cli.sheet_options import FadeSide, Given
from stepnn.errors import UsageError, visible
from stepnn.exercises.assignment import (
    MOST_ASKED,
    MOST_POINTS,
    Assignment,
    Mode,
    Selection,
    assigned,
    fingerprint,
    read_blanks,
)
from stepnn.exercises.code import Codes, Contents, read_code
from stepnn.exercises.secret import Secret, new_secret, others_can_read, read_secret
from stepnn.lessons import shelf
from stepnn.lessons.build import setup
from stepnn.lessons.read import load_lesson
from stepnn.lessons.schema import Lesson
from stepnn.lessons.setup import Setup
from stepnn.practice.history import data_folder
from stepnn.sheets.key_file import assignment_in
from stepnn.sheets.roster import SHEET
from stepnn.sheets.sheet import Student
from stepnn.words import Catalogue
from stepnn.words.told import told

VARIABLE = "STEPNN_SECRET"
SECRET = "secret"  # the file of one's own secret in the data folder


@dataclass(frozen=True)
class Choice:
    """What somebody wants of a sheet. Empty fields leave it to the lesson."""

    selection: Selection
    exactly: dict[str, Any] = field(default_factory=dict)
    passes: tuple[str, ...] = ()
    chosen: dict[str, Any] = field(default_factory=dict)

    def of(self, lesson_setup: Setup) -> Assignment:
        """The assignment. Where somebody has chosen, there is room for all of it. Raises UsageError."""
        selection = replace(self.selection, passes=() if "all" in self.passes else read_passes(self.passes))
        chose = self.passes or selection.layers or selection.steps or selection.ask or "updates" in self.chosen
        room: dict[str, Any] = {"room": MOST_ASKED} if chose else {}
        return assigned(lesson_setup, selection, **self.exactly, **self.chosen, **room)


def choice(given: Given) -> Choice:
    """What the options say. Raises UsageError."""
    mode = Mode.REVERSE if given.reverse else Mode.FIND if given.find else Mode.FILL
    selection = Selection(
        read_blanks(given.blank or ["all"]),
        given.fade,
        mode,
        given.fade_from is FadeSide.end,
        layers=comma_separated(given.layers),
        steps=comma_separated(given.steps),
        ask=comma_separated(given.ask),
    )
    exactly = {
        "digits": given.digits if given.significant is None else given.significant,
        "significant": given.significant is not None,
        "rounded": given.rounded or mode is Mode.FIND,  # else every rounded number on a worked page would look wrong
        "run": given.run or 1,
    }
    points = read_points(comma_separated(given.points))
    chosen = {"updates": given.updates, "sample": given.sample, "points": points}
    known = {name: value for name, value in chosen.items() if value is not None}
    return Choice(selection, exactly, comma_separated(given.passes), known)


def comma_separated(texts: Sequence[str] | None) -> tuple[str, ...]:
    """`a,b` and `c` as three names."""
    return tuple(name.strip() for text in texts or () for name in text.split(",") if name.strip())


def read_passes(names: Sequence[str]) -> tuple[int, ...]:
    """Numbers of passes. Raises UsageError."""
    wrong = [name for name in names if not (name.isascii() and name.isdigit() and int(name[:9]))]
    if wrong:
        raise UsageError(told("passes_are_numbers", names=", ".join(map(visible, wrong))))
    return tuple(sorted({int(name[:9]) for name in names}))


def read_points(names: Sequence[str]) -> int | dict[str, int] | None:
    """`2` for every step, `deltas=3` for those of a kind or a name. Raises UsageError."""
    found: dict[str, int] = {}
    for text in names:
        name, equals, number = text.rpartition("=")
        if (
            not (number.strip().isascii() and number.strip().isdigit())
            or int(number.strip()[:9]) > MOST_POINTS
            or (equals and not name.strip())
        ):
            raise UsageError(told("points_are_numbers", text=visible(text), most=MOST_POINTS))
        found[name.strip() or "all"] = int(number)
    if not found:
        return None
    return found["all"] if set(found) == {"all"} else found


def named_secret(given: Given) -> Path | None:
    """The secret that an option names, or else the environment: what that names has to be there. Raises UsageError."""
    place = os.environ.get(VARIABLE)
    if given.secret is not None or given.open or not place:
        return given.secret
    read_secret(Path(place))
    return Path(place)


def own_secret() -> Path:
    """Where the secret is that is made where none is named."""
    return data_folder() / SECRET


def secret_of(path: Path | None, make: bool, out: Path | None, words: Catalogue) -> tuple[Secret, list[str]]:
    """A secret and what is to be said of it; with `make`, one that is not there yet is made. Raises StepnnError."""
    file, notes = path or own_secret(), []
    if out is not None and out.resolve() in (*file.resolve().parents, file.resolve()):
        raise UsageError(told("secret_among_sheets", file=visible(str(file), 200)))
    if make and not file.exists():
        new_secret(file)
        notes.append(words("sheet.secret_new", file=visible(str(file), 200)))
    elif path is None:
        notes.append(words("sheet.secret_used", file=visible(str(file), 200)))
    secret = read_secret(file)
    if others_can_read(file):
        notes.append(words("sheet.secret_readable", file=visible(str(file), 200)))
    return secret, notes


@dataclass(frozen=True)
class Source:
    """The lesson of a sheet, what is asked of it, and what the code says that it is made from, if there is one."""

    setup: Setup
    assignment: Assignment
    code: Contents | None = None

    def order(self, printed: str | None) -> list[Order]:
        """The one sheet that has a code; none without a code."""
        if self.code is None or printed is None:
            return []
        letters = printed.upper().replace(" ", "").replace("-", "")
        return [Order(f"{SHEET}-{letters}", self.code.number, Student())]


def source(given: Given) -> Source:
    """From a code, from the key of other sheets, or from options. Raises UsageError where they do not go together."""
    wanted = assignment_in(given.assignment) if given.assignment is not None else None
    name = given.name or (shipped(wanted) if wanted else None)
    if given.code is not None:
        lesson, contents = lesson_of_code(given.code, name)
        found = setup(lesson)
        return Source(found, contents.of(found, wanted), contents)
    found = setup(load_lesson(name or ""))
    return Source(found, wanted or choice(given).of(found))


def shipped(assignment: Assignment) -> str:
    """The lesson of an assignment. Raises UsageError for one that does not come with stepnn: a key names no file."""
    if assignment.lesson not in shelf.names():
        raise UsageError(told("key_of_own_lesson", lesson=visible(assignment.lesson)))
    return assignment.lesson


def lesson_of_code(text: str, name: str | None) -> tuple[Lesson, Contents]:
    """The lesson that a code stands for, and all that it says. Raises UsageError."""
    contents = read_code(text)
    for one in [name] if name is not None else shelf.names():
        lesson = load_lesson(one)
        if fingerprint(lesson) == contents.lesson:
            return lesson, contents
    if name is not None:
        raise UsageError(told("code_no_sheet_of_as", text=visible(text), name=visible(name)))
    raise UsageError(told("code_this_is_a_sheet", text=visible(text)))


def secret_for(source: Source, given: Given, out: Path, words: Catalogue) -> tuple[Secret | None, list[str]]:
    """The secret that numbers are drawn with, and what is to be said of it. A code says whether it has one; a class has
    one, where it is not open; a few copies have the one that is named. Raises StepnnError."""
    named = named_secret(given)
    if source.code is not None:
        if source.code.seal is None:
            return None, []
        secret = read_secret(named or own_secret())
        Codes(source.setup, source.assignment, secret).check(source.code)
        return secret, []
    for_class = given.students is not None and not given.open
    return secret_of(named, for_class, out, words) if named or for_class else (None, [])
