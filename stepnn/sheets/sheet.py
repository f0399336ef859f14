"""One sheet: the exercises with a student's own numbers, and their answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from stepnn.errors import UsageError
from stepnn.exercises.assignment import Assignment, Mode
from stepnn.exercises.backwards import SUMS, unknowns
from stepnn.exercises.code import Codes
from stepnn.exercises.field import withheld
from stepnn.exercises.mistakes import Mistake, plant, plantable
from stepnn.exercises.plan import Exercises
from stepnn.exercises.secret import Secret
from stepnn.exercises.variants import Variants
from stepnn.lessons.setup import Setup
from stepnn.network.model import DATA, Role
from stepnn.network.names import Name
from stepnn.notation.formula import Ref
from stepnn.notation.indices import looked_up
from stepnn.notation.numbers import Decimal, given
from stepnn.trace.step import Moment, Step
from stepnn.trace.trace import Trace
from stepnn.words.told import told

MOST_GIVEN = 100  # numbers of one quantity in a key
Made = TypeVar("Made")


@dataclass(frozen=True)
class Student:
    """Who a sheet is for; id and name are empty on a copy for anyone. `line` is that of the list."""

    id: str = ""
    name: str = ""
    line: int = 0


@dataclass(frozen=True)
class Answer:
    """One line of the key. `shown` is the value by the rounding rule; `mistake` is the kind of a planted one."""

    number: int
    symbol: str
    name: Name
    kind: str
    value: float
    shown: Decimal
    points: int = 1
    mistake: str = ""
    step: str = ""  # its id


@dataclass(frozen=True)
class Exercise:
    """One step on a sheet. `answer` is what is asked, None if it is worked; `unknown` is asked in its place."""

    number: int
    step: Step
    answer: Answer | None = None
    unknown: Ref | None = None


@dataclass(frozen=True)
class Sheet:
    """A sheet for one student. `plan` is what all sheets of the assignment have in common, `seed` what the numbers were
    drawn with."""

    assignment: Assignment
    trace: Trace
    code: str
    exercises: tuple[Exercise, ...]
    plan: Exercises
    student: Student = field(default_factory=Student)
    mistake: Mistake | None = None
    seed: str = ""

    @property
    def mode(self) -> Mode:
        return self.assignment.mode

    @property
    def setup(self) -> Setup:
        return self.trace.setup

    @property
    def answers(self) -> list[Answer]:
        """The key of the sheet."""
        found = [exercise.answer for exercise in self.exercises if exercise.answer is not None]
        return [mistake_answer(self.mistake, self.exercises), *found] if self.mistake is not None else found

    @property
    def points(self) -> int:
        return sum(answer.points for answer in self.answers)

    def common(self, key: object, make: Callable[[], Made]) -> Made:
        """What is the same on all sheets that ask for the same, made once."""
        if self.mode is not Mode.FILL:
            return make()
        if key not in self.plan.common:
            self.plan.common[key] = make()
        found: Made = self.plan.common[key]
        return found

    @cached_property
    def asked(self) -> frozenset[str]:
        """The ids of the steps that are left for the student."""
        return frozenset(one.step.id for one in self.exercises if one.answer is not None and one.unknown is None)

    @cached_property
    def unknown(self) -> frozenset[str]:
        """The ids of the steps whose results are not shown: those that are asked, and every worked one from whose
        result a single unknown number could be read back."""
        hidden = self.plan.way.unknown if self.mode is Mode.FILL else self.asked
        return frozenset(withheld([one.step for one in self.exercises], hidden))

    @property
    def hidden(self) -> frozenset[Ref]:
        """The given numbers that are left for the student."""
        return frozenset(one.unknown for one in self.exercises if one.unknown is not None)

    @property
    def wrong(self) -> Mapping[str, float]:
        """Values that came out differently because of the planted mistake, by step id."""
        return self.mistake.values if self.mistake is not None else {}

    @cached_property
    def steps(self) -> list[Step]:
        """The steps of the exercises, with those that are worked out on the way in their places."""
        own = {one.step.id: one.step for one in self.exercises}
        way = set(self.plan.on_the_way) if self.mode is Mode.FILL else set()
        if not way:
            return list(own.values())
        return [step for step in self.trace.elements() if step.id in own or step.id in way]

    @cached_property
    def reads(self) -> list[tuple[Moment, Ref]]:
        """Every element that an exercise reads, or what lies on the way between two."""
        moments = self.trace.moments
        if self.mode is Mode.FILL:
            return [(moments[at], ref) for at, ref in self.plan.reads]
        return [(one.step.moment, ref) for one in self.exercises for ref in one.step.used]

    @cached_property
    def given(self) -> list[tuple[Moment, Ref]]:
        """The given numbers among them, and the tables that say at which positions they are read."""
        read = [(moment, ref) for moment, ref in self.reads if moment.source(ref) is None]
        moment = self.trace.moments[0]
        tables = [moment.network[name] for name in self.common("tables", self.tables)]
        return [*read, *((moment, table.element(at)) for table in tables for at in table.positions)]

    def tables(self) -> list[str]:
        """The names of the tables in which a formula on the sheet looks a position up."""
        formulas = {step.quantity.formula for step in self.steps if step.quantity is not None}
        return sorted({name for one in formulas if one is not None for name in looked_up(one)})

    @cached_property
    def drawn(self) -> list[tuple[Moment, Ref]]:
        """Inputs and targets, where the samples are drawn and not listed in the lesson."""
        if self.setup.lesson.data is None:
            return []
        found = {ref: (moment, ref) for moment, ref in reversed(self.reads) if moment.network[ref.name].role in DATA}
        return list(reversed(found.values()))

    @cached_property
    def starts(self) -> list[tuple[Moment, Ref]]:
        """What an update rule remembers, where the sheet begins with it."""
        states = [(moment, ref) for moment, ref in self.given if moment.network[ref.name].role is Role.STATE]
        return list({ref: (moment, ref) for moment, ref in reversed(states)}.values())[::-1]

    @cached_property
    def known(self) -> list[tuple[Moment, Ref]]:
        """Values that are read and that nobody is to work out: they are given, each as it is first read."""
        own = {exercise.step.id for exercise in self.exercises} | set(
            self.plan.on_the_way if self.mode is Mode.FILL else ()
        )
        found: dict[str, tuple[Moment, Ref]] = {}
        for moment, ref in self.reads:
            source = moment.source(ref)
            if source is not None and source not in own:
                found.setdefault(source, (moment, ref))
        order = {
            quantity.key: place
            for moment in self.trace.moments
            for place, quantity in enumerate(moment.network.quantities)
        }
        places = {ref: [index.constant for index in ref.index] for _, ref in found.values()}
        return sorted(found.values(), key=lambda one: (one[0].number, order.get(one[1].name, 0), places[one[1]]))


@dataclass(frozen=True)
class KeyPart:
    """The key of one sheet: what is left of it when it has been printed. `given` are its numbers by name, and `seed`
    is what they were drawn with."""

    student: Student
    code: str
    points: int
    answers: tuple[Answer, ...]
    given: Mapping[str, float]
    seed: str = ""


def key_part(sheet: Sheet) -> KeyPart:
    given = given_numbers(sheet.setup)
    return KeyPart(sheet.student, sheet.code, sheet.points, tuple(sheet.answers), given, sheet.seed)


def given_numbers(setup: Setup) -> dict[str, float]:
    """Every given number by its name; of several samples `x1@2` is that of the second.

    What no sheet could show is left out: samples that the program draws, and matrices of hundreds of weights.
    """
    found: dict[str, float] = {}
    for quantity in setup.network.quantities:
        if quantity.formula is None and quantity.count <= MOST_GIVEN:
            names = [setup.names.ascii(quantity.element(position)) for position in quantity.positions]
            if quantity.role not in DATA:
                found |= {name: setup.value(name) for name in names}
            elif setup.lesson.data is None:
                found |= of_samples(setup, quantity.key, names)
    return found


def of_samples(setup: Setup, key: str, names: Sequence[str]) -> dict[str, float]:
    """Inputs or targets of every sample by name."""
    count = len(setup.samples)
    rows = [setup.numbers(key, number) for number in range(1, count + 1)]
    return {
        f"{name}@{number}" if count > 1 else name: row[place]
        for place, name in enumerate(names)
        for number, row in enumerate(rows, 1)
        if row
    }


class Printer:
    """Makes the sheets of one lesson with the same assignment."""

    def __init__(
        self, lesson_setup: Setup, assignment: Assignment, secret: Secret | None = None, trace: Trace | None = None
    ) -> None:
        self.lesson_setup, self.lesson = lesson_setup, lesson_setup.lesson
        self.assignment = assignment
        self.codes = Codes(lesson_setup, assignment, secret)
        self.exercises = Exercises(lesson_setup, assignment, trace=trace)
        self.check()
        self.variants = Variants(self.exercises)

    def check(self) -> None:
        """Refuse a kind of sheet for which the lesson has no step. Raises UsageError."""
        mode, steps, scheme = self.assignment.mode, self.exercises.steps, self.assignment.scheme
        if mode is Mode.REVERSE and not any(step.kind in SUMS for step in steps):
            raise UsageError(told("reverse_this_lesson_has_no"))
        if mode is Mode.FIND and not any(wrong for step in steps for wrong in plantable(step, scheme)):
            raise UsageError(told("find_the_error_this_lesson"))

    def sheet(self, number: int, student: Student | None = None) -> Sheet:
        """The sheet of that number, the same every time. Raises StepnnError where no friendly numbers are found."""
        drawn = self.codes.drawn(number)
        attempt, trace = self.variants.drawn(drawn)
        own = self.exercises.chosen(trace)
        mistake = plant(trace, own, drawn, self.assignment.scheme) if self.assignment.mode is Mode.FIND else None
        if self.assignment.mode is Mode.REVERSE:
            exercises = tuple(reversed_exercise(place, *one) for place, one in enumerate(unknowns(own, drawn), 1))
        else:
            exercises = tuple(self.exercise(place, step) for place, step in enumerate(own))
            exercises = exercises[: len(self.exercises.shown)]
        return Sheet(
            self.assignment,
            trace,
            self.codes.code(number),
            exercises,
            self.exercises,
            student or Student(),
            mistake,
            f"{drawn}/{attempt}",
        )

    def exercise(self, place: int, step: Step) -> Exercise:
        """A step, asked or worked."""
        if self.assignment.mode is Mode.FIND or not self.exercises.asks(place, step):
            return Exercise(place + 1, step)
        assert step.ref is not None and step.value is not None
        name = step.moment.names.of(step.ref)
        value = self.assignment.policy.shown(step.value)
        points, kind = self.exercises.worth(step), step.kind.value
        answer = Answer(place + 1, step.symbol, name, kind, step.value, value, points, step=step.id)
        return Exercise(place + 1, step, answer)


def reversed_exercise(number: int, step: Step, unknown: Ref) -> Exercise:
    """A step whose result is given and one of whose numbers is asked."""
    names, value = step.moment.names, step.moment.value(unknown)
    answer = Answer(number, names.ascii(unknown), names.of(unknown), "given number", value, given(value), step=step.id)
    return Exercise(number, step, answer, unknown)


def mistake_answer(mistake: Mistake, exercises: tuple[Exercise, ...]) -> Answer:
    """Which step is wrong, how, and what is right: three points."""
    step = mistake.step
    assert step.ref is not None and step.value is not None
    number = next(one.number for one in exercises if one.step.id == step.id)
    name = step.moment.names.of(step.ref)
    value = step.moment.policy.shown(step.value)
    return Answer(number, step.symbol, name, step.kind.value, step.value, value, 3, mistake.kind, step.id)
