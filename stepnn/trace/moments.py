"""The moments of a run: which passes and updates a walk shows, in order, each with every number of it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

import numpy as np

from stepnn.calculus.arithmetic import floats, is_finite
from stepnn.errors import CalculationError
from stepnn.lessons.setup import Setup
from stepnn.network.model import Role
from stepnn.notation.formula import refs
from stepnn.running.engine import Batch, Engine
from stepnn.running.functions import rounding_to
from stepnn.running.state import State
from stepnn.trace.batch import batch_network
from stepnn.trace.forms import Forms
from stepnn.trace.step import Jump, Moment, Policy
from stepnn.trace.wrong import check, check_symbols, diverged
from stepnn.words.told import told

MOST_LOOKED_AT = 16  # samples


class Moments:
    """Makes the moments of one run from what its engine works out. `first` is the number of the first of them."""

    def __init__(self, setup: Setup, policy: Policy, first: int = 1, run: int = 1) -> None:
        """Raises DerivativeError, and LessonError where two steps would have the same name."""
        self.policy = policy
        self.first, self.run_number = first, run
        self.engine = Engine(setup, rounding_to(policy.digits) if policy.rounded else None)
        formulas = self.engine.formulas
        self.forms = Forms(formulas.network.extended(formulas.backward), formulas.network.has_neurons)
        self.alone = formulas.batch is None  # whether an update is made from one sample
        learning = (*formulas.states, *formulas.update) if self.alone else ()
        self.update_forms = self.forms.extended(learning)
        self.forms.whole = self.update_forms
        check_symbols(setup.lesson, self.update_forms)
        # Links on the way that nothing else reads are left out where they are beyond all numbers: 1/a at a = 0.
        later = [*formulas.backward, *formulas.update]
        read = {ref.name for one in later if one.formula is not None for ref in refs(one.formula)}
        self.optional = {one.key for one in formulas.backward if one.role is Role.ERROR_SLOPE} - read
        self.begin(setup)

    def begin(self, setup: Setup) -> None:
        """Nothing has been shown yet."""
        self.setup = setup
        self.moments: list[Moment] = []
        self.made_in = 0
        self.jump: Jump | None = None

    def with_numbers(self, setup: Setup) -> Moments:
        """The same network with other given numbers: nothing is derived or compiled again."""
        found = copy(self)
        found.engine = self.engine.with_numbers(setup)
        found.begin(setup)
        return found

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
            self.look(training.look, back=True)
            for shown in training.show:
                self.open_epoch(shown, training.sample, updates)
            self.train_to(training.epochs)
            self.look(training.look or few)
        else:
            if lesson.look_at_all_samples:
                self.look(few)
            self.learn_from_the_start(updates)
            self.look_again()
        return self.moments

    def open_epoch(self, epoch: int, sample: int | None, updates: int) -> None:
        """Train up to the update that learns from the sample, then walk through it and those that follow.

        Updates that have been shown already are not shown again.
        """
        place = 0
        if sample is not None:
            places = [number for number, batch in enumerate(self.setup.batches(epoch)) if sample - 1 in batch]
            if not places:
                raise CalculationError(told("sample_is_not_learned_from", sample=sample, epoch=epoch))
            place = places[0]
        self.jump_to(epoch - 1, place)
        for _ in range(updates):
            self.learn()
        self.look_again()

    def train_to(self, epoch: int) -> None:
        """Train the epochs that are left."""
        self.jump_to(max(epoch, self.engine.epoch), 0)

    def jump_to(self, epoch: int, update: int) -> None:
        """Go on training without showing every update. The walk opens on what the training has come to."""
        engine = self.engine
        start, updates, before = engine.epoch, engine.updates, engine.error()
        engine.run_to(epoch, update)
        if engine.updates > updates:
            after = engine.error()
            if not np.isfinite(after):
                raise CalculationError(diverged(before, after, self.setup.rate or 0))
            count = engine.updates - updates
            self.jump = Jump(start + 1, engine.epoch, count, before, after, self.setup.lesson.training.batch)
        self.made_in = 0
        if engine.rounding is not None:
            kept = {key: engine.rounding(floats(array)) for key, array in engine.state.values.items()}
            engine.state = State(kept, engine.updates)

    def learn_from_the_start(self, updates: int) -> None:
        """So many updates one after the other.

        The perceptron rule ends with an epoch without a mistake, or with weights that it has had before.
        """
        seen = [self.weights()]
        for _ in range(updates):
            self.learn()
            if self.setup.lesson.update == "perceptron" and self.engine.place == 0:
                mistakes = any(np.any(moment.values["e"]) for moment in self.moments[-len(self.setup.order) :])
                if not mistakes or any(self.weights() == old for old in seen):
                    return
                seen.append(self.weights())

    def weights(self) -> tuple[float, ...]:
        """All parameters in a row: what decides how the perceptron rule goes on."""
        return tuple(float(value) for key in self.setup.parameters for value in np.ravel(self.engine.values[key]))

    def look(self, samples: Sequence[int], back: bool = False) -> None:
        """A pass on each of these samples, from 1: forward, and `back` too or where slopes are all that is wanted."""
        for sample in samples:
            batch = self.engine.look([sample - 1], back or not self.setup.learns)
            self.add(self.moment(batch, 0, sample, self.engine.updates))

    def look_again(self) -> None:
        """After the last update a look at what it has done, where it was made from one sample."""
        last = self.moments[-1] if self.moments else None
        alone = self.setup.network.has_neurons or len(self.setup.samples) == 1
        if self.setup.descends and alone and last is not None and last.has_learned and not last.samples:
            self.look([last.sample])

    def learn(self) -> None:
        """The next update: the gradient of each of its samples, then their sum or mean if there are several."""
        epoch, numbers, before = self.engine.epoch + 1, self.engine.next, self.engine.state
        self.forget_look(numbers[0] + 1)
        batch = self.engine.updated()
        forms = self.update_forms if self.alone else self.forms
        passes = []
        for place, number in enumerate(numbers):
            moment = self.moment(batch, place, number + 1, before.updates, forms)
            passes.append(self.add(replace(moment, epoch=epoch)))
        if not self.alone:
            self.add(replace(self.put_together(batch, passes, before.updates), epoch=epoch))
        self.made_in = self.moments[-1].number

    def forget_look(self, sample: int) -> None:
        """A look at a sample with the first weights is where the update that learns from it begins."""
        last = self.moments[-1] if self.moments else None
        first = not (self.jump or self.made_in) and self.alone
        if first and last is not None and last.sample == sample and not last.goes_back:
            self.moments.pop()

    def add(self, moment: Moment) -> Moment:
        """Put a moment behind the others. Raises CalculationError where one of its numbers is none."""
        check(moment, [one for one in moment.network.computed if one.key in moment.values])
        self.moments.append(replace(moment, jump=self.jump))
        self.jump = None
        return self.moments[-1]

    def moment(self, batch: Batch, place: int, sample: int, updates: int, forms: Forms | None = None) -> Moment:
        """The numbers of one sample of a batch, which came after so many updates. Samples are counted from 1."""
        forms = forms or self.forms
        network = forms.network
        values = {
            key: array
            for key, array in batch.sample(place).items()
            if key in network.by_key and (key not in self.optional or np.all(is_finite(array)))
        }
        known = {one.key for one in network.quantities if one.formula is None}
        trained = {one.key for one in self.setup.network.trained}
        remembered = {one.key for one in network.quantities if one.role is Role.STATE}
        given = frozenset(known - self.setup.carried - (trained | remembered if updates else set()))
        number = len(self.moments) + self.first
        return Moment(
            number, sample, forms, self.policy, values, given, self.made_in, setup=self.setup, run=self.run_number
        )

    def put_together(self, batch: Batch, passes: Sequence[Moment], updates: int) -> Moment:
        """The update made from these passes."""
        samples = tuple(one.sample for one in passes)
        network = batch_network(self.setup, self.engine.formulas, samples)
        moment = self.moment(batch, 0, samples[0], updates, Forms(network))
        values = {key: array for key, array in batch.values.items() if key in network.by_key}
        stacked = {one.key for one in network.quantities if one.formula is None and one.key in batch.samplewise}
        numbers = tuple(one.number for one in passes)
        return replace(moment, values=values, given=moment.given - stacked, samples=samples, passes=numbers)
