"""What a layer costs: parameters, multiply-accumulates and bytes, counted from its formulas."""

from __future__ import annotations

from dataclasses import dataclass

from stepnn.model import Network, Quantity
from stepnn.notation.formula import Multiply, Sum, walk

BYTES = 8  # of one float64 number


@dataclass(frozen=True)
class Cost:
    """The cost of one layer for one sample, forward."""

    layer: int
    parameters: int
    multiply_accumulates: int

    @property
    def bytes(self) -> int:
        """The memory that the parameters take."""
        return BYTES * self.parameters


def costs(network: Network) -> list[Cost]:
    """The cost of every layer. A multiply-accumulate is one product that is added to a sum."""
    found = []
    for number in range(1, network.layers + 1):
        own = [quantity for quantity in network.quantities if quantity.layer == number]
        parameters = sum(quantity.count for quantity in own if quantity in network.parameters)
        found.append(Cost(number, parameters, sum(map(multiply_accumulates, own))))
    return found


def multiply_accumulates(quantity: Quantity) -> int:
    """Products that are summed: for each element, the length of every sum of products in its formula."""
    if quantity.formula is None:
        return 0
    sums = [part for part in walk(quantity.formula) if isinstance(part, Sum) and isinstance(part.body, Multiply)]
    return quantity.count * sum(part.size for part in sums)
