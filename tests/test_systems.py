"""The systems of the second half of the course, against PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stepnn
from stepnn.errors import LessonError
from stepnn.layers.cost import costs
from stepnn.lessons.read import load_lesson
from stepnn.lessons.shelf import path_of
from stepnn.trace.trace import Trace, TracedRun
from tests.help import published


def runs_of(name: str) -> list[TracedRun]:
    return Trace(stepnn.load(name).setup).runs


def tensors(run: TracedRun, torch: Any) -> dict[str, Any]:
    """Every given number of a run, the learned ones with a gradient."""
    moment, trained = run.moments[0], {one.key for one in run.setup.network.trained}
    given = [one.key for one in run.setup.network.quantities if one.formula is None]
    found = {key: torch.tensor(moment.array(key), dtype=torch.float64) for key in given if key in moment.values}
    for key in trained:
        found[key].requires_grad_()
    return found


def compare(run: TracedRun, error: Any, given: dict[str, Any], name: str = "E") -> None:
    """The error and every gradient of the first update."""
    error.backward()
    moment = run.moments[0]
    assert moment.array(name) == pytest.approx(error.item(), rel=1e-12)
    trained = [one.key for one in run.setup.network.trained]
    assert trained
    for key in trained:
        assert np.allclose(moment.array(f"dE/d{key}"), given[key].grad.numpy(), rtol=1e-11, atol=1e-14), key


def test_vae() -> None:
    """With PyTorch's own divergence of two normal distributions, and the code drawn as it draws it."""
    torch = pytest.importorskip("torch")
    for run, both in zip(runs_of("vae"), (True, False), strict=True):
        given = tensors(run, torch)
        mean = given["w_m"] @ given["x"] + given["b_m"]
        spread = torch.exp(0.5 * (given["w_s"] @ given["x"] + given["b_s"]))
        normal = torch.distributions.Normal
        output = torch.sigmoid(given["V"] * (mean + spread * given["epsilon"]) + given["b"])
        error = 0.5 * torch.nn.functional.mse_loss(output, given["x"], reduction="sum")
        if both:
            error = error + torch.distributions.kl_divergence(normal(mean, spread), normal(0.0, 1.0))
        compare(run, error, given, "E" if both else "R")


def test_transfer() -> None:
    """The same two trainings with plain NumPy, update by update: the old task, then the new one on what is frozen."""
    first, second = runs_of("transfer")
    lesson = first.setup.lesson
    numbers = {key: np.array(value, float) for key, value in first.before.values.items()}
    U, p, W, r = (numbers[key].copy() for key in ("U", "p", "W", "r"))
    V, q = (np.array(first.setup.constants[key], float) for key in ("V", "q"))
    samples = [(np.array(one.inputs, float), np.array(one.targets, float)) for one in lesson.samples]
    eta, epochs = float(lesson.learning_rate or 0), lesson.training.epochs

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + np.exp(-z))

    for _ in range(epochs):
        for x, t in samples:
            h = sigmoid(U @ x + p)
            y = sigmoid(W @ h + r)
            delta = (y - t[0]) * y * (1 - y)
            hidden = delta * W * h * (1 - h)
            W, r = W - eta * delta * h, r - eta * delta
            U, p = U - eta * np.outer(hidden, x), p - eta * hidden
    for key, value in {"U": U, "p": p, "W": W, "r": r}.items():
        assert np.allclose(first.after.values[key], value, rtol=1e-9), key
    for _ in range(epochs):
        for x, t in samples:
            h = sigmoid(U @ x + p)
            y = sigmoid(V @ h + q)
            delta = (y - t[1]) * y * (1 - y)
            V, q = V - eta * delta * h, q - eta * delta
    assert set(second.after.values) == {"V", "q"}
    for key, value in {"V": V, "q": q}.items():
        assert np.allclose(second.after.values[key], value, rtol=1e-9), key
    assert second.moments[-1].array("y_old") == first.moments[-1].array("y_old")


