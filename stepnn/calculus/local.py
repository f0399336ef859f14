"""Local derivatives: how one formula depends on one quantity. One link of the chain rule.

A formula F may use elements of a quantity q at several index patterns. Each pattern becomes a `Link`:

    ∂F/∂q[m]  =  Σ over links, Σ over link.bounds:  link.coefficient · [link.index = m]

The coefficient is an ordinary scalar derivative, taken by SymPy, and then rewritten in terms of the
formula's own value where that is shorter: σ′ = a·(1 − a), tanh′ = 1 − a².
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import sympy

from stepnn.calculus.bridge import Bridge, Expression
from stepnn.calculus.shorter import rewritten
from stepnn.network.model import Quantity
from stepnn.notation.formula import (
    ONE,
    ZERO,
    Call,
    Cases,
    Compare,
    Formula,
    IsLargest,
    Largest,
    Multiply,
    Negative,
    Number,
    Ref,
    Sum,
    add,
    multiply,
    parts,
    refs,
    transform,
)
from stepnn.notation.index import Index, letter_index
from stepnn.notation.indices import (
    apart,
    binds,
    free_letters,
    indices_of,
    over,
    used_letters,
    with_positions,
)

Scalar: TypeAlias = "tuple[Expression, tuple[Index, ...], Bounds]"
Bounds = tuple[tuple[str, int], ...]
Pattern: TypeAlias = "tuple[tuple[Index, ...], Bounds]"


@dataclass(frozen=True)
class Link:
    """One way in which a formula depends on a quantity. `plain` is the derivative before any rewriting."""

    coefficient: Formula
    plain: Formula
    index: tuple[Index, ...]
    bounds: Bounds = ()


def links(user: Quantity, quantity: str) -> list[Link]:
    """All links from the formula of `user` to the quantity of that key.

    Every sum in them has a letter of its own, which is none of `user`. Formulas that differ only in their names are
    differentiated once: ten sigmoid layers cost as much as one.
    """
    assert user.formula is not None
    own, formula = user.general, apart(user.formula, set(user.letters))
    names = {name: f"q{n}" for n, name in enumerate(dict.fromkeys([own.name, *(ref.name for ref in refs(formula))]))}
    if quantity not in names:
        return []
    letters = {letter: f"i{n}" for n, letter in enumerate(sorted(used_letters(formula)))}
    found = plain_links(renamed(formula, names, letters), names[quantity], renamed_ref(own, names, letters))
    old_names, old_letters = ({new: old for old, new in table.items()} for table in (names, letters))
    return [
        Link(
            renamed(link.coefficient, old_names, old_letters),
            renamed(link.plain, old_names, old_letters),
            renamed_ref(Ref("", link.index), {"": ""}, old_letters).index,
            tuple((old_letters[letter], count) for letter, count in link.bounds),
        )
        for link in found
    ]


def renamed(formula: Formula, names: Mapping[str, str], letters: Mapping[str, str]) -> Formula:
    """The formula with other names for its quantities and other letters for its indices, all of them."""
    where = {old: letter_index(new) for old, new in letters.items()}

    def change(part: Formula) -> Formula | None:
        index = tuple(one.replace(where) for one in indices_of(part))
        if isinstance(part, Ref):
            return Ref(names[part.name], index)
        part = with_positions(part, index)
        if binds(part):
            (body,) = parts(part)
            bound, sizes = zip(*binds(part), strict=True)
            return over(part, (letters[letter] for letter in bound), sizes, renamed(body, names, letters))
        return part if index else None

    return transform(formula, change)


def renamed_ref(ref: Ref, names: Mapping[str, str], letters: Mapping[str, str]) -> Ref:
    where = {old: letter_index(new) for old, new in letters.items()}
    return Ref(names[ref.name], tuple(one.replace(where) for one in ref.index))


@lru_cache(maxsize=256)
def plain_links(formula: Formula, quantity: str, own: Ref | None) -> tuple[Link, ...]:
    """The links of a formula whose names have been made uniform. `own` is None for a part of a formula."""
    cases = as_cases(formula)
    if cases is not None:
        return by_cases(cases, quantity, own)
    found: list[Link] = []
    bridge = Bridge()
    for coefficient, index, bounds in scalar_links(bridge, formula, quantity):
        best, plain = rewritten(bridge, coefficient, formula, own), bridge.to_formula(coefficient)
        for letter, count in bounds:
            if not any(letter in place.letters for place in index):  # the same element each time
                best, plain = summed(best, letter, count), summed(plain, letter, count)
                bounds = tuple(bound for bound in bounds if bound[0] != letter)
        found.append(Link(best, plain, index, bounds))
    return tuple(found)


def summed(product: Formula, letter: str, count: int) -> Formula:
    """Σ over the letter, with the factors that do not depend on it taken out in front."""
    if isinstance(product, Negative):
        return multiply(Negative(ONE), summed(product.inner, letter, count))
    factors = product.factors if isinstance(product, Multiply) else (product,)
    inside = [factor for factor in factors if letter in free_letters(factor)]
    outside = [factor for factor in factors if letter not in free_letters(factor)]
    if not inside:
        return multiply(Number(count), *outside)
    return multiply(*outside, Sum(letter, count, multiply(*inside)))


def as_cases(formula: Formula) -> Cases | None:
    """A choice between two formulas. At a tie of `max` and `min` the first counts, as in PyTorch: ReLU′(0) = 0."""
    match formula:
        case Cases():
            return formula
        case Call("max", (first, second)):
            return Cases(Compare(">", second, first), second, first)
        case Call("min", (first, second)):
            return Cases(Compare("<", second, first), second, first)
    return None


def by_cases(formula: Cases, quantity: str, own: Ref | None) -> tuple[Link, ...]:
    """The derivative of each case, for each pattern that either case uses."""
    yes_links, no_links = (by_pattern(plain_links(case, quantity, own)) for case in (formula.yes, formula.no))
    found = []
    for pattern in dict.fromkeys([*yes_links, *no_links]):
        yes, no = (side.get(pattern, Link(ZERO, ZERO, *pattern)) for side in (yes_links, no_links))
        best = Cases(formula.condition, yes.coefficient, no.coefficient)
        found.append(Link(best, Cases(formula.condition, yes.plain, no.plain), *pattern))
    return tuple(found)


def by_pattern(found: Sequence[Link]) -> dict[Pattern, Link]:
    """Several ways to the same elements as one: what comes by each of them is added."""
    together: dict[Pattern, Link] = {}
    for link in found:
        pattern = (link.index, link.bounds)
        other = together.get(pattern, Link(ZERO, ZERO, *pattern))
        coefficient, plain = add(other.coefficient, link.coefficient), add(other.plain, link.plain)
        together[pattern] = Link(coefficient, plain, *pattern)
    return together


def scalar_links(bridge: Bridge, formula: Formula, quantity: str) -> Iterator[Scalar]:
    """The derivative by each pattern of the quantity, as a SymPy expression. Sums and cases are followed inside."""
    expression = bridge.to_sympy(formula)
    for part in opaque_parts(formula):
        slope = sympy.diff(expression, bridge.symbol(part))
        if slope == 0:
            continue
        if isinstance(part, Ref):
            if part.name == quantity:
                yield slope, part.index, ()
        elif isinstance(part, Sum):
            for inner, index, bounds in scalar_links(bridge, part.body, quantity):
                yield slope * inner, index, ((part.letter, part.size), *bounds)
        elif isinstance(part, Largest):
            wins = bridge.symbol(is_largest(part))
            for inner, index, bounds in scalar_links(bridge, part.body, quantity):
                yield slope * wins * inner, index, (*binds(part), *bounds)
        else:
            for link in plain_links(part, quantity, None):
                yield slope * bridge.to_sympy(link.coefficient), link.index, link.bounds


def is_largest(part: Largest) -> IsLargest:
    """The slope of a maximum by the value at its own letters."""
    at = tuple(letter_index(letter) for letter in part.letters)
    return IsLargest(part.letters, part.sizes, part.body, at, part.shared, part.least)


def opaque_parts(formula: Formula) -> list[Formula]:
    """The elements, sums and cases that the formula is made of, without looking into the last two."""
    found: dict[Formula, None] = {}

    def change(part: Formula) -> Formula | None:
        if isinstance(part, (Ref, Sum, Largest)) or as_cases(part) is not None:
            found[part] = None
            return part
        return None

    transform(formula, change)
    return list(found)
