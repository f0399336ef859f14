"""The book of formulas: every activation, loss and update rule, one line each.

z weighted sum, a activation, t target, w a parameter, E error, eta learning rate, alpha a number of the
activation function. The free index is k; letters bound by a sum are any others. No derivative stands here.
Sources: Goodfellow, Bengio and Courville, *Deep Learning* (2016), chapters 6 and 8, except where noted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from stepnn.notation.formula import Formula
from stepnn.notation.parse import parse


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
    "softmax": ActivationRule("exp(z[k]) / sum(exp(z[m]), m)", stable=SOFTMAX),
}

LOSSES: dict[str, LossRule] = {
    "half_squared_error": LossRule("1/2 * (a[k] - t[k])**2"),
    "squared_error": LossRule("(a[k] - t[k])**2"),
    "mean_squared_error": LossRule("(a[k] - t[k])**2", "1/n * sum(E[k], k)"),
    "binary_cross_entropy": LossRule("-(t[k] * log(a[k]) + (1 - t[k]) * log(1 - a[k]))"),
    "softmax_cross_entropy": LossRule("-t[k] * log(a[k])", after="softmax"),
    "hinge": LossRule("max(0, 1 - t[k] * a[k])"),  # targets are −1 and 1; Cortes and Vapnik 1995
}


@dataclass(frozen=True)
class OptimizerRule:
    """One update rule: its lines in the order in which they are worked out, and the defaults of its settings.

    w is a parameter, g the gradient ∂E/∂w, eta the learning rate, tau the number of the update, from 1. A name
    that ends in `_new` is kept for the next update, where it has lost that ending; before the first update it is 0,
    or what `start` says. The last line is the new parameter. A line with no w, g or state of a parameter in it is the
    same for all parameters and worked out once.
    """

    lines: dict[str, str]
    settings: dict[str, float] = field(default_factory=dict)
    start: dict[str, float] = field(default_factory=dict)


AVERAGES = {"m_new": "beta1 * m + (1 - beta1) * g", "v_new": "beta2 * v + (1 - beta2) * g**2"}
CORRECTED = {"m_hat": "m_new / (1 - beta1**tau)", "v_hat": "v_new / (1 - beta2**tau)"}
SQUARES = {"s_new": "rho * s + (1 - rho) * g**2"}
SCHEDULE = {  # Nadam's momentum grows with the number of the update; P is the product of all μ so far
    "mu": "beta1 * (1 - 0.5 * 0.96**(tau * psi))",
    "mu_next": "beta1 * (1 - 0.5 * 0.96**((tau + 1) * psi))",
    "P_new": "P * mu",
}
OUTSIDE, INSIDE = "epsilon outside the root", "epsilon inside the root"
BETAS = {"beta1": 0.9, "beta2": 0.999}

# By name, then by variant; the first variant and its settings are PyTorch's. Sources: momentum Polyak 1964 and
# Sutskever et al. 2013; AdaGrad Duchi et al. 2011; RMSProp Hinton 2012, lecture 6; Adam Kingma and Ba 2015; AdamW
# Loshchilov and Hutter 2019; Nadam Dozat 2016. The other variants: d2l.ai chapter 12 (ε inside the root), Keras 3
# (the ε̂ of Kingma and Ba, section 2), Sutskever et al. (the velocity holds the rate).
OPTIMIZERS: dict[str, dict[str, OptimizerRule]] = {
    "gradient descent": {"plain": OptimizerRule({"w_new": "w - eta * g"})},
    "momentum": {
        "velocity of gradients": OptimizerRule({"v_new": "beta * v + g", "w_new": "w - eta * v_new"}, {"beta": 0.9}),
        "velocity of steps": OptimizerRule({"v_new": "beta * v - eta * g", "w_new": "w + v_new"}, {"beta": 0.9}),
        "averaged gradients": OptimizerRule(
            {"v_new": "beta * v + (1 - beta) * g", "w_new": "w - eta * v_new"}, {"beta": 0.9}
        ),
    },
    "nesterov": {
        "velocity of gradients": OptimizerRule(
            {"v_new": "beta * v + g", "w_new": "w - eta * (g + beta * v_new)"}, {"beta": 0.9}
        ),
        "velocity of steps": OptimizerRule(
            {"v_new": "beta * v - eta * g", "w_new": "w - beta * v + (1 + beta) * v_new"}, {"beta": 0.9}
        ),
    },
    "adagrad": {
        OUTSIDE: OptimizerRule(
            {"s_new": "s + g**2", "w_new": "w - eta * g / (sqrt(s_new) + epsilon)"}, {"epsilon": 1e-10}
        ),
        INSIDE: OptimizerRule(
            {"s_new": "s + g**2", "w_new": "w - eta * g / sqrt(s_new + epsilon)"}, {"epsilon": 1e-10}
        ),
    },
    "rmsprop": {
        OUTSIDE: OptimizerRule(
            {**SQUARES, "w_new": "w - eta * g / (sqrt(s_new) + epsilon)"}, {"rho": 0.99, "epsilon": 1e-8}
        ),
        INSIDE: OptimizerRule(
            {**SQUARES, "w_new": "w - eta * g / sqrt(s_new + epsilon)"}, {"rho": 0.99, "epsilon": 1e-8}
        ),
    },
    "adam": {
        OUTSIDE: OptimizerRule(
            {**AVERAGES, **CORRECTED, "w_new": "w - eta * m_hat / (sqrt(v_hat) + epsilon)"}, {**BETAS, "epsilon": 1e-8}
        ),
        "epsilon hat": OptimizerRule(
            {
                "eta_tau": "eta * sqrt(1 - beta2**tau) / (1 - beta1**tau)",
                **AVERAGES,
                "w_new": "w - eta_tau * m_new / (sqrt(v_new) + epsilon)",
            },
            {**BETAS, "epsilon": 1e-7},
        ),
        "no bias correction": OptimizerRule(
            {**AVERAGES, "w_new": "w - eta * m_new / (sqrt(v_new) + epsilon)"}, {**BETAS, "epsilon": 1e-8}
        ),
    },
    "adamw": {
        OUTSIDE: OptimizerRule(
            {
                "d": "w - eta * lambda_ * w",
                **AVERAGES,
                **CORRECTED,
                "w_new": "d - eta * m_hat / (sqrt(v_hat) + epsilon)",
            },
            {**BETAS, "epsilon": 1e-8, "lambda_": 0.01},
        ),
        "epsilon hat": OptimizerRule(
            {
                "eta_tau": "eta * sqrt(1 - beta2**tau) / (1 - beta1**tau)",
                "d": "w - eta * lambda_ * w",
                **AVERAGES,
                "w_new": "d - eta_tau * m_new / (sqrt(v_new) + epsilon)",
            },
            {**BETAS, "epsilon": 1e-7, "lambda_": 0.004},
        ),
    },
    "nadam": {
        "momentum schedule": OptimizerRule(
            {
                **SCHEDULE,
                **AVERAGES,
                "m_bar": "mu_next * m_new / (1 - P_new * mu_next) + (1 - mu) * g / (1 - P_new)",
                "v_hat": CORRECTED["v_hat"],
                "w_new": "w - eta * m_bar / (sqrt(v_hat) + epsilon)",
            },
            {**BETAS, "epsilon": 1e-8, "psi": 0.004},
            {"P": 1.0},
        ),
        "no schedule": OptimizerRule(
            {
                **AVERAGES,
                **CORRECTED,
                "m_bar": "beta1 * m_hat + (1 - beta1) * g / (1 - beta1**tau)",
                "w_new": "w - eta * m_bar / (sqrt(v_hat) + epsilon)",
            },
            {**BETAS, "epsilon": 1e-8},
        ),
    },
}
WEIGHT_DECAY = "g + lambda_ * w"  # the gradient with that of ½λw² added; AdamW has a line of its own instead

BATCH_SUM, BATCH_MEAN = "sum(g[s], s)", "1/n * sum(g[s], s)"  # over the n samples of a batch

WEIGHTED_SUM = "sum(w[k, j] * a[j], j)"
WEIGHTED_SUM_WITH_BIAS = "sum(w[k, j] * a[j], j) + b[k]"

PERCEPTRON_RULE = "w + eta * e * x"  # Rosenblatt 1958, Psychological Review 65; e = t − a, x what the weight multiplies


@lru_cache(maxsize=64)
def read(text: str) -> Formula:
    """A formula of the book as a tree."""
    return parse(text, any_exponent=True)
