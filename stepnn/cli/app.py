"""The commands. Everything that costs time to import is imported where it is first needed."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from threading import current_thread, main_thread
from typing import Annotated, NoReturn, Optional

import typer

from stepnn import __version__
from stepnn.cli import output
from stepnn.cli.audit import audit
from stepnn.cli.authoring import check, new, schema
from stepnn.cli.judge import judge
from stepnn.cli.mark import mark
from stepnn.cli.options import (
    AnyLesson,
    Ascii,
    Compact,
    Digits,
    Epoch,
    FirstWeights,
    Lang,
    LessonName,
    Overwrite,
    PageFormat,
    Paper,
    PaperSize,
    Plain,
    Round,
    RunNumber,
    SampleNumber,
    Seed,
    Set,
    UpdateRule,
    Updates,
    chosen_words,
)
from stepnn.cli.practice import practice
from stepnn.cli.progress import progress, review
from stepnn.cli.secret import secret
from stepnn.cli.sheet import sheet
from stepnn.cli.work import (
    Numbers,
    from_start,
    lesson_list,
    page_bytes,
    page_lines,
    prepared,
    step_through,
    worked_out,
)
from stepnn.errors import StepnnError, UsageError, visible
from stepnn.words import LANGUAGES, Catalogue, language_of_system
from stepnn.words.told import told
from stepnn.writers.formats import FORMATS, Options

app = typer.Typer(
    name="stepnn",
    help="Neural networks worked out number by number, forward and back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"stepnn {__version__}")
        raise typer.Exit


@app.callback()
def stepnn(
    show: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Neural networks worked out number by number, forward and back."""


@app.command()
def lesson(
    name: AnyLesson = None,
    show_all: Annotated[bool, typer.Option("--all", help="Print every step and end.")] = False,
    lang: Lang = None,
    digits: Digits = None,
    rounded: Round = False,
    assignments: Set = None,
    seed: Seed = None,
    updates: Updates = None,
    epoch: Epoch = None,
    sample: SampleNumber = None,
    start: Annotated[
        str, typer.Option("--start", metavar="STEP", help="Begin at a step: its number, or a name such as delta_o1.")
    ] = "",
    practising: Annotated[
        bool, typer.Option("--practice", help="On a terminal: ask for every step before it is shown, as key y does.")
    ] = False,
    ascii: Ascii = False,
    plain: Plain = False,
) -> None:
    """Walk through a lesson step by step. Without a name: list all lessons."""
    words = chosen_words(lang)
    if name is None:
        output.print_lines(lesson_list(words))
        return
    numbers = Numbers(digits, rounded, assignments or [], seed, updates, epoch, sample)
    setup = prepared(name, numbers)
    ascii = ascii or output.needs_ascii()
    plain = plain or output.needs_plain()
    if show_all or not output.is_interactive():
        trace = worked_out(setup, numbers)
        output.print_lines(from_start(trace, words, ascii, not plain, start, show_all))
    elif plain:
        from stepnn.cli.reader import read_plainly  # only this command needs it

        read_plainly(worked_out(setup, numbers), words, ascii, start)
    else:
        chosen = step_through(name, setup, numbers, words, ascii, start, practising)
        if chosen:
            app.registered_commands = EVERY
            app([*chosen, "--lang", words.language, *(["--ascii"] if ascii else [])], standalone_mode=False)


@app.command()
def example(
    name: LessonName,
    format: Annotated[Optional[PageFormat], typer.Option(help="The kind of page. [default: text]")] = None,
    target: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="The file to write. [default: the terminal]")
    ] = None,
    force: Overwrite = False,
    show_all: Annotated[bool, typer.Option("--all", help="Write a page of more than 1 MB of text, too.")] = False,
    compact: Compact = False,
    lang: Lang = None,
    digits: Digits = None,
    rounded: Round = False,
    assignments: Set = None,
    seed: Seed = None,
    updates: Updates = None,
    epoch: Epoch = None,
    sample: SampleNumber = None,
    paper: Paper = PaperSize.a4,
    ascii: Ascii = False,
    plain: Plain = False,
) -> None:
    """Print a lesson as a worked example, as text or in another format."""
    words = chosen_words(lang, checked=target is None)
    numbers = Numbers(digits, rounded, assignments or [], seed, updates, epoch, sample)
    writer = FORMATS[format.value if format else "text"]
    if writer.is_binary and target is None:
        target = Path(f"{Path(name).stem}.{writer.ending}")
    output.try_file(target, force)
    ascii = ascii or (target is None and output.needs_ascii())
    options = Options(ascii, not plain, paper.value)
    if writer.is_binary and target is not None:
        output.write_file(target, page_bytes(name, numbers, writer, words, options, show_all, compact), force)
    else:
        trace = worked_out(prepared(name, numbers), numbers)
        lines = page_lines(trace, writer, words, options, show_all, compact)
        if target is None:
            output.print_lines(lines)
            return
        output.write_file(target, lines, force)
    if str(target) != output.STANDARD:
        output.print_error(words("check.wrote", file=visible(str(target), 200)))


