"""The command `stepnn mark`: answers of a class in; marks, feedback and a report out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from stepnn.cli import output
from stepnn.cli.mark_options import (
    Answers,
    CarryOption,
    Column,
    Explain,
    Export,
    Expressions,
    KeyFiles,
    LessonFile,
    MarkSecret,
    MarkSeed,
    MarksFolder,
    MarkStudents,
    MergeFeedback,
    Overrides,
    Solutions,
    Template,
    Wanted,
)
from stepnn.cli.options import Lang, Paper, PaperSize, chosen_words
from stepnn.cli.sheet_options import AssignmentFile, Cluster, Force, Jobs, SheetFormatOption
from stepnn.errors import UsageError, visible
from stepnn.marking.carry import Carry
from stepnn.words.told import told

if TYPE_CHECKING:
    from stepnn.cli.marking import Class


def mark(
    answers: Answers = None,
    key: KeyFiles = None,
    out: MarksFolder = None,
    lesson: LessonFile = None,
    carry: CarryOption = Carry.full,
    expressions: Expressions = False,
    overrides: Overrides = None,
    explain: Explain = "",
    export: Export = ("", Path()),
    column: Column = "",
    solutions: Solutions = False,
    template: Template = None,
    merge: MergeFeedback = False,
    format: SheetFormatOption = None,
    paper: Paper = PaperSize.a4,
    jobs: Jobs = None,
    cluster: Cluster = "",
    secret: MarkSecret = None,
    assignment: AssignmentFile = None,
    students: MarkStudents = None,
    seed: MarkSeed = 0,
    lang: Lang = None,
    force: Force = False,
) -> None:
    """Mark the answers of a class: points, feedback for each student, a report for you."""
    run(Wanted(**{**locals(), "key": key or []}))


def run(wanted: Wanted) -> None:
    """What the options ask for."""
    from stepnn.cli import marking  # the help needs none of it
    from stepnn.sheets.key_file import read_keys

    words = chosen_words(wanted.lang, checked=bool(wanted.explain))
    if wanted.secret is not None and not wanted.key:
        key = marking.key_of_codes(wanted)
    else:
        key = read_keys(wanted.key or [Path("key.json")])
    if wanted.template is not None:
        output.write_file(wanted.template, marking.template(key), wanted.force)
        output.print_error(words("mark.template", count=len(key.sheets), file=visible(str(wanted.template), 200)))
        return
    if wanted.answers is None:
        raise UsageError(told("mark_name_answers"))
    if wanted.export[0] and wanted.export[0] not in marking.PLATFORMS:
        names = ", ".join(marking.PLATFORMS)
        raise UsageError(told("mark_for_platforms", name=visible(wanted.export[0]), names=names))
    found = marking.marked(wanted, key, words)
    if wanted.explain:
        output.print_lines(marking.explained(found, wanted.explain, words))
        return
    for note in written(found, wanted):
        output.print_error(note)


def written(found: Class, wanted: Wanted) -> Iterator[str]:
    """Write everything; what is to be said of it."""
    from stepnn.cli import marking  # the help needs none of it

    words = found.telling.words
    folder = wanted.out or Path(f"{found.telling.lesson.id}-marks")
    unknown = marking.write(found, wanted, folder)
    yield words("mark.wrote", count=len(found.marks), folder=visible(str(folder), 200))
    yield from marking.notes(found, words)
    if unknown:
        names = ", ".join(visible(mark.sheet.name or mark.sheet.who) for mark in unknown[:5])
        yield words("mark.not_in_export", count=len(unknown), names=names)
