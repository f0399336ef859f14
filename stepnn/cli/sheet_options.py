"""The options of `stepnn sheet`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from stepnn.cli.options import SheetFormat, complete_lesson
from stepnn.errors import UsageError

MOST_COPIES = 5_000
MOST_FADED = 63  # what a code has room for

AnyLesson = Annotated[
    Optional[str],
    typer.Argument(help="A lesson name, or a lesson file.", metavar="[LESSON]", autocompletion=complete_lesson),
]
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
Reverse = Annotated[bool, typer.Option("--reverse", help="Give the results, ask for weights and inputs.")]
Find = Annotated[bool, typer.Option("--find-the-error", help="A worked page with one typical mistake in it.")]
SheetFormatOption = Annotated[
    Optional[SheetFormat], typer.Option("--format", case_sensitive=False, help="The kind of file. [default: pdf]")
]
Merge = Annotated[bool, typer.Option("--merge", help="All sheets in one file, for the print room.")]
FormulasOption = Annotated[bool, typer.Option("--formulas/--no-formulas", help="Print the formulas, or not.")]
Check = Annotated[
    Optional[int], typer.Option("--check", min=1, max=100_000, help="Try so many variants, and say what is unfit.")
]
Code = Annotated[Optional[str], typer.Option("--code", help="Make the sheet with this code once more.")]
Key = Annotated[bool, typer.Option("--key", help="Print the answers here, and write no files.")]
Force = Annotated[bool, typer.Option("--force", help="Write into a folder that exists.")]

SHAPES = {"--copies", "--students", "--first", "--seed", "--blank", "--fade", "--reverse", "--find-the-error",
          "--digits", "--round", "--check"}  # fmt: skip
CLASHES: tuple[tuple[set[str], set[str], str], ...] = (
    ({"--code"}, SHAPES, "a code says everything about a sheet but its looks"),
    ({"--students"}, {"--copies", "--first"}, "every student has one sheet; to split a class, split its list"),
    ({"--reverse"}, {"--find-the-error"}, "a sheet is one or the other"),
    ({"--reverse", "--find-the-error"}, {"--blank", "--fade"}, "they choose what to ask by themselves"),
    ({"--key", "--check"}, {"--out", "--merge", "--force"}, "no files are written"),
    ({"--check"}, {"--key", "--copies", "--students"}, "no sheets are made"),
)


def refuse_clashes(context: typer.Context) -> None:
    """Refuse options that contradict each other. Raises UsageError, which tells all of them."""
    given = {
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name and getattr(context.get_parameter_source(parameter.name), "name", "") == "COMMANDLINE"
    }
    told = [
        f"{', '.join(sorted(ones & given))} and {', '.join(sorted(others & given))} do not go together: {why}."
        for ones, others, why in CLASHES
        if ones & given and others & given
    ]
    if told:
        raise UsageError("\n".join(told))
