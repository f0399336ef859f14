"""The engine knows nothing about dense layers: a convolution, a softmax, a recurrence and a residual go through it."""

from __future__ import annotations

from collections.abc import Sequence

import mpmath
import numpy as np
import pytest

from stepnn.calculus.compile import compile_quantities
from stepnn.calculus.differentiate import differentiate
from stepnn.network.model import Axis, Network, Quantity, Role
from stepnn.network.names import Names
from stepnn.notation.formula import Formula, Number, Ref, Sum, transform
from stepnn.notation.index import Index, letter_index
from stepnn.notation.parse import parse
from stepnn.notation.printer import Leaf, TextPrinter, joined
from tests.help import all_close, close, exact
from tests.networks import Elements, central_difference


def axis(letter: str, size: int) -> Axis:
    return Axis(letter, tuple(f"{letter}{n + 1}" for n in range(size)))


def bind(formula: Formula, meanings: dict[str, Quantity], letters: dict[str, str], sizes: dict[str, int]) -> Formula:
    """A formula made that of a network: its names become quantities, its sums get their sizes.

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


class Formulas:
    """A network written as formulas, one call for each quantity."""

    def __init__(self) -> None:
        self.quantities: list[Quantity] = []

    def given(self, key: str, role: Role, *axes: Axis) -> Formulas:
        self.quantities.append(Quantity(key, role, key, axes))
        return self

    def define(self, key: str, role: Role, text: str, *axes: Axis, **sizes: int) -> Formulas:
        meanings = {quantity.key: quantity for quantity in self.quantities}
        self.quantities.append(Quantity(key, role, key, axes, bind(parse(text), meanings, {}, sizes)))
        return self

    def network(self) -> Network:
        return Network(tuple(self.quantities))


def check_all_gradients(network: Network, wanted: Sequence[str], seed: int = 0) -> dict[str, str]:
    """Every gradient of every wanted quantity against 50-digit differences; returns the derived formulas as text."""
    backward = differentiate(network, wanted)
    known = [quantity for quantity in network.quantities if quantity.formula is None]
    compiled = compile_quantities(known, [*network.computed, *backward.quantities])
    random = np.random.default_rng(seed)
    arrays = {quantity.key: np.round(random.uniform(-1, 1, quantity.shape), 3) for quantity in known}
    batch = {key: array[None] if key in compiled.samplewise else array for key, array in arrays.items()}
    values = compiled(batch)
    elements: Elements = {
        (key, tuple(map(int, place))): mpmath.mpf(float(array[place]))
        for key, array in arrays.items()
        for place in np.ndindex(*array.shape)
    }
    with mpmath.workdps(50):
        for key in wanted:
            found = values[backward.error_of[key]]
            found = found[0] if backward.error_of[key] in compiled.samplewise else found
            for position in network[key].positions:
                assert close(float(found[position]), central_difference(network, elements, key, position), 1e-10), (
                    key,
                    position,
                )
    names = Names(network.extended(backward.quantities))
    write = TextPrinter(lambda ref: Leaf(names.text(ref)))
    return {q.key: joined(write(q.formula)) for q in backward.quantities if q.formula is not None}


def squared(network: Formulas, key: str, *axes: Axis) -> Network:
    """The network with a squared error on one quantity."""
    letters = ", ".join(one.letter for one in axes)
    sizes = {one.letter: one.size for one in axes}
    total = f"E_each[{letters}]"
    for one in reversed(axes):
        total = f"sum({total}, {one.letter})"
    network.given("t", Role.TARGET, *axes)
    network.define("E_each", Role.OUTPUT_ERROR, f"1/2 * ({key}[{letters}] - t[{letters}])**2", *axes)
    network.define("E", Role.TOTAL_ERROR, total, **sizes)
    return network.network()


@pytest.mark.parametrize(
    ("size", "filters", "stride", "padding"), [(4, 3, 1, 0), (5, 3, 2, 1), (3, 2, 1, 1), (6, 3, 3, 0), (2, 2, 2, 1)]
)
def test_convolution(size: int, filters: int, stride: int, padding: int) -> None:
    """Two dimensions, stride and padding: gradients of filter, bias and picture."""
    out = (size - filters + 2 * padding) // stride + 1
    picture = [axis("m", size), axis("n", size)]
    place = [axis("i", out), axis("j", out)]
    text = f"sum(sum(x[{stride}*i + p - {padding}, {stride}*j + q - {padding}] * f[p, q], q), p) + b"
    network = squared(
        Formulas()
        .given("x", Role.INPUT, *picture)
        .given("f", Role.WEIGHT, axis("p", filters), axis("q", filters))
        .given("b", Role.BIAS)
        .define("y", Role.WEIGHTED_SUM, text, *place, p=filters, q=filters),
        "y", *place,
    )  # fmt: skip
    derived = check_all_gradients(network, ["f", "b", "x"])
    if (stride, padding) == (1, 0):
        assert derived["dE/df"] == "Σ_i Σ_j delta_y_ij · x_i+p-1,j+q-1".replace("delta", "δ")
        assert derived["dE/dx"] == "Σ_p Σ_q δ_y_m-p+1,n-q+1 · f_pq"


def test_convolution_of_published_picture() -> None:
    """13 18 23 / 18 23 28: a 4×5 picture under a 3×3 filter (cross-correlation)."""
    network = (
        Formulas()
        .given("x", Role.INPUT, axis("m", 4), axis("n", 5))
        .given("f", Role.WEIGHT, axis("p", 3), axis("q", 3))
        .define(
            "y", Role.WEIGHTED_SUM, "sum(sum(x[i + p, j + q] * f[p, q], q), p)", axis("i", 2), axis("j", 3), p=3, q=3
        )
        .network()
    )
    x = np.add.outer(np.arange(4.0), np.arange(1.0, 6.0))[None]
    f = np.array([[1.0, 0, 1], [1, 1, 0], [0, 1, 0]])
    compiled = compile_quantities(network.quantities[:2], network.computed)
    assert compiled({"x": x, "f": f})["y"].tolist() == [[[13, 18, 23], [18, 23, 28]]]


def test_softmax_with_both_losses() -> None:
    for loss, formula in (("-t[k] * log(a[k])", "a_k · Σ_m t_m − t_k"), ("1/2 * (a[k] - t[k])**2", None)):
        k = axis("k", 3)
        network = (
            Formulas()
            .given("x", Role.INPUT, axis("j", 2))
            .given("w", Role.WEIGHT, k, axis("j", 2))
            .define("z", Role.WEIGHTED_SUM, "sum(w[k, j] * x[j], j)", k, j=2)
            .define("a", Role.ACTIVATION, "exp(z[k]) / sum(exp(z[m]), m)", k, m=3)
            .given("t", Role.TARGET, k)
            .define("E_each", Role.OUTPUT_ERROR, loss, k)
            .define("E", Role.TOTAL_ERROR, "sum(E_each[k], k)", k=3)
            .network()
        )
        derived = check_all_gradients(network, ["w", "x"])
        if formula:
            assert derived["dE/dz"] == formula


def recurrence(steps: int) -> Network:
    """Elman: h_t = tanh(U x_t + W h_{t−1} + b), y_t = V h_t + c, one quantity for each time step."""
    hidden, out, inside = axis("k", 3), axis("o", 2), axis("j", 3)
    formulas = Formulas().given("h0", Role.INPUT, hidden)
    for key, role, axes in (
        ("U", Role.WEIGHT, (hidden, axis("i", 2))), ("W", Role.WEIGHT, (hidden, inside)), ("b", Role.BIAS, (hidden,)),
        ("V", Role.WEIGHT, (out, hidden)), ("c", Role.BIAS, (out,)),
    ):  # fmt: skip
        formulas.given(key, role, *axes)
    total = []
    for t in range(1, steps + 1):
        formulas.given(f"x{t}", Role.INPUT, axis("i", 2)).given(f"t{t}", Role.TARGET, out)
        text = f"sum(U[k, i] * x{t}[i], i) + sum(W[k, j] * h{t - 1}[j], j) + b[k]"
        formulas.define(f"z{t}", Role.WEIGHTED_SUM, text, hidden, i=2, j=3)
        formulas.define(f"h{t}", Role.ACTIVATION, f"tanh(z{t}[k])", hidden)
        formulas.define(f"y{t}", Role.WEIGHTED_SUM, f"sum(V[o, k] * h{t}[k], k) + c[o]", out, k=3)
        formulas.define(f"E{t}", Role.OUTPUT_ERROR, f"1/2 * (y{t}[o] - t{t}[o])**2", out)
        total.append(f"sum(E{t}[o], o)")
    return formulas.define("E", Role.TOTAL_ERROR, " + ".join(total), o=2).network()


def test_recurrence_shares_its_weights() -> None:
    check_all_gradients(recurrence(3), ["U", "W", "b", "V", "c", "h0"])


def test_recurrence_against_an_exact_run() -> None:
    """Every z, h, y and every gradient of backpropagation through time, from 30-digit arithmetic."""
    case = exact("rnn_elman_3_steps")["cases"]["tanh"]
    given, wanted = case["parameters"], case["values"]
    network = recurrence(3)
    backward = differentiate(network, ["U", "W", "b", "V", "c", "h0", "x1"])
    known = [quantity for quantity in network.quantities if quantity.formula is None]
    compiled = compile_quantities(known, [*network.computed, *backward.quantities])
    arrays = {key: np.array(given[key], float) for key in ("U", "W", "b", "V", "c")}
    arrays["h0"] = np.array([given["h0"]], float)
    for t in range(3):
        arrays[f"x{t + 1}"] = np.array([given["x"][t]], float)
        arrays[f"t{t + 1}"] = np.array([given["targets"][t]], float)
    values = compiled(arrays)
    for t in range(3):
        for key in "zhy":
            assert all_close(values[f"{key}{t + 1}"][0], wanted[key][t])
        assert all_close(values[f"dE/dz{t + 1}"][0], wanted["dz"][t])
    assert close(float(values["E"][0]), wanted["loss"])
    for key in ("U", "W", "b", "V", "c"):
        assert all_close(np.ravel(values[f"dE/d{key}"]), np.ravel(wanted[f"d{key}"])), key
    assert all_close(values["dE/dh0"][0], wanted["dh0"])


def test_quantity_used_twice_adds_up() -> None:
    """A residual connection: x goes around the layer and through it."""
    k = axis("k", 2)
    formulas = Formulas().given("x", Role.INPUT, k).given("w", Role.WEIGHT, k, axis("j", 2))
    formulas.define("z", Role.WEIGHTED_SUM, "sum(w[k, j] * x[j], j)", k, j=2)
    formulas.define("a", Role.ACTIVATION, "x[k] + tanh(z[k]) * x[k]", k)
    check_all_gradients(squared(formulas, "a", k), ["w", "x"])


def test_fixed_position_is_kept_apart() -> None:
    """A formula that reads one fixed element: the other elements get no error from it."""
    k = axis("k", 3)
    formulas = Formulas().given("x", Role.INPUT, k).define("a", Role.ACTIVATION, "x[1] * x[k]", k)
    check_all_gradients(squared(formulas, "a", k), ["x"])


def test_cost_depends_on_formulas_not_on_neurons() -> None:
    """The derived formulas of a 2-2-2 and a 300-200-100 network are the same, sizes aside."""
    from tests.help import lesson_table, setup_of

    def texts(sizes: tuple[int, int, int]) -> list[str]:
        layers = [
            {
                "neurons": [f"{name}{n}" for n in range(size)],
                "activation": "sigmoid",
                "weights": [[0.1] * before] * size,
            }
            for name, before, size in (("h", sizes[0], sizes[1]), ("o", sizes[1], sizes[2]))
        ]
        sample = {"inputs": [0.1] * sizes[0], "targets": [0.1] * sizes[2]}
        fields = {"loss": "half_squared_error", "update": "gradient descent", "learning_rate": 0.5}
        network = setup_of(lesson_table(layers, [sample], **fields)).network
        found = differentiate(network).quantities
        names = Names(network.extended(found))
        write = TextPrinter(lambda ref: Leaf(names.text(ref)))
        return [joined(write(quantity.formula)) for quantity in found if quantity.formula is not None]

    assert texts((2, 2, 2)) == texts((300, 200, 100))
