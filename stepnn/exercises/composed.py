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
Made = tuple[Formula, dict[str, Formula]]


class Composer:
    """Puts the mistakes of the steps on the way into the formulas of answers. `way` are these steps by their ids."""

    def __init__(self, origins: Origins, way: Mapping[str, Step]) -> None:
        self.origins, self.way = origins, way
        self.wrong: dict[str, dict[str, Formula]] = {}

    def mistakes(self, at: int, formula: Formula) -> Iterator[WrongFormula]:
        """Every mistake on the way to a number that is worked out at a moment."""
        behind = self.behind(at, formula, set())
        names = dict.fromkeys(name for source in behind for name in self.faults(source))
        for name in names:
            made, instead = self.composed(at, formula, name, {})
            if instead:
                yield WrongFormula((name,), made, instead)

    def behind(self, at: int, formula: Formula, seen: set[tuple[str, int]], depth: int = 0) -> Iterator[str]:
        """The steps on the way that a formula needs, in the same pass. Each is looked at once at every depth."""
        for ref in refs(formula):
            source = self.origins.source(at, ref)
            if source is None or not self.is_on_the_way(at, source) or depth >= DEEPEST or (source, depth) in seen:
                continue
            seen.add((source, depth))
            yield source
            yield from self.behind(at, self.definition(source), seen, depth + 1)

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

    def composed(
        self, at: int, formula: Formula, name: str, known: dict[tuple[str, int], Made], depth: int = 0
    ) -> Made:
        """A formula with the mistake in every step on the way that it can be made in, and what those steps become.
        `known` has what steps have become already, by their depth: ways that meet are gone once."""
        instead: dict[str, Formula] = {}

        def change(part: Formula) -> Formula | None:
            source = self.origins.source(at, part) if isinstance(part, Ref) else None
            if source is None or not self.is_on_the_way(at, source) or depth >= DEEPEST:
                return None
            if (source, depth) not in known:
                own = self.faults(source).get(name)
                made, inner = self.composed(at, own or self.definition(source), name, known, depth + 1)
                known[source, depth] = made, {**inner, source: made} if inner or own is not None else {}
            made, inner = known[source, depth]
            instead.update(inner)
            return made if inner else None  # nothing is wrong there

        return transform(formula, change), instead
