"""One set of numbers that is worked through: what is asked of it, and what has been answered so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from stepnn.calculus.compile import without_zeros
from stepnn.exercises.desk import Desk
from stepnn.exercises.judge import Judgement
from stepnn.exercises.person import Numbers
from stepnn.exercises.typed import Typed
from stepnn.exercises.workings import Working, Workings
from stepnn.network.model import Role
from stepnn.notation.formula import ONE, ZERO, Formula, Number, Ref, Worked, parts, refs, transform
from stepnn.page.written import Shows, Written
from stepnn.trace.step import Moment, Step
from stepnn.trace.trace import Trace

MOST_GIVEN = 24  # numbers of a network that are all shown beside every question


class View(Enum):
    """Which numbers stand beside a question: only those that it needs; all of their kinds, so that choosing them is
    left to do; or everything that is known."""

    NEEDED = 0
    KINDS = 1
    ALL = 2


@dataclass
class Turn:
    """Numbers, and the answers to them by step id. `number` is None for the lesson's own. `asked` are the steps that
    are asked one after the other; everything else is given."""

    desk: Desk
    number: int | None
    trace: Trace
    asked: list[Working]
    answers: dict[str, Typed] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)  # left out: what they are is not told

    @property
    def code(self) -> str:
        """The code by which these numbers come again; "" for the lesson's own."""
        return "" if self.number is None else self.desk.codes.code(self.number)

    def judged(self, answers: dict[str, Typed]) -> Judgement:
        """What each of these answers is, after those that stand; without any, what all of them are."""
        standing = self.answers.keys() - answers.keys() if answers else ()
        return self.desk.judge.judge(self.trace, {**self.answers, **answers}, standing)

    def step(self, working: Working) -> Step:
        """The step of an answer, with these numbers."""
        return self.steps[working.id]

    @cached_property
    def steps(self) -> dict[str, Step]:
        return {step.id: step for step in self.desk.exercises.chosen(self.trace)}

    def moment(self, working: Working) -> Moment:
        return self.trace.moments[working.at]

    def is_known(self, working: Working, ref: Ref) -> bool:
        """Whether a number may be seen at a question: it is given, not asked at all, or answered already."""
        source = self.desk.workings.source(working.at, ref)
        waiting = ({one.id for one in self.asked} - self.done) | self.skipped
        return source is None or source not in waiting

    def value(self, working: Working, formula: Formula) -> float:
        """What a formula gives from the numbers that stand on the page, so that what is printed can be read back."""
        own = {name: typed.value for name, typed in self.answers.items()}
        return Numbers(self.desk.workings, self.trace, own).of(working.at, formula, self.desk.judge.digits.rounded)

    def answered(self, working: Working, typed: Typed) -> None:
        """Go on with an answer; with what an expression gives as it is written down."""
        if typed.formula is not None:
            typed = Typed(typed.text, self.desk.judge.digits.rounded(self.value(working, typed.formula)))
        self.answers[working.id] = typed
        self.done.add(working.id)

    def take(self, working: Working) -> None:
        """Go on with what a step gives from the numbers of the person: it was shown to them."""
        self.answered(working, Typed("", self.value(working, working.forms[0])))

    def shows(self, working: Working) -> Shows:
        """Elements by their numbers, those of the person where they have answered."""
        moment = self.moment(working)

        def value(part: Ref | Worked) -> Written:
            if isinstance(part, Worked):
                return moment.decimal(part)
            source = self.desk.workings.source(working.at, part)
            if source in self.answers:
                return moment.policy.shown(self.answers[source].value)
            return moment.decimal(part)

        return value

    def in_view(self, working: Working, view: View) -> list[Ref]:
        """The numbers that stand beside a question."""
        read = [ref for form in (*self.step(working).here, working.forms[0]) for ref in refs(form)]
        needed = [ref for ref in dict.fromkeys(read) if self.is_known(working, ref)]
        if view is View.NEEDED:
            return needed
        if view is View.KINDS:
            network = self.moment(working).network
            kinds = [network[name] for name in dict.fromkeys(ref.name for ref in needed)]
            if sum(kind.count for kind in kinds) > MOST_GIVEN:
                return needed
            every = [kind.element(place) for kind in kinds for place in kind.positions]
            return [ref for ref in every if self.is_known(working, ref) and self.has(working, ref)]
        given = list(given_numbers(self.moment(working)))
        done = self.done - self.skipped
        earlier = [one.ref for one in self.asked if one.at == working.at and one.id in done]
        return list(dict.fromkeys([*(given if len(given) <= MOST_GIVEN else []), *earlier, *needed]))

    def has(self, working: Working, ref: Ref) -> bool:
        """Whether a number has been worked out where a question stands: it is given, or its step comes before."""
        source = self.steps.get(self.desk.workings.source(working.at, ref) or "")
        return source is None or self.place[source.id] < self.place[working.id]

    @cached_property
    def place(self) -> dict[str, int]:
        """The place of every step in the lesson, by its id."""
        return {name: place for place, name in enumerate(self.steps)}


def comes_free(working: Working, trace: Trace, workings: Workings) -> bool:
    """Whether an answer stands there already: it is a copy, or 0 since what is given is 0, or 1 times a number."""
    moment = trace.moments[working.at]

    def known(part: Formula) -> Formula | None:
        if not isinstance(part, Ref) or workings.source(working.at, part) is not None:
            return None
        return next((one for one in (ZERO, ONE) if moment.value(part) == one.value), None)

    return any(
        isinstance(form, Ref | Number)
        or (any(map(known, refs(form))) and isinstance(without_zeros(transform(form, known)), Ref | Number))
        for form in working.forms
    )


def given_numbers(moment: Moment) -> Iterable[Ref]:
    """The given numbers of a moment."""
    for quantity in moment.network.quantities:
        if quantity.formula is None and quantity.key in moment.values and quantity.role is not Role.UPDATE_NUMBER:
            yield from map(quantity.element, quantity.positions)


def first_part(formula: Formula) -> Formula | None:
    """A part of a formula that can be worked out first: a term, a bracket, what a function works on."""
    for part in parts(formula):
        if not isinstance(part, Ref) and refs(part):
            return part
    return None
