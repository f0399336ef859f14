"""`stepnn train`: a whole training, watched while it runs, then shown: curve, table, regions."""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stepnn.cli import output
from stepnn.errors import StepnnError, UsageError, visible
from stepnn.lessons.build import baked, baked_sample, runs, setup
from stepnn.lessons.read import load_lesson
from stepnn.lessons.sample_files import read_samples
from stepnn.lessons.schema import Lesson
from stepnn.lessons.setup import Setup
from stepnn.notation.numbers import given, shown
from stepnn.page.asides import headed, titled
from stepnn.page.blocks import Block, Paragraph
from stepnn.running.course import Course, End
from stepnn.running.engine import Checked, Engine
from stepnn.running.state import unseen_arrays
from stepnn.trace.pictures import error_chart, field
from stepnn.words import Catalogue
from stepnn.words.told import told
from stepnn.writers.text import TextWriter

MOST_CHANGES = 24  # parameters in the table


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for; None is what the lesson says."""

    epochs: int | None = None
    batch: str | None = None
    optimizer: str | None = None
    rate: float | None = None
    seed: int | None = None
    init: str | None = None
    until: float | None = None
    data: Path | None = None
    run: int = 1
    target: str = ""


def train(
    name: str, options: Wanted, words: Catalogue, save: Path | None, force: bool, ascii: bool, plain: bool
) -> int:
    """Train, print, save. Returns the exit code: 1 where the training diverged."""
    output.try_file(save, force)
    lesson = changed(load_lesson(name), options)
    given_setup = chosen_run(lesson, options)
    if options.data is not None:
        given_setup = with_data(given_setup, options.data, options.target, words)
    check_batch(given_setup, options)
    engine = Engine(given_setup)
    course = Course(engine, given_setup.lesson.training.epochs, given_setup.lesson.training.until)
    watch(course, words, to_the_end=save is not None)
    failed = keep(save, saved(engine), force) if save is not None else None
    output.print_lines(["", *TextWriter(words, ascii, not plain).page(report(course, words))])
    if failed is not None:
        raise failed
    if save is not None:
        output.print_error(words("train.saved", file=visible(str(save), 200)))
    return 1 if course.end is End.DIVERGED else 0


def keep(save: Path, lines: list[str], force: bool) -> StepnnError | None:
    """Write what was learned. Where that fails after all, it goes to a rescue file, which the error names."""
    try:
        output.write_file(save, lines, force)
    except StepnnError as error:
        try:
            rescue = Path(tempfile.mkdtemp(prefix="stepnn-")) / "learned.toml"
            output.write_file(rescue, lines, force=False)
        except (OSError, StepnnError):
            return error
        return StepnnError(told("what_was_learned_is_in", error=error, rescue=rescue))
    return None


def changed(lesson: Lesson, options: Wanted) -> Lesson:
    """The lesson with the options written into it."""
    batch = None if options.batch is None else batch_size(options.batch)
    training = said(epochs=options.epochs, until=options.until, batch=batch, seed=options.seed)
    fields = said(weight_seed=options.seed, update=options.optimizer, learning_rate=options.rate)
    if options.optimizer is not None and lesson.update == "perceptron":
        raise UsageError(told("the_step_function_has_no"))
    if options.optimizer not in (None, lesson.update):
        kept = lesson.optimizer.model_dump(include={"weight_decay", "no_decay", "clip_value", "clip_norm"})
        fields["optimizer"] = type(lesson.optimizer)(**kept)
    if options.init is not None or options.seed is not None:
        fields["layers"] = [fresh(layer) for layer in lesson.layers]
        fields["init"] = options.init or lesson.init
        fields.setdefault("weight_seed", lesson.weight_seed or 0)
    fields["training"] = lesson.training.model_copy(update=training)
    runs = [run.model_copy(update=run_fields(run, fields, training, options)) for run in lesson.runs]
    return lesson.model_copy(update={**fields, "runs": runs})


def said(**options: Any) -> dict[str, Any]:
    """The options that are given."""
    return {name: value for name, value in options.items() if value is not None}


def run_fields(run: Any, fields: dict[str, Any], training: dict[str, Any], options: Wanted) -> dict[str, Any]:
    """The options take the place of what a run says, too."""
    found: dict[str, Any] = {key: None for key in ("update", "learning_rate", "optimizer", "init") if key in fields}
    if run.training is not None:
        found["training"] = run.training.model_copy(update=training)
    if run.layers is not None and "layers" in fields:
        found["layers"] = [fresh(layer) for layer in run.layers]
    return found


def fresh(layer: Any) -> Any:
    """A layer whose weights are drawn anew, and whose biases begin at 0."""
    biases = [0.0] * len(layer.biases) if layer.biases is not None else None
    shared = 0.0 if layer.shared_bias is not None else None
    return layer.model_copy(update={"weights": None, "biases": biases, "shared_bias": shared})


def batch_size(text: str) -> int | str:
    """`all` or a whole number. Raises UsageError."""
    if text == "all":
        return text
    if not (text.isascii() and text.isdigit() and int(text[:9]) >= 1):
        raise UsageError(told("batch_write_a_number_of", text=visible(text)))
    return int(text[:9])


def chosen_run(lesson: Lesson, options: Wanted) -> Setup:
    """The run of the lesson that is trained, which must be one that learns."""
    found = runs(setup(lesson))
    if not 1 <= options.run <= len(found):
        raise UsageError(told("run_the_lesson_has_run", run=options.run, count=len(found)))
    chosen = found[options.run - 1]
    if not chosen.learns:
        raise UsageError(told("has_nothing_to_learn_its", id=lesson.id))
    if options.until is not None and not (math.isfinite(options.until) and options.until > 0):
        raise UsageError(told("until_write_an_error_greater", until=options.until))
    if options.rate is not None and not (math.isfinite(options.rate) and options.rate > 0):
        raise UsageError(told("rate_the_learning_rate_must", rate=options.rate))
    return chosen


def with_data(given_setup: Setup, path: Path, target: str, words: Catalogue) -> Setup:
    """The same network with the samples of a file."""
    network = given_setup.network
    if "a0" not in network.by_key or "t" not in network.by_key or given_setup.has_joint_samples:
        raise UsageError(told("data_this_lesson_has_no"))
    outputs = given_setup.lesson.layers[-1].neurons if given_setup.lesson.layers else []
    samples, encoding = read_samples(path, network["a0"].count, network["t"].count, target, outputs)
    if encoding:
        output.print_error(words("sheet.encoding", encoding=encoding))
    lesson = given_setup.lesson.model_copy(update={"learn_from": [], "data": None})
    return replace(given_setup, samples=samples, lesson=lesson)


def check_batch(given_setup: Setup, options: Wanted) -> None:
    """Refuse a batch that is larger than the data."""
    size, count = given_setup.lesson.training.batch, len(given_setup.samples)
    if isinstance(size, int) and size > count:
        raise UsageError(told("batch_there_are_only_samples", size=size, count=count))


def watch(course: Course, words: Catalogue, to_the_end: bool) -> None:
    """Run the training under a progress bar, or with a plain line now and then. Ctrl-C stops it cleanly.

    It goes on `to_the_end` when nobody reads the lines any more.
    """
    try:
        if output.is_interactive() and sys.stderr is not None and sys.stderr.isatty():
            watch_bar(course, words)
        else:
            for check in course.run():
                if is_told(check, course):
                    with suppress(output.Enough) if to_the_end else nullcontext():
                        output.print_lines([check_line(check, words, error_label(course))])
    except KeyboardInterrupt:
        course.end = End.STOPPED
        course.check()


def watch_bar(course: Course, words: Catalogue) -> None:
    """A progress bar with the error and the rate."""
    from rich.console import Console  # only where a bar is shown
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    rate = given(course.engine.setup.rate or 0.0).text
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=course.epochs)

        def tick() -> None:
            progress.update(task, completed=course.engine.epoch)

        for check in course.run(tick):
            text = f"{words('label.epoch', number=check.epoch)} · E = {number(check.error)} · η = {rate}"
            progress.update(task, completed=check.epoch, description=text)


def is_told(check: Checked, course: Course) -> bool:
    """Whether a plain line is printed: about ten in all, and the last."""
    tenth = max(1, course.epochs // 10)
    return check.epoch % tenth == 0 or check.epoch == course.epochs or course.end is not End.DONE


def error_label(course: Course) -> str:
    """What the errors are called: with the perceptron rule they are wrong answers."""
    return "label.error_wrong" if course.perceptron else "label.error"


def check_line(check: Checked, words: Catalogue, label: str) -> str:
    parts = [words("label.epoch", number=check.epoch), f"{words(label)} {number(check.error)}"]
    parts += [f"{words('label.unseen')} {number(check.unseen)}"] if check.unseen is not None else []
    return " · ".join(parts)


def number(value: float) -> str:
    """A mean error, or a number of wrong answers."""
    if not math.isfinite(value):
        return "∞"
    return given(value).text if value == int(value) and abs(value) < 1e9 else shown(value, 6).text


def report(course: Course, words: Catalogue) -> Iterator[Block]:
    """What came of it: why it ended, the curve, the table, the regions."""
    engine = course.engine
    yield Paragraph((ending(course, words),))
    right = accuracy(engine)
    if right is not None:
        yield Paragraph((words("train.right", right=right[0], count=right[1]),))
    yield from titled(error_chart(words("title.picture.error_curve"), course.checks, words, error_label(course)))
    yield headed(("parameter", "before", "after"), changes(course), words)
    network = engine.setup.network
    flat = "a0" in network.by_key and network["a0"].shape == (2,) and "t" in network.by_key
    if flat and network.has_neurons:
        yield from titled(field(engine, words("title.picture.regions")))


def ending(course: Course, words: Catalogue) -> str:
    """Why the training ended, and what to try where it went wrong."""
    first, last = course.checks[0].error, course.checks[-1].error
    rate = course.engine.setup.rate or 0.0
    if course.end is End.DIVERGED:
        return words("train.diverged", before=number(first), after=number(course.worst), rate=given(rate).text,
                     better=given(float(f"{rate / 10:.1g}")).text)  # fmt: skip
    key = "grew" if course.end is End.DONE and last > first else course.end.value
    return words(f"train.{key}", epochs=course.engine.epoch, before=number(first), after=number(last))


def accuracy(engine: Engine) -> tuple[int, int] | None:
    """How many unseen samples are classified rightly, where there are classes and unseen samples."""
    unseen = unseen_arrays(engine.setup)
    if unseen is None or unseen["t"].shape[1] < 2:
        return None
    right = engine.answers(unseen["a0"]).argmax(axis=1) == unseen["t"].argmax(axis=1)
    return int(right.sum()), len(right)


def changes(course: Course) -> list[tuple[str, ...]]:
    """Parameters before and after; of many, the first ones and the last."""
    setup_, state = course.engine.setup, course.engine.state
    found: list[tuple[str, ...]] = []
    for key, values in setup_.parameters.items():
        quantity = setup_.network[key]
        for position, before in zip(quantity.grid, values, strict=True):
            if position in quantity.missing:
                continue
            name = setup_.names.text(quantity.element(position))
            found.append((name, given(before).text, number(float(state.values[key][position]))))
    if len(found) >= MOST_CHANGES:
        return [*found[: MOST_CHANGES - 1], ("…", f"({len(found)})", "…"), found[-1]]
    return found


def saved(engine: Engine) -> list[str]:
    """The lesson file with the trained weights."""
    import tomli_w  # only where it is saved

    state, old = engine.state, engine.setup
    parameters = {key: tuple(map(float, state.values[key].ravel())) for key in old.parameters}
    lesson = baked(replace(old, parameters=parameters))
    if old.lesson.data is None and "t" in old.network.by_key and old.network.has_neurons and not old.has_joint_samples:
        lesson = lesson.model_copy(update={"samples": list(map(baked_sample, old.samples[:1000]))})
    training = lesson.training.model_copy(update={"show": [], "look": []})
    lesson = lesson.model_copy(update={"training": training, "runs": [], "predictions": [], "claims": []})
    return tomli_w.dumps(lesson.model_dump(exclude_defaults=True, exclude_none=True)).splitlines()
