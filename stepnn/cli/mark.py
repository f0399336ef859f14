"""The command `stepnn mark`: answers of a class in; marks, feedback and a report out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from stepnn.cli import output
from stepnn.cli.mark_options import Wanted
from stepnn.cli.options import Lang, Paper, PaperSize, chosen_words
from stepnn.cli.sheet_options import Cluster, Jobs, SheetFormatOption
from stepnn.errors import UsageError, visible
from stepnn.marking.points import Carry
from stepnn.words.told import told

if TYPE_CHECKING:
    from stepnn.cli.marking import Class


def mark(
    answers: Annotated[
        Optional[Path],
        typer.Argument(metavar="[ANSWERS]", help="A table (CSV, XLSX), or a folder or zip of files of answer forms."),
    ] = None,
    key: Annotated[
        Optional[list[Path]],
        typer.Option("--key", metavar="KEY.json", help="The key that was written with the sheets; of parts, each."),
    ] = None,
    out: Annotated[
        Optional[Path], typer.Option("--out", metavar="DIR", help="The folder. [default: LESSON-marks]")
    ] = None,
    lesson: Annotated[
        Optional[str], typer.Option("--lesson", metavar="FILE", help="The lesson file, of a lesson of your own.")
    ] = None,
    carry: Annotated[
        Carry, typer.Option("--carry", help="What a step earns that is right from a student's own wrong number.")
    ] = Carry.full,
    expressions: Annotated[bool, typer.Option("--expressions", help="Allow answers such as d_o1*w5.")] = False,
    overrides: Annotated[
        Optional[Path],
        typer.Option("--overrides", metavar="FILE", help="Points by hand: a table with id, question, points, reason."),
    ] = None,
    explain: Annotated[
        str, typer.Option("--explain", metavar="ID", help="Print the marks of one student, answer by answer.")
    ] = "",
    export: Annotated[
        tuple[str, Path],
        typer.Option(
            "--for", metavar="moodle|canvas EXPORT.csv", help="Fill the marks into a grading table that was exported."
        ),
    ] = ("", Path()),
    column: Annotated[
        str, typer.Option("--column", metavar="NAME", help="The column of the grades. [default: Grade]")
    ] = "",
    solutions: Annotated[bool, typer.Option("--solutions", help="Show the right results to students, too.")] = False,
    template: Annotated[
        Optional[Path],
        typer.Option("--template", metavar="FILE.csv", help="Write an empty table for the answers, and end."),
    ] = None,
    merge: Annotated[bool, typer.Option("--merge", help="All feedback in one file.")] = False,
    format: SheetFormatOption = None,
    paper: Paper = PaperSize.a4,
    jobs: Jobs = None,
    cluster: Cluster = "",
    secret: Annotated[
        Optional[Path],
        typer.Option(
            "--secret", metavar="FILE", help="In the place of a key: the secret, where codes stand in the table."
        ),
    ] = None,
    students: Annotated[
        Optional[Path], typer.Option("--students", help="With --secret: the list of students, for their ids and names.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="With --students: the seed of the sheets.")] = 0,
    lang: Lang = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that exists.")] = False,
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
