"""The given numbers of a lesson as rows of names and values, for any kind of page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from stepnn.book.optimizers import OPTIMIZERS
from stepnn.drawing.board import drawn_keys
from stepnn.drawing.picture import sending_layer
from stepnn.lessons.learning import Schedule
from stepnn.lessons.setup import Setup
from stepnn.network.model import Quantity, Role
from stepnn.notation.formula import refs
from stepnn.notation.numbers import given, shown
from stepnn.page.blocks import Given
from stepnn.page.written import Cell, Equal, Text
from stepnn.trace.sentences import layer_name
from stepnn.words import Catalogue

MOST_VALUES = 16  # of one kind; of more, the first and the last are shown
MOST_SAMPLES = 8
LABELS = {Role.WEIGHT: "weights", Role.BIAS: "biases", Role.ACTIVATION_PARAMETER: "parameter"}


@dataclass(frozen=True)
class GivenRow:
    """A label and the numbers that belong to it, each with its name, or a word on what was left out.

    `key` is that of the quantity, where the row shows a single one; `of_update` says in words how updates are made.
    """

    label: str
    cells: tuple[Cell, ...]
    key: str = ""
    of_update: bool = False

    @property
    def item(self) -> tuple[str, Text]:
        """The label, and the rest with commas between."""
        return self.label, listed(self.cells)


def given_rows(
    setup: Setup,
    words: Catalogue,
    most: int = MOST_VALUES,
    samples: Collection[int] | None = None,
) -> list[GivenRow]:
    """All given numbers: samples, then the parameters layer by layer, then the learning rate.

    Of more than `most` values of a kind the middle is left out. `samples` are the numbers of those to be listed.
    """
    found = sample_rows(setup, words, most, samples)
    runs = setup.lesson.runs
    elsewhere = bool(runs) and all(run.layers is not None or run.init is not None for run in runs)
    for quantity in () if elsewhere else setup.network.parameters:  # each run says where its own begin
        label = parameter_label(setup, quantity, words)
        found.append(GivenRow(label, cells(setup, quantity, most), quantity.key))
    for quantity in setup.network.with_role(Role.GIVEN):
        found.append(GivenRow(words("label.given_numbers"), cells(setup, quantity, most), quantity.key))
    formulas = [one.formula for one in setup.network.computed if one.formula is not None]
    in_formulas = any(ref.name == "eta" for formula in formulas for ref in refs(formula))
    if setup.rate is not None and (setup.learns or in_formulas):
        found.append(GivenRow(words("label.learning_rate"), cells(setup, setup.network["eta"])))
    penalties = [setup.network[f"lambda{n}"] for n in "21" if f"lambda{n}" in setup.constants]
    if setup.lesson.regularization is not None and penalties:
        found.append(GivenRow(words("label.regularization"), tuple(c for one in penalties for c in cells(setup, one))))
    return [*found, *optimizer_rows(setup, words)]


def given_block(setup: Setup, words: Catalogue) -> Given:
    """The given numbers of a page that may have a picture of the given arrays."""
    rows, drawn = given_rows(setup, words), drawn_keys(setup)
    return Given(tuple(row.item for row in rows), frozenset(at for at, row in enumerate(rows) if row.key in drawn))


def parameter_label(setup: Setup, quantity: Quantity, words: Catalogue) -> str:
    """`hidden layer, weights`; in a lesson written as formulas, which has no layers, `parameter`."""
    if not setup.network.has_neurons:
        return words("label.parameter")
    what = words(f"label.{LABELS[quantity.role]}")
    if quantity.role is Role.WEIGHT and (before := sending_layer(quantity)) < quantity.layer - 1:
        layers = setup.network.layers
        what = words("label.shortcut", of=layer_name(layers, before, words) if before else words("label.inputs"))
    label = f"{layer_name(setup.network.layers, quantity.layer, words)}, {what}"
    if quantity.key in setup.network.frozen and quantity.role is not Role.ACTIVATION_PARAMETER:
        label += f" ({words('label.frozen')})"
    return label


def optimizer_rows(setup: Setup, words: Catalogue) -> list[GivenRow]:
    """Which update rule in which variant, and its settings; nothing for plain gradient descent."""
    update, options = setup.lesson.update, setup.lesson.optimizer
    if not setup.descends or update is None:
        return []
    if update == "gradient descent" and not options.weight_decay:
        return more_rows(setup, words)
    variants = OPTIMIZERS[update]
    variant = (setup.lesson.optimizer.variant or next(iter(variants))).replace(" ", "_")
    named = f"{update}, {words('label.variant', variant=words(f'variant.{variant}'))}"
    found: list[Cell] = [named if len(variants) > 1 else update]
    for name in setup.rule.settings:
        found += cells(setup, setup.network[name])
    return [GivenRow(words("label.optimizer"), tuple(found)), *more_rows(setup, words)]


def more_rows(setup: Setup, words: Catalogue) -> list[GivenRow]:
    """What weight decay leaves alone, how gradients are clipped, how η changes, and what the rule remembers before."""
    options, schedule = setup.lesson.optimizer, setup.lesson.schedule
    found = []
    if options.no_decay:
        found.append(GivenRow(words("label.no_decay"), (", ".join(options.no_decay),)))
    for most, key in ((options.clip_value, "label.clip_value"), (options.clip_norm, "label.clip_norm")):
        if most is not None:
            found.append(GivenRow(words("label.clipping"), (words(key, most=given(most).text),)))
    if schedule is not None:
        found.append(GivenRow(words("label.schedule"), tuple(schedule_cells(schedule, words))))
    if options.state or options.updates_before:
        rows = [
            f"{letter} = {given(value).text}" for letter, value in options.state.items() if isinstance(value, float)
        ]
        named = [f"{letter} ({', '.join(value)})" for letter, value in options.state.items() if isinstance(value, dict)]
        before = words("label.updates_before", count=options.updates_before)
        found.append(GivenRow(words("label.remembered"), (before, *rows, *named)))
    return [replace(row, of_update=True) for row in found]


def schedule_cells(schedule: Schedule, words: Catalogue) -> Iterator[str]:
    """How η changes: `times 0.5 after every 2 updates`, and how it begins."""
    fields = {name: given(float(value or 0)).text for name, value in schedule if name not in ("kind", "per")}
    kind = "exponential" if schedule.kind == "step" and schedule.every == 1 else schedule.kind
    yield words(f"schedule.{kind}.{schedule.per}", **fields)
    if schedule.warm_up:
        yield words(f"schedule.warm_up.{schedule.per}", value=schedule.warm_up)


def sample_rows(setup: Setup, words: Catalogue, most: int, samples: Collection[int] | None) -> list[GivenRow]:
    """Inputs and targets, sample by sample."""
    found: list[GivenRow] = []
    data = setup.lesson.data
    if data is not None:
        text = words("label.drawn", count=data.count, seed=data.seed, unseen=data.unseen)
        return [GivenRow(words("label.data"), (text,))]
    if "a0" not in setup.network.by_key:
        return []
    target = setup.network.by_key.get("t")
    for number in range(1, len(setup.samples) + 1):
        if number not in samples if samples is not None else number > MOST_SAMPLES:
            continue
        inputs = cells(setup, setup.network["a0"], most, number)
        wanted = cells(setup, target, most, number) if target else ()
        if len(setup.samples) > 1:
            found.append(GivenRow(words("label.sample", number=number), (*inputs, *wanted)))
        else:
            found.append(GivenRow(words("label.inputs"), inputs))
            found += [GivenRow(words("label.targets"), wanted)] if wanted else []
    if samples is None and len(setup.samples) > MOST_SAMPLES:
        found.append(GivenRow(words("label.sample", number=f"… {len(setup.samples)}"), ()))
    return found


def cells(setup: Setup, quantity: Quantity, most: int = MOST_VALUES, sample: int = 1) -> tuple[Cell, ...]:
    """Names and values of one quantity's elements, the middle left out where there are too many."""
    every = zip(quantity.grid, setup.numbers(quantity.key, sample), strict=False)  # a sample may have none
    pairs = [(position, value) for position, value in every if position not in quantity.missing]
    calculated = quantity.key in setup.carried
    found: list[Cell] = [
        Equal(
            setup.names.of(quantity.element(position)),
            shown(value, setup.lesson.digits) if calculated else given(value),
        )
        for position, value in (pairs if len(pairs) <= most else [*pairs[:4], pairs[-1]])
    ]
    if len(pairs) > most:
        found.insert(4, f"… ({len(pairs)}) …")
    return tuple(found)


def listed(cells: Sequence[Cell]) -> Text:
    """Cells with commas between them."""
    return tuple(one for at, cell in enumerate(cells) for one in ([", "] if at else []) + [cell])
