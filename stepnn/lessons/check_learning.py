"""What must hold between the fields of a lesson file that are about learning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isqrt
from typing import Any

from stepnn.book.functions import LOSSES
from stepnn.book.optimizers import OPTIMIZERS
from stepnn.errors import Fault
from stepnn.layers.kinds.page import Shape
from stepnn.lessons.check_perceptron import perceptron_faults
from stepnn.lessons.check_rule import optimizer_faults, penalty_faults, schedule_faults
from stepnn.lessons.learning import Training
from stepnn.lessons.pages import Pages
from stepnn.lessons.parts import choose, listed, missing, own, own_functions, valid
from stepnn.lessons.schema import Data, Layer, OwnQuantity, Scatter, Variants
from stepnn.lessons.values import MOST_STEPS, MOST_TRAINED
from stepnn.words.told import told


def chosen_faults(where: str, numbers: Sequence[Any], count: int) -> Iterator[Fault]:
    """Samples that are chosen by their numbers exist. That these count from 1 is told already."""
    for place, number in enumerate(numbers, 1):
        if isinstance(number, int) and number > count > 0:
            message, wanted = told("there_is_no_such_sample"), told("a_number_from_1_to", count=count)
            yield Fault(f"{where}[{place}]", message, str(number), wanted)


def learning_faults(table: dict[str, Any], layers: Sequence[Layer | None]) -> Iterator[Fault]:
    """Loss, update rule and learning rate fit together."""
    yield from chosen_faults("learn_from", listed(table, "learn_from"), len(listed(table, "samples")))
    yield from optimizer_faults(table)
    yield from schedule_faults(table)
    yield from penalty_faults(table)
    yield from training_faults(table)
    yield from picture_faults(table)
    yield from data_faults(table)
    loss, update = table.get("loss"), table.get("update")
    known = [*LOSSES, *own(table, "losses")]
    if isinstance(loss, str) and loss not in known:
        yield Fault("loss", told("there_is_no_such_loss"), f'"{loss}"', *choose(loss, known))
    rule = LOSSES.get(loss) if isinstance(loss, str) and loss not in own(table, "losses") else None
    after = rule.after if rule is not None else None
    last = layers[-1] if layers else None
    if after is not None and last is not None and set(last.functions) != {after}:
        where = f"layers[{len(layers)}].activation"
        yield Fault(
            where, told("needs_in_the_last_layer", loss=loss, after=after), ", ".join(last.functions), f'"{after}"'
        )
    descends = isinstance(update, str) and update in OPTIMIZERS
    if descends and loss is None and not table.get("error"):
        yield missing("loss", told("name_the_loss_whose_gradient"))
    if update == "perceptron" and (len(layers) != 1 or (loss is not None and loss not in own(table, "losses"))):
        yield Fault("update", told("the_perceptron_rule_is_for"), remedy=told("use_gradient_descent"))
    if table.get("compare") and not (update == "gradient descent" and layers):
        yield Fault("compare", told("only_gradient_descent_of_layers"), remedy=told("remove_the_comparisons"))
    if update == "perceptron" and last is not None:
        yield from perceptron_faults(table, last, f"layers[{len(layers)}]")
    if "normalization" in table:
        yield from batch_faults(table, layers)
    if update is not None and "learning_rate" not in table:
        yield missing("learning_rate", told("add_it_for_example_learning"))
    for number, layer in enumerate(layers, 1):
        if descends and layer is not None and "step" in layer.functions:
            remedy = told("use_sigmoid_or_the_perceptron")
            yield Fault(f"layers[{number}].activation", told("the_step_function_has_no_slope"), remedy=remedy)
    yield from variant_faults(table)


def variant_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """There are numbers to draw, not too many of them, and what stays as it is is there."""
    spread = valid(Variants, table.get("variants", {}))
    if spread is None:
        return
    reach = (spread.around or spread.high - spread.low) / spread.step
    if not reach <= MOST_STEPS:
        yield Fault("variants.step", told("there_are_too_many_numbers"), remedy=told("choose_a_larger_step"))
    if not spread.low + spread.step <= spread.high:
        found = told("from_to", low=spread.low, high=spread.high)
        yield Fault("variants.low", told("there_is_no_number_to"), found, told("low_at_least_one_step"))
    given = given_names(table)
    for name in spread.keep:
        if name not in given:
            yield Fault("variants.keep", told("nothing_is_called_here", name=name), f'"{name}"', *choose(name, given))


def given_names(table: dict[str, Any]) -> list[str]:
    """The quantities with given numbers, those of runs too."""
    rows = [table, *(run for run in listed(table, "runs") if isinstance(run, dict))]
    every = [one for row in rows for one in listed(row, "quantities") if isinstance(one, dict)]
    return list(dict.fromkeys(one["name"] for one in every if "values" in one and isinstance(one.get("name"), str)))


def batch_faults(table: dict[str, Any], layers: Sequence[Layer | None]) -> Iterator[Fault]:
    """There is something to bring to mean 0 and variance 1, and more than one sample that has them."""
    count = len(listed(table, "samples"))
    if len(layers) < 2:
        remedy = told("remove_normalization_or_add_a")
        yield Fault("normalization", told("there_is_no_hidden_layer"), remedy=remedy)
    elif count == 1:
        remedy = told("remove_normalization_or_add_samples")
        yield Fault("normalization", told("one_sample_has_no_variance"), told("1_sample"), told("at_least_2"), remedy)


def training_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """The epochs that are shown exist and go up; a batch is not larger than the data."""
    training, data = valid(Training, table.get("training", {})), valid(Data, table.get("data", {}))
    if training is None:
        return
    count = data.count if data is not None else len(listed(table, "samples"))
    if isinstance(training.batch, int) and 0 < count < training.batch:
        yield Fault(
            "training.batch", told("the_batch_is_larger_than"), str(training.batch), told("at_most", most=count)
        )
    size = count if training.batch == "all" else training.batch
    updates = training.epochs * -(-count // max(size, 1)) if count else 0
    if (training.show or training.look or "error curve" in listed(table, "pictures")) and updates > MOST_TRAINED:
        remedy = told("take_fewer_epochs_or_train")
        found, wanted = told("updates", updates=updates), told("at_most", most=MOST_TRAINED)
        yield Fault("training.epochs", told("the_walk_would_train_too"), found, wanted, remedy)
    yield from chosen_faults("training.look", training.look, count)
    if training.sample is not None and 0 < count < training.sample:
        message, wanted = told("there_is_no_such_sample"), told("a_number_from_1_to", count=count)
        yield Fault("training.sample", message, str(training.sample), wanted)
    if training.show != sorted(set(training.show)):
        yield Fault("training.show", told("the_epochs_are_not_in"), remedy=told("write_each_once_in_order"))
    if training.show and training.show[-1] > training.epochs:
        yield Fault(
            "training.show",
            told("there_is_no_such_epoch"),
            str(training.show[-1]),
            told("at_most", most=training.epochs),
        )


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
    shapes: Mapping[str, Shape] = {}
    if "scatter" in table or "heat" in table:
        rows = [valid(OwnQuantity, own) for own in listed(table, "quantities")]
        shapes = Pages(rows, {}, own_functions(table)).shapes
    possible = {
        "error curve": ("update" in table, "a_lesson_that_learns"),
        "regions": (
            layers and width >= 2 and "update" in table and not batch,
            "layers_two_inputs_and_something",
        ),
        "descent": (single and not layers, "a_single_learned_number"),
        "deltas": (layers and "update" in table, "layers_and_learning"),
        "curves": (curves, "quantities_with_activation_true"),
        "scatter": ("scatter" in table, "a_table_scatter"),
        "heat": (len(shapes.get(str(table.get("heat")), ())) == 2, "a_field_heat"),
        "pixels": (width > 0 and isqrt(width) ** 2 == width, "a_square_picture"),
    }
    for place, name in enumerate(listed(table, "pictures"), 1):
        fits, wanted = possible.get(name, (True, "")) if isinstance(name, str) else (True, "")
        if not fits:
            yield Fault(f"pictures[{place}]", told("the_picture_cannot_be_drawn", name=name), wanted=told(wanted))
    scatter = valid(Scatter, table.get("scatter"))
    if scatter is not None:
        yield from scatter_faults(scatter, shapes)


def scatter_faults(scatter: Scatter, shapes: Mapping[str, Shape]) -> Iterator[Fault]:
    """What is plotted lies in a plane: pairs of numbers, and groups of as many points as there are."""
    points = shapes.get(scatter.points, ())
    count = points[0] if points else 0
    for field, name, wanted, fits in (
        ("points", scatter.points, "a_table_with_two_columns", ((count, 2),)),
        ("groups", scatter.groups, "a_row_for_each_point", ((count,), (count, 0), (0, count, 0))),
        ("paths", scatter.paths, "two_numbers_for_each_place", ((0, 0, 2),)),
        ("direction", scatter.direction, "two_numbers_or_two_for_each", ((2,), (0, 2))),
    ):
        shape = shapes.get(name or "", ())
        if name is not None and not any(is_like(shape, one) for one in fits):
            found = " × ".join(map(str, shape)) or told("one_number" if name in shapes else "nothing_of_that_name")
            yield Fault(f"scatter.{field}", told("cannot_be_drawn_in_a", name=name), found, told(wanted))


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
            yield Fault(where, told("do_not_fit_the_network", source=data.source), str(len(found)), str(wanted))
    if "samples" in table:
        yield Fault("samples", told("the_program_makes_the_samples"), remedy=told("remove_samples_or_data"))


def run_faults(table: dict[str, Any], check: Callable[[dict[str, Any]], list[Fault]]) -> Iterator[Fault]:
    """What is wrong with the lesson as a run changes it, and not without it."""
    runs = [run for run in listed(table, "runs") if isinstance(run, dict)]
    if not runs:
        return
    alone = {**table, "runs": []}
    if isinstance(alone.get("variants"), dict):  # what is kept may be given in any of the runs
        alone["variants"] = {field: value for field, value in alone["variants"].items() if field != "keep"}
    known = {(fault.where, fault.message) for fault in check(alone)}
    for number, run in enumerate(runs, 1):
        own = ("label", "about", "activation", "learned", "continues")
        changed = {key: value for key, value in run.items() if key not in own}
        names = listed(run, "learned")
        quantities = listed(changed if "quantities" in changed else table, "quantities")
        given = [str(one.get("name")) for one in quantities if isinstance(one, dict) and "values" in one]
        for place, name in enumerate(names, 1):
            if name not in given:
                where, message = f"runs[{number}].learned[{place}]", told("no_given_quantity_is_called", name=name)
                yield Fault(where, message, f'"{name}"', *choose(str(name), given))
        if "activation" in run:
            layers = listed(changed if "layers" in changed else table, "layers")
            if not layers:
                message = told("there_are_no_layers_whose")
                yield Fault(f"runs[{number}].activation", message, remedy=told("remove_it"))
            hidden = [{**one, "activation": run["activation"]} for one in layers[:-1] if isinstance(one, dict)]
            changed["layers"] = [*hidden, *layers[-1:]]
        if "learned" in run:
            changed["quantities"] = [with_learned(one, names) for one in quantities]
        for fault in check({**alone, **changed}):
            if (fault.where, fault.message) not in known:
                yield Fault(f"runs[{number}].{fault.where}", fault.message, fault.found, fault.wanted, fault.remedy)


def with_learned(own: Any, names: Sequence[Any]) -> Any:
    """The table of a quantity as it is in a run that says what learns."""
    if not isinstance(own, dict) or "values" not in own:
        return own
    return {**own, "learned": own.get("name") in names}
