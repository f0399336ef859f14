"""Formulas as NumPy source: every formula is written for all its free indices at once.

Arrays that differ from sample to sample have the sample as their first axis. A sum of products becomes a
matrix product where it is one, and an `einsum` elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce

import numpy as np

from stepnn.book.functions import FUNCTIONS
from stepnn.calculus.reading import Reader
from stepnn.calculus.saturation import DEEPEST, Saturation, is_log
from stepnn.calculus.source import Code, aligned, contraction, matrix_product, union
from stepnn.network.model import SAMPLE, Quantity, Role
from stepnn.notation.formula import (
    Add,
    Call,
    Cases,
    Divide,
    Formula,
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
    multiply,
    refs,
)
from stepnn.notation.index import Index, letter_index, number_index
from stepnn.notation.indices import binds, free_letters, scoped, with_indices


class Writer(Reader):
    """Writes formulas as NumPy source.

    Where something is saturated, the `saturation` forms of the book are worked out in place of those that are written;
    without it, every formula is worked out as it is printed.
    """

    def __init__(
        self, quantities: Mapping[str, Quantity], saturation: Saturation | None = None, exact: bool = False
    ) -> None:
        super().__init__(quantities, exact)
        self.saturation = saturation
        self.depth = 0  # of forms of the saturation within each other
        self.shared: dict[str, str] = {}  # variables by the source of what several lines use

    def lines(self, quantity: Quantity, rounding: bool) -> list[str]:
        """One assignment, with the shape of the array behind it, and before it those that it shares with others."""
        known = len(self.shared)
        line = self.line(quantity, rounding)
        return [f"    {name} = {text}" for text, name in [*self.shared.items()][known:]] + [line]

    def share(self, text: str) -> str:
        """A variable for something that several lines use."""
        return self.shared.setdefault(text, f"_S{len(self.shared)}")  # no name of a lesson begins so

    def line(self, quantity: Quantity, rounding: bool) -> str:
        assert quantity.formula is not None
        axes = self.axes(quantity)
        self.sizes = {axis.letter: axis.size for axis in quantity.axes}
        code = self.code(quantity.formula)
        text = aligned(code, axes)
        if set(code.axes) != set(axes):
            text = f"broadcast_to({text}, ({''.join(f'{self.length(axis)}, ' for axis in axes)}))"
        elif text in self.variables.values():
            text = f"{text}.copy()"
        elif not axes and not refs(quantity.formula):
            text = f"asarray({text})"
        if quantity.missing:
            text = self.with_gaps(quantity, text)
        text = f"rounded({text})" if rounding else text
        return f"    {self.variable(quantity.key)} = {text}  # ({', '.join(axes)})"

    def with_gaps(self, quantity: Quantity, text: str) -> str:
        """The array with 0 where it has no element; of a new parameter, with what it was before."""
        there = np.ones(quantity.shape, bool)
        there[tuple(np.array(sorted(quantity.missing)).T)] = False
        renewed = quantity.role is Role.UPDATED
        instead = self.variable(quantity.of) if renewed else self.number(0)
        return f"where({self.constant(there)}, {text}, {instead})"

    @contextmanager
    def scope(self, part: Formula) -> Iterator[None]:
        """Inside a sum or maximum its own letters have its own sizes, whatever they are outside."""
        before, self.sizes = self.sizes, {**self.sizes, **dict(binds(part))}
        yield
        self.sizes = before

    def code(self, formula: Formula) -> Code:
        """The formula over all its free indices at once, worked out otherwise where something in it is saturated."""
        better = self.saturation.better(formula) if self.saturation is not None and self.depth < DEEPEST else None
        plain = self.plain(formula)
        if better is None:
            return plain
        self.depth += 1
        sides = [self.code(side) for side in (better.when.left, better.when.right)]
        when = self.call(f"({{0}} {better.when.relation} {{1}})", sides)
        instead = self.code(better.formula)
        self.depth -= 1
        axes = union(plain.axes, instead.axes, when.axes)
        saturated = self.share(when.text)
        somewhere = self.share(f"count_nonzero({saturated})")
        texts = (aligned(Code(saturated, when.axes), axes), aligned(instead, axes), aligned(plain, axes))
        return Code(f"(where({', '.join(texts)}) if {somewhere} else {texts[2]})", axes)

    def plain(self, formula: Formula) -> Code:
        """The formula as it is written, or as a function of NumPy's that gives the same without overflowing."""
        stable = self.stable_form(formula)
        if stable is not None:
            return stable
        match formula:
            case Number(value):
                return Code(self.number(value), (), value >= 0)
            case Ref(name, index):
                quantity = self.quantities[name]
                if quantity.start and index[0] == number_index(quantity.before_first):
                    return self.code(Ref(quantity.start, index[1:]))
                if quantity.start and self.reaches(index[0], quantity.before_first):
                    return self.started(quantity, index)
                return self.element(self.variable(name), name in self.per_sample, quantity.shape, index)
            case Add(terms):
                return reduce(self.plus, terms[1:], self.code(terms[0]))
            case Multiply(factors):
                return self.product(factors)
            case Divide(top, bottom):
                found = self.joined(self.code(top), self.code(bottom), " / ")
                return found if found.axes or not refs(formula) else Code(self.share(found.text))
            case Power(base, Number(2)):
                inner = self.code(base)
                return Code(f"square({inner.text})", inner.axes)
            case Power(base, Number(value)) if not self.exact:
                inner = self.code(base)
                return Code(f"{inner.tight} ** {float(value)!r}", inner.axes, False)
            case Power(base, exponent):
                return self.joined(self.code(base), self.code(exponent), " ** ")
            case Negative(body):
                inner = self.code(body)
                return Code(f"-{inner.tight}", inner.axes, False)
            case Call(function, arguments):
                return self.call(FUNCTIONS[function].code, [self.code(argument) for argument in arguments])
            case Sum():
                return self.summed(formula, ())
            case Cases(condition, yes, no):
                sides = [self.code(side) for side in (condition.left, condition.right, yes, no)]
                return self.call(f"where({{0}} {condition.relation} {{1}}, {{2}}, {{3}})", sides)
            case Same(left, right):
                return self.same(left, right)
            case Position(index):
                letters = index.letters
                return Code(self.constant(self.grid(index, letters).astype(np.float64)), letters)
            case Largest(letters):
                inner = self.compared(formula)
                return Code(f"highest({inner.text}, {len(letters)}, {formula.least})", inner.axes[: -len(letters)])
            case IsLargest():
                return self.is_largest(formula)
        raise TypeError(formula)

    def stable_form(self, formula: Formula) -> Code | None:
        """Softmax, ln Σ e^z, ln(1 + e^z), ln cosh x, ln(1 + x) and e^z − 1 as functions of their own."""
        match formula:
            case Call("log", (Add((Number(1), Call("exp", (argument,)))),)):
                inner = self.code(argument)
                return Code(f"softplus({inner.text})", inner.axes)
            case Call("log", (Call("cosh", (argument,)),)):
                inner = self.code(argument)
                return Code(f"log_cosh({inner.text})", inner.axes)
            case Call("log", (Add((Number(1), small)),)):
                inner = self.code(small)
                return Code(f"log1p({inner.text})", inner.axes)
            case Call("log", (Sum(letter, _, Call("exp", (every,))) as total,)):
                with self.scope(total):
                    inner = self.code(every)
                    axes = (*(one for one in inner.axes if one != letter), letter)
                    return Code(f"log_sum_exp({aligned(inner, axes)})", axes[:-1])
            case Add((Call("exp", (argument,)), Negative(Number(1)))):
                inner = self.code(argument)
                return Code(f"expm1({inner.text})", inner.axes)
            case Divide(Call("exp", (argument,)), Sum(letter, size, Call("exp", (every,)))):
                for free in free_letters(argument):
                    same = with_indices(argument, {free: letter_index(letter)}) == every
                    if same and self.sizes.get(free) == size:
                        inner = self.code(argument)
                        return Code(f"softmax({inner.text}, {inner.axes.index(free) - len(inner.axes)})", inner.axes)
        return None

    def compared(self, part: Largest | IsLargest) -> Code:
        """The values that a maximum is taken of, and whether each of them counts; its letters come last."""
        with self.scope(part):
            inner, counts = self.code(part.body), self.counted(part)
            outer = tuple(one for one in union(inner.axes, counts.axes) if one not in part.letters)
            axes = (*outer, *part.letters)
            values = aligned(inner, axes)
            if not set(part.letters) <= set(inner.axes):  # what is compared does not differ along all of them
                lengths = (self.length(axis) if axis in part.letters else "1" for axis in axes)
                values = f"({values} + zeros(({', '.join(lengths)},), int))"
        return Code(f"{values}, {aligned(counts, axes)}", axes)

    def counted(self, part: Largest | IsLargest) -> Code:
        """Whether all elements that a maximum reads at a position exist, or None where they always do.

        Those of a sum inside may lie outside.
        """
        found = Code("None")
        for one, bound in scoped(part.body):
            if isinstance(one, Ref):
                quantity = self.quantities[one.name]
                for place, index in enumerate(one.index):
                    if bound.keys().isdisjoint(index.letters):
                        found = self.both(found, self.exists(quantity, place, index))
        return found

    def both(self, left: Code, right: Code) -> Code:
        if "None" in (left.text, right.text):
            return right if left.text == "None" else left
        return self.joined(left, right, " & ")

    def exists(self, quantity: Quantity, place: int, index: Index) -> Code:
        """Where a position lies inside an array, or before the first time step of one that has a start."""
        letters = index.letters
        grid = self.grid(index, letters)
        inside = (grid >= 0) & (grid < quantity.shape[place])
        if quantity.start and not place:
            inside |= grid == quantity.before_first
        return Code("None") if inside.all() else Code(self.constant(inside), letters)

    def is_largest(self, part: IsLargest) -> Code:
        """Which of the values is the largest, as an array of ones and zeros that is then read at the position."""
        inner = self.compared(part)
        outer = [letter for letter in inner.axes if letter not in part.letters and letter != SAMPLE]
        text = f"winners({inner.text}, {len(part.letters)}, {part.shared}, {part.least})"
        shape = (*(self.sizes[letter] for letter in outer), *part.sizes)
        return self.element(text, SAMPLE in inner.axes, shape, (*map(letter_index, outer), *part.at))

    def joined(self, left: Code, right: Code, operator: str) -> Code:
        axes = union(left.axes, right.axes)
        texts = [aligned(side, axes) for side in (left, right)]
        return Code(operator.join(texts), axes, False)

    def plus(self, left: Code, term: Formula) -> Code:
        negative = isinstance(term, Negative)
        right = self.code(term.inner if isinstance(term, Negative) else term)
        stays = union(left.axes, right.axes) == left.axes  # a sum on the left needs no brackets then
        return self.joined(Code(left.text, left.axes, stays or left.atom), right, " - " if negative else " + ")

    def call(self, pattern: str, arguments: Sequence[Code]) -> Code:
        axes = union(*(argument.axes for argument in arguments))
        return Code(pattern.format(*(aligned(argument, axes) for argument in arguments)), axes)

    def product(self, factors: Sequence[Formula]) -> Code:
        """A product; with a logarithm in it, 0 · ln 0 is 0."""
        logs = [factor for factor in factors if is_log(factor)]
        if len(logs) == 1 and len(factors) > 1:
            rest = multiply(*(factor for factor in factors if factor is not logs[0]))
            return self.call("times_log({0}, {1})", [self.code(rest), self.code(logs[0])])
        return reduce(lambda left, right: self.joined(left, right, " * "), map(self.code, factors))

    def summed(self, part: Formula, letters: tuple[str, ...]) -> Code:
        """Σ over the letters. Nested sums are taken together."""
        if isinstance(part, Sum):
            with self.scope(part):
                return self.summed(part.body, (*letters, part.letter))
        if isinstance(part, Negative):
            inner = self.summed(part.inner, letters)
            return Code(f"-{inner.tight}", inner.axes, False)
        written = part.factors if isinstance(part, Multiply) else (part,)
        if any(map(is_log, written)):
            return self.plain_sum(self.code(part), letters)
        factors = [self.code(factor) for factor in written]
        if len(factors) == 1 or any(letter not in union(*(one.axes for one in factors)) for letter in letters):
            return self.plain_sum(self.code(part), letters)
        inside = [factor for factor in factors if set(letters) & set(factor.axes)]
        outside = [factor for factor in factors if factor not in inside]
        if len(inside) == 1:
            total = self.plain_sum(inside[0], letters)
        else:
            if outside and not outside[0].axes:  # a plain number: what is multiplied is smaller than the product
                least = min(inside, key=lambda factor: len(factor.axes))
                inside[inside.index(least)] = self.joined(outside.pop(0), least, " * ")
            total = matrix_product(inside, letters) or contraction(inside, letters)
        return reduce(lambda left, right: self.joined(left, right, " * "), outside, total)

    def plain_sum(self, code: Code, letters: tuple[str, ...]) -> Code:
        """The array summed over those of its axes; a letter that it does not have counts as often as it is long."""
        for letter in letters:
            if letter not in code.axes:
                code = Code(f"{code.tight} * {self.length(letter)}", code.axes, False)
                continue
            axis = code.axes.index(letter)
            code = Code(f"{code.tight}.sum(axis={axis})", tuple(one for one in code.axes if one != letter))
        return code
