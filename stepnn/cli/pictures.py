"""`stepnn picture`: one picture of a lesson, in the terminal or as an SVG file."""

from __future__ import annotations

from pathlib import Path

from stepnn.cli import output
from stepnn.drawing import chart
from stepnn.drawing.svg import svg
from stepnn.errors import UsageError, visible
from stepnn.trace.pictures import picture_of
from stepnn.trace.step import Kind
from stepnn.trace.trace import Trace
from stepnn.words import Catalogue
from stepnn.words.told import told
from stepnn.writers.text import WIDTH, in_ascii


def draw(trace: Trace, name: str, target: Path | None, force: bool, words: Catalogue, ascii: bool, plain: bool) -> None:
    """Draw one of the lesson's pictures. Raises UsageError for one that it does not have."""
    steps = {step.picture: step for step in trace if step.kind is Kind.PICTURE}
    if name not in steps:
        known = ", ".join(f'"{one}"' for one in steps) or told("nothing")
        raise UsageError(told("this_lesson_has_no_picture", name=visible(name), known=known))
    found = picture_of(trace, steps[name], words)
    if target is not None:
        output.write_file(target, [svg(found)], force)
        output.print_error(words("check.wrote", file=visible(str(target), 200)))
        return
    lines = chart.told(found) if plain else chart.drawn(found, WIDTH, 18, ascii)
    output.print_lines([found.title, "", *(in_ascii(line) if ascii else line for line in lines)])
