"""How much of what can be asked has a mistake with a name, one that some numbers show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from stepnn.errors import StepnnError
from stepnn.exercises.assignment import assigned
from stepnn.exercises.person import Numbers
from stepnn.exercises.plan import Exercises
from stepnn.exercises.variants import Variants
from stepnn.exercises.workings import Working, Workings
from stepnn.lessons.build import runs, setup
from stepnn.lessons.read import load_lesson
from stepnn.notation.digits import Digits
from stepnn.notation.formula import Ref
from stepnn.trace.trace import Trace
from tests.help import LESSONS

VARIANTS = 20
LEAST = 1_358  # steps that could be asked when the judge was begun
SIGN_ONLY = {"target_minus_output", "wrong_direction", "memory_sign", "exponent_sign"}  # another sign, nothing more
DIGITS = Digits()


@dataclass
class Covered:
    """The steps of one lesson, and by which rules some numbers show a mistake in them."""

    lesson: str
    part: int
    steps: dict[str, set[str]] = field(default_factory=dict)
    easy: set[str] = field(default_factory=set)  # whose value is 0, 1 or −1, or copied

    @property
    def covered(self) -> int:
        return sum(bool(names) for names in self.steps.values())

    @property
    def share(self) -> float:
        return self.covered / len(self.steps)


def covered(name: str) -> Covered:
    lesson = setup(load_lesson(name))
    found = Covered(name, lesson.lesson.part)
    for run in range(1, len(runs(lesson)) + 1):
        exercises = Exercises(lesson, assigned(lesson, run=run))
        workings, variants = Workings(exercises), Variants(exercises)
        for working in workings.asked:
            key = f"{run}.{working.id}"
            value = exercises.trace.moments[working.at].value(working.ref)
            found.steps[key] = set()
            if value in (0, 1, -1) or any(isinstance(form, Ref) for form in working.forms):
                found.easy.add(key)
        for trace in traces(exercises, variants):
            for working in workings.asked:
                found.steps[f"{run}.{working.id}"] |= shown_by(working, Numbers(workings, trace))
            if all(found.steps[f"{run}.{working.id}"] for working in workings.asked):
                break
    return found


def traces(exercises: Exercises, variants: Variants) -> list[Trace]:
    """The lesson's own numbers and so many others, as far as there are friendly ones."""
    found = [exercises.trace]
    for number in range(1, VARIANTS):
        try:
            found.append(next(variants.friendly(number))[1])
        except StepnnError:
            break
    return found


def shown_by(working: Working, numbers: Numbers) -> set[str]:
    """The mistakes in a step that the numbers show, but for those of sign alone."""
    right = numbers.true(working.at, working.ref)
    found: set[str] = set()
    for fault in working.mistakes:
        value = numbers.of(working.at, fault.formula)
        if value == value and abs(value - right) > 2 * DIGITS.unit(right):
            found |= set(fault.names)
    return found - SIGN_ONLY


@pytest.mark.long
def test_nearly_every_step_has_a_mistake_with_a_name() -> None:
    """At least nine steps of ten, three of four in each lesson of parts 1 to 5; and no rule is behind most of it."""
    lessons = [covered(name) for name in LESSONS]
    steps = sum(len(one.steps) for one in lessons)
    share = sum(one.covered for one in lessons) / steps
    rules = Counter(name for one in lessons for names in one.steps.values() for name in names)
    print(f"{steps} steps, {share:.1%} covered; {sum(len(one.easy) for one in lessons)} are 0, ±1 or copied")
    for one in lessons:
        print(f"{one.lesson:20} {len(one.steps):4} steps, {one.share:.0%}, easy {len(one.easy)}")
    for name, count in rules.most_common(12):
        print(f"{name:30} {count / steps:.1%}")
    assert steps >= LEAST and share >= 0.9
    assert all(one.share >= 0.75 for one in lessons if one.part <= 5)
    assert max(rules.values()) <= 0.2 * steps
