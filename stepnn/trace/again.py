"""The steps of a walk with other numbers in them. Where two traces of a lesson take the same steps, those of the second
are made from those of the first: a class has hundreds of variants, and one walk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from stepnn.trace.step import Moment, Step


class Again:
    """Makes the steps of one trace from those of another that takes the same ones, each once."""

    def __init__(self, moments: dict[Moment, Moment]) -> None:
        """`moments` has those of the second trace, by those of the first."""
        self.moments = moments
        self.made: dict[Step, Step] = {}

    def step(self, of: Step) -> Step:
        """The same step with the numbers of the second trace."""
        if of not in self.made:
            parent = self.step(of.parent) if of.parent is not None else None
            about = self.step(of.about) if of.about is not None else None
            moment, children = self.moments[of.moment], self.children(of)
            self.made[of] = replace(of, moment=moment, parent=parent, about=about, make_children=children)
        return self.made[of]

    def children(self, of: Step) -> Callable[[Step], tuple[Step, ...]]:
        return lambda step: tuple(map(self.step, of.children))


def again(first: Sequence[Moment], second: Sequence[Moment]) -> Again | None:
    """What makes the steps of the second walk from those of the first; None where they take different ones."""
    if len(first) != len(second) or not all(map(takes_the_same_steps, first, second)):
        return None
    return Again(dict(zip(first, second, strict=True)))


def takes_the_same_steps(one: Moment, other: Moment) -> bool:
    """Whether the same is worked out in two moments, in the same pass: then their steps differ in numbers only."""
    return one.forms is other.forms and one.values.keys() == other.values.keys() and place(one) == place(other)


def place(moment: Moment) -> tuple[object, ...]:
    """Where a moment stands in its walk, and what is given there."""
    return (
        moment.number, moment.sample, moment.samples, moment.passes, moment.made_in, moment.run, moment.epoch,
        moment.given, moment.jump is None,
    )  # fmt: skip
