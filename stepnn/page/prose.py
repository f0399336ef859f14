"""Sentences with mathematics in them: `a_h1`, `w_kj` or `Σ_k` in a text become typeset names."""

from __future__ import annotations

import re

from stepnn.network.names import GLYPHS, GREEK, Name, greek, label_typeset
from stepnn.notation.mathematics import PARTIAL, BigSum, Fraction, Nodes, Scripts, letter, number
from stepnn.page.written import Cell, Text

GREEK_LETTERS = {character: greek(name) for name, character in GREEK.items()}
QUOTIENT = r"∂E/∂[a-z](?![\w_])"
NAME = r"(?<![\w`])[A-Za-zα-ωΣ]_(?:[a-z]+\d*|\d+)(?!\w*[A-Za-z0-9_`(])"
GLOSSARY = {text: nodes for text, nodes in GLYPHS.values() if re.fullmatch(r"[α-ω]\d|\w_\w+", text)}  # λ2, η_now
PARTS = re.compile(rf"({QUOTIENT}|(?<![\w`])(?:{'|'.join(GLOSSARY)})(?![\w`])|{NAME})")


def prose(text: str) -> Text:
    """The text with every such name typeset."""
    cells: list[Cell] = [cell(part) if at % 2 else part for at, part in enumerate(PARTS.split(text))]
    return tuple(one for one in cells if one)


def cell(name: str) -> Name:
    return Name(name, nodes(name), name)


def nodes(name: str) -> Nodes:
    if name.startswith("∂"):
        return (Fraction((PARTIAL, letter("E")), (PARTIAL, letter(name[-1])), small=True),)
    if name in GLOSSARY:
        return GLOSSARY[name]
    base, _, below = name.partition("_")
    if base == "Σ":
        return (BigSum(subscript(below)),)
    return (Scripts(GREEK_LETTERS.get(base, (letter(base),)), subscript(below)),)


def subscript(text: str) -> Nodes:
    """A number, the label of a neuron such as h1, or indices side by side."""
    if text.isdigit():
        return number(text)
    return label_typeset(text) if text[-1].isdigit() else tuple(map(letter, text))
