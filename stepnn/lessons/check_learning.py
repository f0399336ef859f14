"""What must hold between the fields of a lesson file that are about learning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from stepnn.errors import Fault
from stepnn.layers.book import LOSSES, OPTIMIZERS
from stepnn.lessons.parts import choose, listed, own, valid
from stepnn.lessons.schema import MOST_STEPS, Data, Layer, Optimizer, Training, Variants


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
    loss, update = table.get("loss"), table.get("update")
    known = [*LOSSES, *own(table, "losses")]
    if isinstance(loss, str) and loss not in known:
        yield Fault("loss", "there is no such loss", f'"{loss}"', *choose(loss, known))
    after = LOSSES[loss].after if isinstance(loss, str) and loss in LOSSES else None
    last = layers[-1] if layers else None
    if after is not None and last is not None and last.activation != after:
        where = f"layers[{len(layers)}].activation"
        yield Fault(where, f"{loss} needs {after} in the last layer", f'"{last.activation}"', f'"{after}"')
    descends = isinstance(update, str) and update in OPTIMIZERS
    if descends and loss is None and not table.get("error"):
        yield Fault("loss", "this field is missing", remedy="name the loss whose gradient is to be followed")
    if update == "perceptron" and (loss is not None or len(layers) != 1):
        yield Fault("update", "the perceptron rule is for one layer and has no loss", remedy='use "gradient descent"')
    if table.get("compare") and not descends:
        yield Fault("compare", "there is no gradient descent to compare", remedy="remove the comparisons")
    if update == "perceptron" and last is not None and (last.shared_bias is not None or last.activation != "step"):
        remedy = 'use activation = "step" and one bias for each neuron'
        yield Fault("update", "the perceptron rule needs step neurons with biases of their own", remedy=remedy)
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
    if training.show != sorted(set(training.show)):
        yield Fault("training.show", "the epochs are not in order", remedy="write each once, in order")
    if training.show and training.show[-1] > training.epochs:
        yield Fault("training.show", "there is no such epoch", str(training.show[-1]), f"at most {training.epochs}")


def run_faults(table: dict[str, Any], check: Callable[[dict[str, Any]], list[Fault]]) -> Iterator[Fault]:
    """What is wrong with the lesson as a run changes it, and not without it."""
    runs = [run for run in listed(table, "runs") if isinstance(run, dict)]
    if not runs:
        return
    known = {(fault.where, fault.message) for fault in check({**table, "runs": []})}
    for number, run in enumerate(runs, 1):
        changed = {key: value for key, value in run.items() if key not in ("label", "about", "activation")}
        for fault in check({**table, **changed, "runs": []}):
            if (fault.where, fault.message) not in known:
                yield Fault(f"runs[{number}].{fault.where}", fault.message, fault.found, fault.wanted, fault.remedy)
