"""The command `stepnn sheet`: its options, and which of them go together."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stepnn.cli import output
from stepnn.cli.jobs import Workers, cores
from stepnn.cli.options import AnyLesson, Digits, Lang, Paper, PaperSize, Round, Significant, Updates, chosen_words
from stepnn.cli.sheet_options import (
    AnswerForm,
    Ask,
    AssignmentFile,
    Blank,
    Check,
    Cluster,
    Code,
    Compact,
    Copies,
    Fade,
    FadeFrom,
    FadeSide,
    Find,
    First,
    Force,
    FormulasOption,
    Given,
    Jobs,
    Key,
    Layers,
    ListSteps,
    Merge,
    Open,
    Out,
    Part,
    Passes,
    PointsOption,
    Reverse,
    SecretFile,
    SheetFormatOption,
    SheetRun,
    SheetSample,
    SheetSeed,
    Short,
    Steps,
    Students,
    refuse_clashes,
)
from stepnn.errors import UsageError, visible
from stepnn.words.told import told
from stepnn.writers.formats import FORMATS, Options

PART = re.compile(r"(\d{1,4})/(\d{1,4})")
KEY = "key"

if TYPE_CHECKING:
    from stepnn.cli.printing import Look, Order
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
    compact: Compact = False,
    short: Short = False,
    secret: SecretFile = None,
    open: Open = False,
    assignment: AssignmentFile = None,
    list_steps: ListSteps = False,
    check: Check = None,
    code: Code = None,
    key: Key = False,
    force: Force = False,
    jobs: Jobs = None,
    part: Part = "",
    answer_form: AnswerForm = False,
    cluster: Cluster = "",
) -> None:
    """Make exercise sheets, each with other numbers, and the key that fits."""
    options = {option: value for option, value in locals().items() if option != "context"}
    refuse_clashes(context)
    make(Given(**options))


def make(given: Given) -> None:
    """What the options ask for."""
    from stepnn.cli import listing, printing, setting  # the help needs none of it
    from stepnn.exercises.plan import Exercises
    from stepnn.sheets.roster import Roster, read_roster
    from stepnn.sheets.sheet import Printer

    words = chosen_words(given.lang, checked=given.key or given.list_steps or given.check is not None)
    if given.code is None and given.name is None and given.assignment is None:
        raise UsageError(told("name_a_lesson_such_as"))
    source = setting.source(given)
    if given.list_steps:
        output.print_lines(listing.listed(Exercises(source.setup, source.assignment), words))
        return
    folder = given.out or Path(f"{source.assignment.lesson}-sheets")
    secret, notes = setting.secret_for(source, given, folder, words)
    printer = Printer(source.setup, source.assignment, secret)
    roster = read_roster(given.students) if given.students is not None else Roster([])
    orders = source.order(given.code) or printing.orders(
        printer, given.seed, given.copies or 1, given.first, roster.students
    )
    orders = list(part_of(orders, given.part))
    if given.check is not None:
        output.print_lines(printing.tried(printer, given.check, words))
    elif given.key:
        output.print_lines(printing.key_lines(printer, orders, words))
    else:
        format = FORMATS[given.format.value if given.format else "pdf"]
        shape = (given.formulas, given.compact, given.short, given.answer_form)
        look = printing.Look(format, Options(paper=given.paper.value), words, *shape)
        saved = [words("sheet.encoding", encoding=roster.encoding)] if roster.encoding else []
        for note in [*written(printer, orders, look, folder, given), *notes, *saved]:
            output.print_error(note)


def written(printer: Printer, orders: Sequence[Order], look: Look, folder: Path, given: Given) -> Iterator[str]:
    """Write sheets and key; what is to be said of them."""
    from stepnn.cli import listing, printing  # the help needs none of it

    if given.students is not None:
        printing.check_names(orders, look, given.students)
    began = time.time()
    workers, name = Workers(given.jobs or cores(), given.cluster), key_name(given.part)
    parts = printing.write_sheets(printer, orders, look, folder, given.force, given.merge, name, workers)
    wrote = "sheet.wrote" if len(orders) > 1 else "sheet.wrote_one"
    yield look.words(wrote, count=len(orders), folder=visible(str(folder), 200))
    yield from listing.left_out(printer.exercises, look.words)
    yield from printing.notes(parts, began, folder, look.words)


def part_of(orders: Sequence[Order], part: str) -> Sequence[Order]:
    """`3/10`: the third tenth of all sheets. Raises UsageError."""
    if not part:
        return orders
    found = PART.fullmatch(part)
    number, count = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= count or count > len(orders):
        raise UsageError(told("part_of_sheets", part=visible(part), count=len(orders)))
    return orders[len(orders) * (number - 1) // count : len(orders) * number // count]


def key_name(part: str) -> str:
    """Parts can be put into one folder: each has a key of its own."""
    return f"{KEY}-{part.replace('/', '-of-')}" if part else KEY
