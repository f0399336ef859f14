"""The formulas that learning needs: the derived backward pass, and the update rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stepnn.calculus.differentiate import differentiate, slope_of
from stepnn.layers.optimizers import Update, batch_gradient, update, uses_update_number
from stepnn.layers.perceptron import perceptron_rule
from stepnn.lessons.setup import Setup
from stepnn.network.model import Network, Quantity, Role


@dataclass(frozen=True)
class Formulas:
    """`network` is the forward pass; `backward` what is derived from it; `gradients` are by parameter key."""

    network: Network
    backward: tuple[Quantity, ...] = ()
    gradients: Mapping[str, Quantity] | None = None


def formulas(setup: Setup) -> Formulas:
    """Everything that is derived from a lesson's definitions. Raises DerivativeError."""
    network = with_slopes(setup)
    if not setup.descends and network.total_error is None:
        return Formulas(network)
    extra = {own.name for own in setup.lesson.quantities if own.gradient}
    wanted = {quantity.key for quantity in network.trained} if setup.descends else set[str]()
    if not wanted | extra:
        return Formulas(network)
    derived = differentiate(network, wanted | extra)
    by_key = {quantity.key: quantity for quantity in derived.quantities}
    gradients = {one.key: by_key[derived.error_of[one.key]] for one in network.trained if one.key in wanted}
    return Formulas(network, derived.quantities, gradients)


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


def update_of(setup: Setup, found: Formulas, gradients: Mapping[str, Quantity]) -> Update:
    """The update rule of the lesson over these gradients, by parameter key."""
    if not setup.descends:
        return Update((), tuple(perceptron_rule(found.network, found.network["e"], found.network["eta"])))
    return update(found.network, setup.rule, gradients, setup.lesson.update or "")


def update_number(setup: Setup) -> list[Quantity]:
    """τ, where the rule asks for it."""
    return [Quantity("tau", Role.UPDATE_NUMBER, "tau")] if setup.descends and uses_update_number(setup.rule) else []


def batch_gradients(setup: Setup, found: Formulas) -> dict[str, Quantity]:
    """The gradients of a batch as sums over the sample axis, by parameter key."""
    mean = setup.lesson.training.gradient == "mean"
    return {key: batch_gradient(gradient, mean) for key, gradient in (found.gradients or {}).items()}
