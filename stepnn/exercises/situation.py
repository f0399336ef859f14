"""What a rule of the catalogue of mistakes sees of a step: its formula for this element, and the network around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from stepnn.network.identity import Key, What
from stepnn.network.model import Quantity, Role
from stepnn.notation.formula import (
    Add,
    Call,
    Divide,
    Formula,
    Multiply,
    Negative,
    Number,
    Power,
    Ref,
    refs,
    transform,
    walk,
)
from stepnn.notation.indices import expand, with_indices
from stepnn.trace.step import Step

SQUARED = Number(2)
# Letters of lines of an update: a learning rate that changes, a gradient with its decay, and one made smaller.
RATE_NOW, DECAYED, CLIPPED = "eta_now", "g", ("g_cut", "g_clipped")
WITH_PENALTY = (Role.GRADIENT, Role.AUXILIARY)


class Situation:
    """One element that is worked out. `whole` is its formula with all sums written out."""

    def __init__(self, step: Step) -> None:
        assert step.quantity is not None and step.ref is not None
        self.step, self.moment, self.network = step, step.moment, step.moment.network
        self.quantity, self.ref, self.role = step.quantity, step.ref, step.quantity.role
        self.whole = self.definition(step.ref)

    def definition(self, ref: Ref) -> Formula:
        """The formula of an element that is computed; of a given one, the element itself."""
        return self.network.definition(ref)

    def made(self, general: Formula) -> Formula:
        """A changed general formula of the quantity, for this element."""
        where = dict(zip(self.quantity.letters, self.ref.index, strict=True))
        return expand(with_indices(general, where), self.network.resolve)

    @property
    def general(self) -> Formula:
        assert self.quantity.formula is not None
        return self.quantity.formula

    def of(self, ref: Ref) -> Quantity:
        return self.network[ref.name]

    def line(self, ref: Ref) -> str:
        """The letter of a line of an update that stands between a gradient and the new weight; else nothing."""
        quantity = self.of(ref)
        return quantity.glyph if quantity.role is Role.AUXILIARY else ""

    def has(self, ref: Ref) -> bool:
        """Whether there is a number for the element at this moment."""
        return ref.name in self.moment.values and not self.of(ref).lacks(ref.index)

    @cached_property
    def used(self) -> list[Ref]:
        """The elements in the formula."""
        return refs(self.whole)

    def with_role(self, *roles: Role) -> list[Ref]:
        """The elements in the formula that are such quantities."""
        return [ref for ref in self.used if self.of(ref).role in roles]

    def replaced(self, change: Callable[[Ref], Formula | None], formula: Formula | None = None) -> Formula:
        """The formula with elements replaced."""
        return transform(formula or self.whole, lambda part: change(part) if isinstance(part, Ref) else None)

    def exchanged(self, pairs: Mapping[Ref, Formula]) -> Formula:
        """The formula with some elements exchanged for others."""
        return self.replaced(pairs.get)

    def weighted_sum(self, activation: Ref) -> Ref | None:
        """The z of an activation a = f(z); None where it is made of more than one number."""
        quantity = self.of(activation)
        if quantity.formula is None or quantity.role not in (Role.ACTIVATION, Role.VALUE):
            return None
        found = [ref for ref in refs(self.definition(activation)) if self.of(ref).role is not Role.WEIGHT]
        if not found or self.of(found[0]).axes != quantity.axes:
            return None
        own = [ref for ref in found if ref.index == activation.index]
        return own[0] if len(own) == 1 and len({ref.name for ref in found}) == 1 else None

    def error_slope(self, ref: Ref) -> Ref | None:
        """∂E/∂ of an element, where it is a number of its own."""
        found = Ref(Key(What.ERROR_SLOPE, ref.name), ref.index)
        return found if found.name in self.network.by_key and self.has(found) else None

    def delta_of(self, ref: Ref) -> Ref | None:
        """The element that a δ, or another ∂E/∂, is the slope by."""
        wrt = self.of(ref).wrt
        return Ref(wrt[1].name, ref.index) if wrt is not None else None


def products(formula: Formula) -> Iterator[Multiply]:
    """Every product in a formula."""
    return (part for part in walk(formula) if isinstance(part, Multiply))


def on_calls(formula: Formula, function: str, change: Callable[[Formula], Formula]) -> Formula:
    """The formula with every call of a function of one argument replaced by something made of the argument."""

    def of(part: Formula) -> Formula | None:
        return change(part.arguments[0]) if isinstance(part, Call) and part.function == function else None

    return transform(formula, of)


def without_terms(whole: Formula, total: Add) -> Iterator[Formula]:
    """The formula with one term of a sum in it left out, for each of the terms."""
    for place in range(len(total.terms)):
        kept = total.terms[:place] + total.terms[place + 1 :]
        if kept:
            yield swapped(whole, total, Add(kept) if len(kept) > 1 else kept[0])


def swapped(formula: Formula, old: Formula, new: Formula) -> Formula:
    """The formula with one part, wherever it stands, replaced."""
    return transform(formula, lambda part: new if part == old else None)


def without_factors(product: Multiply, lost: Callable[[Formula], bool]) -> Formula:
    """A product without some of its factors; at least one stays."""
    kept = tuple(factor for factor in product.factors if not lost(factor))
    return Multiply(kept) if len(kept) > 1 else kept[0] if kept else product


def main_sum(formula: Formula) -> Add | None:
    """The sum that the formula is, behind a sign, a factor or a divisor."""
    match formula:
        case Add():
            return formula
        case Negative(inner):
            return main_sum(inner)
        case Divide(top, _):
            return main_sum(top)
        case Multiply(factors):
            found = [one for one in map(main_sum, factors) if one is not None and len(one.terms) > 1]
            return max(found, key=lambda one: len(one.terms), default=None)
    return None


def is_complement(part: Formula, of: Formula) -> bool:
    """Whether a part is 1 − the other."""
    return part == Add((Number(1), Negative(of)))


def complements_swapped(formula: Formula, of: Formula) -> Formula:
    """The formula with a part and 1 − that part in each other's places."""

    def change(part: Formula) -> Formula | None:
        return of if is_complement(part, of) else Add((Number(1), Negative(of))) if part == of else None

    return transform(formula, change)