@app.command()
def train(
    name: LessonName,
    epochs: Annotated[
        Optional[int],
        typer.Option(min=0, max=1_000_000_000, help="Rounds through all samples. [default: the lesson's]"),
    ] = None,
    batch: Annotated[
        Optional[str], typer.Option(metavar="N|all", help="Samples for one update. [default: the lesson's]")
    ] = None,
    optimizer: Annotated[
        Optional[UpdateRule], typer.Option(case_sensitive=False, help="The update rule. [default: the lesson's]")
    ] = None,
    rate: Annotated[Optional[float], typer.Option(help="The learning rate. [default: the lesson's]")] = None,
    seed: Annotated[Optional[int], typer.Option(min=0, help="Draw other first weights, and another order.")] = None,
    init: Annotated[
        Optional[FirstWeights], typer.Option(case_sensitive=False, help="How the first weights are drawn.")
    ] = None,
    until: Annotated[Optional[float], typer.Option(metavar="ERROR", help="Stop at this mean error.")] = None,
    save: Annotated[Optional[Path], typer.Option(help="Write a lesson file with the trained weights.")] = None,
    data: Annotated[
        Optional[Path], typer.Option(help="Samples from a table with a header (CSV, XLSX), or MNIST's pictures (IDX).")
    ] = None,
    target_column: Annotated[
        str, typer.Option("--target", metavar="COLUMN", help="With --data: the column of classes, one for each output.")
    ] = "",
    run: RunNumber = 1,
    force: Overwrite = False,
    lang: Lang = None,
    ascii: Ascii = False,
    plain: Plain = False,
) -> None:
    """Train a lesson's network from the first weights to the last, and show what it has learned."""
    from stepnn.cli.train import Wanted  # only this command needs it
    from stepnn.cli.train import train as train_lesson

    words = chosen_words(lang)
    rule, first = optimizer.value if optimizer else None, init.value if init else None
    options = Wanted(epochs, batch, rule, rate, seed, first, until, data, run, target_column)
    plain = plain or output.needs_plain()
    code = train_lesson(name, options, words, save, force, ascii or output.needs_ascii(), plain)
    if code:
        raise typer.Exit(code)


@app.command()
def picture(
    name: LessonName,
    which: Annotated[str, typer.Argument(help='Such as regions, or "error curve".', metavar="PICTURE")],
    target: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="The SVG file to write. [default: the terminal]")
    ] = None,
    force: Overwrite = False,
    lang: Lang = None,
    assignments: Set = None,
    seed: Seed = None,
    ascii: Ascii = False,
    plain: Plain = False,
) -> None:
    """Draw a picture of a lesson: an error curve, decision regions, curves and more."""
    from stepnn.cli.pictures import draw  # only this command needs it

    words = chosen_words(lang, checked=target is None)
    numbers = Numbers(None, False, assignments or [], seed, None)
    output.try_file(target, force)
    trace = worked_out(prepared(name, numbers), numbers)
    draw(trace, which, target, force, words, ascii or output.needs_ascii(), plain)


app.command()(check)
app.command()(new)
app.command()(schema)
app.command()(audit)
app.command()(judge)
app.command()(mark)
app.command()(practice)
app.command()(progress)
app.command()(review)
app.command()(secret)
app.command()(sheet)
EVERY = app.registered_commands


def main() -> None:
    """The program. Faults are told in words; nothing ends in a traceback."""
    if sys.stdout is None:
        finish("stepnn: standard output is closed, so there is nowhere to print to.", 1)
    end_cleanly_on_signals()
    try:
        app(standalone_mode=True)
    except UsageError as error:
        finish(f"stepnn: {error.to(words_of_errors())}", 2)
    except StepnnError as error:
        finish(f"stepnn: {error.to(words_of_errors())}", 1)
    except KeyboardInterrupt:
        finish("", 130)
    except OSError as error:
        finish(f"stepnn: {error.strerror or error}", 1)
    except RecursionError:
        finish(f"stepnn: {told('nested_too_deeply').to(words_of_errors())}", 1)
    except Exception as error:  # a fault of stepnn itself, which its users cannot mend
        if os.environ.get("STEPNN_TRACEBACK"):
            raise
        message = visible(f"{type(error).__name__}: {error}", 300)
        finish(f"stepnn: {told('fault_in_stepnn', message=message).to(words_of_errors())}", 1)


def words_of_errors() -> Catalogue:
    """The language that errors are told in: that of --lang, or that of the system, where it can be shown."""
    given = dict(zip(sys.argv, sys.argv[1:], strict=False)).get("--lang", language_of_system())
    given = next((one.partition("=")[2] for one in sys.argv if one.startswith("--lang=")), given)
    return output.showable(given if given in LANGUAGES else "en")


def end_cleanly_on_signals() -> None:
    """End as on an error, so that the terminal is given back and nothing half-written stays. `nohup` is respected."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and current_thread() is main_thread() and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda number, frame: sys.exit(128 + number))


def run() -> None:
    """The program as a command. Ends without taking its thousands of objects apart one by one, as mypy does."""
    code: object = 0
    # Typer reads the options of each command before it runs one: the one that is asked for is enough.
    app.registered_commands = [one for one in EVERY if getattr(one.callback, "__name__", "") in sys.argv[1:2]] or EVERY
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):  # closed or full
            code = code or 1
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def finish(message: str, code: int) -> NoReturn:
    """End with a message for the user."""
    if message:
        output.print_error(message)
    sys.exit(code)
