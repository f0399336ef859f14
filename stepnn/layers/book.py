"""The book of formulas: every activation, loss and update rule, one line each.

z weighted sum, a activation, t target, w a parameter, E error, eta learning rate, alpha a number of the
activation function. The free index is k; letters bound by a sum are any others. No derivative stands here.
Sources: Goodfellow, Bengio and Courville, *Deep Learning* (2016), chapters 6 and 8, except where noted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from stepnn.notation.formula import Formula
from stepnn.notation.parse import parse


@dataclass(frozen=True)
class ActivationRule:
    """`formula` in z[k]; `alpha` is the default of its number, if it has one; `learned` if that is trained."""

    formula: str
    alpha: float | None = None
    learned: bool = False


@dataclass(frozen=True)
class LossRule:
    """`each` is the error of one output neuron, `total` the error over all n of them."""

    each: str
    total: str = "sum(E[k], k)"
    after: str | None = None  # the activation that the output layer must have


ACTIVATIONS: dict[str, ActivationRule] = {
    "identity": ActivationRule("z[k]"),
    "step": ActivationRule("where(z[k] >= 0, 1, 0)"),  # 1 at exactly 0, as in Rosenblatt's perceptron
    "sigmoid": ActivationRule("1 / (1 + exp(-z[k]))"),
    "tanh": ActivationRule("tanh(z[k])"),
    "relu": ActivationRule("max(0, z[k])"),
    "leaky_relu": ActivationRule("where(z[k] > 0, z[k], alpha * z[k])", alpha=0.01),  # Maas et al. 2013
    "prelu": ActivationRule("where(z[k] > 0, z[k], alpha * z[k])", alpha=0.25, learned=True),  # He et al. 2015
    "elu": ActivationRule("where(z[k] > 0, z[k], alpha * (exp(z[k]) - 1))", alpha=1.0),  # Clevert et al. 2016
    "softplus": ActivationRule("log(1 + exp(z[k]))"),
    "softmax": ActivationRule("exp(z[k]) / sum(exp(z[m]), m)"),
}

LOSSES: dict[str, LossRule] = {
    "half_squared_error": LossRule("1/2 * (a[k] - t[k])**2"),
    "squared_error": LossRule("(a[k] - t[k])**2"),
    "mean_squared_error": LossRule("(a[k] - t[k])**2", "1/n * sum(E[k], k)"),
    "binary_cross_entropy": LossRule("-(t[k] * log(a[k]) + (1 - t[k]) * log(1 - a[k]))"),
    "softmax_cross_entropy": LossRule("-t[k] * log(a[k])", after="softmax"),
    "hinge": LossRule("max(0, 1 - t[k] * a[k])"),  # targets are −1 and 1; Cortes and Vapnik 1995
}

WEIGHTED_SUM = "sum(w[k, j] * a[j], j)"
WEIGHTED_SUM_WITH_BIAS = "sum(w[k, j] * a[j], j) + b[k]"

GRADIENT_DESCENT = "w - eta * g"  # g is ∂E/∂w
PERCEPTRON_RULE = "w + eta * e * x"  # Rosenblatt 1958, Psychological Review 65; e = t − a, x what the weight multiplies


@lru_cache(maxsize=64)
def read(text: str) -> Formula:
    """A formula of the book as a tree."""
    return parse(text)
