"""The one engine that runs a lesson: looks at samples, updates made from batches, whole trainings.

A walk shows the arrays of the batches that are trained, and nothing is worked out twice: what a training does in one
go and what is shown update by update are the same lines of the same function, so they agree to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.arithmetic import floats, fractions, is_rational, one_sample, too_long
from stepnn.calculus.compile import Compiled, Rounding
from stepnn.calculus.guard import prove
from stepnn.layers.optimizers import COUNT
from stepnn.lessons.setup import Setup
from stepnn.network.identity import What, is_a, renewed
from stepnn.network.model import ERRORS, Quantity, Role
from stepnn.running.formulas import Formulas, formulas
from stepnn.running.functions import Functions
from stepnn.running.state import State, constants, first_state, sample_arrays, unseen_arrays

Array = NDArray[Any]


@dataclass(frozen=True)
class Batch:
    """Every number of some samples that went through the network together, as arrays by key.

    `samplewise` are the keys of those that have the sample as their first axis.
    """

    values: Mapping[str, Array]
    samplewise: frozenset[str]

    def sample(self, place: int) -> dict[str, Array]:
        """The numbers of one sample of the batch, and those that all have in common."""
        return {
            key: one_sample(array, place) if key in self.samplewise else array for key, array in self.values.items()
        }


@dataclass(frozen=True)
class Checked:
    """The mean error per sample after so many epochs, over the samples and over the unseen ones if there are any.

    With the perceptron rule the error is the number of wrong answers.
    """

    epoch: int
    error: float
    unseen: float | None = None


class Engine:
    """One run of a lesson, which has got to its `state` after `epoch` epochs and `place` updates of the next one.

    Where the arithmetic of a lesson is rational, all its numbers are fractions until they become too long: whether a
    neuron fires at exactly its threshold decides everything that follows. `inexact_from` is the update from which on
    they are float64 then, 0 before that.
    """

    def __init__(self, setup: Setup, rounding: Rounding | None = None, exact: bool = True) -> None:
        """With `rounding` every number that is shown is rounded before it is used; without `exact` all are float64.

        Raises DerivativeError.
        """
        self.formulas: Formulas = formulas(setup)
        self.rounding = rounding
        every = (*self.formulas.alone, *(self.formulas.batch or {}).values(), *self.formulas.update)
        self.rational = exact and is_rational(every, len(setup.samples))
        self.proven = setup.lesson.shipped or not self.formulas.backward
        self.renewed = {one.key: renewed(one.key) for one in self.formulas.update if is_a(one.key, What.NEW)}
        self.functions: dict[tuple[bool, bool], Functions] = {}
        self.begin(setup)

    def with_numbers(self, setup: Setup) -> Engine:
        """The same network with other given numbers: nothing is derived or compiled again."""
        found = copy(self)
        found.begin(setup)
        return found

    def begin(self, setup: Setup) -> None:
        """The numbers before the first update."""
        self.setup = setup
        self.exact, self.inexact_from = self.rational, 0
        self.epoch, self.place = 0, 0
        self.batches = setup.batches(1)
        self.data = self.numbers(sample_arrays(setup))
        self.constants = self.numbers(constants(setup))
        first = self.numbers(first_state(setup, self.formulas.states))
        self.changing = tuple(first)
        self.values = {**self.constants, **first}  # what an update starts from, `last` being the samples in it
        self.last: list[int] = []
        self.updates, self.before = 0, setup.lesson.optimizer.updates_before

    @property
    def state(self) -> State:
        """Parameters and what the optimiser remembers, as they are now."""
        return State({key: self.values[key] for key in self.changing}, self.updates)

    @state.setter
    def state(self, state: State) -> None:
        self.values |= self.numbers(state.values)
        self.updates = state.updates

    def numbers(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays of the kind of numbers that is used now."""
        change = fractions if self.exact else floats
        return {key: change(array) for key, array in values.items()}

    def compiled(self, exact: bool, rounding: bool = False) -> Functions:
        """The functions over fractions or float64; with `rounding`, where anything is to be rounded, those that do."""
        key = (exact, rounding and self.rounding is not None)
        if key not in self.functions:
            self.functions[key] = Functions(self.formulas, self.rounding if key[1] else None, exact)
        return self.functions[key]

    def look(self, samples: Sequence[int], back: bool = False) -> Batch:
        """A forward pass on some samples, counted from 0, and `back` if there is a way."""
        function = "there_and_back" if back and self.formulas.backward else "forward"
        if self.exact:
            found = self.exactly(function, samples, rounding=True)
            if found is not None:
                return found
            self.inexact_from = self.inexact_from or self.updates + 1  # what is trained may still be exact
        return self.worked_out(self.compiled(False, True), function, samples)

    @property
    def next(self) -> list[int]:
        """The samples that the next update is made from, counted from 0."""
        if not self.batches:
            self.batches = self.setup.batches(self.epoch + 1)
        return self.batches[self.place]

    def updated(self, rounding: bool = True) -> Batch:
        """The next update, with every number that is worked out for it. Raises DerivativeError."""
        samples = self.next
        found = self.exactly("whole", samples, rounding) if self.exact else None
        if found is None:
            self.leave_fractions()
            found = self.worked_out(self.compiled(False, rounding), "whole", samples)
        self.move_on(map(found.values.__getitem__, self.renewed), found.samplewise)
        return found

    def exactly(self, function: str, samples: Sequence[int], rounding: bool) -> Batch | None:
        """What comes of some samples in fractions; None where they become too long, or where one divides by 0."""
        try:
            found = self.worked_out(self.compiled(True, rounding), function, samples)
        except ZeroDivisionError:
            return None
        return None if too_long(found.values) else found

    def worked_out(self, functions: Functions, name: str, samples: Sequence[int]) -> Batch:
        """What a function makes of some samples."""
        function: Compiled = getattr(functions, name)
        change = fractions if functions.exact else floats
        values = {key: change(array) for key, array in self.known(samples).items()}
        found = Batch({**values, **function(values)}, function.samplewise)
        if name != "forward":
            self.prove(found.sample(0))
        return found

    def known(self, samples: Sequence[int]) -> dict[str, Array]:
        """What an update made from these samples starts from."""
        return {**self.values, **self.taken(samples), **self.counts(len(samples))}

    def counts(self, size: int) -> dict[str, Array]:
        """How many samples a batch has, and which update it is made for, those before the lesson counted."""
        return {COUNT: np.array(float(size)), "tau": np.array(self.updates + self.before + 1.0)}

    @cached_property
    def only_new(self) -> Compiled:
        """What a training calls for each of its updates."""
        return self.compiled(False).update

    @cached_property
    def counted(self) -> bool:
        """Whether the update rule asks for the size of the batch, or for the number of the update."""
        return not {COUNT, "tau"}.isdisjoint(self.only_new.takes)

    def taken(self, samples: Sequence[int]) -> dict[str, Array]:
        """Inputs and targets of some samples; views of them where that is possible."""
        if len(samples) == 1:
            (number,) = samples
            return {key: array[number : number + 1] for key, array in self.data.items()}
        if len(samples) == len(self.setup.samples) and samples == self.setup.order:
            return self.data
        return {key: array.take(samples, axis=0) for key, array in self.data.items()}

    def leave_fractions(self) -> None:
        """Go on with float64."""
        if self.exact:
            self.exact, self.inexact_from = False, self.inexact_from or self.updates + 1
            self.data, self.values = self.numbers(self.data), self.numbers(self.values)

    def move_on(self, new: Iterable[Array], samplewise: frozenset[str]) -> None:
        """The state after one more update, with the new values in their order."""
        if not samplewise.isdisjoint(self.renewed):
            pairs = zip(self.renewed, new, strict=True)
            new = [one_sample(array) if key in samplewise else array for key, array in pairs]
        self.values |= zip(self.renewed.values(), new, strict=False)  # at once: a training may be stopped anywhere
        self.updates += 1
        self.place += 1
        if self.place == len(self.batches):
            self.epoch, self.place, self.batches = self.epoch + 1, 0, []

    def learn(self) -> None:
        """The next update, of which nothing is shown."""
        if self.exact:  # whether its numbers are short enough is decided as where it is shown
            self.updated(rounding=False)
            return
        function, samples = self.only_new, self.next
        if samples is not self.last:  # full batches follow each other
            self.last = samples
            self.values |= self.taken(samples)
        if self.counted:
            self.values |= self.counts(len(samples))
        self.move_on(function.function(*map(self.values.__getitem__, function.takes)), function.samplewise)

    def run_to(self, epoch: int, update: int = 0) -> None:
        """Until so many epochs and so many updates of the next one are complete."""
        with np.errstate(all="ignore"):
            while (self.epoch, self.place) < (epoch, update):
                self.learn()

    @cached_property
    def judged(self) -> Quantity | None:
        """What says how far off an answer is; None where nothing does."""
        network = self.formulas.network
        if network.total_error is not None:
            return network.total_error
        errors = network.with_role(*ERRORS) if self.setup.lesson.update == "perceptron" else []
        return errors[0] if errors else None

    def error(self, state: State | None = None, data: Mapping[str, Array] | None = None) -> float:
        """The mean error per sample in a state; with the perceptron rule how many answers are wrong; else NaN."""
        if self.judged is None:
            return float("nan")
        values = {**self.values, **({} if state is None else state.values), **(self.data if data is None else data)}
        found = self.compiled(self.exact, True).forward(self.numbers(values))[self.judged.key]
        if self.judged.role is not Role.TOTAL_ERROR:
            return float(np.any(found != 0, axis=-1).sum())
        return float(np.mean(found)) + 0.0

    def check(self) -> Checked:
        """The error where the training has got to."""
        unseen = unseen_arrays(self.setup)
        return Checked(self.epoch, self.error(), None if unseen is None else self.error(data=unseen))

    def answers(self, inputs: Array) -> Array:
        """What the network answers to each row of inputs: the activations of its last layer, (samples, out)."""
        network = self.formulas.network
        output = network.with_role(Role.ACTIVATION)[-1].key
        values = {key: floats(array) for key, array in self.values.items()}
        values |= {"a0": inputs, "t": np.zeros((len(inputs), *network["t"].shape))}
        return self.compiled(False).forward(values)[output]

    def prove(self, values: Mapping[str, Array]) -> None:
        """Compare the derived gradients with differences, before anybody sees them: at the numbers of one sample.

        Raises DerivativeError.
        """
        if not self.proven:
            given = {one.key: floats(values[one.key]) for one in self.formulas.given}
            given = {key: array[None] if key in self.data else array for key, array in given.items()}
            prove(self.formulas.network, self.formulas.backward, given, self.compiled(False).there_and_back)
            self.proven = True
