"""What must hold between the fields of a lesson file.

Works on the raw table, so that it also runs on a file with other faults: everything that can be said about a
file is said at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from stepnn.book.functions import ACTIVATIONS
from stepnn.errors import Fault, FormulaError
from stepnn.lessons.check_formulas import quantity_faults
from stepnn.lessons.check_learning import learning_faults, run_faults
from stepnn.lessons.layers import WHOLE
from stepnn.lessons.parts import choose, listed, missing, own, valid
from stepnn.lessons.schema import Inputs, Layer, Sample, Shortcut
from stepnn.lessons.values import MOST_WEIGHTS
from stepnn.notation.formula import Ref, walk
from stepnn.notation.indices import binds, indices_of
from stepnn.notation.parse import parse
from stepnn.words.told import told

RESERVED = {"E", "e", "eta", "alpha"}  # names that stepnn itself prints
FOR_WHOLE_LAYERS = ("softmax", "prelu")  # a neuron's share of all, and an α that all neurons learn together
MARKS = {"\u2028", "\u2029", "\u3164", "\u115f", "\u1160", "\uffa0"}  # separators and letters that cannot be seen


def check(table: dict[str, Any]) -> list[Fault]:
    """All faults of meaning in the table of a lesson file."""
    layers = [valid(Layer, raw) for raw in listed(table, "layers")]
    inputs = valid(Inputs, table.get("inputs")) if "inputs" in table else None
    sizes = [len(inputs.names) if inputs else None, *(len(layer.neurons) if layer else None for layer in layers)]
    faults = [*unsafe_texts(table), *name_faults(inputs, layers)]
    faults += own_formulas(table, "activations", "z", "alpha", "names_of_activations")
    faults += own_formulas(table, "losses", "a", "t", "names_of_losses")
    for number, layer in enumerate(layers, 1):
        if layer is not None:
            faults += activation_faults(table, layer, f"layers[{number}]")
            faults += weight_faults(table, layer, f"layers[{number}]", sizes[number - 1])
            faults += bias_faults(layer, f"layers[{number}]")
            before = layers[number - 2] if number > 1 else None
            senders = before.neurons if before is not None else inputs.names if number == 1 and inputs else None
            faults += frozen_faults(layer, f"layers[{number}]", senders)
            faults += shortcut_faults(layer, f"layers[{number}]", number, sizes)
    return [
        *faults,
        *title_faults(table),
        *size_faults(sizes, table),
        *sample_faults(table, sizes),
        *quantity_faults(table),
        *learning_faults(table, layers),
        *run_faults(table, check),
    ]


def unsafe_texts(table: dict[str, Any]) -> Iterator[Fault]:
    """Characters that could drive a terminal or turn the direction of a text."""
    for where, text in texts(table, ""):
        bad = [] if text.isascii() and text.isprintable() else [letter for letter in set(text) if is_unsafe(letter)]
        if bad:
            found = f"U+{ord(min(bad, key=text.index)):04X}"
            place = where or told("a_field_name")
            yield Fault(place, told("this_text_holds_a_control"), found, told("plain_text"), told("remove_it"))


@cache
def is_unsafe(letter: str) -> bool:
    turns = unicodedata.bidirectional(letter) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    kind = unicodedata.category(letter)
    return (kind in {"Cc", "Cf", "Cs", "Co"} and letter != "\n") or turns or letter in MARKS


def texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Every text in the table with its place; names of fields are texts too."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield where, key
            yield from texts(inner, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from texts(inner, f"{where}[{number}]")


def own_formulas(table: dict[str, Any], section: str, needed: str, other: str, names: str) -> Iterator[Fault]:
    """Activations or losses that the lesson defines, as formulas in a name that they need and another one."""
    for name, raw in own(table, section).items():
        where, wanted = f"{section}.{name}.formula", told(names)
        formula = raw.get("formula") if isinstance(raw, dict) else None
        if not isinstance(formula, str) or not formula:
            continue
        try:
            tree = parse(formula)
        except FormulaError as error:
            yield Fault(
                where,
                told("column", error=error, position=error.position),
                formula,
                told("a_formula_in", wanted=wanted),
            )
            continue
        used = {part.name for part in walk(tree) if isinstance(part, Ref)}
        for unknown in sorted(used - {needed, other}):
            yield Fault(where, told("nothing_is_called_here", name=unknown), formula, wanted)
        if needed not in used:
            yield Fault(where, told("the_formula_does_not_use", needed=needed), formula, wanted)
        if any(binds(part) or indices_of(part) for part in walk(tree)):
            yield Fault(where, told("this_formula_is_for_one"), formula, wanted)


def activation_faults(table: dict[str, Any], layer: Layer, where: str) -> Iterator[Fault]:
    """The functions are known, one for all neurons or one for each, and α is there where it is needed."""
    known, formulas = [*ACTIVATIONS, *own(table, "activations")], own(table, "activations")
    several = not isinstance(layer.activation, str)
    if several and len(layer.functions) != len(layer.neurons):
        wanted = told("one_for_each_neuron", receivers=len(layer.neurons))
        yield Fault(f"{where}.activation", told("wrong_length"), str(len(layer.functions)), wanted)
    for name in dict.fromkeys(layer.functions):
        if name not in known:
            yield Fault(f"{where}.activation", told("there_is_no_such_activation"), f'"{name}"', *choose(name, known))
        elif several and name in FOR_WHOLE_LAYERS and name not in formulas:
            remedy = told("put_these_neurons_into_a_layer")
            yield Fault(
                f"{where}.activation", told("is_for_a_whole_layer", activation=name), f'"{name}"', remedy=remedy
            )
        formula = formulas.get(name)
        if isinstance(formula, dict) and "alpha" in str(formula.get("formula")) and layer.alpha is None:
            remedy = told("add_alpha_to_the_layer")
            yield Fault(f"{where}.alpha", told("uses_alpha_but_it_has", function=name), remedy=remedy)
    rules = [None if name in formulas else ACTIVATIONS.get(name) for name in layer.functions]
    if layer.alpha is not None and not any(rule is None or rule.alpha is not None for rule in rules):
        message = told("has_no_alpha", activation=", ".join(dict.fromkeys(layer.functions)))
        yield Fault(f"{where}.alpha", message, str(layer.alpha), remedy=told("remove_it"))


def weight_faults(table: dict[str, Any], layer: Layer, where: str, senders: int | None) -> Iterator[Fault]:
    """The weight matrix has a row for each receiving neuron and a column for each sending neuron."""
    if layer.weights is None and "weight_seed" not in table:
        yield missing(f"{where}.weights", told("give_the_weights_or_a"))
    yield from matrix_faults(layer, where, len(layer.neurons), senders)


def matrix_faults(layer: Layer | Shortcut, where: str, receivers: int, senders: int | None) -> Iterator[Fault]:
    """The weights and their names have as many rows and columns as there are neurons."""
    for field in ("weights", "weight_names"):
        if (rows := getattr(layer, field)) is None:
            continue
        if len(rows) != receivers:
            wanted = told("rows_one_for_each_neuron", receivers=receivers)
            yield Fault(f"{where}.{field}", told("wrong_number_of_rows"), str(len(rows)), wanted)
        for number, row in enumerate(rows, 1):
            if senders is not None and len(row) != senders:
                wanted = told("columns_one_for_each_neuron", senders=senders)
                yield Fault(
                    f"{where}.{field}[{number}]", told("row_has_the_wrong_length", number=number), str(len(row)), wanted
                )


def bias_faults(layer: Layer, where: str) -> Iterator[Fault]:
    """One bias per neuron, or one for the layer, but not both."""
    receivers = len(layer.neurons)
    for field in ("biases", "bias_names"):
        row = getattr(layer, field)
        if row is not None and len(row) != receivers:
            yield Fault(
                f"{where}.{field}",
                told("wrong_length"),
                str(len(row)),
                told("one_for_each_neuron", receivers=receivers),
            )
    if layer.biases is not None and layer.shared_bias is not None:
        yield Fault(f"{where}.shared_bias", told("a_layer_has_biases_or"), remedy=told("remove_one"))
    if layer.bias_names is not None and layer.biases is None:
        yield Fault(f"{where}.bias_names", told("there_are_names_but_no"), remedy=told("add_biases"))
    if "biases" in layer.frozen and layer.biases is None and layer.shared_bias is None:
        yield Fault(f"{where}.frozen", told("there_are_no_biases_to"), remedy=told("remove_it_or_add_biases"))


def shortcut_faults(layer: Layer, where: str, number: int, sizes: Sequence[int | None]) -> Iterator[Fault]:
    """Shortcuts come from layers further in front, each from another, with weights that fit."""
    seen: set[int] = set()
    for place, one in enumerate(layer.shortcuts, 1):
        at = f"{where}.shortcuts[{place}]"
        if one.from_layer > number - 2:
            wanted = told("a_layer_before_the_last", most=number - 2) if number > 1 else told("a_layer_in_between")
            yield Fault(f"{at}.from_layer", told("a_shortcut_leads_past_a_layer"), str(one.from_layer), wanted)
        elif one.from_layer in seen:
            remedy = told("put_these_edges_together")
            yield Fault(f"{at}.from_layer", told("there_are_two_shortcuts"), str(one.from_layer), remedy=remedy)
        else:
            yield from matrix_faults(one, at, len(layer.neurons), sizes[one.from_layer])
        seen.add(one.from_layer)


def frozen_faults(layer: Layer, where: str, senders: Sequence[str] | None) -> Iterator[Fault]:
    """What is never updated is there: the weights, the biases, α, single ones of them, or neurons."""
    if senders is None:
        return
    weights = layer.weight_names or [[f"w_{one}_{other}" for other in senders] for one in layer.neurons]
    given: Sequence[Sequence[float | None]] = layer.weights or [[1.0] * len(row) for row in weights]
    pairs = [pair for row in zip(weights, given, strict=False) for pair in zip(*row, strict=False)]
    known = [name for name, value in pairs if value is not None]
    gone = {name for name, value in pairs if value is None}
    if layer.biases is not None:
        known += layer.bias_names or [f"b_{one}" for one in layer.neurons]
    for place, name in enumerate(layer.frozen, 1):
        if name in gone:
            yield Fault(f"{where}.frozen[{place}]", told("no_edge_learns", name=name), remedy=told("remove_it"))
        elif name not in (*WHOLE, *known, *layer.neurons):
            wanted, remedy = choose(name, [*WHOLE, *known, *layer.neurons])
            yield Fault(
                f"{where}.frozen[{place}]", told("nothing_is_called_here", name=name), f'"{name}"', wanted, remedy
            )


def name_faults(inputs: Inputs | None, layers: Sequence[Layer | None]) -> Iterator[Fault]:
    """Every printed name means one thing."""
    seen: dict[str, str] = {}
    named = [("inputs.names", name) for name in (inputs.names if inputs else [])]
    for number, layer in enumerate(layers, 1):
        if layer is None:
            continue
        where = f"layers[{number}]"
        named += [(f"{where}.neurons", name) for name in layer.neurons]
        named += [(f"{where}.weight_names", name) for row in layer.weight_names or [] for name in row]
        named += [(f"{where}.bias_names", name) for name in layer.bias_names or []]
        if layer.shared_bias is not None:
            named.append((f"{where}.shared_bias_name", layer.shared_bias_name or f"b{number}"))
    for where, name in named:
        if name in RESERVED or (name[0] == "t" and name[1:].isdigit()):
            yield Fault(where, told("the_name_is_one_that", name=name), remedy=told("choose_another_name"))
        elif name in seen:
            yield Fault(
                where,
                told("the_name_is_used_twice", name=name),
                remedy=told("it_already_stands_in_choose", value=seen[name]),
            )
        seen.setdefault(name, where)


def sample_faults(table: dict[str, Any], sizes: Sequence[int | None]) -> Iterator[Fault]:
    """A value for each input neuron; a target for each output neuron where there is something to learn."""
    layered = bool(listed(table, "layers"))
    if (layered or "inputs" in table) and not listed(table, "samples") and "data" not in table:
        yield missing("samples", told("add_a_samples_table_or"))
    for number, raw in enumerate(listed(table, "samples"), 1):
        sample = valid(Sample, raw)
        if sample is None:
            continue
        where = f"samples[{number}]"
        if sizes[0] is not None and len(sample.inputs) != sizes[0]:
            yield Fault(
                f"{where}.inputs",
                told("wrong_number_of_values"),
                str(len(sample.inputs)),
                told("one_for_each_input", value=sizes[0]),
            )
        outputs = sizes[-1] if len(sizes) > 1 else None
        if sample.targets is not None and outputs is not None and len(sample.targets) != outputs:
            wanted = told("one_for_each_neuron_of", outputs=outputs)
            yield Fault(f"{where}.targets", told("wrong_number_of_values"), str(len(sample.targets)), wanted)
        if sample.targets is None and layered and ("loss" in table or "update" in table):
            yield missing(f"{where}.targets", told("add_the_targets_or_remove"))


def title_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """A title stands on one line, and it is not all blanks."""
    title = table.get("title")
    for language, text in title.items() if isinstance(title, dict) else ():
        if isinstance(text, str) and "\n" in text.strip():
            yield Fault(f"title.{language}", told("a_title_is_one_line"), text, remedy=told("take_the_line_breaks_out"))


def size_faults(sizes: Sequence[int | None], table: dict[str, Any]) -> Iterator[Fault]:
    """There is a network, and it is not one that fills the memory."""
    if not listed(table, "layers") and not listed(table, "quantities"):
        yield missing("layers", told("add_a_layers_table_or"))
    if listed(table, "layers") and "inputs" not in table:
        yield missing("inputs", told("add_inputs_with_the_names"))
    known = [size or 0 for size in sizes]
    weights = sum(before * after for before, after in pairwise(known))
    if weights > MOST_WEIGHTS:
        yield Fault("layers", told("the_network_has_too_many"), str(weights), told("at_most", most=MOST_WEIGHTS))
