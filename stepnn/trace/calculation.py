"""Working a run out: its passes and updates in order, each as a `Moment` that holds every number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.arithmetic import floats, fractions, is_finite, is_rational, one_sample, too_long
from stepnn.calculus.compile import Compiled
from stepnn.calculus.guard import prove
from stepnn.errors import CalculationError
from stepnn.lessons.setup import Setup
from stepnn.network.model import Quantity, Role
from stepnn.notation.formula import refs
from stepnn.trace.batch import BatchForms
from stepnn.trace.forms import Forms
from stepnn.trace.passes import Functions, Passes, rounding_to
from stepnn.trace.step import Jump, Moment, Policy
from stepnn.trace.wrong import check, check_symbols, diverged, mean_error
from stepnn.training.formulas import Formulas, formulas, update_number, update_of
from stepnn.training.state import State, constants, first_state, parameters, sample_arrays
from stepnn.training.trainer import Trainer

Array = NDArray[np.float64]
MOST_LOOKED_AT = 16  # samples


class Calculation:
    """The compiled formulas of one run, and the passes through them. `first` is the number of its first pass.

    Where the arithmetic of a lesson is rational, all its numbers are fractions until they become too long:
    `inexact_from` is the update from which on they are float64 then, 0 before that.
    """

    def __init__(self, setup: Setup, policy: Policy, first: int = 1, run: int = 1, exact: bool = True) -> None:
        """Without `exact` all numbers are float64."""
        self.setup = setup
        self.policy = policy
        self.first, self.run_number = first, run
        self.formulas: Formulas = formulas(setup)
        self.rounding = rounding_to(policy.digits) if policy.rounded else None
        network = self.formulas.network
        self.forms = Forms(network.extended(self.formulas.backward), network.has_neurons)
        self.proven = setup.lesson.shipped or not self.formulas.backward
        self.write_update_rule()
        check_symbols(setup.lesson, self.update_forms)
        self.rational = exact and is_rational(self.update_forms.network.computed, len(setup.samples))
        self.functions = Functions(self.formulas, self.learning, self.states, self.rounding)
        self.start()

    def start(self) -> None:
        """The numbers before the first pass."""
        setup = self.setup
        self.exact, self.inexact_from = self.rational, 0
        self.data = self.numbers(sample_arrays(setup))
        self.constants = self.numbers(constants(setup))
        self.moments: list[Moment] = []
        self.made_in = 0
        self.jump: Jump | None = None
        self.trainer: Trainer | None = None
        state = first_state(setup, self.rule) if self.rule else State(parameters(setup))
        self.state = replace(state, values=self.numbers(state.values))
        self.batches = BatchForms(setup, self.formulas, self.rounding)

    def with_numbers(self, setup: Setup) -> Calculation:
        """The same network with other given numbers: nothing is derived or compiled again."""
        found = copy(self)
        found.setup = setup
        found.start()
        return found

    def write_update_rule(self) -> None:
        """The update rule over the gradients of one sample."""
        setup, found = self.setup, self.formulas
        rule = self.rule = update_of(setup, found, found.gradients or {}) if setup.learns else None
        self.learning: list[Quantity] = list(rule.computed) if rule else []
        self.states = [*rule.states, *update_number(setup)] if rule else []
        self.update_forms = self.forms.extended([*self.states, *self.learning])

    @property
    def passes(self) -> Passes:
        """The compiled functions of the kind of numbers that is used now."""
        return self.functions.of(self.exact)

    @property
    def forward(self) -> Compiled:
        return self.passes.forward

    @property
    def backward(self) -> Compiled:
        return self.passes.backward

    def numbers(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays of the kind of numbers that is used now."""
        change = fractions if self.exact else floats
        return {key: change(array) for key, array in values.items()}

    def worked_out(self, work: Callable[[Moment], Moment], moment: Moment) -> Moment:
        """What comes of a moment; where fractions become too long, or divide by 0, it is worked out with float64."""
        if self.exact:
            try:
                found = work(moment)
                if not too_long(found.values):
                    return found
            except ZeroDivisionError:
                pass
            self.leave_fractions()
            moment = replace(moment, values=self.numbers(moment.values))
        return work(moment)

    def leave_fractions(self) -> None:
        """Go on with float64."""
        self.exact, self.inexact_from = False, self.state.updates + 1
        self.data, self.constants = self.numbers(self.data), self.numbers(self.constants)
        self.state = replace(self.state, values=self.numbers(self.state.values))

    def run(self, updates: int | None, epoch: int | None = None, sample: int | None = None) -> list[Moment]:
        """All passes of the walk: looking at the samples, learning, and a last look.

        `epoch` opens that epoch, at the update in which `sample` is learned from; what comes before is trained in
        one go. Epoch 0 is a look at the samples before any training.
        """
        lesson, training = self.setup.lesson, self.setup.lesson.training
        whole = updates is None and (training.show or training.look)
        updates = updates if updates is not None else lesson.updates if epoch is None else 1
        few = range(1, min(len(self.setup.samples), MOST_LOOKED_AT) + 1)
        if not self.setup.learns or epoch == 0 or (updates == 0 and epoch is None):
            self.look([sample] if sample else few)
        elif epoch is not None:
            self.open_epoch(epoch, sample, max(updates, 1))
        elif whole:
            for number in training.look:
                self.add(self.backed(self.moment(len(self.moments) + self.first, number)))
            for shown in training.show:
                self.open_epoch(shown, None, updates)
            self.train_to(training.epochs)
            self.look(training.look or few)
        else:
            if lesson.look_at_all_samples:
                self.look(few)
            self.learn(self.schedule(updates))
            self.look_again()
        return self.moments

    def open_epoch(self, epoch: int, sample: int | None, updates: int) -> None:
        """Train up to the update that learns from the sample, then walk through it and those that follow."""
        trainer = self.trained_by()
        batches = self.setup.batches(epoch)
        place = 0
        if sample is not None:
            places = [number for number, batch in enumerate(batches) if sample - 1 in batch]
            if not places:
                raise CalculationError(f"Sample {sample} is not learned from in epoch {epoch}.")
            place = places[0]
        self.jump_to(trainer, epoch - 1, place)
        following = [(epoch, batch) for batch in batches[place:]]
        for more in range(epoch + 1, epoch + updates + 1):
            following += [(more, batch) for batch in self.setup.batches(more)]
        self.learn(following[:updates])
        self.look_again()

    def train_to(self, epoch: int) -> None:
        """Train the epochs that are left."""
        trainer = self.trained_by()
        self.jump_to(trainer, max(epoch, trainer.epoch), 0)

    def trained_by(self) -> Trainer:
        """The training of this run, where the walk has got to."""
        if self.trainer is None:
            self.trainer = Trainer(self.setup, self.formulas)
        return self.trainer

    def jump_to(self, trainer: Trainer, epoch: int, update: int) -> None:
        """Go on training without showing every update. The walk opens on what the training has come to."""
        before, updates = trainer.error(), self.state.updates
        start = trainer.epoch
        trainer.run_to(epoch, update)
        if trainer.state.updates > updates:
            after = trainer.error()
            if not np.isfinite(after):
                raise CalculationError(diverged(before, after, self.setup.rate or 0))
            count = trainer.state.updates - updates
            self.jump = Jump(start + 1, trainer.epoch, count, before, after, self.setup.lesson.training.batch)
        if self.exact and not trainer.exact:
            self.leave_fractions()
        self.state, self.made_in = replace(trainer.state, values=self.numbers(trainer.state.values)), 0
        if self.rounding is not None:
            kept = {key: self.rounding(floats(array)) for key, array in trainer.state.values.items()}
            self.state = State(self.numbers(kept), trainer.state.updates)

    def schedule(self, updates: int) -> Iterator[tuple[int, list[int]]]:
        """The epoch and the samples of each update from the start.

        The perceptron rule ends with an epoch without a mistake, or with weights that it has had before.
        """
        epoch, count = 0, 0
        seen = [self.weights()]
        while count < updates:
            epoch += 1
            for batch in self.setup.batches(epoch):
                if count < updates:
                    yield epoch, batch
                    count += 1
            if self.setup.lesson.update == "perceptron":
                mistakes = any(np.any(moment.values["e"]) for moment in self.moments[-len(self.setup.order) :])
                if not mistakes or any(self.weights() == old for old in seen):
                    return
                seen.append(self.weights())

    def weights(self) -> tuple[float, ...]:
        """All parameters in a row: what decides how the perceptron rule goes on."""
        return tuple(float(value) for key in self.setup.parameters for value in np.ravel(self.state.values[key]))

    def look(self, samples: Sequence[int]) -> None:
        """A forward pass on each of these samples, from 1, and back where slopes are asked for but no update."""
        for sample in samples:
            moment = self.moment(len(self.moments) + self.first, sample)
            self.add(self.backed(moment) if self.formulas.backward and not self.setup.learns else moment)

    def look_again(self) -> None:
        """After the last update a look at what it has done, where it was made from one sample."""
        last = self.moments[-1] if self.moments else None
        alone = self.setup.network.has_neurons or len(self.setup.samples) == 1
        if self.setup.descends and alone and last is not None and last.has_learned and not last.samples:
            self.look([last.sample])

    def learn(self, batches: Iterable[tuple[int, list[int]]]) -> None:
        """One update after the other, each with its epoch and its samples, counted from 0."""
        for epoch, batch in batches:
            if self.setup.batch == 1 or not self.setup.descends:
                self.learn_from(batch[0] + 1, epoch)
            else:
                self.learn_batch([number + 1 for number in batch], epoch)

    def learn_from(self, sample: int, epoch: int) -> None:
        """An update with the gradient of one sample."""
        last = self.moments[-1] if self.moments else None
        if last is not None and last.sample == sample and not last.goes_back and not self.jump and not self.made_in:
            moment = self.moments.pop()
        else:
            moment = self.moment(len(self.moments) + self.first, sample)
        states = set() if self.state.updates else self.state.values.keys() - self.setup.parameters.keys()
        given = moment.given | states | {"tau"}
        moment = replace(self.backed(moment), forms=self.update_forms, given=given, epoch=epoch)
        full = self.worked_out(self.learned, moment)
        check(full, self.learning)
        self.add(full)
        self.state, self.made_in = self.state.after(full.values), full.number

    def learned(self, moment: Moment) -> Moment:
        """The moment with the numbers of the update that follows it."""
        update = self.passes.update
        values = self.numbers({**moment.values, **self.state.values, "tau": np.array(self.state.updates + 1.0)})
        results = update({key: self.batched(key, array) for key, array in values.items()})
        new = {key: one_sample(array) if key in update.samplewise else array for key, array in results.items()}
        return replace(moment, values={**values, **new})

    def learn_batch(self, samples: list[int], epoch: int) -> None:
        """The gradient of each sample, then their sum or mean, then one update."""
        for sample in samples:
            moment = self.backed(self.moment(len(self.moments) + self.first, sample))
            self.add(replace(moment, epoch=epoch))
        passes = self.moments[-len(samples) :]
        number = len(self.moments) + self.first
        moment = self.worked_out(
            lambda _: self.batches.moment(passes, self.constants, number, self.made_in, self.state, self.exact),
            passes[-1],
        )
        full = replace(moment, epoch=epoch, run=self.run_number)
        check(full, full.forms.network.computed)
        self.add(full)
        self.state = self.state.after(full.values)
        self.made_in = number

    def add(self, moment: Moment) -> None:
        self.moments.append(replace(moment, jump=self.jump))
        self.jump = None

    def moment(self, number: int, sample: int) -> Moment:
        """A forward pass on one sample, from 1."""
        known = {quantity.key for quantity in self.formulas.network.quantities if quantity.formula is None}
        trained = {quantity.key for quantity in self.setup.network.trained} if self.state.updates else set()
        given = frozenset(known - trained - self.setup.carried)
        start = Moment(
            number, sample, self.forms, self.policy, {}, given, self.made_in, setup=self.setup, run=self.run_number
        )
        moment = self.worked_out(self.answered, start)
        check(moment, self.formulas.network.computed)
        return moment

    def answered(self, moment: Moment) -> Moment:
        """The moment with the numbers of its forward pass."""
        values = {key: array[moment.sample - 1 : moment.sample] for key, array in self.data.items()}
        values |= {**self.state.only(self.setup.parameters), **self.constants}
        return replace(moment, values=self.single({**values, **self.forward(values)}))

    def backed(self, moment: Moment) -> Moment:
        """The same moment with the numbers of its backward pass."""
        if not self.proven:
            self.prove(moment.values)
        full = self.worked_out(self.carried_back, moment)
        check(full, [one for one in self.formulas.backward if one.key in full.values])
        return full

    def carried_back(self, moment: Moment) -> Moment:
        """The moment with the numbers of its backward pass."""
        values = self.single(self.backward({key: self.batched(key, array) for key, array in moment.values.items()}))
        found = {key: array for key, array in values.items() if key in self.read_on or np.all(is_finite(array))}
        return replace(moment, values={**moment.values, **found})

    @cached_property
    def read_on(self) -> set[str]:
        """The derived quantities without which something else cannot be worked out, or that were asked for.

        The others are links on the way: where one is beyond all numbers, such as 1/a at a = 0, its step is left out.
        """
        later = [*self.formulas.backward, *self.learning]
        read = {ref.name for one in later if one.formula is not None for ref in refs(one.formula)}
        return read | {one.key for one in self.formulas.backward if one.role is not Role.ERROR_SLOPE}

    def prove(self, values: Mapping[str, Array]) -> None:
        """Compare the derived gradients with differences, before anybody sees them. Raises DerivativeError."""
        plain = self.rounding is None and not self.exact
        backward = self.backward if plain else self.functions.plain_backward()
        given = {one.key: floats(self.batched(one.key, values[one.key])) for one in self.functions.known}
        prove(self.formulas.network, self.formulas.backward, given, backward)
        self.proven = True

    def single(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays without their sample axis: there is one sample."""
        return {key: one_sample(array) if key in self.samplewise else array for key, array in values.items()}

    def batched(self, key: str, array: Array) -> Array:
        return array[None] if key in self.samplewise else array

    @property
    def samplewise(self) -> frozenset[str]:
        """The keys of arrays with a sample axis."""
        return self.forward.samplewise | self.backward.samplewise

    def errors(self, state: State | None = None) -> float | None:
        """The mean error per sample in a state; with the perceptron rule the number of wrong answers."""
        values = {**self.data, **self.constants, **(state or self.state).only(self.setup.parameters)}
        return mean_error(self.setup, self.forward, self.numbers(values))
