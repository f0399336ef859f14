"""A lesson's network and its given numbers: everything that is known before anything is calculated."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from stepnn.book.optimizers import OptimizerRule
from stepnn.errors import UsageError, visible
from stepnn.lessons.drawing import Drawing, Numbers
from stepnn.lessons.rule import rule_for
from stepnn.lessons.said import Words
from stepnn.lessons.schema import Lesson
from stepnn.network.model import Network, Role
from stepnn.network.names import Names
from stepnn.words.told import told


@dataclass(frozen=True)
class Given:
    """One training sample: input and target values."""

    inputs: Numbers
    targets: Numbers | None = None


@dataclass(frozen=True)
class Setup:
    """A lesson's network with its given numbers.

    `parameters` holds the values of each parameter by quantity key, row by row; `constants` those of all other
    given numbers: the settings of an optimiser, and what a lesson written as formulas starts from. `rate` is the
    learning rate. `label` and `about` say which of the lesson's runs this is, if it has several; one that `continues`
    begins where the run before it ended, with numbers that have been calculated for the keys in `carried`.
    `is_changed` says that its numbers are not those of the lesson file.
    """

    lesson: Lesson
    network: Network
    parameters: Mapping[str, Numbers]
    samples: Sequence[Given]
    rate: float | None
    constants: Mapping[str, Numbers] = field(default_factory=dict)
    label: Words | None = None
    about: Words | None = None
    continues: bool = False
    carried: frozenset[str] = frozenset()
    is_changed: bool = False

    @cached_property
    def names(self) -> Names:
        return Names(self.network)

    @property
    def has_joint_samples(self) -> bool:
        """Whether all samples go through the network together, and not each on its own."""
        return self.lesson.normalization is not None

    @property
    def learns(self) -> bool:
        return self.lesson.update is not None

    @property
    def descends(self) -> bool:
        """Whether it learns by following a gradient."""
        return self.lesson.update not in (None, "perceptron")

    @property
    def rule(self) -> OptimizerRule:
        """The update rule that gradients are followed by."""
        return rule_for(self.lesson, len(cut(self.order, self.batch)))

    @property
    def batch(self) -> int:
        """How many samples an update is made from."""
        size = self.lesson.training.batch
        return len(self.samples) if size == "all" else min(size, len(self.samples))

    @cached_property
    def order(self) -> list[int]:
        """The samples that are learned from in an epoch, counted from 0, as the lesson names them."""
        return [number - 1 for number in self.lesson.learn_from] or list(range(len(self.samples)))

    def batches(self, epoch: int) -> list[list[int]]:
        """The samples of each update of an epoch, counted from 0. Epochs are counted from 1."""
        training = self.lesson.training
        if not training.shuffle:
            return self.batches_in_order
        order = list(self.order)
        random.Random(f"{training.seed}/{epoch}").shuffle(order)
        return cut(order, self.batch)

    @cached_property
    def batches_in_order(self) -> list[list[int]]:
        """The samples of each update of an epoch that is not shuffled."""
        return cut(self.order, self.batch)

    @cached_property
    def places(self) -> dict[str, tuple[str, int]]:
        """For every given number its printed ASCII name: the quantity key and the place in its values."""
        found = {}
        for quantity in self.network.quantities:
            if quantity.formula is None:
                for place, position in enumerate(quantity.grid):
                    if position not in quantity.missing:
                        found[self.names.ascii(quantity.element(position))] = (quantity.key, place)
        return found

    def value(self, name: str, sample: int = 1) -> float:
        """A given number by its printed ASCII name. Raises KeyError."""
        key, place = self.places[name]
        return self.numbers(key, sample)[place]

    def numbers(self, key: str, sample: int = 1) -> Numbers:
        """All given numbers of one quantity; of inputs and targets those of a sample, none where it has none."""
        tables = {**self.parameters, **self.constants, "eta": (self.rate or 0.0,)}
        if key in tables:
            return tables[key]
        given = self.samples[sample - 1]
        return given.inputs if key == "a0" else given.targets or ()

    def with_values(self, assignments: Mapping[str, float]) -> Setup:
        """The setup with some given numbers changed, by printed name (`w5`, `x1`, `t2`, `eta`; `x1@3` in sample 3)."""
        setup = self
        for name, value in assignments.items():
            setup = setup.with_value(name, value)
        return setup

    def with_value(self, name: str, value: float) -> Setup:
        plain, at, number = name.partition("@")
        plain = {"η": "eta", "learning_rate": "eta", "α": "alpha"}.get(plain, plain)
        if plain not in self.places:
            close = get_close_matches(plain, list(self.places), n=3, cutoff=0.4) or list(self.places)[:12]
            raise UsageError(told("there_is_no_given_number", name=visible(name), names=", ".join(close)))
        key, place = self.places[plain]
        if key in self.network.positions:
            raise UsageError(told("is_a_position", name=visible(plain)))
        if at and (key == "eta" or key in self.parameters or key in self.constants):
            raise UsageError(told("is_the_same_for_all", plain=visible(plain), value=value))
        if key == "eta" and not value > 0:
            raise UsageError(told("the_learning_rate_must_be", value=value))
        given = key == "eta" or key in self.parameters or key in self.constants
        return self.with_number(key, place, value, 1 if given else self.sample_meant(name, value, number if at else ""))

    def with_number(self, key: str, place: int, value: float, sample: int = 1) -> Setup:
        """The setup with the number at a place of a quantity changed; an input or target, in a sample from 1."""
        if key == "eta":
            return replace(self, rate=value, is_changed=True)
        for field_, table in (("parameters", self.parameters), ("constants", self.constants)):
            if key in table:
                new: Any = {field_: {**table, key: changed(table[key], place, value)}}
                return replace(self, **new, is_changed=True)
        new = {"targets" if key == "t" else "inputs": changed(self.numbers(key, sample), place, value)}
        own = replace(self.samples[sample - 1], **new)
        samples = tuple(own if at == sample else one for at, one in enumerate(self.samples, 1))
        return replace(self, samples=samples, is_changed=True)

    def sample_meant(self, name: str, value: float, number: str) -> int:
        """The sample that an input or a target is to be changed in, from 1. Raises UsageError."""
        count = len(self.samples)
        if not number and count > 1:
            raise UsageError(told("differs_from_sample_to_sample", name=name, value=value, count=count))
        if (number or "@" in name) and not (number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= count):
            raise UsageError(told("the_samples_are_numbered_from", name=visible(name), count=count))
        return int(number[:9] or 1)

    def after(self, values: Mapping[str, Any]) -> Setup:
        """The setup with what another run has learned; `values` are arrays by quantity key."""
        parameters, constants = (
            {key: tuple(map(float, values[key].ravel())) if key in values else old for key, old in table.items()}
            for table in (self.parameters, self.constants)
        )
        carried = {
            key
            for key, old in (*self.parameters.items(), *self.constants.items())
            if old != {**parameters, **constants}[key]
        }
        return replace(self, parameters=parameters, constants=constants, carried=frozenset(carried))

    def without_missing(self, key: str, values: Numbers) -> Numbers:
        """The values with 0 where there is no element."""
        quantity = self.network[key]
        return tuple(
            0.0 if one in quantity.missing else value for one, value in zip(quantity.grid, values, strict=True)
        )

    def with_seed(self, seed: int | str) -> Setup:
        """The same network with fresh friendly numbers, drawn as the lesson's `variants` say."""
        draw, kept = Drawing(self.lesson, seed), {*self.lesson.variants.keep, *self.network.positions}
        kinds = {Role.WEIGHT: "weights", Role.BIAS: "biases"}
        parameters = {
            key: values
            if key in kept
            else self.without_missing(key, draw.numbers(kinds.get(self.network[key].role, ""), values))
            for key, values in self.parameters.items()
        }
        samples: Sequence[Given] = self.samples
        if self.lesson.data is None:
            samples = tuple(
                Given(
                    draw.numbers("inputs", sample.inputs),
                    draw.numbers("targets", sample.targets) if sample.targets else None,
                )
                for sample in self.samples
            )
        inputs = [quantity.key for quantity in self.network.with_role(Role.GIVEN) if quantity.key not in kept]
        constants = {key: self.without_missing(key, draw.numbers("inputs", self.constants[key])) for key in inputs}
        constants = {**self.constants, **constants}
        return replace(self, parameters=parameters, samples=samples, constants=constants, is_changed=True)


def cut(order: list[int], size: int) -> list[list[int]]:
    """The samples in batches of a size; the last one may be smaller."""
    return [order[start : start + size] for start in range(0, len(order), size)]


def changed(values: Numbers, place: int, value: float) -> Numbers:
    return (*values[:place], value, *values[place + 1 :])
