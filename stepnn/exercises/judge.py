"""The judge: what each answer is, given the answers before it. It knows no page and no terminal.

An answer is compared with what its step's own formulas give, from the true numbers and from this person's earlier ones,
before a mistake is looked for. So one mistake is told once, and what rightly follows from it is right.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property, partial

from stepnn.exercises.catalogue import alike
from stepnn.exercises.guess import Guess, names_of
from stepnn.exercises.person import HALF, Numbers, Person
from stepnn.exercises.rules.generic import GENERIC
from stepnn.exercises.situation import Situation
from stepnn.exercises.slips import slip
from stepnn.exercises.typed import Typed
from stepnn.exercises.workings import Working, Workings
from stepnn.notation.digits import Digits
from stepnn.notation.formula import Formula
from stepnn.trace.step import Kind
from stepnn.trace.trace import Trace

SLACK = 1 + 1e-9
FEWEST = 2  # digits of an answer that is right but for its being short
TELLING = 3  # digits that tell a mistake, where fewer than asked were typed
FURTHEST = 1e6  # units off a value that no rounding explains
MOST_FITTING = 2  # more mistakes that fit are no explanation
EARLY, OTHER_STEP = "rounded_early", "other_step"
SMALL = 1000  # a whole number below is often hit by chance
TOO_FEW = (1, 2, 3)  # digits after the point to which somebody may have rounded too early
TURNED = (  # what has the other sign in some textbooks, together
    {Kind.DELTA, Kind.GRADIENT, Kind.BATCH_GRADIENT, Kind.ERROR_SLOPE},
    {Kind.DELTA, Kind.GRADIENT, Kind.BATCH_GRADIENT},
    {Kind.DELTA, Kind.ERROR_SLOPE},
    {Kind.DELTA},
)
UPDATES = (Kind.WEIGHT_UPDATE, Kind.NEW_STATE)
LATER = (*UPDATES, Kind.GRADIENT, Kind.BATCH_GRADIENT)


class Verdict(Enum):
    """What an answer is."""

    RIGHT = "right"
    CARRIED = "carried"  # it follows rightly from a wrong one
    MISTAKE = "mistake"  # a named one
    SLIP = "slip"  # digits swapped, a sign, a power of ten
    SHORT = "short"  # right, in fewer digits than asked
    WRONG = "wrong"  # not explained
    EMPTY = "empty"


FAULTS = (Verdict.MISTAKE, Verdict.SLIP, Verdict.WRONG)


@dataclass(frozen=True)
class Judged:
    """What is said of one answer.

    `right` is the true value, `compared` the one that it was compared with: that on the values of the person where
    those are wrong already. `mistakes` are names of the catalogue, the likeliest first; `slip` is what became of the
    digits. `follows_from` is the id of the wrong answer that it follows from, `meant` that of the other step whose
    right number it is. `loose` says of an answer that is not explained that one term or factor left out, doubled or
    with another sign gives it. `roots` are the ids of all wrong answers that it follows from. `perhaps` are names of
    mistakes that give what is told as a slip, too.
    """

    id: str
    verdict: Verdict
    right: float
    compared: float
    typed: Typed | None = None
    mistakes: tuple[str, ...] = ()
    slip: str = ""
    follows_from: str = ""
    meant: str = ""
    loose: bool = False
    roots: frozenset[str] = frozenset()
    perhaps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What is said of all answers, by step id in the order of the sheet.

    `turned` are the kinds of steps that have the other sign in all answers, as in some textbooks.
    """

    answers: Mapping[str, Judged]
    turned: frozenset[Kind] = frozenset()

    @cached_property
    def first(self) -> str:
        """The id of the first answer that is wrong by itself; "" where none is."""
        return next((one.id for one in self.answers.values() if one.verdict in FAULTS), "")


