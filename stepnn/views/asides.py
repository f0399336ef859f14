"""The other screens of a step: as matrices, its derivation, the keys, and the closing pages."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from stepnn.network.model import Network
from stepnn.notation.formula import Ref
from stepnn.notation.printer import Leaves
from stepnn.trace.charts import Chart
from stepnn.trace.curves import activation_chart
from stepnn.trace.sentences import letters_key
from stepnn.trace.step import Kind, Step
from stepnn.trace.texts import answer, question
from stepnn.views import blocks, chart
from stepnn.views.closing import answers_label, closing
from stepnn.views.colours import RESULT, colours
from stepnn.views.equations import names_leaf, printer, values_leaf
from stepnn.views.given import text_of
from stepnn.views.ink import WIDEST_TEXT, Lines, Look, ascii_if, described, equation, hanging, styled, table, wrapped
from stepnn.views.matrices import lines_of as matrix_lines
from stepnn.views.matrices import tokens_of
from stepnn.views.plain import fitted

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace


def matrix_body(trace: Trace, step: Step, look: Look) -> Lines | None:
    """The same calculation as matrices, names first, then numbers. None if it has no such form."""
    form = blocks.matrix_of(step)
    if form is None:
        return None
    tokens = tokens_of(*form, look.ascii)
    whole = replace(step, ref=None) if step.ref is not None else step
    names, styles = names_leaf(step.moment.forms.names, look.script), colours(step)
    values = values_leaf(step.moment, look.script)
    body = described(trace, whole, look, min(look.width, WIDEST_TEXT))
    compact = "".join(token.text for token in tokens)
    body += [Text(), *equation(whole, look, look.width, {}), Text(), Text(f"  {ascii_if(compact, look)}"), Text()]
    for leaf in (names, values):
        lines = matrix_lines(tokens, partial(text_of_leaf, leaf), look.width - 2, look.ascii)
        body += [Text.assemble("  ", styled(line, styles)) for line in lines] + [Text()]
    return body


def values_body(trace: Trace, step: Step, look: Look) -> Lines:
    """A whole quantity with its numbers, where it has no matrix form."""
    body = described(trace, step, look, min(look.width, WIDEST_TEXT))
    body += [Text(), *equation(step, look, look.width, {}), Text()]
    lines = blocks.value_lines(step, look.script, look.width - 2)
    return body + [Text.assemble("  ", styled(line, {})) for line in lines]


def aside_body(trace: Trace, step: Step, look: Look) -> Lines:
    """A step that computes nothing: what a run changes, training in between, a picture, the cost, a derivation."""
    words = look.words
    body = [*described(trace, step, look, min(look.width, WIDEST_TEXT)), Text()]
    if step.kind in (Kind.RUN, Kind.TRAINING):
        for row in blocks.rows_beside(trace, step, words):
            body += wrapped(Text.assemble((f"{row.label}: ", "dim"), ascii_if(text_of(row), look)), look.width)
    elif step.kind is Kind.COST:
        body += table(blocks.cost_table(trace, words))
    elif step.kind is Kind.PICTURE:
        height = max(6, look.height - len(body) - 10)
        lines = chart.drawn(blocks.picture(trace, step, words), min(look.width - 1, WIDEST_TEXT), height, look.ascii)
        body += [Text(ascii_if(line, look)) for line in lines]
    elif step.kind is Kind.DERIVATION:
        body += derivation_body(step, look)[2:]
    return body


def chart_body(found: Chart, look: Look, height: int) -> Lines:
    """A chart below an equation, as high as there is room."""
    if height < 4:
        return []
    lines = chart.drawn(found, min(look.width - 1, 76), min(height, 12), look.ascii)
    return [Text(), *(Text(ascii_if(line, look)) for line in lines)]


def curve_body(trace: Trace, step: Step, look: Look) -> Lines | None:
    """The curve of the activation function with this step's z on it. None where there is no such curve."""
    found = activation_chart(step)
    if found is None:
        return None
    body = described(trace, step, look, min(look.width, WIDEST_TEXT))
    return [*body, *chart_body(found, look, look.height - len(body) - 9)]


