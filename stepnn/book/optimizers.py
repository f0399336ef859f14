"""Every update rule, one line for each of its formulas.

w a parameter, g its gradient ∂E/∂w, eta the learning rate. No derivative stands here.
Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), chapter 8, except where noted.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class OptimizerRule:
    """One update rule: its lines in the order in which they are worked out, and the defaults of its settings.

    w is a parameter, g the gradient ∂E/∂w, eta the learning rate, tau the number of the update, from 1. A name
    that ends in `_new` is kept for the next update, where it has lost that ending; before the first update it is 0,
    or what `start` says. The last line is the new parameter. A line with no w, g or state of a parameter in it is the
    same for all parameters and worked out once. A line whose name begins with `g_` takes the place of g behind it.
    `spared` are the lines of parameters that weight decay leaves alone. With `norm`, the length of all gradients
    together is worked out first.
    """

    lines: dict[str, str]
    settings: dict[str, float] = field(default_factory=dict)
    start: dict[str, float] = field(default_factory=dict)
    spared: dict[str, str] = field(default_factory=dict)
    norm: bool = False


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

# η as it changes; {n} is the number of the update or epoch from 1, {u} how many have passed since the warm-up. Sources:
# PyTorch's StepLR and ExponentialLR; the cosine of Loshchilov and Hutter 2017 (arXiv 1608.03983), without restarts; the
# warm-up of Goyal et al. 2017 (arXiv 1706.02677), section 2.2.
SCHEDULES = {
    "constant": "eta",
    "step": "eta * {factor}**floor({u} / {every})",
    "exponential": "eta * {factor}**{u}",
    "cosine": "{least} + (eta - {least}) / 2 * (1 + cos(pi() * min({u}, {over}) / {over}))",
}
WARM_UP = "where({n} <= {warm_up}, eta * {n} / {warm_up}, {after})"
EPOCH = "floor((tau - 1) / {updates})"  # how many epochs of so many updates have passed

# A gradient that is too large: each number cut off, or all of them shortened together (Pascanu et al. 2013, arXiv
# 1211.5063). PyTorch adds 1e-6 to the norm.
CLIPPED_VALUE, CLIPPED_NORM = "max(-{most}, min(g, {most}))", "g * min(1, {most} / norm)"

BATCH_SUM, BATCH_MEAN = "sum(g[s], s)", "1/n * sum(g[s], s)"  # over the n samples of a batch

PERCEPTRON_RULE = "w + eta * e * x"  # Rosenblatt 1958, Psychological Review 65; e = t − a, x what the weight multiplies

INITS = ("zeros", "uniform", "xavier", "he")  # how first weights are drawn: Glorot and Bengio 2010; He et al. 2015
