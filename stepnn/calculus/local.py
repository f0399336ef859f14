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
from stepnn.network.model import Quantity
from stepnn.notation.formula import (
    ONE,
    ZERO,
    Call,
    Cases,
    Compare,
    Formula,
    Index,
    IsLargest,
    Largest,
    Multiply,
    Negative,
    Number,
    Ref,
    Sum,
    add,
    letter_index,
    multiply,
    parts,
    refs,
    transform,
)
from stepnn.notation.indices import (
    apart,
    binds,
    free_letters,
    indices_of,
    over,
    used_letters,
    with_indices,
    with_positions,
)

MOST_OPERATIONS, HIGHEST_DEGREE = 60, 12  # of an expression whose shorter forms are looked for
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
            if not any(letter == one for place in index for one, _ in place.terms):  # the same element each time
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


def rewritten(bridge: Bridge, slope: Expression, formula: Formula, own: Ref | None) -> Formula:
    """The derivative in its shortest proved form: as it is, in its own value, or with σ."""
    if too_large(slope):
        return bridge.to_formula(slope)
    candidates = [slope, *tidied(slope), *without_sign(slope), *with_tanh(slope)]
    if slope.has(sympy.Function):
        for candidate in in_own_value(bridge, slope, formula, own) or with_sigmoid(bridge, slope):
            candidates += [candidate, sympy.factor(candidate)]
    return bridge.shortest(*candidates)


def too_large(expression: Expression) -> bool:
    """Whether looking for a shorter form could take SymPy for ever: it would multiply everything out."""
    exponents = (part.exp for part in expression.atoms(sympy.Pow) if part.exp.is_Integer)
    return bool(expression.count_ops() > MOST_OPERATIONS or sum(map(abs, exponents)) > HIGHEST_DEGREE)


def tidied(expression: Expression) -> list[Expression]:
    """Factored and expanded forms; expressions with functions in them are left as they are."""
    simple = all(part.is_Atom or (-part).is_Atom for part in sympy.Add.make_args(expression))
    if simple or too_large(expression) or expression.has(sympy.Function):
        return []
    return [sympy.factor(expression), sympy.cancel(expression)]


def with_tanh(slope: Expression) -> list[Expression]:
    """With tanh x in place of sinh x / cosh x: the slope of ln cosh x."""
    if not slope.has(sympy.sinh):
        return []
    return [slope.replace(sympy.cosh, lambda x: sympy.sinh(x) / sympy.tanh(x))]


def without_sign(slope: Expression) -> list[Expression]:
    """With |x| in place of x·sign(x) and of √x²: 1/(1 + |x|)² is the slope of x/(1 + |x|)."""
    signs = slope.atoms(sympy.sign)
    if len(signs) != 1 or not slope.has(sympy.Abs):
        return []
    (sign,) = signs
    x, size = sign.args[0], sympy.Dummy("size", positive=True)
    found = sympy.cancel(sympy.together(slope.subs(sympy.Abs(x), size).subs(sign, size / x)))
    found = sympy.factor(found)
    return [] if found.has(x) else [found.subs(size, sympy.Abs(x))]


def in_own_value(bridge: Bridge, slope: Expression, formula: Formula, own: Ref | None) -> list[Expression]:
    """The derivative with the value of the formula itself in place of its one function, if that can be done.

    For a = 1/(1 + e^(−z)): e^(−z) = 1/a − 1, so e^(−z)/(1 + e^(−z))² becomes a·(1 − a).
    """
    value = bridge.to_sympy(formula)
    functions = list(value.atoms(sympy.Function))
    if own is None or len(functions) != 1:
        return []
    solution = solved(value, functions[0], bridge.symbol(own))
    if solution is None:
        return []
    replaced, back = slope, {bridge.symbol(own): value}
    for other, renaming in same_function_elsewhere(bridge, functions[0], slope):
        target = bridge.symbol(with_indices(own, renaming))
        replaced = replaced.subs(other, solution.subs(bridge.symbol(own), target))
        back[target] = bridge.to_sympy(with_indices(formula, renaming))
    replaced = sympy.cancel(replaced)
    return [replaced] if is_polynomial(replaced) and equal(replaced.subs(back), slope) else []


def solved(value: Expression, inner: Expression, own: Expression) -> Expression | None:
    """What `inner` is when `value` = `own`, where the equation is linear in it: e^(−z) = 1/a − 1."""
    unknown = sympy.Dummy("u")
    top, bottom = sympy.fraction(sympy.together(value.subs(inner, unknown)))
    equation = sympy.expand(own * bottom - top)
    slope = sympy.diff(equation, unknown)
    return None if slope == 0 or slope.has(unknown) else -equation.subs(unknown, 0) / slope


def is_polynomial(expression: Expression) -> bool:
    """Whether nothing but numbers is divided by, in a cancelled expression: rewriting must not bring in 1/0."""
    return not expression.has(sympy.Function) and bool(sympy.fraction(expression)[1].is_number)


def equal(left: Expression, right: Expression) -> bool:
    """Whether SymPy proves two expressions equal, their functions taken as unknowns."""
    unknowns = {function: sympy.Dummy() for function in (left - right).atoms(sympy.Function)}
    return bool(sympy.cancel(sympy.together((left - right).subs(unknowns))) == 0)


def same_function_elsewhere(
    bridge: Bridge, inner: Expression, slope: Expression
) -> list[tuple[Expression, dict[str, Index]]]:
    """The function as it stands, and at other indices: beside e^(z_k) also e^(z_j), as softmax has it."""
    found: list[tuple[Expression, dict[str, Index]]] = [(inner, {})]
    symbols = [symbol for symbol in inner.free_symbols if isinstance(bridge.meanings[symbol], Ref)]
    if len(symbols) != 1:
        return found
    here = bridge.meanings[symbols[0]]
    for other, there in list(bridge.meanings.items()):
        if isinstance(here, Ref) and isinstance(there, Ref) and here.name == there.name and here != there:
            renaming = {a.letter: b for a, b in zip(here.index, there.index, strict=True) if a.letter and a != b}
            moved = inner.subs(symbols[0], other)
            if slope.has(moved) and with_indices(here, renaming) == there:
                found.append((moved, renaming))
    return found


def with_sigmoid(bridge: Bridge, slope: Expression) -> list[Expression]:
    """The derivative with σ(x) in place of exponentials: e^(−x) = (1 − σ(x))/σ(x). Short, and safe for large x."""
    exponentials = slope.atoms(sympy.exp)
    if len(exponentials) != 1:
        return []
    (found,) = exponentials
    argument = found.args[0]
    flipped = argument.could_extract_minus_sign()
    sigma = bridge.symbol(Call("sigmoid", (bridge.to_formula(-argument if flipped else argument),)))
    tidy = sympy.cancel(slope.subs(found, (1 - sigma) / sigma if flipped else sigma / (1 - sigma)))
    if not is_polynomial(tidy):
        return []
    grouped = sigma + sympy.factor(tidy - sigma)  # σ + z·σ·(1 − σ), as the literature writes swish
    return [
        form for form in (tidy, grouped) if equal(form.subs(sigma, 1 / (1 + (found if flipped else 1 / found))), slope)
    ]