def test_stacked_autoencoder() -> None:
    """Both machines by the rule of contrastive divergence itself, the autoencoder by PyTorch, update by update."""
    torch = pytest.importorskip("torch")
    runs = runs_of("stacked-autoencoder")
    samples = [np.array(one.inputs, float) for one in runs[0].setup.lesson.samples]
    start = {key: np.array(value) for run in runs[:2] for key, value in run.before.values.items()}
    eta, sigmoid = 0.5, lambda z: 1 / (1 + np.exp(-z))

    def divergence(names: str, seen: Any) -> None:
        """One epoch: what is on together in the sample is tied more firmly, what is in the reconstruction less."""
        W, down, up = (start[name] for name in names)
        for v in map(seen, samples):
            p = sigmoid(v @ W + up)
            q = sigmoid(W @ p + down)
            again = sigmoid(q @ W + up)
            W += eta * (np.outer(v, p) - np.outer(q, again))
            down += eta * (v - q)
            up += eta * (p - again)

    def tuned(given: dict[str, Any], epochs: int) -> float:
        """The mean error after so many epochs of plain descent; `given` is what it learns."""

        def error(x: Any) -> Any:
            code = torch.sigmoid(torch.sigmoid(x @ given["W"] + given["c"]) @ given["V"] + given["f"])
            output = torch.sigmoid(given["W"] @ torch.sigmoid(given["V"] @ code + given["d"]) + given["b"])
            return 0.5 * torch.nn.functional.mse_loss(output, x, reduction="sum")

        vectors, descent = [torch.tensor(x) for x in samples], torch.optim.SGD(given.values(), lr=eta)
        for _ in range(epochs):
            for x in vectors:
                descent.zero_grad()
                error(x).backward()
                descent.step()
        return sum(error(x).item() for x in vectors) / len(vectors)

    fresh = {key: value.copy() for key, value in start.items()}
    for _ in range(50):
        divergence("Wbc", lambda x: x)
    for _ in range(50):
        divergence("Vdf", lambda x: sigmoid(x @ start["W"] + start["c"]))
    for run, names in zip(runs, ("Wbc", "Vdf"), strict=False):
        assert all(np.allclose(run.after.values[name], start[name], rtol=1e-9) for name in names)
    for run, numbers in zip(runs[2:], (start, fresh), strict=True):
        given = {key: torch.tensor(value, dtype=torch.float64, requires_grad=True) for key, value in numbers.items()}
        before, after = tuned(given, 0), tuned(given, 100)
        assert all(np.allclose(run.after.values[key], one.detach().numpy(), rtol=1e-8) for key, one in given.items())
        assert (before < 0.03 and after < 0.012) if run is runs[2] else (before > 0.5 and after > 0.499)


def test_cgan() -> None:
    """A step of each player; the second one is played with the discriminator as the first has left it."""
    torch = pytest.importorskip("torch")
    entropy = torch.nn.functional.binary_cross_entropy
    for run, name in zip(runs_of("cgan"), ("E_D", "E_G"), strict=True):
        given = tensors(run, torch)
        made = given["A"] * given["n"] + given["k"] @ given["B"]
        slope = given["W"] + given["k"] @ given["Q"]
        real, fake = (torch.sigmoid(slope * one + given["C"]) for one in (given["r"], made))
        ones = torch.ones(2, dtype=torch.float64)
        error = entropy(real, ones) + entropy(fake, 0 * ones) if name == "E_D" else entropy(fake, ones)
        compare(run, error, given, name)
    kinds = [run.moments[0].array("dE/dB") for run in runs_of("cgan")[1:]]
    assert all(np.sign(kind).tolist() == [-1, 1] for kind in kinds)  # each towards the real numbers of its kind


