"""The pages of the walk that compute nothing new: what the way back is for, and whether it has found it.

Before the first backward step a weight is nudged, and its path to the error is shown. Before the error comes back to a
neuron along several edges, each share of it is shown alone. After the last gradient the nudge is a check. A lesson may
ask before a step what a reader expects of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from stepnn.calculus.ways import held_still
from stepnn.lessons.said import Prediction
from stepnn.trace.build import PassTree, kind_of, unfolds
from stepnn.trace.step import Kind, Phase, Step

MOST_PATHS = 4


def has_outlook(tree: PassTree) -> bool:
    """Whether a pass goes back from an error neuron by neuron, with every number that a page would speak of."""
    moment, weight = tree.moment, tree.showcase
    if moment.samples or moment.policy.rounded or moment.setup.lesson.walk or not moment.setup.network.has_neurons:
        return False
    if not (moment.goes_back and tree.whole and weight is not None and moment.network.total_error is not None):
        return False
    return not held_still(moment.network)  # a nudge moves that too


def with_outlook(tree: PassTree, walk: Iterable[Step]) -> Iterator[Step]:
    """The walk of a pass with the pages between its steps."""
    assert tree.showcase is not None
    weight = tree.element(tree.root, tree.showcase, tree.showcase.positions[0])
    back = shared = deep = checked = False
    for step in walk:
        if step.phase is Phase.BACKWARD and not back:
            back = True
            yield page(Kind.NUDGE, weight)
            yield from [page(Kind.PATH, weight)] if path(weight) else []
        if step.kind is Kind.ERROR_SLOPE and not shared and 1 < len(shares(step)) <= MOST_PATHS:
            shared = True
            yield page(Kind.PATHS, step)
        if step.kind is Kind.GRADIENT and step.layer == 1 < tree.network.layers and not deep:
            deep = True
            first = replace(step, in_full=True)
            yield from [page(Kind.PATH, first, 2)] if path(first) else []
        if step.phase is Phase.UPDATE and not checked:
            checked = True
            yield page(Kind.CHECK, weight)
        yield step
    if not checked:
        yield page(Kind.CHECK, weight)


def page(kind: Kind, about: Step, number: int = 1) -> Step:
    """A page about a step; `number` tells those of one kind apart."""
    label = kind.value if number == 1 else f"{kind.value}_{number}"
    return Step(Phase.BACKWARD, kind, about.moment, about.layer, label=label, about=about)


def path(weight: Step) -> list[Step]:
    """The links from a weight to the error, the first of them at the weight; none where they are no single path."""
    moment, links = weight.moment, weight.moment.forms.factors(weight)
    if not all(ref.name in moment.values for ref in links):
        return []
    found = []
    for ref in reversed(links):
        quantity = moment.network[ref.name]
        found.append(Step(Phase.BACKWARD, kind_of(moment.network, quantity), moment, quantity.layer, quantity, ref))
    return found


def shares(step: Step) -> tuple[Step, ...]:
    """What comes back to a neuron along each of its edges."""
    whole = step.quantity is not None and step.ref is not None and unfolds(step.parent or step)
    return tuple(child for child in step.children if child.kind is Kind.TERM) if whole else ()


def with_predictions(predictions: Iterable[Prediction], steps: list[Step]) -> list[Step]:
    """The walk with a question before each step that one is about, and behind it what came of it."""
    for number, asked in enumerate(predictions, 1):
        at = next((at for at, step in enumerate(steps) if asked.before in (step.symbol, step.id)), None)
        if at is None:
            continue
        step = steps[at]
        before, after = (
            Step(
                step.phase, kind, step.moment, step.layer, label=f"{kind.value}_{number}", about=step, prediction=asked
            )
            for kind in (Kind.PREDICT, Kind.PREDICTED)
        )
        steps[at : at + 1] = [before, step, after]
    return steps
