"""The numbers of one person: what stands on their paper, what a calculator may have kept, and what comes of both."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from itertools import product

from stepnn.exercises.workings import Working, Workings
from stepnn.network.identity import Key, What, is_a
from stepnn.notation.digits import Digits
from stepnn.notation.evaluate import ERRORS, evaluate, number
from stepnn.notation.formula import Add, Formula, Ref, refs
from stepnn.trace.step import Moment, Policy
from stepnn.trace.trace import Trace

HALF = 0.5
ALIKE, SMOOTH = 1.01, 0.75  # a curve gives about half of a change, or a quarter, for half of the way
NOISE = 4e-16  # what float64 may lose of the largest term of a sum
MOST_MIXED = 4  # of so many wrong numbers in a formula, each may have been worked out again or not


class Numbers:
    """The numbers of a trace, but for those that somebody has otherwise. `values` are those, by id."""

    def __init__(self, workings: Workings, trace: Trace, values: Mapping[str, float] | None = None) -> None:
        self.workings, self.trace, self.moments = workings, trace, trace.moments
        self.values = dict(values or {})
        self.read = [LookedUp(partial(self.looked_up, moment)) for moment in self.moments]

    def without(self, names: Collection[str]) -> Numbers:
        """The same with true numbers in some places."""
        kept = {name: value for name, value in self.values.items() if name not in names}
        return Numbers(self.workings, self.trace, kept)

    def of(self, at: int, formula: Formula, changed: Callable[[float], float] | None = None) -> float:
        """The value of a formula at a moment; not a number where there is none. `changed` is what becomes of each
        number that is worked out before it is used."""
        try:
            return number(evaluate(formula, self.reading(at, changed)))
        except ERRORS:
            return math.nan

    def reading(self, at: int, changed: Callable[[float], float] | None = None) -> Callable[[Ref], float]:
        """What an element reads as at a moment."""

        if not self.values and changed is None:
            return self.read[at].__getitem__

        def value(ref: Ref) -> float:
            source = self.workings.source(at, ref)
            found = self.values[source] if source in self.values else self.true(at, ref)
            return found if changed is None or source is None else changed(found)

        return value

    def true(self, at: int, ref: Ref) -> float:
        """The number as the trace has it."""
        return self.read[at][ref]

    def looked_up(self, moment: Moment, ref: Ref) -> float:
        if is_a(ref.name, What.BEFORE):
            assert isinstance(ref.name, Key)
            return self.true(self.workings.by_number[moment.made_in], Ref(ref.name.of[0], ref.index))
        return moment.value(ref)


class LookedUp(dict[Ref, float]):
    """The numbers of a moment, each looked up in it once."""

    def __init__(self, look_up: Callable[[Ref], float]) -> None:
        self.look_up = look_up

    def __missing__(self, ref: Ref) -> float:
        self[ref] = self.look_up(ref)
        return self[ref]


class Person:
    """What is known of somebody's numbers. `roots` are the ids of the wrong answers that each number follows from."""

    def __init__(self, workings: Workings, trace: Trace, digits: Digits, answered: Collection[str]) -> None:
        self.workings, self.digits, self.answered = workings, digits, answered
        self.policy: Policy = trace.policy
        self.true = Numbers(workings, trace)
        self.paper = Numbers(workings, trace)
        self.memory = Numbers(workings, trace)
        self.roots: dict[str, frozenset[str]] = {}
        self.doubt: dict[tuple[str, Formula], float] = {}

    def true_value(self, working: Working) -> float:
        return self.true.true(working.at, working.ref)

    def keep(self, working: Working, paper: float, memory: float, roots: frozenset[str]) -> None:
        """What somebody has for a number from now on."""
        self.paper.values[working.id], self.memory.values[working.id] = paper, memory
        self.roots[working.id] = roots

    def carry_on(self, working: Working) -> None:
        """Work a number out from those that somebody has: rounded on paper, and as it is in memory."""
        paper, memory = (self.worked_out(working, numbers) for numbers in (self.paper, self.memory))
        self.keep(working, self.digits.rounded(paper), memory, self.roots_of(working, working.forms[0]))

    def worked_out(self, working: Working, numbers: Numbers) -> float:
        """What somebody has for a number with which they go on; the true one where theirs lead to none."""
        found = self.policy.kept(numbers.of(working.at, working.forms[0]))
        return found if math.isfinite(found) else self.true_value(working)

    def sources(self, working: Working, form: Formula) -> list[str]:
        """The ids of the numbers in a formula that may differ from person to person."""
        found = (self.workings.source(working.at, ref) for ref in refs(form))
        return list(dict.fromkeys(one for one in found if one in self.roots))

    def roots_of(self, working: Working, form: Formula) -> frozenset[str]:
        """The wrong answers that a formula leads back to."""
        return frozenset().union(*(self.roots[source] for source in self.sources(working, form)))

    def carried(self, working: Working, form: Formula) -> Iterator[tuple[frozenset[str], float]]:
        """What a formula gives from somebody's numbers, with the wrong answers that it follows from.

        From those on paper and, where some are wrong, also from those in memory, and with true ones in some places.
        """
        roots = self.roots_of(working, form)
        yield roots, self.policy.kept(self.paper.of(working.at, form))
        if not roots:
            return
        yield roots, self.policy.kept(self.memory.of(working.at, form))
        wrong = [source for source in self.sources(working, form) if self.roots[source]]
        if len(wrong) > MOST_MIXED:
            return
        for again in product((False, True), repeat=len(wrong)):
            if any(again) and not all(again):
                mended = [one for one, anew in zip(wrong, again, strict=True) if anew]
                kept = (self.roots[one] for one in wrong if one not in mended)
                yield frozenset().union(*kept), self.policy.kept(self.paper.without(mended).of(working.at, form))

    def uncertainty(self, working: Working, form: Formula) -> float:
        """How far a result may be off because the numbers that it is worked out from were rounded."""
        key = working.id, form
        if key not in self.doubt:
            self.doubt[key] = self.reach(working, form)
        return self.doubt[key]

    def reach(self, working: Working, form: Formula) -> float:
        """Half a unit of each of these numbers, times how much the result changes with it."""
        values, total = self.paper.values, self.noise(working, form)
        for source in self.sources(working, form):
            value = values[source]
            by = HALF * self.digits.unit(value)
            if source not in self.answered:
                by += self.uncertainty(self.workings.by_id[source], self.workings.by_id[source].forms[0])
            total += self.change(working, form, source, by)
        return total

    def change(self, working: Working, form: Formula, source: str, by: float) -> float:
        """How far the result moves with one number, the way that it moves more, as where a square is nearly 0.

        A jump, as at a maximum, is no rounding: it does not become smaller with half of the way.
        """
        middle, value = self.paper.of(working.at, form), self.paper.values[source]

        def off(way: float) -> float:
            return abs(self.with_value(working, form, source, value + way) - middle)

        offs = sorted((found, way) for way in (by, -by) if (found := off(way)) == found)
        if not offs:
            return 0.0
        (near, _), (far, way) = offs[0], offs[-1]
        return far if far > ALIKE * near and off(way / 2) < SMOOTH * far else near

    def with_value(self, working: Working, form: Formula, source: str, value: float) -> float:
        """What a formula gives with another number in one place."""
        kept = self.paper.values[source]
        self.paper.values[source] = value
        found = self.paper.of(working.at, form)
        self.paper.values[source] = kept
        return found

    def noise(self, working: Working, form: Formula) -> float:
        """What float64 loses where the terms of a sum nearly cancel."""
        if not isinstance(form, Add):
            return 0.0
        terms = (abs(self.paper.of(working.at, term)) for term in form.terms)
        return NOISE * sum(term for term in terms if term == term)
