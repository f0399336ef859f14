"""A derivative in steps as small as a student writes them: one rule at a time, with a name for what stands inside.

A step is data: the rules that it uses, and an equation. The steps say how a derivative comes about; what it is says
SymPy, which knows nothing of them. A test works both out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import sympy

from stepnn.calculus.bridge import Bridge
from stepnn.calculus.local import as_cases
from stepnn.calculus.shorter import definition_solved
from stepnn.network.identity import Key, What
from stepnn.network.model import Axis, Network, Quantity, Role
from stepnn.notation.formula import (
    ONE,
    ZERO,
    Add,
    Call,
    Cases,
    Divide,
    Formula,
    Multiply,
    Negative,
    Number,
    Power,
    Ref,
    Same,
    Sum,
    add,
    multiply,
    refs,
    transform,
)
from stepnn.notation.index import letter_index
from stepnn.notation.indices import with_indices

GLYPHS = ("u", "v", "s", "p", "q", "r")
INNER = Ref("inside")


class NoSmallSteps(Exception):
    """The formula has a part for which there is no rule here."""


@dataclass(frozen=True)
class SmallStep:
    """One line: the rules that it follows, as keys of the catalogue, and its equation."""

    rules: tuple[str, ...]
    left: Formula
    right: Formula


@dataclass
class SmallSteps:
    """Differentiates a formula by one element. `extra` are the parts that got a name, and their derivatives."""

    variable: Ref
    axes: tuple[Axis, ...]
    taken: frozenset[str]
    steps: list[SmallStep] = field(default_factory=list)
    extra: list[Quantity] = field(default_factory=list)

    def of(self, formula: Formula, left: Ref) -> Formula:
        """The derivative as the last rule leaves it. Raises NoSmallSteps."""
        rules, slope = self.slope(formula)
        self.steps.append(SmallStep(tuple(dict.fromkeys(rules)), left, slope))
        return slope

    def is_constant(self, formula: Formula) -> bool:
        return all(ref.name != self.variable.name for ref in refs(formula, moving=True))

    def slope(self, formula: Formula) -> tuple[tuple[str, ...], Formula]:
        """The rules that are used, and what they give, with names for inner parts and their derivatives."""
        if self.is_constant(formula):
            return ("constant",), ZERO
        if formula == self.variable:
            return (), ONE
        if (cases := as_cases(formula)) is not None:
            (first, yes), (second, no) = self.slope(cases.yes), self.slope(cases.no)
            own = "cases" if isinstance(formula, Cases) else "kink"
            return (own, *first, *second), Cases(cases.condition, yes, no)
        match formula:
            case Ref(_, index):
                if len(index) != 1:
                    raise NoSmallSteps
                return ("same",), Same(index[0], self.variable.index[0])
            case Negative(inner):
                rules, slope = self.slope(inner)
                return rules, multiply(Negative(ONE), slope)
            case Add(terms):
                found = [self.slope(term) for term in terms]
                return ("sum", *(rule for rules, _ in found for rule in rules)), add(*(slope for _, slope in found))
            case Multiply(factors):
                return self.product(factors)
            case Divide(top, bottom):
                return self.quotient(top, bottom)
            case Power(base, Number(exponent)):
                inner_ref, inner_slope, chained = self.inside(base)
                rest: Formula = inner_ref if exponent == 2 else Power(inner_ref, Number(exponent - 1))
                return ("power", *chained), multiply(Number(exponent), rest, inner_slope)
            case Call(function, (argument,)):
                return self.call(function, argument)
            case Sum():
                return self.sum(formula)
        raise NoSmallSteps

    def inside(self, formula: Formula) -> tuple[Formula, Formula, tuple[str, ...]]:
        """What stands inside a function, its derivative, and the chain rule if that is needed: by a name of its own."""
        if formula == self.variable:
            return formula, ONE, ()
        glyph = next(
            (one for one in GLYPHS if one not in self.taken and one not in {q.glyph for q in self.extra}), None
        )
        if glyph is None:
            raise NoSmallSteps
        part = Quantity(Key(What.PART, glyph), Role.VALUE, glyph, formula=formula)
        self.extra.append(part)
        self.steps.append(SmallStep(("named",), part.general, formula))
        slope = Quantity(
            Key(What.LINK, part.key, self.variable.name, "part"), Role.LOCAL_SLOPE, "slope", self.axes,
            wrt=(part.general, self.variable),
        )  # fmt: skip
        self.of(formula, slope.general)
        self.extra.append(slope)
        return part.general, slope.general, ("chain",)

    def product(self, factors: tuple[Formula, ...]) -> tuple[tuple[str, ...], Formula]:
        """Constant factors stay; of several others one after the other is differentiated."""
        moving = [factor for factor in factors if not self.is_constant(factor)]
        if len(moving) == 1:
            rules, slope = self.slope(moving[0])
            return ("factor", *rules), multiply(*(slope if one is moving[0] else one for one in factors))
        named = [(one, self.slope(one)) if is_short(one) else self.named(one) for one in moving]
        constant = [factor for factor in factors if self.is_constant(factor)]
        terms = [
            multiply(*constant, *(slope if at == place else one for place, (one, (_, slope)) in enumerate(named)))
            for at in range(len(named))
        ]
        return ("product", *(rule for _, (rules, _) in named for rule in rules)), add(*terms)

    def named(self, formula: Formula) -> tuple[Formula, tuple[tuple[str, ...], Formula]]:
        ref, slope, _ = self.inside(formula)
        return ref, ((), slope)

    def quotient(self, top: Formula, bottom: Formula) -> tuple[tuple[str, ...], Formula]:
        """The quotient rule, in its short form where what stands on top is constant."""
        if self.is_constant(bottom):
            rules, slope = self.slope(top)
            return ("factor", *rules), Divide(slope, bottom)
        if self.is_constant(top):
            below, below_slope, chained = self.inside(bottom)
            return ("reciprocal", *chained), multiply(Negative(Divide(top, Power(below, Number(2)))), below_slope)
        above, above_slope, _ = self.inside(top)
        below, below_slope, _ = self.inside(bottom)
        difference = add(multiply(above_slope, below), Negative(multiply(above, below_slope)))
        return ("quotient",), Divide(difference, Power(below, Number(2)))

    def call(self, function: str, argument: Formula) -> tuple[tuple[str, ...], Formula]:
        """A function whose derivative is known, times that of what stands inside it."""
        bridge = Bridge()
        known = bridge.to_formula(sympy.diff(bridge.to_sympy(Call(function, (INNER,))), bridge.symbol(INNER)))
        inner: Formula
        chained: tuple[str, ...]
        if is_linear(argument, self.variable):
            _, slope = self.slope(argument)
            inner, chained = argument, (() if argument == self.variable else ("chain_inside",))
        else:
            inner, slope, chained = self.inside(argument)
        outer = transform(known, lambda part: inner if part == INNER else None)
        return (function, *chained), multiply(outer, slope)

    def sum(self, formula: Sum) -> tuple[tuple[str, ...], Formula]:
        """Of a sum, the one term that has the element in it; or every term, where all have."""
        used = [ref for ref in refs(formula.body) if ref.name == self.variable.name]
        if not any(formula.letter in index.letters for ref in used for index in ref.index):
            rules, slope = self.slope(formula.body)
            return ("sum", *rules), Sum(formula.letter, formula.size, slope)
        targets = set()
        for ref in used:
            for own, wanted in zip(ref.index, self.variable.index, strict=True):
                if own == letter_index(formula.letter):
                    targets.add(wanted)
                elif own != wanted:
                    raise NoSmallSteps
        if len(targets) != 1:
            raise NoSmallSteps
        rules, slope = self.slope(with_indices(formula.body, {formula.letter: targets.pop()}))
        return ("one_term", *rules), slope


def small_steps(user: Quantity, variable: Ref, left: Ref, network: Network) -> SmallSteps | None:
    """A formula differentiated by one element in small steps; None where there is no rule for one of its parts."""
    assert user.formula is not None
    found = SmallSteps(variable, axes_of(variable, network), frozenset(one.glyph for one in network.quantities))
    try:
        found.of(user.formula, left)
    except NoSmallSteps:
        return None
    return found


def axes_of(ref: Ref, network: Network) -> tuple[Axis, ...]:
    """The axes that the letters of an element run over, each letter once."""
    found: dict[str, Axis] = {}
    for index, axis in zip(ref.index, network[ref.name].axes, strict=True):
        found |= {letter: replace(axis, letter=letter) for letter, _ in index.terms}
        for table, _ in index.looked:
            for one in axes_of(Ref(table.name, table.index), network):
                found[one.letter] = one
    return tuple(found.values())


def is_short(formula: Formula) -> bool:
    """Whether a factor needs no name of its own."""
    simple = (Ref, Number, Negative)
    return isinstance(formula, Ref) or (
        isinstance(formula, Add) and all(isinstance(one, simple) for one in formula.terms)
    )


def is_linear(formula: Formula, variable: Ref) -> bool:
    """Whether something is a number times the variable, plus a number."""
    match formula:
        case Ref() | Number():
            return True
        case Negative(inner):
            return is_linear(inner, variable)
        case Add(terms):
            return all(is_linear(term, variable) for term in terms)
        case Multiply(factors):
            return sum(any(ref == variable for ref in refs(one)) for one in factors) <= 1 and all(
                is_linear(one, variable) for one in factors
            )
    return False


def in_own_value(user: Quantity, plain: Formula) -> Iterator[SmallStep]:
    """How a derivative is written with the value of the formula itself: e^(−z) is 1/a − 1, and so on."""
    assert user.formula is not None
    own, formula = user.general, user.formula
    solved = definition_solved(formula, own)
    if solved is None:
        return
    unknown, solution = solved
    turned = isinstance(formula, Divide) and formula.top == ONE
    left = plain
    if turned and isinstance(formula, Divide):
        below = Divide(ONE, own)
        yield SmallStep(("turned_over",), formula.bottom, below)
        left = transform(left, lambda part: below if part == formula.bottom else None)
    if solution != own:
        yield SmallStep(("solved",), unknown, solution)
    elif unknown != formula:
        return
    replaced = transform(left, lambda part: solution if part == unknown else None)
    yield SmallStep(("put_in",), plain, replaced)
