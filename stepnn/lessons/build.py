"""From a checked lesson to its network and given numbers, and to the runs that it consists of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from stepnn.errors import Fault, LessonError, UsageError, visible
from stepnn.layers.optimizers import setting_quantities
from stepnn.lessons.drawing import Numbers
from stepnn.lessons.formulas import axis, pages_of, quantities_of
from stepnn.lessons.layers import layer_letter, loss_of, opened, sample_letter, shortcut_name
from stepnn.lessons.opening import Outside
from stepnn.lessons.pages import Pages
from stepnn.lessons.regularization import with_roles
from stepnn.lessons.rule import rule_for
from stepnn.lessons.schema import Layer, Lesson, Run, Sample
from stepnn.lessons.setup import Given, Setup
from stepnn.lessons.still import with_still
from stepnn.network.model import Network, Quantity, Role
from stepnn.words.told import told


def setup(lesson: Lesson) -> Setup:
    """The network of a lesson, quantity by quantity, and its given numbers. Raises LessonError."""
    rows = [*opened(lesson), *lesson.quantities]
    samples = samples_of(lesson)
    outside = outside_of(lesson, len(samples))
    pages = pages_of(lesson, rows, outside)
    quantities = with_data(quantities_of(lesson, pages, {"x": "a0"} if "x" in outside else {}), pages, outside)
    if lesson.regularization is not None:
        quantities = list(map(with_roles, quantities))
    parameters: dict[str, Numbers] = {}
    constants: dict[str, Numbers] = {}
    for placed in pages.placed:
        if placed.line.values:
            own = placed.own.learned or placed.name in pages.parameters
            (parameters if own else constants)[placed.name] = placed.line.values
    frozen = {one.name for one in pages.placed if one.name in pages.parameters and not one.own.learned}
    if lesson.learning_rate is not None:
        quantities.append(Quantity("eta", Role.LEARNING_RATE, "eta"))
    quantities += optimizer_settings(lesson, constants)
    if lesson.normalization is not None:
        samples = (together(samples),)
    network = with_still(Network(tuple(quantities), frozenset(frozen)), pages.placed, lesson.id)
    found = Setup(lesson, network, parameters, samples, lesson.learning_rate, constants)
    check_names(found)
    return found


def outside_of(lesson: Lesson, count: int) -> dict[str, Outside]:
    """What inputs and targets are: of samples that go through the network together, one row each."""
    found: dict[str, Outside] = {}
    together = (count,) if lesson.normalization is not None else ()
    letters = (sample_letter(lesson),) if together else ()
    if lesson.inputs is not None:
        names = tuple(lesson.inputs.names)
        found["x"] = Outside((*together, len(names)), (*letters, layer_letter(0)), names)
    targets = len(lesson.layers[-1].neurons) if lesson.layers and loss_of(lesson) is not None else 0
    if not lesson.layers and lesson.samples and lesson.samples[0].targets is not None:
        targets = len(lesson.samples[0].targets)
    if targets:
        found["t"] = Outside((*together, targets), (*letters, "k"))
    return found


def with_data(quantities: list[Quantity], pages: Pages, outside: Mapping[str, Outside]) -> list[Quantity]:
    """Input and target in front of what reads them."""
    found = list(quantities)
    for name, key, role in (("t", "t", Role.TARGET), ("x", "a0", Role.INPUT)):
        if name not in outside:
            continue
        place, layer = 0, int(name == "t")
        if name == "t" and name in pages.neurons:  # of neurons: where they are compared with their targets
            place = next((n for n, one in enumerate(found) if one.role is Role.OUTPUT_ERROR), 0)
            layer = found[place].layer
        found.insert(place, data(key, role, name, pages, layer))
    return found


def data(key: str, role: Role, name: str, pages: Pages, layer: int) -> Quantity:
    """Inputs are called as the lesson calls them, targets t1, t2, …; of several samples x1_1, x1_2, …"""
    letters, shape = pages.indices[name], pages.shapes[name]
    neurons = pages.outside[name].neurons or pages.neurons.get(name, ())
    axes = [axis(letter, size) for letter, size in zip(letters, shape, strict=True)]
    axes[-1] = axis(letters[-1], shape[-1], neurons)
    each = neurons if name == "x" else [f"t{number}" for number in range(1, shape[-1] + 1)]
    names = tuple(each) if len(axes) == 1 else tuple(f"{one}_{label}" for label in axes[0].labels for one in each)
    return Quantity(key, role, name, tuple(axes), names=names, layer=layer)


def optimizer_settings(lesson: Lesson, constants: dict[str, Numbers]) -> list[Quantity]:
    """The settings of the update rule as given numbers; their values go into `constants`."""
    if lesson.update in (None, "perceptron"):
        return []
    options = lesson.optimizer
    rule = rule_for(lesson, updates=1)  # how many an epoch has makes no difference to the settings
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
        fault = Fault("layers", told("two_numbers_would_both_be", name=name), remedy=told("give_weight_names_and_bias"))
        raise LessonError(found.lesson.id, [fault])


def baked(given: Setup) -> Lesson:
    """The lesson with the setup's numbers written into it, as if its file had held them."""
    layers = [baked_layer(given, layer, number) for number, layer in enumerate(given.lesson.layers, 1)]
    fields: dict[str, object] = {"layers": layers, "learning_rate": given.rate}
    if given.lesson.data is None and given.lesson.samples and not given.has_joint_samples:
        fields["samples"] = list(map(baked_sample, given.samples))
    own = [
        one if one.values is None else one.model_copy(update={"values": shaped(given, one.name)})
        for one in given.lesson.quantities
    ]
    rule = given.rule.settings if given.descends else {}  # other given numbers may have the name of a setting
    settings = {name: given.constants[name][0] for name in rule if name in type(given.lesson.optimizer).model_fields}
    if "lambda_" in rule:
        settings["weight_decay"] = given.constants["lambda_"][0]
    if (penalty := given.lesson.regularization) is not None:
        lambdas = {f"l{n}": given.constants[f"lambda{n}"][0] for n in "12" if f"lambda{n}" in given.constants}
        fields["regularization"] = penalty.model_copy(update=lambdas)
    return given.lesson.model_copy(
        update={**fields, "quantities": own, "optimizer": given.lesson.optimizer.model_copy(update=settings)}
    )


