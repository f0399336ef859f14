"""A trace: a lesson worked out, as a walk of steps that can be gone through and looked up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stepnn.errors import CalculationError, UsageError, visible
from stepnn.lessons.build import runs
from stepnn.lessons.schema import Lesson
from stepnn.lessons.setup import Setup
from stepnn.network.model import Quantity, Role
from stepnn.network.names import Names
from stepnn.notation.formula import Ref
from stepnn.running.course import bound
from stepnn.running.state import State, parameters
from stepnn.trace.again import again
from stepnn.trace.build import PassTree, phase_of, walk_through
from stepnn.trace.charts import Picture
from stepnn.trace.compare import Compared, compare
from stepnn.trace.moments import Moments
from stepnn.trace.outlook import has_outlook, with_outlook, with_predictions
from stepnn.trace.step import Kind, Moment, Phase, Policy, Step
from stepnn.words.told import told

OPENING_PICTURES = ("pixels",)  # what goes in; all others show what has come of it


@dataclass(frozen=True)
class Change:
    """One parameter before and after all updates. `learned` is whether the lesson trains it."""

    names: Names
    ref: Ref
    before: float
    after: float
    learned: bool

    @property
    def name(self) -> str:
        return self.names.text(self.ref)

    @property
    def symbol(self) -> str:
        return self.names.ascii(self.ref)

    @property
    def change(self) -> float:
        return self.after - self.before


class TracedRun:
    """One run of a lesson: its passes, and what it has changed."""

    def __init__(self, made: Moments, moments: list[Moment]) -> None:
        self.made = made
        self.engine = made.engine
        self.setup = made.setup
        self.moments = moments
        self.passes = tuple(PassTree(moment) for moment in moments)

    def prove(self) -> None:
        """Compare the derived gradients with differences, also those of a lesson that comes with stepnn."""
        moment = next((one for one in self.moments if one.goes_back and not one.samples), None)
        if moment is not None and self.engine.formulas.backward:
            self.engine.proven = False
            self.engine.prove(moment.values)

    @property
    def before(self) -> State:
        return State(parameters(self.setup))

    @property
    def after(self) -> State:
        return self.engine.state

    @cached_property
    def changes(self) -> list[Change]:
        """Every parameter before and after."""
        names, trained = self.setup.names, {quantity.key for quantity in self.setup.network.trained}
        found = []
        for quantity in self.setup.network.parameters:
            before, after = (state.values[quantity.key] for state in (self.before, self.after))
            for position in quantity.positions:
                ref = quantity.element(position)
                values = float(before[position]) + 0.0, float(after[position]) + 0.0
                found.append(Change(names, ref, *values, quantity.key in trained and position not in quantity.still))
        return found

    @cached_property
    def errors(self) -> tuple[float, float] | None:
        """The mean error per sample before and after; with the perceptron rule, the number of wrong answers.

        Raises CalculationError where it is infinite.
        """
        if self.engine.judged is None:
            return None
        before, after = (self.engine.error(state) for state in (self.before, self.after))
        if not math.isfinite(before + after):
            raise CalculationError(told("e_the_mean_over_all"))
        return before, after

    @property
    def updates(self) -> int:
        """How many updates were made, those of jumps included."""
        return self.engine.updates

    @property
    def mistakes(self) -> int | None:
        """How many wrong answers the perceptron rule has met; None with other rules."""
        if self.setup.lesson.update != "perceptron":
            return None
        return sum(bool(moment.values["e"].any()) for moment in self.moments if moment.has_learned)

    @cached_property
    def bound(self) -> float | None:
        """The most mistakes that the perceptron rule can make on these samples; None where no line separates them."""
        return None if self.mistakes is None else bound(self.engine)

    def outputs(self) -> list[tuple[Moment, list[tuple[Ref, float]]]]:
        """What each pass answered: the output activations, or the last value that is worked out."""
        answers = self.setup.network.with_role(Role.ACTIVATION) if self.setup.network.has_neurons else []
        output: Quantity = (answers or self.setup.network.computed)[-1]
        refs = [output.element(position) for position in output.positions]
        passes = [moment for moment in self.moments if not moment.samples]
        return [(moment, [(ref, moment.value(ref)) for ref in refs]) for moment in passes]


class Trace:
    """All steps of a lesson, from the given numbers to the closing table.

    Iterating gives the walk, in reading order. `trace["delta_o1"]` is the first step of that symbol,
    `trace["p2.E"]` the step of that id, `trace[13]` the step at that place of the walk, counted from 0.
    `epoch` and `sample` open one update of the whole training.
    """

    def __init__(
        self,
        lesson_setup: Setup,
        policy: Policy | None = None,
        updates: int | None = None,
        epoch: int | None = None,
        sample: int | None = None,
        like: Trace | None = None,
    ) -> None:
        """`like` is a trace of the same lesson with other numbers, so that nothing is derived again."""
        setups = runs(lesson_setup)
        self.setup = lesson_setup if len(setups) > 1 else setups[0]
        self.lesson: Lesson = self.setup.lesson
        self.policy = policy or Policy(self.lesson.digits)
        self.runs: list[TracedRun] = []
        self.drawn: dict[tuple[str, str], Picture] = {}  # pictures that were made already, by step and language
        first, ended = 1, dict[str, Any]()
        for number, setup in enumerate(setups, 1):
            ended = ended if setup.continues else {}
            setup = setup.after(ended) if ended else setup
            own = like.runs[number - 1].made.with_numbers(setup) if like else Moments(setup, self.policy, first, number)
            moments = own.run(updates, epoch, sample)
            self.runs.append(TracedRun(own, moments))
            ended |= {**moments[-1].values, **self.runs[-1].after.values}  # what this run is without stays as it was
            first += len(moments)
        self.like = like
        self.again = again(like.moments, self.moments) if like else None

    def with_numbers(self, setup: Setup, updates: int | None = None, sample: int | None = None) -> Trace:
        """The same lesson, of one run, with other given numbers."""
        return Trace(setup, self.policy, updates, sample=sample, like=self)

    @property
    def moments(self) -> list[Moment]:
        return [moment for run in self.runs for moment in run.moments]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The walk: the given numbers, the steps of every pass, the pictures, the closing table and question."""
        return tuple(step for step in self.every_step if self.stops_at(step))

    @cached_property
    def every_step(self) -> tuple[Step, ...]:
        """The walk as it is where the lesson leaves nothing out."""
        first, last = self.moments[0], self.moments[-1]
        found = [Step(Phase.START, Kind.GIVEN, first, label="given")]
        found += [Step(Phase.START, Kind.LETTERS, first, label="letters")] if self.setup.network.has_neurons else []
        found += [self.picture(Phase.START, first, name) for name in self.lesson.pictures if name in OPENING_PICTURES]
        found += self.derivations()
        told = next((tree for run in self.runs for tree in run.passes if has_outlook(tree)), None)
        for number, run in enumerate(self.runs, 1):
            if len(self.runs) > 1:
                found.append(Step(Phase.START, Kind.RUN, run.moments[0], label=f"run_{number}"))
            for tree in run.passes:
                if tree.moment.jump is not None:
                    label = f"training_{tree.moment.jump.first}"
                    found.append(Step(Phase.TRAINING, Kind.TRAINING, tree.moment, label=label))
                walk = walk_through(tree)
                found.extend(with_outlook(tree, walk) if tree is told else walk)
        found += [self.picture(Phase.END, last, name) for name in self.lesson.pictures if name not in OPENING_PICTURES]
        closing = (Kind.SUMMARY, Kind.COST, Kind.QUESTION, Kind.ANSWER)
        found += [Step(Phase.END, kind, last, label=kind.value) for kind in closing]
        return tuple(with_predictions(self.lesson.predictions, found))

    @cached_property
    def computed(self) -> tuple[Step, ...]:
        """The steps of the walk that work something out."""
        trees = (tree for run in self.runs for tree in run.passes)
        found = (step for tree in trees for step in walk_through(tree))
        return tuple(step for step in found if step.quantity is not None and self.stops_at(step))

    def picture(self, phase: Phase, moment: Moment, name: str) -> Step:
        return Step(phase, Kind.PICTURE, moment, label=f"picture_{name.replace(' ', '_')}", picture=name)

    def stops_at(self, step: Step) -> bool:
        """Whether the walk stops at a step: at every one, or at the kinds that the lesson names."""
        inside = step.quantity is not None and step.kind is not Kind.DERIVATION
        return not self.lesson.walk or not inside or step.kind.value in self.lesson.walk

    def derivations(self) -> list[Step]:
        """Where each formula of the backward pass comes from, as steps, if the lesson asks for it."""
        if not self.lesson.derive:
            return []
        moment = next((moment for moment in self.moments if moment.goes_back), None)
        if moment is None:
            return []
        found = []
        for quantity in moment.network.computed:
            if phase_of(quantity) in (Phase.BACKWARD, Phase.UPDATE) and quantity.role is not Role.LOCAL_SLOPE:
                label = f"derivation_{moment.names.ascii(quantity.general)}_{quantity.layer}"
                found.append(Step(Phase.START, Kind.DERIVATION, moment, quantity.layer, quantity, label=label))
        return found

    def elements(self) -> Iterator[Step]:
        """Every step that computes one number, those inside large quantities too."""
        for step in self.every_step:
            if step.kind is Kind.DERIVATION:
                continue
            if step.ref is not None:
                yield step
            else:
                yield from (child for child in step.children if child.ref is not None)

    def numbered(self) -> Iterator[tuple[int, Step, bool]]:
        """Every step but the first, with its number, and whether a new part begins with it: a phase or a pass."""
        before = None
        for number, step in enumerate(self.steps[1:], 2):
            part = (step.pass_number, step.phase)
            yield number, step, part != before and step.phase not in (Phase.END, Phase.START)
            before = part

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, key: str | int) -> Step:
        """A step by symbol, id or place. Raises KeyError with the symbol, or IndexError."""
        if isinstance(key, int):
            return self.steps[key]
        return self.by_symbol[key]

    @cached_property
    def by_symbol(self) -> dict[str, Step]:
        """The first step of every symbol, and every step by its id."""
        found: dict[str, Step] = {}
        for step in (self.steps[0], *self.elements(), self.steps[-1]):
            found.setdefault(step.symbol, step)
            found.setdefault(step.id, step)
        return found

    @cached_property
    def places(self) -> dict[str, int]:
        """The place in the walk of every step, by id."""
        return {step.id: place for place, step in enumerate(self.steps)}

    def place(self, wanted: str) -> int:
        """The place in the walk of a step number (from 1), a symbol or an id. Raises UsageError."""
        if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted[:9]) <= len(self.steps):
            return int(wanted) - 1
        for number, step in enumerate(self.steps):
            if wanted in (step.symbol, step.id):
                return number
        raise UsageError(
            told(
                "there_is_no_step_steps",
                wanted=visible(wanted),
                count=len(self.steps),
                names=", ".join(step.symbol for step in self.steps[1:5]),
            )
        )

    @property
    def inexact_from(self) -> int | None:
        """The update from which on numbers are float64, 1 if they always are; None where all are exact fractions."""
        found = [run.engine.inexact_from if run.engine.rational else 1 for run in self.runs]
        return min((update for update in found if update), default=None)

    @property
    def changes(self) -> list[Change]:
        """Every parameter before and after the first run."""
        return self.runs[0].changes

    @property
    def errors(self) -> tuple[float, float] | None:
        """The error before and after the first run."""
        return self.runs[0].errors

    @cached_property
    def comparisons(self) -> list[Compared]:
        """The same lesson calculated in other ways, as the lesson file asks."""
        return compare(self.setup, self.policy)

    def outputs(self) -> list[tuple[Moment, list[tuple[Ref, float]]]]:
        """What each pass answered."""
        return [answer for run in self.runs for answer in run.outputs()]
