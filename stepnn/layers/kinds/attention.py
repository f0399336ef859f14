"""Attention and what stands around it in a transformer: embedding, residual connection, normalisation, positions.

x[s, d] is number d of the token at position s; matrices act from the right, Q = X·W_q, as the paper writes them.
Sources: Vaswani et al. 2017, arXiv 1706.03762, sections 3.2 and 3.5; Ba et al. 2016, arXiv 1607.06450 (layer
normalisation); Ioffe and Szegedy 2015 (batch normalisation); He et al. 2016 (residual connection).
"""

from __future__ import annotations

from fractions import Fraction
from math import prod

from stepnn.layers.kinds.page import Applied, Kind, Line, Setting, Unfit
from stepnn.words.told import together, told

VARIANCE = {"epsilon": Setting(1e-5), "variance": Setting("biased", ("biased", "unbiased"), told=True)}


def embedding(given: Applied) -> list[Line]:
    """x[t, d] = V[word[t], d]: each word is looked up by its number, the row of the table that stands for it."""
    t = given.index("word", "t", taken="d")
    return [Line("x", f"{t}, d", f"V[word[{t}], d]", text="embedding.x")]


def shares(given: Applied, head: str) -> str:
    """Softmax over a row of scores; what is masked has no part in it."""
    score = f"exp(S[{head}s, {{0}}])"
    if given.has("pad"):
        score = f"where(pad[{{0}}] > 0, {score}, 0)"
    if given.choice("mask") == "causal":
        score = f"where(s >= {{0}}, {score}, 0)"
    return f"{score.format('u')} / sum({score.format('v')}, v)"


def attention(given: Applied) -> list[Line]:
    """softmax(Q·Kᵀ/√d)·V, in one head or several side by side; with a second sequence m, that is looked at.

    Under a causal mask a position looks at itself and at those before it; `pad` is 0 where nothing is to be looked at.
    """
    heads, other = given.whole("heads"), "m" if given.has("m") else "x"
    width, wide = given.shapes["W_q"][1], given.shapes["W_v"][1]
    for name, size in (("W_q", width), ("W_v", wide)):
        if size % heads:
            wanted = told("a_multiple_of", heads=heads)
            raise Unfit(
                told("the_heads_do_not_divide"),
                told("columns_in", size=size, name=name),
                wanted,
                told("take_other_heads"),
            )
    each, out = width // heads, wide // heads
    head, at = ("h, ", [f"{n}*h + e" if n > 1 else "h + e" for n in (each, out)]) if heads > 1 else ("", ["e", "e"])
    scaled = f" / sqrt({each})" if given.choice("scores") == "scaled" else ""
    several = {"h": heads} if heads > 1 else {}
    lines = [
        Line("Q", "s, e", "sum(x[s, d] * W_q[d, e], d)", text="attention.Q"),
        Line("K", "u, e", f"sum({other}[u, d] * W_k[d, e], d)", text="attention.K"),
        Line("V", "u, e", f"sum({other}[u, d] * W_v[d, e], d)", text="attention.V"),
        Line("S", f"{head}s, u", f"sum(Q[s, {at[0]}] * K[u, {at[0]}], e){scaled}",
             sizes={"e": each, **several}, text=f"attention.S.{'several' if heads > 1 else 'one'}"),
        Line("A", f"{head}s, u", shares(given, head), sizes=several,
             text=f"attention.A.{given.choice('mask')}"),
        Line("Y", f"{head}s, e", f"sum(A[{head}s, u] * V[u, {at[1]}], u)",
             sizes={"e": out, **several}, text="attention.Y"),
    ]  # fmt: skip
    if given.has("W_o"):
        letters = "h, e" if heads > 1 else "e"
        formula = f"sum(Y[{head}s, e] * W_o[{at[1]}, d], {letters})"
        lines.append(Line("O", "s, d", formula, sizes={"e": out, **several}, text="attention.O"))
    elif heads > 1:
        formula = f"sum(same(f, {at[1]}) * Y[h, s, e], h, e)"
        lines.append(Line("O", "s, f", formula, sizes={"f": wide, "e": out, **several}, text="attention.side"))
    return lines


def normalized(given: Applied, over: str, rest: str, index: str, kind: str) -> list[Line]:
    """Mean and variance over some letters, the normalised values, and γ and β if the lesson gives them."""
    size = prod(size for one, size in zip(index.split(", "), given.shapes["x"], strict=True) if one in over.split(", "))
    least = 2 if given.choice("variance") == "unbiased" else 1
    if size < least:
        raise Unfit(told("there_is_no_unbiased_variance"), str(size), told("at_least_2"))
    divisor = size if least == 1 else size - 1
    at = f"[{rest}]" if rest else ""
    own = rest if kind == "batch_normalization" else "d"
    lines = [
        Line("mu", rest, f"1/{size} * sum(x[{index}], {over})", text=f"{kind}.mu"),
        Line("variance", rest, f"1/{divisor} * sum((x[{index}] - mu{at})**2, {over})",
             text=f"{kind}.variance"),
        Line("x_hat", index, f"(x[{index}] - mu{at}) / sqrt(variance{at} + {given.settings['epsilon']!r})",
             text=f"{kind}.x_hat"),
    ]  # fmt: skip
    gamma, beta = (f"{name}[{own}]" if own and given.shapes.get(name) else name for name in ("gamma", "beta"))
    scale, shift = given.term("gamma", f"{gamma} * "), given.term("beta", f" + {beta}")
    text = f"{kind}.y"
    return [*lines, Line("y", index, f"{scale}x_hat[{index}]{shift}", text=text)] if scale or shift else lines


