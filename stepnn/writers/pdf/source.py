"""A page as the data that the PDF template reads: nothing but texts, numbers and names of blocks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any
from weakref import WeakKeyDictionary

from stepnn.drawing import chart
from stepnn.drawing.diagram import diagram, small_diagram
from stepnn.drawing.shapes import Diagram
from stepnn.drawing.svg import svg
from stepnn.notation.mathematics import (
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
    Symbol,
)
from stepnn.page.blocks import (
    Answers,
    Block,
    Box,
    Bullets,
    Chart,
    Derivation,
    Equation,
    Fresh,
    Heading,
    Matrices,
    Network,
    Page,
    Pairs,
    Paragraph,
    Room,
    Step,
    Table,
    inside,
    simpler,
)
from stepnn.page.written import Cell
from stepnn.words import Catalogue
from stepnn.writers.broken import FULL, HALF, PAGE, fitting, is_wide, typeset_rows, width
from stepnn.writers.matrix_maths import matrix_nodes
from stepnn.writers.spoken import speak, speak_diagram, speak_lines

KEPT: dict[tuple[str, float], WeakKeyDictionary[Block, str]] = {}  # by language and room on a line
MOST_ANSWERS, MOST_FORMULAS = 60, 20  # kept together
COMPACT = 1.3  # times as many letters on a line of a compact page
LONGEST_WORD = 14  # letters of a cell that is never broken
LONGEST_KEPT_TOGETHER = 12  # lines of equations in one step; a longer step may go over to the next sheet


def source(page: Page, paper: str) -> str:
    """The page as JSON for the template."""
    words = page.words
    head = {
        "title": page.title,
        "language": page.language,
        "paper": {"a4": "a4", "letter": "us-letter"}[paper],
        "footer": page.footer,
        "duplex": page.duplex,
        "compact": page.compact,
        "otherwise": words("speech.otherwise"),
    }
    write = Writer(
        words, FULL * (COMPACT if page.compact else 1)
    )  # block by block, so that a key of hundreds of sheets never stands in memory as objects
    blocks = ", ".join(map(write.written, page.blocks))
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "blocks": [{blocks}]}}'


class Writer:
    """Writes blocks as plain data, formulas with their spoken form in the language of the page."""

    def __init__(self, words: Catalogue, room: float = FULL) -> None:
        self.words, self.room = words, room
        self.kept = KEPT.setdefault((words.language, room), WeakKeyDictionary())

    def written(self, block: Block) -> str:
        """One block as JSON. What hundreds of sheets have in common, rules and exercises, is kept."""
        if not isinstance(block, (Pairs, Box)):
            return json.dumps(self.block(block), ensure_ascii=False)
        if block not in self.kept:
            self.kept[block] = json.dumps(self.block(block), ensure_ascii=False)
        return self.kept[block]

    def block(self, block: Block) -> dict[str, Any]:
        """One block; `kind` says which."""
        match block:
            case Heading(level, text):
                return {"kind": "heading", "level": level, "text": self.text(text)}
            case Paragraph(text, label):
                return {"kind": "paragraph", "text": self.text(text), "label": label}
            case Bullets(items):
                texts = [(f"{label}: ", *text) if label else text for label, text in items]
                return {"kind": "bullets", "items": list(map(self.text, texts))}
            case Equation():
                lines = typeset_rows(block)
                shown = fitting(lines, self.room)
                rows = [
                    {
                        "label": self.words(f"label.{line.label}") if line.label else "",
                        "left": maths(line.left),
                        "right": maths(line.right),
                        "continues": line.continues,
                    }
                    for line in shown
                ]
                wide = max(width(line.left) + width(line.right) for line in shown) > self.room
                spoken = speak_lines(lines, self.words) or " "
                return {"kind": "equation", "lines": rows, "spoken": spoken, "wide": wide}
            case Matrices():
                nodes = matrix_nodes(block)
                return {"kind": "matrices", "nodes": maths(nodes), "spoken": speak(nodes, self.words) or " "}
            case Table():
                return self.table(block)
            case Chart():
                return {"kind": "chart", "svg": svg(block.picture), "alt": "; ".join(chart.told(block.picture))}
            case Network(setup, hidden):
                found = diagram(setup, hidden)
                return (
                    {"kind": "network", "diagram": self.diagram(found)} if found is not None else
                    {"kind": "group", "blocks": []}
                )  # fmt: skip
            case Room(count):
                return {"kind": "room", "lines": count}
            case Answers(items_, columns):
                answers = [[number, self.text(answer), span(answer, columns, self.room)] for number, answer in items_]
                most = MOST_ANSWERS if any(number for number, _ in items_) else MOST_FORMULAS
                return {"kind": "answers", "items": answers, "columns": columns, "long": len(answers) > most}
            case Pairs(inner):
                half = Writer(self.words, HALF * self.room / FULL)
                made = [(self if is_wide(one) else half).step(one) | {"wide": is_wide(one)} for one in inner]
                return {"kind": "pairs", "blocks": made}
            case Fresh(footer):
                return {"kind": "fresh", "footer": footer}
            case Box(inner):
                inner_blocks = [self.block(one) for one in inner]
                return {"kind": "box", "blocks": inner_blocks, "long": any(one.get("long") for one in inner_blocks)}
            case Step():
                return self.step(block)
            case _:
                return {"kind": "group", "blocks": [self.block(one) for one in simpler(block)]}

    def table(self, table: Table) -> dict[str, Any]:
        """A table; which columns are numbers, and which hold texts that may have to be broken."""
        columns = range(len(table.head))
        return {
            "kind": "table",
            "head": self.text(table.head),
            "rows": [self.text(row) for row in table.rows],
            "key": table.key,
            "numbers": [table.is_number(column) for column in columns],
            "broken": [column in table.words and is_long(table.rows, column) for column in columns],
        }

    def step(self, step: Step) -> dict[str, Any]:
        lines = sum(len(one.lines) if isinstance(one, Equation) else 1 for one in inside(step.blocks))
        lines += sum(2 * len(one.lines) for one in inside(step.blocks) if isinstance(one, Derivation))
        beside = small_diagram(step.of) if step.of is not None else None
        return {
            "kind": "step",
            "number": step.number,
            "title": self.text(step.title),
            "blocks": [self.block(one) for one in step.blocks],
            "note": step.note,
            "beside": self.diagram(beside) if beside is not None else None,
            "long": lines > LONGEST_KEPT_TOGETHER,
        }

    def text(self, text: Sequence[Cell]) -> list[Any]:
        """A text: strings, and formulas with their spoken form."""
        found: list[Any] = []
        for cell in text:
            if not isinstance(cell, str):
                found.append({"nodes": maths(cell.typeset), "spoken": speak(cell.typeset, self.words) or " "})
                continue
            first, *rest = cell.split("ᵀ")  # few fonts have it
            found.append(first)
            for part in rest:
                found += [{"nodes": [["scripts", [], [], [["word", "T"]]]], "spoken": "T"}, part]
        return found

    def diagram(self, diagram: Diagram) -> dict[str, Any]:
        """The drawing in points."""
        return {**shape(diagram), "spoken": speak_diagram(diagram, self.words)}


def shape(one: Any) -> Any:
    """A shape of a drawing as plain data: its fields by name, what is written in it as mathematics."""
    if is_dataclass(one):
        return {each.name: shape(getattr(one, each.name)) for each in fields(one)}
    if isinstance(one, tuple):
        return maths(one) if one and isinstance(one[0], Node) else [shape(inner) for inner in one]
    return one


def is_long(rows: Sequence[Sequence[Cell]], column: int) -> bool:
    """Whether there is a text in a column that may have to be broken."""
    return any(isinstance(cell, str) and len(cell) > LONGEST_WORD for cell in (row[column] for row in rows))


def span(text: Sequence[Cell], columns: int, room: float) -> int:
    """How many columns a short line needs, where there is room for so many letters on a line."""
    letters = sum(len(cell) if isinstance(cell, str) else width(cell.typeset) for cell in text)
    return min(columns, 1 + int(letters / (PAGE * room / FULL / columns)))


def maths(nodes: Nodes) -> list[Any]:
    """A formula as nested lists."""
    found: list[Any] = []
    for node in nodes:
        found += maths(node.inner) if isinstance(node, Element) else [node_data(node)]
    return found


def node_data(node: Node) -> list[Any]:
    match node:
        case Symbol(letter, _, style):
            return [style.value, letter]
        case Scripts(base, below, above):
            return ["scripts", maths(base), maths(below), maths(above)]
        case Fraction(top, bottom, small):
            return ["small" if small else "fraction", maths(top), maths(bottom)]
        case Brackets(inner, shape):
            return [{"round": "brackets"}.get(shape, shape), maths(inner)]
        case Root(inner):
            return ["root", maths(inner)]
        case Accent(inner, mark):
            return [mark, maths(inner)]
        case BigSum(letter, sign):
            return ["sum", maths(letter)] if sign == "Σ" else ["limit", sign, maths(letter)]
        case Branches(yes, condition, no):
            return ["branches", maths(yes), maths(condition), maths(no)]
        case Grid(rows):
            return ["grid", [[maths(cell) for cell in row] for row in rows]]
        case Blank(small):
            return ["gap" if small else "blank"]
    raise TypeError(node)
