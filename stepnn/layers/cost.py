"""What a layer costs: parameters, multiply-accumulates and bytes, counted from its formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stepnn.network.model import Network, Quantity, Role
from stepnn.notation.formula import Formula, Multiply, Sum, parts

BYTES = 8  # of one float64 number


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
        forward = sum(map(multiply_accumulates, own))
        found.append(Cost(number, parameters, forward, sum(map(multiply_accumulates, back))))
    return found


def multiply_accumulates(quantity: Quantity) -> int:
    """Products that are summed: for each element, the length of every sum of products in its formula."""
    if quantity.formula is None:
        return 0
    if quantity.role is Role.GRADIENT and isinstance(quantity.formula, Multiply):
        return quantity.count
    return quantity.count * products(quantity.formula)


def products(formula: Formula) -> int:
    """How many products are added up in one element; sums within sums go over every pair of their positions."""
    inside = sum(map(products, parts(formula)))
    if not isinstance(formula, Sum):
        return inside
    return formula.size * (1 if isinstance(formula.body, Multiply) and not inside else inside)
