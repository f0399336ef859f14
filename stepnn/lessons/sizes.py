"""How far the letters of formulas run."""

from __future__ import annotations

from collections.abc import Mapping

from stepnn.notation.formula import Formula, walk
from stepnn.notation.index import Index
from stepnn.notation.indices import binds


def unsized(formula: Formula) -> set[str]:
    """The letters of sums whose sizes are not known."""
    return {letter for part in walk(formula) for letter, size in binds(part) if not size}


def furthest(index: Index, letter: str, sizes: Mapping[str, int], size: int) -> int:
    """How many positions a letter can run over while its index stays inside an array; 0 where that is not clear."""
    factors = dict(index.terms)
    if any(factor < 0 for factor in factors.values()) or index.constant < 0 or index.looked:
        return 0
    others = sum(factor * (sizes[other] - 1) for other, factor in factors.items() if other != letter)
    return (size - 1 - index.constant - others) // factors[letter] + 1