class Judge:
    """Judges the answers to one assignment."""

    def __init__(self, workings: Workings, digits: Digits) -> None:
        self.workings, self.digits = workings, digits

    def judge(self, trace: Trace, answers: Mapping[str, Typed], standing: Collection[str] = ()) -> Judgement:
        """What each answer is. `answers` are by step id; what is missing is empty. Those in `standing` have been judged
        before, and are taken as they are."""
        if standing:
            person = Person(self.workings, trace, self.digits, answers)
            return Sitting(person, answers, standing).judged()
        found = self.judged(trace, answers)
        first = found.answers.get(found.first)
        if first is not None and first.typed is not None and self.digits.same(-first.typed.value, first.right):
            found = self.in_other_signs(trace, answers, found)
        return Judgement(likeliest(found.answers), found.turned)

    def judged(self, trace: Trace, answers: Mapping[str, Typed]) -> Judgement:
        return Sitting(Person(self.workings, trace, self.digits, answers), answers).judged()

    def in_other_signs(self, trace: Trace, answers: Mapping[str, Typed], found: Judgement) -> Judgement:
        """The same sheet as one of a textbook in which slopes have the other sign, where that makes it right."""
        kinds = {one.id: one.step.kind for one in self.workings.asked if one.step is not None}
        if not any(kinds[name] in UPDATES for name in answers):
            return found
        for turned in TURNED:
            other = {
                name: replace(typed, value=0.0 - typed.value) if kinds[name] in turned else typed
                for name, typed in answers.items()
            }
            tried = self.judged(trace, other)
            if not any(tried.answers[name].verdict in FAULTS for name in answers if kinds[name] in (*turned, *LATER)):
                kept = {name: replace(one, typed=answers.get(name)) for name, one in tried.answers.items()}
                return Judgement(kept, frozenset(turned))
        return found


def likeliest(answers: Mapping[str, Judged]) -> dict[str, Judged]:
    """Where two mistakes fit an answer, the one that explains more of this person's answers comes first; and what looks
    like a slip is a mistake that this person makes elsewhere."""
    count = Counter(name for one in answers.values() if one.verdict is Verdict.MISTAKE for name in one.mistakes)

    def told(one: Judged) -> Judged:
        again = tuple(name for name in one.perhaps if count[name])
        if one.verdict is Verdict.SLIP and again:
            one = replace(one, verdict=Verdict.MISTAKE, mistakes=again, slip="")
        return replace(one, mistakes=tuple(sorted(one.mistakes, key=lambda name: -count[name])))

    return {key: told(one) for key, one in answers.items()}


