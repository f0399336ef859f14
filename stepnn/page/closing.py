"""The closing table of a lesson as rows of text, for any kind of page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepnn.notation.numbers import Decimal, given, shown
from stepnn.page.written import Cell, Equal, Several, Text
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Change, Trace, TracedRun

MOST_PARAMETERS_OF_RUN = 3
MOST_ROWS = 40  # parameters in the table; of more, the first ones and the last


@dataclass(frozen=True)
class Closing:
    """Everything that the last page says, as text ready to print: a table, the errors, the comparisons."""

    head: Text
    rows: tuple[Text, ...]
    error: tuple[str, Decimal, Decimal] | None
    compared: tuple[tuple[str, Decimal], ...]


def closing(trace: Trace, words: Catalogue) -> Closing:
    """The table of a lesson that learns: all parameters before and after; otherwise what the network answered."""
    compared = tuple((one.label.to(words.language), number(trace, one.error)) for one in trace.comparisons)
    if len(trace.runs) > 1:
        return Closing(*run_rows(trace, words), None, compared)
    if not trace.setup.learns:
        return Closing(*answers(trace, words), None, compared)
    head = tuple(words(f"label.{key}") for key in ("parameter", "before", "after", "change"))
    rows = [change_row(trace, change, words) for change in trace.changes]
    if len(rows) > MOST_ROWS:
        rows = [*rows[: MOST_ROWS // 2], ("…", f"… ({len(rows)}) …", "…", "…"), rows[-1]]
    label = "error_total" if trace.setup.network.total_error is not None else "error_wrong"
    error = None
    if trace.errors is not None:
        before, after = (number(trace, value) for value in trace.errors)
        if label == "error_wrong":
            before, after = (given(value) for value in trace.errors)
        count = len(trace.setup.samples)
        total = (
            words("label.error_all", count=count) if label == "error_total" and count > 1 else words(f"label.{label}")
        )
        error = (total, before, after)
    return Closing(head, tuple(rows), error, compared)


def run_rows(trace: Trace, words: Catalogue) -> tuple[Text, tuple[Text, ...]]:
    """The runs side by side: how many updates, the error before and after, and what each has come to."""
    if trace.lesson.update == "perceptron":
        return perceptron_rows(trace, words)
    few = 0 < max(len(run.changes) for run in trace.runs) <= MOST_PARAMETERS_OF_RUN
    head = ["run", "updates", "error_before", "error_after"]
    rows = []
    for run in trace.runs:
        label = run.setup.label
        row: list[Cell] = ["" if label is None else label.to(words.language), str(run.updates)]
        row += ["", ""] if run.errors is None else [number(trace, value) for value in run.errors]
        if few:
            row.append(after(run, trace))
        rows.append(tuple(row))
    last = [words("label.after")] if few else []
    return (*(words(f"label.{key}") for key in head), *last), tuple(rows)


def after(run: TracedRun, trace: Trace) -> Cell:
    """The parameters of a run and what they have come to."""
    return Several(tuple(Equal(run.setup.names.of(one.ref), number(trace, one.after)) for one in run.changes))


def perceptron_rows(trace: Trace, words: Catalogue) -> tuple[Text, tuple[Text, ...]]:
    """Mistakes beside their bound, and the wrong answers before and after."""
    keys = ("run", "updates", "mistakes", "bound", "wrong_before", "wrong_after")
    rows: list[Text] = []
    for run in trace.runs:
        label = run.setup.label
        row: list[Cell] = ["" if label is None else label.to(words.language), str(run.updates)]
        row.append("" if run.mistakes is None else str(run.mistakes))
        row.append("" if run.bound is None else shown(run.bound, 1))
        errors = run.errors if run.mistakes is not None else None
        row += ["", ""] if errors is None else [given(value) for value in errors]
        rows.append(tuple(row))
    return tuple(words(f"label.{key}") for key in keys), tuple(rows)


def change_row(trace: Trace, change: Change, words: Catalogue) -> Text:
    """Name, before, after, change; a frozen parameter says so."""
    name = trace.setup.names.of(change.ref)
    before = given(change.before)
    if not change.learned:
        return (name, before, before, words("label.frozen"))
    return (name, before, number(trace, change.after), number(trace, change.change))


def answers(trace: Trace, words: Catalogue) -> tuple[Text, tuple[Text, ...]]:
    """What each output neuron answered, sample by sample."""
    rows: list[Text] = []
    layered = trace.setup.network.has_neurons
    label = answers_label(trace, words)
    head: Text = (label,)
    for moment, outputs in trace.outputs():
        names = [trace.setup.names.of(ref) for ref, _ in outputs]
        head = (label, *names)
        turn = words("label.sample", number=moment.sample) if layered else ""
        rows.append((turn, *(number(trace, value) for _, value in outputs)))
    return head, tuple(rows)


def answers_label(trace: Trace, words: Catalogue) -> str:
    """What is answered by neurons; what is calculated by formulas is called a result."""
    return words("label.answers" if trace.setup.network.has_neurons else "label.results")


def number(trace: Trace, value: float) -> Decimal:
    return shown(value, trace.policy.digits)
