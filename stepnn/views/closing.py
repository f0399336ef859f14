"""The closing table of a lesson as rows of text, for any kind of page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepnn.notation.mathematics import COMMA, EQUALS, Nodes
from stepnn.notation.numbers import given, shown
from stepnn.views.cells import Cell, Maths, name_cell, number_cell
from stepnn.views.equations import Script
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Change, Trace, TracedRun

MOST_PARAMETERS_OF_RUN = 3
MOST_ROWS = 40  # parameters in the table; of more, the first ones and the last


@dataclass(frozen=True)
class Closing:
    """Everything that the last page says, as text ready to print: a table, the errors, the comparisons."""

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    error: tuple[str, Cell, Cell] | None
    compared: tuple[tuple[str, Cell], ...]


def closing(trace: Trace, words: Catalogue, script: Script) -> Closing:
    """The table of a lesson that learns: all parameters before and after; otherwise what the network answered."""
    compared = tuple((one.label.to(words.language), number(trace, one.error, script)) for one in trace.comparisons)
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
            before, after = (number_cell(given(value), script) for value in trace.errors)
        count = len(trace.setup.samples)
        total = (
            words("label.error_all", count=count) if label == "error_total" and count > 1 else words(f"label.{label}")
        )
        error = (total, before, after)
    return Closing(head, tuple(rows), error, compared)


def run_rows(trace: Trace, words: Catalogue, script: Script) -> tuple[tuple[Cell, ...], tuple[tuple[Cell, ...], ...]]:
    """The runs side by side: how many updates, the error before and after, and what each has come to."""
    if trace.lesson.update == "perceptron":
        return perceptron_rows(trace, words, script)
    few = 0 < max(len(run.changes) for run in trace.runs) <= MOST_PARAMETERS_OF_RUN
    head = ["run", "updates", "error_before", "error_after"]
    rows = []
    for run in trace.runs:
        label = run.setup.label
        row: list[Cell] = ["" if label is None else label.to(words.language), str(run.updates)]
        row += ["", ""] if run.errors is None else [number(trace, value, script) for value in run.errors]
        if few:
            row.append(after(run, trace, script))
        rows.append(tuple(row))
    last = [words("label.after")] if few else []
    return (*(words(f"label.{key}") for key in head), *last), tuple(rows)


def after(run: TracedRun, trace: Trace, script: Script) -> Cell:
    """The parameters of a run and what they have come to."""
    if script is not Script.TYPESET:
        return ", ".join(f"{change.name} = {number(trace, change.after, script)}" for change in run.changes)
    nodes: Nodes = ()
    for change in run.changes:
        value = shown(change.after, trace.policy.digits).typeset
        nodes += (*((COMMA,) if nodes else ()), *run.setup.names.typeset(change.ref), EQUALS, *value)
    return Maths(nodes)


def perceptron_rows(
    trace: Trace, words: Catalogue, script: Script
) -> tuple[tuple[Cell, ...], tuple[tuple[Cell, ...], ...]]:
    """Mistakes beside their bound, and the wrong answers before and after."""
    keys = ("run", "updates", "mistakes", "bound", "wrong_before", "wrong_after")
    rows = []
    for run in trace.runs:
        label = run.setup.label
        row: list[Cell] = ["" if label is None else label.to(words.language), str(run.updates)]
        row.append("" if run.mistakes is None else str(run.mistakes))
        row.append("" if run.bound is None else number_cell(shown(run.bound, 1), script))
        errors = run.errors if run.mistakes is not None else None
        rows.append((*row, *(["", ""] if errors is None else [number_cell(given(value), script) for value in errors])))
    return tuple(words(f"label.{key}") for key in keys), tuple(rows)


def change_row(trace: Trace, change: Change, words: Catalogue, script: Script) -> tuple[Cell, ...]:
    """Name, before, after, change; a frozen parameter says so."""
    name = name_cell(trace.setup.names, change.ref, script)
    before = number_cell(given(change.before), script)
    if not change.learned:
        return (name, before, before, words("label.frozen"))
    return (name, before, number(trace, change.after, script), number(trace, change.change, script))


def answers(trace: Trace, words: Catalogue, script: Script) -> tuple[tuple[Cell, ...], tuple[tuple[Cell, ...], ...]]:
    """What each output neuron answered, sample by sample."""
    rows = []
    layered = trace.setup.network.has_neurons
    label = answers_label(trace, words)
    head: tuple[Cell, ...] = (label,)
    for moment, outputs in trace.outputs():
        names = [name_cell(trace.setup.names, ref, script) for ref, _ in outputs]
        head = (label, *names)
        turn = words("label.sample", number=moment.sample) if layered else ""
        rows.append((turn, *(number(trace, value, script) for _, value in outputs)))
    return head, tuple(rows)


def answers_label(trace: Trace, words: Catalogue) -> str:
    """What is answered by neurons; what is calculated by formulas is called a result."""
    return words("label.answers" if trace.setup.network.has_neurons else "label.results")


def number(trace: Trace, value: float, script: Script) -> Cell:
    return number_cell(shown(value, trace.policy.digits), script)
