"""Every kind of layer once more in PyTorch, with float64: nothing of stepnn takes part."""

from __future__ import annotations

import re
import warnings
from functools import partial
from typing import Any

import torch
from torch.nn import functional

from tests.kinds import Case
from tests.random_lessons import Stack

Tensor = Any
torch.set_default_dtype(torch.float64)  # NAdam keeps a product in it


class Torch(dict[str, Any]):
    """What is not listed has its own name in PyTorch. Raises KeyError for what PyTorch does not have."""

    def __missing__(self, name: str) -> Any:
        found = getattr(functional, name, None) or getattr(torch, name, None)
        if found is None:
            raise KeyError(name)
        return found


ACTIVATIONS = Torch(
    swish=functional.silu, softmax=lambda z: torch.softmax(z, -1), identity=lambda z: z, none=lambda z: z
)


def gradients(case: Case) -> tuple[Tensor, dict[str, Tensor]]:
    """What comes out, and the gradient of every given array."""
    given = {
        name: torch.tensor(values, dtype=torch.float64, requires_grad=True) for name, (_, values) in case.given.items()
    }
    out = LAYERS[case.kind](given, case.settings)
    (torch.tensor(case.weights, dtype=torch.float64) * out).sum().backward()
    return out.detach(), {name: given[name].grad for name in case.given if name not in case.fixed}


def each(value: Any, dimensions: int) -> list[Any]:
    return value if isinstance(value, list) else [value] * dimensions


