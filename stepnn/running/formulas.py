"""The formulas that running a lesson needs: the derived backward pass, what a batch puts together, the update rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from stepnn.calculus.differentiate import differentiate, slope_of
from stepnn.layers.optimizers import COUNT, put_together, update, uses_update_number
from stepnn.layers.perceptron import perceptron_rule
from stepnn.lessons.rule import spared
from stepnn.lessons.setup import Setup
from stepnn.network.identity import Key, What
from stepnn.network.model import SAMPLE, Network, Quantity, Role
from stepnn.notation.formula import Ref

SIZE = Quantity(COUNT, Role.SETTING, "n")  # of a batch


@dataclass(frozen=True)
class Formulas:
    """All formulas of a lesson, in the order in which they are worked out.

    `network` is the forward pass; `backward` what is derived from it, for one sample; `batch` the error and the
    gradients of all samples of an update together, by the key of what they are put together from, where an update is
    made from several; `states` what is remembered from update to update; `update` the rule.
    """

    network: Network
    backward: tuple[Quantity, ...] = ()
    batch: Mapping[str, Quantity] | None = None
    states: tuple[Quantity, ...] = ()
    update: tuple[Quantity, ...] = ()

    @cached_property
    def given(self) -> tuple[Quantity, ...]:
        """What the forward pass starts from."""
        return tuple(one for one in self.network.quantities if one.formula is None)

    @cached_property
    def alone(self) -> tuple[Quantity, ...]:
        """What is worked out for every sample on its own."""
        return (*self.network.computed, *self.backward)


def formulas(setup: Setup) -> Formulas:
    """Everything that is derived from a lesson's definitions. Raises DerivativeError."""
    network = with_slopes(setup)
    backward, gradients = backward_of(setup, network)
    if not setup.descends:
        perceptron = perceptron_rule(network, network["e"], network["eta"]) if setup.learns else []
        return Formulas(network, backward, update=tuple(perceptron))
    batch = together(setup, network, gradients) if setup.batch > 1 else None
    used = {key: batch[one.key] for key, one in gradients.items()} if batch else gradients
    lines = setup.rule
    rule = update(network, lines, used, setup.lesson.update or "", spared(setup.lesson, network.trained))
    number = [Quantity("tau", Role.UPDATE_NUMBER, "tau")] if uses_update_number(lines) else []
    return Formulas(network, backward, batch, (*rule.states, *number), tuple(rule.computed))


def backward_of(setup: Setup, network: Network) -> tuple[tuple[Quantity, ...], dict[str, Quantity]]:
    """The derived quantities, and of them the gradients by parameter key."""
    wanted = {quantity.key for quantity in network.trained} if setup.descends else set[str]()
    extra = {own.name for own in setup.lesson.quantities if own.gradient}
    if not wanted | extra:
        return (), {}
    derived = differentiate(network, wanted | extra)
    by_key = {quantity.key: quantity for quantity in derived.quantities}
    return derived.quantities, {
        key: by_key[derived.error_of[key]] for key in (one.key for one in network.trained) if key in wanted
    }


def with_slopes(setup: Setup) -> Network:
    """The network with the derivatives that its lesson asks for, each behind the quantity that it is a slope of."""
    network, found = setup.network, list[Quantity]()
    for quantity in network.quantities:
        found.append(quantity)
        for own in setup.lesson.quantities:
            if own.derivative is not None and own.derivative[0] == quantity.key:
                slope = slope_of(quantity, network[own.derivative[1]])
                found.append(
                    Quantity(
                        own.name, slope.role, slope.glyph, slope.axes, slope.formula, layer=own.layer, wrt=slope.wrt
                    )
                )
    return Network(tuple(found), network.frozen)


def together(setup: Setup, network: Network, gradients: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """The error and the gradients of a batch as sums or means over its samples, by what they are put together from."""
    total = network.total_error
    assert total is not None
    mean = setup.lesson.training.gradient == "mean"
    found = {}
    for one in (total, *gradients.values()):
        formula = put_together(one.general, SAMPLE, 0, mean, Ref(COUNT))
        role = Role.BATCH_ERROR if one is total else Role.BATCH_GRADIENT
        of = one.wrt[1].name if one.wrt is not None else ""
        key = Key(What.BATCH, one.key)
        found[one.key] = Quantity(key, role, one.glyph, one.axes, formula, layer=one.layer, of=of, missing=one.missing)
    return found
