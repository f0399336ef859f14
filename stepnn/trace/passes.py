"""The compiled functions of a run, over fractions or over float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.compile import Compiled, Rounding, compile_quantities
from stepnn.network.model import Quantity
from stepnn.notation.numbers import rounded
from stepnn.training.formulas import Formulas

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Passes:
    """The compiled functions of one kind of numbers."""

    forward: Compiled
    backward: Compiled
    update: Compiled


class Functions:
    """Compiles forward pass, backward pass and update for a kind of numbers when it is asked for."""

    def __init__(
        self, formulas: Formulas, learning: Sequence[Quantity], states: Sequence[Quantity], rounding: Rounding | None
    ) -> None:
        self.formulas, self.learning, self.states, self.rounding = formulas, learning, states, rounding
        network = formulas.network
        self.known = [quantity for quantity in network.quantities if quantity.formula is None]
        self.behind = [*self.known, *network.computed]
        self.compiled: dict[bool, Passes] = {}

    def of(self, exact: bool) -> Passes:
        """The functions over fractions, or those over float64."""
        if exact not in self.compiled:
            found, rounding = self.formulas, self.rounding
            back = [*self.behind, *found.backward, *self.states]
            self.compiled[exact] = Passes(
                compile_quantities(self.known, found.network.computed, rounding=rounding, exact=exact),
                compile_quantities(self.behind, found.backward, rounding=rounding, exact=exact),
                compile_quantities(back, self.learning, rounding=rounding, exact=exact),
            )
        return self.compiled[exact]

    def plain_backward(self) -> Compiled:
        """The backward pass over float64, without rounding."""
        return compile_quantities(self.behind, self.formulas.backward)


def rounding_to(digits: int) -> Callable[[Array], Array]:
    """Rounding of every element to what is shown of it."""

    def apply(array: Array) -> Array:
        flat = [rounded(float(value), digits) if np.isfinite(value) else value for value in np.ravel(array)]
        return np.array(flat, float).reshape(np.shape(array))

    return apply
