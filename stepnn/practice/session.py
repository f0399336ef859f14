"""A sitting: which question comes next, what is said of an answer, and what is kept of it. It knows no terminal."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Sequence

from stepnn.errors import StepnnError, UsageError
from stepnn.exercises.code import read_code
from stepnn.exercises.desk import Desk
from stepnn.exercises.judge import Judged, Verdict
from stepnn.exercises.ready import ready
from stepnn.exercises.typed import Typed, is_number
from stepnn.exercises.workings import Working
from stepnn.practice.history import History, Row
from stepnn.practice.question import LAST_RUNG, Question, Said, Wanted
from stepnn.practice.skills import (
    IN_A_ROW,
    PASSED_OVER,
    RIGHT,
    SHOWN,
    WORKED,
    WRONG,
    Skill,
    Support,
    skill_of,
    skills_of,
)
from stepnn.practice.turn import Turn, comes_free
from stepnn.trace.trace import Trace
from stepnn.words.told import told

OPENS_AFTER = 3  # wrong tries, from which on each one opens a rung of the ladder
MOST_IN_A_GROUP = 4
NUMBERS = 2**31
OWN = "own"  # kept in the place of a code: the lesson's own numbers, in a whole sitting


def finished(rows: Sequence[Row]) -> set[str]:
    """The steps that are not asked again: answered rightly, left out, shown or read."""
    return {row.step for row in rows if row.verdict in (*RIGHT, *PASSED_OVER)}


class Session:
    """One sitting with a lesson."""

    def __init__(self, desk: Desk, history: History, wanted: Wanted, clock: Callable[[], float] = time.time) -> None:
        self.desk, self.history, self.wanted, self.clock = desk, history, wanted, clock
        self.lesson = desk.exercises.setup.lesson
        self.sitting = uuid.uuid4().hex
        self.rows: list[Row] = []
        self.skills: dict[str, Skill] = skills_of(history.rows(self.lesson.id))
        self.question: Question | None = None
        self.last: Question | None = None
        self.again: list[Question] = []
        self.asked = 0
        self.turn = self.new_turn()

    # What comes next

    def new_turn(self) -> Turn:
        """Other numbers; the lesson's own where there are no friendly ones. Raises UsageError if nothing is asked."""
        number = self.wanted.number
        if number is None and not self.wanted.own:
            number = self.another_number()
        try:
            trace = self.desk.trace(number)
        except UsageError:
            raise
        except StepnnError:
            number, trace = None, self.desk.trace(None)
        return Turn(self.desk, number, trace, self.chosen(trace))

    def another_number(self) -> int:
        """Numbers that were not had yet; of those that are known to tell mistakes apart, as long as there are any."""
        had = {read_code(row.code).number for row in self.history.rows(self.lesson.id) if row.code not in ("", OWN)}
        known = [number for number in ready(self.desk.exercises.assignment) if number not in had]
        draw = random.SystemRandom()
        return draw.choice(known) if known else draw.randrange(NUMBERS)

    def chosen(self, trace: Trace) -> list[Working]:
        """The steps that are asked. Raises UsageError where a name is that of none."""
        names = (self.wanted.drill,) if self.wanted.drill else self.wanted.steps
        if not names:
            workings = self.desk.workings
            return [one for one in workings.asked if not comes_free(one, trace, workings)] or list(workings.asked)
        found = [one for one in self.desk.workings.asked if any(self.is_called(one, name) for name in names)]
        if not found:
            raise UsageError(told("answers_no_such_step", name=", ".join(names)))
        return found

    def is_called(self, working: Working, name: str) -> bool:
        """Whether a step has a name, or one that begins so: delta_h is δ_h1 and δ_h2."""
        meant = self.desk.spelling.working(name)
        assert working.step is not None
        return meant is working or working.id == name or working.step.symbol.startswith(name)

    def skill(self, working: Working) -> Skill:
        assert working.step is not None
        name = skill_of(working.step)
        return self.skills.setdefault(name, Skill(name))

    def next(self) -> Question | None:
        """The next question; None at the end of these numbers."""
        if self.question is not None and not self.question.done:
            return self.question
        self.last = self.question
        waiting = [one for one in self.turn.asked if one.id not in self.turn.done]
        self.question = self.again.pop(0) if self.again else self.made(self.turn, waiting) if waiting else None
        if self.question is not None:
            self.asked += 1
            self.question.number, self.question.began = self.asked, self.clock()
        return self.question

    def made(self, turn: Turn, waiting: list[Working]) -> Question:
        """A question about the first of the steps that wait, with those of the same skill behind it where they come as
        a group."""
        first, skill = waiting[0], self.skill(waiting[0])
        support = skill.support
        if self.wanted.drill or self.wanted.one_by_one:
            support = max(min(support, Support.NAME), Support.FORMULA)
        if self.wanted.exam or self.wanted.name_only:
            support = Support.BARE
        group = [first]
        if support is Support.GROUP:
            for one in waiting[1:MOST_IN_A_GROUP]:
                if self.skill(one) is not skill:
                    break
                group.append(one)
        return Question(turn, group, support, self.clock())

    def unfinished(self) -> list[Row]:
        """The rows of the last sitting with this lesson, where steps were left and its numbers come again."""
        if self.wanted not in (Wanted(), Wanted(own=True)):
            return []
        kept = [row for row in self.history.rows(self.lesson.id) if row.code and (row.code == OWN) == self.wanted.own]
        numbers: dict[str, list[Row]] = {}
        for row in kept:
            if row.sitting == kept[-1].sitting:
                numbers.setdefault(row.code, []).append(row)
        # A single step that came again with other numbers is no sitting with those.
        whole = [rows for rows in numbers.values() if len({row.step for row in rows}) > 1] or list(numbers.values())
        last = max(whole, key=lambda rows: rows[-1].at, default=[])
        asked, done = {one.id for one in self.turn.asked}, finished(last)
        same = last and (last[0].fingerprint, last[0].run) == (
            self.desk.exercises.assignment.fingerprint, self.desk.exercises.assignment.run,
        )  # fmt: skip
        return last if same and asked - done and asked & done and self.comes_as_it_was(last[0].code) else []

    def comes_as_it_was(self, code: str) -> bool:
        """Whether a code gives the same numbers here: not one of before something else was asked of the lesson."""
        return code == OWN or self.desk.codes.code(read_code(code).number) == code

    def resume(self, rows: list[Row]) -> None:
        """Go on where a sitting stopped."""
        if rows[0].code != OWN:
            contents = read_code(rows[0].code)
            trace = self.desk.trace(contents.number)
            self.turn = Turn(self.desk, contents.number, trace, self.chosen(trace))
        self.sitting = rows[0].sitting
        done = finished(rows)
        for row in rows:
            working = self.desk.workings.by_id.get(row.step)
            if working is None or row.step not in done:
                continue
            self.turn.done.add(row.step)
            if row.verdict in RIGHT:
                self.turn.answered(working, self.desk.read_one(working, row.answer))

    @property
    def drills_on(self) -> bool:
        """Whether a drill takes other numbers at once: until three in a row are right, or it is time for a rest."""
        if not self.wanted.drill or not self.comes_again:
            return False
        return any(skill.strength < IN_A_ROW and not skill.tired for skill in map(self.skill, self.turn.asked))

    def more(self) -> None:
        """Go on with other numbers."""
        self.turn = self.new_turn()
        self.question = None

    # What is said

    def answer(self, text: str) -> Said:
        """Judge what was typed. It is kept before anything is said of it."""
        question = self.question
        assert question is not None and not question.done
        try:
            typed = self.read(question, text)
        except StepnnError as error:
            return Said(help=error)
        again = text in question.tried
        judgement = question.turn.judged(typed)
        judged = tuple(judgement.answers[name] for name in typed)
        question.tried.add(text)
        if not again and any(one.verdict not in (Verdict.SLIP, Verdict.SHORT) for one in judged):
            question.tries += 1  # what only has to be written down otherwise costs nothing
        for one, working in zip(judged, question.workings, strict=True):
            if not again:
                self.keep(question, working, one.verdict.value, one)
            if one.verdict.value in RIGHT or self.wanted.exam:
                question.turn.answered(working, typed[one.id])
            elif one.verdict.value in WRONG:
                question.stumbled = True
        left = [working for working in question.workings if working.id not in question.turn.done]
        if not left:
            question.done = True
        elif len(left) < len(question.workings) or len(left) > 1:
            question.done = True  # those that were wrong are asked again, one by one
            self.again[:0] = [
                Question(question.turn, [one], Support.FORMULA, self.clock(), stumbled=True) for one in left
            ]
        elif question.tries >= OPENS_AFTER and not again:
            self.help()
        return Said(judged, again=again, news=self.news(question))

    def news(self, question: Question) -> tuple[tuple[str, str], ...]:
        """A skill that was mastered with this answer; one that was tried so often that it is asked no more."""
        skill = self.skill(question.working)
        if question.done and skill.strength == IN_A_ROW and skill.fresh:
            skill.fresh = False
            return (("practice.mastered", skill.name),)
        if skill.tired and not self.wanted.exam:
            waiting = [one for one in self.turn.asked if self.skill(one) is skill and one.id not in self.turn.done]
            self.turn.done |= {one.id for one in waiting}
            self.again = [one for one in self.again if self.skill(one.working) is not skill]
            question.done = True
            return (("practice.tired", skill.name),)
        return ()

    def read(self, question: Question, text: str) -> dict[str, Typed]:
        """The answers in a line, parted by `;` or by spaces. Raises UsageError."""
        count = len(question.workings)
        pieces = [text] if count == 1 else [one for one in text.split(";") if one.strip()]
        if len(pieces) != count:
            pieces = text.split()
        if len(pieces) != count:
            raise UsageError(told("answers_so_many", count=count))
        found: dict[str, Typed] = {}
        for piece, working in zip(pieces, question.workings, strict=True):
            typed = self.desk.read_one(working, piece)
            if not self.wanted.expressions and not is_number(piece):
                raise UsageError(told("answer_numbers_only"))
            found[working.id] = typed
        return found

    def help(self) -> bool:
        """One more rung of the ladder. False where there is none."""
        assert self.question is not None
        last = self.question.rung == LAST_RUNG
        self.question.rung = min(self.question.rung + 1, LAST_RUNG)
        return not last

    def show(self) -> None:
        """Show the answer; the same skill comes again with other numbers."""
        question = self.question
        assert question is not None
        for working in question.workings:
            self.keep(question, working, SHOWN)
            question.turn.take(working)
        question.done = True
        self.ask_elsewhere(question.working)

    @property
    def yours_next(self) -> Working | None:
        """After a worked step, the next one of the same skill with these numbers."""
        question = self.question
        assert question is not None
        skill = self.skill(question.working)
        here = [one for one in self.turn.asked if one.at == question.working.at and one is not question.working]
        return next((one for one in here if self.skill(one) is skill and one.id not in self.turn.done), None)

    @property
    def comes_again(self) -> bool:
        """Whether there are other numbers with which a step can be asked again."""
        return not self.wanted.own and self.wanted.number is None and self.turn.number is not None

    def ask_elsewhere(self, working: Working) -> None:
        """The same step with other numbers, everything before it given."""
        if not self.comes_again:
            return
        other = self.new_turn()
        other.asked = [working]
        self.again.append(Question(other, [working], Support.FORMULA, self.clock()))

    def skip(self) -> None:
        """Leave it out; what follows is judged with what the answers before it give."""
        question = self.question
        assert question is not None
        for working in question.workings:
            self.keep(question, working, Verdict.EMPTY.value)
            question.turn.done.add(working.id)
            question.turn.skipped.add(working.id)
        question.done = True

    def looked_at(self) -> None:
        """A worked step was read."""
        question = self.question
        assert question is not None
        self.keep(question, question.working, WORKED)
        question.turn.take(question.working)
        question.done = True

    # What is kept

    def keep(self, question: Question, working: Working, verdict: str, judged: Judged | None = None) -> None:
        """Write a row, and count it."""
        typed = judged.typed if judged is not None else None
        row = Row(
            self.clock(), self.sitting, self.lesson.id, self.desk.exercises.assignment.fingerprint,
            self.desk.exercises.assignment.run, self.code_of(question.turn), working.id, self.skill(working).name,
            typed.text if typed is not None else "", verdict, judged.mistakes[0] if judged and judged.mistakes else "",
            question.rung, question.tries, round(self.clock() - question.began, 3),
            question.rung <= 1 and not question.stumbled, question.turn.number is None,
        )  # fmt: skip
        self.history.add(row)
        self.rows.append(row)
        self.skill(working).counted(row)

    def code_of(self, turn: Turn) -> str:
        """By what its numbers come again; "" where they do not."""
        return turn.code or (OWN if self.wanted == Wanted(own=True) else "")

    @property
    def left(self) -> int:
        """How many steps wait."""
        return sum(one.id not in self.turn.done for one in self.turn.asked)