def test_language_model() -> None:
    """A GPT with PyTorch's own layers: embedding, layer norm, attention with a causal mask, cross-entropy."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    (run,) = runs_of("language-model")
    given = tensors(run, torch)
    word, after = (given[name].long() - 1 for name in ("word", "next"))
    h = functional.embedding(word, given["W_e"]) + given["W_p"]
    x = functional.layer_norm(h, (4,))
    query, key, value = ((x @ given[name]).reshape(4, 2, 2).transpose(0, 1) for name in ("W_q", "W_k", "W_v"))
    heads = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    h = h + heads.transpose(0, 1).reshape(4, 4) @ given["W_o"]
    hidden = torch.relu(functional.layer_norm(h, (4,)) @ given["w2"].T)
    z = functional.layer_norm(h + hidden @ given["w3"].T, (4,)) @ given["W_e"].T
    compare(run, functional.cross_entropy(z, after), given)
    assert sum(given[one.key].numel() for one in run.setup.network.trained) == 124  # as a question says
    shares = torch.softmax(z[3] / given["T"], 0).detach().numpy()
    assert np.allclose(run.moments[0].array("G"), shares, rtol=1e-12)
    drawn = int(np.searchsorted(np.cumsum(shares), float(given["r"])))
    assert run.moments[0].array("g").tolist() == np.eye(3)[drawn].tolist()
    assert run.moments[0].array("c").tolist() == np.eye(3)[int(z[3].argmax())].tolist()


def test_bidirectional() -> None:
    """PyTorch's own GRU in both directions, whose gates stand in the order r, z, n."""
    torch = pytest.importorskip("torch")
    (run,) = runs_of("bidirectional")
    given = tensors(run, torch)
    network, names = torch.nn.GRU(1, 1, bidirectional=True), {}
    for suffix, end in (("", ""), ("2", "_reverse")):
        for letter, kind in (("U", "weight_ih"), ("W", "weight_hh"), ("b", "bias_ih")):
            names[f"{kind}_l0{end}"] = torch.cat([given[f"{letter}_{gate}{suffix}"] for gate in "rzn"])
        names[f"bias_hh_l0{end}"] = torch.zeros(3, dtype=torch.float64)
    both, _ = torch.func.functional_call(network, names, (given["x"],))
    weights = torch.stack([given["V"][0], given["V2"][0]])
    y = torch.sigmoid(both @ weights + given["c"])
    compare(run, torch.nn.functional.binary_cross_entropy(y, given["d"], reduction="sum"), given)


def test_seq2seq() -> None:
    """Elman networks by hand, tables and attention and cross-entropy by PyTorch."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    for run, looks in zip(runs_of("seq2seq"), (False, True), strict=True):
        given = tensors(run, torch)
        source, before, right = (given[name].long() - 1 for name in ("source", "before", "right"))
        state, states = torch.zeros(2, dtype=torch.float64), []
        for x in functional.embedding(source, given["V"]):
            state = torch.tanh(given["U"] @ x + given["W"] @ state)
            states.append(state)
        written = []
        for y in functional.embedding(before, given["B"]):
            state = torch.tanh(given["U_d"] @ y + given["W_d"] @ state)
            written.append(state)
        h, s = torch.stack(states), torch.stack(written)
        o = s @ given["M"].T
        if looks:
            o = o + functional.scaled_dot_product_attention(s[None], h[None], h[None], scale=1.0)[0] @ given["N"].T
        compare(run, functional.cross_entropy(o, right, reduction="sum"), given)


def test_conv_autoencoder() -> None:
    """The transposed convolution is the way back of the other one, and the autoencoder is PyTorch's."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    plain, coder = runs_of("conv-autoencoder")
    moment, given = plain.moments[0], tensors(plain, torch)
    c = functional.conv2d(given["x"][None, None], given["w"][None, None])[0, 0] - given["d"]
    laid = functional.conv_transpose2d(c[None, None], given["w"][None, None])[0, 0]
    compare(plain, 0.5 * (c**2).sum(), given)
    assert np.allclose(moment.array("y"), laid.detach().numpy(), rtol=1e-14)
    assert np.allclose(moment.array("dE/dx"), moment.array("y"), rtol=1e-14)
    given = tensors(coder, torch)
    code = torch.tanh(functional.conv2d(given["x"][None], given["w"][None, None], given["b"][None], stride=2))
    z = functional.conv_transpose2d(code, given["w2"][None, None], given["b2"][None], stride=2)
    compare(coder, 0.5 * ((torch.sigmoid(z)[0] - given["x"]) ** 2).sum(), given)


def test_only_products_that_exist_are_counted() -> None:
    """Four places of a filter of four numbers, and as many where the filter is laid down, forward and back."""
    formulas = runs_of("conv-autoencoder")[0].engine.formulas
    plain, *_ = costs(formulas.network, formulas.backward)
    assert (plain.forward, plain.backward) == (2 * 4 * 4, 2 * 4 * 4)


