"""The steps of a lesson that a person can work out on paper, and what an assignment does with each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from typing import Any

from stepnn.errors import UsageError, visible
from stepnn.exercises.assignment import (
    BLANKS,
    CHECKPOINTS,
    HIDDEN,
    OUTPUT,
    Assignment,
    Mode,
    Selection,
    fingerprint,
)
from stepnn.exercises.field import MOST_TERMS, doable_of, in_the_field
from stepnn.exercises.naming import called, checkpoints, operations
from stepnn.exercises.origins import Origins
from stepnn.lessons.build import runs
from stepnn.lessons.regularization import PENALTY_LINES
from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Ref, refs
from stepnn.trace.again import Again
from stepnn.trace.step import Moment, Step
from stepnn.trace.trace import Trace
from stepnn.words.told import told

FEW_NAMES = 6
MOST_FOR_A_PENALTY = 10  # points: its squares are many, and all alike


class Fate(Enum):
    """What becomes of a step."""

    ASKED = "asked"
    WORKED = "worked"  # it is shown with its result
    ON_THE_WAY = "on_the_way"  # the student works it out, and is not asked for it
    GIVEN = "given"  # only its value is shown, because something needs it
    LEFT_OUT = "left_out"


class Exercises:
    """A lesson as exercises: one of its runs, and the steps that are asked or worked. Nothing is derived twice."""

    def __init__(
        self, lesson_setup: Setup, assignment: Assignment, most: int | None = None, trace: Trace | None = None
    ) -> None:
        """Raises UsageError for an assignment of another lesson, or of this one as it was before. `most` is how many
        steps there is room for, where that is not for the assignment to say; `trace` is that of the lesson, where
        somebody has it: then nothing is derived again."""
        self.lesson_setup, self.most = lesson_setup, most or assignment.room
        if assignment.fingerprint != fingerprint(lesson_setup.lesson):
            raise UsageError(told("this_assignment_is_of_the", lesson=assignment.lesson))
        every = runs(lesson_setup)
        if assignment.run > len(every):
            raise UsageError(
                told("this_assignment_asks_for_run", run=assignment.run, lesson=assignment.lesson, count=len(every))
            )
        self.assignment, self.selection = assignment, assignment.selection
        self.worths: dict[str, int] = {}  # by the id of a step
        self.common: dict[object, Any] = {}  # what is the same on all sheets, kept by those who make it
        self.last: tuple[Trace, list[Step]] | None = None  # what was chosen of the trace that was asked for last
        self.setup = beginning_with(every[assignment.run - 1], assignment.sample)
        self.trace = trace or Trace(self.setup, assignment.policy, assignment.updates, sample=self.looked_at)
        self.field, self.too_many = in_the_field(self.trace, assignment, self.most)
        self.check_names()
        self.asked_only = self.only_asked()
        self.steps = self.chosen(self.trace)
        self.check()

    @property
    def looked_at(self) -> int | None:
        """The sample that goes forward in a lesson that only goes forward; None for all that the lesson has."""
        return self.assignment.sample or None if not self.setup.learns else None

    def with_numbers(self, setup: Setup) -> Trace:
        """The same lesson with other given numbers."""
        return self.trace.with_numbers(setup, self.assignment.updates, self.looked_at)

    def chosen(self, trace: Trace) -> list[Step]:
        """The steps of a trace that stand on a sheet, in the order in which they stand there."""
        if (again := self.again(trace)) is not None:
            return list(map(again.step, self.steps))
        if self.last is None or self.last[0] is not trace:
            steps = in_the_field(trace, self.assignment, self.most)[0]
            chosen = [step for step in steps if step.id in self.asked_only] if self.selection.ask else steps
            self.last = trace, chosen
        return self.last[1]

    def answered(self, trace: Trace) -> list[tuple[Step, Moment]]:
        """The steps on a sheet, each with the moment in which its number stands: those of the lesson itself where the
        trace takes the same ones, so that of many numbers that are tried none needs steps of its own."""
        if (again := self.again(trace)) is not None:
            return [(step, again.moments[step.moment]) for step in self.steps]
        return [(step, step.moment) for step in self.chosen(trace)]

    def again(self, trace: Trace) -> Again | None:
        """What makes the steps of a trace from those of the lesson; None where it takes others."""
        return trace.again if trace.like is self.trace else None

    def only_asked(self) -> frozenset[str]:
        """The ids of the steps that are asked while nothing else is shown."""
        wanted = set(self.selection.ask)
        found = frozenset(step.id for step in self.field if not wanted.isdisjoint(called(step)))
        return found | checkpoints(self.field) if CHECKPOINTS in wanted else found

    def asks(self, place: int, step: Step) -> bool:
        """Whether the step at that place of the sheet is left for the student."""
        if self.selection.ask:
            return True
        first, last = (
            (0, len(self.steps) - self.selection.fade) if self.selection.from_end else (self.selection.fade, None)
        )
        kinds = {kind for name in self.selection.blanks for kind in BLANKS[name]}
        return place >= first and (last is None or place < last) and step.kind in kinds

    def worth(self, step: Step) -> int:
        """How many points a step gives: those of its name, else those of its kind, else of all, else its operations."""
        if step.id not in self.worths:
            self.worths[step.id] = self.points_of(step)
        return self.worths[step.id]

    def points_of(self, step: Step) -> int:
        points = self.assignment.points
        if isinstance(points, int):
            return points
        name = next((name for name in (*called(step), "all") if name in points), None)
        if name is not None:
            return points[name]
        penalty = step.quantity is not None and step.quantity.line in PENALTY_LINES
        return max(min(operations(step), MOST_FOR_A_PENALTY if penalty else operations(step)), 1)

    @cached_property
    def origins(self) -> Origins:
        return Origins(self.trace)

    @cached_property
    def asked(self) -> frozenset[str]:
        """The ids of the steps that are left for the student."""
        return frozenset(step.id for place, step in enumerate(self.steps) if self.asks(place, step))

    @cached_property
    def shown(self) -> list[Step]:
        """The steps that stand on a page: what is worked after the last question is of no use."""
        if self.selection.mode is not Mode.FILL or self.selection.from_end:
            return self.steps
        last = max((place for place, step in enumerate(self.steps) if step.id in self.asked), default=-1)
        return self.steps[: last + 1]

    @cached_property
    def way(self) -> Way:
        return Way(self)

    @property
    def on_the_way(self) -> Collection[str]:
        """The ids of the numbers that a student works out without being asked for them."""
        return self.way.worked_out

    @property
    def given(self) -> Collection[str]:
        """The ids of the numbers that the steps need and that are told: no step works them out, and nobody could."""
        return self.way.given

    @cached_property
    def reads(self) -> list[tuple[int, Ref]]:
        """Every element that is read on the way from the first step to the last one, and the place of its moment."""
        names = dict.fromkeys([*(step.id for step in self.shown), *self.on_the_way])
        places = (
            (at, self.origins.moments[at].network.definition(ref))
            for at, ref in map(self.origins.elements.__getitem__, names)
        )
        return list(dict.fromkeys((at, ref) for at, formula in places for ref in refs(formula)))

    def fates(self) -> Iterator[tuple[Step, Fate]]:
        """Every step of the lesson that a person could work out, and what becomes of it."""
        places = {step.id: place for place, step in enumerate(self.shown)}
        for step in doable_of(self.trace):
            if step.id in places:
                yield step, Fate.ASKED if self.asks(places[step.id], step) else Fate.WORKED
            elif step.id in self.on_the_way:
                yield step, Fate.ON_THE_WAY
            else:
                yield step, Fate.GIVEN if step.id in self.given else Fate.LEFT_OUT

    def check_names(self) -> None:
        """Refuse names that no step has. Raises UsageError, which tells all of them."""
        selection, points = self.selection, self.assignment.points
        every = [*doable_of(self.trace)]
        known = {name for step in every for name in called(step)} | set(BLANKS)
        wanted = [*selection.steps, *selection.ask, *(points if isinstance(points, dict) else ())]
        unknown = [name for name in wanted if name not in known | {CHECKPOINTS, "all"}]
        if unknown:
            kinds = [*BLANKS, CHECKPOINTS]
            close = [
                one for name in unknown for names in (kinds, sorted(known)) for one in get_close_matches(name, names, 2)
            ]
            some = close or [step.symbol for step in every[:FEW_NAMES]]
            shown = ", ".join(map(visible, unknown))
            raise UsageError(told("steps_there_is_no_such", names=shown, known=", ".join(dict.fromkeys(some))))
        layers = {str(step.layer) for step in every} | {OUTPUT, HIDDEN}
        passes = {step.pass_number for step in every}
        if strange := [visible(name) for name in selection.layers if name not in layers]:
            raise UsageError(told("layers_there_is_no_such", names=", ".join(strange), known=", ".join(sorted(layers))))
        if missing := [str(number) for number in selection.passes if number not in passes]:
            raise UsageError(told("passes_there_is_no_such", names=", ".join(missing), count=max(passes, default=0)))

    def check(self) -> None:
        """Refuse an assignment that leaves nothing to do. Raises UsageError."""
        if not self.steps:
            raise UsageError(
                told("steps_none_left")
                if chooses(self.selection)
                else told("this_lesson_has_no_step", most_terms=MOST_TERMS)
            )
        here = [name for name, kinds in BLANKS.items() if any(step.kind in kinds for step in self.steps)]
        missing = sorted(self.selection.blanks - set(here)) if self.selection.blanks != frozenset(BLANKS) else []
        if missing:
            raise UsageError(
                told("blank_this_lesson_has_no", names=", ".join(missing), names2=", ".join(["all", *here]))
            )
        if self.selection.mode is Mode.FILL and not self.asked:
            raise UsageError(told("fade_nothing_is_left_to", fade=self.selection.fade, count=len(self.steps)))


class Way:
    """What the steps of an assignment need that does not stand among them: what is worked out on the way, and what is
    given.

    A number that an answer leads to is never given, or it would give that answer away; one that is no work for a person
    is, but where it hangs on a single answer.
    """

    def __init__(self, exercises: Exercises) -> None:
        self.asked, self.uses = exercises.asked, exercises.origins.uses
        self.hanging: dict[str, bool] = {}
        self.worked_out: dict[str, None] = {}
        self.given: dict[str, None] = {}
        shown, doable = {step.id for step in exercises.shown}, {one.id for one in doable_of(exercises.trace)}
        field = {step.id for step in exercises.field} if exercises.selection.ask else set()
        waiting = [name for step in exercises.shown for name in self.uses(step.id)]
        while waiting:
            name = waiting.pop(0)
            if name in shown or name in self.worked_out or name in self.given:
                continue
            answers = sum(map(self.hangs_on_answers, self.uses(name)))
            if name in field or answers == 1 or (answers and name in doable):
                self.worked_out[name] = None
                waiting += self.uses(name)
            else:
                self.given[name] = None

    def hangs_on_answers(self, name: str) -> bool:
        """Whether an answer leads to a number, or it is one."""
        if name not in self.hanging:
            self.hanging[name] = False  # what needs itself is looked at once
            self.hanging[name] = name in self.asked or any(map(self.hangs_on_answers, self.uses(name)))
        return self.hanging[name]

    @property
    def unknown(self) -> set[str]:
        """The ids of what a reader of the page cannot know: the answers, and what they lead to on the way."""
        return set(self.asked) | {name for name in self.worked_out if self.hangs_on_answers(name)}


def chooses(selection: Selection) -> bool:
    """Whether somebody has chosen which steps there are."""
    return bool(selection.passes or selection.layers or selection.steps or selection.ask)


def beginning_with(setup: Setup, sample: int) -> Setup:
    """The setup with a sample that is learned from first; the others follow in the order of the first epoch."""
    if not sample or not setup.learns:
        return setup
    order = [number + 1 for batch in setup.batches(1) for number in batch]
    if sample not in order:
        raise UsageError(told("sample_is_not_learned_from", sample=sample, epoch=1))
    place = order.index(sample) // setup.batch * setup.batch  # a batch stays together
    training = setup.lesson.training.model_copy(update={"shuffle": False})  # the order is told
    lesson = setup.lesson.model_copy(update={"learn_from": [*order[place:], *order[:place]], "training": training})
    return replace(setup, lesson=lesson)
