"""Reading printed formulas back: a small parser of our own for the text and for the LaTeX of a numbers line."""

from __future__ import annotations

import math
import re

NAMES = {
    "exp": math.exp, "log": math.log, "ln": math.log, "tanh": math.tanh, "max": max, "min": min, "sqrt": math.sqrt, "abs": abs,
    "argmax": lambda *all: all.index(max(all)) + 1, "argmin": lambda *all: all.index(min(all)) + 1, "float": float,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)), "sin": math.sin, "cos": math.cos,
    "erf": math.erf, "stop_gradient": float, "π": math.pi, "pi": math.pi, "round": round, "floor": math.floor, "arctan": math.atan, "sinh": math.sinh, "cosh": math.cosh,
}  # fmt: skip
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def number_of_text(text: str) -> float:
    """The value of a numbers line as printed in text or ASCII."""
    text = re.sub(r"([0-9.]+)×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: f"({m[1]}*10.0**{m[2].translate(SUPERSCRIPTS)})", text)
    text = (
        text.replace("−", "-")
        .replace("·", "*")
        .replace("½", "0.5")
        .replace("²", "**2")
        .replace("σ", "sigmoid")
        .replace("√", "sqrt")
    )
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = text.replace("≥", ">=").replace("≤", "<=")
    text = re.sub(r"\be\^\(", "exp(", text)
    text = re.sub(r"\be\^([0-9.]+)", r"exp(\1)", text).replace("^", "**")
    text = text.replace(", else ", " else ")
    text = re.sub(r"\[(\d+) = ", r"float(\1 == ", text).replace("]", ")")
    return float(eval(text, {"__builtins__": {}}, NAMES))


def number_of_latex(text: str) -> float:
    """The value of a numbers line as printed in LaTeX."""
    text = text.replace(r"\left|", "abs(").replace(r"\right|", ")")
    text = text.replace(r"\left(", "(").replace(r"\right)", ")").replace(r"\cdot", "*").replace(r"\times", "*")
    text = text.replace(r"\operatorname{argmax}", "argmax").replace(r"\operatorname{argmin}", "argmin")
    text = re.sub(r"\\left\[(\d+) = ", r"float(\1 == ", text).replace(r"\right]", ")")
    for name in ("arctan", "ln", "tanh", "sinh", "cosh", "max", "min", "sin", "cos"):
        text = text.replace(rf"\{name}", name)
    text = (
        text.replace(r"\operatorname{erf}", "erf")
        .replace(r"\operatorname{round}", "round")
        .replace(r"\operatorname{floor}", "floor")
        .replace(r"\pi", "pi")
    )
    text = text.replace(r"\operatorname{stop\_gradient}", "stop_gradient")
    text = text.replace(r"\sigma", "sigmoid").replace(r"\operatorname{abs}", "abs")
    text = text.replace(r"\gt", ">").replace(r"\ge", ">=").replace(r"\lt", "<").replace(r"\le", "<=")
    text = re.sub(
        r"\\begin\{cases\} (.*?) & (.*?) \\cr (.*?) & \\text\{else\} \\end\{cases\}", r"((\1) if (\2) else (\3))", text
    )
    text = text.replace(r"\sqrt{", "sqrt^{")
    while (start := re.search(r"\\t?frac\{|e\^\{|t?\^\{", text)) is not None:
        first, after = braces(text, start.end() - 1)
        if "frac" in start[0]:
            second, after = braces(text, after)
            new = f"(({first})/({second}))"
        else:
            new = f"exp({first})" if start[0].startswith("e") else f"**({first})"
            new = f"t({first})" if start[0].startswith("t") else new
        text = text[: start.start()] + new + text[after:]
    return float(eval(text, {"__builtins__": {}}, NAMES))


def braces(text: str, start: int) -> tuple[str, int]:
    """What stands between a brace and its partner, and where that ends."""
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return text[start + 1 : place], place + 1
    raise ValueError(text)
