"""What must hold between the fields of a lesson file that are about learning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isqrt
from typing import Any

from stepnn.book.functions import LOSSES
from stepnn.book.optimizers import OPTIMIZERS
from stepnn.errors import Fault
from stepnn.layers.kinds.page import Shape
from stepnn.lessons.pages import Pages
from stepnn.lessons.parts import choose, listed, own, own_functions, valid
from stepnn.lessons.schema import (
    MOST_STEPS,
    MOST_TRAINED,
    Data,
    Layer,
    Optimizer,
    OwnQuantity,
    Scatter,
    Training,
    Variants,
)


def turn_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """The samples that are learned from exist."""
    count = len(listed(table, "samples"))
    for place, number in enumerate(listed(table, "learn_from"), 1):
        if isinstance(number, int) and count and not 1 <= number <= count:
            yield Fault(f"learn_from[{place}]", "there is no such sample", str(number), f"a number from 1 to {count}")


def learning_faults(table: dict[str, Any], layers: Sequence[Layer | None]) -> Iterator[Fault]:
    """Loss, update rule and learning rate fit together."""
    yield from turn_faults(table)
    yield from optimizer_faults(table)
    yield from training_faults(table)
    yield from picture_faults(table)
    yield from data_faults(table)
    loss, update = table.get("loss"), table.get("update")
    known = [*LOSSES, *own(table, "losses")]
    if isinstance(loss, str) and loss not in known:
        yield Fault("loss", "there is no such loss", f'"{loss}"', *choose(loss, known))
    rule = LOSSES.get(loss) if isinstance(loss, str) and loss not in own(table, "losses") else None
    after = rule.after if rule is not None else None
    last = layers[-1] if layers else None
    if after is not None and last is not None and last.activation != after:
        where = f"layers[{len(layers)}].activation"
        yield Fault(where, f"{loss} needs {after} in the last layer", f'"{last.activation}"', f'"{after}"')
    descends = isinstance(update, str) and update in OPTIMIZERS
    if descends and loss is None and not table.get("error"):
        yield Fault("loss", "this field is missing", remedy="name the loss whose gradient is to be followed")
    if update == "perceptron" and (loss is not None or len(layers) != 1):
        yield Fault("update", "the perceptron rule is for one layer and has no loss", remedy='use "gradient descent"')
    if table.get("compare") and not (update == "gradient descent" and layers):
        yield Fault("compare", "only gradient descent of layers can be compared", remedy="remove the comparisons")
    if update == "perceptron" and last is not None:
        yield from perceptron_faults(last, f"layers[{len(layers)}]")
    if "normalization" in table:
        yield from batch_faults(table, layers)
    if update is not None and "learning_rate" not in table:
        yield Fault("learning_rate", "this field is missing", remedy="add it, for example learning_rate = 0.5")
    for number, layer in enumerate(layers, 1):
        if descends and layer is not None and layer.activation == "step":
            remedy = 'use "sigmoid", or the perceptron rule'
            yield Fault(f"layers[{number}].activation", "the step function has no slope to learn from", remedy=remedy)
    spread = valid(Variants, table.get("variants", {}))
    reach = (spread.around or spread.high - spread.low) / spread.step if spread is not None else 1.0
    if not reach <= MOST_STEPS:
        yield Fault("variants.step", "there are too many numbers to draw from", remedy="choose a larger step")
    if spread is not None and not spread.low + spread.step <= spread.high:
        found = f"{spread.low} to {spread.high}"
        yield Fault("variants.low", "there is no number to draw", found, "low at least one step below high")


def perceptron_faults(layer: Layer, where: str) -> Iterator[Fault]:
    """The rule is for step neurons. Their biases may be missing or frozen, but not one for all of them."""
    if layer.activation != "step":
        found, wanted = f'"{layer.activation}"', '"step"'
        yield Fault(f"{where}.activation", "the perceptron rule is for step neurons", found, wanted)
    if layer.shared_bias is not None:
        message = "the perceptron rule knows no bias that neurons share"
        yield Fault(f"{where}.shared_bias", message, remedy="give biases, one for each neuron, or none")


def batch_faults(table: dict[str, Any], layers: Sequence[Layer | None]) -> Iterator[Fault]:
    """There is something to bring to mean 0 and variance 1, and more than one sample that has them."""
    count = len(listed(table, "samples"))
    if len(layers) < 2:
        remedy = "remove normalization, or add a hidden layer"
        yield Fault("normalization", "there is no hidden layer whose sums could be normalised", remedy=remedy)
    elif count == 1:
        remedy = "remove normalization, or add samples"
        yield Fault("normalization", "one sample has no variance", "1 sample", "at least 2", remedy)


def optimizer_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """The update rule has the variant and the settings that are asked for."""
    update, options = table.get("update"), valid(Optimizer, table.get("optimizer", {}))
    if options is None or "optimizer" not in table or update not in OPTIMIZERS:
        if "optimizer" in table and update not in OPTIMIZERS:
            yield Fault("optimizer", "there is no gradient to follow", remedy="name an update rule, or remove it")
        return
    variants = OPTIMIZERS[update]
    if options.variant is not None and options.variant not in variants:
        yield Fault(
            "optimizer.variant",
            f"{update} has no such variant",
            f'"{options.variant}"',
            *choose(options.variant, list(variants)),
        )
        return
    rule = variants[options.variant] if options.variant else next(iter(variants.values()))
    given = set(options.model_dump(exclude_unset=True)) - {"variant", "weight_decay", "start"}
    for name in sorted(given - set(rule.settings)):
        wanted = ", ".join(setting for setting in rule.settings if setting != "lambda_") or "no settings"
        yield Fault(f"optimizer.{name}", f"{update} does not use {name}", wanted=wanted, remedy="remove it")


def training_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """The epochs that are shown exist and go up; a batch is not larger than the data."""
    training, data = valid(Training, table.get("training", {})), valid(Data, table.get("data", {}))
    if training is None:
        return
    count = data.count if data is not None else len(listed(table, "samples"))
    if isinstance(training.batch, int) and 0 < count < training.batch:
        yield Fault("training.batch", "the batch is larger than the data", str(training.batch), f"at most {count}")
    size = count if training.batch == "all" else training.batch
    updates = training.epochs * -(-count // max(size, 1)) if count else 0
    if (training.show or training.look or "error curve" in listed(table, "pictures")) and updates > MOST_TRAINED:
        remedy = "take fewer epochs, or train it with `stepnn train`"
        found, wanted = f"{updates} updates", f"at most {MOST_TRAINED}"
        yield Fault("training.epochs", "the walk would train too long", found, wanted, remedy)
    for place, number in enumerate(training.look, 1):
        if 0 < count < number:
            yield Fault(
                f"training.look[{place}]", "there is no such sample", str(number), f"a number from 1 to {count}"
            )
    if training.show != sorted(set(training.show)):
        yield Fault("training.show", "the epochs are not in order", remedy="write each once, in order")
    if training.show and training.show[-1] > training.epochs:
        yield Fault("training.show", "there is no such epoch", str(training.show[-1]), f"at most {training.epochs}")


def picture_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """Every picture can be drawn for this lesson."""
    layers, inputs = bool(listed(table, "layers")), table.get("inputs")
    names = inputs.get("names") if isinstance(inputs, dict) else None
    width = len(names) if isinstance(names, list) else 0
    learned = [own for own in listed(table, "quantities") if isinstance(own, dict) and own.get("learned") is True]
    single = len(learned) == 1 and isinstance(learned[0].get("values"), float)
    curves = any(isinstance(own, dict) and own.get("activation") is True for own in listed(table, "quantities"))
    batch = "normalization" in table or any(
        "normalization" in run for run in listed(table, "runs")[-1:] if isinstance(run, dict)
    )
    shapes = Pages([valid(OwnQuantity, own) for own in listed(table, "quantities")], {}, own_functions(table)).shapes
    possible = {
        "error curve": ("update" in table, "a lesson that learns"),
        "regions": (
            layers and width >= 2 and "update" in table and not batch,
            "layers, two inputs and something to learn",
        ),
        "descent": (single and not layers, "a single learned number"),
        "deltas": (layers and "update" in table, "layers, and learning"),
        "curves": (curves, "quantities with activation = true"),
        "scatter": ("scatter" in table, "a table [scatter]"),
        "heat": (len(shapes.get(str(table.get("heat")), ())) == 2, "a field heat that names a table of numbers"),
        "pixels": (width > 0 and isqrt(width) ** 2 == width, "a square picture as input"),
    }
    for place, name in enumerate(listed(table, "pictures"), 1):
        fits, wanted = possible.get(name, (True, "")) if isinstance(name, str) else (True, "")
        if not fits:
            yield Fault(f"pictures[{place}]", f"the picture {name} cannot be drawn for this lesson", wanted=wanted)
    scatter = valid(Scatter, table.get("scatter"))
    if scatter is not None:
        yield from scatter_faults(scatter, shapes)


def scatter_faults(scatter: Scatter, shapes: Mapping[str, Shape]) -> Iterator[Fault]:
    """What is plotted lies in a plane: pairs of numbers, and groups of as many points as there are."""
    points = shapes.get(scatter.points, ())
    count = points[0] if points else 0
    for field, name, wanted, fits in (
        ("points", scatter.points, "a table with two columns", ((count, 2),)),
        ("groups", scatter.groups, "a table with a row for each point", ((count, 0), (0, count, 0))),
        ("paths", scatter.paths, "two numbers for each place, at each time step", ((0, 0, 2),)),
        ("direction", scatter.direction, "two numbers, or two for each time step", ((2,), (0, 2))),
    ):
        shape = shapes.get(name or "", ())
        if name is not None and not any(is_like(shape, one) for one in fits):
            found = " × ".join(map(str, shape)) or ("one number" if name in shapes else "nothing of that name")
            yield Fault(f"scatter.{field}", f"{name} cannot be drawn in a plane", found, wanted)


def is_like(shape: Sequence[int], wanted: Sequence[int]) -> bool:
    """Whether a shape is the wanted one; 0 stands for any size."""
    return len(shape) == len(wanted) and all(two in (0, one) for one, two in zip(shape, wanted, strict=True))


def data_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """The network fits the samples that the program makes."""
    data, layers = valid(Data, table.get("data")), listed(table, "layers")
    if data is None or not layers:
        return
    sizes = (784, 10) if data.source == "digits" else (1, 1)
    inputs, last = table.get("inputs"), layers[-1]
    names = inputs.get("names") if isinstance(inputs, dict) else None
    neurons = last.get("neurons") if isinstance(last, dict) else None
    for where, found, wanted in (("inputs.names", names, sizes[0]), ("layers", neurons, sizes[1])):
        if isinstance(found, list) and len(found) != wanted:
            yield Fault(where, f"{data.source} do not fit the network", str(len(found)), str(wanted))
    if "samples" in table:
        yield Fault("samples", "the program makes the samples of this lesson", remedy="remove samples, or data")


def run_faults(table: dict[str, Any], check: Callable[[dict[str, Any]], list[Fault]]) -> Iterator[Fault]:
    """What is wrong with the lesson as a run changes it, and not without it."""
    runs = [run for run in listed(table, "runs") if isinstance(run, dict)]
    if not runs:
        return
    known = {(fault.where, fault.message) for fault in check({**table, "runs": []})}
    for number, run in enumerate(runs, 1):
        own = ("label", "about", "activation", "learned", "continues")
        changed = {key: value for key, value in run.items() if key not in own}
        names = listed(run, "learned")
        quantities = listed(changed if "quantities" in changed else table, "quantities")
        given = [one.get("name") for one in quantities if isinstance(one, dict) and "values" in one]
        for place, name in enumerate(names, 1):
            if name not in given:
                yield Fault(f"runs[{number}].learned[{place}]", f"no given quantity is called {name}")
        if "activation" in run:
            layers = listed(changed if "layers" in changed else table, "layers")
            if not layers:
                message = "there are no layers whose activation it could be"
                yield Fault(f"runs[{number}].activation", message, remedy="remove it")
            hidden = [{**one, "activation": run["activation"]} for one in layers[:-1] if isinstance(one, dict)]
            changed["layers"] = [*hidden, *layers[-1:]]
        if "learned" in run:
            changed["quantities"] = [with_learned(one, names) for one in quantities]
        for fault in check({**table, **changed, "runs": []}):
            if (fault.where, fault.message) not in known:
                yield Fault(f"runs[{number}].{fault.where}", fault.message, fault.found, fault.wanted, fault.remedy)


def with_learned(own: Any, names: Sequence[Any]) -> Any:
    """The table of a quantity as it is in a run that says what learns."""
    if not isinstance(own, dict) or "values" not in own:
        return own
    return {**own, "learned": own.get("name") in names}
