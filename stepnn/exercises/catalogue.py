"""The catalogue of mistakes: of every step, the wrong formulas that can be made of its own, and what each is called.

Two mistakes whose formulas always give the same number are twins: no number can tell which of them was made, so they
stand here as one fault with two names.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from stepnn.exercises.rules import backward, forward, losses, others, penalties, shares, updates, windows
from stepnn.exercises.situation import Situation
from stepnn.network.identity import What, is_a
from stepnn.network.model import Network, Role
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Formula, Ref
from stepnn.notation.indices import longest
from stepnn.trace.forms import Forms
from stepnn.trace.step import Moment, Step

Rule = Callable[[Situation], Iterator[Formula]]

THEMES = (forward, losses, backward, updates, penalties, shares, windows, others)
MISTAKES: dict[str, Rule] = {rule.__name__: rule for theme in THEMES for rule in theme.MISTAKES}
# Those that came after scheme 3: what is drawn by it, from a printed code, knows none of them.
LATER = frozenset(rule.__name__ for rule in penalties.MISTAKES)
POINTS_OF: WeakKeyDictionary[Forms, list[Point]] = WeakKeyDictionary()
LARGEST = 5_000  # terms of a quantity that is worked out at random points; of larger ones the values are drawn
POINTS = 3
ALIKE = 9  # digits in which two formulas agree that are the same


@dataclass(frozen=True)
class WrongFormula:
    """What a wrong formula gives: the names of the mistakes that lead to it. Where they were made on the way to an
    answer, `instead` is what the steps there were worked out with, by their ids."""

    names: tuple[str, ...]
    formula: Formula
    instead: Mapping[str, Formula] = field(default_factory=dict, compare=False)

    @property
    def is_drawn(self) -> bool:
        """Whether it counts where numbers and mistakes are drawn: what is on the way came after the first codes."""
        return not self.instead and not LATER.issuperset(self.names)


def wrong_formulas(step: Step, known: dict[str, Rule] = MISTAKES) -> tuple[WrongFormula, ...]:
    """Every mistake that can be made in a step and that some numbers would show."""
    at = Situation(step)
    made = [(name, formula) for name, rule in known.items() for formula in rule(at)]
    points = points_of(step.moment)
    keys = told_apart([at.whole, *(formula for _, formula in made)], points)
    right = tuple(point.key(at.whole) for point in points)
    found: dict[tuple[str, ...], dict[str, None]] = {}
    formulas: dict[tuple[str, ...], Formula] = {}
    for name, formula in made:
        key = keys[formula]
        if any(one and one != other for one, other in zip(key, right, strict=False)):
            formulas.setdefault(key, formula)
            found.setdefault(key, {})[name] = None
    return tuple(WrongFormula(tuple(names), formulas[key]) for key, names in found.items())


def told_apart(formulas: Sequence[Formula], points: Sequence[Point]) -> dict[Formula, tuple[str, ...]]:
    """Keys that are equal where formulas are the same: the values at one point where that is enough, else at all."""
    first = {formula: points[0].key(formula) for formula in formulas}
    count = Counter(first.values())
    return {
        formula: (key,) if key and count[key] == 1 else (key, *(point.key(formula) for point in points[1:]))
        for formula, key in first.items()
    }


def alike(moment: Moment, one: Formula, other: Formula) -> bool:
    """Whether two formulas are the same, however they are written: they give the same at random numbers."""
    points = points_of(moment)
    keys = [(point.key(one), point.key(other)) for point in points]
    return any(first for first, _ in keys) and all(first == second for first, second in keys)


def points_of(moment: Moment) -> list[Point]:
    """A few points of the network of a moment, worked out once for all of its steps."""
    if moment.forms not in POINTS_OF:
        POINTS_OF[moment.forms] = [Point(moment.network, number) for number in range(POINTS)]
    return POINTS_OF[moment.forms]


class Point:
    """A network at random numbers, by which two formulas are compared: equal at a few of them, they are the same."""

    def __init__(self, network: Network, number: int) -> None:
        self.network, self.number = network, number
        self.values: dict[Ref, float] = {}

    def key(self, formula: Formula) -> str:
        """The value in the digits that are compared; "" where there is none."""
        try:
            value = float(evaluate(formula, self.value))
        except (ArithmeticError, ValueError, TypeError, KeyError):
            return ""
        return f"{value + 0.0:.{ALIKE}g}" if math.isfinite(value) else ""

    def value(self, ref: Ref) -> float:
        if ref not in self.values:
            self.values[ref] = self.worked(ref)
        return self.values[ref]

    def worked(self, ref: Ref) -> float:
        """The value of an element: worked out where it is computed, else drawn."""
        if is_a(ref.name, What.BEFORE):
            return self.drawn(ref, -0.9, 0.9)
        quantity = self.network[ref.name]
        if quantity.role is Role.UPDATE_NUMBER:
            return 2.0 + self.number
        if quantity.role in (Role.SETTING, Role.LEARNING_RATE):
            return self.drawn(ref, 0.1, 0.9)
        if quantity.formula is None or quantity.count * longest(quantity.formula) > LARGEST:
            return self.drawn(ref, 0.1 if self.number == 0 else -0.9, 0.9)
        return float(evaluate(self.network.definition(ref), self.value))

    def drawn(self, ref: Ref, low: float, high: float) -> float:
        return random.Random(f"{self.number}/{ref}").uniform(low, high)
