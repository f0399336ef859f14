"""What must hold for the update rule: its settings, its schedule, and what it remembers at the beginning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stepnn.book.optimizers import OPTIMIZERS
from stepnn.errors import Fault
from stepnn.lessons.learning import Optimizer, Regularization, Schedule
from stepnn.lessons.parts import choose, listed, sound, valid
from stepnn.lessons.regularization import strengths
from stepnn.lessons.rule import OF_KIND
from stepnn.words.told import told

LIKE = {"every": "2", "factor": "0.5", "over": "10"}  # what a schedule may have there
FOR_ALL = {"variant", "weight_decay", "start", "no_decay", "clip_value", "clip_norm", "state", "updates_before"}


def optimizer_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """The update rule has the variant and the settings that are asked for."""
    update, options = table.get("update"), valid(Optimizer, table.get("optimizer", {}))
    if options is None or "optimizer" not in table or update not in OPTIMIZERS:
        if "optimizer" in table and update not in OPTIMIZERS:
            yield Fault("optimizer", told("there_is_no_gradient_to"), remedy=told("name_an_update_rule_or"))
        return
    variants = OPTIMIZERS[update]
    if options.variant is not None and options.variant not in variants:
        yield Fault(
            "optimizer.variant",
            told("has_no_such_variant", update=update),
            f'"{options.variant}"',
            *choose(options.variant, list(variants)),
        )
        return
    rule = variants[options.variant] if options.variant else next(iter(variants.values()))
    given = set(options.model_dump(exclude_unset=True)) - FOR_ALL
    for name in sorted(given - set(rule.settings)):
        wanted = ", ".join(setting for setting in rule.settings if setting != "lambda_") or told("no_settings")
        yield Fault(
            f"optimizer.{name}", told("does_not_use", update=update, name=name), wanted=wanted, remedy=told("remove_it")
        )

    yield from name_faults("optimizer.no_decay", options.no_decay, ["biases", *parameters(table)])
    if options.no_decay and not options.weight_decay and "lambda_" not in rule.settings:
        yield Fault("optimizer.no_decay", told("there_is_no_weight_decay"), remedy=told("add_weight_decay_or"))
    kept = [line.removesuffix("_new") for line in rule.lines if line.endswith("_new") and line != "w_new"]
    yield from name_faults("optimizer.state", list(options.state), kept)
    for letter, values in options.state.items():
        if isinstance(values, dict):
            yield from state_faults(f"optimizer.state.{letter}", values, parameters(table))


def name_faults(where: str, names: list[str], known: list[str]) -> Iterator[Fault]:
    for name in names:
        if name not in known:
            yield Fault(where, told("nothing_is_called_here", name=name), f'"{name}"', *choose(name, known))


def state_faults(where: str, values: Mapping[str, Any], known: Mapping[str, tuple[int, ...]]) -> Iterator[Fault]:
    """Values are given for parameters, in their shape."""
    yield from name_faults(where, list(values), list(known))
    for name, rows in values.items():
        if name in known and shape_of(rows) != known[name]:
            found, wanted = (
                " × ".join(map(str, shape)) or told("one_number") for shape in (shape_of(rows), known[name])
            )
            yield Fault(f"{where}.{name}", told("the_values_have_another_shape"), found, wanted)


def shape_of(rows: Any) -> tuple[int, ...]:
    return (len(rows), *shape_of(rows[0])) if isinstance(rows, list) and rows else ()


def parameters(table: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """What an update changes, by the name of its quantity, and its shape."""
    found = {
        str(one["name"]): shape_of(one.get("values"))
        for one in listed(table, "quantities")
        if isinstance(one, dict) and one.get("learned") is True and "name" in one
    }
    senders = table.get("inputs", {}).get("names", []) if isinstance(table.get("inputs"), dict) else []
    for number, layer in enumerate(listed(table, "layers"), 1):
        receivers = layer.get("neurons") if isinstance(layer, dict) else None
        if not isinstance(senders, list) or not isinstance(receivers, list):
            return found  # a fault of its own
        found[f"w{number}"] = (len(receivers), len(senders))
        for one in listed(layer, "shortcuts"):
            if isinstance(one, dict) and isinstance(one.get("from_layer"), int):
                found[f"w{number}_{one['from_layer']}"] = shape_of(one.get("weights"))
        if "shared_bias" in layer or "biases" in layer:
            found[f"b{number}"] = () if "shared_bias" in layer else (len(receivers),)
        if layer.get("activation") == "prelu":
            found[f"alpha{number}"] = ()
        senders = receivers
    return found


def schedule_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """There is a learning rate that changes, and the schedule has what its kind needs, and nothing else."""
    schedule = sound(Schedule, table.get("schedule"))
    if schedule is None:
        return
    if table.get("update") not in OPTIMIZERS:
        yield Fault("schedule", told("there_is_no_gradient_to"), remedy=told("name_an_update_rule_or"))
        return
    needed = OF_KIND[schedule.kind]
    for name in ("every", "factor", "over", "least"):
        given, where = getattr(schedule, name) is not None, f"schedule.{name}"
        if given and name not in needed:
            message, wanted = told("does_not_use", update=schedule.kind, name=name), ", ".join(needed) or "warm_up"
            yield Fault(where, message, wanted=wanted, remedy=told("remove_it"))
        if not given and name in needed and name != "least":
            wanted, like = told("for_this_schedule", kind=schedule.kind), f"{name} = {LIKE[name]}"
            yield Fault(where, told("this_field_is_missing"), wanted=wanted, remedy=told("add_it_such_as", text=like))
    rate = table.get("learning_rate")
    if schedule.least is not None and isinstance(rate, (int, float)) and schedule.least > rate:
        yield Fault("schedule.least", told("the_rate_would_grow"), str(schedule.least), told("at_most", most=rate))


def penalty_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """There are layers with an error that a penalty can be added to, and what it is on."""
    penalty = sound(Regularization, table.get("regularization"))
    if penalty is None or (listed(table, "layers") and table.get("loss") is None):
        return  # a fault of its own
    if not listed(table, "layers") or table.get("update") == "perceptron":
        yield Fault("regularization", told("a_penalty_is_for_layers"), remedy=told("write_it_into_the_error"))
        return
    if not strengths(penalty):
        yield Fault("regularization", told("there_is_no_penalty"), wanted="l2, l1", remedy=told("give_one_above_0"))
    yield from name_faults("regularization.of", penalty.of, [name for name in parameters(table) if name[0] in "wb"])