def test_lenet() -> None:
    """The small one with PyTorch's layers; the counts of the real one are those that its paper prints."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    small, real = runs_of("lenet")
    given = tensors(small, torch)
    maps = functional.avg_pool2d(torch.tanh(functional.conv2d(given["x"][None], given["w1"][:, None], given["b1"])), 2)
    maps = functional.avg_pool2d(torch.tanh(functional.conv2d(maps, given["w2"], given["b2"])), 2)
    hidden = torch.tanh(functional.linear(maps.flatten(), given["w3"], given["b3"]))
    z = functional.linear(hidden, given["w4"], given["b4"])
    compare(small, functional.cross_entropy(z, given["t"]), given)
    printed, found = published("lecun_lenet5")["expected"], real.moments[0]
    counts = {
        "parameters": [*found.array("n"), *found.array("n_s"), found.array("n_f"), found.array("N")],
        "connections": [*found.array("v"), *found.array("v_s"), None, found.array("V")],
    }
    for kind, numbers in counts.items():
        for layer, number in zip(("C1", "C3", "C5", "S2", "S4", "F6", "all"), numbers, strict=True):
            assert printed[layer].get(kind) == number, (layer, kind)


def test_resnet() -> None:
    """The block with PyTorch's batch normalisation; ten blocks with the way around them and without."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    block, around, without = runs_of("resnet")
    given = tensors(block, torch)
    x = given["x"]

    def normal(z: Any, n: int) -> Any:
        return functional.batch_norm(z, None, None, given[f"gamma{n}"], given[f"beta{n}"], training=True)

    hidden = torch.relu(normal(x @ given["w1"].T, 1))
    y = torch.relu(x + normal(hidden @ given["w2"].T, 2))
    compare(block, ((y - given["D"]) ** 2).sum() / 4, given)
    for run, shortcut in ((around, 1.0), (without, 0.0)):
        given = tensors(run, torch)
        h = given["x"]
        for weights in given["W"]:
            h = shortcut * h + torch.tanh(weights @ h)
        compare(run, 0.5 * ((h - given["d"]) ** 2).sum(), given)


def test_dcgan() -> None:
    """A step of each player with PyTorch's layers."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    entropy = functional.binary_cross_entropy
    for run, name in zip(runs_of("dcgan"), ("E_D", "E_G"), strict=True):
        given = tensors(run, torch)
        z = functional.conv_transpose2d(given["e"], given["U"])
        z = torch.relu(functional.batch_norm(z, None, None, given["gamma1"], given["beta1"], training=True))
        made = torch.tanh(functional.conv_transpose2d(z, given["V"], stride=2))
        seen = []
        for pictures in (given["r"], made):
            maps = functional.leaky_relu(functional.conv2d(pictures, given["w"], stride=2), float(given["alpha"]))
            seen.append(torch.sigmoid((maps * given["W"]).sum((1, 2, 3)) + given["b"]))
        ones = torch.ones(2, dtype=torch.float64)
        error = entropy(seen[0], ones) + entropy(seen[1], 0 * ones) if name == "E_D" else entropy(seen[1], ones)
        compare(run, error, given, name)


def clusters(points: Any, epsilon: float, least: int) -> tuple[list[int], list[bool]]:
    """DBSCAN as its paper has it: point after point, each cluster grown to its end. 0 is noise; and who is a core point."""
    near = [[k for k, other in enumerate(points) if np.hypot(*(one - other)) <= epsilon] for one in points]
    core = [len(some) >= least for some in near]
    found = [0] * len(points)
    for start in range(len(points)):
        if not core[start] or found[start]:
            continue
        waiting, number = [start], max(found) + 1
        while waiting:
            here = waiting.pop()
            if not found[here]:
                found[here] = number
                waiting += near[here] if core[here] else []
    return found, core


def test_dbscan() -> None:
    """The same clusters, border points and noise, for the lesson's points and others; numbers are other names."""
    own = Trace(stepnn.load("dbscan").setup).runs[0].setup
    kinds = set()
    for setup in (own, *(own.with_seed(seed) for seed in range(20))):
        moment = Trace(setup).moments[-1]
        found, core = clusters(moment.array("x"), float(moment.array("epsilon")), int(moment.array("m")))
        assert moment.array("c").astype(bool).tolist() == core
        named = moment.array("L")[-1].astype(int).tolist()
        for one in range(len(found)):
            for other in range(len(found)):
                if core[one] and core[other]:
                    assert (named[one] == named[other]) == (found[one] == found[other]), setup
        assert [bool(name) for name in named] == [bool(number) for number in found]
        assert moment.array("o").astype(bool).tolist() == [number == 0 for number in found]
        border = [number > 0 and not one for number, one in zip(found, core, strict=True)]
        assert moment.array("b").astype(bool).tolist() == border
        kinds.add((sum(core), sum(border)))
    assert len(kinds) > 5  # they were not all alike


