"""From quantities to one NumPy function: the forward pass, the backward pass, an update, or all in one.

The generated source is plain NumPy, one line per quantity, and can be read (`Compiled.source`). Only formula
trees get this far, and they hold nothing but numbers, index letters, our own keys and listed functions: no
text from a lesson file is ever part of the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.arithmetic import EXACT, keeping
from stepnn.calculus.arrays import Writer
from stepnn.calculus.saturation import Saturation
from stepnn.calculus.stable import NAMESPACE
from stepnn.network.identity import Key, What
from stepnn.network.model import Quantity, reads_as
from stepnn.network.order import Part, in_order
from stepnn.notation.formula import (
    ZERO,
    Add,
    Cases,
    Formula,
    IsLargest,
    Largest,
    Multiply,
    Negative,
    Ref,
    Sum,
    add,
    multiply,
    parts,
    rebuild,
    refs,
    transform,
)
from stepnn.notation.index import number_index
from stepnn.notation.indices import decided, with_indices

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
    exact: bool = False,
) -> Compiled:
    """A function that computes `computed` in order from `known`; what no wanted quantity needs is left out.

    Arrays that depend on data have shape (samples, *shape); parameters, gradients and updated parameters have
    their own shape, and a gradient is the sum over the samples. With `rounding`, every computed array goes
    through it at once, so that later ones follow from rounded values.
    """
    keys = {quantity.key for quantity in computed} if wanted is None else set(wanted)
    every = {quantity.key: quantity for quantity in (*known, *computed)}
    needed = needed_for(computed, keys, every)
    used = {name for quantity in needed for name in read_by(quantity, every)}
    saturation = Saturation(every) if rounding is None and not exact else None
    if saturation is not None:
        used = used.union(*(saturation.reads(one.formula) for one in needed if one.formula is not None))
    writer = Writer(every, saturation, exact)
    takes = tuple(quantity.key for quantity in known if quantity.key in used)
    gives = tuple(quantity.key for quantity in needed if quantity.key in keys)
    head = f"def compute({', '.join(map(writer.variable, takes))}):"
    lines = [line for part in in_order(needed) for line in lines_of(writer, part, exact or rounding is not None)]
    tail = f"    return ({''.join(f'{writer.variable(key)}, ' for key in gives)})"
    source = "\n".join([head, *lines, tail])
    names: dict[str, Any] = {**(EXACT if exact else NAMESPACE), **writer.constants}
    names["rounded"] = keeping(rounding) if exact else rounding
    exec(compile(source, "<formulas>", "exec"), names)
    return Compiled(source, takes, gives, frozenset(writer.per_sample), names["compute"])


def lines_of(writer: Writer, part: Part, rounding: bool) -> list[str]:
    """The assignments of a quantity; those of a recurrence step by step, and then all steps put together."""
    if isinstance(part, Quantity):
        return writer.lines(part, rounding)
    lines = []
    steps = {
        (member.key, step): replace(
            member,
            key=Key(What.TIME_STEP, member.key, str(step)),
            axes=member.axes[1:],
            formula=None,
            names=(),
            start="",
        )
        for member in part.members
        for step in part.steps
    }
    writer.quantities = {**writer.quantities, **{one.key: one for one in steps.values()}}
    writer.per_sample |= {one.key for (key, _), one in steps.items() if key in writer.per_sample}
    for step in part.steps:
        for member in part.members:
            assert member.formula is not None
            formula = with_indices(member.formula, {member.axes[0].letter: number_index(step)})
            formula = without_zeros(transform(formula, lambda one: at_step(one, steps, writer.quantities)))
            lines += writer.lines(replace(steps[member.key, step], formula=formula), rounding)
    for member in part.members:
        every = ", ".join(writer.variable(steps[member.key, step].key) for step in range(member.shape[0]))
        axes = writer.axes(member)
        axis = axes.index(member.axes[0].letter)
        lines.append(f"    {writer.variable(member.key)} = stack(({every},), axis={axis})  # ({', '.join(axes)})")
    return lines


def at_step(
    part: Formula, steps: Mapping[tuple[str, int], Quantity], quantities: Mapping[str, Quantity]
) -> Formula | None:
    """A reading of a member of a recurrence as one of a single time step, or of what stands before the first."""
    if isinstance(part, (Largest, IsLargest)) and any(reads_as(ref, quantities) == ZERO for ref in refs(part)):
        return ZERO  # it compares nothing that exists at this time step
    if not isinstance(part, Ref):
        return None
    found = reads_as(part, quantities)
    if isinstance(found, Ref) and found.index and (member := steps.get((found.name, found.index[0].constant))):
        return Ref(member.key, found.index[1:])
    return found


def without_zeros(formula: Formula) -> Formula:
    """The formula without the terms that are 0 because nothing stands before the first time step."""
    inner = tuple(map(without_zeros, parts(formula)))
    match formula:
        case Add():
            return add(*inner)
        case Multiply():
            return multiply(*inner)
        case Sum() | Negative() | Largest() if inner == (ZERO,):
            return ZERO
        case Cases() if (branch := decided(formula)) is not None:
            return without_zeros(branch)
    return rebuild(formula, inner) if inner else formula


def read_by(quantity: Quantity, every: Mapping[str, Quantity]) -> set[str]:
    """The keys of what a formula reads, and of what stands before the first time step of that."""
    names = {ref.name for ref in refs(quantity.formula)} if quantity.formula is not None else set()
    return names | {every[name].start for name in names if every[name].start}


def needed_for(computed: Sequence[Quantity], wanted: set[str], every: Mapping[str, Quantity]) -> list[Quantity]:
    """The computed quantities without which the wanted ones cannot be had, in order."""
    uses = {quantity.key: read_by(quantity, every) for quantity in computed if quantity.formula is not None}
    keys, waiting = set(wanted), list(wanted)
    while waiting:
        new = uses.get(waiting.pop(), set()) - keys
        keys |= new
        waiting += new
    return [quantity for quantity in computed if quantity.key in keys and quantity.formula is not None]
