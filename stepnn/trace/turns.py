"""The turns of a walk: where its runs, epochs, samples and updates begin, and which of how many a step belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stepnn.trace.step import Kind, Moment, Phase, Step

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

TURNS = ("sample", "epoch", "update", "run")


def turn_of(step: Step, name: str) -> object:
    """What is the same for all steps of one turn. For an update it is None outside of them."""
    moment = step.moment
    if step.phase in (Phase.START, Phase.END) and not (name == "run" and step.kind is Kind.RUN):
        return step.phase
    if step.phase is Phase.TRAINING:
        return step.phase, moment.number
    if name == "update":
        return moment.number if step.phase is Phase.UPDATE else None
    return {"run": moment.run, "epoch": (moment.run, moment.epoch), "sample": moment.number}[name]


def starts(trace: Trace, name: str) -> Iterator[int]:
    """The places of the walk, from 0, at which a turn begins."""
    before: object = None
    for place, step in enumerate(trace.steps):
        found = turn_of(step, name)
        if found != before and found not in (None, Phase.START, Phase.END):
            yield place
        before = found


def counted(trace: Trace, step: Step) -> Iterator[tuple[str, int, int]]:
    """Which run, epoch, sample and update a step belongs to, and of how many: `("epoch", 2, 4)`."""
    moment, run = step.moment, trace.runs[step.moment.run - 1]
    if step.phase in (Phase.START, Phase.TRAINING, Phase.END):
        return
    if len(trace.runs) > 1:
        yield "run", moment.run, len(trace.runs)
    if moment.epoch:
        jumps = any(one.jump is not None for one in run.moments)
        last = moment.setup.lesson.training.epochs if jumps else max(one.epoch for one in run.moments)
        yield "epoch", moment.epoch, max(last, moment.epoch)
    if len(moment.setup.samples) > 1 and not moment.samples:
        yield "sample", moment.sample, len(moment.setup.samples)
    learned = [one for one in run.moments if one.has_learned]
    if moment.has_learned and len(learned) > 1:
        yield "update", place_of(moment, learned), len(learned)


def place_of(moment: Moment, among: list[Moment]) -> int:
    """The place of a moment, from 1."""
    return next(number for number, one in enumerate(among, 1) if one is moment)
