"""Index letters of formulas: which are free, which are bound, and what a formula is with numbers in their place.

A letter belongs to the formula, or to the sum or maximum, that it stands in. Replacing letters never lets one be
captured: a sum inside that has taken the name of an arriving letter gets another one first, as with variables under
a quantifier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from stepnn.notation.formula import (
    ONE,
    ZERO,
    Add,
    Call,
    Cases,
    Compare,
    Formula,
    IsFirst,
    IsLargest,
    Largest,
    Multiply,
    Negative,
    Number,
    Position,
    Power,
    Ref,
    Same,
    Sum,
    add,
    multiply,
    parts,
    refs,
    transform,
    walk,
)
from stepnn.notation.index import Index, Looked, letter_index, number_index

RELATIONS: dict[str, Callable[[int, int], bool]] = {
    ">": int.__gt__, ">=": int.__ge__, "<": int.__lt__, "<=": int.__le__,
}  # fmt: skip


def binds(part: Formula) -> tuple[tuple[str, int], ...]:
    """The letters that a sum or a maximum runs over, with their sizes."""
    match part:
        case Sum(letter, size, _):
            return ((letter, size),)
        case Largest(letters, sizes, _) | IsLargest(letters, sizes, _):
            return tuple(zip(letters, sizes, strict=True))
    return ()


def longest(formula: Formula) -> int:
    """How many terms the longest sum or maximum in a formula has, those inside it multiplied."""
    inner = max((longest(part) for part in parts(formula)), default=1)
    return inner * prod(size or 1 for _, size in binds(formula))


def scoped(formula: Formula, bound: Mapping[str, int] | None = None) -> Iterator[tuple[Formula, Mapping[str, int]]]:
    """The formula and everything in it, each with the letters that are bound around it, and their sizes."""
    bound = bound or {}
    yield formula, bound
    within = {**bound, **dict(binds(formula))}
    for part in parts(formula):
        yield from scoped(part, within)


def bound_letters(formula: Formula) -> set[str]:
    """Every letter that something in the formula runs over."""
    return {letter for part in walk(formula) for letter, _ in binds(part)}


def used_letters(formula: Formula) -> set[str]:
    """Every index letter in the formula, free or bound."""
    return {*free_letters(formula), *bound_letters(formula)}


def free_letters(formula: Formula) -> list[str]:
    """The index letters that nothing in the formula binds, in the order in which they are first read."""
    found = (
        letter
        for part, bound in scoped(formula)
        for index in indices_of(part)
        for letter in index.letters
        if letter not in bound
    )
    return list(dict.fromkeys(found))


def unused(letter: str, taken: set[str]) -> str:
    """The letter itself, or the next one of the alphabet that is not taken."""
    if letter not in taken:
        return letter
    for other in "mnpqrsuvijklh":
        if other not in taken:
            return other
    number = 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"


def over(part: Formula, letters: Iterable[str], sizes: Iterable[int], body: Formula) -> Formula:
    """A sum or maximum over other letters, with another body."""
    if isinstance(part, Sum):
        (letter,), (size,) = letters, sizes
        return Sum(letter, size, body)
    assert isinstance(part, (Largest, IsLargest))
    return replace(part, letters=tuple(letters), sizes=tuple(sizes), body=body)


def indices_of(part: Formula) -> tuple[Index, ...]:
    """The positions that stand in a part itself, not in what it is made of."""
    match part:
        case Ref(_, index) | IsLargest(_, _, _, index):
            return index
        case Same(left, right):
            return (left, right)
        case Position(one):
            return (one,)
    return ()


def with_positions(part: Formula, index: tuple[Index, ...]) -> Formula:
    """The same part with other positions in itself."""
    match part:
        case Ref(name):
            return Ref(name, index)
        case Same():
            return Same(*index)
        case Position():
            return Position(*index)
        case IsLargest():
            return replace(part, at=index)
    return part


def with_indices(formula: Formula, where: Mapping[str, Index]) -> Formula:
    """The formula with its free index letters replaced."""

    def change(part: Formula) -> Formula | None:
        if isinstance(part, Ref):
            return Ref(part.name, tuple(one.replace(where) for one in part.index)) if part.index else part
        index = indices_of(part)
        if index:
            part = with_positions(part, tuple(one.replace(where) for one in index))
        if binds(part):
            return replaced_within(part, where)
        return part if index else None

    return transform(formula, change) if where else formula


def replaced_within(part: Formula, where: Mapping[str, Index]) -> Formula:
    """A sum or maximum whose body has its free letters replaced, under other letters where one would be captured."""
    letters = [letter for letter, _ in binds(part)]
    (body,) = parts(part)
    inner = {letter: index for letter, index in where.items() if letter not in letters}
    arriving = {letter for index in inner.values() for letter in index.letters}
    if arriving.intersection(letters):
        inner = {letter: inner[letter] for letter in free_letters(body) if letter in inner}
        arriving = {letter for index in inner.values() for letter in index.letters}
    taken = arriving | used_letters(body) if arriving.intersection(letters) else set[str]()
    for place, letter in enumerate(letters):
        if letter in arriving:
            letters[place] = unused(letter, taken | set(letters))
            inner[letter] = letter_index(letters[place])
    return over(part, letters, (size for _, size in binds(part)), with_indices(body, inner))


def apart(formula: Formula, taken: set[str]) -> Formula:
    """The formula with the letters of its sums made different from each other and from all in `taken`, which grows."""

    def change(part: Formula) -> Formula | None:
        if not binds(part):
            return None
        letters = {}
        for old, _ in binds(part):
            letters[old] = unused(old, taken)
            taken.add(letters[old])
        (body,) = parts(part)
        body = with_indices(body, {old: letter_index(new) for old, new in letters.items()})
        return over(part, letters.values(), (size for _, size in binds(part)), apart(body, taken))

    return transform(formula, change)


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
            case Power(Ref() as base, Number(int(power))) if power > 0 and resolve(base) == ZERO:
                return ZERO  # the square of what does not exist is no term
            case Call("abs", (Ref() as inner,)) if resolve(inner) == ZERO:
                return ZERO
            case Same() | Position():
                return settled(part)
            case Cases() if (branch := decided(part)) is not None:
                return expand(branch, resolve)
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


def settled(part: Same | Position) -> Formula:
    """What two positions that are numbers are: the same, or not; and a position that is a number."""
    if not all(one.is_number for one in indices_of(part)):
        return part
    if isinstance(part, Position):
        return Number(part.index.constant)
    return ONE if part.left == part.right else ZERO


def decided(part: Cases) -> Formula | None:
    """The case that holds, where the condition compares nothing but whole numbers."""
    sides = [
        settled(side) if isinstance(side, Position) else side for side in (part.condition.left, part.condition.right)
    ]
    match sides:
        case [Number(int(left)), Number(int(right))]:
            return part.yes if RELATIONS[part.condition.relation](left, right) else part.no
    return None


def candidates(part: Largest | IsLargest, resolve: Resolve) -> dict[tuple[int, ...], Formula]:
    """What a maximum is taken of, by position; what lies outside, such as padding, is left out."""
    found: dict[tuple[int, ...], Formula] = {}
    for position in product(*map(range, part.sizes)):
        body = with_indices(part.body, {x: number_index(n) for x, n in zip(part.letters, position, strict=True)})
        if all(resolve(ref) != ZERO for ref in refs(body)):
            found[position] = expand(body, resolve)
    return found


def here_at(part: IsLargest) -> Formula:
    """The value whose being the largest is asked for: the body at the position."""
    return with_indices(part.body, dict(zip(part.letters, part.at, strict=True)))


def only_within(index: Index, count: int, sizes: Mapping[str, int], formula: Formula) -> Formula:
    """The formula where an index is a position from 0 to `count` − 1, and 0 elsewhere; no case where it always is."""
    lowest, highest = reach(index, sizes)
    if lowest >= count or highest < 0:
        return ZERO
    if highest >= count:
        formula = Cases(Compare("<=", Position(index), Position(number_index(count - 1))), formula, ZERO)
    if lowest < 0:
        formula = Cases(Compare(">=", Position(index), Position(number_index(0))), formula, ZERO)
    return formula


def reach(index: Index, sizes: Mapping[str, int]) -> tuple[int, int]:
    """The lowest and the highest position that an index can be."""
    ends = [(0, factor * (sizes[letter] - 1)) for letter, factor in index.terms]
    ends += [(factor * min(table.rows), factor * max(table.rows)) for table, factor in index.looked]
    return index.constant + sum(map(min, ends)), index.constant + sum(map(max, ends))


def with_tables(formula: Formula, known: Callable[[Looked], Looked]) -> Formula:
    """The formula with every table that a position is looked up in as it is `known`."""

    def bound(index: Index) -> Index:
        tables = ((replace(table, index=tuple(map(bound, table.index))), factor) for table, factor in index.looked)
        return replace(index, looked=tuple((known(table), factor) for table, factor in tables))

    def change(part: Formula) -> Formula | None:
        index = indices_of(part)
        if not any(one.looked for one in index):
            return None
        part = with_positions(part, tuple(map(bound, index)))
        return replace(part, body=with_tables(part.body, known)) if isinstance(part, IsLargest) else part

    return transform(formula, change)


def looked_up(formula: Formula) -> set[str]:
    """The names of the tables in which a formula looks positions up."""
    return {table.name for part in walk(formula) for one in indices_of(part) for table in one.tables}


def steps_apart(ref: Ref, letters: Sequence[str]) -> int:
    """How many time steps behind the one that is worked out an element is read; 0 where time plays no part."""
    in_time = letters and ref.index and ref.index[0].terms == ((letters[0], 1),)
    return ref.index[0].constant if in_time else 0
