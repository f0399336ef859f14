"""The command `stepnn sheet`: its options, and which of them go together."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stepnn.cli import output
from stepnn.cli.options import AnyLesson, Digits, Lang, Paper, PaperSize, Round, Significant, chosen_words
from stepnn.cli.sheet_options import (
    Blank,
    Check,
    Code,
    Copies,
    Fade,
    Find,
    First,
    Force,
    FormulasOption,
    Key,
    Merge,
    Out,
    Reverse,
    SheetFormatOption,
    SheetSeed,
    Students,
    refuse_clashes,
)
from stepnn.errors import UsageError, visible
from stepnn.words.told import told
from stepnn.writers.formats import FORMATS, Options

if TYPE_CHECKING:
    from stepnn.cli.printing import Order
    from stepnn.sheets.sheet import Printer


def sheet(
    context: typer.Context,
    name: AnyLesson = None,
    copies: Copies = None,
    first: First = 1,
    students: Students = None,
    seed: SheetSeed = 0,
    out: Out = None,
    blank: Blank = None,
    fade: Fade = 0,
    reverse: Reverse = False,
    find: Find = False,
    significant: Significant = None,
    digits: Digits = None,
    rounded: Round = False,
    paper: Paper = PaperSize.a4,
    lang: Lang = None,
    format: SheetFormatOption = None,
    merge: Merge = False,
    formulas: FormulasOption = True,
    check: Check = None,
    code: Code = None,
    key: Key = False,
    force: Force = False,
) -> None:
    """Make exercise sheets, each with other numbers, and the key that fits."""
    from stepnn.cli import printing  # the help needs none of it
    from stepnn.exercises.assignment import Mode

    refuse_clashes(context)
    words = chosen_words(lang, checked=key or check is not None)
    if code is not None:
        printer, wanted = from_code(code, name)
    elif name is None:
        raise UsageError(told("name_a_lesson_such_as"))
    else:
        mode = Mode.REVERSE if reverse else Mode.FIND if find else Mode.FILL
        printer = printer_for(name, blank, fade, mode, significant, digits, rounded)
        wanted = printing.orders(printer.lesson, seed, copies or 1, first, students)
    if check is not None:
        output.print_lines(printing.tried(printer, check, words))
        return
    if key:
        output.print_lines(printing.key_lines(printer, wanted, words))
        return
    folder = out or Path(f"{printer.lesson.id}-sheets")
    look = printing.Look(FORMATS[format.value if format else "pdf"], Options(paper=paper.value), words, formulas)
    if students is not None:
        printing.check_names(wanted, look, students)
    began = time.time()
    parts = printing.write_sheets(printer, wanted, look, folder, force, merge)
    wrote = "sheet.wrote" if len(wanted) > 1 else "sheet.wrote_one"
    output.print_error(words(wrote, count=len(wanted), folder=visible(str(folder), 200)))
    for note in printing.notes(parts, began, folder, words):
        output.print_error(note)


def printer_for(
    name: str,
    blank: list[str] | None,
    fade: int,
    mode: object,
    significant: int | None,
    digits: int | None,
    rounded: bool,
) -> Printer:
    """What makes the sheets of a lesson. Raises UsageError for options that do not fit it."""
    from stepnn.exercises.assignment import Mode, Selection, assigned, read_blanks  # not for its help
    from stepnn.lessons.build import setup
    from stepnn.lessons.read import load_lesson
    from stepnn.sheets.sheet import Printer

    assert isinstance(mode, Mode)
    rounded = rounded or mode is Mode.FIND  # else every rounded number on a worked page would look like the mistake
    found = setup(load_lesson(name))
    selection = Selection(read_blanks(blank or ["all"]), fade, mode)
    asked = assigned(
        found, selection, digits if significant is None else significant, rounded, significant=significant is not None
    )
    return Printer(found, asked)


def from_code(code: str, name: str | None) -> tuple[Printer, list[Order]]:
    """What makes the sheet with a code, and that one sheet."""
    from stepnn.cli.printing import Order, lesson_of_code  # the help needs none of it
    from stepnn.lessons.build import setup
    from stepnn.sheets.roster import SHEET
    from stepnn.sheets.sheet import Printer, Student

    lesson, contents = lesson_of_code(code, name)
    found = setup(lesson)
    printed = code.upper().replace(" ", "").replace("-", "")
    return Printer(found, contents.of(found)), [Order(f"{SHEET}-{printed}", contents.number, Student())]
