"""A sheet on as little paper as it takes: a blank beside each question, and room for all working at the end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from stepnn.page.blocks import Answers, Block, Heading, Room
from stepnn.page.written import Equal, Gap, Text
from stepnn.sheets.sheet import Exercise, Sheet
from stepnn.trace.sentences import phase_name, turn_name
from stepnn.words import Catalogue

COLUMNS = 3
WORKING = (Heading, Room)  # what stands at the end
ROOM = 16  # lines for working, at the end


def compact_exercises(sheet: Sheet, words: Catalogue) -> Iterator[Block]:
    """All exercises in columns, under a heading for each phase of a pass."""
    for _, found in groupby(sheet.exercises, lambda one: (one.step.pass_number, one.step.phase)):
        exercises = list(found)
        step = exercises[0].step
        yield Heading(2, (" · ".join([phase_name(step, words), *turn_name(step, words)]),))
        yield Answers(tuple((str(one.number), blank(sheet, one, words)) for one in exercises), COLUMNS)
    yield Heading(2, (words("sheet.working"),))
    yield Room(ROOM)


def blank(sheet: Sheet, exercise: Exercise, words: Catalogue) -> Text:
    """A name and a gap with its points; of a worked step its result, where that gives nothing away."""
    step = exercise.step
    assert step.ref is not None
    name = step.moment.names.of(step.ref)
    if exercise.answer is not None:
        return (Equal(name, Gap()), f" {words('sheet.points', points=exercise.answer.points)}")
    if step.id in sheet.unknown:
        return (Equal(name, Gap(small=True)),)
    return (Equal(name, sheet.assignment.policy.shown(step.value or 0.0)),)
