"""From a lesson to its network and given numbers: everything that is known before anything is calculated."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

from stepnn.errors import Fault, LessonError, UsageError, visible
from stepnn.layers.book import ACTIVATIONS, LOSSES, LossRule
from stepnn.layers.dense import DenseLayer, dense, layer_letter, loss, perceptron_error
from stepnn.lessons.schema import Layer, Lesson
from stepnn.model import Axis, Network, Quantity, Role
from stepnn.notation.names import Names

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Given:
    """One training sample: input and target values."""

    inputs: Numbers
    targets: Numbers | None = None


@dataclass(frozen=True)
class Setup:
    """A lesson's network with its given numbers.

    `parameters` holds the values of each parameter by quantity key, row by row. `rate` is the learning rate.
    """

    lesson: Lesson
    network: Network
    parameters: Mapping[str, Numbers]
    samples: tuple[Given, ...]
    rate: float | None

    @cached_property
    def names(self) -> Names:
        return Names(self.network)

    @property
    def learns(self) -> bool:
        return self.lesson.update is not None

    @cached_property
    def places(self) -> dict[str, tuple[str, int]]:
        """For every given number its printed ASCII name: the quantity key and the place in its values."""
        found = {}
        for quantity in self.network.quantities:
            if quantity.formula is None:
                for place, position in enumerate(quantity.positions):
                    found[self.names.ascii(quantity.element(position))] = (quantity.key, place)
        return found

    def value(self, name: str, sample: int = 1) -> float:
        """A given number by its printed ASCII name. Raises KeyError."""
        key, place = self.places[name]
        if key == "eta":
            return self.rate or 0.0
        if key in self.parameters:
            return self.parameters[key][place]
        given = self.samples[sample - 1]
        return given.inputs[place] if key == "a0" else (given.targets or ())[place]

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
            raise UsageError(f"There is no given number called {visible(name)!r}. Did you mean {', '.join(close)}?")
        key, place = self.places[plain]
        if at and (key == "eta" or key in self.parameters):
            raise UsageError(f"{visible(plain)} is the same for all samples: write {visible(plain)}={value:g}.")
        if key == "eta":
            if not value > 0:
                raise UsageError(f"The learning rate must be greater than 0, not {value:g}.")
            return replace(self, rate=value)
        if key in self.parameters:
            return replace(self, parameters={**self.parameters, key: changed(self.parameters[key], place, value)})
        return replace(self, samples=self.changed_samples(name, key, place, value, number if at else ""))

    def changed_samples(self, name: str, key: str, place: int, value: float, number: str) -> tuple[Given, ...]:
        """The samples with one input or target changed."""
        count = len(self.samples)
        if not number and count > 1:
            raise UsageError(f"{name} differs from sample to sample: write {name}@1={value:g} for sample 1 of {count}.")
        if (number or "@" in name) and not (number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= count):
            raise UsageError(f"{visible(name)}: the samples are numbered from 1 to {count}.")
        chosen = int(number[:9] or 1) - 1
        sample = self.samples[chosen]
        if key == "t":
            sample = replace(sample, targets=changed(sample.targets or (), place, value))
        else:
            sample = replace(sample, inputs=changed(sample.inputs, place, value))
        return (*self.samples[:chosen], sample, *self.samples[chosen + 1 :])

    def with_seed(self, seed: int) -> Setup:
        """The same network with fresh friendly numbers, drawn as the lesson's `variants` say."""
        draw = Drawing(self.lesson, seed)
        kinds = {Role.WEIGHT: "weights", Role.BIAS: "biases"}
        parameters = {
            key: draw.numbers(kinds.get(self.network[key].role, ""), values) for key, values in self.parameters.items()
        }
        samples = tuple(
            Given(
                draw.numbers("inputs", sample.inputs),
                draw.numbers("targets", sample.targets) if sample.targets else None,
            )
            for sample in self.samples
        )
        return replace(self, parameters=parameters, samples=samples)


def baked(given: Setup) -> Lesson:
    """The lesson with the setup's numbers written into it, as if its file had held them."""
    layers = []
    for number, layer in enumerate(given.lesson.layers, 1):
        columns = len(given.network[f"w{number}"].axes[1].labels)
        flat = given.parameters[f"w{number}"]
        fields: dict[str, object] = {"weights": [list(flat[n : n + columns]) for n in range(0, len(flat), columns)]}
        if layer.biases is not None:
            fields["biases"] = list(given.parameters[f"b{number}"])
        if layer.shared_bias is not None:
            fields["shared_bias"] = given.parameters[f"b{number}"][0]
        if f"alpha{number}" in given.parameters:
            fields["alpha"] = given.parameters[f"alpha{number}"][0]
        layers.append(layer.model_copy(update=fields))
    samples = [
        sample.model_copy(update={"inputs": list(one.inputs), "targets": list(one.targets) if one.targets else None})
        for sample, one in zip(given.lesson.samples, given.samples, strict=True)
    ]
    return given.lesson.model_copy(update={"layers": layers, "samples": samples, "learning_rate": given.rate})