def test_rbf() -> None:
    """The output, the error, every gradient and update of both runs, in PyTorch."""
    torch = pytest.importorskip("torch")
    for run, names in zip(runs_of("rbf"), (("w", "b"), ("c", "sigma", "w", "b")), strict=True):
        moment = run.moments[0]
        known = {name: torch.tensor(moment.array(name), requires_grad=True) for name in ("c", "sigma", "w", "b")}
        distance = ((torch.tensor(moment.array("a0")) - known["c"]) ** 2).sum(dim=1)
        y = known["w"] @ torch.exp(-distance / (2 * known["sigma"] ** 2)) + known["b"]
        error = (y - torch.tensor(moment.array("t"))[0]) ** 2 / 2
        error.backward()
        assert float(moment.array("E")) == pytest.approx(float(error.detach()), rel=1e-12)
        assert {key for key in known if f"dE/d{key}" in moment.values} == set(names)
        for name in names:
            wanted = known[name].grad.numpy()
            assert np.allclose(moment.array(f"dE/d{name}"), wanted, rtol=1e-12, atol=1e-15)
            assert np.allclose(moment.array(f"new/{name}"), known[name].detach().numpy() - 0.2 * wanted, rtol=1e-12)


def test_q_learning() -> None:
    """The table by Watkins' rule; the networks by PyTorch with the target detached, the first as the table."""
    torch = pytest.importorskip("torch")
    table, *networks = runs_of("q-learning")
    for setup in (table.setup, *(table.setup.with_seed(seed) for seed in range(5))):
        moment = Trace(setup).moments[0]
        worth, gamma = moment.array("Q0").copy(), float(moment.array("gamma"))
        walked = zip(
            *(moment.array(name).astype(int) - 1 for name in ("state", "act", "next")),
            moment.array("reward"),
            strict=True,
        )
        for turn, (state, act, then, reward) in enumerate(walked):
            worth[state, act] += 0.5 * (reward + gamma * worth[then].max() - worth[state, act])
            assert np.allclose(moment.array("Q")[turn], worth, rtol=1e-12)
    for run in networks:
        moment = run.moments[0]
        weights = torch.tensor(moment.array("W"), requires_grad=True)
        x, then = (torch.tensor(moment.array(name)) for name in ("x", "x_next"))
        target = float(moment.array("reward")) + float(moment.array("gamma")) * (weights @ then).max().detach()
        ((target - (weights @ x)[1]) ** 2 / 2).backward()
        assert np.allclose(moment.array("dE/dW"), weights.grad.numpy(), rtol=1e-12)
    new, before = networks[0].moments[0].array("new/W"), networks[0].moments[0].array("W")
    assert np.argwhere(new != before).tolist() == [[1, 0]] and new[1, 0] == table.moments[0].array("Q")[2, 0, 1]


def test_embedding() -> None:
    """The loss of the paper by PyTorch's logsigmoid; only the rows that were looked up have a gradient."""
    torch = pytest.importorskip("torch")
    (run,) = runs_of("embedding")
    for setup in (run.setup, *(run.setup.with_seed(seed) for seed in range(5))):
        moment = Trace(setup).moments[0]
        v, u = (torch.tensor(moment.array(name), requires_grad=True) for name in ("V", "U"))
        word, (center,) = moment.array("word").astype(int) - 1, moment.array("center").astype(int) - 1
        sign = torch.tensor(2 * moment.array("t") - 1)
        error = -torch.nn.functional.logsigmoid(sign * (u[word] @ v[center])).sum()
        error.backward()
        assert float(moment.array("E")) == pytest.approx(float(error.detach()), rel=1e-12)
        for name, one in (("V", v), ("U", u)):
            assert np.allclose(moment.array(f"dE/d{name}"), one.grad.numpy(), rtol=1e-12, atol=1e-15)
        changed = {name: np.any(moment.array(f"new/{name}") != moment.array(name), axis=1) for name in "VU"}
        assert np.flatnonzero(changed["V"]).tolist() == [center] and np.flatnonzero(changed["U"]).tolist() == [*word]


