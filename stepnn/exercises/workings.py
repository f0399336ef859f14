"""How the answers of an assignment hang together: what each is worked out from, and in which ways.

It depends on the lesson and on what is asked, not on the numbers: one serves a whole class.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from stepnn.exercises.catalogue import WrongFormula, wrong_formulas
from stepnn.exercises.composed import Composer
from stepnn.exercises.plan import Exercises
from stepnn.network.model import Quantity, Role
from stepnn.notation.formula import Dots, Formula, Ref, refs, transform, walk
from stepnn.trace.forms import Forms
from stepnn.trace.step import Moment, Step

DERIVED = (Role.ERROR_SLOPE, Role.LOCAL_SLOPE, Role.DELTA, Role.GRADIENT, Role.BATCH_GRADIENT)
MOST_FORMS = 8  # ways to work one answer out
DEEPEST = 2  # how often something on the way back is replaced by what it is made of


@dataclass(frozen=True)
class Element:
    """One element of a quantity, as `Forms` is asked for its equation."""

    quantity: Quantity
    ref: Ref
    term: Formula | None = None
    in_full: bool = False


@dataclass(frozen=True, eq=False)
class Working:
    """One number that is worked out: an answer, or something on the way from one answer to another.

    `at` is the place of its moment in the trace. `forms` are the formulas that give it, the one by which it is carried
    on first. `step` is set where it is asked, `place` is its place among the answers; `composer` knows the mistakes
    that can be made in steps on the way.
    """

    id: str
    at: int
    ref: Ref
    forms: tuple[Formula, ...]
    step: Step | None = None
    place: int = 0
    composer: Composer | None = None

    @cached_property
    def mistakes(self) -> tuple[WrongFormula, ...]:
        """The mistakes that can be made in it, looked for when they are first needed."""
        own = wrong_formulas(self.step) if self.step is not None else ()
        more = self.composer.mistakes(self.at, self.forms[0]) if self.composer is not None and own else ()
        return (*own, *more)

    @cached_property
    def drawn(self) -> tuple[WrongFormula, ...]:
        """Those of them by which numbers are drawn."""
        return tuple(one for one in self.mistakes if one.is_drawn)


class Workings:
    """All workings of an assignment, each behind those that it needs. `asked` are those with an answer, as they stand
    on the sheet."""

    def __init__(self, exercises: Exercises, every: bool = False) -> None:
        """With `every`, all steps that the exercises have, the worked ones too."""
        self.exercises, self.origins = exercises, exercises.origins
        self.moments, self.by_number = self.origins.moments, self.origins.by_number
        self.elements, self.source, self.needed = self.origins.elements, self.origins.source, self.origins.needed
        self.forms: dict[tuple[int, Ref], list[Formula]] = {}
        steps = [step for place, step in enumerate(exercises.steps) if every or exercises.asks(place, step)]
        self.step_of = {step.id: (place, step) for place, step in enumerate(steps)}
        way = {name: exercises.trace[name] for name in exercises.on_the_way if name in exercises.trace.by_symbol}
        self.composer = Composer(self.origins, way) if way else None
        self.order: dict[str, Working | None] = {}
        for step in steps:
            self.add(step.id)
        self.all = [one for one in self.order.values() if one is not None]
        self.asked = sorted((one for one in self.all if one.step is not None), key=lambda one: one.place)
        self.by_id = {one.id: one for one in self.all}

    def add(self, name: str) -> bool:
        """Put a number behind all that it needs. False where it is the same for everybody: it is given, or follows from
        nothing else."""
        if name not in self.order:
            self.order[name] = None  # what needs itself is looked for once
            at, ref = self.elements[name]
            whole = self.moments[at].network.definition(ref)
            matters = [self.add(source) for source in self.needed(at, whole)]
            if any(matters) or name in self.step_of or name in self.exercises.on_the_way:
                place, step = self.step_of.get(name, (0, None))
                forms = tuple(self.ways(at, ref, whole)) if step is not None else (whole,)
                del self.order[name]
                self.order[name] = Working(
                    name, at, ref, forms, step, place, self.composer if step is not None else None
                )
        return self.order[name] is not None

    def ways(self, at: int, ref: Ref, whole: Formula) -> Iterator[Formula]:
        """The formulas that give an element: its own, those that a page shows, and what they are made of in turn."""
        found = dict.fromkeys([whole, *self.shown(at, ref)])
        latest = list(found)
        for _ in range(DEEPEST):
            latest = [one for form in latest for one in self.opened(at, form) if one not in found]
            found |= dict.fromkeys(latest)
        for form in list(found)[:MOST_FORMS]:
            for source in self.needed(at, form):
                self.add(source)
            yield form

    def shown(self, at: int, ref: Ref) -> list[Formula]:
        """The forms of an element that a page shows, put together once."""
        if (at, ref) not in self.forms:
            self.forms[at, ref] = shown_forms(self.moments[at], ref)
        return self.forms[at, ref]

    def opened(self, at: int, form: Formula) -> Iterator[Formula]:
        """The formula with everything from the way back replaced by what it is made of, in each of its forms."""
        network = self.moments[at].network
        for pick in (0, -1):

            def change(part: Formula, pick: int = pick) -> Formula | None:
                if not isinstance(part, Ref):
                    return None
                quantity = network[part.name]
                if quantity.role not in DERIVED or quantity.formula is None:
                    return None
                sides = self.shown(at, part)
                return sides[pick] if sides else None

            yield transform(form, change)


def shown_forms(moment: Moment, ref: Ref) -> list[Formula]:
    """The right sides of the equation as a page shows them, and as a whole chain."""
    forms: Forms = moment.forms
    quantity = moment.network[ref.name]
    found = [side for whole in (False, True) for side in forms.here(Element(quantity, ref, None, whole))]
    return [side for side in found if all_known(moment, side)]


def all_known(moment: Moment, formula: Formula) -> bool:
    return not any(isinstance(part, Dots) for part in walk(formula)) and all(
        one.name in moment.values for one in refs(formula)
    )
