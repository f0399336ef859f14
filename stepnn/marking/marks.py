"""Marks: what every answer of a student is and earns, with all that is to be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from stepnn.errors import UsageError, visible
from stepnn.exercises.assignment import Assignment
from stepnn.exercises.desk import Desk
from stepnn.exercises.judge import FAULTS, Judged, Verdict
from stepnn.exercises.typed import Typed, number
from stepnn.lessons.build import setup
from stepnn.lessons.schema import Lesson
from stepnn.marking.carry import Carry
from stepnn.marking.points import Earned, Why
from stepnn.network.names import Name
from stepnn.notation.numbers import Decimal
from stepnn.sheets.key_file import Asked, SheetKey
from stepnn.trace.trace import Trace

SHOWN = "×·−⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺½¼αβγδεηλμσ∂√"  # letters of answers that pages can show


@dataclass(frozen=True)
class Paper:
    """What a student handed in: the answers as they were typed, by the id of their step; `line` is that of a table."""

    sheet: SheetKey
    answers: Mapping[str, str]
    line: int = 0


@dataclass(frozen=True)
class Override:
    """Points that somebody gave by hand, and why."""

    points: Fraction
    reason: str


@dataclass(frozen=True)
class AnswerMark:
    """One answer, marked. `right` and `compared` are the true number and the one that it was compared with, as they
    are asked; `refused` says why nothing is carried to it; `earned` are its points, by hand where `override` is set."""

    asked: Asked
    name: Name
    judged: Judged
    right: Decimal
    compared: Decimal
    earned: Fraction
    refused: Why | None = None
    override: Override | None = None

    @property
    def number(self) -> int:
        return self.asked.number

    @property
    def typed(self) -> str:
        return readable(self.judged.typed.text) if self.judged.typed is not None else ""

    @property
    def is_wrong_by_itself(self) -> bool:
        return self.judged.verdict in FAULTS

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The names of the mistake that it looks like."""
        return self.judged.mistakes if self.judged.verdict is Verdict.MISTAKE else ()


@dataclass(frozen=True)
class Mark:
    """The mark of one student. `turned` says that all slopes have the other sign, as in some textbooks."""

    sheet: SheetKey
    answers: tuple[AnswerMark, ...]
    turned: bool = False

    @property
    def earned(self) -> Fraction:
        return sum((one.earned for one in self.answers), Fraction(0))

    @property
    def points(self) -> int:
        return self.sheet.points

    @property
    def first_wrong(self) -> AnswerMark | None:
        """The first answer that is wrong by itself."""
        return next((one for one in self.answers if one.is_wrong_by_itself), None)

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The names of all mistakes, the likeliest one of each answer, in the order of the sheet."""
        return tuple(dict.fromkeys(one.mistakes[0] for one in self.answers if one.mistakes))

    @property
    def is_empty(self) -> bool:
        return all(one.judged.verdict is Verdict.EMPTY for one in self.answers)


class Marker:
    """Marks the papers of one assignment. Raises UsageError for an assignment that is not of the lesson as it is."""

    def __init__(
        self, lesson: Lesson, assignment: Assignment, carry: Carry = Carry.full, expressions: bool = False
    ) -> None:
        self.desk = Desk(setup(lesson), assignment, assignment.room)
        self.carry, self.expressions = carry, expressions

    def mark(self, paper: Paper, overrides: Mapping[str, Override] | None = None) -> Mark:
        """The mark of a paper; `overrides` are by step id."""
        trace = self.trace(paper.sheet)
        typed = {name: self.typed(name, text) for name, text in paper.answers.items() if text.strip()}
        judgement = self.desk.judge.judge(trace, typed)
        earned = Earned(self.desk, trace, judgement, self.carry)
        answers = tuple(self.answer(trace, earned, asked) for asked in paper.sheet.asked)
        by_hand = overrides or {}
        answers = tuple(
            replace(one, override=by_hand[one.asked.step], earned=by_hand[one.asked.step].points)
            if one.asked.step in by_hand
            else one
            for one in answers
        )
        return Mark(paper.sheet, answers, bool(judgement.turned))

    def trace(self, sheet: SheetKey) -> Trace:
        """The lesson with the numbers of a sheet. They are drawn as they were, nothing is looked for anew."""
        exercises = self.desk.exercises
        return exercises.with_numbers(exercises.setup.with_seed(sheet.seed))

    def typed(self, name: str, text: str) -> Typed:
        """An answer as it was typed; without a value where it cannot be read, or may not be worked out."""
        if self.expressions:
            return self.desk.typed(self.desk.workings.by_id[name], text)
        try:
            return number(text) or Typed(text, float("nan"))
        except UsageError:
            return Typed(text, float("nan"))

    def answer(self, trace: Trace, earned: Earned, asked: Asked) -> AnswerMark:
        judged = earned.answers[asked.step]
        working = self.desk.workings.by_id[asked.step]
        shown = self.desk.exercises.assignment.policy.shown
        name = trace.moments[working.at].names.of(working.ref)
        refused = earned.refused(judged) if judged.verdict is Verdict.CARRIED else None
        points = earned.share(judged) * asked.points
        return AnswerMark(asked, name, judged, shown(judged.right), shown(judged.compared), points, refused)


def readable(text: str) -> str:
    """What was typed, in letters that every page can show: others are written by their numbers."""
    return visible(
        "".join(
            one if one.isascii() or one in SHOWN or "가" <= one <= "힣" else ascii(one)[1:-1] for one in text.strip()
        )
    )


def points_text(points: Fraction) -> str:
    """`7`, `7.5`, `7.25`: as it is added up."""
    return f"{float(points):.10g}"
