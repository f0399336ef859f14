"""Published calculations beyond dense networks, lessons as formulas only, and what is wrong with some of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

import stepnn
from stepnn.drawing.board import step_board
from stepnn.layers.kinds import KINDS
from stepnn.lessons.read import load_lesson
from stepnn.notation.evaluate import evaluate
from stepnn.trace.texts import conventions
from stepnn.trace.trace import Trace
from stepnn.words import LANGUAGES, catalogue
from tests.conftest import Run, toml
from tests.help import ROOT, WORDS, close, exact, floats, published, published_table, trace_of
from tests.networks import central_difference, given_elements

LEARNS: dict[str, Any] = {"error": "E", "update": "gradient descent", "learning_rate": 0.1}
FORMULAS = sorted((ROOT / "docs" / "formulas").glob("*.toml"))


def own(name: str = "", index: str = "", values: Any = None, learned: bool = False, **fields: Any) -> dict[str, Any]:
    given = {} if values is None else {"index": index, "values": floats(values), "learned": learned}
    return {"name": name, **({"index": index} if index and not given else {}), **given, **fields}


def table(*quantities: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "format_version": 1, "id": "made", "title": WORDS, "goal": WORDS, "introduction": WORDS, **fields,
        "quantities": list(quantities), "closing": {"question": WORDS, "answer": WORDS},
    }  # fmt: skip


def same(trace: Trace, wanted: dict[str, Any], moment: int = 0) -> None:
    """Every wanted array, by quantity key, to 1e-12."""
    for key, numbers in wanted.items():
        found, right = trace.moments[moment].values[key], np.array(numbers, float)
        assert np.shape(found) == right.shape, key
        assert np.all(np.abs(found - right) <= 1e-12 * np.maximum(1, np.abs(right))), key


def passed_back(name: str, index: str, values: Any) -> list[dict[str, Any]]:
    """An error whose slope by each element is just the given number."""
    return [own("g", index, values), own("E", formula=f"sum(g[{index}] * {name}[{index}], {index})")]


def test_convolution() -> None:
    same(stepnn.load("convolution").trace(), {
        key: published("seed_conv_4x5_3x3")["expected"][name][0] for key, name in (("z", "y"), ("dE/dx", "dx"))
    } | {"dE/dw": published("seed_conv_4x5_3x3")["expected"]["dw"][0][0]})  # fmt: skip
    data = published("lexailabs_conv_backward")
    network, expected = data["network"], data["expected"]
    arrays = [own("x", "i, j", network["x"][0], gradient=True), own("w", "p, q", network["w"][0][0], gradient=True)]
    for filter, y in (("as it stands", "y"), ("flipped", "y_flipped")):
        layer = own(kind="convolution", settings={"filter": filter})
        trace = trace_of(table(*arrays, layer, *passed_back("z", "i, j", network["dy"][0]), error="E"))
        same(trace, {"z": expected[y][0]})
        if filter == "as it stands":
            same(trace, {"dE/dx": expected["dx"][0], "dE/dw": expected["dw"][0][0]})


def test_convolution_in_one_dimension() -> None:
    first, second = stepnn.load("convolution-1d").trace().runs
    expected = published("d2l_conv1d")["expected"]["y"]
    assert first.moments[0].values["z"].tolist() == expected[0][0]
    assert second.moments[0].values["z"].tolist() == expected[1][0]


POOLS = [published("seed_pool_4x4"), *exact("pooling")["cases"].values()]


@pytest.mark.parametrize("case", POOLS)
def test_pooling(case: dict[str, Any]) -> None:
    given, wanted = case.get("network") or case["parameters"], case.get("expected") or case["values"]
    for kind, y, dx in (("maximum pooling", "max", "dx_max"), ("mean pooling", "avg", "dx_avg")):
        layer = own(kind=kind, settings={"window": given["k"], "stride": given["stride"]})
        trace = trace_of(
            table(own("x", "i, j", given["x"], gradient=True), layer, *passed_back("y", "i, j", given["dy"]), error="E")
        )
        same(trace, {"y": wanted[y], "dE/dx": wanted[dx]})


def test_elman_network() -> None:
    case = exact("rnn_elman_3_steps")["cases"]["tanh"]
    given, wanted = case["parameters"], case["values"]
    arrays = [own(name, index, given[name], True) for name, index in
              (("h0", "k"), ("U", "k, j"), ("W", "k, m"), ("b", "k"), ("V", "o, k"), ("c", "o"))]  # fmt: skip
    trace = trace_of(table(
        own("x", "t, j", given["x"], gradient=True), own("d", "t, o", given["targets"]), *arrays, own(kind="elman"),
        own("y", "t, o", formula="sum(V[o, k] * h[t, k], k) + c[o]", role="weighted sum"),
        own("E", formula="1/2 * sum((y[t, o] - d[t, o])**2, t, o)"), **LEARNS,
    ))  # fmt: skip
    same(trace, {name: wanted[name] for name in ("z", "h", "y")} | {"E": wanted["loss"]})
    same(trace, {f"dE/d{name}": wanted[f"d{name}"] for name in ("U", "W", "b", "V", "c", "h0", "x", "z", "h", "y")})
    steps = [trace[f"dE_dW_{k}_{m}"] for k in (1, 2, 3) for m in (1, 2, 3)]
    parts = np.array([[child.value for child in step.children] for step in steps]).T  # (t, k·m)
    assert np.allclose(parts, np.array(wanted["dW_step"]).reshape(3, 9), rtol=1e-12), "one term for each time step"
    whole = stepnn.load("rnn").trace().runs[1].moments[0].values
    expected = published("aibyhand_rnn_relu")["expected"]
    assert whole["h"].tolist() == expected["h"] and whole["y"].tolist() == expected["y"]


def test_lstm() -> None:
    trace, expected = stepnn.load("lstm").trace(), published("gomez_lstm")["expected"]
    wanted = {
        "c": expected["c"],
        "h": expected["h"],
        "E": expected["loss"],
        "dE/dh": expected["dh"],
        "dE/dc": expected["dc"],
    }
    for gate in "figo":
        wanted |= {gate: expected[gate], f"dE/dz_{gate}": expected[f"dz_{gate}"]}
        for letter in "UWb":
            wanted[f"dE/d{letter}_{gate}"] = expected[f"d{letter}"][gate]
            wanted[f"new/{letter}_{gate}"] = expected[f"{letter}_new"][gate]
    same(trace, wanted)


def test_gru() -> None:
    trace, expected = stepnn.load("gru").trace(), published("click4ai_gru")["expected"]
    for name in "zrn":
        assert np.allclose(trace.moments[0].values[name][0], expected[name][0][0], rtol=1e-12)
    assert np.allclose(trace.moments[0].values["h"][0], expected["h_1"][0][0], rtol=1e-12)


def test_attention() -> None:
    expected = published("karim_self_attention")["expected"]
    same(stepnn.load("attention").trace(), {name: expected[name] for name in "QKVSAY"})


def test_batch_normalization() -> None:
    data = published("bhpravin_batchnorm")
    given, wanted = data["network"], data["expected"]
    trace = trace_of(table(
        own("x", "n, d", given["X"]), own("gamma", "d", given["gamma"]), own("beta", "d", given["beta"]),
        own(kind="batch normalization", settings={"epsilon": float(given["eps"])}),
    ))  # fmt: skip
    same(trace, {"mu": wanted["mean"], "variance": wanted["var"], "x_hat": wanted["xhat"], "y": wanted["y"]})


def test_autoencoder() -> None:
    expected = published("lexailabs_autoencoder_forward")["expected"]
    keys = {"a1": "a1", "a2": "a2", "dE/dw2": "dW2", "dE/db2": "db2", "dE/dw1": "dW1", "dE/dz2": "delta2", "E": "loss"}
    first, _, linear = stepnn.load("autoencoder").trace().runs
    for key, name in keys.items():
        assert np.allclose(first.moments[0].values[key], expected[name], rtol=1e-12, atol=1e-15), key
    encoder, decoder = linear.after.values["w1"], linear.after.values["w2"]
    points = np.array([one.inputs for one in linear.setup.samples])
    _, _, axes = np.linalg.svd(points)  # the plane of the first two principal components
    assert np.allclose(decoder @ encoder, (decoder @ encoder) @ axes[:2].T @ axes[:2], atol=0.2)
    assert np.allclose(points @ (decoder @ encoder).T, points, atol=1e-3)


def test_discriminator() -> None:
    data = published_table("gan_course_discriminator")
    expected = published("gan_course_discriminator")["expected"]
    trace = trace_of(data)
    same(trace, {"z1": expected["z1"], "a1": expected["a1"], "E": expected["loss"], "dE/dw1": expected["dW1"]})


def test_in_turn_one_network_learns_and_the_other_stands_still() -> None:
    discriminator, generator = stepnn.load("gan").trace().runs
    assert {quantity.key for quantity in generator.setup.network.trained} == {"A", "B"}
    assert generator.moments[0].values["W"] == discriminator.after.values["W"] != discriminator.before.values["W"]
    for run, error in ((discriminator, "E_D"), (generator, "E_G")):
        assert run.moments[1].values[error] < run.moments[0].values[error]


def test_boltzmann_machine() -> None:
    data = published("elementary_rbm_reconstruction")
    for v, net, p in zip(data["network"]["v"], data["expected"]["net"], data["expected"]["ph"], strict=True):
        arrays = [own("v", "i", v), own("W", "i, j", data["network"]["W"]), own("u", "j", [0.5, 0.5])]
        trace = trace_of(table(*arrays, own(kind="rbm"), learning_rate=0.1))
        same(trace, {"z": net, "p": p})
        values = trace.moments[0].values
        tied = np.outer(np.array(v, float), values["p"]) - np.outer(values["q"], values["p_new"])
        changed = np.array(data["network"]["W"], float) + 0.1 * tied
        assert np.allclose(values["W_new"], changed, rtol=1e-12)


@pytest.mark.parametrize("path", FORMULAS, ids=lambda path: path.stem)
def test_a_layer_written_as_formulas_gives_the_same_numbers(path: Path) -> None:
    trace = Trace(stepnn.load(str(path)).setup)
    if path.stem == "dense":
        other = stepnn.load("backprop").trace()
        keys = {"z1": "z1", "a2": "a2", "dE/dz1": "dE/dz1", "dE/dW1": "dE/dw1", "new/W2": "new/w2", "E": "E"}
    else:
        kind = {"convolution": {"stride": 2, "padding": 1}, "gru": {}}[path.stem]
        keep = [
            own.model_dump(exclude_unset=True) for own in load_lesson(str(path)).quantities if own.values is not None
        ]
        error = load_lesson(str(path)).quantities[-1].model_dump(exclude_unset=True)
        other = trace_of(table(*keep, own(kind=path.stem, settings=kind), error, **{**LEARNS, "learning_rate": 0.5}))
        keys = {key: key for key in trace.moments[0].values if key in other.moments[0].values}
    for moment, again in zip(trace.moments, other.moments, strict=True):
        for key, name in keys.items():
            if key in moment.values:
                assert np.array_equal(moment.values[key], again.values[name]), key


def test_time_steps_are_walked_in_order() -> None:
    forward, backward = [], []
    for step in stepnn.load("lstm").trace().steps:
        if (
            step.pass_number == 1
            and step.ref is not None
            and step.quantity is not None
            and len(step.quantity.axes) == 2
        ):
            if step.phase.value == "forward":
                forward.append(step.ref.index[0].constant)
            elif step.kind.value in ("delta", "error slope"):
                backward.append(step.ref.index[0].constant)
    assert forward == sorted(forward) and len(set(forward)) == 2
    assert backward == sorted(backward, reverse=True) and len(set(backward)) == 2


def lit(name: str, symbol: str) -> dict[str, list[str]]:
    """The cells of each panel that a step lights up, by the name of the panel; the computed one is in capitals."""
    step = stepnn.load(name).trace()[symbol]
    names = step.moment.names
    return {
        panel.name.text: [
            names.text(tile.ref).upper() if tile.focus else names.text(tile.ref)
            for row in panel.rows for tile in row if tile.lit or tile.focus
        ]
        for panel in step_board(step)
    }  # fmt: skip


def test_a_board_shows_the_window_the_time_step_and_the_pair() -> None:
    window = lit("convolution", "z_2_3")
    assert window["x"] == [f"x_{i}_{j}" for i in (2, 3, 4) for j in (3, 4, 5)] and window["z"] == ["Z_2_3"]
    assert lit("attention", "S_1_3")["Q"] == ["Q_1_1", "Q_1_2", "Q_1_3"]
    assert set(lit("lstm", "c_2_1")[""]) == {"C_2_1", "c_1_1", "g_2_1", "f_2_1", "i_2_1"}


def test_every_convention_is_named() -> None:
    told = {(kind.family, name, str(value).replace(" ", "_")) for kind in KINDS.values()
            for name, setting in kind.settings.items() if setting.told for value in setting.choices}  # fmt: skip
    for language in LANGUAGES:
        words = catalogue(language)
        for family, name, value in told:
            assert f"convention.{family}.{name}.{value}" in words.sentences
        assert any("PyTorch" in text or "파이토치" in text for text in conventions(stepnn.load("gru").setup, words))


ROWS, STATE = own("x", "t, k", [[1], [2], [3]], True), own("h0", "k", [0.3], True)
ODD = {
    "two steps back": (ROWS, STATE, own("h", "t, k", formula="x[t, k] * h[t-2, k] + 0.5 * h[t-1, k]", start="h0"),
                       own("E", formula="sum(h[t, k]**2, t, k)")),
    "backward together": (
        ROWS, STATE, own("w", "k", [0.7], True),
        own("b", "t, k", formula="x[t, k] * w[k] * b[t+1, k] + a[t+1, k]", start="h0"),
        own("a", "t, k", formula="tanh(x[t, k] + w[k] * b[t+2, k])"), own("E", formula="sum(a[t, k] * b[t, k], t, k)"),
    ),
    "read from outside": (
        ROWS, STATE, own("h", "t, k", formula="x[t, k] + 0.5 * h[t-1, k]", start="h0"),
        own("y", "t, k", formula="h[t-2, k] * x[t, k] + h[t+1, k] * x[t, k] + h[t-1, k]"),
        own("E", formula="sum(y[t, k]**2, t, k)"),
    ),
    "a single letter": (
        own("x", "t", [1, 2, 3], True), own("h0", "", 0.3, True),
        own("h", "t", formula="x[t] * h[t-2] + 0.5 * h[t-1]", start="h0"), own("E", formula="sum(h[t]**2 + h[t-1], t)"),
    ),
    "names of the compiler": (own("C0", "i", [1, 2, 3], True), own("C1", "i", [2, 1, 4], True),
                              own("y", "i", formula="C0[i-1] * C1[i]"), own("E", formula="sum(y[i]**2, i)")),
    "names with numbers": (own("exp_25", "i", [10, 20]), own("exp", "i", [1, 2], True),
                           own("E", formula="sum(exp_25[i] * exp[i], i)")),
    "nested maxima": (own("y", "i", [1, 5, 3], True), own("E", formula="smallest(y[i] * largest(y[k], k), i)")),
    "a maximum of sums": (own("x", "i, j", [[1, 5], [7, 3]], True), own("E", formula="largest(sum(x[i, j]**2, j), i)")),
    "a maximum before the first": (own("x", "t, k", [[1, 0.5], [0.2, 0.3]]), own("w", "k", [0.3, 0.4], True),
                                   own("h", "t, k", formula="x[t, k] + w[k] * largest(h[t-1, m], m)"),
                                   own("E", formula="sum(h[t, k], t, k)")),
    "a factor without the letter": (own("x", "k", [1, 2, 3], True), own("y", "j", [1, 2]),
                                    own("u", "k", formula="sum(y[j] * x[k], j)"), own("E", formula="sum(u[k]**2, k)")),
    "a sum within a sum": (
        own("x", "m", [1, 2, 3], True), own("w", "k, j", [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]),
        own("y", "j", formula="sum(w[k, j] * sum(x[m], m), k)"), own("E", formula="sum(y[j]**2, j)"),
    ),
    "indices that run backward": (own("x", "i", [1, 2, 3, 4, 5], True),
                                  own("y", "i", formula="x[4 - 2*i] * x[2*i - 1]", sizes={"i": 3}),
                                  own("E", formula="sum(y[i]**2, i)")),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_gradients_of_odd_formulas(name: str) -> None:
    """Formulas that a stranger may write: every gradient agrees with 50-digit differences, every line can be shown."""
    trace = trace_of(table(*ODD[name], **LEARNS))
    with mpmath.workdps(50):
        elements = given_elements(trace.setup)
        for quantity in trace.setup.network.trained:
            for position in quantity.positions:
                wanted = central_difference(trace.setup.network, elements, quantity.key, position)
                assert close(float(trace.moments[0].values[f"dE/d{quantity.key}"][position]), wanted, 1e-10)
    for step in trace.elements():
        if step.ref is not None and step.pass_number == 1:
            exact = evaluate(step.here[-1], step.moment.value) if step.here else step.value
            assert close(float(exact), step.value or 0.0, 1e-10), step.symbol


X, W = own("x", "i, j", [[1, 2, 3], [4, 5, 6], [7, 8, 9]]), own("w", "p, q", [[1, 2], [3, 4]])
TOKENS = [own("x", "s, d", [[1, 2]]), *(own(name, "d, e", [[1, 2, 3], [1, 2, 3]]) for name in ("W_q", "W_k", "W_v"))]


@pytest.mark.parametrize(
    ("lesson", "wanted"),
    [
        (table(W, own("x", "i, j", [[1]]), own(kind="convolution")), ["larger than the padded picture", "2 in 1"]),
        (table(X, W, own(kind="convolution", settings={"stride": 0})), ["settings.stride", "whole number of at least 1"]),
        (table(X, W, own(kind="convolution", settings={"stride": 2})), ["do not fit the picture", "is not a whole number"]),
        (table(X, own(kind="mean pooling", settings={"window": 2})), ["do not fit the picture"]),
        (table(X, W, own(kind="convolution", settings={"padding": [[0, 1]]})), ["settings.padding", "[[0, 1]]", "one for each of 2 directions"]),
        (table(X, W, own(kind="convolution", settings={"stride": [[1, 2], 1]})), ["settings.stride", "such as [2, 1]"]),
        (table(X, W, own(kind="convolution", settings={"padding": "full"})), ["settings.padding", "full", '"same"']),
        (table(X, W, own(kind="convolution", settings={"stride": [1, 2], "padding": [[0, 0], [1, 1]]})), ["(3 − 2 + 2·1) / 2 + 1"]),
        (table(X, W, own(kind="convolution", settings={"groups": 2})), ["settings.groups", "0 channels and 0 filters"]),
        (table(X, own(kind="dropout", of={"mask": "x"}, settings={"rate": 1.0})), ["settings.rate", "would be turned off", "less than 1"]),
        (table(X, own("mask", "i", [1, 0, 1]), own(kind="dropout")), ["the mask has another shape", "3 × 3 and 3"]),
        (table(X, W, own("y", "i", formula="sum(sum(w[p, q] * x[i, p], p), p)", sizes={"i": 2})), ["p is summed over twice"]),
        (table(X, own("y", formula="sum(x[i, j], i)")), ["the letter j is neither summed over nor in the index"]),
        (table(own("a", "t", [1, 2]), own("h", "t", formula="h[t] + a[t]")), ["h depends on itself within one time step"]),
        (table(own("a", "t", [1, 2]), own("g", "t", formula="h[t-1] + h[t+1] + a[t]"), own("h", "t", formula="g[t] + 1")),
         ["read earlier and later time steps at once"]),
        (table(own("x", "t, j", [[]])), ["there are no numbers here", "an empty list"]),
        (table(*TOKENS, own(kind="attention", settings={"heads": 2})), ["heads do not divide the width", "3 columns in W_q"]),
        (table(X, own("v", "j", [1, 2]), own("y", "i", formula="sum(x[i, j] * v[j], j)")),
         ["the index j has two sizes: 3 (x, index 2) and 2 (v, index 1)", "sum(x[i, j] * v[j], j)", "quantities[3].formula"]),
        (table(X, own("y", formula="+".join(["x[0, 0]"] * 12_000))), ["95999 characters long"]),
        (table(X, own("y", formula="x[3, 0]")), ["x has no position 3", "positions count from 0"]),
        (table(X, own(kind="convolutoin")), ["no such kind of layer", "did you mean convolution?"]),
        (table(X, own(kind="convolution")), ["nothing is called w here", 'of = { w = "its name" }']),
        (table(X, W, own(kind="convolution", of={"y": "x"})), ["uses nothing called y"]),
        (table(X, W, own(kind="convolution", settings={"speed": 1})), ["no setting speed", "stride"]),
        (table(X, W, own(kind="convolution"), own(kind="convolution")), ["the name z", "is taken", "suffix"]),
        (table(X, W, own("y", formula="1 + 1", suffix="2")), ["quantities[3].suffix", "for kinds of layers only"]),
        (table(own("x", "i", [1, 2, 3]), W, own(kind="convolution")), ["x has the wrong number of indices"]),
        (table(own("a", "t", [1] * 200), own("h", "t", formula="h[t-1] + a[t]")), ["too many time steps", "at most 100"]),
        (table(X, own("s", "k", [1, 2]), own("h", "t, i", formula="h[t-1, i] + x[t, i]", start="s")),
         ["the index i has two sizes: 2 (h, index 2) and 3 (x, index 2)"]),
        (table(X, own("y", "i, j", formula="x[0, 0] + 0 * x[i, j]", sizes={"i": 9000, "j": 9000})), ["too large"]),
        (table(own("x", "i", [0.1] * 100, True), own("E", formula="sum(x[i] * x[j] * x[k] * x[l], i, j, k, l)"), **LEARNS),
         ["the sums of E have too many terms", "100000000", "at most 200000"]),
        (table(own("W", "k", [1, 2], True), own("V", "", 1, True), own("y", "k", formula="2 * W[k]"), own("E", formula="V**2"),
               **LEARNS), ["quantities[1].learned", "the error E does not depend on W"]),
        (table(X, own("x", "i", [1]), own("y", formula="sum(x[i, j], i, j)")), ["the name x is used twice"]),
        (table(own("x", "s, d", [[1, 2]]), own("W_q", "", 0.1), *TOKENS[2:], own(kind="attention")), ["W_q cannot be used here", "0 indices"]),
        (table(own("x", "i", [1]), own("s", "", 1), own("y", "i", formula="x[i]", start="s")), ["nothing reads y at an earlier time step"]),
        (table({"name": "x", "index": "i", "values": "text"}, own("y", formula="1 + 1")), ["quantities[1].values", "wrong kind of value"]),
        (table(X, own("y", formula="sum(x[i, j], i, j)"), pictures=["scatter", "heat"]), ["pictures[1]", "pictures[2]"]),
        (table(own("v", values=2, learned=True), own("E", formula="v**2"), runs=[{"label": WORDS, "learned": ["q"]}], **LEARNS),
         ["runs[1].learned[1]", "no given quantity is called q"]),
    ],
)  # fmt: skip
def test_faults(run: Run, tmp_path: Any, lesson: dict[str, Any], wanted: list[str]) -> None:
    path = tmp_path / "lesson.toml"
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in lesson.items()), encoding="utf-8")
    result = run("check", str(path))
    assert result.code == 1 and all(text in result.err for text in wanted), result.err
    assert run("lesson", str(path)).code == 1
