"""A whole lesson as plain text: for pipes, files, screen readers and golden tests. No colours, no cursor."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from stepnn.network.names import GREEK
from stepnn.notation.mathematics import joined
from stepnn.trace.sentences import letters_key, phase_name, title, turn_name, why
from stepnn.trace.step import Kind, Phase, Step
from stepnn.trace.texts import answer, conventions, goal, opening_paragraphs, own_why, question, title_text
from stepnn.views import blocks, chart
from stepnn.views.canvas import as_text
from stepnn.views.closing import answers_label, closing
from stepnn.views.drawing import setup_picture
from stepnn.views.equations import Row, Script, rows
from stepnn.views.given import given_rows, rows_beside_picture, text_of
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.lessons.setup import Setup
    from stepnn.trace.trace import Trace

WIDTH = 80
ASCII = {
    **{character: name for name, character in GREEK.items()}, "σ": "sigmoid", "Σ": "sum", "∂": "d", "½": "1/2",
    "−": "-", "·": "*", "°": " degrees", "\u00a0": " ",
    "×": "*", "…": "...", "→": "->", "←": "<-", "↑": "^", "↓": "v", "⋮": ":", "²": "^2", "⊙": "o", "≥": ">=",
    "≤": "<=", "ᵀ": "^T", "“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "─": "-", "±": "+-",
    "√": "sqrt", "′": "'", "≈": "~", "̂": "_hat", "̄": "_bar", "Δ": "delta",
}  # fmt: skip
POWER = re.compile("([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
FROM_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def in_ascii(text: str) -> str:
    """The text with its symbols in ASCII. Letters of a language, such as Hangul, stay as they are."""
    if text.isascii():
        return text
    text = re.sub("×10" + POWER.pattern, lambda match: f"e{match[1].translate(FROM_SUPERSCRIPTS)}", text)
    text = POWER.sub(lambda match: f"^{match[1].translate(FROM_SUPERSCRIPTS)}", text)
    return "".join(ASCII.get(letter, letter) for letter in "".join(map(without_accent, text)))


def without_accent(letter: str) -> str:
    """A letter and its accent one behind the other."""
    apart = unicodedata.normalize("NFD", letter)
    return apart if apart[-1] in ASCII else letter


@lru_cache(maxsize=4096)
def cells(text: str) -> int:
    """How many columns a text takes: Hangul and other wide characters take two."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def paragraph(text: str, indent: str = "", width: int = WIDTH) -> list[str]:
    """The text in lines of at most that many columns, broken at spaces."""
    lines: list[list[str]] = []
    used = width + 1
    for word in text.split():
        if used + 1 + cells(word) > width:
            lines.append([])
            used = len(indent) - 1
        lines[-1].append(word)
        used += 1 + cells(word)
    return [indent + " ".join(line) for line in lines]


def page(
    trace: Trace, words: Catalogue, ascii: bool = False, pictures: bool = True, start: int = 0, whole: bool = False
) -> Iterator[str]:
    """The lines of the whole lesson, or from a place of the walk on; `whole` also opens large quantities."""
    script = Script.ASCII if ascii else Script.TEXT
    lines = page_lines(trace, words, script, pictures, start, whole)
    yield from (one for line in lines for one in refitted(line)) if ascii else lines


def refitted(line: str) -> list[str]:
    """A line in ASCII. One of a text that has become too long goes on in the next line."""
    found = in_ascii(line)
    indent = found[: len(found) - len(found.lstrip())]
    text = cells(line) <= WIDTH < cells(found) and "  " not in found.strip()
    return paragraph(found, indent) if text else [found]


def page_lines(
    trace: Trace, words: Catalogue, script: Script, pictures: bool, start: int, whole: bool
) -> Iterator[str]:
    if start == 0:
        yield from opening(trace.setup, words, script, pictures)
        yield from ("", *paragraph(words(letters_key(trace.setup.network))))
    yield from ("", *paragraph(policy_text(trace, words)))
    for number, step, is_new in trace.numbered():
        if number <= start:
            continue
        if is_new or number == start + 1:
            yield from ("", heading(trace, step, words))
        yield ""
        yield from step_lines(trace, number, step, words, script, pictures)
        for child in step.children if whole and step.ref is None else ():
            yield from ("", *step_lines(trace, number, child, words, script))


def policy_text(trace: Trace, words: Catalogue, on_paper: bool = False) -> str:
    """How the numbers of a page were calculated, and to how many digits they are shown."""
    digits, update = trace.policy.digits, trace.inexact_from
    if trace.policy.rounded:
        return words("label.rounded", digits=digits)
    kind = "full" if update == 1 else "exact" if update is None else "exact_until"
    shown = words(f"label.{kind}", digits=digits, update=update or "")
    return shown if on_paper else f"{shown} {words('label.round')}"


def single(trace: Trace, number: int, step: Step, words: Catalogue, ascii: bool) -> list[str]:
    """One step on its own, for reading step by step."""
    script = Script.ASCII if ascii else Script.TEXT
    lines = (
        opening(trace.setup, words, script, False)
        if step.kind is Kind.GIVEN
        else step_lines(trace, number, step, words, script, False)
    )
    head = [] if step.phase in (Phase.START, Phase.TRAINING, Phase.END) else [heading(trace, step, words)]
    return [in_ascii(line) if ascii else line for line in (*head, *lines)]


