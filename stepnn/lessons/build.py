"""From a checked lesson to its network and given numbers, and to the runs that it consists of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from stepnn.book.functions import ACTIVATIONS, LOSSES, ActivationRule, LossRule
from stepnn.errors import Fault, LessonError
from stepnn.layers.batch import over_batch
from stepnn.layers.dense import DenseLayer, dense, layer_letter, loss, perceptron_error, targets
from stepnn.layers.optimizers import rule_of, setting_quantities
from stepnn.lessons.drawing import Numbers, first_weights
from stepnn.lessons.formulas import axis, own_quantities, pages_of
from stepnn.lessons.pages import Pages
from stepnn.lessons.schema import Layer, Lesson, Run
from stepnn.lessons.setup import Given, Setup
from stepnn.network.model import Axis, Network, Quantity, Role


def setup(lesson: Lesson) -> Setup:
    """The network of a lesson, quantity by quantity, and its given numbers. Raises LessonError."""
    quantities: list[Quantity] = []
    if lesson.inputs is not None:
        names = Axis(layer_letter(0), tuple(lesson.inputs.names))
        quantities.append(Quantity("a0", Role.INPUT, "x", (names,), names=names.labels))
    parameters: dict[str, Numbers] = {}
    constants: dict[str, Numbers] = {}
    frozen: set[str] = set()
    for number, layer in enumerate(lesson.layers, 1):
        quantities += dense(dense_layer(lesson, layer, number), quantities[-1])
        senders = len(lesson.inputs.names) if number == 1 and lesson.inputs else len(lesson.layers[number - 2].neurons)
        parameters |= numbers(lesson, layer, number, senders)
        frozen |= frozen_keys(lesson, layer, number)
    quantities += answers(lesson, quantities)
    if lesson.quantities:
        pages = pages_of(lesson)
        quantities += formula_quantities(lesson, pages, quantities)
        for placed in pages.placed:
            if placed.line.values:
                (parameters if placed.own.learned else constants)[placed.name] = placed.line.values
    if lesson.learning_rate is not None:
        quantities.append(Quantity("eta", Role.LEARNING_RATE, "eta"))
    quantities += optimizer_settings(lesson, constants)
    network = Network(tuple(quantities), frozenset(frozen & parameters.keys()))
    samples = samples_of(lesson)
    if lesson.normalization is not None:
        network = over_batch(network, len(samples))
        samples = (together(samples),)
    found = Setup(lesson, network, parameters, samples, lesson.learning_rate, constants)
    check_names(found)
    return found


def answers(lesson: Lesson, quantities: Sequence[Quantity]) -> list[Quantity]:
    """Targets and errors behind the last layer, if the lesson has layers and something to compare with."""
    if not lesson.layers:
        return []
    if lesson.loss is not None:
        own = lesson.losses.get(lesson.loss)
        rule = LossRule(own.formula) if own else LOSSES[lesson.loss]
        return loss(own_name(lesson.loss, bool(own)), rule, quantities[-1])
    return perceptron_error(quantities[-1]) if lesson.update == "perceptron" else []


def own_name(name: str, own: bool) -> str:
    """What a function is called; one of the lesson's own that hides one of the book is told from it."""
    return f"own {name}" if own and name in {**ACTIVATIONS, **LOSSES} else name


def formula_quantities(lesson: Lesson, pages: Pages, quantities: Sequence[Quantity]) -> list[Quantity]:
    """What the lesson writes as formulas; x and t in them are input and target."""
    found = list[Quantity]()
    known = {"x": quantities[0]} if lesson.inputs is not None else {}
    if lesson.samples and lesson.samples[0].targets is not None and not lesson.layers:
        count = len(lesson.samples[0].targets)
        output = Quantity("", Role.ACTIVATION, "", (axis("k", count),), layer=1)
        known["t"] = targets(output)
        found.append(known["t"])
    return [*found, *own_quantities(lesson, pages, known)]


