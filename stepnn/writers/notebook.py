"""How a step shows itself in a notebook: as text, HTML and LaTeX."""

from __future__ import annotations

from typing import Any

from stepnn.page.asides import curve
from stepnn.page.blocks import Block, Equation, Step
from stepnn.words import Catalogue
from stepnn.writers.broken import typeset_rows
from stepnn.writers.html.html import Writer
from stepnn.writers.latex import aligned
from stepnn.writers.text import TextWriter


def bundle(block: Block, words: Catalogue) -> dict[str, Any]:
    """A block in the forms that a notebook chooses from; a step has its curve behind it."""
    blocks: list[Block] = [block]
    chart = curve(block.of) if isinstance(block, Step) and block.of is not None else None
    blocks += [chart] if chart is not None else []
    html = "\n".join(line for one in blocks for line in Writer(words).lines(one))
    found = {"text/plain": "\n".join(TextWriter(words).lines(block)), "text/html": html}
    inner = block.blocks if isinstance(block, Step) else ()
    rows = [row for one in inner if isinstance(one, Equation) for row in typeset_rows(one)]
    return {**found, "text/latex": aligned(rows, "align*")} if rows else found
