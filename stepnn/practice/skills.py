"""How well somebody does each kind of step: what is asked with how much support, and when it is enough.

A skill is a general formula: δ of an output neuron and δ of a hidden neuron are two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from stepnn.page.equations import by_name
from stepnn.page.written import Expression
from stepnn.practice.history import Row
from stepnn.trace.step import Step

IN_A_ROW = 3  # right without help: mastered for a day
DAYS = 2  # on which it has to be so
ENOUGH = 10  # tries without mastery: it is time for the worked lesson
TO_NAME = 2  # right answers after which the name of what is asked is enough
BACK = 2  # wrong answers in a row after which support comes back
RIGHT = ("right", "carried")
WRONG = ("mistake", "wrong")
SHOWN, WORKED = "shown", "worked"
PASSED_OVER = ("empty", SHOWN, WORKED)


class Support(IntEnum):
    """How much help stands beside a question."""

    WORKED = 0  # the first one is worked out
    FORMULA = 1  # the formula, in general and here
    NAME = 2  # only what is asked
    GROUP = 3  # several at once
    BARE = 4  # only what is asked, and all numbers: which of them are needed is part of the question


@dataclass
class Skill:
    """What is known of one skill. `strength` counts right answers in a row, from 0 to IN_A_ROW."""

    name: str
    support: Support = Support.WORKED
    strength: int = 0
    right: int = 0
    wrong: int = 0
    wrong_in_a_row: int = 0
    tries: int = 0
    first_right: int = 0
    mastered_on: set[int] = field(default_factory=set)
    last_at: float = 0.0
    last_wrong: bool = False
    unaided: bool = False
    fresh: bool = False  # whether it was mastered just now

    @property
    def mastered(self) -> bool:
        return len(self.mastered_on) >= DAYS

    @property
    def tired(self) -> bool:
        """Whether it was tried often enough to look at the worked lesson again."""
        return self.tries >= ENOUGH and not self.mastered_on

    def seen(self) -> None:
        """A worked step was looked at."""
        if self.support is Support.WORKED:
            self.support = Support.FORMULA

    def counted(self, row: Row) -> None:
        """One more answer. A slip that was mended and the first hint cost nothing; the last hint, or a shown answer,
        counts neither way."""
        self.seen()
        self.last_at = row.at
        if row.verdict in PASSED_OVER or row.own:
            return
        self.tries += row.tries == 1
        if row.verdict in RIGHT and row.unaided:
            self.succeeded(row)
        elif row.verdict in WRONG and row.tries == 1:
            self.failed()

    def succeeded(self, row: Row) -> None:
        self.right += 1
        self.first_right += row.tries <= 1
        self.strength = min(self.strength + 1, IN_A_ROW)
        self.wrong_in_a_row, self.last_wrong, self.unaided = 0, False, True
        if self.strength == IN_A_ROW:
            self.fresh = row.day not in self.mastered_on
            self.mastered_on.add(row.day)
            self.tries = 0
        if self.support is Support.FORMULA and self.strength >= TO_NAME:
            self.support = Support.NAME
        if self.strength == IN_A_ROW:
            self.support = Support.GROUP

    def failed(self) -> None:
        self.wrong += 1
        self.wrong_in_a_row += 1
        self.strength = max(self.strength - 1, 0)
        self.last_wrong = True
        if self.wrong_in_a_row >= BACK:
            self.support, self.wrong_in_a_row = Support(max(self.support - 1, Support.FORMULA)), 0


def skills_of(rows: Iterable[Row]) -> dict[str, Skill]:
    """What the answers so far say of each skill."""
    found: dict[str, Skill] = {}
    for row in rows:
        if row.skill:
            found.setdefault(row.skill, Skill(row.skill)).counted(row)
    return found


def skill_of(step: Step) -> str:
    """The name of the skill that a step needs: its general formula."""
    assert step.quantity is not None
    symbols = by_name(step.moment.names)
    left = Expression(step.quantity.general, symbols).text
    return f"{left} = {Expression(step.general[-1], symbols).text}" if step.general else left
