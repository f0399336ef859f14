"""The options of `stepnn mark`, and what was given for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Optional

import typer

from stepnn.cli.options import Language, PaperSize, SheetFormat
from stepnn.marking.carry import Carry

Answers = Annotated[
    Optional[Path],
    typer.Argument(metavar="[ANSWERS]", help="A table (CSV, XLSX), or a folder or zip of files of answer forms."),
]
KeyFiles = Annotated[
    Optional[list[Path]],
    typer.Option("--key", metavar="KEY.json", help="The key that was written with the sheets; of parts, each."),
]
MarksFolder = Annotated[
    Optional[Path], typer.Option("--out", metavar="DIR", help="The folder. [default: LESSON-marks]")
]
LessonFile = Annotated[
    Optional[str], typer.Option("--lesson", metavar="FILE", help="The lesson file, of a lesson of your own.")
]
CarryOption = Annotated[
    Carry, typer.Option("--carry", help="What a step earns that is right from a student's own wrong number.")
]
Expressions = Annotated[bool, typer.Option("--expressions", help="Allow answers such as d_o1*w5.")]
Overrides = Annotated[
    Optional[Path],
    typer.Option("--overrides", metavar="FILE", help="Points by hand: a table with id, question, points, reason."),
]
Explain = Annotated[
    str, typer.Option("--explain", metavar="ID", help="Print the marks of one student, answer by answer.")
]
Export = Annotated[
    tuple[str, Path],
    typer.Option(
        "--for",
        show_default=False,
        metavar="moodle|canvas EXPORT.csv",
        help="Fill the marks into a grading table that was exported.",
    ),
]
Column = Annotated[str, typer.Option("--column", metavar="NAME", help="The column of the grades. [default: Grade]")]
Solutions = Annotated[bool, typer.Option("--solutions", help="Show the right results to students, too.")]
Template = Annotated[
    Optional[Path],
    typer.Option("--template", metavar="FILE.csv", help="Write an empty table for the answers, and end."),
]
MergeFeedback = Annotated[bool, typer.Option("--merge", help="All feedback in one file.")]
MarkSecret = Annotated[
    Optional[Path],
    typer.Option("--secret", metavar="FILE", help="In the place of a key: the secret, where codes stand in the table."),
]
MarkStudents = Annotated[
    Optional[Path], typer.Option("--students", help="With --secret: the list of students, for their ids and names.")
]
MarkSeed = Annotated[int, typer.Option("--seed", min=0, help="With --students: the seed of the sheets.")]


@dataclass(frozen=True)
class Wanted:
    """What was given for every option of `stepnn mark`."""

    answers: Path | None
    key: list[Path]
    out: Path | None
    lesson: str | None
    carry: Carry
    expressions: bool
    overrides: Path | None
    explain: str
    export: tuple[str, Path]
    column: str
    solutions: bool
    template: Path | None
    merge: bool
    format: SheetFormat | None
    paper: PaperSize
    jobs: int | None
    cluster: str
    secret: Path | None
    assignment: Path | None
    students: Path | None
    seed: int
    lang: Language | None
    force: bool
