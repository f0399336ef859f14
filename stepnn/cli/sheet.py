"""The command `stepnn sheet`: its options, and which of them go together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from stepnn.cli import output
from stepnn.cli.options import Digits, Lang, Paper, PaperSize, Round, SheetFormat, chosen_words, complete_lesson
from stepnn.errors import UsageError, visible

if TYPE_CHECKING:
    from stepnn.cli.printing import Order
    from stepnn.sheets.sheet import Printer

MOST_COPIES = 5_000
MOST_FADED = 63  # what a code has room for


def sheet(
    name: Annotated[
        Optional[str],
        typer.Argument(help="A lesson name, or a lesson file.", metavar="[LESSON]", autocompletion=complete_lesson),
    ] = None,
    copies: Annotated[
        Optional[int],
        typer.Option(min=1, max=MOST_COPIES, help="How many sheets. [default: 1]"),
    ] = None,
    first: Annotated[int, typer.Option(min=1, max=10_000_000, help="With --copies: the number of the first one.")] = 1,
    students: Annotated[
        Optional[Path], typer.Option(help="A sheet for each student of a CSV file with the columns id and name.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Other numbers for everybody, such as for the next term.")] = 0,
    out: Annotated[Optional[Path], typer.Option(metavar="DIR", help="The folder. [default: LESSON-sheets]")] = None,
    blank: Annotated[
        Optional[list[str]],
        typer.Option(help="What to ask: all, z, activations, values, errors, slopes, deltas, gradients, updates."),
    ] = None,
    fade: Annotated[int, typer.Option(min=0, max=MOST_FADED, help="So many steps are worked; the rest is asked.")] = 0,
    reverse: Annotated[bool, typer.Option("--reverse", help="Give the results, ask for a weight or input.")] = False,
    find: Annotated[
        bool, typer.Option("--find-the-error", help="A worked page with one typical mistake in it.")
    ] = False,
    digits: Digits = None,
    rounded: Round = False,
    paper: Paper = PaperSize.a4,
    lang: Lang = None,
    format: Annotated[SheetFormat, typer.Option(case_sensitive=False, help="The kind of file.")] = SheetFormat.pdf,
    merge: Annotated[bool, typer.Option("--merge", help="All sheets in one file, for the print room.")] = False,
    formulas: Annotated[bool, typer.Option("--formulas/--no-formulas", help="Print the formulas, or not.")] = True,
    check: Annotated[
        Optional[int], typer.Option("--check", min=1, max=100_000, help="Try so many variants, and say what is unfit.")
    ] = None,
    code: Annotated[Optional[str], typer.Option(help="Make the sheet with this code once more.")] = None,
    key: Annotated[bool, typer.Option("--key", help="Print the answers here, and write no files.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that exists.")] = False,
) -> None:
    """Make exercise sheets, each with other numbers, and the key that fits."""
    from stepnn.cli import printing
    from stepnn.sheets.plan import Mode

    words = chosen_words(lang, checked=key or check is not None)
    if code is not None:
        others = (copies, students, blank, digits, check)
        if others != (None,) * len(others) or seed or fade or reverse or find or rounded:
            raise UsageError("--code says everything about a sheet but its looks: leave the other options out.")
        printer, wanted = from_code(code, name)
    else:
        if name is None:
            raise UsageError("Name a lesson, such as `stepnn sheet backprop`, or a sheet with --code.")
        if students is not None and copies is not None:
            raise UsageError("--copies and --students: name one of them.")
        if reverse and find:
            raise UsageError("--reverse and --find-the-error: name one of them.")
        mode = Mode.REVERSE if reverse else Mode.FIND if find else Mode.FILL
        printer = printer_for(name, blank, fade, mode, digits, rounded)
        wanted = printing.orders(printer.lesson, seed, copies or 1, first, students)
    if check is not None:
        output.print_lines(printing.tried(printer, check, words))
        return
    if key:
        output.print_lines(printing.key_lines(printer, wanted, words))
        return
    folder = out or Path(f"{printer.lesson.id}-sheets")
    look = printing.Look(format.value, paper.value, words, formulas)
    printing.write_sheets(printer, wanted, look, folder, force, merge)
    told = "sheet.wrote" if len(wanted) > 1 else "sheet.wrote_one"
    output.print_error(words(told, count=len(wanted), folder=visible(str(folder), 200)))


def printer_for(
    name: str, blank: list[str] | None, fade: int, mode: object, digits: int | None, rounded: bool
) -> Printer:
    """What makes the sheets of a lesson. Raises UsageError for options that do not fit it."""
    from stepnn.lessons.build import setup
    from stepnn.lessons.read import load_lesson
    from stepnn.sheets.plan import MOST_DIGITS, Mode, Options, read_blanks
    from stepnn.sheets.sheet import Printer

    assert isinstance(mode, Mode)
    if mode is not Mode.FILL and (blank or fade):
        raise UsageError("--blank and --fade do not go with --reverse and --find-the-error.")
    lesson = load_lesson(name)
    shown = min(lesson.digits, MOST_DIGITS) if digits is None else digits
    options = Options(read_blanks(blank or ["all"]), fade, mode, shown, rounded)
    return Printer(setup(lesson), options)


def from_code(code: str, name: str | None) -> tuple[Printer, list[Order]]:
    """What makes the sheet with a code, and that one sheet."""
    from stepnn.cli.printing import Order, lesson_of_code
    from stepnn.lessons.build import setup
    from stepnn.sheets.sheet import Printer, Student

    lesson, options, number = lesson_of_code(code, name)
    printed = code.upper().replace(" ", "").replace("-", "")
    return Printer(setup(lesson), options), [Order(f"sheet-{printed}", number, Student())]
