"""Formulas as trees: the one form in which every quantity of a network is written.

A formula keeps its terms and factors in the order in which they were written, because a reader must see
them as the textbook prints them. The same tree is printed, differentiated, compiled and evaluated.

An index outside the range of its quantity reads as 0: that is what zero padding does, and what makes the
gradient of a convolution come out right at its borders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from stepnn.notation.index import Index
from stepnn.notation.part import formula_part


@formula_part
class Number:
    """A number that is written in the formula itself, such as the ½ of the squared error."""

    value: Fraction | int | float


@formula_part
class Ref:
    """One element of a quantity: `w[k, j]` is Ref("w", (k, j)). `name` is the quantity's key in its network."""

    name: str
    index: tuple[Index, ...] = ()


@formula_part
class Add:
    """A sum in written order; a term that is taken away is a `Negative`."""

    terms: tuple[Formula, ...]


@formula_part
class Multiply:
    """A product in written order."""

    factors: tuple[Formula, ...]


@formula_part
class Divide:
    """A quotient."""

    top: Formula
    bottom: Formula


@formula_part
class Power:
    """A power."""

    base: Formula
    exponent: Formula


@formula_part
class Negative:
    """Minus something."""

    inner: Formula


@formula_part
class Call:
    """A function of one or more formulas; the names are those of `notation.functions`."""

    function: str
    arguments: tuple[Formula, ...]


@formula_part
class Sum:
    """Σ over `letter` = 0 … size − 1 of `body`. The size is 0 until the formula is bound to its quantities."""

    letter: str
    size: int
    body: Formula


@formula_part
class Compare:
    """A condition: `left relation right`, with relation one of > >= < <=."""

    relation: str
    left: Formula
    right: Formula


@formula_part
class Cases:
    """`yes` where the condition holds, `no` elsewhere."""

    condition: Compare
    yes: Formula
    no: Formula


@formula_part
class Same:
    """1 where the two indices are equal, 0 elsewhere (the Kronecker delta)."""

    left: Index
    right: Index


@formula_part
class Position:
    """An index as a number: the position of an element, counted from 0 as in formulas."""

    index: Index


@formula_part
class Largest:
    """The largest value that `body` takes while `letters` run from 0 to their sizes.

    A position where the body reads an element that lies outside its array does not count; where none counts, the
    value is 0, and so is every slope. Where several are largest, the slope is 1 at the first of them, or with `shared`
    the same part at each. With `least` it is the smallest value.
    """

    letters: tuple[str, ...]
    sizes: tuple[int, ...]
    body: Formula
    shared: bool = False
    least: bool = False


@formula_part
class IsLargest:
    """1 where the largest value of `body` over `letters` is the one at the position `at`, 0 elsewhere."""

    letters: tuple[str, ...]
    sizes: tuple[int, ...]
    body: Formula
    at: tuple[Index, ...]
    shared: bool = False
    least: bool = False


@formula_part
class IsFirst:
    """`IsLargest` written out: 1 if the first largest of the formulas `among` is the one at `place`, else 0."""

    place: int
    among: tuple[Formula, ...]
    shared: bool = False
    least: bool = False


@formula_part
class Dots:
    """Terms left out of a long sum on the page; `count` says how many. It never takes part in a calculation."""

    count: int


@formula_part
class Worked:
    """A part of a formula as the number that it is, on the page where its shown numbers would not give it."""

    value: float


@formula_part
class Whole:
    """A whole array on the page. `rows` holds its elements as they stand there; `name` is that of them all."""

    name: str
    rows: tuple[tuple[Ref, ...], ...]


@formula_part
class Joined:
    """A product on the page with whole arrays in it: `·` of matrices or with a number, `⊙` element by element."""

    factors: tuple[Formula, ...]
    signs: tuple[str, ...]


