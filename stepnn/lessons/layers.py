"""`[[layers]]` opened into `[[quantities]]`: the same network, written in the one language that all the rest reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepnn.book.functions import ACTIVATIONS, ActivationRule
from stepnn.layers.kinds.plain import SHORTCUTS
from stepnn.lessons.drawing import first_weights
from stepnn.lessons.regularization import DATA, rows_of
from stepnn.lessons.schema import Layer, Lesson, OwnQuantity, Shortcut

LETTERS = "ijklmnpqrsuvcdfgh"  # one for each layer, from the input on; e and o are too like E and 0
WHOLE = ("weights", "biases", "alpha")  # what is frozen of a layer as a whole
OF_SAMPLES = "nsyvbg"  # one that no layer has numbers samples that go through the network together


def layer_letter(number: int) -> str:
    """The index letter of a layer: i for the input, j, k, l … for the layers behind it."""
    turn, place = divmod(number, len(LETTERS))
    return LETTERS[place] + (str(turn) if turn else "")


def sample_letter(lesson: Lesson) -> str:
    used = {layer_letter(number) for number in range(len(lesson.layers) + 1)}
    return next(letter for letter in OF_SAMPLES if letter not in used)


def opened(lesson: Lesson) -> list[OwnQuantity]:
    """Weights, biases and a dense layer for each of the layers, and what their answer is compared by."""
    found: list[OwnQuantity] = []
    before = "x"
    for number, layer in enumerate(lesson.layers, 1):
        senders = len(lesson.inputs.names) if number == 1 and lesson.inputs else len(lesson.layers[number - 2].neurons)
        found += parameters(lesson, layer, number, senders)
        normalized = lesson.normalization == "batch" and number < len(lesson.layers)
        found += neurons(layer, number, before, normalized)
        before = f"a{number}"
    if lesson.layers and (loss := loss_of(lesson)) is not None:
        last, penalty = len(lesson.layers), lesson.regularization
        name = {"name": DATA} if penalty is not None else {}
        more = [row(**one) for one in rows_of(penalty, found, last)] if penalty is not None else []
        found += [row(last, kind="loss", of={"a": before}, settings={"loss": loss}, **name), *more]
    return found


def loss_of(lesson: Lesson) -> str | None:
    """What the answer of the last layer is compared by, if it is."""
    return "perceptron" if lesson.update == "perceptron" else lesson.loss


def row(layer: int, **fields: Any) -> OwnQuantity:
    """A table of `[[quantities]]`. What is in it has been checked where it stood."""
    return OwnQuantity.model_construct(layer=layer, **fields)


def neurons(layer: Layer, number: int, before: str, normalized: bool) -> list[OwnQuantity]:
    """The layer as kinds of layers: dense, and where it is normalised, that in front of its activation."""
    own = {"suffix": str(number), "neurons": layer.neurons}
    activation = {"activation": layer.activation}
    of = {"x": before}
    for (s, v), one in zip(SHORTCUTS, layer.shortcuts, strict=False):
        of |= {s: f"a{one.from_layer}" if one.from_layer else "x", v: shortcut_name(number, one)}
    if not normalized:
        return [row(number, kind="dense", of=of, settings=activation, **own)]
    z, hat = f"z{number}", f"z_hat{number}"
    return [
        row(number, kind="dense", of=of, **own),
        row(number, kind="batch normalization", of={"x": z}, name=hat, suffix=str(number)),
        row(number, kind="activation", of={"z": hat}, settings=activation, suffix=str(number)),
    ]


def parameters(lesson: Lesson, layer: Layer, number: int, senders: int) -> list[OwnQuantity]:
    """The given numbers of a layer. `learned` are those that an update may change."""
    to, by = layer_letter(number), layer_letter(number - 1)
    names = [name for line in layer.weight_names or [] for name in line]
    single = {"frozen": [name for name in layer.frozen if name not in WHOLE]}
    weights, learned = weights_of(lesson, layer, number, senders), "weights" not in layer.frozen
    found = [
        row(number, name=f"w{number}", index=f"{to}, {by}", values=weights, names=names, learned=learned, **single)
    ]
    for one in layer.shortcuts:
        names = [name for line in one.weight_names or [] for name in line]
        index = f"{to}, {layer_letter(one.from_layer)}"
        found.append(
            row(
                number,
                name=shortcut_name(number, one),
                index=index,
                values=one.weights,
                names=names,
                learned=learned,
                **single,
            )
        )
    learned = "biases" not in layer.frozen
    if layer.shared_bias is not None:
        name = f"b{number}"
        names = [layer.shared_bias_name or name]
        found.append(row(number, name=name, values=layer.shared_bias, names=names, learned=learned))
    elif layer.biases is not None:
        names = layer.bias_names or []
        found.append(
            row(number, name=f"b{number}", index=to, values=layer.biases, names=names, learned=learned, **single)
        )
    rule = built_in(lesson, layer)
    alpha = layer.alpha if layer.alpha is not None else rule.alpha if rule else None
    if alpha is not None:
        name, learned = f"alpha{number}", rule is not None and rule.learned and "alpha" not in layer.frozen
        found.append(row(number, name=name, values=alpha, names=[name], learned=learned))
    return found


def shortcut_name(number: int, shortcut: Shortcut) -> str:
    """What the weights of a shortcut are called inside: those from layer 0 to layer 2 are w2_0."""
    return f"w{number}_{shortcut.from_layer}"


def weights_of(lesson: Lesson, layer: Layer, number: int, senders: int) -> Sequence[Sequence[float | None]]:
    """The given weights, or drawn ones."""
    if layer.weights is not None:
        return layer.weights
    drawn = first_weights(lesson.init, lesson.weight_seed, number, senders, len(layer.neurons))
    return [list(drawn[start : start + senders]) for start in range(0, len(drawn), senders)]


def built_in(lesson: Lesson, layer: Layer) -> ActivationRule | None:
    """The rule of the book for a layer's activation; none where the lesson has one of that name itself."""
    if not isinstance(layer.activation, str) or layer.activation in lesson.activations:
        return None
    return ACTIVATIONS.get(layer.activation)


def with_biases(lesson: Lesson, kind: str | None) -> Lesson:
    """The lesson with its biases frozen, shared by a layer, or trained one by one."""
    layers = lesson.layers if kind is None else [rebiased(layer, kind) for layer in lesson.layers]
    return lesson.model_copy(update={"layers": layers})


def rebiased(layer: Layer, kind: str) -> Layer:
    values = layer.biases or ([layer.shared_bias] * len(layer.neurons) if layer.shared_bias is not None else None)
    if values is None:
        return layer
    frozen = [field for field in layer.frozen if field != "biases"] + (["biases"] if kind == "frozen" else [])
    fields: dict[str, Any] = {"frozen": frozen, "biases": values, "bias_names": None, "shared_bias": None}
    if kind == "shared":
        fields |= {"biases": None, "shared_bias": sum(values) / len(values)}
    return layer.model_copy(update=fields)
