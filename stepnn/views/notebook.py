"""How a step shows itself in a notebook: as text, HTML and LaTeX."""

from __future__ import annotations

from html import escape
from typing import Any

from stepnn.trace.curves import activation_chart
from stepnn.trace.sentences import title, why
from stepnn.trace.step import Step
from stepnn.views.equations import Script, rows
from stepnn.views.plain import equation_lines
from stepnn.views.svg import svg
from stepnn.views.tex import equation
from stepnn.words import catalogue, language_of_system


def bundle(step: Step) -> dict[str, Any]:
    """The step in the three forms that a notebook chooses from."""
    words = catalogue(language_of_system())
    found = rows(step, Script.TEXT)
    lines = list(equation_lines(found, words, ""))
    head, reason = title(step, words), why(step, words)
    chart = activation_chart(step)
    drawing = svg(chart) if chart is not None else ""
    html = f"<p><b>{escape(head)}</b><br>{escape(reason)}</p><pre>{escape(chr(10).join(lines))}</pre>{drawing}"
    parts = {"text/plain": "\n".join([head, reason, *lines]), "text/html": html}
    return {**parts, "text/latex": equation(step)} if found else parts


def install() -> None:
    """Teach steps to show themselves: they know no view of their own accord."""
    Step.shown_by = staticmethod(bundle)
