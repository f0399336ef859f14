"""The update of a batch as formulas: the gradients of its samples stand side by side, are added up, and used once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.arithmetic import floats, fractions
from stepnn.calculus.compile import compile_quantities
from stepnn.layers.optimizers import put_together
from stepnn.lessons.setup import Setup
from stepnn.network.identity import Key, What
from stepnn.network.model import Axis, Network, Quantity, Role
from stepnn.notation.formula import Number
from stepnn.trace.forms import Forms
from stepnn.trace.step import Moment
from stepnn.training.formulas import Formulas, update_number, update_of
from stepnn.training.state import State

Array = NDArray[np.float64]
LETTERS = "sybvgc"  # one that no layer has numbers the samples of a batch
ERROR = Key(What.BATCH, "E")


class BatchForms:
    """Makes the moments of batch updates."""

    def __init__(self, setup: Setup, found: Formulas, rounding: Callable[[Array], Array] | None) -> None:
        self.setup = setup
        self.found = found
        self.rounding = rounding

    def moment(
        self, passes: Sequence[Moment], constants: Mapping[str, Array], number: int, made_in: int, state: State,
        exact: bool,
    ) -> Moment:  # fmt: skip
        """The update made from these passes."""
        samples = tuple(one.sample for one in passes)
        network = self.network(samples)
        known = [quantity for quantity in network.quantities if quantity.formula is None]
        values = {**constants, **state.values, "tau": np.array(state.updates + 1.0)}
        values |= {
            key: np.stack([one.values[key] for one in passes])
            for key in (quantity.key for quantity in self.stacked(samples))
        }
        change = fractions if exact else floats
        values = {key: change(array) for key, array in values.items()}
        values |= compile_quantities(known, network.computed, rounding=self.rounding, exact=exact)(values)
        given = {quantity.key for quantity in known} - ({*state.values} if state.updates else set())
        given -= {quantity.key for quantity in self.stacked(samples)}
        return Moment(
            number, samples[0], Forms(network), passes[0].policy, values, frozenset(given), made_in,
            samples=samples, passes=tuple(one.number for one in passes), setup=self.setup,
        )  # fmt: skip

    def stacked(self, samples: Sequence[int]) -> list[Quantity]:
        """The error of each sample and its gradients, side by side."""
        used = {one.letter for quantity in self.found.network.quantities for one in quantity.axes}
        axis = Axis(next(letter for letter in LETTERS if letter not in used), tuple(map(str, samples)))
        total = self.found.network.total_error
        assert total is not None
        error = replace(total, axes=(axis,), formula=None, names=())
        found = [error]
        for gradient in (self.found.gradients or {}).values():
            assert gradient.wrt is not None
            wrt = (error.general, gradient.wrt[1])
            found.append(replace(gradient, axes=(axis, *gradient.axes), formula=None, wrt=wrt))
        return found

    def network(self, samples: Sequence[int]) -> Network:
        """Parameters and stacked gradients as given numbers; the batch's error, gradients and update computed."""
        error, *gradients = self.stacked(samples)
        total = self.together(error, ERROR, Role.BATCH_ERROR)
        batch = {}
        for gradient in gradients:
            assert gradient.wrt is not None
            made = self.together(gradient, Key(What.BATCH, gradient.key), Role.BATCH_GRADIENT)
            batch[gradient.wrt[1].name] = replace(made, wrt=(total.general, gradient.wrt[1]))
        rule = update_of(self.setup, self.found, batch)
        old = self.found.network
        kept = [
            quantity for quantity in old.quantities
            if quantity.formula is None and quantity.role not in (Role.INPUT, Role.TARGET)
        ]  # fmt: skip
        given = [*kept, *rule.states, *update_number(self.setup), error, *gradients]
        return Network((*given, total, *batch.values(), *rule.computed), old.frozen)

    def together(self, stacked: Quantity, key: str, role: Role) -> Quantity:
        """The sum or mean of a stacked quantity over its first axis, which numbers the samples."""
        axis, *own = stacked.axes
        kind = self.setup.lesson.training.gradient
        formula = put_together(stacked.general, axis.letter, axis.size, kind == "mean", Number(axis.size))
        return Quantity(key, role, stacked.glyph, tuple(own), formula, layer=stacked.layer, function=kind)
