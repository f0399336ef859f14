"""A trace: a lesson worked out, as a walk of steps that can be gone through and looked up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stepnn.errors import UsageError, visible
from stepnn.lessons.schema import Lesson
from stepnn.lessons.setup import Setup
from stepnn.model import Quantity, Role
from stepnn.notation.formula import Ref
from stepnn.trace.build import PassTree, walk_through
from stepnn.trace.calculation import Calculation
from stepnn.trace.compare import Compared, compare
from stepnn.trace.step import Kind, Moment, Phase, Policy, Step


@dataclass(frozen=True)
class Change:
    """One parameter before and after all updates. `learned` is whether the lesson trains it."""

    name: str
    symbol: str
    ref: Ref
    before: float
    after: float
    learned: bool

    @property
    def change(self) -> float:
        return self.after - self.before


class Trace:
    """All steps of a lesson, from the given numbers to the closing table.

    Iterating gives the walk, in reading order. `trace["delta_o1"]` is the first step of that symbol,
    `trace["p2.E"]` the step of that id, `trace[13]` the step at that place of the walk, counted from 0.
    """

    def __init__(self, lesson_setup: Setup, policy: Policy | None = None, updates: int | None = None) -> None:
        self.setup = lesson_setup
        self.lesson: Lesson = lesson_setup.lesson
        self.policy = policy or Policy(self.lesson.digits)
        self.calculation = Calculation(lesson_setup, self.policy)
        self.moments: list[Moment] = self.calculation.run(self.lesson.updates if updates is None else updates)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The walk: the given numbers, every step of every pass, the closing table and question."""
        first, last = self.moments[0], self.moments[-1]
        found = [Step(Phase.START, Kind.GIVEN, first, label="given")]
        for tree in self.passes:
            found.extend(walk_through(tree))
        closing = (Kind.SUMMARY, Kind.QUESTION, Kind.ANSWER)
        return (*found, *(Step(Phase.END, kind, last, label=kind.value) for kind in closing))

    @cached_property
    def passes(self) -> tuple[PassTree, ...]:
        return tuple(PassTree(moment) for moment in self.moments)

    def elements(self) -> Iterator[Step]:
        """Every step that computes one number, those inside large quantities too."""
        for step in self.steps:
            if step.ref is not None:
                yield step
            else:
                yield from (child for child in step.children if child.ref is not None)

    def numbered(self) -> Iterator[tuple[int, Step, bool]]:
        """Every step but the first, with its number, and whether a new part begins with it: a phase or a pass."""
        before = None
        for number, step in enumerate(self.steps[1:], 2):
            part = (step.pass_number, step.phase)
            yield number, step, part != before and step.phase is not Phase.END
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
            f"There is no step {visible(wanted)!r}. Steps are numbered from 1 to {len(self.steps)}; "
            f"names are such as {', '.join(step.symbol for step in self.steps[1:5])}."
        )

    @cached_property
    def changes(self) -> list[Change]:
        """Every parameter before and after."""
        names, trained = self.setup.names, {quantity.key for quantity in self.setup.network.trained}
        after = self.final_parameters()
        found = []
        for quantity in self.setup.network.parameters:
            before = self.calculation.parameters()[quantity.key]
            for position in quantity.positions:
                ref = quantity.element(position)
                values = float(before[position]), float(after[quantity.key][position])
                found.append(Change(names.text(ref), names.ascii(ref), ref, *values, quantity.key in trained))
        return found

    def final_parameters(self) -> dict[str, NDArray[np.float64]]:
        """The parameters after the last update."""
        values = self.moments[-1].values
        return {key: values.get(f"new/{key}", values[key]) for key in self.calculation.parameters()}

    @cached_property
    def errors(self) -> tuple[float, float] | None:
        """The total error over all samples before and after; for the perceptron rule, the wrong answers."""
        before = self.calculation.errors(self.calculation.parameters())
        after = self.calculation.errors(self.final_parameters())
        return None if before is None or after is None else (before, after)

    @cached_property
    def comparisons(self) -> list[Compared]:
        """The same lesson calculated in other ways, as the lesson file asks."""
        return compare(self.setup, self.policy)

    def outputs(self) -> list[tuple[Moment, list[tuple[Ref, float]]]]:
        """What each pass answered: the output activations."""
        output: Quantity = self.setup.network.with_role(Role.ACTIVATION)[-1]
        refs = [output.element(position) for position in output.positions]
        return [(moment, [(ref, moment.value(ref)) for ref in refs]) for moment in self.moments]
