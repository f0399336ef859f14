"""What stands in sentences, tables and formulas: names and numbers, which every page writes in its own way.

Nothing here is a finished text: a name or a number knows its letters and how it is typeset, and a page takes what it
can show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from stepnn.network.names import Name
from stepnn.notation.formula import Formula, Ref, Whole, Worked
from stepnn.notation.mathematics import COMMA, EQUALS, Blank, Fraction, Nodes, Scripts, joined
from stepnn.notation.numbers import Decimal
from stepnn.notation.printer import ATOM, POWER, PRODUCT, SUM, Leaf, Pieces, TextPrinter
from stepnn.notation.typesetting import MathPrinter, typeset
from stepnn.words.particles import settled_behind

MARK = re.compile("\x02(\\d+)\x03")


class Written(Protocol):
    """A name, a number, or both: as letters in text, and as typeset mathematics."""

    @property
    def text(self) -> str: ...

    @property
    def typeset(self) -> Nodes: ...


@dataclass(frozen=True)
class Equal:
    """`w1 = 0.15`."""

    left: Written
    right: Written

    @property
    def text(self) -> str:
        return f"{self.left.text} = {self.right.text}"

    @property
    def typeset(self) -> Nodes:
        return (*self.left.typeset, EQUALS, *self.right.typeset)


@dataclass(frozen=True)
class Several:
    """Names and numbers with commas between them."""

    items: tuple[Written, ...]

    @property
    def text(self) -> str:
        return ", ".join(one.text for one in self.items)

    @property
    def typeset(self) -> Nodes:
        return tuple(node for at, one in enumerate(self.items) for node in (*((COMMA,) if at else ()), *one.typeset))


@dataclass(frozen=True)
class Gap:
    """A place for the reader to fill in. A `small` one stands inside a formula."""

    small: bool = False

    @property
    def text(self) -> str:
        return "____" if self.small else "________"

    @property
    def typeset(self) -> Nodes:
        return (Blank(self.small),)


Cell = str | Written
Text = tuple[Cell, ...]
Shows = Callable[[Ref | Worked], Written]


@dataclass(frozen=True)
class Expression:
    """A formula, and what is written for its elements: their names, their numbers, or gaps."""

    formula: Formula
    shows: Shows

    def pieces(self, ascii: bool = False) -> Pieces:
        """The formula on one line."""
        return TextPrinter(lambda part: text_leaf(self.shows, part, ascii), ascii)(self.formula)

    @cached_property
    def text(self) -> str:
        return joined(self.pieces())

    @cached_property
    def typeset(self) -> Nodes:
        return typeset(MathPrinter(lambda part: typeset_leaf(self.shows, part))(self.formula))


def text_leaf(shows: Shows, part: Ref | Worked | Whole, ascii: bool) -> Leaf:
    """An element on a line of text, and how tightly that holds together."""
    assert not isinstance(part, Whole)
    one = shows(part)
    if isinstance(one, Name):
        text = one.ascii if ascii else one.text
        return Leaf(text, PRODUCT if "/" in text else ATOM)
    return Leaf(one.ascii if ascii and isinstance(one, Decimal) else one.text, number_binding(one))


def typeset_leaf(shows: Shows, part: Ref | Worked | Whole) -> Leaf:
    """An element in typeset mathematics, and how tightly that holds together."""
    assert not isinstance(part, Whole)
    one = shows(part)
    nodes = one.typeset
    if not isinstance(one, Name):
        return Leaf("", number_binding(one), nodes)
    marked = isinstance(nodes[0], Scripts) and bool(nodes[0].above)  # a power would stand where its mark is
    return Leaf("", POWER if marked or isinstance(nodes[0], Fraction) else ATOM, nodes)


def number_binding(one: Written) -> int:
    """How tightly a number holds together: a negative one and a power of ten need brackets at places."""
    if not isinstance(one, Decimal):
        return ATOM
    return SUM if one.mantissa[0] == "-" else PRODUCT if one.exponent is not None else ATOM


class Marks:
    """Lets sentences hold names: a name becomes a mark in the sentence, and `text` puts it back.

    The marks are control characters, which no lesson file may hold.
    """

    def __init__(self) -> None:
        self.found: list[Name] = []

    def __call__(self, name: Name) -> str:
        self.found.append(name)
        return f"\x02{len(self.found) - 1}\x03"

    def text(self, sentence: str) -> Text:
        pieces = MARK.split(sentence)
        for at in range(1, len(pieces), 2):
            pieces[at + 1] = settled_behind(self.found[int(pieces[at])].text, pieces[at + 1])
        cells: list[Cell] = [self.found[int(one)] if at % 2 else one for at, one in enumerate(pieces)]
        return tuple(cell for cell in cells if cell)


def plain(text: Sequence[Cell]) -> str:
    """A text in letters alone."""
    return "".join(cell if isinstance(cell, str) else cell.text for cell in text)


def with_latex(text: Sequence[Cell], escape: Callable[[str], str], around: str = "${}$") -> str:
    """A text for a page that takes LaTeX: letters escaped, names and numbers between what is `around` mathematics."""
    return "".join(
        escape(cell) if isinstance(cell, str) else around.format(joined(cell.typeset).strip()) for cell in text
    )
