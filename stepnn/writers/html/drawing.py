"""The drawn network as SVG that takes its colours from the page around it."""

from __future__ import annotations

from html import escape

from stepnn.drawing.shapes import Diagram
from stepnn.notation.mathematics import (
    Accent,
    Blank,
    Brackets,
    Element,
    Node,
    Nodes,
    Scripts,
    Style,
    Symbol,
)
from stepnn.words import Catalogue
from stepnn.writers.spoken import speak_diagram


def drawing(diagram: Diagram, words: Catalogue) -> str:
    """The drawing as one SVG element, described in words."""
    parts = []
    for line in diagram.connections:
        (x1, y1), (x2, y2) = line.start, line.end
        parts.append(f'<line class="edge{lit(line.lit)}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')
    for box in diagram.boxes:
        kind = "neuron focus" if box.focus else f"neuron{lit(box.lit)}"
        size = f'width="{box.width:.1f}" height="{box.height:.1f}"'
        parts.append(f'<rect class="{kind}" x="{box.x:.1f}" y="{box.y:.1f}" {size}/>')
        middle = box.x + box.width / 2, box.y + box.height / 2
        parts += [label(*middle, box.text, "middle", "label")] if box.text else []
    parts += [label(one.x, one.y, one.text, "end" if one.right else "start", "label") for one in diagram.labels]
    for line in diagram.connections:
        parts += [label(line.x, line.y, line.label, "middle", "label over")] if line.label else []
    for one in diagram.neurons:
        kind = "neuron focus" if one.focus else f"neuron{lit(one.lit)}"
        parts.append(f'<circle class="{kind}" cx="{one.x:.1f}" cy="{one.y:.1f}" r="{diagram.radius:.1f}"/>')
        for nodes, x, y, anchor in (
            (one.name, one.x, one.y, "middle"),
            (one.left, one.x - diagram.radius - 4, one.y, "end"),
            (one.right, one.x + diagram.radius + 4, one.y, "start"),
            (one.above, one.x, one.y - diagram.radius - 6, "middle"),
        ):
            parts += [label(x, y, nodes, anchor, "label")] if nodes else []
    parts += [f'<text class="label" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">⋮</text>' for x, y in diagram.gaps]
    size = f'viewBox="0 0 {diagram.width:.0f} {diagram.height:.0f}"'
    spoken = escape(speak_diagram(diagram, words))
    if diagram.boxes:  # cells have a size of their own, whatever the width of the page
        size += f' style="max-width:{diagram.width * 1.4:.0f}px"'
    return f'<svg class="network" {size} role="img" aria-label="{spoken}">{"".join(parts)}</svg>'


def lit(yes: bool) -> str:
    return " lit" if yes else ""


def label(x: float, y: float, nodes: Nodes, anchor: str, kind: str) -> str:
    """A name or a number."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y + 3:.1f}" text-anchor="{anchor}">{spans(nodes)}</text>'


def spans(nodes: Nodes) -> str:
    return "".join(map(span, nodes))


def span(node: Node) -> str:
    """A node as text: letters slanted, subscripts lowered."""
    match node:
        case Symbol(letter, _, style):
            text = escape(f" {letter} " if style is Style.RELATION else letter)
            return f'<tspan font-style="italic">{text}</tspan>' if style is Style.LETTER else text
        case Element(inner):
            return spans(inner)
        case Brackets(inner):
            return f"({spans(inner)})"
        case Accent(inner, mark):
            return spans(inner) + {"hat": "\u0302", "bar": "\u0304"}[mark]
        case Scripts(base, below, above):
            low = f'<tspan dy="2.5" font-size="75%">{spans(below)}</tspan><tspan dy="-2.5">&#8203;</tspan>'
            high = f'<tspan dy="-3" font-size="75%">{spans(above)}</tspan><tspan dy="3">&#8203;</tspan>'
            return f"{spans(base)}{low if below else ''}{high if above else ''}"
        case Blank():
            return '<tspan class="gap">____</tspan>'
    raise TypeError(node)
