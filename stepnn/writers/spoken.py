"""Formulas as they are read aloud: the alternative text of every formula on paper."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stepnn.drawing.shapes import Diagram
from stepnn.notation.mathematics import (
    EQUALS,
    NEW,
    PARTIAL,
    PRIME,
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
from stepnn.words import Catalogue
from stepnn.writers.broken import Row

SIGNS = {
    "+": "plus", "−": "minus", "·": "times", "×": "times", "⊙": "times_each", "=": "equals",
    "⋯": "dots", "⋮": "dots", "∂": "partial", ",": "comma", "′": "prime", "ln": "ln", "√": "root_sign",
    "(": "open", ")": "close", "/": "divided", "^": "power_sign", "²": "squared_sign", "½": "half",
    "δ": "delta", "η": "eta", "α": "alpha", "β": "beta", "γ": "gamma", "ε": "epsilon", "λ": "lambda", "μ": "mu",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "ψ": "psi", "θ": "theta", "π": "pi",
}  # fmt: skip
COMPARISONS = {">": "greater", "<": "less", "≥": "at_least", "≤": "at_most"}
WORDS_AND_SIGNS = re.compile(r"[0-9.]+|\w+|\S")


def speak(nodes: Nodes, words: Catalogue) -> str:
    """The formula in words, in the language of the catalogue."""
    for place, node in enumerate(nodes):
        if isinstance(node, Symbol) and node.letter in COMPARISONS:
            left, right = speak(nodes[:place], words), speak(nodes[place + 1 :], words)
            return words(f"speech.{COMPARISONS[node.letter]}", left=left, right=right)
    found: list[str] = []
    rest = nodes
    while rest:
        text, taken = spoken_first(rest, words)
        found.append(text)
        rest = rest[taken:]
    return " ".join(filter(None, found))


def spoken_first(nodes: Nodes, words: Catalogue) -> tuple[str, int]:
    """The first part of a row in words, and how many nodes it takes: a sum reaches as far as its product."""
    first = nodes[0]
    if isinstance(first, BigSum):
        end = next((n for n, one in enumerate(nodes) if n and ends_product(one)), len(nodes))
        key = f"speech.{ {'Σ': 'sum', 'max': 'maximum', 'min': 'minimum'}[first.sign] }"
        return words(key, letter=speak(first.letter, words), inner=speak(nodes[1:end], words)), end
    return spoken(first, words), 1


def ends_product(node: Node) -> bool:
    """Whether a sign binds more loosely than a product."""
    return isinstance(node, Symbol) and (
        (node.style is Style.OPERATOR and node.letter in "+−") or node.style in (Style.RELATION, Style.COMMA)
    )


def speak_lines(lines: Sequence[Row], words: Catalogue) -> str:
    """An equation in words: its lines one after the other."""
    equals = words("speech.equals")
    return "; ".join(f"{speak(line.left, words)} {equals} {speak(line.right, words)}".strip() for line in lines)


def spoken(node: Node, words: Catalogue) -> str:
    match node:
        case Symbol("−", _, Style.PREFIX):
            return words("speech.negative")
        case Symbol(letter, _, style):
            return letter if style is Style.NUMBER and letter not in SIGNS else said(letter, words)
        case Element(inner):
            return speak(inner, words)
        case Scripts():
            return with_scripts(node, words)
        case Fraction(top, bottom):
            return quotient(top, bottom, words)
        case Brackets(inner, shape):
            key = {"round": "brackets", "square": "same", "bars": "bars"}[shape]
            return words(f"speech.{key}", inner=speak(inner, words))
        case Root(inner):
            return words("speech.root", inner=speak(inner, words))
        case Accent(inner, mark):
            return words(f"speech.{mark}", inner=speak(inner, words))
        case Branches(yes, condition, no):
            yes_, condition_, no_ = (speak(one, words) for one in (yes, condition, no))
            return words("speech.branches", yes=yes_, condition=condition_, no=no_)
        case Grid(rows):
            cells = "; ".join(matrix_row(row, words) for row in rows)
            return words("speech.grid", rows=len(rows), columns=len(rows[0]), cells=cells)
        case Blank():
            return words("speech.blank")
    raise TypeError(node)


def said(text: str, words: Catalogue) -> str:
    """Signs and words side by side, such as `tanh(`."""
    parts = WORDS_AND_SIGNS.findall(text)
    return " ".join(words(f"speech.{SIGNS[part]}") if part in SIGNS else part for part in parts)


def quotient(top: Nodes, bottom: Nodes, words: Catalogue) -> str:
    """A derivative, a fraction of two plain numbers or letters, or any other fraction."""
    if top[:1] == bottom[:1] == (PARTIAL,):
        return words("speech.derivative", top=speak(top[1:], words), bottom=speak(bottom[1:], words))
    simple = len(list(symbols(top))) == 1 == len(list(symbols(bottom)))
    key = "speech.fraction_short" if simple else "speech.fraction"
    return words(key, top=speak(top, words), bottom=speak(bottom, words))


def matrix_row(row: Sequence[Nodes], words: Catalogue) -> str:
    """A row of a matrix; one of dots alone stands for rows that are left out."""
    cells = [speak(cell, words) for cell in row if cell]
    return ", ".join(cells) if len(cells) == len(row) else words("speech.dots")


def with_scripts(node: Scripts, words: Catalogue) -> str:
    """A base with what stands below and above it. Of a base with an index, the power is that of the whole."""
    if len(node.above) > 2 and node.above[-1] == NEW:  # the new value of something that has a mark of its own
        return words("speech.new", base=with_scripts(Scripts(node.base, node.below, node.above[:-2]), words))
    found, above = speak(node.base, words), node.above
    if node.below:
        below, plain = (
            speak(node.below, words),
            all(isinstance(one, Symbol) and one.style is Style.NUMBER for one in node.below),
        )
        found = f"{found} {below}" if plain else words("speech.below", base=found, below=below)
    if above == (NEW,):
        return words("speech.new", base=found)
    if above == number("2"):
        return words("speech.squared_of_all" if node.below else "speech.squared", base=found)
    if above and isinstance(above[0], Symbol) and above[0].style is Style.NUMBER and above[0].letter.startswith("("):
        return words("speech.layer", base=found, layer=above[0].letter.strip("()"))
    if above == (PRIME,):
        return words("speech.prime_of", base=found)
    if len(above) == 1 and isinstance(above[0], Symbol) and above[0].style is Style.WORD:
        return words("speech.marked", base=found, mark=above[0].letter)
    key = "speech.power_of_all" if node.below else "speech.power"
    return words(key, base=found, above=speak(above, words)) if above else found


def speak_diagram(diagram: Diagram, words: Catalogue) -> str:
    """The drawn network in words: which neurons stand where, and all numbers on it."""
    if diagram.boxes:
        return speak_board(diagram, words)
    if not any(one.name for one in diagram.neurons):
        return words("speech.network_small")
    columns: dict[float, list[str]] = {}
    for one in diagram.neurons:
        columns.setdefault(one.x, []).append(speak(one.name, words))
    for x, _ in diagram.gaps:
        columns[x].insert(-1, words("speech.dots"))
    layers = " → ".join(", ".join(names) for names in columns.values())
    numbers = [line.label for line in diagram.connections]
    numbers += [side for one in diagram.neurons for side in (one.left, one.right, one.above)]
    named = [
        speak(one, words) for one in numbers if EQUALS in one
    ]  # a number alone would say nothing; it is in the list
    return words("speech.network", layers=layers, numbers="; ".join(named))


def speak_board(diagram: Diagram, words: Catalogue) -> str:
    """Arrays in words: their names and, row by row, their numbers; without numbers, how many cells are lit."""
    lit = sum(box.lit for box in diagram.boxes)
    if not any(box.text for box in diagram.boxes):
        return words("speech.board_small", lit=lit, cells=len(diagram.boxes))
    names = ", ".join(speak(one.text, words) for one in diagram.labels)
    rows: dict[float, list[str]] = {}
    for box in diagram.boxes:
        rows.setdefault(box.y, []).append(speak(box.text, words))
    return words("speech.board", names=names, cells="; ".join(", ".join(row) for row in rows.values()))
