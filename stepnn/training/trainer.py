"""A whole training: epochs of batches, each batch one update with the compiled formulas. Always the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.arithmetic import floats, fractions, is_rational, one_sample
from stepnn.calculus.compile import compile_quantities
from stepnn.layers.optimizers import COUNT
from stepnn.lessons.setup import Setup
from stepnn.network.identity import What, is_a, renewed
from stepnn.network.model import Quantity, Role
from stepnn.training.formulas import Formulas, batch_gradients, formulas, update_number, update_of
from stepnn.training.state import State, constants, first_state, sample_arrays, unseen_arrays

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Checked:
    """The mean error per sample after so many epochs, over the samples and over the unseen ones if there are any.

    With the perceptron rule the error is the number of wrong answers.
    """

    epoch: int
    error: float
    unseen: float | None = None


class Trainer:
    """The training of one run. `state` is where it has got to, `epoch` how many epochs are complete.

    The perceptron rule is worked out with fractions where that can be done: whether a neuron fires at exactly its
    threshold decides everything that follows.
    """

    def __init__(self, setup: Setup, found: Formulas | None = None) -> None:
        self.setup = setup
        found = found or formulas(setup)
        batch = batch_gradients(setup, found)
        rule = update_of(setup, found, batch)
        network = found.network
        given = [quantity for quantity in network.quantities if quantity.formula is None]
        known = [*given, *rule.states, *update_number(setup), Quantity(COUNT, Role.SETTING, "n")]
        computed = [*network.computed, *found.backward, *batch.values(), *rule.computed]
        wanted = [quantity.key for quantity in rule.computed if is_a(quantity.key, What.NEW)]
        self.exact = setup.lesson.update == "perceptron" and is_rational(computed, len(setup.samples))
        self.numbers = fractions if self.exact else floats
        self.step = compile_quantities(known, computed, wanted, exact=self.exact)
        self.counts = "tau" in self.step.takes  # whether the rule asks for the number of the update
        self.renewed = [renewed(key) for key in self.step.gives]
        self.apart = not self.step.samplewise.isdisjoint(self.step.gives)  # whether a new value has a sample axis
        self.judged = network.total_error or network["e"]
        self.judge = compile_quantities(known, network.computed, [self.judged.key], exact=self.exact)
        self.output = [quantity.key for quantity in network.computed if quantity.role is not Role.OUTPUT_ERROR][-1]
        if network.has_neurons:
            self.output = network.with_role(Role.ACTIVATION)[-1].key
        self.forward = compile_quantities(known, network.computed, [self.output])
        self.data = self.changed(sample_arrays(setup))
        self.constants: dict[str, Any] = self.changed(constants(setup))
        self.state = first_state(setup, rule)
        self.epoch = 0
        self.order = setup.order

    def changed(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays of the kind of numbers that is used."""
        return {key: self.numbers(array) for key, array in values.items()}

    def learn(self, samples: Sequence[int]) -> None:
        """One update."""
        state = self.state
        values = {**self.constants, **state.values, **self.taken(samples), COUNT: float(len(samples))}
        if self.counts:
            values["tau"] = np.array(state.updates + 1.0)
        if self.exact:  # the decimals of the state are what is worked with, and what is kept
            values = self.changed(values)
        results = self.step.function(*map(values.__getitem__, self.step.takes))
        if self.apart:
            results = tuple(
                one_sample(array) if key in self.step.samplewise else array
                for key, array in zip(self.step.gives, results, strict=True)
            )
        new = dict(zip(self.renewed, map(floats, results) if self.exact else results, strict=True))
        self.state = State({**state.values, **new}, state.updates + 1)

    def taken(self, samples: Sequence[int]) -> dict[str, Array]:
        """Inputs and targets of some samples; views of them where that is possible."""
        if len(samples) == 1:
            (number,) = samples
            return {key: array[number : number + 1] for key, array in self.data.items()}
        if len(samples) == len(self.order) == len(self.setup.samples) and samples == self.order:
            return self.data
        return {key: array[samples] for key, array in self.data.items()}

    def one_epoch(self) -> None:
        """Every sample once, or as often as the lesson says."""
        for samples in self.setup.batches(self.epoch + 1):
            self.learn(samples)
        self.epoch += 1

    def run_to(self, epoch: int, update: int = 0) -> None:
        """Until so many epochs and so many updates of the next one are complete."""
        with np.errstate(all="ignore"):
            while self.epoch < epoch:
                self.one_epoch()
            for samples in self.setup.batches(self.epoch + 1)[:update]:
                self.learn(samples)

    def error(self, state: State | None = None, data: dict[str, Array] | None = None) -> float:
        """The mean error per sample in a state; with the perceptron rule how many answers are wrong."""
        values = {
            **self.constants,
            **(state or self.state).values,
            **(data or self.data),
            COUNT: np.ones(()),
            "tau": np.ones(()),
        }
        (found,) = self.judge(self.changed(values)).values()
        if self.judged.role is not Role.TOTAL_ERROR:
            return float(np.any(found != 0, axis=-1).sum())
        return float(np.mean(found))

    def answers(self, inputs: Array) -> Array:
        """What the network answers to each row of inputs: the activations of its last layer, (samples, out)."""
        values = {
            **{key: floats(array) for key, array in {**self.constants, **self.state.values}.items()},
            "a0": inputs,
            COUNT: np.ones(()),
            "tau": np.ones(()),
        }
        values["t"] = np.zeros((len(inputs), *self.setup.network["t"].shape))
        return self.forward(values)[self.output]

    def check(self) -> Checked:
        """The error where the training has got to."""
        unseen = unseen_arrays(self.setup)
        apart = self.error(data=unseen) if unseen is not None else None
        return Checked(self.epoch, self.error(), apart)
