"""Working a lesson out: its passes and updates in order, each as a `Moment` that holds every number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.compile import Compiled, compile_quantities
from stepnn.calculus.differentiate import differentiate
from stepnn.errors import CalculationError
from stepnn.layers.updates import gradient_descent, perceptron_rule
from stepnn.lessons.setup import Setup
from stepnn.model import Quantity
from stepnn.notation.formula import refs
from stepnn.notation.numbers import rounded
from stepnn.trace.forms import Forms
from stepnn.trace.step import Moment, Policy

Array = NDArray[np.float64]


class Calculation:
    """The compiled formulas of a lesson, and the runs through them."""

    def __init__(self, setup: Setup, policy: Policy) -> None:
        self.setup = setup
        self.policy = policy
        self.learning = learning_quantities(setup)
        self.network = setup.network.extended(self.learning)
        self.forms = Forms(self.network)
        rounding = rounding_to(policy.digits) if policy.rounded else None
        known = [quantity for quantity in setup.network.quantities if quantity.formula is None]
        computed = setup.network.computed
        self.forward: Compiled = compile_quantities(known, computed, rounding=rounding)
        self.backward: Compiled = compile_quantities([*known, *computed], self.learning, rounding=rounding)

    def parameters(self) -> dict[str, Array]:
        """The given parameters as arrays, by key."""
        shapes = self.setup.network
        return {
            key: np.array(values, float).reshape(shapes[key].shape) for key, values in self.setup.parameters.items()
        }

    def run(self, updates: int) -> list[Moment]:
        """All passes of the walk: looking at the samples, learning, and a last look."""
        parameters, moments = self.parameters(), list[Moment]()
        made_in = 0
        samples = len(self.setup.samples)
        if not self.setup.learns:
            return [self.moment(n, n, parameters, 0) for n in range(1, samples + 1)]
        if self.setup.lesson.look_at_all_samples or updates == 0:
            moments = [self.moment(n, n, parameters, 0) for n in range(1, samples + 1)]
        for sample in self.schedule(updates, moments):
            if moments and moments[-1].sample == sample and not moments[-1].has_learned:
                moment = moments.pop()
            else:
                moment = self.moment(len(moments) + 1, sample, parameters, made_in)
            moments.append(self.learned(moment))
            made_in = moment.number
            parameters |= {key: moments[-1].values[f"new/{key}"] for key in self.trained}
        if self.setup.lesson.update == "gradient descent" and made_in:
            moments.append(self.moment(len(moments) + 1, moments[-1].sample, parameters, made_in))
        return moments

    @property
    def trained(self) -> list[str]:
        return [quantity.key for quantity in self.setup.network.trained]

    def schedule(self, updates: int, moments: list[Moment]) -> Iterator[int]:
        """The samples to learn from, in turn. The perceptron rule stops after an epoch without a mistake."""
        samples = len(self.setup.samples)
        order = self.setup.lesson.learn_from or list(range(1, samples + 1))
        for count in range(updates):
            yield order[count % len(order)]
            epoch_ends = self.setup.lesson.update == "perceptron" and (count + 1) % len(order) == 0
            if epoch_ends and not any(np.any(moment.values["e"]) for moment in moments[-len(order) :]):
                return

    def moment(self, number: int, sample: int, parameters: Mapping[str, Array], made_in: int) -> Moment:
        """A forward pass on one sample."""
        given = self.setup.samples[sample - 1]
        values: dict[str, Array] = {"a0": np.array([given.inputs], float), **parameters}
        if given.targets is not None:
            values["t"] = np.array([given.targets], float)
        if self.setup.rate is not None:
            values["eta"] = np.array(self.setup.rate)
        values |= self.forward(values)
        known = {quantity.key for quantity in self.setup.network.quantities if quantity.formula is None}
        trained = set(self.trained) if made_in else set()
        moment = Moment(
            number, sample, self.forms, self.policy, self.single(values), frozenset(known - trained), made_in
        )
        self.check(moment, self.setup.network.computed)
        return moment

    def learned(self, moment: Moment) -> Moment:
        """The same moment with the numbers of its backward pass and update."""
        batch = {key: self.batched(key, array) for key, array in moment.values.items()}
        values = {**moment.values, **self.single(self.backward(batch))}
        full = Moment(moment.number, moment.sample, self.forms, self.policy, values, moment.given, moment.made_in)
        self.check(full, self.learning)
        return full

    def single(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays without their sample axis: there is one sample."""
        return {key: array[0] if key in self.samplewise else array for key, array in values.items()}

    def batched(self, key: str, array: Array) -> Array:
        return array[None] if key in self.samplewise else array

    @property
    def samplewise(self) -> frozenset[str]:
        """The keys of arrays with a sample axis."""
        return self.forward.samplewise | self.backward.samplewise

    def check(self, moment: Moment, quantities: list[Quantity]) -> None:
        """Stop at the first number that is infinite or no number. Raises CalculationError, which names the step."""
        for quantity in quantities:
            array = moment.values[quantity.key]
            if not np.all(np.isfinite(array)):
                position = tuple(int(n) for n in np.argwhere(~np.isfinite(array))[0])
                raise CalculationError(what_went_wrong(moment, quantity, position))

    def errors(self, parameters: Mapping[str, Array]) -> float | None:
        """The total error over all samples; for the perceptron rule the number of wrong answers."""
        if self.setup.network.total_error is None and self.setup.lesson.update != "perceptron":
            return None
        moments = [self.moment(1, n, parameters, 0) for n in range(1, len(self.setup.samples) + 1)]
        if self.setup.network.total_error is None:
            return float(sum(np.any(moment.values["e"]) for moment in moments))
        with np.errstate(all="ignore"):
            total = float(sum(moment.values["E"] for moment in moments))
        if not np.isfinite(total):
            raise CalculationError("E, added up over all samples, is infinite. Try smaller numbers.")
        return total