def around(settings: dict[str, Any], pictures: Any, windows: Any) -> list[int]:
    """What is put before and behind a picture, the last direction first. "same" is that of TensorFlow's guide."""
    found = []
    strides, apart = (each(settings.get(name, 1), len(pictures)) for name in ("stride", "dilation"))
    for m, p, s, d in zip(pictures, windows, strides, apart, strict=True):
        total = max((d * (p - 1) + 1) - (m % s or s), 0)
        found.append([total // 2, total - total // 2])
    if settings["padding"] != "same":
        found = [one if isinstance(one, list) else [one, one] for one in each(settings["padding"], len(pictures))]
    return [side for sides in reversed(found) for side in sides]


def convolution(given: dict[str, Tensor], settings: dict[str, Any], dimensions: int) -> Tensor:
    x, w = given["x"], given["w"]
    if settings.get("filter") == "flipped":
        w = torch.flip(w, dims=tuple(range(w.dim() - dimensions, w.dim())))
    channels, batch = x.dim() > dimensions, x.dim() == dimensions + 2
    several = w.dim() == dimensions + channels + 1
    x = x if channels else x[None]
    w = w if channels else w.unsqueeze(-dimensions - 1)
    w = w if several else w[None]
    function = functional.conv2d if dimensions == 2 else functional.conv1d
    chosen = {name: settings.get(name, 1) for name in ("stride", "dilation", "groups")}
    x = x if batch else x[None]
    if settings["padding"] == "same" and each(settings["stride"], dimensions) == [1] * dimensions:
        with warnings.catch_warnings(action="ignore"):  # of an even window PyTorch says that it is slow
            z = function(x, w, padding="same", **chosen)
    else:
        z = function(functional.pad(x, around(settings, x.shape[2:], w.shape[2:])), w, **chosen)
    if "b" in given:
        z = z + (given["b"].reshape(-1, *[1] * dimensions) if several else given["b"])
    z = z if several else z[:, 0]
    return z if batch else z[0]


def transposed(given: dict[str, Tensor], settings: dict[str, Any], dimensions: int) -> Tensor:
    x, w = given["x"], given["w"]
    channels, batch = x.dim() > dimensions, x.dim() == dimensions + 2
    several = w.dim() == dimensions + channels + 1
    x, w = (x, w) if channels else (x[None], w[None])
    w = w if several else w.unsqueeze(1)
    function = functional.conv_transpose2d if dimensions == 2 else functional.conv_transpose1d
    z = function(x if batch else x[None], w, given["b"].reshape(-1) if "b" in given else None, **settings)
    z = z if several else z[:, 0]
    return z if batch else z[0]


def pooling(given: dict[str, Tensor], settings: dict[str, Any], largest: bool) -> Tensor:
    x = given["x"]
    lead = x if x.dim() >= 3 else x[None]
    one = x.dim() == 1
    function = {
        (True, True): functional.max_pool1d, (True, False): functional.max_pool2d,
        (False, True): functional.avg_pool1d, (False, False): functional.avg_pool2d,
    }[largest, one]  # fmt: skip
    more = {} if largest else {"count_include_pad": settings.get("counted") != "inside only"}
    lead = lead if x.dim() == 4 else lead[None]
    ceil = settings.get("rest") == "looked at"
    y = function(lead, settings["window"], settings["stride"], settings["padding"], ceil_mode=ceil, **more)
    return y if x.dim() == 4 else y[0] if x.dim() == 3 else y[0, 0]


def dense(given: dict[str, Tensor], settings: dict[str, Any]) -> Tensor:
    return ACTIVATIONS[settings["activation"]](functional.linear(given["x"], given["w"], given.get("b")))


def zeros_if_none(given: dict[str, Tensor], name: str, *shape: int) -> Tensor:
    return given[name] if name in given else torch.zeros(*shape, dtype=torch.float64)


def elman(given: dict[str, Tensor], settings: dict[str, Any]) -> Tensor:
    x, hidden = given["x"], given["W"].shape[0]
    turn = settings.get("direction") == "backward"
    h, states = zeros_if_none(given, "h0", hidden), []
    for step in reversed(x) if turn else x:
        h = ACTIVATIONS[settings.get("activation", "tanh")](
            given["U"] @ step + given["W"] @ h + zeros_if_none(given, "b", hidden)
        )
        states.append(h)
    return torch.stack(states[::-1] if turn else states)


def stacked(given: dict[str, Tensor], letter: str, gates: str, *shape: int) -> Tensor:
    return torch.cat([zeros_if_none(given, f"{letter}_{gate}", *shape) for gate in gates])


def lstm(given: dict[str, Tensor], settings: dict[str, Any]) -> Tensor:
    """By PyTorch's own cell, whose gates stand in the order i, f, g, o."""
    hidden = given["W_i"].shape[0]
    turn = settings.get("direction") == "backward"
    h, c = zeros_if_none(given, "h0", hidden)[None], zeros_if_none(given, "c0", hidden)[None]
    weights = [stacked(given, letter, "ifgo") for letter in "UW"]
    bias, states = stacked(given, "b", "ifgo", hidden), []
    for step in reversed(given["x"]) if turn else given["x"]:
        h, c = torch._VF.lstm_cell(step[None], (h, c), *weights, bias, torch.zeros_like(bias))
        states.append(h[0])
    return torch.stack(states[::-1] if turn else states)


def gru(given: dict[str, Tensor], settings: dict[str, Any]) -> Tensor:
    """By PyTorch's own cell where the conventions are its own, otherwise by hand."""
    hidden = given["W_r"].shape[0]
    h, states = zeros_if_none(given, "h0", hidden), []
    nothing, b_n = torch.zeros(hidden, dtype=torch.float64), zeros_if_none(given, "b_n", hidden)
    c_n, turn = zeros_if_none(given, "c_n", hidden), settings.get("direction") == "backward"
    for x in reversed(given["x"]) if turn else given["x"]:
        if (settings["reset"], settings["mix"]) == ("after", "z keeps the old"):
            biases = stacked(given, "b", "rzn", hidden), torch.cat([nothing, nothing, c_n])
            weights = [stacked(given, letter, "rzn") for letter in "UW"]
            h = torch._VF.gru_cell(x[None], h[None], *weights, *biases)[0]
        else:
            r, z = (
                torch.sigmoid(given[f"U_{g}"] @ x + given[f"W_{g}"] @ h + zeros_if_none(given, f"b_{g}", hidden))
                for g in "rz"
            )
            before = settings["reset"] == "before"
            again = given["W_n"] @ (r * h) if before else r * (given["W_n"] @ h + c_n)
            n = torch.tanh(given["U_n"] @ x + b_n + again)
            keeps = settings["mix"] == "z keeps the old"
            h = (1 - z) * n + z * h if keeps else (1 - z) * h + z * n
        states.append(h)
    return torch.stack(states[::-1] if turn else states)


def encoder_decoder(given: dict[str, Tensor], settings: dict[str, Any]) -> Tensor:
    last = elman({name: given[name] for name in ("x", "U", "W", "b", "h0") if name in given}, {})[-1]
    return elman({"x": given["y"], "U": given["U_d"], "W": given["W_d"], "h0": last}, {})


def attention(given: dict[str, Tensor], settings: dict[str, Any]) -> Tensor:
    """Head by head with PyTorch's scaled dot-product attention."""
    x, heads = given["x"], settings["heads"]
    memory = given.get("m", x)
    q, k, v = x @ given["W_q"], memory @ given["W_k"], memory @ given["W_v"]
    scale = None if settings["scores"] == "scaled" else 1.0
    parts = zip(*(torch.chunk(one, heads, dim=1) for one in (q, k, v)), strict=True)
    mask = torch.ones(len(x), len(memory), dtype=torch.bool)
    mask = mask.tril() if settings.get("mask") == "causal" else mask
    mask = mask & (given["pad"] > 0) if "pad" in given else mask
    y = torch.cat(
        [functional.scaled_dot_product_attention(*part, attn_mask=mask, scale=scale) for part in parts], dim=1
    )
    return y @ given["W_o"] if "W_o" in given else y


def normalization(given: dict[str, Tensor], settings: dict[str, Any], axis: int) -> Tensor:
    x = given["x"]
    axis = axis if axis else (0, *range(2, x.dim()))  # of a batch; of pictures their places too
    variance = x.var(dim=axis, keepdim=True, unbiased=settings.get("variance") == "unbiased")
    x_hat = (x - x.mean(dim=axis, keepdim=True)) / torch.sqrt(variance + 1e-5)
    if settings.get("variance", "biased") == "biased" and axis == -1:
        assert torch.allclose(x_hat, functional.layer_norm(x, x.shape[-1:]), rtol=1e-12, atol=1e-12)
    for name in {"gamma", "beta"} & given.keys():
        given[name + "_"] = given[name].reshape(-1, *[1] * (x.dim() - 2)) if axis != -1 and x.dim() > 2 else given[name]
    return given.get("gamma_", 1.0) * x_hat + given.get("beta_", 0.0)


def positions(given: dict[str, Tensor], settings: dict[str, Any]) -> Tensor:
    """Vaswani et al. 2017, section 3.5."""
    x = given["x"]
    place = torch.arange(x.shape[0], dtype=torch.float64)[:, None]
    angle = place / settings["base"] ** (torch.arange(0, x.shape[1], 2, dtype=torch.float64) / x.shape[1])
    waves = torch.stack([torch.sin(angle), torch.cos(angle)], dim=2).reshape(len(x), -1)
    return x + waves[:, : x.shape[1]]


def dropout(given: dict[str, Tensor], settings: dict[str, Any]) -> Tensor:
    """As torch.nn.functional.dropout, with the mask that it draws given."""
    return given["x"] * given["mask"] / (1 - settings["rate"] if settings["scale"] == "in training" else 1)


LAYERS = {
    "transposed convolution": lambda g, s: transposed(g, s, 2), "embedding": lambda g, s: g["V"][g["word"].long() - 1],
    "transposed convolution 1d": lambda g, s: transposed(g, s, 1),
    "convolution": lambda g, s: convolution(g, s, 2), "convolution 1d": lambda g, s: convolution(g, s, 1),
    "maximum pooling": lambda g, s: pooling(g, s, True), "mean pooling": lambda g, s: pooling(g, s, False),
    "flatten": lambda g, s: g["x"].flatten(), "dense": dense, "residual": lambda g, s: g["x"] + g["f"],
    "activation": lambda g, s: ACTIVATIONS[s["activation"]](g["z"]), "elman": elman, "lstm": lstm, "gru": gru,
    "encoder decoder": encoder_decoder, "attention": attention, "positional encoding": positions, "dropout": dropout,
    "layer normalization": lambda g, s: normalization(g, s, -1),
    "batch normalization": lambda g, s: normalization(g, s, 0),
}  # fmt: skip


def stack_in_torch(stack: Stack) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """What comes out of every layer of a stack and its error, and the gradient of every given array."""
    given = {row["name"]: torch.tensor(row["values"], dtype=torch.float64, requires_grad=True) for row in stack.given}
    known = dict(given)
    for part in stack.parts:
        takes = {inside: known[name] for inside, name in part.takes.items()}
        known[part.gives] = LAYERS[part.kind](takes, part.settings)
    error = sum(0.5 * ((known[name] - known[target]) ** 2).sum() for name, target, _ in stack.heads)
    error.backward()
    values = {name: tensor.detach() for name, tensor in known.items() if name not in given} | {"Error": error.detach()}
    return values, {name: torch.zeros_like(one) if one.grad is None else one.grad for name, one in given.items()}


DENSE = Torch(ACTIVATIONS, hill=lambda z: 1 / (1 + z**2), bump=lambda z: torch.exp(-(z**2)))
OPTIMIZERS: dict[str, Any] = {
    "gradient descent": torch.optim.SGD, "momentum": partial(torch.optim.SGD, momentum=0.9),
    "nesterov": partial(torch.optim.SGD, momentum=0.9, nesterov=True), "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "nadam": torch.optim.NAdam,
}  # fmt: skip
LOSSES = {
    "half_squared_error": lambda a, t: ((a - t) ** 2).sum() / 2, "squared_error": lambda a, t: ((a - t) ** 2).sum(),
    "mean_squared_error": lambda a, t: ((a - t) ** 2).mean(), "hinge": lambda a, t: torch.relu(1 - t * a).sum(),
    "binary_cross_entropy": lambda a, t: functional.binary_cross_entropy(a, t, reduction="sum"),
    "softmax_cross_entropy": lambda a, t: -torch.xlogy(t, a).sum(),
    "log_cosh": lambda a, t: torch.log(torch.cosh(a - t)).sum(),
}  # fmt: skip


def without_gaps(values: Any) -> Any:
    """The values with 0 where no edge is."""
    return list(map(without_gaps, values)) if isinstance(values, list) else 0.0 if values == "none" else float(values)


def learning(layer: dict[str, Any], senders: list[str], letter: str, values: Any) -> Tensor:
    """1 for every weight or bias that learns, 0 for one that is frozen or not there."""
    frozen = set(layer.get("frozen", []))
    if not isinstance(values, list):
        return torch.tensor(1.0)
    rows = []
    for neuron, row in zip(layer["neurons"], values, strict=True):
        names = senders if letter == "w" else [""]
        cells = row if letter == "w" else [row]
        found = [float(cell != "none" and not frozen & {neuron, f"{letter}_{neuron}{'_' * bool(name)}{name}"})
                 for name, cell in zip(names, cells, strict=True)]  # fmt: skip
        rows.append(found if letter == "w" else found[0])
    return torch.tensor(rows)


def dense_in_torch(
    table: dict[str, Any], updates: int
) -> tuple[list[float], list[dict[str, Tensor]], dict[str, Tensor]]:
    """The errors and gradients of a few updates on the first sample, and the parameters after them."""
    sample, known = table["samples"][0], {}
    senders = [table["inputs"]["names"], *(layer["neurons"] for layer in table["layers"])]
    x, t = (torch.tensor(sample[name], dtype=torch.float64) for name in ("inputs", "targets"))
    for n, layer in enumerate(table["layers"], 1):
        bias = layer.get("biases", layer.get("shared_bias"))
        alpha = 0.25 if layer["activation"] == "prelu" else None
        arrays = {f"w{n}": layer["weights"], f"b{n}": bias, f"alpha{n}": alpha}
        arrays |= {f"w{n}_{one['from_layer']}": one["weights"] for one in layer.get("shortcuts", [])}
        known |= {name: values for name, values in arrays.items() if values is not None}
    learns = {}
    for name, values in known.items():
        number, before = re.findall(r"\d+", name) if "_" in name else (name[-1], int(name[-1]) - 1)
        learns[name] = learning(table["layers"][int(number) - 1], senders[int(before)], name[0], values)
    known = {name: torch.tensor(without_gaps(values), requires_grad=True) for name, values in known.items()}
    for name, one in known.items():
        one.register_hook(partial(torch.mul, learns[name]))
    optimizer = OPTIMIZERS[table["update"]](known.values(), lr=table["learning_rate"])
    errors, gradients = [], []
    for _ in range(updates):
        a, every = x, [x]
        for n, layer in enumerate(table["layers"], 1):
            z = known[f"w{n}"] @ a + known.get(f"b{n}", 0)
            for one in layer.get("shortcuts", []):
                z = z + known[f"w{n}_{one['from_layer']}"] @ every[one["from_layer"]]
            functions = layer["activation"] if isinstance(layer["activation"], list) else []
            if functions:
                a = torch.stack([DENSE[name](one) for name, one in zip(functions, z, strict=True)])
            elif layer["activation"] == "prelu":
                a = functional.prelu(z, known[f"alpha{n}"].reshape(1))
            else:
                a = DENSE[layer["activation"]](z)
            every.append(a)
        optimizer.zero_grad()
        error = LOSSES[table["loss"]](a, t)
        error.backward()
        errors.append(float(error.detach()))
        gradients.append({name: one.grad.clone() for name, one in known.items()})
        before = {name: one.detach().clone() for name, one in known.items()}
        optimizer.step()
        with torch.no_grad():
            for name, one in known.items():
                one.copy_(torch.where(learns[name] > 0, one, before[name]))
    return errors, gradients, {name: one.detach() for name, one in known.items()}
