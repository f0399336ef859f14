"""The command `stepnn secret`: a secret that the numbers of sheets are drawn with."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer

from stepnn.cli import output
from stepnn.cli.options import Lang, chosen_words
from stepnn.errors import visible


class Action(str, Enum):
    """What can be done with a secret."""

    new = "new"


def secret(
    action: Annotated[Action, typer.Argument(help="new: make one.", metavar="new")],
    file: Annotated[
        Optional[Path], typer.Argument(help="The file to write. [default: your own]", metavar="[FILE]")
    ] = None,
    lang: Lang = None,
) -> None:
    """Make a secret: without it, neither a code nor a list of students gives the key of a sheet."""
    from stepnn.cli.setting import own_secret  # the help needs none of it
    from stepnn.exercises.secret import new_secret

    words = chosen_words(lang)
    target = file or own_secret()
    new_secret(target)
    output.print_lines([words("sheet.secret_new", file=visible(str(target), 200))])
