"""A worked example as Markdown with LaTeX mathematics, as GitHub, GitLab, Jupyter and Obsidian show it.

Each equation stands on one line between `$$`, without line breaks in it: that is what all hosts agree on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from stepnn.notation.printer import joined
from stepnn.trace.sentences import phase_name, title, turn_name, why
from stepnn.trace.step import Kind, Step
from stepnn.trace.texts import answer, goal, introduction, own_why, question, title_text
from stepnn.views import blocks, chart
from stepnn.views.closing import closing
from stepnn.views.equations import Row, Script, rows
from stepnn.views.given import GivenRow, given_rows
from stepnn.views.plain import WIDTH, policy_text
from stepnn.views.tex import equation_text, in_math, matrix
from stepnn.words import Catalogue, catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace


def escape(text: str) -> str:
    """Any text as Markdown text: no mark-up, no HTML, no mathematics."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]#|$~!])", r"\\\1", text)


def prose(text: str) -> str:
    """A text of the lesson: escaped, and none of its lines begins a list, a rule or a heading."""
    return re.sub(r"(?m)^(\s*)([-+=]|\d+[.)])(?=[-+=\s]|$)", r"\1&#8203;\2", escape(text))


def page(trace: Trace, words: Catalogue) -> Iterator[str]:
    """The lines of the whole page."""
    lesson, language = trace.lesson, words.language
    write = words.escaped_by(escape)
    yield from (f"# {prose(title_text(lesson, language))}", "")
    yield from (prose(introduction(trace.setup, language)), "")
    yield from (f"**{write('label.goal')}:** {prose(goal(trace.setup, language))}", "")
    yield from map(given_line, given_rows(trace.setup, words, latex=True))
    yield from ("", write("label.letters"), "", policy_text(trace, write))
    for number, step, is_new in trace.numbered():
        if is_new:
            parts = [phase_name(step, write), *turn_name(step, write)]
            yield from ("", f"## {' · '.join(parts)}")
        yield ""
        yield from step_lines(trace, number, step, write)


def given_line(row: GivenRow) -> str:
    pairs = ", ".join(f"${name} = {value}$" if name else escape(value) for name, value in row.pairs)
    return f"- {escape(row.label)}: {pairs}"


def step_lines(trace: Trace, number: int, step: Step, words: Catalogue) -> Iterator[str]:
    """One step: title, why, and its equations."""
    if step.kind in (Kind.SUMMARY, Kind.QUESTION, Kind.ANSWER):
        yield from closing_lines(trace, step, words)
        return
    own = own_why(step, trace.setup, words.language)
    yield from (f"### {number}. {title(step, words, in_math)}", "")
    yield prose(own) if own else why(step, words, in_math)
    if step.kind is Kind.DERIVATION:
        for sentence, equation in blocks.derivation_lines(step, words, Script.LATEX, equation_text):
            yield from ("", sentence, *(("", f"$${equation}$$") if equation else ()))
        return
    for line in equations(rows(step, Script.LATEX)):
        yield from ("", f"$${line}$$")
    yield from beside_equation(trace, step, words)


def beside_equation(trace: Trace, step: Step, words: Catalogue) -> Iterator[str]:
    """What a step has beside or instead of an equation: numbers, a table, a picture in characters."""
    if step.kind in (Kind.RUN, Kind.TRAINING):
        yield ""
        for row in blocks.rows_beside(trace, step, words, latex=True):
            yield given_line(row)
    elif step.kind is Kind.COST:
        head, *rest = blocks.cost_table(trace, words)
        yield from ("", f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}")
        yield from (f"| {' | '.join(row)} |" for row in rest)
    elif step.kind is Kind.PICTURE:
        lines = chart.drawn(blocks.picture(trace, step, catalogue(words.language)), WIDTH, 14)
        yield from ("", "```text", *(line.replace("```", "") for line in lines), "```")
    elif blocks.is_overview(step):
        yield from ("", f"$${matrix(blocks.matrix_tokens(step) or blocks.result_block(step), step.moment)}$$")


def equations(found: list[Row]) -> list[str]:
    """General and here as they are; the numbers run on to the result."""
    lines: dict[str, str] = {}
    label = ""
    for row in found:
        label = row.label or label
        key = "numbers" if label == "result" and "numbers" in lines else label
        left = "" if key in lines else joined(row.left)
        if key == "numbers" and key not in lines:
            left = joined(found[-1].left)
        lines[key] = f"{lines.get(key, '')}{left} = {joined(row.right)}"
    return list(lines.values())


def closing_lines(trace: Trace, step: Step, words: Catalogue) -> Iterator[str]:
    """The closing table, the question, or the answer."""
    if step.kind is not Kind.SUMMARY:
        text = question(trace, words.language) if step.kind is Kind.QUESTION else answer(trace, words.language)
        label = words("label.question" if step.kind is Kind.QUESTION else "label.answer")
        yield f"**{label}:** {prose(text)}"
        return
    last = closing(trace, words, Script.TEXT)
    yield from (f"## {words('title.summary') if trace.setup.learns else words('label.answers')}", "")
    yield f"| {' | '.join(map(escape, last.head))} |"
    yield f"|---|{'---:|' * (len(last.head) - 1)}"
    yield from (f"| {' | '.join(map(escape, row))} |" for row in last.rows)
    if last.error:
        label, before, after = last.error
        yield from ("", f"**{label}:** {before} → {after}")
    if last.compared:
        yield from ("", f"{words('label.compared')}:", "")
        yield from (f"- **{value}** {prose(label)}" for label, value in last.compared)