def heading(trace: Trace, step: Step, words: Catalogue) -> str:
    """The head of a part of the walk: its phase, pass and sample."""
    parts = (
        [phase_name(step, words), *turn_name(step, words)]
        if step.phase is not Phase.TRAINING
        else [phase_name(step, words)]
    )
    return f"== {' · '.join(parts)} =="


def opening(setup: Setup, words: Catalogue, script: Script, pictures: bool) -> Iterator[str]:
    """Title, introduction, goal, picture and given numbers."""
    lesson, language = setup.lesson, words.language
    name = title_text(lesson, language)
    yield from (name, "=" * cells(name), "")
    for part in opening_paragraphs(setup, words):
        yield from paragraph(part)
    yield ""
    yield from paragraph(f"{words('label.goal')}: {goal(setup, language)}")
    yield ""
    picture = setup_picture(setup, WIDTH - 2, 4, script) if pictures else None
    if picture is not None:
        yield from (*as_text(picture.draw()), "")
    for row in rows_beside_picture(setup, words) if picture is not None else given_rows(setup, words):
        yield from paragraph(f"{row.label}: {text_of(row)}")
    for convention in conventions(setup, words):
        yield from paragraph(f"{words('label.convention')}: {convention}")


def step_lines(
    trace: Trace, number: int, step: Step, words: Catalogue, script: Script, pictures: bool = True
) -> Iterator[str]:
    """One step: number and title, why, and the equation."""
    if step.kind in (Kind.SUMMARY, Kind.QUESTION, Kind.ANSWER):
        yield from closing_lines(trace, step, words, script)
        return
    yield f"{number}. {title(step, words)}"
    yield from paragraph(own_why(step, trace.setup, words.language) or why(step, words), "   ")
    if step.kind is Kind.DERIVATION:
        for sentence, row in blocks.derivation_lines(step, words, script):
            yield from paragraph(sentence, "   ")
            yield from [f"      {joined(row.left)} = {joined(row.right)}"] if row else []
        return
    yield from equation_lines(rows(step, script), words, "   ")
    yield from beside_equation(trace, step, words, script, pictures)


def beside_equation(trace: Trace, step: Step, words: Catalogue, script: Script, pictures: bool) -> Iterator[str]:
    """What a step has beside or instead of an equation: numbers, a table, a picture."""
    if step.kind in (Kind.RUN, Kind.TRAINING):
        for row in blocks.rows_beside(trace, step, words):
            yield from paragraph(f"{row.label}: {text_of(row)}", "   ")
    elif step.kind is Kind.COST:
        yield from (f"   {line}" for line in aligned(blocks.cost_table(trace, words)))
    elif step.kind is Kind.PICTURE:
        picture = blocks.picture(trace, step, words)
        drawn = chart.drawn(picture, WIDTH - 6, 14, script is Script.ASCII) if pictures else chart.told(picture)
        for line in drawn:
            yield from [f"   {line}"] if pictures and script is not Script.ASCII else paragraph(line, "   ")
    elif blocks.is_overview(step):
        for pieces in blocks.value_lines(step, script, WIDTH - 6):
            yield f"   {joined(pieces)}".rstrip()


def equation_lines(found: Sequence[Row], words: Catalogue, indent: str) -> Iterator[str]:
    """The forms of an equation, labels and equals signs in columns."""
    labels = [words(f"label.{row.label}") if row.label else "" for row in found]
    wide = max((cells(label) for label in labels), default=0) + 2
    left = max((len(joined(row.left)) for row in found), default=0)
    for row, label in zip(found, labels, strict=True):
        yield f"{indent}{label}{' ' * (wide - cells(label))}{joined(row.left):<{left}} = {joined(row.right)}"


def closing_lines(trace: Trace, step: Step, words: Catalogue, script: Script) -> Iterator[str]:
    """The closing table, the question, or the answer."""
    if step.kind is not Kind.SUMMARY:
        text = question(trace, words.language) if step.kind is Kind.QUESTION else answer(trace, words.language)
        label = words("label.question" if step.kind is Kind.QUESTION else "label.answer")
        yield from paragraph(f"{label}: {text}")
        return
    last = closing(trace, words, script)
    name = words("title.summary") if trace.setup.learns else answers_label(trace, words)
    yield from (f"== {name} ==", "")
    yield from fitted([[*map(str, row)] for row in (last.head, *last.rows)])
    if last.error:
        label, before, after = last.error
        yield from ("", f"{label}: {before} → {after}")
    if last.compared:
        yield from ("", f"{words('label.compared')}:")
        for label, value in last.compared:
            wide = len(str(value)) + 4
            first, *rest = paragraph(label, width=WIDTH - wide)
            yield from (f"  {value}  {first}", *(f"{' ' * wide}{line}" for line in rest))


def fitted(table: Sequence[Sequence[str]], width: int = WIDTH) -> Iterator[str]:
    """A table; one that is too wide becomes a list, a few lines for each of its rows."""
    lines = list(aligned(table))
    if max(map(cells, lines)) <= width:
        yield from lines
        return
    head, *rest = table
    for row in rest:
        yield from paragraph(row[0], width=width)
        named = [f"{name} {cell}" for name, cell in zip(head[1:], row[1:], strict=True) if cell]
        yield from paragraph(" · ".join(named), "   ", width)


def aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table: the first column to the left, numbers to the right."""
    widths = [max(cells(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        first, *rest = (" " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True))
        yield "   ".join([row[0] + first, *(gap + cell for gap, cell in zip(rest, row[1:], strict=True))]).rstrip()
