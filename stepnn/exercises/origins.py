"""Where every number of a trace comes from: which element of which moment it is, and what it is worked out from.

It depends on the lesson, not on its numbers: one serves a whole class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from stepnn.network.identity import Key, What, is_a
from stepnn.notation.formula import Formula, Ref, refs
from stepnn.trace.trace import Trace


class Origins:
    """The numbers of a trace by their ids, which are those of steps. `at` is the place of a moment in the trace."""

    def __init__(self, trace: Trace) -> None:
        self.moments = trace.moments
        self.by_number = {moment.number: place for place, moment in enumerate(self.moments)}
        self.sources: dict[tuple[int, Ref], str | None] = {}

    @cached_property
    def elements(self) -> Mapping[str, tuple[int, Ref]]:
        """Where every number is worked out, by its id."""
        found: dict[str, tuple[int, Ref]] = {}
        for place, moment in enumerate(self.moments):
            for quantity in moment.network.computed:
                if quantity.key in moment.values:
                    for ref in map(quantity.element, quantity.positions):
                        found[f"p{moment.number}.{moment.names.ascii(ref)}"] = place, ref
        return found

    def source(self, at: int, ref: Ref) -> str | None:
        """The id of the number that an element is at a moment; None for a given one."""
        key = at, ref
        if key not in self.sources:
            if is_a(ref.name, What.BEFORE):
                assert isinstance(ref.name, Key)
                before = self.by_number[self.moments[at].made_in]
                self.sources[key] = self.source(before, Ref(ref.name.of[0], ref.index))
            else:
                self.sources[key] = self.moments[at].source(ref)
        return self.sources[key]

    def needed(self, at: int, formula: Formula) -> Iterator[str]:
        """The ids of the numbers in a formula that are worked out."""
        for ref in refs(formula):
            source = self.source(at, ref)
            if source is not None and source in self.elements:
                yield source

    def uses(self, name: str) -> list[str]:
        """The ids of the numbers that a number is worked out from."""
        at, ref = self.elements[name]
        return list(dict.fromkeys(self.needed(at, self.moments[at].network.definition(ref))))