def test_som() -> None:
    """Winner, neighbourhood and weights after every point, by the rule as it is written down."""
    (run,) = runs_of("som")
    for setup in (run.setup, *(run.setup.with_seed(seed) for seed in range(10))):
        moment = Trace(setup).moments[0]
        weights, sigma = moment.array("c0").copy(), float(moment.array("sigma"))
        for turn, x in enumerate(moment.array("x")):
            winner = int(((weights - x) ** 2).sum(axis=1).argmin())
            near = np.exp(-((np.arange(4) - winner) ** 2) / (2 * sigma**2))
            weights += 0.5 * near[:, None] * (x - weights)
            assert moment.array("s")[turn] == winner + 1 and np.allclose(moment.array("h")[turn], near, rtol=1e-12)
            assert np.allclose(moment.array("c")[turn], weights, rtol=1e-12)


def test_hopfield() -> None:
    """Hebb's weights, the rule neuron after neuron, and the energy of every state by its definition."""
    own = [run.setup for run in runs_of("hopfield")]
    for setup in (*own, *(own[0].with_seed(seed) for seed in range(20))):
        moment = Trace(setup).moments[-1]
        patterns, state = moment.array("P"), moment.array("s0")
        weights = patterns.T @ patterns * (1 - np.eye(5))
        assert np.array_equal(moment.array("W"), weights)
        before = -state @ weights @ state / 2
        assert moment.array("H0") == before
        for turn, place in enumerate(moment.array("order").astype(int) - 1):
            state[place] = 1 if weights[place] @ state >= 0 else -1
            energy = -state @ weights @ state / 2
            assert np.array_equal(moment.array("s")[turn], state) and moment.array("H")[turn] == energy <= before
            before = energy
        assert moment.array("H_end") == before
    ends = [Trace(setup).moments[-1].array("s")[-1].tolist() for setup in own]
    assert ends == [[1, -1, 1, -1, 1], [1, 1, 1, 1, 1]]


def test_quantisation() -> None:
    """Scale and zero point by the paper; rounding, clipping and reading back by PyTorch."""
    torch = pytest.importorskip("torch")
    (run,) = runs_of("quantisation")
    moment = run.moments[0]
    w, x = (torch.tensor(moment.array(name), dtype=torch.float64) for name in ("w", "x"))
    for place, bits in enumerate(moment.array("bits")):
        most = 2 ** int(bits) - 1
        scale = float(max(0, w.max()) - min(0, w.min())) / most
        zero = round(-float(min(0, w.min())) / scale)
        back = torch.fake_quantize_per_tensor_affine(w, scale, zero, 0, most)
        assert moment.array("Z")[place] == zero and moment.array("S")[place] == pytest.approx(scale, rel=1e-15)
        assert np.allclose(moment.array("v")[place], back.numpy(), rtol=1e-6)
        assert np.allclose(moment.array("y_hat")[place], (back @ x).numpy(), rtol=1e-6)
        assert np.abs(moment.array("e")[place]).max() <= scale and moment.array("M")[place] == w.numel() * bits / 8


@pytest.mark.parametrize(("name", "kept"), [("dropout", ("m", "p")), ("cgan", ("k",))])
def test_what_is_no_measurement_is_not_drawn(name: str, kept: tuple[str, ...]) -> None:
    """A mask of 0.35 is none, nor are rows of 2.4 and −0.7 one-hot."""
    own = Trace(stepnn.load(name).setup).runs[0].setup
    for seed in range(5):
        drawn = own.with_seed(seed)
        assert {key: drawn.constants[key] for key in kept} == {key: own.constants[key] for key in kept}
        assert any(drawn.constants[key] != own.constants[key] for key in own.constants if key not in kept)


def test_what_is_to_stay_has_to_be_given(tmp_path: Path) -> None:
    text = path_of("cgan").read_text(encoding="utf-8").replace('keep = ["k"]', 'keep = ["K", "g"]')
    (tmp_path / "lesson.toml").write_text(text, encoding="utf-8")
    with pytest.raises(LessonError) as raised:
        load_lesson(str(tmp_path / "lesson.toml"))
    assert [(one.where, one.found) for one in raised.value.faults] == [
        ("variants.keep", '"K"'), ("variants.keep", '"g"'),
    ]  # fmt: skip
