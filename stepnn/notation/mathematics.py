"""Typeset mathematics as a tree: what a fraction, a subscript or a root is, before any page writes it.

Every node says how LaTeX writes it (`text`). HTML, the PDF typesetter and the spoken form are written by the views,
each with one function over the same tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from stepnn.notation.formula import Ref


class Style(Enum):
    """What a symbol is: it decides the type face and the room around it."""

    LETTER = "letter"  # one letter, in italics
    WORD = "word"  # a name of several letters, upright
    NUMBER = "number"
    OPERATOR = "operator"  # between two values: + − ·
    PREFIX = "prefix"  # before a value: the minus of a negative number, ∂
    RELATION = "relation"  # = > ≥
    COMMA = "comma"


class Printed(Protocol):
    """Anything that stands in a printed formula: its text, and the element that it stands for, if it is one."""

    @property
    def text(self) -> str: ...

    @property
    def ref(self) -> Ref | None: ...


def joined(pieces: Sequence[Printed]) -> str:
    """The pieces as one text."""
    return "".join(piece.text for piece in pieces)


class Unnamed:
    """A node that stands for no element of its own."""

    @property
    def ref(self) -> Ref | None:
        return None


@dataclass(frozen=True)
class Symbol(Unnamed):
    """One sign. `letter` is the character itself, `text` its LaTeX."""

    letter: str
    text: str
    style: Style


@dataclass(frozen=True)
class Scripts(Unnamed):
    """Something with a subscript, a superscript or both."""

    base: Nodes
    below: Nodes = ()
    above: Nodes = ()

    @property
    def text(self) -> str:
        below, above = joined(self.below), joined(self.above)
        low = f"_{below}" if len(below) == 1 and below.isdigit() else f"_{{{below}}}" if below else ""
        high = "'" if above == "'" else f"^{{{above}}}" if above else ""
        return f"{joined(self.base)}{high}{low}" if above.startswith("(") else f"{joined(self.base)}{low}{high}"


@dataclass(frozen=True)
class Fraction(Unnamed):
    """A quotient. A `small` one is a number such as ½."""

    top: Nodes
    bottom: Nodes
    small: bool = False

    @property
    def text(self) -> str:
        return f"{self.command}{{{joined(self.top)}}}{{{joined(self.bottom)}}}"

    @property
    def command(self) -> str:
        return r"\tfrac" if self.small else r"\frac"


BRACKETS = {"round": ("(", ")"), "square": ("[", "]"), "bars": ("|", "|")}


@dataclass(frozen=True)
class Brackets(Unnamed):
    """Something in brackets that grow with it: `round`, `bars` of an absolute value, `square` around a condition."""

    inner: Nodes
    shape: str = "round"

    @property
    def text(self) -> str:
        left, right = BRACKETS[self.shape]
        return rf"\left{left}{joined(self.inner)}\right{right}"


@dataclass(frozen=True)
class Root(Unnamed):
    inner: Nodes

    @property
    def text(self) -> str:
        return rf"\sqrt{{{joined(self.inner)}}}"


@dataclass(frozen=True)
class Accent(Unnamed):
    """A letter with a mark above it: `hat` or `bar`."""

    inner: Nodes
    mark: str

    @property
    def text(self) -> str:
        return rf"\{self.mark}{{{joined(self.inner)}}}"


@dataclass(frozen=True)
class BigSum(Unnamed):
    """Σ or max over an index or several; what is added up or compared follows it."""

    letter: Nodes
    sign: str = "Σ"
    latex: str = r"\sum"

    @property
    def text(self) -> str:
        return rf"{self.latex}_{{{joined(self.letter)}}} "


@dataclass(frozen=True)
class Branches(Unnamed):
    """`yes` where the condition holds, `no` elsewhere."""

    yes: Nodes
    condition: Nodes
    no: Nodes

    @property
    def text(self) -> str:
        yes, condition, no = map(joined, (self.yes, self.condition, self.no))
        return rf"\begin{{cases}} {yes} & {condition} \cr {no} & \text{{else}} \end{{cases}}"


@dataclass(frozen=True)
class Grid(Unnamed):
    """A matrix in square brackets, row by row."""

    rows: tuple[tuple[Nodes, ...], ...]

    @property
    def text(self) -> str:
        body = r" \cr ".join(" & ".join(map(joined, row)) for row in self.rows)
        return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


@dataclass(frozen=True)
class Blank(Unnamed):
    """A place for the reader to fill in. A `small` one stands inside a formula."""

    small: bool = False

    @property
    def text(self) -> str:
        return r"\boxed{\phantom{00.0}}" if self.small else r"\underline{\hspace{7em}}"


@dataclass(frozen=True)
class Element:
    """The name or the value of an element."""

    inner: Nodes
    ref: Ref | None

    @property
    def text(self) -> str:
        return joined(self.inner)


Node: TypeAlias = (
    Symbol | Scripts | Fraction | Brackets | Root | Accent | BigSum | Branches | Grid | Blank | Element
)  # fmt: skip
Nodes: TypeAlias = tuple[Node, ...]


def letter(character: str, latex: str = "") -> Symbol:
    return Symbol(character, latex or character, Style.LETTER)


def word(name: str) -> Symbol:
    """A name of several letters."""
    latex = name.replace("_", r"\_")
    return Symbol(name, rf"\mathrm{{{latex}}}", Style.WORD)


def number(digits: str) -> Nodes:
    """A number as it is written, a minus sign in front of it."""
    if digits[0] in "-−":
        return (MINUS, *number(digits[1:]))
    return (Symbol(digits, digits, Style.NUMBER),)


def power_of_ten(mantissa: str, exponent: int) -> Nodes:
    """A number times a power of ten."""
    return (*number(mantissa), TIMES_TEN, Scripts(number("10"), above=number(str(exponent))))


def raised(base: Nodes, above: Nodes) -> Nodes:
    """The base with a superscript, beside its subscript if it has one."""
    if len(base) == 1 and isinstance(one := base[0], Scripts):
        both = (*one.above, TINY_COMMA, *above) if one.above else above
        return (Scripts(one.base, one.below, both),)
    return (Scripts(base, above=above),)


MINUS = Symbol("−", "-", Style.PREFIX)
PARTIAL = Symbol("∂", r"\partial ", Style.PREFIX)
TIMES_TEN = Symbol("×", r" \times ", Style.OPERATOR)
DOTS = Symbol("⋯", r"\cdots", Style.NUMBER)
PRIME = Symbol("′", "'", Style.WORD)
COMMA = Symbol(",", ", ", Style.COMMA)
EQUALS = Symbol("=", " = ", Style.RELATION)
TINY_COMMA = Symbol(",", ",", Style.COMMA)
NEW = Symbol("new", r"\text{new}", Style.WORD)
SIGNS = {
    " + ": Symbol("+", " + ", Style.OPERATOR),
    " - ": Symbol("−", " - ", Style.OPERATOR),
    r" \cdot ": Symbol("·", r" \cdot ", Style.OPERATOR),
    r" \odot ": Symbol("⊙", r" \odot ", Style.OPERATOR),
    "-": MINUS,
    ">=": Symbol("≥", r" \ge ", Style.RELATION),
    "<=": Symbol("≤", r" \le ", Style.RELATION),
    ">": Symbol(">", r" \gt ", Style.RELATION),
    "<": Symbol("<", r" \lt ", Style.RELATION),
}


def parts(node: Node) -> tuple[Nodes, ...]:
    """The rows of nodes directly inside a node."""
    match node:
        case Scripts(base, below, above):
            return (base, below, above)
        case Fraction(top, bottom):
            return (top, bottom)
        case Branches(yes, condition, no):
            return (yes, condition, no)
        case Brackets(inner) | Root(inner) | Accent(inner) | BigSum(inner) | Element(inner):
            return (inner,)
        case Grid(rows):
            return tuple(cell for row in rows for cell in row)
    return ()


def symbols(nodes: Nodes) -> Iterator[Symbol]:
    """Every sign in a formula, in reading order."""
    for node in nodes:
        if isinstance(node, Symbol):
            yield node
        for inner in parts(node):
            yield from symbols(inner)
