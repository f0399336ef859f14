"""The command `stepnn sheet`: its options, and which of them go together."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from stepnn.cli import output
from stepnn.cli.options import AnyLesson, Digits, Lang, Paper, PaperSize, Round, Significant, Updates, chosen_words
from stepnn.cli.sheet_options import (
    Ask,
    AssignmentFile,
    Blank,
    Check,
    Code,
    Copies,
    Fade,
    FadeFrom,
    FadeSide,
    Find,
    First,
    Force,
    FormulasOption,
    Key,
    Layers,
    ListSteps,
    Merge,
    Open,
    Out,
    Passes,
    PointsOption,
    Reverse,
    SecretFile,
    SheetFormatOption,
    SheetRun,
    SheetSample,
    SheetSeed,
    Steps,
    Students,
    refuse_clashes,
)
from stepnn.errors import UsageError, visible
from stepnn.words.told import told
from stepnn.writers.formats import FORMATS, Options



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
    fade_from: FadeFrom = FadeSide.start,
    ask: Ask = None,
    steps: Steps = None,
    layers: Layers = None,
    passes: Passes = None,
    run: SheetRun = None,
    updates: Updates = None,
    sample: SheetSample = None,
    points: PointsOption = None,
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
    secret: SecretFile = None,
    open: Open = False,
    assignment: AssignmentFile = None,
    list_steps: ListSteps = False,
    check: Check = None,
    code: Code = None,
    key: Key = False,
    force: Force = False,
) -> None:
    """Make exercise sheets, each with other numbers, and the key that fits."""
    from stepnn.cli import printing, setting  # the help needs none of it
    from stepnn.exercises.plan import Exercises
    from stepnn.sheets.sheet import Printer

    refuse_clashes(context)
    words = chosen_words(lang, checked=key or list_steps or check is not None)
    if code is None and name is None and assignment is None:
        raise UsageError(told("name_a_lesson_such_as"))
    choice = setting.choice(
        blank, fade, fade_from is FadeSide.end, ask, steps, layers, passes, run, updates, sample, points,
        reverse, find, significant, digits, rounded,
    )  # fmt: skip
    source = setting.source(name, code, assignment, choice)
    if list_steps:
        output.print_lines(setting.listed(Exercises(source.setup, source.assignment), words))
        return
    folder = out or Path(f"{source.assignment.lesson}-sheets")
    found, notes = setting.secret_for(source, secret, students is not None, open, folder, words)
    printer = Printer(source.setup, source.assignment, found)
    wanted = source.order(code) or printing.orders(printer, seed, copies or 1, first, students)
    if check is not None:
        output.print_lines(printing.tried(printer, check, words))
        return
    if key:
        output.print_lines(printing.key_lines(printer, wanted, words))
        return
    look = printing.Look(FORMATS[format.value if format else "pdf"], Options(paper=paper.value), words, formulas)
    if students is not None:
        printing.check_names(wanted, look, students)
    began = time.time()
    parts = printing.write_sheets(printer, wanted, look, folder, force, merge)
    wrote = "sheet.wrote" if len(wanted) > 1 else "sheet.wrote_one"
    output.print_error(words(wrote, count=len(wanted), folder=visible(str(folder), 200)))
    more = printing.notes(parts, began, folder, words)
    for note in [*notes, *setting.left_out(printer.exercises, words), *more]:
        output.print_error(note)
