"""The update of a batch as formulas: the gradients of its samples stand side by side, are added up, and used once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stepnn.layers.optimizers import put_together
from stepnn.lessons.setup import Setup
from stepnn.network.model import Axis, Network, Quantity, Role
from stepnn.notation.formula import Number, Ref
from stepnn.notation.index import letter_index
from stepnn.running.formulas import Formulas

LETTERS = "sybvgc"  # one that no layer has numbers the samples of a batch


def batch_network(setup: Setup, found: Formulas, samples: Sequence[int]) -> Network:
    """What an update made from these samples reads as given numbers, and what it computes.

    Given are the parameters, what the optimiser remembers, and the error and gradients of each sample.
    """
    old, batch = found.network, found.batch or {}
    letters = {one.letter for quantity in old.quantities for one in quantity.axes}
    axis = Axis(next(letter for letter in LETTERS if letter not in letters), tuple(map(str, samples)))
    kept = [one for one in found.given if one.role not in (Role.INPUT, Role.TARGET)]
    alone = {one.key: one for one in found.alone}
    each = [side_by_side(alone[key], axis) for key in batch]
    mean = setup.lesson.training.gradient
    computed = []
    for one in each:
        formula = put_together(one.general, axis.letter, axis.size, mean == "mean", Number(axis.size))
        computed.append(replace(batch[one.key], formula=formula, function=mean, wrt=one.wrt))
    total, *gradients = computed
    gradients = [replace(one, wrt=(total.general, one.wrt[1])) for one in gradients if one.wrt is not None]
    return Network((*kept, *found.states, *each, total, *gradients, *found.update), old.frozen)


def side_by_side(one: Quantity, axis: Axis) -> Quantity:
    """What every sample has, the samples along the first axis."""
    own = (Ref(one.wrt[0].name, (letter_index(axis.letter),)), one.wrt[1]) if one.wrt is not None else None
    return replace(one, axes=(axis, *one.axes), formula=None, names=(), wrt=own)