Formula: TypeAlias = (
    Number | Ref | Add | Multiply | Divide | Power | Negative | Call | Sum | Cases | Same | Position | Largest
    | IsLargest | IsFirst | Dots | Worked | Whole | Joined
)  # fmt: skip

ZERO = Number(0)
ONE = Number(1)


def parts(formula: Formula) -> tuple[Formula, ...]:
    """The formulas directly inside a formula, in written order."""
    match formula:
        case Ref() | Number():
            return ()
        case Add(inner) | Multiply(inner) | Joined(inner):
            return inner
        case Call(_, inner):
            return inner
        case Divide(top, bottom):
            return (top, bottom)
        case Power(base, exponent):
            return (base, exponent)
        case Negative(inner_one):
            return (inner_one,)
        case Sum(_, _, body) | Largest(_, _, body) | IsLargest(_, _, body):
            return (body,)
        case IsFirst(_, inner):
            return inner
        case Cases(condition, yes, no):
            return (condition.left, condition.right, yes, no)
    return ()


def rebuild(formula: Formula, inner: tuple[Formula, ...]) -> Formula:
    """The same kind of formula around other parts."""
    match formula:
        case Add():
            return Add(inner)
        case Multiply():
            return Multiply(inner)
        case Joined(_, signs):
            return Joined(inner, signs)
        case Call(function, _):
            return Call(function, inner)
        case Divide():
            return Divide(*inner)
        case Power():
            return Power(*inner)
        case Negative():
            return Negative(*inner)
        case Sum(letter, size, _):
            return Sum(letter, size, *inner)
        case Largest() | IsLargest():
            return replace(formula, body=inner[0])
        case IsFirst():
            return replace(formula, among=inner)
        case Cases(condition, _, _):
            return Cases(Compare(condition.relation, inner[0], inner[1]), inner[2], inner[3])
    return formula


def transform(formula: Formula, change: Callable[[Formula], Formula | None]) -> Formula:
    """The formula with every part for which `change` returns a formula replaced by it, from the top down."""
    changed = change(formula)
    if changed is not None:
        return changed
    inner = parts(formula)
    return rebuild(formula, tuple(transform(part, change) for part in inner)) if inner else formula


def walk(formula: Formula) -> Iterator[Formula]:
    """The formula and everything in it, in written order."""
    yield formula
    for part in parts(formula):
        yield from walk(part)


def refs(formula: Formula, moving: bool = False) -> list[Ref]:
    """The elements that the formula uses, each once, in the order in which they are first read.

    Of those that are `moving`, only what a derivative sees: not what stands in a stop_gradient.
    """
    found: dict[Ref, None] = {}
    waiting = [formula]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Ref):
            found[part] = None
        elif not (moving and is_still(part)):
            waiting += reversed(parts(part))
    return list(found)


def is_still(formula: Formula) -> bool:
    """Whether a formula counts as a given number where it is differentiated."""
    return isinstance(formula, Call) and formula.function == "stop_gradient"


def size(formula: Formula) -> int:
    """How many nodes the formula has: the measure by which of two equal forms the shorter is chosen."""
    return sum(1 for _ in walk(formula))


def add(*terms: Formula) -> Formula:
    """A sum without nested sums and without zeros."""
    flat: list[Formula] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, Add) else (term,))
    flat = [term for term in flat if term != ZERO]
    return Add(tuple(flat)) if len(flat) > 1 else flat[0] if flat else ZERO


def multiply(*factors: Formula) -> Formula:
    """A product without nested products and without ones; its minus signs are gathered in front."""
    flat: list[Formula] = []
    negative = False
    for factor in factors:
        if isinstance(factor, Negative):
            negative, factor = not negative, factor.inner
        flat.extend(factor.factors if isinstance(factor, Multiply) else (factor,))
    flat = [factor for factor in flat if factor != ONE]
    if ZERO in flat:
        return ZERO
    product = Multiply(tuple(flat)) if len(flat) > 1 else flat[0] if flat else ONE
    return Negative(product) if negative else product