def slope_factors(product: Multiply) -> tuple[Formula, tuple[Formula, ...]] | None:
    """f and the factors that are a slope made from it, in a product: f · (1 − f), or 1 − f²."""
    for factor in product.factors:
        for other in product.factors:
            if is_complement(other, factor):
                return factor, (factor, other)
        match factor:
            case Add((Number(1), Negative(Power(base, exponent)))) if exponent == SQUARED:
                return base, (factor,)
    return None


def activation_call(part: Formula) -> Formula | None:
    """What an activation function inside another formula works on: c of tanh(c)."""
    return part.arguments[0] if isinstance(part, Call) and part.function in ("tanh", "sigmoid") else None


def parameter(at: Situation) -> Ref | None:
    """The weight or bias that a gradient or a line of an update is about."""
    if at.role is Role.GRADIENT:
        return at.delta_of(at.ref)
    return Ref(at.quantity.of, at.ref.index) if at.quantity.of else None


def penalties(at: Situation) -> list[Formula]:
    """The terms of a gradient, or of an update, that a penalty adds: λ · w, λ · sign(w), −η · λ · w."""
    own = parameter(at)
    return penalties_on(at, own, at.whole) if at.role in WITH_PENALTY and own is not None else []


def penalties_on(at: Situation, own: Ref, formula: Formula) -> list[Formula]:
    """The terms of a formula in which nothing stands but a parameter and settings."""

    def is_one(term: Formula) -> bool:
        used = refs(term)
        roles = [at.of(ref).role for ref in used if ref != own]
        return own in used and Role.SETTING in roles and set(roles) <= {Role.SETTING, Role.LEARNING_RATE}

    whole = main_sum(formula)
    return [term for term in whole.terms if is_one(term)] if whole is not None else []
