"""A network over a whole batch: everything that differs from sample to sample gets an index for the sample.

What looks at several samples at once, such as batch normalisation (Ioffe and Szegedy 2015), is written with a sum
over that index. Nothing else changes: the same formulas are shown, differentiated and compiled.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from stepnn.network.model import SAMPLE, Axis, Network, Quantity, Role, samplewise
from stepnn.notation.formula import (
    Call,
    Divide,
    Formula,
    Index,
    Multiply,
    Negative,
    Number,
    Power,
    Ref,
    Sum,
    add,
    letter_index,
    multiply,
    transform,
)

EPSILON = 1e-5  # PyTorch's default


def normalized(z: Quantity) -> list[Quantity]:
    """Mean, variance and normalised weighted sum of a layer over the batch; the variance is the biased one."""
    number, axes = z.layer, z.axes
    here = z.general
    mean = Quantity(f"mu{number}", Role.VALUE, "mu", axes, average(here), layer=number)
    difference = add(here, Negative(mean.general))
    variance = Quantity(
        f"variance{number}", Role.VALUE, "variance", axes, average(Power(difference, Number(2))), layer=number
    )
    root = Call("sqrt", (add(variance.general, Number(EPSILON)),))
    hat = Quantity(f"zhat{number}", Role.VALUE, "z_hat", axes, Divide(difference, root), layer=number)
    return [mean, variance, hat]


def average(formula: Formula) -> Formula:
    """1/N · Σ over the samples; N is put in when the batch is known."""
    return Multiply((Ref("N"), Sum(SAMPLE, 0, formula)))


def over_batch(network: Network, count: int) -> Network:
    """The network with an index for the sample in front of everything that differs from sample to sample."""
    used = {axis.letter for quantity in network.quantities for axis in quantity.axes}
    letter = next(one for one in "nsyvbg" if one not in used)
    axis = Axis(letter, tuple(str(number) for number in range(1, count + 1)))
    keys = samplewise(network.by_key)
    found = [one for quantity in network.quantities for one in spread(quantity, keys, axis)]
    return Network(tuple(found), network.frozen)


def spread(quantity: Quantity, keys: set[str], axis: Axis) -> list[Quantity]:
    """A quantity for each sample, if it differs; the total error becomes the mean over the batch."""
    formula = quantity.formula and indexed(quantity.formula, keys, axis)
    names: tuple[str, ...] = ()
    if quantity.key not in keys:
        return [replace(quantity, formula=formula)]
    if quantity.role in (Role.INPUT, Role.TARGET):
        names = tuple(f"{name}_{label}" for label in axis.labels for name in quantity.names)
    each = replace(quantity, axes=(axis, *quantity.axes), formula=formula, names=names)
    if quantity.role is not Role.TOTAL_ERROR:
        return [each]
    each = replace(each, key="E_sample", role=Role.OUTPUT_ERROR)
    mean = multiply(Number(Fraction(1, axis.size)), Sum(axis.letter, axis.size, each.general))
    return [each, replace(quantity, formula=mean)]


def indexed(formula: Formula, keys: set[str], axis: Axis) -> Formula:
    """The formula with the sample's index wherever an element differs from sample to sample."""
    index: Index = letter_index(axis.letter)

    def change(part: Formula) -> Formula | None:
        match part:
            case Ref("N", ()):
                return Number(Fraction(1, axis.size))
            case Ref(name, old) if name in keys:
                return Ref(name, (index, *old))
            case Sum(letter, _, body) if letter == SAMPLE:
                return Sum(axis.letter, axis.size, indexed(body, keys, axis))
        return None

    return transform(formula, change)
