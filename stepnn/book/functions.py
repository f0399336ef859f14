"""The functions of formulas, the activations and the losses: one row each, that everything about it is asked from.

z weighted sum, a activation, t target, E error, alpha a number of the activation function. The free index is k;
letters bound by a sum are any others. No derivative stands here: derivatives are derived (see `calculus`).
Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), chapter 6, except where noted.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """A function that formulas may call: how it is printed, and what computes it.

    `text` and `latex` are its printed name, `ascii` where the first is no ASCII. `numpy` is the name of NumPy's
    function, or the code that does it; one without it is only printed. `math` is its name in Python's `math`, in mpmath
    and in SymPy, `sympy` that in SymPy where it is another. With `rational`, it makes fractions of fractions.
    """

    text: str
    latex: str
    numpy: str = ""
    math: str = ""
    sympy: str = ""
    ascii: str = ""
    arguments: int = 1
    rational: bool = False

    @property
    def code(self) -> str:
        """Its call in compiled code, with {0} and {1} for the arguments."""
        places = ", ".join(f"{{{place}}}" for place in range(self.arguments))
        return f"{self.numpy}({places})" if self.numpy.isidentifier() and self.arguments else self.numpy


FUNCTIONS: dict[str, Function] = {
    "exp": Function("exp", r"\exp", "exp", "exp"),  # printed as a power of e
    "log": Function("ln", r"\ln", "log", "log"),
    "sqrt": Function("√", r"\sqrt", "sqrt", "sqrt", ascii="sqrt"),
    "abs": Function("abs", r"\operatorname{abs}", "abs", sympy="Abs", rational=True),
    "sign": Function("sign", r"\operatorname{sign}", "sign", sympy="sign", rational=True),
    "sin": Function("sin", r"\sin", "sin", "sin"),
    "cos": Function("cos", r"\cos", "cos", "cos"),
    "arctan": Function("arctan", r"\arctan", "arctan", "atan"),
    "tanh": Function("tanh", r"\tanh", "tanh", "tanh"),
    "sinh": Function("sinh", r"\sinh", "sinh", "sinh"),
    "cosh": Function("cosh", r"\cosh", "cosh", "cosh"),
    "erf": Function("erf", r"\operatorname{erf}", "erf", "erf"),  # twice the share of a bell curve between 0 and z
    "round": Function("round", r"\operatorname{round}", "nearest", rational=True),  # a half to an even one
    "floor": Function("floor", r"\operatorname{floor}", "floor", rational=True),  # the largest whole number below
    # Its own argument, through which no error goes back: detach in PyTorch, lax.stop_gradient in JAX.
    "stop_gradient": Function("stop_gradient", r"\operatorname{stop\_gradient}", "({0})", rational=True),
    "pi": Function("π", r"\pi", "pi", arguments=0),
    "max": Function("max", r"\max", "maximum", arguments=2, rational=True),
    "min": Function("min", r"\min", "minimum", arguments=2, rational=True),
    # The exponential may overflow to infinity at z = −800; 1/(1 + ∞) = 0 is then the right value.
    "sigmoid": Function("σ", r"\sigma", "(1 / (1 + exp(-({0}))))", ascii="sigmoid"),
    # Only printed: which of the arguments is the largest, counted from 1 (at a tie the first), and its part of them;
    # the sum over all elements of a whole array.
    "argmax": Function("argmax", r"\operatorname{argmax}"),
    "argmin": Function("argmin", r"\operatorname{argmin}"),
    "share": Function("share", r"\operatorname{share}"),
    "sum": Function("sum", r"\operatorname{sum}"),
}


@dataclass(frozen=True)
class StableForm:
    """`written` loses its digits, or leaves the range of a number, `when` a condition holds; `better` does not there.

    In them a stands for the activation, z for what it is made of, x for anything else; m is any letter bound by a sum.
    """

    written: str
    better: str
    when: str


@dataclass(frozen=True)
class ActivationRule:
    """`formula` in z[k]; `alpha` is the default of its number, if it has one; `learned` if that is trained.

    `stable` are forms in which it stands in other formulas, and how they are worked out where it is saturated.
    """

    formula: str
    alpha: float | None = None
    learned: bool = False
    stable: tuple[StableForm, ...] = ()


def holds(condition: str) -> str:
    return f"where({condition}, 1, 0)"


REST = "sum((1 - same(m, k)) * a[m], m)"  # all other outputs of a softmax: 1 − a without taking away
SIGMOID = (
    StableForm("1 - a[k]", "1 / (1 + exp(z[k]))", holds("z[k] > 8")),
    StableForm("log(a[k])", "-log(1 + exp(-z[k]))", holds("abs(z[k]) > 8")),
    StableForm("log(1 - a[k])", "-log(1 + exp(z[k]))", holds("abs(z[k]) > 8")),
    StableForm("a[k] - x", "(1 - x) - 1 / (1 + exp(z[k]))", holds("z[k] > 8")),
    StableForm("x - a[k]", "1 / (1 + exp(z[k])) - (1 - x)", holds("z[k] > 8")),
    StableForm("1 - x * a[k]", "(1 - x) + x / (1 + exp(z[k]))", holds("z[k] > 8")),
)
TANH = (
    StableForm("1 - a[k]**2", "4 / (exp(z[k]) + exp(-z[k]))**2", holds("abs(z[k]) > 8")),
    StableForm("1 - a[k]", "2 / (1 + exp(2 * z[k]))", holds("z[k] > 8")),
    StableForm("1 + a[k]", "2 / (1 + exp(-2 * z[k]))", holds("z[k] < -8")),
    StableForm(
        "a[k] - x",
        "where(z[k] > 0, (1 - x) - 2 / (1 + exp(2 * z[k])), 2 / (1 + exp(-2 * z[k])) - (1 + x))",
        holds("abs(z[k]) > 8"),
    ),
    StableForm(
        "x - a[k]",
        "where(z[k] > 0, 2 / (1 + exp(2 * z[k])) - (1 - x), (1 + x) - 2 / (1 + exp(-2 * z[k])))",
        holds("abs(z[k]) > 8"),
    ),
    StableForm(
        "1 - x * a[k]",
        "where(z[k] > 0, (1 - x) + 2 * x / (1 + exp(2 * z[k])), (1 + x) - 2 * x / (1 + exp(-2 * z[k])))",
        holds("abs(z[k]) > 8"),
    ),
)
SOFTMAX = (
    StableForm("1 - a[k]", REST, holds("a[k] > 0.99")),
    StableForm("log(a[k])", "-log(sum(exp(z[m] - z[k]), m))", holds("abs(a[k] - 0.5) > 0.49")),
    StableForm("log(1 - a[k])", f"log({REST})", holds("a[k] > 0.99")),
    StableForm("a[k] - x", f"(1 - x) - {REST}", holds("a[k] > 0.99")),
    StableForm("x - a[k]", f"{REST} - (1 - x)", holds("a[k] > 0.99")),
    StableForm("1 - x * a[k]", f"(1 - x) + x * {REST}", holds("a[k] > 0.99")),
    StableForm(
        "a[k] * sum(x[m], m) - x[k]",
        f"a[k] * sum((1 - same(m, k)) * x[m], m) - x[k] * {REST}",
        holds("a[k] > 0.99"),
    ),
    StableForm(
        "x[k] * a[k] - a[k] * sum(x[m] * a[m], m)",
        f"a[k] * (x[k] * {REST} - sum((1 - same(m, k)) * x[m] * a[m], m))",
        holds("a[k] > 0.99"),
    ),
    StableForm(
        "2 * x[k] * a[k] - 2 * a[k] * sum(x[m] * a[m], m)",
        f"2 * a[k] * (x[k] * {REST} - sum((1 - same(m, k)) * x[m] * a[m], m))",
        holds("a[k] > 0.99"),
    ),
    StableForm(
        "x[k] - sum(a[k] * x[m], m)",
        f"x[k] * {REST} - a[k] * sum((1 - same(m, k)) * x[m], m)",
        holds("a[k] > 0.99"),
    ),
    StableForm("a[k] - a[k] * a[k]", f"a[k] * {REST}", holds("a[k] > 0.99")),
    StableForm(
        "same(k, l) * a[k] - a[k] * a[l]",
        f"a[k] * (same(k, l) * {REST} - (1 - same(k, l)) * a[l])",
        holds("a[k] > 0.99"),
    ),
)
ELU = (
    StableForm("alpha + a[k]", "alpha * exp(z[k])", holds("z[k] < -5")),
    StableForm("a[k] - x", "alpha * exp(z[k]) - (alpha + x)", holds("z[k] < -5")),
    StableForm("x - a[k]", "(alpha + x) - alpha * exp(z[k])", holds("z[k] < -5")),
    StableForm("1 - x * a[k]", "(1 + alpha * x) - x * alpha * exp(z[k])", holds("z[k] < -5")),
)


@dataclass(frozen=True)
class LossRule:
    """`each` is the error of one output neuron, `total` the error over all n of them."""

    each: str
    total: str = "sum(E[k], k)"
    after: str | None = None  # the activation that the output layer must have


ACTIVATIONS: dict[str, ActivationRule] = {
    "identity": ActivationRule("z[k]"),
    "step": ActivationRule("where(z[k] >= 0, 1, 0)"),  # 1 at exactly 0, as in Rosenblatt's perceptron
    "sigmoid": ActivationRule("1 / (1 + exp(-z[k]))", stable=SIGMOID),
    "tanh": ActivationRule("tanh(z[k])", stable=TANH),
    "relu": ActivationRule("max(0, z[k])"),
    "leaky_relu": ActivationRule("where(z[k] > 0, z[k], alpha * z[k])", alpha=0.01),  # Maas et al. 2013
    "prelu": ActivationRule("where(z[k] > 0, z[k], alpha * z[k])", alpha=0.25, learned=True),  # He et al. 2015
    "elu": ActivationRule(  # Clevert et al. 2016
        "where(z[k] > 0, z[k], alpha * (exp(z[k]) - 1))", alpha=1.0, stable=ELU
    ),
    "softplus": ActivationRule("log(1 + exp(z[k]))"),
    "arctan": ActivationRule("arctan(z[k])"),
    "softsign": ActivationRule("z[k] / (1 + abs(z[k]))"),  # Bergstra et al. 2009
    "mish": ActivationRule("z[k] * tanh(log(1 + exp(z[k])))"),  # Misra 2019, arXiv 1908.08681
    "swish": (swish := ActivationRule("z[k] / (1 + exp(-z[k]))")),  # Ramachandran et al. 2017
    "silu": swish,  # as Elfwing et al. 2017 call it, and PyTorch
    "gelu": ActivationRule("z[k] / 2 * (1 + erf(z[k] / sqrt(2)))"),  # Hendrycks and Gimpel 2016, arXiv 1606.08415
    "gelu_tanh": ActivationRule(  # the same paper, section 2, as GPT-2 has it
        "z[k] / 2 * (1 + tanh(sqrt(2 / pi()) * (z[k] + 0.044715 * z[k]**3)))"
    ),
    "softmax": ActivationRule("exp(z[k]) / sum(exp(z[m]), m)", stable=SOFTMAX),
}

LOSSES: dict[str, LossRule] = {
    "half_squared_error": LossRule("1/2 * (a[k] - t[k])**2"),
    "squared_error": LossRule("(a[k] - t[k])**2"),
    "mean_squared_error": LossRule("(a[k] - t[k])**2", "1/n * sum(E[k], k)"),
    "binary_cross_entropy": LossRule("-(t[k] * log(a[k]) + (1 - t[k]) * log(1 - a[k]))"),
    "softmax_cross_entropy": LossRule("-t[k] * log(a[k])", after="softmax"),
    "log_cosh": LossRule("log(cosh(a[k] - t[k]))"),  # Keras has it under this name
    "hinge": LossRule("max(0, 1 - t[k] * a[k])"),  # targets are −1 and 1; Cortes and Vapnik 1995
}
