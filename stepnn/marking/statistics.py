"""What a class can be told from its marks: how hard each step was, how well it tells, and what went wrong how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, mean

from stepnn.exercises.judge import Verdict
from stepnn.marking.marks import AnswerMark, Mark

FEWEST = 30  # students, below whom difficulty and discrimination say nothing
BINS = 10


@dataclass(frozen=True)
class Item:
    """One question over the class.

    `reached` is how many had usable numbers to work it out from and answered, `solved` how many of those did it rightly
    from their own numbers, `empty` how many left it out. `discrimination` is the correlation of doing it rightly with
    the points of all other questions; None where it says nothing.
    """

    first: AnswerMark
    reached: int
    solved: int
    empty: int
    discrimination: float | None

    @property
    def difficulty(self) -> float | None:
        """The share of those who solved it among those who reached it, from 0 (hard) to 1 (easy)."""
        return self.solved / self.reached if self.reached else None


def step_right(one: AnswerMark) -> bool:
    """Whether the step itself was done rightly, whatever it was worked out from."""
    return one.judged.verdict is Verdict.RIGHT or (one.judged.verdict is Verdict.CARRIED and one.refused is None)


def items(marks: Sequence[Mark]) -> list[Item]:
    """Every question, in the order of the sheet."""
    return (
        [item([mark.answers[place] for mark in marks], marks) for place in range(len(marks[0].answers))]
        if marks
        else []
    )


def item(answers: Sequence[AnswerMark], marks: Sequence[Mark]) -> Item:
    empty = sum(one.judged.verdict is Verdict.EMPTY for one in answers)
    tried = [one for one in answers if one.judged.verdict is not Verdict.EMPTY and one.refused is None]
    solved = [step_right(one) for one in answers]
    rest = [float(mark.earned - one.earned) for mark, one in zip(marks, answers, strict=True)]
    found = correlated([float(one) for one in solved], rest) if len(marks) >= FEWEST else None
    return Item(answers[0], len(tried), sum(map(step_right, tried)), empty, found)


def correlated(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Pearson's correlation; None where one of the two is the same everywhere."""
    try:
        return correlation(one, other)
    except StatisticsError:
        return None


def distribution(marks: Sequence[Mark]) -> list[tuple[float, float, int]]:
    """How many have so many points: from, to, students; in ten parts."""
    points = marks[0].points if marks else 0
    counts = Counter(min(int(BINS * mark.earned / points) if points else 0, BINS - 1) for mark in marks)
    return [(points * part / BINS, points * (part + 1) / BINS, counts[part]) for part in range(BINS)]


def mistakes(marks: Sequence[Mark]) -> list[tuple[str, list[Mark], int]]:
    """The mistakes with a name, by how many students made them, and how often they were made."""
    often: Counter[str] = Counter()
    who: dict[str, list[Mark]] = {}
    for mark in marks:
        for one in mark.answers:
            if one.mistakes:
                often[one.mistakes[0]] += 1
        for name in mark.mistakes:
            who.setdefault(name, []).append(mark)
    return sorted(((name, some, often[name]) for name, some in who.items()), key=lambda row: (-len(row[1]), row[0]))


def by_variant(marks: Sequence[Mark]) -> list[tuple[str, int, float]]:
    """The mean of those who had the same numbers, where several had."""
    groups: dict[str, list[Mark]] = {}
    for mark in marks:
        groups.setdefault(mark.sheet.seed, []).append(mark)
    if len(groups) == len(marks):
        return []
    return [(some[0].sheet.code, len(some), float(mean([one.earned for one in some]))) for some in groups.values()]
