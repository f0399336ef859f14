"""Commands for those who write lessons: `check`, `new` and `schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from stepnn.cli import output
from stepnn.cli.options import Lang, Overwrite, chosen_words
from stepnn.errors import visible
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.lessons.template import Wanted


def check(
    files: Annotated[list[str], typer.Argument(help="Lesson files, or lesson names.", metavar="FILE...")],
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Check again whenever a file is saved.")] = False,
    lang: Lang = None,
) -> None:
    """Check lesson files: every fault at once, each with its place and what to do."""
    words = chosen_words(lang)
    good = checked(files, words)
    if watch:
        from stepnn.cli.watching import watched  # only this option needs it

        for changed in watched([Path(file) for file in files], words):
            checked([str(file) for file in changed], words)
    elif not good:
        raise typer.Exit(1)


def checked(files: list[str], words: Catalogue) -> bool:
    """Tell the faults of each file, or that it has none. Whether all are good."""
    from stepnn.cli.checking import faults_of, notes_of  # only this command needs it

    good = True
    for file in files:
        if faults := faults_of(file, words):
            output.print_error(faults)
            good = False
        else:
            output.print_lines([words("check.good", file=visible(file, 200)), *notes_of(file, words)])
    return good


def new(
    file: Annotated[Path, typer.Argument(help="The lesson file to write, such as my-lesson.toml.", metavar="FILE")],
    layers: Annotated[
        str, typer.Option("--layers", metavar="SIZES", help="A network of so many neurons, inputs first: 2,3,1.")
    ] = "",
    activation: Annotated[
        str, typer.Option("--activation", metavar="NAME", help="With --layers. [default: sigmoid]")
    ] = "",
    loss: Annotated[
        str, typer.Option("--loss", metavar="NAME", help="With --layers. [default: half_squared_error]")
    ] = "",
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="One kind of layer, by its name.")] = "",
    like: Annotated[str, typer.Option("--from-lesson", metavar="LESSON", help="A copy of a lesson.")] = "",
    force: Overwrite = False,
    lang: Lang = None,
) -> None:
    """Write a lesson file to start from: a commented one, or what the options ask for. On a terminal it asks."""
    from stepnn.lessons.template import Wanted, beginning  # only this command needs it

    words = chosen_words(lang)
    output.try_file(file, force)
    wanted = Wanted(layers, activation, loss, kind, like)
    if wanted == Wanted() and output.is_interactive():
        wanted = asked(words)
    output.write_file(file, beginning(file.stem, wanted).splitlines(), force)
    output.print_lines([words("check.new", file=visible(str(file), 200))])


def asked(words: Catalogue) -> Wanted:
    """What somebody at a terminal wants; Enter takes what stands in brackets."""
    from stepnn.lessons.template import Wanted  # as above

    def ask(key: str, otherwise: str) -> str:
        found: str = typer.prompt(words(f"new.{key}"), default=otherwise, show_default=bool(otherwise))
        return found.strip()

    layers = ask("layers", "")
    if not layers:
        return Wanted(kind=ask("kind", ""))
    return Wanted(layers, ask("activation", "sigmoid"), ask("loss", "half_squared_error"))


def schema(
    target: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="The file to write. [default: standard output]")
    ] = None,
    force: Overwrite = False,
    lang: Lang = None,
) -> None:
    """Write a JSON Schema of lesson files, with which an editor completes and checks them."""
    from stepnn.lessons.json_schema import lesson_schema  # only this command needs it

    words = chosen_words(lang, checked=target is None)
    lines = json.dumps(lesson_schema(), indent=1).splitlines()
    if target is None:
        output.print_lines(lines)
        return
    output.write_file(target, lines, force)
    output.print_lines([words("check.schema", file=visible(str(target), 200))])