def optimizer_settings(lesson: Lesson, constants: dict[str, Numbers]) -> list[Quantity]:
    """The settings of the update rule as given numbers; their values go into `constants`."""
    if lesson.update in (None, "perceptron"):
        return []
    options = lesson.optimizer
    rule = rule_of(lesson.update, options.variant, options.weight_decay)
    given = {
        **options.model_dump(exclude_none=True),
        **({"lambda_": options.weight_decay} if options.weight_decay else {}),
    }
    constants |= {name: (float(given.get(name, default)),) for name, default in rule.settings.items()}
    return setting_quantities(rule)


def samples_of(lesson: Lesson) -> Sequence[Given]:
    """The samples, given or drawn. A lesson without inputs works on one sample that has nothing in it."""
    if lesson.data is not None:
        from stepnn.lessons.data import LazySamples  # only where samples are drawn

        return LazySamples(lesson.data)
    found = tuple(Given(tuple(one.inputs), tuple(one.targets) if one.targets else None) for one in lesson.samples)
    return found or (Given(()),)


def together(samples: Sequence[Given]) -> Given:
    """All samples as one, sample after sample: what a layer that looks at a whole batch works on."""
    inputs = tuple(value for sample in samples for value in sample.inputs)
    return Given(inputs, tuple(value for sample in samples for value in sample.targets or ()) or None)


def check_names(found: Setup) -> None:
    """Refuse two numbers of one name: `w_a_b_c` may lead from c to a_b or from b_c to a. Raises LessonError."""
    labels = [label for quantity in found.network.quantities for one in quantity.axes for label in one.labels]
    given = [quantity for quantity in found.network.quantities if quantity.formula is None]
    own = bool(found.lesson.quantities or any("_" in label for label in labels))
    if own and len(found.places) < sum(quantity.count for quantity in given):
        seen = Counter(
            found.names.ascii(quantity.element(position)) for quantity in given for position in quantity.positions
        )
        name = seen.most_common(1)[0][0]
        fault = Fault("layers", f"two numbers would both be called {name}", remedy="give weight_names and bias_names")
        raise LessonError(found.lesson.id, [fault])


def dense_layer(lesson: Lesson, layer: Layer, number: int) -> DenseLayer:
    """The layer of the lesson file as the book of formulas wants it."""
    own = lesson.activations.get(layer.activation)
    rule = built_in(lesson, layer)
    shared = layer.shared_bias is not None
    return DenseLayer(
        number=number,
        neurons=tuple(layer.neurons),
        activation=own_name(layer.activation, bool(own)),
        formula=own.formula if own else None,
        bias="shared" if shared else "own" if layer.biases is not None else "none",
        weight_names=tuple(name for row in layer.weight_names or [] for name in row),
        bias_names=(layer.shared_bias_name or f"b{number}",) if shared else tuple(layer.bias_names or ()),
        has_alpha=layer.alpha is not None or (rule is not None and rule.alpha is not None),
        normalized=lesson.normalization == "batch" and number < len(lesson.layers),
    )


def built_in(lesson: Lesson, layer: Layer) -> ActivationRule | None:
    """The rule of the book for a layer's activation; none where the lesson has one of that name itself."""
    return None if layer.activation in lesson.activations else ACTIVATIONS.get(layer.activation)


def frozen_keys(lesson: Lesson, layer: Layer, number: int) -> set[str]:
    """The keys of the layer's parameters that are never updated."""
    rule = built_in(lesson, layer)
    keys = {"weights": f"w{number}", "biases": f"b{number}", "alpha": f"alpha{number}"}
    return {keys[field] for field in layer.frozen} | ({keys["alpha"]} if not (rule and rule.learned) else set())


def numbers(lesson: Lesson, layer: Layer, number: int, senders: int) -> dict[str, Numbers]:
    """The given values of one layer's parameters, row by row."""
    found: dict[str, Numbers] = {}
    if layer.weights is not None:
        found[f"w{number}"] = tuple(value for row in layer.weights for value in row)
    else:
        found[f"w{number}"] = first_weights(lesson.init, lesson.weight_seed, number, senders, len(layer.neurons))
    if layer.biases is not None:
        found[f"b{number}"] = tuple(layer.biases)
    if layer.shared_bias is not None:
        found[f"b{number}"] = (layer.shared_bias,)
    rule = built_in(lesson, layer)
    alpha = layer.alpha if layer.alpha is not None else rule.alpha if rule else None
    if alpha is not None:
        found[f"alpha{number}"] = (alpha,)
    return found


