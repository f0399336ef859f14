"""The options of `stepnn sheet`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer

from stepnn.cli.options import Language, PaperSize, SheetFormat
from stepnn.errors import UsageError
from stepnn.words.told import together, told

MOST_COPIES = 5_000
MOST_FADED = 63  # what a code has room for


class FadeSide(str, Enum):
    """Where steps are worked."""

    start = "start"
    end = "end"


Copies = Annotated[
    Optional[int], typer.Option("--copies", min=1, max=MOST_COPIES, help="How many sheets. [default: 1]")
]
First = Annotated[
    int, typer.Option("--first", min=1, max=10_000_000, help="With --copies: the number of the first one.")
]
Students = Annotated[
    Optional[Path], typer.Option("--students", help="A sheet for each student of a CSV file with columns id and name.")
]
SheetSeed = Annotated[
    int, typer.Option("--seed", min=0, help="Other numbers for everybody, such as for the next term.")
]
Out = Annotated[Optional[Path], typer.Option("--out", metavar="DIR", help="The folder. [default: LESSON-sheets]")]
Blank = Annotated[
    Optional[list[str]],
    typer.Option(
        "--blank", help="What to ask: all, z, activations, values, errors, slopes, deltas, gradients, updates; any mix."
    ),
]
Fade = Annotated[
    int, typer.Option("--fade", min=0, max=MOST_FADED, help="So many steps are worked; the rest is asked.")
]
FadeFrom = Annotated[FadeSide, typer.Option("--fade-from", help="Whether the first or the last steps are worked.")]
Ask = Annotated[
    Optional[list[str]],
    typer.Option(
        "--ask", help="Ask only this and show nothing else: checkpoints, kinds as for --blank, or names of steps."
    ),
]
Steps = Annotated[
    Optional[list[str]],
    typer.Option("--steps", help="Only these steps: names such as delta_o1 or p2.E, or kinds as for --blank."),
]
Layers = Annotated[Optional[list[str]], typer.Option("--layers", help="Only these layers: numbers, output, hidden.")]
Passes = Annotated[Optional[list[str]], typer.Option("--passes", help="Only these passes, such as 1,2; or all.")]
SheetSample = Annotated[
    Optional[int],
    typer.Option("--sample", min=1, help="The sample that is learned from first. [default: the lesson's]"),
]
SheetRun = Annotated[Optional[int], typer.Option("--run", min=1, help="Which run, in a lesson that has several.")]
PointsOption = Annotated[
    Optional[list[str]],
    typer.Option(
        "--points", metavar="N|STEP=N", help="Points of a step, a kind, or all. [default: one for each operation]"
    ),
]
ListSteps = Annotated[bool, typer.Option("--list", help="Show what becomes of every step, and write no files.")]
SecretFile = Annotated[
    Optional[Path],
    typer.Option(
        "--secret",
        metavar="FILE",
        help="Draw the numbers with this secret, also in STEPNN_SECRET. [default with --students: one of your own]",
    ),
]
Open = Annotated[bool, typer.Option("--open", help="No secret: whoever has a code can print its key.")]
AssignmentFile = Annotated[
    Optional[Path],
    typer.Option("--assignment", metavar="KEY.json", help="Ask what these sheets have asked: their key.json."),
]
Reverse = Annotated[bool, typer.Option("--reverse", help="Give the results, ask for weights and inputs.")]
Find = Annotated[bool, typer.Option("--find-the-error", help="A worked page with one typical mistake in it.")]
SheetFormatOption = Annotated[
    Optional[SheetFormat], typer.Option("--format", case_sensitive=False, help="The kind of file. [default: pdf]")
]
Merge = Annotated[bool, typer.Option("--merge", help="All sheets in one file, for the print room.")]
FormulasOption = Annotated[bool, typer.Option("--formulas/--no-formulas", help="Print the formulas, or not.")]
Compact = Annotated[
    bool, typer.Option("--compact", help="Little paper: a blank beside each question, room at the end.")
]
Short = Annotated[bool, typer.Option("--short", help="A short key: many sheets side by side.")]
AnswerForm = Annotated[
    bool, typer.Option("--answer-form", help="Also an HTML page for each sheet, to type answers into and save them.")
]
Jobs = Annotated[Optional[int], typer.Option("--jobs", min=1, max=256, help="Processes. [default: all cores]")]
Cluster = Annotated[
    str,
    typer.Option("--cluster", metavar="ADDRESS", help="Work on a Dask cluster in the place of processes here."),
]
Part = Annotated[
    str, typer.Option("--part", metavar="N/M", help="Only this part of the sheets, such as 3/10, for batch systems.")
]
Check = Annotated[
    Optional[int], typer.Option("--check", min=1, max=100_000, help="Try so many variants, and say what is unfit.")
]
Code = Annotated[Optional[str], typer.Option("--code", help="Make the sheet with this code once more.")]
Key = Annotated[bool, typer.Option("--key", help="Print the answers here, and write no files.")]
Force = Annotated[bool, typer.Option("--force", help="Write into a folder that exists.")]


@dataclass(frozen=True)
class Given:
    """What was given for every option of `stepnn sheet`."""

    name: str | None
    copies: int | None
    first: int
    students: Path | None
    seed: int
    out: Path | None
    blank: list[str] | None
    fade: int
    fade_from: FadeSide
    ask: list[str] | None
    steps: list[str] | None
    layers: list[str] | None
    passes: list[str] | None
    run: int | None
    updates: int | None
    sample: int | None
    points: list[str] | None
    reverse: bool
    find: bool
    significant: int | None
    digits: int | None
    rounded: bool
    paper: PaperSize
    lang: Language | None
    format: SheetFormat | None
    merge: bool
    formulas: bool
    compact: bool
    short: bool
    secret: Path | None
    open: bool
    assignment: Path | None
    list_steps: bool
    check: int | None
    code: str | None
    key: bool
    force: bool
    jobs: int | None
    part: str
    answer_form: bool
    cluster: str


CHOICES = {"--blank", "--fade", "--fade-from", "--ask", "--steps", "--layers", "--passes", "--run", "--updates",
           "--sample", "--points", "--reverse", "--find-the-error", "--significant", "--digits", "--round"}  # fmt: skip
SHAPES = CHOICES | {"--copies", "--students", "--first", "--seed", "--check", "--open"}
CLASHES: tuple[tuple[set[str], set[str], str], ...] = (
    ({"--code"}, SHAPES, "clash_code"),
    ({"--students"}, {"--copies", "--first"}, "clash_students"),
    ({"--reverse"}, {"--find-the-error"}, "clash_modes"),
    ({"--significant"}, {"--digits", "--round", "--reverse", "--find-the-error"}, "clash_digits"),
    ({"--reverse", "--find-the-error"}, {"--blank", "--fade", "--ask"}, "clash_choose"),
    ({"--ask"}, {"--blank", "--fade"}, "clash_choose"),
    ({"--assignment"}, CHOICES, "clash_assignment"),
    ({"--open"}, {"--secret"}, "clash_open"),
    ({"--answer-form"}, {"--reverse", "--find-the-error", "--merge"}, "clash_form"),
    ({"--compact"}, {"--reverse", "--find-the-error"}, "clash_compact"),
    ({"--key", "--check", "--list"}, {"--out", "--merge", "--force", "--compact", "--short"}, "clash_no_files"),
    ({"--check"}, {"--key", "--copies", "--students"}, "clash_no_sheets"),
)


def refuse_clashes(context: typer.Context) -> None:
    """Refuse options that contradict each other. Raises UsageError, which tells all of them."""
    given = {
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name and getattr(context.get_parameter_source(parameter.name), "name", "") == "COMMANDLINE"
    }
    found = [
        told(
            "options_clash",
            ones=", ".join(sorted(ones & given)),
            others=", ".join(sorted(others & given)),
            why=told(why),
        )
        for ones, others, why in CLASHES
        if ones & given and others & given
    ]
    if found:
        raise UsageError(together(found))