class Drawing:
    """Draws numbers with one or two decimals, the same for the same seed on every machine."""

    def __init__(self, lesson: Lesson, seed: int) -> None:
        self.variants = lesson.variants
        self.random = random.Random(f"{lesson.id}/{seed}")

    def numbers(self, kind: str, old: Sequence[float]) -> Numbers:
        """As many fresh numbers as there were, or the old ones where the lesson keeps them."""
        if kind not in self.variants.draw:
            return tuple(old)
        return tuple(self.number(value) for value in old)

    def number(self, old: float) -> float:
        """One fresh number in place of an old one; never 0."""
        variants, step = self.variants, self.variants.step
        low, high = variants.low, variants.high
        if variants.around is not None:
            low, high = old - variants.around, old + variants.around
        first, last = math.ceil(round(low / step, 6)), math.floor(round(high / step, 6))
        chosen = self.random.randint(first, max(first, last))
        return round((chosen or last or first or 1) * step, 6)


def changed(values: Numbers, place: int, value: float) -> Numbers:
    return (*values[:place], value, *values[place + 1 :])


def setup(lesson: Lesson) -> Setup:
    """The network of a lesson, quantity by quantity, and its given numbers."""
    axis = Axis(layer_letter(0), tuple(lesson.inputs.names))
    quantities = [Quantity("a0", Role.INPUT, "x", (axis,), names=axis.labels)]
    parameters: dict[str, Numbers] = {}
    frozen: set[str] = set()
    for number, layer in enumerate(lesson.layers, 1):
        description = dense_layer(lesson, layer, number)
        quantities += dense(description, quantities[-1])
        senders = len(lesson.inputs.names) if number == 1 else len(lesson.layers[number - 2].neurons)
        parameters |= numbers(lesson, layer, number, senders)
        keys = {"weights": f"w{number}", "biases": f"b{number}", "alpha": f"alpha{number}"}
        rule = ACTIVATIONS.get(layer.activation)
        frozen |= {keys[field] for field in layer.frozen} | ({keys["alpha"]} if not (rule and rule.learned) else set())
    output = quantities[-1]
    if lesson.loss is not None:
        own = lesson.losses.get(lesson.loss)
        quantities += loss(lesson.loss, LossRule(own.formula) if own else LOSSES[lesson.loss], output)
    elif lesson.update == "perceptron":
        quantities += perceptron_error(output)
    if lesson.learning_rate is not None:
        quantities.append(Quantity("eta", Role.LEARNING_RATE, "eta"))
    network = Network(tuple(quantities), frozenset(frozen & parameters.keys()))
    samples = tuple(Given(tuple(one.inputs), tuple(one.targets) if one.targets else None) for one in lesson.samples)
    found = Setup(lesson, network, parameters, samples, lesson.learning_rate)
    check_names(found)
    return found


def check_names(found: Setup) -> None:
    """Refuse two numbers of one name: `w_a_b_c` may lead from c to a_b or from b_c to a. Raises LessonError."""
    labels = [label for quantity in found.network.quantities for axis in quantity.axes for label in axis.labels]
    count = sum(quantity.count for quantity in found.network.quantities if quantity.formula is None)
    if any("_" in label for label in labels) and len(found.places) < count:
        seen = Counter(
            found.names.ascii(quantity.element(position))
            for quantity in found.network.quantities
            if quantity.formula is None
            for position in quantity.positions
        )
        name = seen.most_common(1)[0][0]
        fault = Fault("layers", f"two numbers would both be called {name}", remedy="give weight_names and bias_names")
        raise LessonError(found.lesson.id, [fault])


def dense_layer(lesson: Lesson, layer: Layer, number: int) -> DenseLayer:
    """The layer of the lesson file as the book of formulas wants it."""
    own = lesson.activations.get(layer.activation)
    rule = ACTIVATIONS.get(layer.activation)
    shared = layer.shared_bias is not None
    return DenseLayer(
        number=number,
        neurons=tuple(layer.neurons),
        activation=layer.activation,
        formula=own.formula if own else None,
        bias="shared" if shared else "own" if layer.biases is not None else "none",
        weight_names=tuple(name for row in layer.weight_names or [] for name in row),
        bias_names=(layer.shared_bias_name or f"b{number}",) if shared else tuple(layer.bias_names or ()),
        has_alpha=layer.alpha is not None or (rule is not None and rule.alpha is not None),
    )


def numbers(lesson: Lesson, layer: Layer, number: int, senders: int) -> dict[str, Numbers]:
    """The given values of one layer's parameters, row by row."""
    found: dict[str, Numbers] = {}
    if layer.weights is not None:
        found[f"w{number}"] = tuple(value for row in layer.weights for value in row)
    else:
        # Uniform in ±1/√(senders), the rule of thumb of LeCun et al. 1998, Efficient BackProp.
        draw, reach = random.Random(f"{lesson.weight_seed}/{number}"), 1 / math.sqrt(senders)
        found[f"w{number}"] = tuple(round(draw.uniform(-reach, reach), 4) for _ in range(senders * len(layer.neurons)))
    if layer.biases is not None:
        found[f"b{number}"] = tuple(layer.biases)
    if layer.shared_bias is not None:
        found[f"b{number}"] = (layer.shared_bias,)
    rule = ACTIVATIONS.get(layer.activation)
    alpha = layer.alpha if layer.alpha is not None else rule.alpha if rule else None
    if alpha is not None:
        found[f"alpha{number}"] = (alpha,)
    return found
