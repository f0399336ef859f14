"""The closing table of a lesson as rows of text, for any kind of page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepnn.notation.numbers import Decimal, given, shown
from stepnn.views.equations import Script, written
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Change, Trace, TracedRun

MOST_PARAMETERS_OF_RUN = 3
MOST_ROWS = 40  # parameters in the table; of more, the first ones and the last


@dataclass(frozen=True)
class Closing:
    """Everything that the last page says, as text ready to print: a table, the errors, the comparisons."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    error: tuple[str, str, str] | None
    compared: tuple[tuple[str, str], ...]


def closing(trace: Trace, words: Catalogue, script: Script) -> Closing:
    """The table of a lesson that learns: all parameters before and after; otherwise what the network answered."""
    compared = tuple(
        (str(getattr(one.label, words.language)), number(trace, one.error, script)) for one in trace.comparisons
    )
    if len(trace.runs) > 1:
        return Closing(*run_rows(trace, words, script), None, compared)
    if not trace.setup.learns:
        return Closing(*answers(trace, words, script), None, compared)
    head = tuple(words(f"label.{key}") for key in ("parameter", "before", "after", "change"))
    rows = [change_row(trace, change, words, script) for change in trace.changes]
    if len(rows) > MOST_ROWS:
        rows = [*rows[: MOST_ROWS // 2], ("…", f"… ({len(rows)}) …", "…", "…"), rows[-1]]
    label = "error_total" if trace.setup.network.total_error is not None else "error_wrong"
    error = None
    if trace.errors is not None:
        before, after = (number(trace, value, script) for value in trace.errors)
        if label == "error_wrong":
            before, after = (written(given(value), script) for value in trace.errors)
        count = len(trace.setup.samples)
        total = (
            words("label.error_all", count=count) if label == "error_total" and count > 1 else words(f"label.{label}")
        )
        error = (total, before, after)
    return Closing(head, tuple(rows), error, compared)


def run_rows(trace: Trace, words: Catalogue, script: Script) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The runs side by side: how many updates, the error before and after, and what each has come to."""
    if trace.lesson.update == "perceptron":
        return perceptron_rows(trace, words, script)
    few = max(len(run.changes) for run in trace.runs) <= MOST_PARAMETERS_OF_RUN
    head = ["run", "updates", "error_before", "error_after"]
    rows = []
    for run in trace.runs:
        label = run.setup.label
        row = [str(getattr(label, words.language)), str(run.updates)]
        row += ["", ""] if run.errors is None else [number(trace, value, script) for value in run.errors]
        if few:
            row.append(", ".join(after(run, change, trace, script) for change in run.changes))
        rows.append(tuple(row))
    last = [words("label.after")] if few else []
    return (*(words(f"label.{key}") for key in head), *last), tuple(rows)


def after(run: TracedRun, change: Change, trace: Trace, script: Script) -> str:
    """A parameter and what it has come to."""
    name = run.setup.names.latex(change.ref) if script is Script.LATEX else change.name
    return f"{name} = {number(trace, change.after, script)}"


def perceptron_rows(
    trace: Trace, words: Catalogue, script: Script
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Mistakes beside their bound, and the wrong answers before and after."""
    keys = ("run", "updates", "mistakes", "bound", "wrong_before", "wrong_after")
    rows = []
    for run in trace.runs:
        row = [str(getattr(run.setup.label, words.language)), str(run.updates)]
        row.append("" if run.mistakes is None else str(run.mistakes))
        row.append("" if run.bound is None else written(shown(run.bound, 1), script))
        errors = run.errors if run.mistakes is not None else None
        rows.append((*row, *(["", ""] if errors is None else [written(given(value), script) for value in errors])))
    return tuple(words(f"label.{key}") for key in keys), tuple(rows)


def change_row(trace: Trace, change: Change, words: Catalogue, script: Script) -> tuple[str, ...]:
    """Name, before, after, change; a frozen parameter says so."""
    name = trace.setup.names.latex(change.ref) if script is Script.LATEX else change.name
    before = written(given(change.before), script)
    if not change.learned:
        return (name, before, before, words("label.frozen"))
    return (name, before, number(trace, change.after, script), number(trace, change.change, script))


def answers(trace: Trace, words: Catalogue, script: Script) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """What each output neuron answered, sample by sample."""
    rows = []
    head: tuple[str, ...] = (words("label.answers"),)
    for moment, outputs in trace.outputs():
        names = [
            trace.setup.names.latex(ref) if script is Script.LATEX else trace.setup.names.text(ref)
            for ref, _ in outputs
        ]
        head = (words("label.answers"), *names)
        rows.append(
            (words("label.sample", number=moment.sample), *(number(trace, value, script) for _, value in outputs))
        )
    return head, tuple(rows)


def number(trace: Trace, value: float, script: Script) -> str:
    decimal: Decimal = shown(value, trace.policy.digits)
    return written(decimal, script)