def baked_sample(one: Given) -> Sample:
    return Sample(inputs=list(one.inputs), targets=list(one.targets or ()) or None)


def baked_layer(given: Setup, layer: Layer, number: int) -> Layer:
    """One layer with the setup's numbers."""
    fields: dict[str, object] = {"weights": shaped(given, f"w{number}")}
    if layer.shortcuts:
        names = [(one, shortcut_name(number, one)) for one in layer.shortcuts]
        fields["shortcuts"] = [one.model_copy(update={"weights": shaped(given, name)}) for one, name in names]
    if layer.biases is not None:
        fields["biases"] = list(given.parameters[f"b{number}"])
    if layer.shared_bias is not None:
        fields["shared_bias"] = given.parameters[f"b{number}"][0]
    if f"alpha{number}" in given.parameters:
        fields["alpha"] = given.parameters[f"alpha{number}"][0]
    return layer.model_copy(update=fields)


def with_gaps(given: Setup, key: str, values: Numbers) -> list[float | None]:
    """The values of a quantity, None where it has no element."""
    quantity = given.network[key]
    return [None if one in quantity.missing else value for one, value in zip(quantity.grid, values, strict=True)]


def shaped(given: Setup, name: str) -> Any:
    """The values of one of the lesson's own quantities in the shape in which its file has them."""
    quantity = given.network[name]
    table = given.parameters if name in given.parameters else given.constants
    values: list[Any] = with_gaps(given, name, table[name])
    for size in reversed(quantity.shape):
        values = [values[n : n + size] for n in range(0, len(values), size)]
    return values[0]


def runs(given: Setup) -> tuple[Setup, ...]:
    """The runs of the lesson, each with the numbers of the setup where it has none of its own; without runs, itself."""
    if not given.lesson.runs:
        return (given,)
    lesson = baked(given)
    return tuple(one_run(given.lesson, lesson, run) for run in given.lesson.runs)


def changed(given: Setup, values: Mapping[str, float]) -> Setup:
    """The setup with some given numbers changed. Raises UsageError for one that every run of the lesson sets itself."""
    lost = [name for name, value in values.items() if not shows_in_runs(given, given.with_value(name, value))]
    if lost:
        raise UsageError(told("set_without_effect", names=", ".join(map(visible, lost)), lesson=given.lesson.id))
    return given.with_values(values)


def shows_in_runs(before: Setup, after: Setup) -> bool:
    """Whether some run has other numbers where the setup has, too."""

    def numbers(setup: Setup) -> tuple[object, ...]:
        return setup.rate, setup.parameters, setup.constants, setup.samples

    if not before.lesson.runs or numbers(before) == numbers(after):
        return True
    return list(map(numbers, runs(before))) != list(map(numbers, runs(after)))


SAID_OF_A_RUN = ("label", "about", "later", "activation", "learned", "continues")  # no fields of the lesson


def one_run(original: Lesson, lesson: Lesson, run: Run) -> Setup:
    """The lesson with the run's fields in place of its own."""
    fields: dict[str, Any] = {
        name: getattr(run, name)
        for name in type(run).model_fields
        if name not in SAID_OF_A_RUN and getattr(run, name) is not None
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
