"""Exercises the other way round: the result is given, and one of the numbers that lead to it is asked."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from stepnn.exercises.assignment import BLANKS
from stepnn.lessons.setup import Setup
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Ref
from stepnn.trace.step import Step

SUMS = (*BLANKS["z"], *BLANKS["values"])  # where a given number is added up with others


def unknowns(steps: Sequence[Step], number: int) -> list[tuple[Step, Ref]]:
    """Steps with a given number to be found from each, so that every equation has one unknown when its turn comes."""
    draw = random.Random(f"reverse/{number}")
    found: list[tuple[Step, Ref]] = []
    sums = [step for step in steps if step.kind in SUMS and step.pass_number == steps[0].pass_number]
    often = Counter(ref for step in sums for ref in step.used)
    seen: set[Ref] = set()
    for step in sums:
        used = step.used
        choices = [ref for ref in used if ref not in seen and is_given(step, ref) and is_linear(step, ref)]
        choices = [ref for ref in choices if often[ref] == 1] or choices  # so that no other equation has a gap too
        seen |= set(used)
        if choices:
            found.append((step, draw.choice(choices)))
    return found


def is_given(step: Step, ref: Ref) -> bool:
    """Whether a number was given, and may be asked: not a 0 or a 1, which are too easy to guess."""
    return step.moment.source(ref) is None and step.moment.value(ref) not in (0.0, 1.0)


def is_linear(step: Step, ref: Ref) -> bool:
    """Whether the result changes evenly with the number, and so much that its rounded form leaves only one number."""
    middle = step.moment.value(ref)
    least = 10.0 ** (decimals(step.moment.setup) - step.moment.policy.digits)

    def result(number: float) -> float:
        return float(evaluate(step.here[-1], lambda one: number if one == ref else step.moment.value(one)))

    low, at, high = result(middle - 1), result(middle), result(middle + 1)
    return abs(high - at) >= least and abs((high - at) - (at - low)) < 1e-9


def decimals(setup: Setup) -> int:
    """How many digits after the point a drawn number has at most."""
    return len(f"{setup.lesson.variants.step:f}".rstrip("0").partition(".")[2])