def layer_normalization(given: Applied) -> list[Line]:
    """Each token's numbers are brought to mean 0 and variance 1."""
    several = len(given.shapes["x"]) == 2
    return normalized(given, "d", "s" if several else "", "s, d" if several else "d", "layer_normalization")


def batch_normalization(given: Applied) -> list[Line]:
    """Each feature is brought to mean 0 and variance 1 over the samples n of a batch; of pictures each channel, over
    their places too."""
    index = given.index("x", ("n", "n, d", "n, c, i", "n, c, i, j")[len(given.shapes["x"]) - 1])
    n, *rest = index.split(", ")
    return normalized(given, ", ".join([n, *rest[1:]]), "".join(rest[:1]), index, "batch_normalization")


def residual(given: Applied) -> list[Line]:
    """y = x + f: what a layer gives is added to what went into it."""
    if given.shapes["x"] != given.shapes["f"]:
        found = together([" × ".join(map(str, given.shapes[name])) for name in ("x", "f")], "both")
        raise Unfit(told("what_is_added_has_another"), found, told("the_same_shape_for_x"), where="of")
    index = given.index("x", ("d", "s, d", "c, i, j")[len(given.shapes["x"]) - 1])
    return [Line("y", index, f"x[{index}] + f[{index}]", text="residual.y")]


def positional_encoding(given: Applied) -> list[Line]:
    """Sine and cosine of the position, in waves of rising length, added to the tokens in turn.

    Of an odd number of columns the last one gets a sine without its cosine.
    """
    length, width = given.shapes["x"]
    base = float(given.number("base"))
    waves = tuple(float(base ** (2 * n / width)) for n in range((width + 1) // 2))
    added = "sum(same(d, 2*n) * sine[s, n] + same(d, 2*n + 1) * cosine[s, n], n)"
    return [
        Line("pos", "s", values=tuple(map(float, range(length))), sizes={"s": length}),
        Line("wave", "n", values=waves, sizes={"n": len(waves)}),
        Line("angle", "s, n", "pos[s] / wave[n]", text="positional_encoding.angle"),
        Line("sine", "s, n", "sin(angle[s, n])", text="positional_encoding.sine"),
        Line("cosine", "s, n", "cos(angle[s, n])", text="positional_encoding.cosine"),
        Line("y", "s, d", f"x[s, d] + {added}", text="positional_encoding.y"),
    ]


def dropout(given: Applied) -> list[Line]:
    """y = x·m/(1 − p): what the mask m turns off is 0, the others make up for it (Srivastava et al. 2014, section 10).

    Without the scale, as in their first paper, the weights are multiplied by 1 − p after the training instead.
    """
    if given.shapes["x"] != given.shapes["mask"]:
        found = together([" × ".join(map(str, given.shapes[name])) for name in ("x", "mask")], "both")
        raise Unfit(told("the_mask_has_another_shape"), found, told("the_same_shape_for_mask"), where="of")
    index = given.index("x", ("k", "t, k", "k, i, j", "n, k, i, j")[given.rank("x", 1, 2, 3, 4) - 1])
    kept = 1 - Fraction(str(given.settings["rate"]))
    if kept <= 0:
        message, wanted = told("the_rate_is_too_large"), told("less_than", most=1)
        raise Unfit(message, str(given.settings["rate"]), wanted, where="settings.rate")
    factor = f"{kept.denominator}/{kept.numerator}".removesuffix("/1")
    scale = f" * {factor}" if given.choice("scale") == "in training" and kept != 1 else ""
    text = f"dropout.{'scaled' if scale else 'plain'}"
    return [Line("y", index, f"x[{index}] * mask[{index}]{scale}", text=text)]


NORMAL = {"x": (1, 2), "gamma": (0, 1), "beta": (0, 1)}
KINDS = {
    "embedding": Kind(embedding, ("word", "V"), ranks={"word": (1,), "V": (2,)}),
    "attention": Kind(
        attention, ("x", "W_q", "W_k", "W_v"), ("m", "W_o", "pad"),
        {
            "heads": Setting(1, least=1), "scores": Setting("scaled", ("scaled", "not scaled"), told=True),
            "mask": Setting("none", ("none", "causal")),
        },
        {"x": (2,), "m": (2,), "pad": (1,), **dict.fromkeys(("W_q", "W_k", "W_v", "W_o"), (2,))}, "attention",
    ),
    "layer normalization": Kind(layer_normalization, ("x",), ("gamma", "beta"), VARIANCE, NORMAL, "normalization"),
    "batch normalization": Kind(
        batch_normalization, ("x",), ("gamma", "beta"), VARIANCE, NORMAL | {"x": (1, 2, 3, 4)}, "normalization", "x"
    ),
    "residual": Kind(residual, ("x", "f"), ranks={"x": (1, 2, 3)}),
    "positional encoding": Kind(
        positional_encoding, ("x",), (), {"base": Setting(10_000.0, least=1)}, {"x": (2,)}
    ),
    "dropout": Kind(
        dropout, ("x", "mask"), (),
        {"rate": Setting(0.5), "scale": Setting("in training", ("in training", "none"), told=True)}, family="dropout",
    ),
}  # fmt: skip
