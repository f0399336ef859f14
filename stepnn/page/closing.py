"""The last page of a lesson: what has changed, or what was answered; the errors; the comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stepnn.notation.numbers import Decimal, given, shown
from stepnn.page.asides import headed
from stepnn.page.blocks import Block, Bullets, Heading, Paragraph, Table
from stepnn.page.written import Cell, Equal, Several, Text
from stepnn.trace.sentences import why
from stepnn.trace.step import Step
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace, TracedRun

MOST_PARAMETERS_OF_RUN = 3
MOST_RESULTS = 8  # of a run in the table of all
MOST_ROWS = 40  # parameters in the table; of more, the first ones and the last


def closing(trace: Trace, step: Step, words: Catalogue) -> Iterator[Block]:
    """The table of a lesson that learns: all parameters before and after; otherwise what the network answered."""
    learns, alone = trace.setup.learns, len(trace.runs) == 1
    yield Heading(2, (words("title.summary") if learns else answers_label(trace, words),))
    yield from [Paragraph((why(step, words),))] if learns else []
    several = runs_table if learns or any(run.errors is not None for run in trace.runs) else results_of_runs
    yield several(trace, words) if not alone else changes(trace, words) if learns else answers(trace, words)
    if alone and learns and trace.errors is not None:
        squared, count = trace.setup.network.total_error is not None, len(trace.setup.samples)
        key = "error_all" if squared and count > 1 else "error_total" if squared else "error_wrong"
        before, after = (number(trace, value) if squared else given(value) for value in trace.errors)
        yield Paragraph((before, " → ", after), words(f"label.{key}", count=count))
    if trace.comparisons:
        yield Paragraph((f"{words('label.compared')}:",))
        pairs = ((number(trace, one.error), f"  {one.label.to(words.language)}") for one in trace.comparisons)
        yield Bullets(tuple(("", pair) for pair in pairs))


def changes(trace: Trace, words: Catalogue) -> Table:
    """Every parameter: name, before, after, change; a frozen one says so. Of many, the first ones and the last."""
    rows: list[Text] = []
    every = trace.changes
    many = len(every) > MOST_ROWS
    for change in [*every[: MOST_ROWS // 2], every[-1]] if many else every:
        name, before = trace.setup.names.of(change.ref), given(change.before)
        new = (number(trace, change.after), number(trace, change.change))
        rows.append((name, before, *(new if change.learned else (before, words("label.frozen")))))
    if many:
        rows.insert(-1, ("…", f"… ({len(every)}) …", "…", "…"))
    return headed(("parameter", "before", "after", "change"), rows, words)


def runs_table(trace: Trace, words: Catalogue) -> Table:
    """The runs side by side: how many updates, the error before and after, and what each has come to.

    With the perceptron rule, mistakes beside their bound, and the wrong answers before and after.
    """
    perceptron = trace.lesson.update == "perceptron"
    few = 0 < max(len(run.changes) for run in trace.runs) <= MOST_PARAMETERS_OF_RUN and not perceptron
    rows: list[Text] = []
    for run in trace.runs:
        label = run.setup.label
        row: list[Cell] = ["" if label is None else label.to(words.language), str(run.updates)]
        if perceptron:
            row.append("" if run.mistakes is None else str(run.mistakes))
            row.append("" if run.bound is None else shown(run.bound, 1))
        errors = run.errors if not perceptron or run.mistakes is not None else None
        row += ["", ""] if errors is None else [given(one) if perceptron else number(trace, one) for one in errors]
        row += [after(run, trace)] if few else []
        rows.append(tuple(row))
    if perceptron:
        return headed(("run", "updates", "mistakes", "bound", "wrong_before", "wrong_after"), rows, words)
    last = ("after",) if few else ()
    return headed(("run", "updates", "error_before", "error_after", *last), rows, words)


def results_of_runs(trace: Trace, words: Catalogue) -> Table:
    """What each run of a lesson without an error has come to."""
    rows: list[Text] = []
    for run in trace.runs:
        label, outputs = run.setup.label, run.outputs()[-1][1][:MOST_RESULTS]
        found = Several(tuple(Equal(run.setup.names.of(ref), number(trace, value)) for ref, value in outputs))
        rows.append(("" if label is None else label.to(words.language), found))
    return headed(("run", "results"), rows, words)


def after(run: TracedRun, trace: Trace) -> Cell:
    """The parameters of a run and what they have come to."""
    return Several(tuple(Equal(run.setup.names.of(one.ref), number(trace, one.after)) for one in run.changes))


def answers(trace: Trace, words: Catalogue) -> Table:
    """What each output neuron answered, sample by sample."""
    rows: list[Text] = []
    label = answers_label(trace, words)
    head: Text = (label,)
    for moment, outputs in trace.outputs():
        head = (label, *(trace.setup.names.of(ref) for ref, _ in outputs))
        turn = words("label.sample", number=moment.sample) if trace.setup.network.has_neurons else ""
        rows.append((turn, *(number(trace, value) for _, value in outputs)))
    return Table(head, tuple(rows))


def answers_label(trace: Trace, words: Catalogue) -> str:
    """What is answered by neurons; what is calculated by formulas is called a result."""
    return words("label.answers" if trace.setup.network.has_neurons else "label.results")


def number(trace: Trace, value: float) -> Decimal:
    return shown(value, trace.policy.digits)
