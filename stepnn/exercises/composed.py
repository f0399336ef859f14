"""Mistakes that were made on the way to an answer, in steps that nobody asked for.

Whoever makes a mistake there makes it in every step of its kind: so it is put into all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stepnn.exercises.catalogue import WrongFormula, wrong_formulas
from stepnn.exercises.origins import Origins
from stepnn.notation.formula import Formula, Ref, refs, transform
from stepnn.trace.step import Step

DEEPEST = 6  # steps between two answers


class Composer:
    """Puts the mistakes of the steps on the way into the formulas of answers. `way` are these steps by their ids."""

    def __init__(self, origins: Origins, way: Mapping[str, Step]) -> None:
        self.origins, self.way = origins, way
        self.wrong: dict[str, dict[str, Formula]] = {}

    def mistakes(self, at: int, formula: Formula) -> Iterator[WrongFormula]:
        """Every mistake on the way to a number that is worked out at a moment."""
        names = dict.fromkeys(name for source in self.behind(at, formula) for name in self.faults(source))
        for name in names:
            instead: dict[str, Formula] = {}
            made = self.composed(at, formula, name, instead, 0)
            if instead:
                yield WrongFormula((name,), made, instead)

    def behind(self, at: int, formula: Formula, depth: int = 0) -> Iterator[str]:
        """The steps on the way that a formula needs, in the same pass."""
        for ref in refs(formula):
            source = self.origins.source(at, ref)
            if source is not None and self.is_on_the_way(at, source) and depth < DEEPEST:
                yield source
                yield from self.behind(at, self.definition(source), depth + 1)

    def is_on_the_way(self, at: int, source: str) -> bool:
        return source in self.way and self.origins.elements[source][0] == at

    def faults(self, source: str) -> dict[str, Formula]:
        """The wrong formulas of a step on the way, by the names of their mistakes."""
        if source not in self.wrong:
            found: dict[str, Formula] = {}
            for fault in wrong_formulas(self.way[source]):
                for name in fault.names:
                    found.setdefault(name, fault.formula)
            self.wrong[source] = found
        return self.wrong[source]

    def definition(self, source: str) -> Formula:
        at, ref = self.origins.elements[source]
        return self.origins.moments[at].network.definition(ref)

    def composed(self, at: int, formula: Formula, name: str, instead: dict[str, Formula], depth: int) -> Formula:
        """A formula with the mistake in every step on the way that it can be made in."""

        def change(part: Formula) -> Formula | None:
            source = self.origins.source(at, part) if isinstance(part, Ref) else None
            if source is None or not self.is_on_the_way(at, source) or depth >= DEEPEST:
                return None
            before = len(instead)
            own = self.faults(source).get(name)
            made = self.composed(at, own or self.definition(source), name, instead, depth + 1)
            if own is None and len(instead) == before:
                return None  # nothing is wrong there
            instead[source] = made
            return made

        return transform(formula, change)
