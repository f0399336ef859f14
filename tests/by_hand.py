"""The lessons of parts 1 to 3 worked out as one does by hand: nothing of stepnn takes part.

Each lesson is a function from the given numbers by name, as they stand in `key.json`, to a table for each pass:
symbol to value. Derivatives are typed in here, from the textbooks; stepnn derives its own. `keep` is what is done to
each result before it is used again: nothing, or rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import exp, log, tanh

Numbers = dict[str, float]
Keep = Callable[[float], float]
Lesson = Callable[[Numbers, Keep], list[Numbers]]


def rounding(digits: int) -> Keep:
    """Rounds as in school. A result that this would make 0 keeps its first digits, as it does on the page."""

    def keep(value: float) -> float:
        exact = Decimal(f"{value:.15g}")
        exact = round(exact, 14) if 1e-6 < abs(exact) < 1 else exact  # what sums of numbers near 1 leave behind
        found = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        if found == 0 and value != 0:
            found = exact.quantize(Decimal(1).scaleb(exact.adjusted() - max(digits - 1, 0)), ROUND_HALF_UP)
        return float(found)

    return keep


def significant(digits: int) -> Keep:
    """Rounds to so many significant digits."""

    def keep(value: float) -> float:
        exact = Decimal(f"{value:.15g}")
        exact = round(exact, 14) if 1e-6 < abs(exact) < 1 else exact
        if not exact:
            return 0.0
        return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_HALF_UP))

    return keep


class Pass(Numbers):
    """The results of one pass, each kept as it is written in."""

    def __init__(self, keep: Keep) -> None:
        super().__init__()
        self.keep = keep

    def __setitem__(self, symbol: str, value: float) -> None:
        super().__setitem__(symbol, self.keep(value))


def sigmoid(z: float) -> float:
    return 1 / (1 + exp(-z))


def relu(z: float) -> float:
    return max(z, 0.0)


SLOPES = {sigmoid: lambda z, a: a * (1 - a), relu: lambda z, a: float(z > 0)}


@dataclass
class Layer:
    """Names of neurons, of their weights row by row, and of their biases."""

    neurons: list[str]
    weights: list[list[str]]
    biases: list[str] | None = None
    activation: Callable[[float], float] = sigmoid


def forward(layers: list[Layer], inputs: list[str], at: Numbers, out: Pass, number: int = 0) -> None:
    """z = Σ w·x + b and a = f(z), layer by layer. `number` is that of the sample, if there are several."""
    senders = [at[f"{name}@{number}" if number else name] for name in inputs]
    for layer in layers:
        for place, neuron in enumerate(layer.neurons):
            total = sum(at[w] * x for w, x in zip(layer.weights[place], senders, strict=True))
            out[f"z_{neuron}"] = total + (at[layer.biases[place]] if layer.biases else 0.0)
            out[f"a_{neuron}"] = layer.activation(out[f"z_{neuron}"])
        senders = [out[f"a_{neuron}"] for neuron in layer.neurons]


def half_squared_errors(neurons: list[str], at: Numbers, out: Pass) -> None:
    for place, neuron in enumerate(neurons, 1):
        out[f"E_{neuron}"] = (at[f"t{place}"] - out[f"a_{neuron}"]) ** 2 / 2
    out["E"] = sum(out[f"E_{neuron}"] for neuron in neurons)


def backward(layers: list[Layer], inputs: list[str], at: Numbers, out: Pass) -> None:
    """δ = ∂E/∂a · f′(z), ∂E/∂w = δ · what comes in, w_new = w − η · ∂E/∂w; all with the weights from before."""
    for depth in reversed(range(len(layers))):
        layer = layers[depth]
        for place, neuron in enumerate(layer.neurons):
            if depth == len(layers) - 1:
                slope = out[f"a_{neuron}"] - at[f"t{place + 1}"]
            else:
                after = layers[depth + 1]
                slope = sum(
                    out[f"delta_{one}"] * at[row[place]] for one, row in zip(after.neurons, after.weights, strict=True)
                )
            out[f"dE_da_{neuron}"] = slope
            out[f"da_dz_{neuron}"] = SLOPES[layer.activation](out[f"z_{neuron}"], out[f"a_{neuron}"])
            out[f"delta_{neuron}"] = out[f"dE_da_{neuron}"] * SLOPES[layer.activation](
                out[f"z_{neuron}"], out[f"a_{neuron}"]
            )
        senders = [at[x] for x in inputs] if depth == 0 else [out[f"a_{one}"] for one in layers[depth - 1].neurons]
        gradients(layer, senders, at, out)


def gradients(layer: Layer, senders: list[float], at: Numbers, out: Pass) -> None:
    for neuron, row in zip(layer.neurons, layer.weights, strict=True):
        for weight, sender in zip(row, senders, strict=True):
            out[f"dz_d{weight}"] = sender
            out[f"dE_d{weight}"] = out[f"delta_{neuron}"] * sender
            out[f"{weight}_new"] = at[weight] - at["eta"] * out[f"dE_d{weight}"]


def dense(layers: list[Layer], inputs: list[str], learns: bool = True, samples: int = 1) -> Lesson:
    """Sigmoid or ReLU layers; forward only for each sample, or one update and forward once more."""

    def lesson(given: Numbers, keep: Keep) -> list[Numbers]:
        passes = [Pass(keep) for _ in range(2 if learns else samples)]
        for number, out in enumerate(passes, 1):
            at = {**given, **{name.removesuffix("_new"): passes[0][name] for name in passes[0] if "_new" in name}}
            forward(layers, inputs, at if number == 2 and learns else given, out, number if samples > 1 else 0)
            if learns:
                half_squared_errors(layers[-1].neurons, given, out)
                if number == 1:
                    backward(layers, inputs, given, out)
        return list(passes)

    return lesson


def softmax(given: Numbers, keep: Keep) -> list[Numbers]:
    """E = −Σ t · ln a. ∂a_k/∂z_m = a_k·(1 − a_k) for k = m, else −a_k·a_m; δ = a − t (Bishop 2006, eq. 4.106, 4.109)."""
    outputs = ("o1", "o2", "o3")
    weights = [["w1", "w2"], ["w3", "w4"], ["w5", "w6"]]
    layer = Layer(list(outputs), weights)
    first, second = Pass(keep), Pass(keep)
    for out in (first, second):
        at = {**given, **{name.removesuffix("_new"): first[name] for name in first if "_new" in name}}
        for neuron, row in zip(outputs, weights, strict=True):
            out[f"z_{neuron}"] = at[row[0]] * at["x1"] + at[row[1]] * at["x2"]
        powers = [exp(out[f"z_{neuron}"]) for neuron in outputs]
        for place, neuron in enumerate(outputs):
            out[f"a_{neuron}"] = powers[place] / sum(powers)
            out[f"E_{neuron}"] = -at[f"t{place + 1}"] * log(out[f"a_{neuron}"])
        out["E"] = sum(out[f"E_{neuron}"] for neuron in outputs)
        if out is first:
            for place, k in enumerate(outputs, 1):
                out[f"dE_da_{k}"] = -given[f"t{place}"] / out[f"a_{k}"]
                for m in outputs:
                    name = f"da_dz_{k}" if k == m else f"da_{k}_dz_{m}"
                    out[name] = out[f"a_{k}"] * ((k == m) - out[f"a_{m}"])
                out[f"delta_{k}"] = out[f"a_{k}"] - given[f"t{place}"]
            gradients(layer, [given["x1"], given["x2"]], given, out)
    return [first, second]


def perceptron(bias: bool) -> Lesson:
    """w + η · (t − a) · x after each sample (Rosenblatt 1958). Without a bias the third input is always −1."""
    weights = ["w1", "w2"] if bias else ["w1", "w2", "w3"]

    def lesson(given: Numbers, keep: Keep) -> list[Numbers]:
        now, passes = dict(given), []
        for number in range(1, 5):
            out = Pass(keep)
            x = {weight: given[f"x{weight[1]}@{number}"] for weight in weights} | ({"b1": 1.0} if bias else {})
            out["z_o1"] = sum(now[name] * x[name] for name in x)
            out["a_o1"] = float(out["z_o1"] >= 0)
            out["e_o1"] = given[f"t1@{number}"] - out["a_o1"]
            for name in x:
                out[f"{name}_new"] = now[name] + given["eta"] * out["e_o1"] * x[name]
                now[name] = out[f"{name}_new"]
            passes.append(out)
        return list(passes)

    return lesson


def activations(given: Numbers, keep: Keep) -> list[Numbers]:
    """Functions and derivatives as in any textbook; softplus, ELU and the rest by their own definitions."""
    out, alpha = Pass(keep), given["alpha"]
    for n in range(1, 6):
        z = given[f"z_{n}"]
        s = keep(sigmoid(z))
        pairs = {
            "step": (float(z >= 0), 0.0),
            "sigmoid": (s, s * (1 - s)),
            "tanh": (tanh(z), 1 - keep(tanh(z)) ** 2),
            "relu": (relu(z), float(z > 0)),
            "leaky": (z if z > 0 else 0.01 * z, 1.0 if z > 0 else 0.01),
            "prelu": (z if z > 0 else alpha * z, 1.0 if z > 0 else alpha),
        }
        for name, (value, slope) in pairs.items():
            out[f"{name}_{n}"], out[f"d{name}_dz_{n}"] = value, slope
    return [out]


def linear_collapse(given: Numbers, keep: Keep) -> list[Numbers]:
    """Two products, or one with V = W2·W1; then with tanh between."""
    out = Pass(keep)
    x, two = [given["x_1"], given["x_2"]], (1, 2)
    for j in two:
        out[f"h_{j}"] = sum(given[f"W1_{j}_{i}"] * x[i - 1] for i in two)
        out[f"a_{j}"] = tanh(out[f"h_{j}"])
    for k in two:
        out[f"y_{k}"] = sum(given[f"W2_{k}_{j}"] * out[f"h_{j}"] for j in two)
        out[f"v_{k}"] = sum(given[f"W2_{k}_{j}"] * out[f"a_{j}"] for j in two)
        for i in two:
            out[f"V_{k}_{i}"] = sum(given[f"W2_{k}_{j}"] * given[f"W1_{j}_{i}"] for j in two)
        out[f"u_{k}"] = sum(out[f"V_{k}_{i}"] * x[i - 1] for i in two)
    return [out]


def error_sharing(given: Numbers, keep: Keep) -> list[Numbers]:
    """In proportion to the weights, and without dividing (Rashid 2016, Make Your Own Neural Network)."""
    out, two = Pass(keep), (1, 2)
    for kind in ("split", "plain"):
        errors = [given["e_1"], given["e_2"]]
        for matrix, letter in (("W2", "h"), ("W1", "i")):
            rows = [[given[f"{matrix}_{k}_{j}"] for j in two] for k in two]
            shared = [
                sum(
                    error * row[j - 1] / (sum(row) if kind == "split" else 1)
                    for error, row in zip(errors, rows, strict=True)
                )
                for j in two
            ]
            for j, value in zip(two, shared, strict=True):
                out[f"{kind}_{letter}_{j}"] = value
            errors = [out[f"{kind}_{letter}_{j}"] for j in two]
    return [out]


def names(letter: str, rows: int, columns: int, first: int = 1) -> list[list[str]]:
    """w1, w2, …, row by row."""
    return [[f"{letter}{first + row * columns + column}" for column in range(columns)] for row in range(rows)]


def between(receivers: list[str], senders: list[str]) -> list[list[str]]:
    """Weights that are called by their neurons."""
    return [[f"w_{one}_{other}" for other in senders] for one in receivers]


INPUTS, HIDDEN, OUTPUTS = (["x1", "x2", "x3"], ["h1", "h2", "h3"], ["o1", "o2", "o3", "o4"])
LESSONS: dict[str, Lesson] = {
    "neuron": dense([Layer(["o1"], names("w", 1, 3), ["b1"])], INPUTS, learns=False, samples=2),
    "activations": activations,
    "perceptron": perceptron(bias=False),
    "xor-impossible": perceptron(bias=True),
    "linear-collapse": linear_collapse,
    "matrix": dense(
        [Layer(OUTPUTS, between(OUTPUTS, INPUTS), [f"b_{o}" for o in OUTPUTS], relu)], INPUTS, learns=False
    ),
    "forward": dense(
        [Layer(HIDDEN, between(HIDDEN, INPUTS)), Layer(OUTPUTS[:3], between(OUTPUTS[:3], HIDDEN))], INPUTS, learns=False
    ),
    "backprop": dense([Layer(HIDDEN[:2], names("w", 2, 2)), Layer(OUTPUTS[:2], names("w", 2, 2, 5))], INPUTS[:2]),
    "backprop-bias": dense(
        [Layer(HIDDEN[:2], names("w", 2, 2), ["b1", "b1"]), Layer(OUTPUTS[:2], names("w", 2, 2, 5), ["b2", "b2"])],
        INPUTS[:2],
    ),
    "delta-rule": dense([Layer(HIDDEN, names("w", 3, 2)), Layer(OUTPUTS[:2], names("w", 2, 3, 7))], INPUTS[:2]),
    "error-sharing": error_sharing,
    "softmax": softmax,
}