def text_of_leaf(leaf: Leaves, ref: Ref) -> str:
    return leaf(ref).text


def derivation_body(step: Step, look: Look) -> Lines:
    """Where the formula comes from, line by line."""
    from stepnn.trace.derivation import derivation  # brings SymPy, which the first screen does without

    words = look.words
    found = derivation(step)
    write = printer(names_leaf(found.names, look.script), look.script)
    body = [Text(words("derivation.title"), style="bold"), Text()]
    for line in found.lines:
        of = found.names.of(line.of) if line.of is not None else None
        said = words(f"derivation.{line.key}", of=of.ascii if of and look.ascii else of.text if of else "")
        body += wrapped(Text(ascii_if(said, look), style="dim"), min(look.width, WIDEST_TEXT))
        if line.left is not None and line.right is not None:
            left = styled(write(line.left), {})
            body += [*hanging(Text.assemble("    ", left, " = "), styled(write(line.right), {}), look.width), Text()]
    if any(line.key == "result" or line.key == "slope" for line in found.lines):
        body += wrapped(Text(words("derivation.derived"), style="dim"), min(look.width, WIDEST_TEXT))
    return body


KEYS = (
    ("n Enter Space → l", "next"), ("p b ← h", "back"), ("i", "into"), ("o", "out"), ("m", "matrix"),
    ("d", "derivation"), ("c", "curve"), ("1 2 3 g", "go"), ("Home End g G", "ends"), ("/", "find"),
    ("↑ ↓ j k", "scroll"),
    ("?", "help"), ("q Ctrl-C", "quit"),
)  # fmt: skip


def help_body(network: Network, look: Look) -> Lines:
    """All keys."""
    arrows = str.maketrans({"→": ">", "←": "<", "↑": "^", "↓": "v"})
    body = [Text(look.words("keys.title"), style="bold"), Text()]
    for keys, name in KEYS:
        shown = keys.translate(arrows) if look.ascii else keys
        body += hanging(Text(f"{shown:<18} ", style="bold"), Text(look.words(f"keys.{name}")), look.width)
    legend = Text(ascii_if(look.words(letters_key(network)), look), style="dim")
    return [*body, Text(), *wrapped(legend, min(look.width, WIDEST_TEXT))]


def closing_body(trace: Trace, step: Step, look: Look) -> Lines:
    """The closing table, the question, or its answer."""
    words = look.words
    if step.kind is not Kind.SUMMARY:
        return question_body(trace, step, look)
    last = closing(trace, words, look.script)
    body = (
        described(trace, step, look, look.width)
        if trace.setup.learns
        else [Text(answers_label(trace, words), style="bold")]
    )
    rows = [tuple(map(str, row)) for row in (last.head, *last.rows)]
    body += [Text(), *(table(rows) if table(rows)[0].cell_len <= look.width else map(Text, fitted(rows, look.width)))]
    if last.error:
        name, before, after = last.error
        arrow = " -> " if look.ascii else " → "
        body += [Text(), Text.assemble((f"{name}: ", "bold"), str(before), arrow, (str(after), RESULT))]
    if last.compared:
        body += [Text(), *wrapped(Text(f"{words('label.compared')}:", style="dim"), look.width)]
        for label, value in last.compared:
            body += hanging(Text(f"  {value}  ", style="bold"), Text(label), look.width)
    return body


def question_body(trace: Trace, step: Step, look: Look) -> Lines:
    """The closing question; with the next step also its answer."""
    words, width = look.words, min(look.width, WIDEST_TEXT)
    answered = step.kind is Kind.ANSWER
    parts = [
        ("question", question(trace, words.language)),
        *([("answer", answer(trace, words.language))] if answered else []),
    ]
    body: Lines = []
    for label, text in parts:
        body += [
            *hanging(Text(f"{words(f'label.{label}')}: ", style="bold"), Text(ascii_if(text, look)), width),
            Text(),
        ]
    return body if answered else [*body, *wrapped(Text(words("why.question"), style="dim"), width)]
