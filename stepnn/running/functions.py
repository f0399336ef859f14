"""The compiled functions of a run, over fractions or over float64. Each is compiled when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.compile import Compiled, Rounding, compile_quantities
from stepnn.network.identity import What, is_a
from stepnn.network.model import Quantity, Role
from stepnn.notation.formula import Formula, Multiply, Ref, Sum, multiply, transform
from stepnn.notation.numbers import rounded
from stepnn.running.formulas import SIZE, Formulas

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Functions:
    """The compiled functions of one kind of numbers. With `rounding` every computed array goes through it."""

    formulas: Formulas
    rounding: Rounding | None
    exact: bool

    @cached_property
    def forward(self) -> Compiled:
        """The forward pass."""
        found = self.formulas
        return compile_quantities(found.given, found.network.computed, rounding=self.rounding, exact=self.exact)

    @cached_property
    def there_and_back(self) -> Compiled:
        """The forward pass and the backward pass."""
        found = self.formulas
        return compile_quantities(found.given, found.alone, rounding=self.rounding, exact=self.exact)

    @cached_property
    def whole(self) -> Compiled:
        """Everything of an update: forward, back, what the batch puts together, the update rule."""
        return self.updating(None)

    @cached_property
    def update(self) -> Compiled:
        """The new values alone. They are worked out by the same lines as in `whole`."""
        return self.updating([one.key for one in self.formulas.update if is_a(one.key, What.NEW)])

    def updating(self, wanted: list[str] | None) -> Compiled:
        found = self.formulas
        known = [*found.given, *found.states, SIZE]
        computed = [*found.alone, *map(self.fused, (found.batch or {}).values()), *found.update]
        return compile_quantities(known, computed, wanted, rounding=self.rounding, exact=self.exact)

    def fused(self, one: Quantity) -> Quantity:
        """A gradient of a batch with the samples' own gradients written out, so that it is one matrix product.

        Where every number is rounded it follows from the gradients that are shown, as it is written.
        """
        if one.role is not Role.BATCH_GRADIENT or one.formula is None or self.rounding is not None:
            return one
        own = {gradient.key: gradient.formula for gradient in self.formulas.backward}

        def written_out(part: Formula) -> Formula | None:
            return own.get(part.name) if isinstance(part, Ref) else None

        formula = transform(one.formula, written_out)
        match formula:
            case Multiply((share, Sum(letter, size, body))):  # of the smaller array, not of all weights
                formula = Sum(letter, size, multiply(share, body))
        return replace(one, formula=formula)


def rounding_to(digits: int) -> Callable[[Array], Array]:
    """Rounding of every element to what is shown of it."""

    def apply(array: Array) -> Array:
        flat = [rounded(float(value), digits) if np.isfinite(value) else value for value in np.ravel(array)]
        return np.array(flat, float).reshape(np.shape(array))

    return apply
