"""Shorter forms of a derivative, proved equal to it: in its function's own value, with σ, with tanh, with |x|."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import sympy

from stepnn.calculus.bridge import Bridge, Expression
from stepnn.notation.formula import Call, Cases, Formula, Ref
from stepnn.notation.index import Index, letter_index
from stepnn.notation.indices import free_letters, with_indices

MOST_OPERATIONS, HIGHEST_DEGREE = 60, 12  # of an expression whose shorter forms are looked for


def rewritten(bridge: Bridge, slope: Expression, formula: Formula, own: Ref | None) -> Formula:
    """The derivative in its shortest proved form: as it is, in its own value, or with σ."""
    if too_large(slope):
        return bridge.to_formula(slope)
    candidates = [slope, *tidied(slope), *without_sign(slope), *with_tanh(slope)]
    if slope.has(sympy.Function) or cases_in(bridge, slope):
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

    For a = 1/(1 + e^(−z)): e^(−z) = 1/a − 1, so e^(−z)/(1 + e^(−z))² becomes a·(1 − a). A choice between cases counts
    as a function: e^z in a softmax under a mask.
    """
    value = bridge.to_sympy(formula)
    functions = [*value.atoms(sympy.Function), *cases_in(bridge, value)]
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


def definition_solved(formula: Formula, own: Ref) -> tuple[Formula, Formula] | None:
    """The one function in a formula, and what it is when the formula's value is given: e^(−z), and 1/a − 1."""
    bridge = Bridge()
    value = bridge.to_sympy(formula)
    functions = list(value.atoms(sympy.Function))
    if len(functions) != 1:
        return None
    solution = solved(value, functions[0], bridge.symbol(own))
    if solution is None:
        return None
    split = sympy.Add(*(sympy.cancel(term) for term in sympy.Add.make_args(sympy.expand(solution))))
    return bridge.to_formula(functions[0]), bridge.to_formula(split)


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
    if isinstance(cases := bridge.meanings.get(inner), Cases):
        return [*found, *same_cases_elsewhere(bridge, cases, slope)]
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


def cases_in(bridge: Bridge, expression: Expression) -> list[Expression]:
    """The choices between cases in an expression."""
    symbols = sorted(expression.free_symbols, key=lambda one: one.name)
    return [one for one in symbols if isinstance(bridge.meanings.get(one), Cases)]


def same_cases_elsewhere(
    bridge: Bridge, here: Cases, slope: Expression
) -> Iterator[tuple[Expression, dict[str, Index]]]:
    """The same choice at another letter."""
    for other in cases_in(bridge, slope):
        there = bridge.meanings[other]
        for old, new in product(free_letters(here), free_letters(there)):
            if old != new and with_indices(here, {old: letter_index(new)}) == there:
                yield other, {old: letter_index(new)}


def with_sigmoid(bridge: Bridge, slope: Expression) -> list[Expression]:
    """The derivative with σ(x) in place of exponentials: e^(−x) = (1 − σ(x))/σ(x). Short, and safe for large x."""
    exponentials = slope.atoms(sympy.exp)
    if len(exponentials) != 1:
        return []
    (found,) = exponentials
    argument = found.args[0]
    flipped = argument.could_extract_minus_sign()
    sigma = bridge.symbol(Call("sigmoid", (bridge.to_formula(-argument if flipped else argument),)))
    slope, around = without_functions(slope, found)
    tidy = sympy.cancel(slope.subs(found, (1 - sigma) / sigma if flipped else sigma / (1 - sigma)))
    if not is_polynomial(tidy):
        return []
    grouped = [one + sympy.gcd_terms(sympy.expand(tidy - one)) for one in (sigma, *around)]  # σ + z·σ·(1 − σ)
    value = 1 / (1 + (found if flipped else 1 / found))
    return [form.subs(around) for form in (tidy, *grouped) if equal(form.subs(sigma, value), slope)]


def without_functions(slope: Expression, exponential: Expression) -> tuple[Expression, dict[Expression, Expression]]:
    """The derivative with symbols for functions that an exponential stands in, and what they stand for."""
    around: dict[Expression, Expression] = {}
    for one in sorted(slope.atoms(sympy.Function), key=lambda one: -one.count_ops()):
        if one != exponential and one.has(exponential):
            symbol = sympy.Dummy("f", real=True)
            slope, around[symbol] = slope.subs(one, symbol), one
    return slope, around
