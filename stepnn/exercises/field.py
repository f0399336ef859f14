"""Which steps of a trace a person can work out on paper, and which of them an assignment is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from stepnn.exercises.assignment import HIDDEN, OUTPUT, Assignment, Selection
from stepnn.exercises.naming import called
from stepnn.notation.formula import Sum, walk
from stepnn.trace.step import Kind, Phase, Step
from stepnn.trace.trace import Trace

MOST_TERMS = 12  # a longer sum is no work for a person: its value is given
MOST_ELEMENTS = 16  # of one quantity; of larger ones the values that are needed are given


def in_the_field(trace: Trace, assignment: Assignment, most: int) -> tuple[list[Step], int]:
    """The steps that an assignment is about: one element each, passes that are whole, and no sum that is too long for a
    person. And how many more there would be, had there been room."""
    found: list[Step] = []
    left = 0
    selection, last = assignment.selection, max((step.layer for step in trace.computed), default=0)
    for _, of_pass in groupby(doable_of(trace), lambda step: step.pass_number):
        more = [step for step in of_pass if is_chosen(step, selection, last)]
        if assignment.scheme == 1:
            more.sort(key=layer_by_layer)
        if left or (found and len(found) + len(more) > most):
            left += len(more)
            continue
        found += more
    return found[:most], left + len(found[most:])


def is_chosen(step: Step, selection: Selection, last: int) -> bool:
    """Whether a step is one of those that a selection is about. `last` is the number of the last layer."""
    if selection.passes and step.pass_number not in selection.passes:
        return False
    layers = {str(step.layer), OUTPUT if step.layer == last else HIDDEN}
    if selection.layers and not layers & set(selection.layers):
        return False
    return not selection.steps or not set(selection.steps).isdisjoint(called(step))


def doable_of(trace: Trace) -> Iterator[Step]:
    """Every step of a trace that is one element, and that a person can work out."""
    for step in trace.computed:
        yield from elements(step)


def withheld(steps: Iterable[Step], asked: Collection[str]) -> set[str]:
    """The ids of the steps whose results may not be shown where some are asked.

    A worked step with one unknown number in it would give that number away: w_new tells the gradient, and a·(1 − a)
    the activation. So its result is unknown, too.
    """
    unknown = set(asked)
    for step in steps:
        inside = [source for source in step.uses if source in unknown]
        if len(inside) == 1:
            unknown.add(step.id)
    return unknown


def layer_by_layer(step: Step) -> tuple[int, int, bool]:
    """The order of scheme 1: on the way back the updates of a layer right behind its gradients."""
    if step.phase in (Phase.FORWARD, Phase.LOSS):
        return 0, 0, False
    if step.layer == 0:
        return 1, 0, False
    return 2, -step.layer, step.phase is Phase.UPDATE


def elements(step: Step) -> Sequence[Step]:
    """The step, or what is inside an overview of something small, where a person can work it out."""
    if step.kind is Kind.DERIVATION or step.quantity is None:
        return []
    whole = [step] if step.ref is not None else list(step.children) if step.quantity.count <= MOST_ELEMENTS else []
    return [one for one in whole if one.ref is not None and is_doable(one)]


def is_doable(step: Step) -> bool:
    """Whether it is no long sum."""
    assert step.quantity is not None and step.quantity.formula is not None
    sums = [part.size for part in walk(step.quantity.formula) if isinstance(part, Sum)]
    return max(sums, default=0) <= MOST_TERMS
