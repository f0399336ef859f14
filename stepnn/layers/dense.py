"""A dense layer and the loss as quantities, from the formulas of the book."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from stepnn.book.functions import ACTIVATIONS, LossRule
from stepnn.layers.batch import normalized
from stepnn.network.model import Axis, Quantity, Role
from stepnn.notation.formula import (
    Divide,
    Formula,
    Index,
    Multiply,
    Number,
    Ref,
    Sum,
    letter_index,
    multiply,
    transform,
)
from stepnn.notation.parse import read

WEIGHTED_SUM = "sum(w[k, j] * a[j], j)"
WEIGHTED_SUM_WITH_BIAS = "sum(w[k, j] * a[j], j) + b[k]"
LETTERS = "ijklmnpqrsuvcdfgh"  # one for each layer, from the input on; e and o are too like E and 0


def layer_letter(number: int) -> str:
    """The index letter of a layer: i for the input, j, k, l … for the layers behind it."""
    turn, place = divmod(number, len(LETTERS))
    return LETTERS[place] + (str(turn) if turn else "")


def bind(formula: Formula, meanings: dict[str, Quantity], letters: dict[str, str], sizes: dict[str, int]) -> Formula:
    """A formula of the book made that of a network: its names become quantities, its sums get their sizes.

    `letters` renames the formula's index letters; a name without an index gets those of its quantity.
    """

    def change(part: Formula) -> Formula | None:
        match part:
            case Ref("n", ()) if "n" in sizes:
                return Number(sizes["n"])
            case Ref(name, index):
                quantity = meanings[name]
                where = {old: letter_index(new) for old, new in letters.items()}
                named: tuple[Index, ...] = tuple(one.replace(where) for one in index) or quantity.general.index
                return Ref(quantity.key, named)
            case Sum(letter, _, body):
                return Sum(letters.get(letter, letter), sizes[letter], bind(body, meanings, letters, sizes))
        return None

    return transform(formula, change)


@dataclass(frozen=True)
class DenseLayer:
    """What a dense layer is made of. `names` are the printed names of weights and biases, row by row, or ()."""

    number: int
    neurons: tuple[str, ...]
    activation: str
    formula: str | None = None  # of an activation that the lesson defines
    bias: str = "none"  # none, own (one per neuron) or shared (one for the layer)
    weight_names: tuple[str, ...] = ()
    bias_names: tuple[str, ...] = ()
    has_alpha: bool = False
    normalized: bool = False  # over a batch, see layers.batch


def dense(layer: DenseLayer, before: Quantity) -> list[Quantity]:
    """Weights, biases, weighted sum and activation of one layer; `before` is the activation that it receives."""
    number = layer.number
    axis = Axis(layer_letter(number), layer.neurons)
    sender = before.axes[0]
    weight = Quantity(f"w{number}", Role.WEIGHT, "w", (axis, sender), names=layer.weight_names, layer=number)
    bias = Quantity(
        f"b{number}", Role.BIAS, "b", (axis,) if layer.bias == "own" else (), names=layer.bias_names, layer=number
    )
    meanings = {"w": weight, "a": before, "b": bias}
    letters = {"k": axis.letter, "j": sender.letter}
    text = (
        WEIGHTED_SUM
        if layer.bias == "none"
        else WEIGHTED_SUM_WITH_BIAS.replace("b[k]", "b" if layer.bias == "shared" else "b[k]")
    )
    formula = bind(read(text), meanings, letters, {"j": sender.size})
    z = Quantity(f"z{number}", Role.WEIGHTED_SUM, "z", (axis,), formula, layer=number)
    found = [weight, *([bias] if layer.bias != "none" else []), z]
    alpha = Quantity(f"alpha{number}", Role.ACTIVATION_PARAMETER, "alpha", (), names=(f"alpha{number}",), layer=number)
    found += [alpha] if layer.has_alpha else []
    if layer.normalized:
        found += normalized(z)
    return [*found, activated(layer, axis, found[-1] if layer.normalized else z, alpha)]


def activated(layer: DenseLayer, axis: Axis, z: Quantity, alpha: Quantity) -> Quantity:
    """a = f(z)."""
    text = layer.formula or ACTIVATIONS[layer.activation].formula
    letters = {"k": axis.letter, "m": "m" if axis.letter != "m" else "n"}
    formula = bind(read(text), {"z": z, "alpha": alpha}, letters, {"m": axis.size})
    return Quantity(
        f"a{layer.number}", Role.ACTIVATION, "a", (axis,), formula, layer=layer.number, function=layer.activation
    )


def loss(name: str, rule: LossRule, output: Quantity) -> list[Quantity]:
    """Targets, the error of each output neuron, and the error of them all."""
    axis = output.axes[0]
    target = targets(output)
    letters = {"k": axis.letter}
    each = bind(read(rule.each), {"a": output, "t": target}, letters, {})
    errors = Quantity("E_each", Role.OUTPUT_ERROR, "E", (axis,), each, layer=output.layer, function=name)
    sizes = {"k": axis.size, "n": axis.size}
    total = as_fractions(bind(read(rule.total), {"E": errors}, letters, sizes))
    return [target, errors, Quantity("E", Role.TOTAL_ERROR, "E", (), total, layer=output.layer, function=name)]


def targets(output: Quantity) -> Quantity:
    axis = output.axes[0]
    names = tuple(f"t{number}" for number in range(1, axis.size + 1))
    return Quantity("t", Role.TARGET, "t", (axis,), names=names, layer=output.layer)


def as_fractions(formula: Formula) -> Formula:
    """`1 / 3` of two plain numbers as the fraction ⅓."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Divide(Number(int(top)), Number(int(bottom))):
                return Number(Fraction(top, bottom))
            case Multiply(factors):
                return multiply(*(as_fractions(factor) for factor in factors))
        return None

    return transform(formula, change)


def perceptron_error(output: Quantity) -> list[Quantity]:
    """Targets, and what each output neuron got wrong: e = t − a, which is −1, 0 or 1."""
    axis = output.axes[0]
    target = targets(output)
    formula = bind(read("t[k] - a[k]"), {"a": output, "t": target}, {"k": axis.letter}, {})
    return [target, Quantity("e", Role.OUTPUT_ERROR, "e", (axis,), formula, layer=output.layer, function="perceptron")]
