"""What an answer earns: a step that is right from a student's own numbers is not punished for an earlier mistake."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from functools import cached_property

from stepnn.exercises.desk import Desk
from stepnn.exercises.judge import Judged, Judgement, Verdict
from stepnn.exercises.person import Numbers
from stepnn.marking.carry import Carry
from stepnn.notation.formula import refs
from stepnn.trace.trace import Trace

FURTHEST = 10.0  # times off: from a number further away than that nothing is carried


SHARE = {Carry.no: Fraction(0), Carry.half: Fraction(1, 2), Carry.full: Fraction(1)}


class Why(Enum):
    """Why a step that follows from a wrong number earns nothing."""

    UNUSABLE = "unusable"  # the number it follows from is 0, or far off
    TRIVIAL = "trivial"  # it is 0 only because of the mistake, or a copy


class Earned:
    """What the answers of one student earn."""

    def __init__(self, desk: Desk, trace: Trace, judgement: Judgement, carry: Carry) -> None:
        self.desk, self.trace, self.answers, self.carry = desk, trace, judgement.answers, carry

    def share(self, judged: Judged) -> Fraction:
        """The part of its points that an answer earns."""
        if judged.verdict is Verdict.RIGHT:
            return Fraction(1)
        if judged.verdict is Verdict.CARRIED and self.refused(judged) is None:
            return SHARE[self.carry]
        return Fraction(0)

    def refused(self, judged: Judged) -> Why | None:
        """Why nothing is carried to an answer that is right from a wrong one; None where it is."""
        if not all(map(self.is_usable, judged.roots)):
            return Why.UNUSABLE
        return Why.TRIVIAL if self.is_trivial(judged) else None

    def is_usable(self, root: str) -> bool:
        """Whether one can go on with a wrong answer: it is a named mistake, or a number of the right size."""
        judged = self.answers[root]
        if judged.verdict is Verdict.MISTAKE:
            return True
        if judged.typed is None or not judged.typed.value or not judged.right:
            return False
        return 1 / FURTHEST <= abs(judged.typed.value / judged.right) <= FURTHEST

    def is_trivial(self, judged: Judged) -> bool:
        """Whether an answer is 0 and would not be so rightly, or the same as a number that it is worked out from: to
        write a number down once more is no work."""
        assert judged.typed is not None
        working, value = self.desk.workings.by_id[judged.id], judged.typed.value
        if not value:
            return judged.right != 0
        same, own = self.desk.judge.digits.same, self.own.reading(working.at)
        return any(same(value, own(ref)) for ref in refs(working.forms[0]))

    @cached_property
    def own(self) -> Numbers:
        """The numbers of the student: those that were typed, and the true ones elsewhere."""
        typed = {name: one.typed.value for name, one in self.answers.items() if one.typed is not None}
        return Numbers(self.desk.workings, self.trace, typed)