def baked(given: Setup) -> Lesson:
    """The lesson with the setup's numbers written into it, as if its file had held them."""
    layers = [baked_layer(given, layer, number) for number, layer in enumerate(given.lesson.layers, 1)]
    fields: dict[str, object] = {"layers": layers, "learning_rate": given.rate}
    if given.lesson.data is None and given.lesson.samples and not given.has_joint_samples:
        fields["samples"] = [
            sample.model_copy(
                update={"inputs": list(one.inputs), "targets": list(one.targets) if one.targets else None}
            )
            for sample, one in zip(given.lesson.samples, given.samples, strict=True)
        ]
    own = [
        one if one.values is None else one.model_copy(update={"values": shaped(given, one.name)})
        for one in given.lesson.quantities
    ]
    settings = {
        name: given.constants[name][0] for name in given.constants if name in type(given.lesson.optimizer).model_fields
    }
    if "lambda_" in given.constants:
        settings["weight_decay"] = given.constants["lambda_"][0]
    return given.lesson.model_copy(
        update={**fields, "quantities": own, "optimizer": given.lesson.optimizer.model_copy(update=settings)}
    )


def baked_layer(given: Setup, layer: Layer, number: int) -> Layer:
    """One layer with the setup's numbers."""
    columns = given.network[f"w{number}"].axes[1].size
    flat_weights = given.parameters[f"w{number}"]
    rows = [list(flat_weights[n : n + columns]) for n in range(0, len(flat_weights), columns)]
    fields: dict[str, object] = {"weights": rows}
    if layer.biases is not None:
        fields["biases"] = list(given.parameters[f"b{number}"])
    if layer.shared_bias is not None:
        fields["shared_bias"] = given.parameters[f"b{number}"][0]
    if f"alpha{number}" in given.parameters:
        fields["alpha"] = given.parameters[f"alpha{number}"][0]
    return layer.model_copy(update=fields)


def shaped(given: Setup, name: str) -> Any:
    """The values of one of the lesson's own quantities in the shape in which its file has them."""
    values: list[Any] = list((given.parameters if name in given.parameters else given.constants)[name])
    quantity = given.network[name]
    for size in reversed(quantity.shape):
        values = [values[n : n + size] for n in range(0, len(values), size)]
    return values[0]


def runs(given: Setup) -> tuple[Setup, ...]:
    """The runs of the lesson, each with the numbers of the setup where it has none of its own; without runs, itself."""
    if not given.lesson.runs:
        return (given,)
    lesson = baked(given)
    return tuple(one_run(given.lesson, lesson, run) for run in given.lesson.runs)


def one_run(original: Lesson, lesson: Lesson, run: Run) -> Setup:
    """The lesson with the run's fields in place of its own."""
    fields: dict[str, Any] = {
        name: getattr(run, name)
        for name in type(run).model_fields
        if name not in ("label", "about", "activation", "learned", "continues") and getattr(run, name) is not None
    }
    if run.learned is not None:
        quantities = fields.get("quantities", lesson.quantities)
        fields["quantities"] = [
            own.model_copy(update={"learned": own.name in run.learned}) if own.values is not None else own
            for own in quantities
        ]
    if run.init is not None:
        kept = zip(lesson.layers, original.layers, strict=True)
        fields["layers"] = [layer.model_copy(update={"weights": old.weights}) for layer, old in kept]
    if run.activation is not None:
        *hidden, last = fields.get("layers", lesson.layers)
        hidden = [layer.model_copy(update={"activation": run.activation}) for layer in hidden]
        fields["layers"] = [*hidden, last]
    found = setup(lesson.model_copy(update={**fields, "runs": []}))
    return replace(found, label=run.label, about=run.about, continues=run.continues)
