"""The functions that a formula may call, one line each: how each is printed, and how each is computed.

Nothing here is a derivative: derivatives are derived (see `calculus`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """`text`, `ascii`, `latex`: the printed name; `arguments`: how many; `numpy`: how compiled code computes it."""

    text: str
    ascii: str
    latex: str
    arguments: int
    numpy: str


FUNCTIONS: dict[str, Function] = {
    "exp": Function("exp", "exp", r"\exp", 1, "exp({0})"),  # printed as a power of e
    "log": Function("ln", "ln", r"\ln", 1, "log({0})"),
    "sqrt": Function("√", "sqrt", r"\sqrt", 1, "sqrt({0})"),
    "abs": Function("abs", "abs", r"\operatorname{abs}", 1, "abs({0})"),
    "sign": Function("sign", "sign", r"\operatorname{sign}", 1, "sign({0})"),
    "sin": Function("sin", "sin", r"\sin", 1, "sin({0})"),
    "cos": Function("cos", "cos", r"\cos", 1, "cos({0})"),
    "tanh": Function("tanh", "tanh", r"\tanh", 1, "tanh({0})"),
    "max": Function("max", "max", r"\max", 2, "maximum({0}, {1})"),
    "min": Function("min", "min", r"\min", 2, "minimum({0}, {1})"),
    # The exponential may overflow to infinity at z = −800; 1/(1 + ∞) = 0 is then the right value.
    # Only printed: which of the arguments is the largest, counted from 1 (at a tie the first), and its part of them.
    "argmax": Function("argmax", "argmax", r"\operatorname{argmax}", 0, ""),
    "argmin": Function("argmin", "argmin", r"\operatorname{argmin}", 0, ""),
    "sum": Function("sum", "sum", r"\operatorname{sum}", 0, ""),  # over all elements of a whole array
    "share": Function("share", "share", r"\operatorname{share}", 0, ""),
    "sigmoid": Function("σ", "sigmoid", r"\sigma", 1, "(1 / (1 + exp(-({0}))))"),
}
