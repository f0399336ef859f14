"""`stepnn picture`: one picture of a lesson, in the terminal or as an SVG file."""

from __future__ import annotations

from pathlib import Path

from stepnn.cli import output
from stepnn.drawing.svg import svg
from stepnn.errors import UsageError, visible
from stepnn.page.asides import titled
from stepnn.trace.pictures import picture_of
from stepnn.trace.step import Kind
from stepnn.trace.trace import Trace
from stepnn.words import Catalogue
from stepnn.words.told import told
from stepnn.writers.text import TextWriter


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
    output.print_lines(TextWriter(words, ascii, not plain, height=18).page(titled(found)))
