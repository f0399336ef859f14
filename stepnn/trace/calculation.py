"""Working a run out: its passes and updates in order, each as a `Moment` that holds every number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.compile import Compiled, compile_quantities
from stepnn.calculus.guard import prove
from stepnn.errors import CalculationError
from stepnn.lessons.setup import Setup
from stepnn.model import ERRORS, Quantity, Role
from stepnn.notation.formula import refs
from stepnn.notation.numbers import rounded
from stepnn.trace.batch import BatchForms
from stepnn.trace.forms import Forms
from stepnn.trace.step import Jump, Moment, Policy
from stepnn.training.formulas import Formulas, formulas, update_number, update_of
from stepnn.training.state import State, constants, first_state, sample_arrays
from stepnn.training.trainer import Trainer

Array = NDArray[np.float64]
MOST_LOOKED_AT = 16  # samples


class Calculation:
    """The compiled formulas of one run, and the passes through them. `first` is the number of its first pass."""

    def __init__(self, setup: Setup, policy: Policy, first: int = 1, run: int = 1) -> None:
        self.setup = setup
        self.policy = policy
        self.first, self.run_number = first, run
        self.formulas: Formulas = formulas(setup)
        self.rounding = rounding_to(policy.digits) if policy.rounded else None
        network = self.formulas.network
        known = self.known = [quantity for quantity in network.quantities if quantity.formula is None]
        self.forward: Compiled = compile_quantities(known, network.computed, rounding=self.rounding)
        self.behind = [*known, *network.computed]
        self.backward = compile_quantities(self.behind, self.formulas.backward, rounding=self.rounding)
        self.forms = Forms(network.extended(self.formulas.backward))
        self.data = sample_arrays(setup)
        self.proven = setup.lesson.shipped or not self.formulas.backward
        self.write_update_rule()
        self.start()

    def start(self) -> None:
        """The numbers before the first pass."""
        setup = self.setup
        self.constants = constants(setup)
        self.moments: list[Moment] = []
        self.made_in = 0
        self.jump: Jump | None = None
        self.trainer: Trainer | None = None
        self.state = first_state(setup, self.rule) if self.rule else State(self.parameters())
        self.batches = BatchForms(setup, self.formulas, self.rounding)

    def with_numbers(self, setup: Setup) -> Calculation:
        """The same network with other given numbers: nothing is derived or compiled again."""
        found = copy(self)
        if setup.samples is not self.setup.samples:
            found.data = sample_arrays(setup)
        found.setup = setup
        found.start()
        return found

    def write_update_rule(self) -> None:
        """The update rule over the gradients of one sample."""
        setup, found = self.setup, self.formulas
        rule = self.rule = update_of(setup, found, found.gradients or {}) if setup.learns else None
        self.learning: list[Quantity] = list(rule.computed) if rule else []
        states = [*rule.states, *update_number(setup)] if rule else []
        self.update_forms = Forms(self.forms.network.extended([*states, *self.learning]))
        known = [*self.behind, *found.backward, *states]
        self.update: Compiled = compile_quantities(known, self.learning, rounding=self.rounding)

    def parameters(self) -> dict[str, Array]:
        """The given parameters as arrays, by key."""
        shapes = self.setup.network
        return {
            key: np.array(values, float).reshape(shapes[key].shape) for key, values in self.setup.parameters.items()
        }

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
        batches = trainer.batches(epoch)
        place = 0
        if sample is not None:
            places = [number for number, batch in enumerate(batches) if sample - 1 in batch]
            if not places:
                raise CalculationError(f"Sample {sample} is not learned from in epoch {epoch}.")
            place = places[0]
        self.jump_to(trainer, epoch - 1, place)
        following = [(epoch, batch) for batch in batches[place:]]
        for more in range(epoch + 1, epoch + updates + 1):
            following += [(more, batch) for batch in trainer.batches(more)]
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
        self.state, self.made_in = trainer.state, 0
        if self.rounding is not None:
            kept = {key: self.rounding(array) for key, array in trainer.state.values.items()}
            self.state = State(kept, trainer.state.updates)

    def schedule(self, updates: int) -> Iterator[tuple[int, list[int]]]:
        """The epoch and the samples of each update from the start.

        The perceptron rule ends with an epoch without a mistake, or with weights that it has had before.
        """
        trainer, epoch, count = self.trained_by(), 0, 0
        seen = [self.weights()]
        while count < updates:
            epoch += 1
            for batch in trainer.batches(epoch):
                if count < updates:
                    yield epoch, batch
                    count += 1
            if self.setup.lesson.update == "perceptron":
                order = len(trainer.order)
                mistakes = any(np.any(moment.values["e"]) for moment in self.moments[-order:])
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
        alone = self.setup.lesson.layers or len(self.setup.samples) == 1
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
        values = {**self.backed(moment).values, **self.state.values, "tau": np.array(self.state.updates + 1.0)}
        inputs = {key: self.batched(key, array) for key, array in values.items()}
        results = self.update(inputs)
        new = {key: array[0] if key in self.update.samplewise else array for key, array in results.items()}
        states = set() if self.state.updates else self.state.values.keys() - self.setup.parameters.keys()
        given = moment.given | states | {"tau"}
        full = replace(moment, forms=self.update_forms, values={**values, **new}, given=given, epoch=epoch)
        self.check(full, self.learning)
        self.add(full)
        self.state, self.made_in = self.state.after(new), full.number

    def learn_batch(self, samples: list[int], epoch: int) -> None:
        """The gradient of each sample, then their sum or mean, then one update."""
        for sample in samples:
            moment = self.backed(self.moment(len(self.moments) + self.first, sample))
            self.add(replace(moment, epoch=epoch))
        passes = self.moments[-len(samples) :]
        number = len(self.moments) + self.first
        moment = self.batches.moment(passes, self.state, self.constants, number, self.made_in)
        full = replace(moment, epoch=epoch, run=self.run_number)
        self.check(full, full.forms.network.computed)
        self.add(full)
        self.state = self.state.after({key: full.values[key] for key in full.values if key.startswith("new/")})
        self.made_in = number

    def add(self, moment: Moment) -> None:
        self.moments.append(replace(moment, jump=self.jump))
        self.jump = None

    def moment(self, number: int, sample: int) -> Moment:
        """A forward pass on one sample, from 1."""
        values = {key: array[sample - 1 : sample] for key, array in self.data.items()}
        parameters = self.state.only(self.setup.parameters)
        values |= {**parameters, **self.constants}
        values |= self.forward(values)
        known = {quantity.key for quantity in self.formulas.network.quantities if quantity.formula is None}
        trained = {quantity.key for quantity in self.setup.network.trained} if self.state.updates else set()
        given = frozenset(known - trained - self.setup.carried)
        moment = Moment(
            number, sample, self.forms, self.policy, self.single(values), given, self.made_in, setup=self.setup,
            run=self.run_number,
        )  # fmt: skip
        self.check(moment, self.formulas.network.computed)
        return moment

    def backed(self, moment: Moment) -> Moment:
        """The same moment with the numbers of its backward pass."""
        if not self.proven:
            self.prove(moment.values)
        batch = {key: self.batched(key, array) for key, array in moment.values.items()}
        values = self.single(self.backward(batch))
        found = {key: array for key, array in values.items() if key in self.read_on or np.all(np.isfinite(array))}
        full = replace(moment, values={**moment.values, **found})
        self.check(full, [one for one in self.formulas.backward if one.key in found])
        return full

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
        backward = self.backward
        if self.rounding is not None:
            backward = compile_quantities(self.behind, self.formulas.backward)
        given = {one.key: self.batched(one.key, values[one.key]) for one in self.known}
        prove(self.formulas.network, self.formulas.backward, given, backward)
        self.proven = True

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

    def errors(self, state: State | None = None) -> float | None:
        """The mean error per sample in a state; with the perceptron rule the number of wrong answers."""
        judged = [*self.setup.network.with_role(Role.TOTAL_ERROR), *self.setup.network.with_role(*ERRORS)]
        if not judged or (judged[0].role is not Role.TOTAL_ERROR and self.setup.lesson.update != "perceptron"):
            return None
        values = {**self.data, **self.constants, **(state or self.state).only(self.setup.parameters)}
        found = self.forward(values)[judged[0].key]
        if judged[0].role is not Role.TOTAL_ERROR:
            return float(np.any(found != 0, axis=-1).sum())
        total = float(np.mean(found))
        if not np.isfinite(total):
            raise CalculationError("E, the mean over all samples, is infinite. Try smaller numbers.")
        return total


def rounding_to(digits: int) -> Callable[[Array], Array]:
    """Rounding of every element to what is shown of it."""

    def apply(array: Array) -> Array:
        flat = [rounded(float(value), digits) if np.isfinite(value) else value for value in np.ravel(array)]
        return np.array(flat, float).reshape(np.shape(array))

    return apply


def diverged(before: float, after: float, rate: float) -> str:
    """Why a training has to stop, and what to try."""
    return (
        f"The error grew from {before:.4g} to {after:.4g}: the learning rate {rate:g} is too large; try {rate / 10:g}."
    )


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
