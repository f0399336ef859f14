"""What a layer costs: parameters, multiply-accumulates and bytes, counted from its formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stepnn.network.model import Network, Quantity, Role
from stepnn.notation.formula import ZERO, Add, Formula, Multiply, Negative, Same, Sum, parts, refs, walk
from stepnn.notation.index import number_index
from stepnn.notation.indices import expand, indices_of, longest, with_indices

BYTES = 8  # of one float64 number
MOST_LOOKED_AT = 20_000  # products; of more it is not looked which of them exist


@dataclass(frozen=True)
class Cost:
    """The cost of one layer for one sample, forward and, where something is learned, backward."""

    layer: int
    parameters: int
    forward: int
    backward: int

    @property
    def bytes(self) -> int:
        """The memory that the parameters take."""
        return BYTES * self.parameters


def costs(network: Network, derived: Sequence[Quantity] = ()) -> list[Cost]:
    """The cost of every layer. A multiply-accumulate (MAC) is one product that is added to a sum.

    `derived` are the formulas of the backward pass. The gradient of a weight is a product too: it is added to
    those of the other samples.
    """
    found = []
    for number in range(1, network.layers + 1):
        own = [quantity for quantity in network.quantities if quantity.layer == number]
        parameters = sum(quantity.count for quantity in own if quantity in network.parameters)
        back = [quantity for quantity in derived if quantity.layer == number]
        every = network.extended([one for one in derived if one.key not in network.by_key])
        forward, backward = (sum(multiply_accumulates(one, every) for one in some) for some in (own, back))
        found.append(Cost(number, parameters, forward, backward))
    return found


def multiply_accumulates(quantity: Quantity, network: Network) -> int:
    """Products that are summed: for each element, the length of every sum of products in its formula."""
    if quantity.formula is None:
        return 0
    if quantity.role is Role.GRADIENT and not any(isinstance(part, Sum) for part in walk(quantity.formula)):
        terms = quantity.formula.terms if isinstance(quantity.formula, Add) else (quantity.formula,)
        return quantity.count * sum(isinstance(without_sign(term), Multiply) for term in terms)
    outside = may_read_outside(quantity.formula) or any(network[ref.name].missing for ref in refs(quantity.formula))
    if outside and quantity.count * longest(quantity.formula) <= MOST_LOOKED_AT:
        places = (dict(zip(quantity.letters, map(number_index, one), strict=True)) for one in quantity.positions)
        return sum(existing(with_indices(quantity.formula, where), network) for where in places)
    return quantity.count * products(quantity.formula)


def may_read_outside(formula: Formula) -> bool:
    """Whether some of the products may be 0 because they read outside of an array, or under a condition."""
    return any(
        isinstance(part, Same) or any(len(one.terms) + len(one.looked) > 1 or one.constant for one in indices_of(part))
        for part in walk(formula)
    )


def existing(formula: Formula, network: Network) -> int:
    """How many products its sums have when they are written out."""
    if not isinstance(formula, Sum):
        return sum(existing(part, network) for part in parts(formula))
    found = 0
    for n in range(formula.size):
        body = with_indices(formula.body, {formula.letter: number_index(n)})
        whole = expand(body, network.resolve)
        if whole != ZERO:
            found += existing(body, network) or isinstance(without_sign(whole), Multiply)
    return found


def without_sign(formula: Formula) -> Formula:
    return formula.inner if isinstance(formula, Negative) else formula


def products(formula: Formula) -> int:
    """How many products are added up in one element; sums within sums go over every pair of their positions."""
    inside = sum(map(products, parts(formula)))
    if not isinstance(formula, Sum):
        return inside
    return formula.size * (1 if isinstance(formula.body, Multiply) and not inside else inside)
