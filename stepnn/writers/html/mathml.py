"""Typeset mathematics as MathML, which browsers show and screen readers read without a script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from stepnn.notation.mathematics import (
    BRACKETS,
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
)
from stepnn.words import Catalogue
from stepnn.writers.broken import FULL, Row, fitting
from stepnn.writers.spoken import speak, speak_lines

MARKS = {"hat": "^", "bar": "¯"}


def inline(nodes: Nodes, words: Catalogue) -> str:
    """A formula within a text."""
    return f'<math alttext="{escape(speak(nodes, words))}">{MathML(words).row(nodes)}</math>'


def display(nodes: Nodes, words: Catalogue) -> str:
    """A formula on a line of its own."""
    return f'<math display="block" alttext="{escape(speak(nodes, words))}">{MathML(words).row(nodes)}</math>'


def aligned(lines: Sequence[Row], words: Catalogue) -> str:
    """An equation: labels, left sides to the right, equals signs and right sides to the left."""
    write = MathML(words)
    rows = []
    for line in fitting(lines, FULL):
        label = escape(words(f"label.{line.label}")) if line.label else ""
        cells = (
            f"<mtext>{label}</mtext>" if label else "",
            write.row(line.left),
            f"{sign(line)}{write.row(line.right)}",
        )
        rows.append("<mtr>" + "".join(f"<mtd>{cell}</mtd>" for cell in cells) + "</mtr>")
    spoken = escape(speak_lines(lines, words))
    return (
        f'<math display="block" alttext="{spoken}"><mtable class="aligned" displaystyle="true">'
        f"{''.join(rows)}</mtable></math>"
    )


def sign(line: Row) -> str:
    return '<mspace width="1.5em"/>' if line.continues else "<mo>=</mo>"


class MathML:
    """Writes nodes as elements. `words` is for the `otherwise` of a formula with cases."""

    def __init__(self, words: Catalogue) -> None:
        self.words = words

    def row(self, nodes: Nodes) -> str:
        """All nodes as one element."""
        return f"<mrow>{''.join(map(self.node, nodes))}</mrow>"

    def node(self, node: Node) -> str:
        """One node."""
        match node:
            case Symbol():
                return symbol(node)
            case Element(inner) | Brackets(inner):
                row = self.row(inner)
                if isinstance(node, Element):
                    return row
                left, right = BRACKETS[node.shape]
                return f"<mrow><mo>{left}</mo>{row}<mo>{right}</mo></mrow>"
            case Scripts(base, below, above):
                parts = [self.row(part) for part in (base, below, above) if part]
                tag = "msubsup" if below and above else "msub" if below else "msup"
                return f"<{tag}>{''.join(parts)}</{tag}>"
            case Fraction(top, bottom, small):
                style = ' displaystyle="false"' if small else ""
                return f"<mstyle{style}><mfrac>{self.row(top)}{self.row(bottom)}</mfrac></mstyle>"
            case Root(inner):
                return f"<msqrt>{self.row(inner)}</msqrt>"
            case Accent(inner, mark):
                return f'<mover accent="true">{self.row(inner)}<mo stretchy="false">{MARKS[mark]}</mo></mover>'
            case BigSum(letter, sign):
                sign = "∑" if sign == "Σ" else sign
                return f'<munder><mo movablelimits="false">{sign}</mo>{self.row(letter)}</munder>'
            case Branches(yes, condition, no):
                other = escape(self.words("speech.otherwise"))
                first = f"<mtr><mtd>{self.row(yes)}</mtd><mtd>{self.row(condition)}</mtd></mtr>"
                second = f"<mtr><mtd>{self.row(no)}</mtd><mtd><mtext>{other}</mtext></mtd></mtr>"
                return f'<mrow><mo>{{</mo><mtable class="cases">{first}{second}</mtable></mrow>'
            case Grid(rows):
                body = "".join(
                    "<mtr>" + "".join(f"<mtd>{self.row(cell)}</mtd>" for cell in row) + "</mtr>" for row in rows
                )
                return f"<mrow><mo>[</mo><mtable>{body}</mtable><mo>]</mo></mrow>"
            case Blank(small):
                room = 'class="gap" width="3em" height="0.85em" depth="0.2em"' if small else 'class="blank" width="8em"'
                return f"<mspace {room}/>"
        raise TypeError(node)


def symbol(one: Symbol) -> str:
    """One sign: identifiers, numbers and operators each have an element of their own."""
    letter = escape(one.letter)
    match one.style:
        case Style.NUMBER:
            return f"<mn>{letter}</mn>"
        case Style.LETTER:
            return f"<mi>{letter}</mi>"
        case Style.WORD:
            return f'<mi mathvariant="normal">{letter}</mi>'
        case Style.PREFIX:
            return f'<mo form="prefix">{letter}</mo>'
        case Style.COMMA:
            return f'<mo separator="true">{letter}</mo>'
    return f"<mo>{letter}</mo>"
