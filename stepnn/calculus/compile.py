"""From quantities to one NumPy function: the forward pass, the backward pass, an update, or all in one.

The generated source is plain NumPy, one line per quantity, and can be read (`Compiled.source`). Only formula
trees get this far, and they hold nothing but numbers, index letters, our own keys and listed functions: no
text from a lesson file is ever part of the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.arrays import Writer
from stepnn.calculus.stable import NAMESPACE
from stepnn.model import Quantity
from stepnn.notation.formula import refs

Array = NDArray[np.float64]
Rounding = Callable[[Array], Array]


@dataclass(frozen=True)
class Compiled:
    """A function from arrays to arrays.

    `source` is its Python text; `takes` and `gives` are quantity keys; `samplewise` are the keys of all arrays
    that have the sample as their first axis.
    """

    source: str
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    samplewise: frozenset[str]
    function: Callable[..., tuple[Array, ...]]

    def __call__(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Every quantity that is given, from those that are taken. Values that are not finite come back as they are."""
        with np.errstate(all="ignore"):
            results = self.function(*(values[key] for key in self.takes))
        return dict(zip(self.gives, results, strict=True))


def compile_quantities(
    known: Sequence[Quantity],
    computed: Sequence[Quantity],
    wanted: Iterable[str] | None = None,
    rounding: Rounding | None = None,
) -> Compiled:
    """A function that computes `computed` in order from `known`; what no wanted quantity needs is left out.

    Arrays that depend on data have shape (samples, *shape); parameters, gradients and updated parameters have
    their own shape, and a gradient is the sum over the samples. With `rounding`, every computed array goes
    through it at once, so that later ones follow from rounded values.
    """
    keys = {quantity.key for quantity in computed} if wanted is None else set(wanted)
    needed = needed_for(computed, keys)
    used = {ref.name for quantity in needed if quantity.formula for ref in refs(quantity.formula)}
    writer = Writer({quantity.key: quantity for quantity in (*known, *computed)})
    takes = tuple(quantity.key for quantity in known if quantity.key in used)
    gives = tuple(quantity.key for quantity in needed if quantity.key in keys)
    head = f"def compute({', '.join(map(writer.variable, takes))}):"
    lines = [writer.line(quantity, rounding is not None) for quantity in needed]
    tail = f"    return ({''.join(f'{writer.variable(key)}, ' for key in gives)})"
    source = "\n".join([head, *lines, tail])
    names: dict[str, Any] = {**NAMESPACE, **writer.constants, "rounded": rounding}
    exec(compile(source, "<formulas>", "exec"), names)
    return Compiled(source, takes, gives, frozenset(writer.per_sample), names["compute"])


def needed_for(computed: Sequence[Quantity], wanted: set[str]) -> list[Quantity]:
    """The computed quantities without which the wanted ones cannot be had, in order."""
    keys, needed = set(wanted), []
    for quantity in reversed(computed):
        if quantity.key in keys and quantity.formula is not None:
            needed.append(quantity)
            keys |= {ref.name for ref in refs(quantity.formula)}
    return needed[::-1]
