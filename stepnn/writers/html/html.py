"""A page as one HTML file: MathML and SVG, readable without a script, stepped through with one of a few lines."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib import resources

from stepnn.drawing.diagram import diagram, small_diagram
from stepnn.drawing.svg import svg
from stepnn.page.blocks import (
    Answers,
    Block,
    Box,
    Bullets,
    Chart,
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
    simpler,
)
from stepnn.page.written import Cell, Equal, Gap, Text
from stepnn.words import Catalogue
from stepnn.writers.broken import is_wide, typeset_rows
from stepnn.writers.formats import Options
from stepnn.writers.html.drawing import drawing
from stepnn.writers.html.mathml import aligned, display, inline
from stepnn.writers.matrix_maths import matrix_nodes


@cache
def resource(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def document(page: Page, options: Options) -> Iterator[str]:
    """The lines of the file. Its security policy allows this one script and nothing from outside."""
    words = page.words
    script = resource("form.js") if page.form is not None else resource("steps.js") if page.trace is not None else ""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"'sha256-{digest}'" if script else "'none'"
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}"
    yield "<!DOCTYPE html>"
    yield f'<html lang="{page.language}">'
    yield '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield f"<title>{escape(page.title)}</title>"
    yield f"<style>\n{resource('style.css')}</style></head>"
    yield "<body><main>"
    write = Writer(words, page.form is not None)
    if page.form is not None:
        yield f'<form data-code="{escape(page.form[0])}" data-id="{escape(page.form[1])}" autocomplete="off">'
    for block in page.blocks:
        yield from write.lines(block)
    if page.form is not None:
        save = f'<button type="submit">{escape(words("sheet.save"))}</button>'
        yield f'<p class="save">{save} <output></output></p><p>{escape(words("sheet.save_how"))}</p></form>'
    yield from [f"<footer>{escape(page.footer)}</footer>"] if page.footer else []
    yield "</main>"
    yield from buttons(words) if page.trace is not None and page.form is None else []
    yield from [f"<script>{script}</script>"] if script else []
    yield "</body></html>"


def buttons(words: Catalogue) -> Iterator[str]:
    """The bar at the foot, hidden until the script finds it."""
    yield f'<nav hidden data-all="{escape(words("page.all_steps"))}" aria-label="{escape(words("page.steps"))}">'
    for move, key in (("back", "page.back"), ("next", "page.next"), ("all", "page.all")):
        yield f'<button type="button" data-move="{move}">{escape(words(key))}</button>'
        yield from ["<output></output>"] if move == "back" else []
    yield "</nav>"


class Writer:
    """Writes blocks as elements."""

    def __init__(self, words: Catalogue, form: bool = False) -> None:
        self.words, self.form = words, form

    def lines(self, block: Block) -> Iterator[str]:
        """One block."""
        match block:
            case Heading(level, text):
                yield f"<h{level}>{self.text(text)}</h{level}>"
            case Paragraph(text, label):
                head = f"<b>{escape(label)}:</b> " if label else ""
                yield f"<p>{head}{self.text(text)}</p>"
            case Bullets(items):
                yield from self.items(items)
            case Equation():
                yield f'<div class="formula">{aligned(typeset_rows(block), self.words)}</div>'
            case Matrices():
                yield f'<div class="formula">{display(matrix_nodes(block), self.words)}</div>'
            case Table():
                yield from self.table(block)
            case Chart():
                yield f"<figure>{svg(block.picture)}</figure>"
            case Network(setup, hidden):
                found = diagram(setup, hidden)
                yield from [f"<figure>{drawing(found, self.words)}</figure>"] if found is not None else []
            case Room(count):
                yield '<div class="room"></div>' * count
            case Answers(items, columns):
                yield f'<ul class="answers{" long" if columns < 4 else ""}">'
                yield from (
                    f"<li><b>{escape(number)}</b> {self.answer(number, answer)}</li>" for number, answer in items
                )
                yield "</ul>"
            case Pairs(steps):
                yield '<div class="pairs">'
                for step in steps:
                    yield from self.step(step, " wide" if is_wide(step) else "")
                yield "</div>"
            case Fresh():
                yield '<div class="fresh"></div>'
            case Box(inner):
                yield '<div class="box">'
                for one in inner:
                    yield from self.lines(one)
                yield "</div>"
            case Step():
                yield from self.step(block)
            case _:
                for one in simpler(block):
                    yield from self.lines(one)

    def step(self, step: Step, kind: str = "") -> Iterator[str]:
        """A step: its head, the small picture beside it, and what is in it."""
        note = f'<span class="note">{escape(step.note)}</span>' if step.note else ""
        yield f'<section class="step{kind}"><h3>{note}<span class="number">{escape(step.number)}</span>'
        yield f"{self.text(step.title)}</h3>"
        beside = small_diagram(step.of) if step.of is not None else None
        if beside is not None:
            yield f'<div class="beside">{drawing(beside, self.words)}</div>'
        for one in step.blocks:
            yield from self.lines(one)
        yield "</section>"

    def table(self, table: Table) -> Iterator[str]:
        """A table in a box of its own, so that a wide one scrolls by itself."""
        yield '<div class="table"><table><thead><tr>'
        sides = ["" if table.is_number(column) else ' class="words"' for column in range(len(table.head))]
        heads = zip(sides, table.head, strict=True)
        yield "".join(f'<th scope="col"{side}>{self.cell(one)}</th>' for side, one in heads)
        yield "</tr></thead><tbody>"
        for row in table.rows:
            cells = (f"<td{side}>{self.cell(one)}</td>" for side, one in zip(sides, row, strict=True))
            yield f"<tr>{''.join(cells)}</tr>"
        yield "</tbody></table></div>"

    def answer(self, number: str, text: Text) -> str:
        """A short line; on a form, with a field where there is a gap."""
        first, *rest = text
        if not self.form or not isinstance(first, Equal) or first.right != Gap():
            return self.text(text)
        name = escape(first.left.text)
        field = (
            f'<input name="{escape(number)}" aria-label="{escape(number)}. {name}" maxlength="200" spellcheck="false">'
        )
        return f"<label>{self.cell(first.left)} = {field}</label>{self.text(tuple(rest))}"

    def items(self, items: Sequence[tuple[str, Text]]) -> Iterator[str]:
        yield "<ul>"
        for label, text in items:
            yield f"<li>{escape(label)}: {self.text(text)}</li>" if label else f"<li>{self.text(text)}</li>"
        yield "</ul>"

    def text(self, text: Text) -> str:
        return "".join(map(self.cell, text))

    def cell(self, one: Cell) -> str:
        return escape(one) if isinstance(one, str) else inline(one.typeset, self.words)
