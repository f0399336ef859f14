"""Everything that is needed to judge the answers to an assignment, made once for a whole class; and answers as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from stepnn.errors import Fault, UsageError, visible
from stepnn.exercises.assignment import MOST_ASKED, MOST_STEPS, Assignment, Selection, assigned, fingerprint
from stepnn.exercises.code import Codes, read_code
from stepnn.exercises.expressions import read
from stepnn.exercises.judge import Judge, Judged, Judgement, Verdict
from stepnn.exercises.plan import Exercises
from stepnn.exercises.spelling import Spelling
from stepnn.exercises.typed import Typed, as_typed, number
from stepnn.exercises.variants import Variants
from stepnn.exercises.workings import Working, Workings
from stepnn.lessons.build import changed
from stepnn.lessons.setup import Setup
from stepnn.trace.trace import Trace
from stepnn.words.told import told

FEW_NAMES = 6


class Desk:
    """Judges the answers to an assignment. Raises UsageError for one that does not fit the lesson."""

    def __init__(self, lesson_setup: Setup, assignment: Assignment, most: int = MOST_ASKED) -> None:
        """`most` is how many steps of the lesson are judged."""
        self.exercises = Exercises(lesson_setup, assignment, most)
        self.workings = Workings(self.exercises)
        self.spelling = Spelling(self.workings)
        self.judge = Judge(self.workings, assignment.asked)

    @cached_property
    def codes(self) -> Codes:
        return Codes(self.exercises.lesson_setup, self.exercises.assignment)

    @cached_property
    def variants(self) -> Variants:
        """Draws numbers as sheets do, for the steps that a sheet has room for."""
        if len(self.workings.asked) == len(self.exercises.steps) <= MOST_STEPS:
            return Variants(self.exercises, self.workings)
        exercises = self.exercises
        return Variants(Exercises(exercises.lesson_setup, exercises.assignment, trace=exercises.trace))

    def trace(self, number: int | None) -> Trace:
        """The lesson with the numbers of a sheet, or with its own. Raises StepnnError where there are none."""
        if number is None:
            return self.exercises.trace
        return self.exercises.with_numbers(self.variants.trace(number).setup)

    def read(self, answers: Mapping[str, object]) -> tuple[dict[str, Typed], list[Fault]]:
        """What was answered, by step id, and everything that is wrong with how it was told.

        What cannot be read as a number or an expression is an answer, too: a wrong one.
        """
        found: dict[str, Typed] = {}
        names: dict[str, str] = {}
        faults = []
        for name, answer in answers.items():
            working = self.spelling.working(name)
            if working is None:
                faults.append(self.unknown(name))
            elif working.id in names:
                faults.append(Fault(visible(name), told("answers_twice", name=name, other=names[working.id])))
            elif isinstance(answer, bool) or not isinstance(answer, str | int | float | None):
                faults.append(Fault(visible(name), told("answers_no_answer"), found=visible(repr(answer))))
            else:
                names[working.id] = name
                if answer is not None and str(answer).strip():
                    found[working.id] = self.typed(working, answer)
        return found, faults

    def typed(self, working: Working, answer: str | int | float) -> Typed:
        """An answer as it was typed; without a value where it cannot be read."""
        try:
            return self.read_one(working, answer) if isinstance(answer, str) else as_typed(float(answer))
        except (UsageError, OverflowError):
            return Typed(str(answer), math.nan)

    def read_one(self, working: Working, text: str) -> Typed:
        """A number, or an expression over what stands before the answer. Raises UsageError, with one line of help."""
        return number(text) or read(text, self.spelling.vocabulary(working))

    def unknown(self, name: str) -> Fault:
        """That there is no such answer, and which there are."""
        every = [self.spelling.key(working) for working in self.workings.asked]
        known = ", ".join(get_close_matches(name, every, FEW_NAMES) or every[:FEW_NAMES])
        wanted = told("answers_wanted_names", names=known)
        return Fault(visible(name), told("answers_no_such_step", name=visible(name)), wanted=wanted)

    def judged(self, answers: Mapping[str, Typed], number: int | None = None) -> Judgement:
        """What each answer is."""
        return self.judge.judge(self.trace(number), answers)

    def as_object(self, judgement: Judgement, names: Mapping[str, object] | None = None) -> dict[str, Any]:
        """A judgement as docs/judge.md describes it. `names` are those under which the answers were given."""
        keys = {working.id: self.spelling.key(working) for working in self.workings.asked}
        for name in names or {}:
            working = self.spelling.working(name)
            if working is not None:
                keys[working.id] = name
        answers = {keys[one.id]: judged_object(one, keys) for one in judgement.answers.values()}
        turned = {"turned": sorted(kind.value for kind in judgement.turned)} if judgement.turned else {}
        return {"first": keys.get(judgement.first), **turned, "answers": answers}


def desk_for(
    lesson_setup: Setup,
    digits: int | None = None,
    rounded: bool = False,
    significant: int | None = None,
    code: str | None = None,
    values: Mapping[str, float] | None = None,
    run: int = 1,
    selection: Selection | None = None,
    asked: Assignment | None = None,
    **chosen: int,
) -> tuple[Desk, int | None]:
    """A desk for the answers to a lesson, and the number of the sheet whose numbers they were worked out with; None for
    the lesson's own. `asked` is the assignment where somebody has it, `chosen` are other fields of one.

    Raises UsageError for options that contradict each other, or a code of another lesson.
    """
    if significant is not None and (digits is not None or rounded):
        raise UsageError(told("significant_and_digits"))
    if code is not None and values:
        raise UsageError(told("code_and_set"))
    if asked is not None and (digits or significant or rounded or selection or chosen or run != 1):
        raise UsageError(told("assignment_and_options"))
    if code is not None:
        contents = read_code(code)
        if contents.lesson != fingerprint(lesson_setup.lesson):
            raise UsageError(told("code_no_sheet_of_as", text=visible(code), name=visible(lesson_setup.lesson.id)))
        wanted = asked or assigned(
            lesson_setup, selection, digits or significant, rounded, significant=not digits, run=run, **chosen
        )
        assignment = contents.of(lesson_setup, wanted)
        if digits is not None or significant is not None:
            count = significant or digits or 0
            assignment = replace(assignment, digits=count, significant=significant is not None)
        desk = Desk(lesson_setup, assignment)
        desk.codes.check(contents)
        return desk, contents.number
    given = changed(lesson_setup, values or {})
    exact = significant if significant is not None else digits
    usual = assigned(given, selection, exact, rounded, significant=significant is not None, run=run, **chosen)
    return Desk(given, asked or usual), None


def judged_object(one: Judged, keys: Mapping[str, str]) -> dict[str, Any]:
    """What is said of one answer."""
    typed = one.typed
    unread = typed is not None and not math.isfinite(typed.value)
    return {
        "verdict": one.verdict.value,
        "mistakes": list(one.mistakes),
        "right": one.right,
        "compared": one.compared,
        "typed": None if typed is None else typed.text if unread else typed.value,
        "follows_from": keys.get(one.follows_from),
        **({"slip": one.slip} if one.verdict is Verdict.SLIP else {}),
        **({"meant": keys[one.meant]} if one.meant else {}),
    }
