"""What a step is called, and why it is done, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable

from stepnn.model import Quantity, Role
from stepnn.notation.formula import Ref
from stepnn.notation.names import Name, label_name
from stepnn.notation.numbers import given
from stepnn.trace.step import Kind, Phase, Step
from stepnn.words import Catalogue

NameOf = Callable[[Name], str]


def as_text(name: Name) -> str:
    return name.text


def parts(step: Step, write: NameOf) -> dict[str, str]:
    """What the sentences speak about: the neuron, and for a derivative its top and bottom, names as written."""
    forms = step.moment.forms
    found = {"name": step.symbol, "neuron": "", "of": "", "top": "", "rate": ""}
    found["number"] = str(step.pass_number)
    if "eta" in step.moment.values:
        found["rate"] = given(float(step.moment.values["eta"])).text
    quantity, ref = step.quantity, step.ref
    if quantity is None:
        return found
    found["name"] = write(forms.names.of(ref or quantity.general))
    if ref is not None and quantity.axes:
        found["neuron"] = write(label_name(quantity.axes[0].labels[ref.index[0].constant]))
    if quantity.wrt is not None:
        where = dict(zip(quantity.letters, ref.index, strict=True)) if ref is not None else {}
        top, bottom = (Ref(one.name, tuple(index.replace(where) for index in one.index)) for one in quantity.wrt)
        found["top"], found["of"] = write(forms.names.of(top)), write(forms.names.of(bottom))
    if quantity.role is Role.UPDATED:
        below = Ref(quantity.glyph, ref.index if ref is not None else quantity.general.index)
        found["of"] = write(forms.names.of(below))
    return found


def title(step: Step, words: Catalogue, write: NameOf = as_text) -> str:
    """The step in a few words: `δ of output neuron o1`."""
    known = parts(step, write)
    if step.kind is Kind.LAYER:
        return words(
            "title.layer",
            layer=layer_name(step.moment.forms.network.layers, step.layer, words),
            phase=words(f"phase.{step.phase.value}"),
        )
    if step.kind is Kind.TERM:
        return words("title.term", number=step.symbol.rpartition("_")[2], name=known["name"])
    if step.ref is None and step.quantity is not None:
        layer = layer_name(step.moment.forms.network.layers, step.layer, words)
        return words(f"title.overview.{key(step)}", layer=layer)
    if step.ref is not None and step.quantity is not None and not step.quantity.axes and step.kind is Kind.OUTPUT_ERROR:
        return words("title.total_error")
    return words.first(f"title.{key(step)}.{place(step)}", f"title.{key(step)}", **known)


def why(step: Step, words: Catalogue, write: NameOf = as_text) -> str:
    """Why this is computed, in one or two sentences."""
    known = parts(step, write)
    if step.ref is None and step.quantity is not None:
        return words("why.overview")
    if step.kind is Kind.TOTAL_ERROR and not step.moment.made_in and is_only_output(step):
        return words("why.total_error_of_one.any")
    options = [f"why.{key(step)}.{variant}" for variant in variants(step)]
    said = words.first(*options, f"why.{key(step)}", **known)
    return f"{said} {words(f'why.sends.{place(step)}', **known)}" if step.kind is Kind.ACTIVATION else said


def is_only_output(step: Step) -> bool:
    """Whether the network has a single output neuron."""
    return step.moment.forms.network.with_role(Role.ACTIVATION)[-1].count == 1


def key(step: Step) -> str:
    return step.kind.value.replace(" ", "_")


def place(step: Step) -> str:
    """Whether the step belongs to an output neuron or a hidden one."""
    return "output" if step.layer == step.moment.forms.network.layers else "hidden"


def variants(step: Step) -> list[str]:
    """The special cases of a sentence, the most special first."""
    quantity, network = step.quantity, step.moment.forms.network
    found: list[str] = []
    if step.moment.made_in and step.kind in (Kind.WEIGHTED_SUM, Kind.TOTAL_ERROR):
        found.append("again" if network.total_error is not None else "next_sample")
    if step.kind is Kind.WEIGHT_UPDATE and step.layer > 1:
        found.append("aside")
    if step.kind is Kind.WEIGHTED_SUM:
        found.append(
            "bias" if any(q.role is Role.BIAS and q.layer == step.layer for q in network.quantities) else "plain"
        )
    if quantity is not None and step.kind in (Kind.ACTIVATION, Kind.OUTPUT_ERROR):
        found.append(quantity.function)
    if quantity is not None and step.kind is Kind.ACTIVATION_SLOPE and quantity.wrt is not None:
        found.append(network[quantity.wrt[0].name].function)
    if step.kind is Kind.GRADIENT and quantity is not None and quantity.wrt is not None:
        found += gradient_variants(step, network[quantity.wrt[1].name])
    if step.kind is Kind.PERCEPTRON_UPDATE and step.ref is not None:
        found.append("right" if not step.moment.values["e"].any() else "wrong")
    if step.kind is Kind.TERM and quantity is not None:
        found.append(quantity.role.value.replace(" ", "_"))
    if step.kind in (Kind.ERROR_SLOPE, Kind.DELTA):
        found.append(place(step))
    return [*found, "any"]


def gradient_variants(step: Step, parameter: Quantity) -> list[str]:
    if parameter.role is Role.WEIGHT:
        return ["chain" if step.in_full else "weight"]
    if parameter.role is Role.BIAS:
        return ["bias" if parameter.axes else "shared_bias"]
    return []


def layer_name(layers: int, number: int, words: Catalogue) -> str:
    """`hidden layer`, `hidden layer 2`, `output layer`."""
    if number == layers:
        return words("label.output_layer")
    return words("label.hidden_layer") if layers == 2 else words("label.hidden_layer_n", number=number)


def turn_name(step: Step, words: Catalogue, samples: int) -> list[str]:
    """Which pass or epoch and which sample a step belongs to."""
    if samples == 1:
        return [words("label.pass", number=step.pass_number)]
    by_epochs = step.moment.forms.network.total_error is None and step.moment.has_learned
    turn = words("label.epoch", number=(step.pass_number - 1) // samples + 1)
    first = turn if by_epochs else words("label.pass", number=step.pass_number)
    return [first, words("label.sample", number=step.sample)]


def phase_name(step: Step, words: Catalogue) -> str:
    """The part of the walk that the step belongs to."""
    return words(f"phase.{step.phase.value if step.kind is not Kind.PASS else Phase.FORWARD.value}")
