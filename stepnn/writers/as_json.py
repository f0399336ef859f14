"""A worked example as JSON: the contract for other programs, described in docs/json.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from stepnn.notation.mathematics import joined
from stepnn.page.blocks import Equation, Line, Page, Paragraph
from stepnn.page.blocks import Step as StepBlock
from stepnn.page.build import step_blocks
from stepnn.page.written import plain
from stepnn.trace.step import Step
from stepnn.trace.texts import answer, goal, introduction, question, title_text
from stepnn.words import Catalogue
from stepnn.writers.formats import Options

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace, TracedRun

FORMAT_VERSION = 1


def document(page: Page, options: Options) -> Iterator[str]:
    """The JSON text, a line for each step, so that it can be read and compared by people too.

    It is written from the walk of the page: every element is a step of it, also those that a page sums up.
    """
    trace, words = page.trace, page.words
    assert trace is not None
    head = {
        "format_version": FORMAT_VERSION,
        "lesson": lesson(trace, words),
        "policy": {"arithmetic": "rounded" if trace.policy.rounded else "full", "digits": trace.policy.digits},
    }
    tail = {"runs": [run_object(run, words) for run in trace.runs], **changed(trace)}
    yield "{"
    yield from (f" {written(key)}: {written(value)}," for key, value in head.items())
    yield ' "steps": ['
    before = ""  # step by step, so that those of a large lesson never stand in memory together
    for step in trace.elements():
        yield from [f"  {before},"] if before else []
        before = written(step_object(trace, step, words))
    yield f"  {before}"
    yield " ],"
    yield ",\n".join(f" {written(key)}: {written(value)}" for key, value in tail.items())
    yield "}"


def written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def run_object(run: TracedRun, words: Catalogue) -> dict[str, Any]:
    """What a run has changed."""
    label = run.setup.label
    named = {"label": None if label is None else label.to(words.language), "updates": run.updates}
    return {**named, **changed(run)}


def changed(found: Trace | TracedRun) -> dict[str, Any]:
    """Parameters and the mean error before and after."""
    return {
        "parameters": {one.symbol: {"before": one.before, "after": one.after} for one in found.changes},
        "error": None if found.errors is None else dict(zip(("before", "after"), found.errors, strict=True)),
    }


def lesson(trace: Trace, words: Catalogue) -> dict[str, Any]:
    """What the lesson is."""
    language = words.language
    texts = {
        "title": title_text(trace.lesson, language),
        "goal": goal(trace.setup, language),
        "introduction": introduction(trace.setup, language),
        "question": question(trace, words),
        "answer": answer(trace, words),
    }
    return {"id": trace.lesson.id, **texts, "language": language, "part": trace.lesson.part}


def step_object(trace: Trace, step: Step, words: Catalogue) -> dict[str, Any]:
    """One step: what it is, and the formulas of its blocks."""
    (block,) = step_blocks(trace, 0, step, words)
    assert isinstance(block, StepBlock)
    reason, *rest = block.blocks
    assert isinstance(reason, Paragraph)
    lines = [line for one in rest if isinstance(one, Equation) for line in one.lines]
    return {
        "id": step.id,
        "pass": step.pass_number,
        "sample": step.sample,
        "phase": step.phase.value,
        "kind": step.kind.value,
        "symbol": step.symbol,
        "title": plain(block.title),
        "why": plain(reason.text),
        **{form: one_line(lines, form) for form in ("general", "here", "numbers")},
        "value": step.value,
        "uses": list(step.uses),
    }


def one_line(lines: Sequence[Line], form: str) -> dict[str, str]:
    """One form of the equation on one line, as text and as LaTeX; without numbers in it, the result."""
    label, found = "", dict[str, list[Line]]()
    for line in lines:
        label = line.label or label
        found.setdefault(label, []).append(line)
    own = found.get(form) or found["result" if form == "numbers" else "general"]
    sides = [one.right for one in (own if form == "general" else own[-1:])]
    sides = [own[0].left, *sides] if form != "numbers" and own[0].left is not None else sides
    return {"text": " = ".join(one.text for one in sides), "latex": " = ".join(joined(one.typeset) for one in sides)}