class Sitting:
    """One sheet that is judged. `standing` are answers that have been judged before: they are taken as they are."""

    def __init__(self, person: Person, answers: Mapping[str, Typed], standing: Collection[str] = ()) -> None:
        self.person, self.answers, self.standing = person, answers, standing
        self.workings, self.digits = person.workings, person.digits

    def judged(self) -> Judgement:
        """Every answer, in the order in which they are worked out, and then as they stand on the sheet."""
        found: dict[str, Judged] = {}
        waiting = self.answers.keys() - self.standing if self.standing else {""}  # without any, all are judged
        for working in self.workings.all:
            if not waiting:
                break  # what comes later changes nothing
            waiting = waiting - {working.id}
            typed = self.answers.get(working.id)
            if typed is not None and working.id in self.standing:
                found[working.id] = self.taken(working, self.worked_out(working, typed))
                continue
            if working.step is not None and typed is not None:
                found[working.id] = self.answered(working, self.worked_out(working, typed))
                continue
            self.person.carry_on(working)
            if working.step is not None:
                compared = self.person.paper.values[working.id]
                found[working.id] = Judged(working.id, Verdict.EMPTY, self.person.true_value(working), compared)
        return Judgement({one.id: found[one.id] for one in self.workings.asked if one.id in found})

    def taken(self, working: Working, typed: Typed) -> Judged:
        """An answer that stands."""
        right = self.person.true_value(working)
        near = abs(typed.value - right) <= self.digits.unit(right)
        self.person.keep(working, typed.value, right if near else typed.value, frozenset())
        return Judged(working.id, Verdict.RIGHT, right, typed.value, typed)

    def worked_out(self, working: Working, typed: Typed) -> Typed:
        """An answer with its value; that of an expression follows from the answers before it."""
        if typed.formula is None:
            return typed
        return replace(typed, value=self.person.paper.of(working.at, typed.formula))

    def answered(self, working: Working, typed: Typed) -> Judged:
        """One answer: right or carried, in fewer digits, or wrong."""
        right = self.person.true_value(working)
        if not math.isfinite(typed.value):  # what was typed is no number
            self.person.carry_on(working)
            return Judged(working.id, Verdict.WRONG, right, self.person.memory.values[working.id], typed)
        fitting = list(self.fitting(working, typed, right))
        short, _, roots, compared = min(fitting, key=lambda one: one[:2], default=(True, 0, frozenset[str](), right))
        if not fitting or (short and typed.significant < FEWEST and self.looks_wrong(working, typed)):
            return self.wrong(working, typed, right)
        first = min(roots, key=lambda name: self.workings.by_id[name].place, default="")
        self.person.keep(working, compared if short else typed.value, self.kept(working, compared, roots), roots)
        if short:
            return Judged(working.id, Verdict.SHORT, right, compared, typed, follows_from=first)
        if not roots:
            return Judged(working.id, Verdict.RIGHT, right, compared, typed)
        names = names_of(self.mistakes(working, typed, [self.person.true]))
        return Judged(working.id, Verdict.CARRIED, right, compared, typed, names, follows_from=first, roots=roots)

    def looks_wrong(self, working: Working, typed: Typed) -> bool:
        """Whether hardly a digit was typed: a whole number from 0 to 9, or just what a mistake gives."""
        return typed.places == 0 or bool(self.mistakes(working, typed, [self.person.true, self.person.paper]))

    def kept(self, working: Working, compared: float, roots: frozenset[str]) -> float:
        """What a calculator that rounds nothing has for an answer."""
        value = self.person.memory.of(working.at, working.forms[0]) if roots else compared
        return value if abs(value - compared) <= self.digits.unit(compared) else compared

    def fitting(
        self, working: Working, typed: Typed, right: float
    ) -> Iterator[tuple[bool, int, frozenset[str], float]]:
        """Every value that the answer is right by: whether it has too few digits for it, and the wrong answers that
        the value follows from."""
        values = [(working.forms[0], frozenset[str](), right)]
        values += [(form, *one) for form in working.forms for one in self.person.carried(working, form)]
        for form, roots, value in values:
            fits, short = self.fits(working, typed, value, form)
            if fits:
                yield short, len(roots), roots, value
                if not short and not roots:
                    return

    def fits(self, working: Working, typed: Typed, value: float, form: Formula) -> tuple[bool, bool]:
        """Whether an answer is the value, as generously as honest rounding needs; and whether it has too few digits.

        Zeros at its end need not be written.
        """
        off, unit = abs(typed.value - value), self.digits.unit(value)
        few = typed.unit > unit * SLACK
        room = HALF * unit if few else unit
        if off <= room * SLACK:
            return True, False
        if not off < FURTHEST * unit:
            return False, False
        more = self.person.uncertainty(working, form)
        if off <= (room + more) * SLACK:
            return True, False
        return few and off <= (HALF * typed.unit + more) * SLACK, True

    def wrong(self, working: Working, typed: Typed, right: float) -> Judged:
        """An answer that is not right: what it looks like."""
        person, own = self.person, frozenset({working.id})
        roots = person.roots_of(working, working.forms[0])
        carried = person.worked_out(working, person.paper) if roots else right
        bases = [person.true, person.paper, *([person.memory] if roots else [])]
        guesses = self.mistakes(working, typed, bases)
        slips = [value for value in dict.fromkeys((right, carried)) if slip(typed, value, self.digits) == "digits"]
        if 0 < len(guesses) <= MOST_FITTING and not slips:
            person.keep(working, typed.value, guesses[0].value, own)
            self.keep_on_the_way(working, guesses[0], own)
            compared = carried if guesses[0].on_own else right
            return Judged(working.id, Verdict.MISTAKE, right, compared, typed, names_of(guesses))
        for value in dict.fromkeys((right, carried)):
            if kind := slip(typed, value, self.digits):
                person.keep(working, typed.value, value, own)
                return Judged(working.id, Verdict.SLIP, right, value, typed, slip=kind, perhaps=names_of(guesses))
        person.keep(working, typed.value, typed.value, own)
        early = [] if guesses else self.rounded_early(working, typed, bases)
        if early:
            person.keep(working, typed.value, early[0].value, own)
            return Judged(working.id, Verdict.MISTAKE, right, carried, typed, (EARLY,))
        if not guesses and (other := self.other_step(working, typed)):
            return Judged(working.id, Verdict.MISTAKE, right, carried, typed, (OTHER_STEP,), meant=other)
        return Judged(working.id, Verdict.WRONG, right, carried, typed, loose=self.is_loose(working, typed))

    def keep_on_the_way(self, working: Working, guess: Guess, own: frozenset[str]) -> None:
        """Go on with what a mistake on the way to an answer has made of the steps there."""
        if guess.fault is None or guess.base is None:
            return
        for name, formula in guess.fault.instead.items():
            way, value = self.workings.by_id.get(name), guess.base.of(working.at, formula)
            if way is not None and value == value and name not in self.answers:
                self.person.keep(way, self.digits.rounded(value), value, own)

    def is_loose(self, working: Working, typed: Typed) -> bool:
        """Whether one term or factor left out, doubled or with another sign gives what was typed.

        Where numbers are small and whole, something always does.
        """
        if working.step is None or (float(typed.value).is_integer() and abs(typed.value) < SMALL):
            return False
        formulas = (one for rule in GENERIC for one in rule(Situation(working.step)))
        return any(self.digits.same(typed.value, self.person.paper.of(working.at, one)) for one in formulas)

    def mistakes(self, working: Working, typed: Typed, bases: list[Numbers]) -> list[Guess]:
        """The mistakes that give exactly what was typed."""
        found: dict[tuple[str, ...], Guess] = {}
        if typed.formula is not None and working.step is not None:
            same = [one for one in working.mistakes if alike(working.step.moment, typed.formula, one.formula)]
            if same:
                return [Guess(same[0].names, typed.value, True)]
        for base in bases:
            for fault in working.mistakes:
                value = base.of(working.at, fault.formula)
                if value == value and self.gives(typed, value):
                    guess = Guess(fault.names, value, base is not self.person.true, fault, base)
                    found.setdefault(fault.names, guess)
        return list(found.values())

    def gives(self, typed: Typed, value: float) -> bool:
        """Whether what was typed is a value, rounded: to the digits that are asked, or to fewer that still tell it."""
        if self.digits.same(typed.value, value):
            return True
        few = typed.unit > self.digits.unit(value) * SLACK and typed.significant >= TELLING
        return few and abs(typed.value - value) <= HALF * typed.unit * SLACK

    def rounded_early(self, working: Working, typed: Typed, bases: list[Numbers]) -> list[Guess]:
        """Whether the numbers that it is worked out from were rounded to fewer digits than asked."""
        for base in bases:
            for places in TOO_FEW:
                value = base.of(working.at, working.forms[0], partial(round, ndigits=places))
                if value == value and self.digits.same(typed.value, value):
                    return [Guess((EARLY,), value, base is not self.person.true)]
        return []

    def other_step(self, working: Working, typed: Typed) -> str:
        """The id of another step of the same pass whose right number it is; "" where there is none."""
        for other in self.workings.asked:
            value = self.person.true_value(other)
            telling = len(f"{abs(self.digits.rounded(value)):.10g}".replace(".", "").strip("0")) > 2
            if other is not working and other.at == working.at and telling and self.digits.same(typed.value, value):
                return other.id
        return ""
