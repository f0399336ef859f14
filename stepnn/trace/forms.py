"""The equation of a step in its two symbolic forms: general, and for one element."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

from stepnn.book.functions import FUNCTIONS
from stepnn.calculus.saturation import Saturation
from stepnn.calculus.ways import behind_error
from stepnn.network.identity import Key, What
from stepnn.network.model import Network, Quantity, Role
from stepnn.network.names import Names
from stepnn.notation.formula import Add, Call, Dots, Formula, Ref, Sum, multiply, refs, transform
from stepnn.notation.index import number_index
from stepnn.notation.indices import expand, free_letters, with_indices

LONGEST_SUM = 12  # terms that are written out; of longer sums the first and last are shown
LONGEST_NESTED = 24  # of sums within sums


class Asked(Protocol):
    """Whose equation is asked for: that of a quantity, of one element, or one term of its sum."""

    @property
    def quantity(self) -> Quantity | None: ...
    @property
    def ref(self) -> Ref | None: ...
    @property
    def term(self) -> Formula | None: ...
    @property
    def in_full(self) -> bool: ...


class Forms:
    """Writes the equations of one network, each once. `network` holds the derived quantities too.

    With `slopes_written_out`, a δ shows the sum that brings the error back, which otherwise is a step of its own.
    `whole` is that of everything that the run works out.
    """

    def __init__(self, network: Network, slopes_written_out: bool = False) -> None:
        self.network = network
        self.slopes_written_out = slopes_written_out
        self.names = Names(network)
        self.generals: dict[object, tuple[Formula, ...]] = {}
        self.heres: dict[object, tuple[Formula, ...]] = {}
        self.saturation = Saturation(network.by_key)
        self.whole = self

    def extended(self, more: Sequence[Quantity]) -> Forms:
        """The same with further quantities behind."""
        return Forms(self.network.extended(more), self.slopes_written_out)

    def general(self, step: Asked) -> tuple[Formula, ...]:
        """The right sides for any element."""
        key = (step.quantity.key if step.quantity else "", step.term, step.in_full)
        if key not in self.generals:
            self.generals[key] = self.written_general(step)
        return self.generals[key]

    def here(self, step: Asked) -> tuple[Formula, ...]:
        """The right sides for the element of the step, sums written out."""
        key = (step.ref, step.term, step.in_full)
        if key not in self.heres:
            self.heres[key] = self.written_here(step)
        return self.heres[key]

    def written_general(self, step: Asked) -> tuple[Formula, ...]:
        quantity = step.quantity
        if quantity is None or quantity.formula is None or step.term is not None:
            return ()
        formula = quantity.formula
        if quantity.role is Role.ACTIVATION and quantity.function in FUNCTIONS:
            (argument,) = refs(formula)
            return tuple(dict.fromkeys([Call(quantity.function, (argument,)), formula]))
        if quantity.role in (Role.DELTA, Role.GRADIENT):
            chain = self.chain(quantity, step.in_full)
            return tuple(dict.fromkeys([*chain, self.without_slopes(formula) if self.slopes_written_out else formula]))
        return (formula,)

    def written_here(self, step: Asked) -> tuple[Formula, ...]:
        quantity = step.quantity
        if step.term is not None:
            return (step.term,)
        if quantity is None or quantity.formula is None or step.ref is None:
            return ()
        sides = [quantity.formula]
        if quantity.role is Role.DELTA or (quantity.role is Role.GRADIENT and step.in_full):
            sides = [*(side for side in self.chain(quantity, step.in_full) if not isinstance(side, Sum)), *sides]
        return tuple(dict.fromkeys(self.at(side, quantity, step.ref) for side in sides))

    def used(self, step: Asked) -> list[Ref]:
        """Every element that the value of the step is computed from."""
        if step.term is not None:
            return refs(step.term)
        if step.quantity is None or step.quantity.formula is None or step.ref is None:
            return []
        where = dict(zip(step.quantity.letters, step.ref.index, strict=True))
        return refs(expand(with_indices(step.quantity.formula, where), self.network.resolve))

    def at(self, formula: Formula, quantity: Quantity, ref: Ref) -> Formula:
        """The formula for one element, with its sums written out, the middle of long ones left out."""
        where = dict(zip(quantity.letters, ref.index, strict=True))
        return self.shortened(with_indices(formula, where))

    def shortened(self, formula: Formula) -> Formula:
        """Sums written out; a long one as its first terms, dots, and its last."""

        def change(part: Formula) -> Formula | None:
            if not isinstance(part, Sum):
                return None
            if part.size <= LONGEST_SUM:
                return self.left_out(part) if isinstance(part.body, Sum) and not free_letters(part) else None
            shown = [0, 1, 2, part.size - 1]
            terms = [with_indices(part.body, {part.letter: number_index(n)}) for n in shown]
            return Add((*terms[:3], Dots(part.size - 4), terms[3]))

        return expand(transform(formula, change), self.network.resolve)

    def left_out(self, part: Formula) -> Formula | None:
        """Sums within sums, written out, without the middle where that is long; None where it is not."""
        whole = expand(part, self.network.resolve)
        if not isinstance(whole, Add) or len(whole.terms) <= LONGEST_NESTED:
            return None
        return Add((*whole.terms[:3], Dots(len(whole.terms) - 4), whole.terms[-1]))

    def factors(self, step: Asked) -> list[Ref]:
        """The links of the chain rule whose product the element is, or none."""
        quantity = step.quantity
        if quantity is None or step.ref is None or quantity.role not in (Role.DELTA, Role.GRADIENT):
            return []
        where = dict(zip(quantity.letters, step.ref.index, strict=True))
        chains = self.chain(quantity, step.in_full)
        return refs(expand(with_indices(chains[0], where), self.network.resolve)) if chains else []

    def shortest(self, quantity: Quantity) -> Formula | None:
        """The formula with which all elements are written at once: a product of links, or a function by its name."""
        if quantity.role is Role.ACTIVATION and quantity.function in FUNCTIONS and quantity.formula is not None:
            return Call(quantity.function, tuple(refs(quantity.formula)))
        chain = self.chain(quantity, False) if quantity.role is Role.DELTA else []
        return chain[0] if chain and not isinstance(chain[0], Sum) else quantity.formula

    def terms(self, quantity: Quantity, ref: Ref) -> list[Formula]:
        """The terms of the element's sum, one by one, all of them; empty where there is no sum of products."""
        if quantity.formula is None or not any(isinstance(part, Sum) for part in top_terms(quantity.formula)):
            return []
        where = dict(zip(quantity.letters, ref.index, strict=True))
        whole = expand(with_indices(quantity.formula, where), self.network.resolve)
        terms: list[Formula] = list(whole.terms) if isinstance(whole, Add) else [whole]
        return terms if any(not isinstance(term, Ref) for term in terms) else []

    def chain(self, quantity: Quantity, in_full: bool) -> list[Formula]:
        """The derivative as a product of links: ∂E/∂a_k · ∂a_k/∂z_k, and for a weight that times ∂z_k/∂w_kj."""
        assert quantity.wrt is not None
        by = quantity.wrt[1]
        if self.users[by.name] > 1:
            return []  # several chains are added up
        for link in self.network.with_role(Role.LOCAL_SLOPE):
            if link.wrt is None or link.wrt[1].name != by.name:
                continue
            top = link.wrt[0]
            outer = Ref(Key(What.ERROR_SLOPE, top.name), top.index)
            if outer.name not in self.network.by_key:
                continue
            rest = multiply(outer, link.general)
            if link.wrt[1] != by:
                return self.summed_chain(link, rest, by)
            if in_full and self.network[outer.name].role is Role.DELTA:
                inner = self.chain(self.network[outer.name], True)
                if inner and not isinstance(inner[0], Sum) and set(quantity.letters) >= set(link.letters):
                    return [multiply(inner[0], link.general)]
            return [rest] if set(quantity.letters) >= set(link.letters) else []
        return []

    @cached_property
    def users(self) -> Counter[str]:
        """How many formulas on the way to the error use a quantity, derived ones and what stands still left out."""
        forward = [one for one in self.network.computed if one.wrt is None and not one.of]
        if self.network.total_error is not None:
            there = behind_error(self.network)
            forward = [one for one in forward if one.key in there]
        every = (ref_names(one.formula) for one in forward if one.formula is not None)
        return Counter(name for names in every for name in names)

    def summed_chain(self, link: Quantity, product: Formula, by: Ref) -> list[Formula]:
        """Σ over the elements that all depend on one: Σ_k ∂E/∂a_k · ∂a_k/∂z_j."""
        assert link.wrt is not None
        top, bottom = link.wrt
        if len(top.index) != 1 or len(bottom.index) != 1:
            return []
        own, other = top.index[0], bottom.index[0]
        letters = {own.letter: other, other.letter: own}
        renamed = with_indices(product, {letter: index for letter, index in letters.items() if letter})
        axis = link.axes[0]
        return [Sum(other.letter or "", axis.size, renamed)] if by.index == top.index else []

    def without_slopes(self, formula: Formula) -> Formula:
        """The formula with error slopes written out: (Σ_k δ_k · w_kj) · a_j · (1 − a_j)."""

        def change(part: Formula) -> Formula | None:
            if isinstance(part, Ref) and self.network[part.name].role is Role.ERROR_SLOPE:
                slope = self.network[part.name]
                assert slope.formula is not None
                return with_indices(slope.formula, dict(zip(slope.letters, part.index, strict=True)))
            return None

        return transform(formula, change)


def ref_names(formula: Formula) -> set[str]:
    """What a derivative sees in a formula."""
    return {ref.name for ref in refs(formula, moving=True)}


def top_terms(formula: Formula) -> tuple[Formula, ...]:
    return formula.terms if isinstance(formula, Add) else (formula,)