def learning_quantities(setup: Setup) -> list[Quantity]:
    """The derived formulas of the backward pass, and those of the update."""
    network = setup.network
    if setup.lesson.update is None:
        return []
    rate = network["eta"]
    if setup.lesson.update == "perceptron":
        return perceptron_rule(network, network["e"], rate)
    derived = differentiate(network)
    by_key = {quantity.key: quantity for quantity in derived.quantities}
    gradients = {quantity.key: by_key[derived.error_of[quantity.key]] for quantity in network.trained}
    return [*derived.quantities, *gradient_descent(network, gradients, rate)]


def rounding_to(digits: int) -> Callable[[Array], Array]:
    """Rounding of every element to what is shown of it."""

    def apply(array: Array) -> Array:
        flat = [rounded(float(value), digits) if np.isfinite(value) else value for value in np.ravel(array)]
        return np.array(flat, float).reshape(np.shape(array))

    return apply


def what_went_wrong(moment: Moment, quantity: Quantity, position: tuple[int, ...]) -> str:
    """The step that gave infinity or no number, its formula's inputs, and what may help."""
    ref = quantity.element(position)
    name = moment.forms.names.text(ref)
    value = moment.value(ref)
    kind = (
        "not a number (such as 0/0 or ln of a negative number)"
        if np.isnan(value)
        else "infinite (too large, or divided by 0)"
    )
    formula = moment.forms.at(quantity.formula, quantity, ref) if quantity.formula is not None else None
    known = refs(formula)[:4] if formula is not None else []
    used = ", ".join(f"{moment.forms.names.text(one)} = {moment.value(one):g}" for one in known)
    return (
        f"{name} ({quantity.role.value}, pass {moment.number}, sample {moment.sample}) is {kind}. "
        f"It was computed from {used}. Try smaller numbers or a smaller learning rate."
    )
