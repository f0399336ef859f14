"""Formulas as they are read aloud: the alternative text of every formula on paper."""

from __future__ import annotations

from collections.abc import Sequence

from stepnn.notation.mathematics import (
    NEW,
    Accent,
    BigSum,
    Blank,
    Brackets,
    Branches,
    Element,
    Fraction,
    Grid,
    Node,
    Nodes,
    Root,
    Scripts,
    Style,
    Symbol,
    number,
    symbols,
)
from stepnn.views.diagram import Diagram
from stepnn.views.page import Line
from stepnn.words import Catalogue

SIGNS = {
    "+": "plus", "−": "minus", "·": "times", "×": "times", "⊙": "times_each", "=": "equals", ">": "greater",
    "<": "less", "≥": "at_least", "≤": "at_most", "⋯": "dots", "⋮": "dots", "∂": "partial", ",": "comma", "′": "prime",
    "ln": "ln", "√": "root_sign",
    "δ": "delta", "η": "eta", "α": "alpha", "β": "beta", "γ": "gamma", "ε": "epsilon", "λ": "lambda", "μ": "mu",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "ψ": "psi", "θ": "theta",
}  # fmt: skip


def speak(nodes: Nodes, words: Catalogue) -> str:
    """The formula in words, in the language of the catalogue."""
    return " ".join(filter(None, (spoken(node, words) for node in nodes)))


def speak_lines(lines: Sequence[Line], words: Catalogue) -> str:
    """An equation in words: its lines one after the other."""
    equals = words("speech.equals")
    return "; ".join(f"{speak(line.left, words)} {equals} {speak(line.right, words)}".strip() for line in lines)


def spoken(node: Node, words: Catalogue) -> str:
    match node:
        case Symbol(letter):
            return words(f"speech.{SIGNS[letter]}") if letter in SIGNS else letter
        case Element(inner):
            return speak(inner, words)
        case Scripts(base, below, above):
            return with_scripts(speak(base, words), below, above, words)
        case Fraction(top, bottom):
            simple = len(list(symbols(top))) == 1 == len(list(symbols(bottom)))
            key = "speech.fraction_short" if simple else "speech.fraction"
            return words(key, top=speak(top, words), bottom=speak(bottom, words))
        case Brackets(inner):
            return words("speech.brackets", inner=speak(inner, words))
        case Root(inner):
            return words("speech.root", inner=speak(inner, words))
        case Accent(inner, mark):
            return words(f"speech.{mark}", inner=speak(inner, words))
        case BigSum(letter):
            return words("speech.sum", letter=speak(letter, words))
        case Branches(yes, condition, no):
            yes_, condition_, no_ = (speak(one, words) for one in (yes, condition, no))
            return words("speech.branches", yes=yes_, condition=condition_, no=no_)
        case Grid(rows):
            cells = "; ".join(", ".join(speak(cell, words) for cell in row) for row in rows)
            return words("speech.grid", rows=len(rows), columns=len(rows[0]), cells=cells)
        case Blank():
            return words("speech.blank")
    raise TypeError(node)


def with_scripts(base: str, below: Nodes, above: Nodes, words: Catalogue) -> str:
    """A base with what stands below and above it."""
    found = words("speech.below", base=base, below=speak(below, words)) if below else base
    if above == (NEW,):
        return words("speech.new", base=found)
    if above == number("2"):
        return words("speech.squared", base=found)
    if above and isinstance(above[0], Symbol) and above[0].style is Style.NUMBER and above[0].letter.startswith("("):
        return words("speech.layer", base=found, layer=above[0].letter.strip("()"))
    if above == (Symbol("′", "'", Style.WORD),):
        return words("speech.prime_of", base=found)
    return words("speech.power", base=found, above=speak(above, words)) if above else found


def speak_diagram(diagram: Diagram, words: Catalogue) -> str:
    """The drawn network in words: which neurons stand where, and all numbers on it."""
    if not any(one.name for one in diagram.neurons):
        return words("speech.network_small")
    columns: dict[float, list[str]] = {}
    for one in diagram.neurons:
        columns.setdefault(one.x, []).append(speak(one.name, words))
    layers = " → ".join(", ".join(names) for names in columns.values())
    numbers = [line.label for line in diagram.connections]
    numbers += [side for one in diagram.neurons for side in (one.left, one.right, one.above)]
    return words("speech.network", layers=layers, numbers="; ".join(speak(one, words) for one in numbers if one))
