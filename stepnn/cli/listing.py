"""What becomes of every step of a lesson on a sheet: `stepnn sheet --list`, and what there was no room for."""

from __future__ import annotations

from collections.abc import Iterator

from stepnn.exercises.plan import Exercises, Fate
from stepnn.trace.sentences import title, turn_name
from stepnn.trace.step import Step
from stepnn.words import Catalogue

MOST_NAMED = 6
ON_PAGE = (Fate.ASKED, Fate.WORKED)


def listed(exercises: Exercises, words: Catalogue) -> Iterator[str]:
    """Every step, pass by pass."""
    before, number = 0, 0
    rows = list(exercises.fates())
    wide = max((len(name_of(step)) for step, _ in rows), default=0)
    kinds = max(len(fate_text(fate, words)) for fate in Fate)
    for step, fate in rows:
        if step.pass_number != before:
            yield from [""] if before else []
            yield " · ".join(turn_name(step, words))
        before = step.pass_number
        number += fate in ON_PAGE
        place = str(number) if fate in ON_PAGE else "–"
        points = words("sheet.points", points=exercises.worth(step)) if fate is Fate.ASKED else ""
        text = f"{fate_text(fate, words):<{kinds}}  {points:<5}"
        yield f"{place:>4}  {name_of(step):<{wide}}  {text} {title(step, words)}".rstrip()
    yield ""
    yield from summary(exercises, words)


def name_of(step: Step) -> str:
    assert step.ref is not None
    return step.moment.names.text(step.ref)


def fate_text(fate: Fate, words: Catalogue) -> str:
    return words(f"sheet.fate.{fate.value}")


def summary(exercises: Exercises, words: Catalogue) -> Iterator[str]:
    """How many steps are asked, for how many points, and what there was no room for."""
    fates = list(exercises.fates())
    points = sum(exercises.worth(step) for step, fate in fates if fate is Fate.ASKED)
    count = {fate: sum(one is fate for _, one in fates) for fate in Fate}
    yield words("sheet.list_asked", count=count[Fate.ASKED], points=points, worked=count[Fate.WORKED])
    yield from left_out(exercises, words)


def left_out(exercises: Exercises, words: Catalogue) -> Iterator[str]:
    """What there was no room for, and how to choose."""
    if exercises.too_many:
        chosen = {step.id for step in exercises.field}
        others = [step for step, fate in exercises.fates() if step.id not in chosen and fate is Fate.LEFT_OUT]
        passes = sorted({step.pass_number for step in others})
        shown = ", ".join(map(str, passes[:MOST_NAMED])) + (", …" if len(passes) > MOST_NAMED else "")
        yield words("sheet.left_out", count=exercises.too_many, room=exercises.most, passes=shown)
