"""The names of numbers as people type them: δ_o1 or delta_o1 or d_o1, ∂E/∂w5 or dE/dw5, and what each means."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cached_property

from stepnn.exercises.naming import spellings
from stepnn.exercises.workings import Working, Workings
from stepnn.notation.formula import Ref


class Spelling:
    """What the names mean that may be typed in an answer: given numbers, and answers before it."""

    def __init__(self, workings: Workings) -> None:
        self.workings = workings
        self.known: dict[int, dict[str, Ref]] = {}

    def vocabulary(self, working: Working) -> Mapping[str, Ref]:
        """The elements that an answer may be worked out from, by each of their spellings."""
        return {name: ref for name, ref in self.all(working.at).items() if self.is_before(working, ref)}

    def all(self, at: int) -> Mapping[str, Ref]:
        """Every element of a moment by each of its spellings; of two with the same, the first one."""
        if at not in self.known:
            found: dict[str, Ref] = {}
            moment = self.workings.moments[at]
            for quantity in moment.network.quantities:
                if quantity.key in moment.values and not moment.samples:
                    for ref in map(quantity.element, quantity.positions):
                        for name in spellings(moment.names.of(ref)):
                            found.setdefault(name, ref)
            self.known[at] = found
        return self.known[at]

    def is_before(self, working: Working, ref: Ref) -> bool:
        """Whether a number is given, or an answer that stands before this one."""
        source = self.workings.source(working.at, ref)
        if source is None or self.workings.order.get(source, ...) is None:
            return True  # given, or the same for everybody
        other = self.workings.by_id.get(source)
        return other is not None and other.step is not None and other.place < working.place

    def working(self, name: str) -> Working | None:
        """The answer that is meant by its id, or by its symbol as it is first asked, in any spelling."""
        return self.workings.by_id.get(name) or self.by_symbol.get(unicodedata.normalize("NFKC", name))

    @cached_property
    def by_symbol(self) -> Mapping[str, Working]:
        """The answers by each of their spellings; of several with the same, the first one."""
        found: dict[str, Working] = {}
        for working in self.workings.asked:
            for spelled in spellings(self.workings.moments[working.at].names.of(working.ref)):
                found.setdefault(spelled, working)
        return found

    def key(self, working: Working) -> str:
        """The symbol of an answer where it is the first of that symbol, else its id."""
        assert working.step is not None
        symbol = working.step.symbol
        return symbol if self.by_symbol.get(symbol) is working else working.id
