"""Changes that anybody may make in any formula. They say where to look, and never what the mistake was."""

from __future__ import annotations

from collections.abc import Iterator

from stepnn.exercises.situation import Situation, swapped, without_terms
from stepnn.notation.formula import Add, Formula, Multiply, Negative, Number, transform, walk


def minus_lost(at: Situation) -> Iterator[Formula]:
    """The first minus sign lost."""
    done = False

    def change(part: Formula) -> Formula | None:
        nonlocal done
        if isinstance(part, Negative) and not done:
            done = True
            return part.inner
        return None

    yield transform(at.whole, change)


def term_changed(at: Situation) -> Iterator[Formula]:
    """One term left out, counted twice, or with the other sign."""
    for part in dict.fromkeys(walk(at.whole)):
        if isinstance(part, Add):
            yield from without_terms(at.whole, part)
            for term in part.terms:
                yield swapped(at.whole, term, Multiply((Number(2), term)))
                yield swapped(at.whole, term, Negative(term))


def factor_changed(at: Situation) -> Iterator[Formula]:
    """One factor left out, or used twice."""
    for part in dict.fromkeys(walk(at.whole)):
        if isinstance(part, Multiply):
            for factor in part.factors:
                kept = tuple(one for one in part.factors if one != factor)
                if kept:
                    yield swapped(at.whole, part, Multiply(kept) if len(kept) > 1 else kept[0])
                yield swapped(at.whole, part, Multiply((*part.factors, factor)))


GENERIC = (minus_lost, term_changed, factor_changed)
