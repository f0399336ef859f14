"""The steps of a lesson that a person can work out on paper, and which of them an assignment asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import groupby

from stepnn.errors import UsageError
from stepnn.exercises.assignment import BLANKS, SCHEME, Assignment, Mode, fingerprint
from stepnn.lessons.build import runs
from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Sum, walk
from stepnn.trace.step import Kind, Phase, Step
from stepnn.trace.trace import Trace
from stepnn.words.told import told

MOST_STEPS = 60  # on one sheet; a lesson that has more gives its first passes
MOST_TERMS = 12  # a longer sum is no work for a person: its value is given
MOST_ELEMENTS = 16  # of one quantity; of larger ones the values that are needed are given


class Exercises:
    """A lesson as exercises: one of its runs, and the steps that are asked or worked. Nothing is derived twice."""

    def __init__(self, lesson_setup: Setup, assignment: Assignment, most: int = MOST_STEPS) -> None:
        """Raises UsageError for an assignment of another lesson, or of this one as it was before. `most` is how many
        steps there is room for."""
        self.lesson_setup, self.most = lesson_setup, most
        if assignment.fingerprint != fingerprint(lesson_setup.lesson):
            raise UsageError(told("this_assignment_is_of_the", lesson=assignment.lesson))
        every = runs(lesson_setup)
        if assignment.run > len(every):
            raise UsageError(
                told("this_assignment_asks_for_run", run=assignment.run, lesson=assignment.lesson, count=len(every))
            )
        self.setup = every[assignment.run - 1]
        self.assignment, self.selection = assignment, assignment.selection
        self.trace = Trace(self.setup, assignment.policy, assignment.updates)
        self.steps = self.chosen(self.trace)
        self.check()

    def with_numbers(self, setup: Setup) -> Trace:
        """The same lesson with other given numbers."""
        return self.trace.with_numbers(setup, self.assignment.updates)

    def chosen(self, trace: Trace) -> list[Step]:
        """The steps of a trace that stand on a sheet."""
        return steps(trace, self.assignment.scheme, self.most)

    def check(self) -> None:
        """Refuse an assignment that leaves nothing to do. Raises UsageError."""
        if not self.steps:
            raise UsageError(told("this_lesson_has_no_step", most_terms=MOST_TERMS))
        here = [name for name, kinds in BLANKS.items() if any(step.kind in kinds for step in self.steps)]
        missing = sorted(self.selection.blanks - set(here)) if self.selection.blanks != frozenset(BLANKS) else []
        if missing:
            raise UsageError(
                told("blank_this_lesson_has_no", names=", ".join(missing), names2=", ".join(["all", *here]))
            )
        if self.selection.mode is Mode.FILL and not any(self.asks(place, s) for place, s in enumerate(self.steps)):
            raise UsageError(told("fade_nothing_is_left_to", fade=self.selection.fade, count=len(self.steps)))

    def asks(self, place: int, step: Step) -> bool:
        """Whether the step at that place of the sheet is left for the student."""
        kinds = {kind for name in self.selection.blanks for kind in BLANKS[name]}
        return place >= self.selection.fade and step.kind in kinds


def steps(trace: Trace, scheme: int = SCHEME, most: int = MOST_STEPS) -> list[Step]:
    """The steps on a sheet: one element each, passes that are whole, and no sum that is too long for a person."""
    found: list[Step] = []
    for _, of_pass in groupby(trace.steps, lambda step: step.pass_number):
        more = [one for step in of_pass for one in elements(step)]
        if scheme == 1:
            more.sort(key=layer_by_layer)
        if found and len(found) + len(more) > most:
            break
        found += more
    return found[:most]


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


def elements(step: Step) -> list[Step]:
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
