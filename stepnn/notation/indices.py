"""Index letters of formulas: which are free, which are bound, and what a formula is with numbers in their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

from stepnn.notation.formula import (
    ONE,
    ZERO,
    Add,
    Call,
    Formula,
    Index,
    IsFirst,
    IsLargest,
    Largest,
    Multiply,
    Negative,
    Ref,
    Same,
    Sum,
    add,
    multiply,
    number_index,
    parts,
    refs,
    transform,
    walk,
)


def binds(part: Formula) -> tuple[tuple[str, int], ...]:
    """The letters that a sum or a maximum runs over, with their sizes."""
    match part:
        case Sum(letter, size, _):
            return ((letter, size),)
        case Largest(letters, sizes, _) | IsLargest(letters, sizes, _):
            return tuple(zip(letters, sizes, strict=True))
    return ()


def bound_letters(formula: Formula) -> dict[str, int]:
    """Every letter that something in the formula runs over, with its size."""
    return {letter: size for part in walk(formula) for letter, size in binds(part)}


def used_letters(formula: Formula) -> set[str]:
    """Every index letter in the formula, free or bound."""
    return {*free_letters(formula), *bound_letters(formula)}


def bound_anew(part: Formula, letters: Mapping[str, str], body: Formula, sizes: Mapping[str, int]) -> Formula:
    """A sum or maximum over other letters, with another body; `sizes` tells those that are known, by new letter."""
    match part:
        case Sum(letter, size, _):
            new = letters.get(letter, letter)
            return Sum(new, sizes.get(new, size), body)
        case Largest(old, counts, _) | IsLargest(old, counts, _):
            named = tuple(letters.get(letter, letter) for letter in old)
            known = tuple(sizes.get(letter, size) for letter, size in zip(named, counts, strict=True))
            return replace(part, letters=named, sizes=known, body=body)
    raise TypeError(part)


def indices_of(part: Formula) -> tuple[Index, ...]:
    """The positions that stand in a part itself, not in what it is made of."""
    match part:
        case Ref(_, index) | IsLargest(_, _, _, index):
            return index
        case Same(left, right):
            return (left, right)
    return ()


def with_indices(formula: Formula, where: Mapping[str, Index]) -> Formula:
    """The formula with free index letters replaced. A letter that a sum inside binds is left alone."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Ref(name, index):
                return Ref(name, tuple(one.replace(where) for one in index))
            case Same(left, right):
                return Same(left.replace(where), right.replace(where))
            case Sum() | Largest() | IsLargest():
                bound = dict(binds(part))
                if not isinstance(part, IsLargest) and not where.keys() & bound.keys():
                    return None
                rest = {key: index for key, index in where.items() if key not in bound}
                found = bound_anew(part, {}, with_indices(part.body, rest), {})
                at = tuple(one.replace(where) for one in indices_of(part))
                return replace(found, at=at) if isinstance(found, IsLargest) else found
        return None

    return transform(formula, change) if where else formula


def free_letters(formula: Formula) -> list[str]:
    """The index letters that nothing in the formula binds, in the order in which they are first read."""
    found: dict[str, None] = {}

    def visit(part: Formula, bound: frozenset[str]) -> None:
        for one in indices_of(part):
            found.update((letter, None) for letter, _ in one.terms if letter not in bound)
        bound = bound | {letter for letter, _ in binds(part)}
        for inner in parts(part):
            visit(inner, bound)

    visit(formula, frozenset())
    return list(found)


Resolve = Callable[[Ref], Formula]


def expand(formula: Formula, resolve: Resolve) -> Formula:
    """The formula with every sum written out: Σ_j w[0,j]·x[j] becomes w[0,0]·x[0] + w[0,1]·x[1].

    All free letters must be numbers already. `resolve` gives what an element reads as: itself, 0 where it does not
    exist (a term with it is left out), or what stands for it before the first time step.
    """

    def change(part: Formula) -> Formula | None:
        match part:
            case Sum(letter, count, body):
                rows = (with_indices(body, {letter: number_index(n)}) for n in range(count))
                return add(*(expand(row, resolve) for row in rows))
            case Add(terms):
                return add(*(expand(term, resolve) for term in terms))
            case Multiply(factors):
                return multiply(*(expand(factor, resolve) for factor in factors))
            case Negative(inner):
                return multiply(Negative(ONE), expand(inner, resolve))
            case Ref():
                return resolve(part)
            case Same(left, right):
                return ONE if left == right else ZERO
            case Largest():
                among = candidates(part, resolve)
                function = "min" if part.least else "max"
                return Call(function, tuple(among.values())) if len(among) > 1 else next(iter(among.values()), ZERO)
            case IsLargest(_, _, _, at, shared, least):
                among = candidates(part, resolve)
                place = tuple(one.constant for one in at)
                every = tuple(among.values())
                return IsFirst(list(among).index(place), every, shared, least) if place in among else ZERO
        return None

    return transform(formula, change)


def candidates(part: Largest | IsLargest, resolve: Resolve) -> dict[tuple[int, ...], Formula]:
    """What a maximum is taken of, by position; what lies outside, such as padding, is left out."""
    found: dict[tuple[int, ...], Formula] = {}
    for position in product(*map(range, part.sizes)):
        body = with_indices(part.body, {x: number_index(n) for x, n in zip(part.letters, position, strict=True)})
        placed = [ref for ref in refs(body) if not any(one.terms for one in ref.index)]  # others stand in sums inside
        if all(resolve(ref) != ZERO for ref in placed):
            found[position] = expand(body, resolve)
    return found


def here_at(part: IsLargest) -> Formula:
    """The value whose being the largest is asked for: the body at the position."""
    return with_indices(part.body, dict(zip(part.letters, part.at, strict=True)))
