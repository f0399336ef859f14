"""A worked example as JSON: the contract for other programs, described in docs/json.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stepnn.trace.sentences import title, why
from stepnn.trace.step import Step
from stepnn.trace.texts import answer, goal, introduction, own_why, question, title_text
from stepnn.views.equations import Script, one_line
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace, TracedRun

FORMAT_VERSION = 1


def document(trace: Trace, words: Catalogue) -> Iterator[str]:
    """The JSON text, a line for each step, so that it can be read and compared by people too."""
    head = {
        "format_version": FORMAT_VERSION,
        "lesson": lesson(trace, words.language),
        "policy": {"arithmetic": "rounded" if trace.policy.rounded else "full", "digits": trace.policy.digits},
    }
    steps = [written(step_object(trace, step, words)) for step in trace.elements()]
    tail = {
        "runs": [run_object(run, words) for run in trace.runs],
        "parameters": {change.symbol: {"before": change.before, "after": change.after} for change in trace.changes},
        "error": None if trace.errors is None else {"before": trace.errors[0], "after": trace.errors[1]},
    }
    yield "{"
    yield from (f" {written(key)}: {written(value)}," for key, value in head.items())
    yield ' "steps": ['
    yield from (f"  {step}{',' if place < len(steps) - 1 else ''}" for place, step in enumerate(steps))
    yield " ],"
    yield f' "runs": {written(tail["runs"])},'
    yield f' "parameters": {written(tail["parameters"])},'
    yield f' "error": {written(tail["error"])}'
    yield "}"


def written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def run_object(run: TracedRun, words: Catalogue) -> dict[str, Any]:
    """What a run has changed."""
    label = run.setup.label
    return {
        "label": None if label is None else label.to(words.language),
        "updates": run.updates,
        "parameters": {change.symbol: {"before": change.before, "after": change.after} for change in run.changes},
        "error": None if run.errors is None else {"before": run.errors[0], "after": run.errors[1]},
    }


def lesson(trace: Trace, language: str) -> dict[str, Any]:
    """What the lesson is."""
    texts = {
        "title": title_text(trace.lesson, language),
        "goal": goal(trace.setup, language),
        "introduction": introduction(trace.setup, language),
        "question": question(trace, language),
        "answer": answer(trace, language),
    }
    return {"id": trace.lesson.id, **texts, "language": language, "part": trace.lesson.part}


def step_object(trace: Trace, step: Step, words: Catalogue) -> dict[str, Any]:
    """One step."""
    return {
        "id": step.id,
        "pass": step.pass_number,
        "sample": step.sample,
        "phase": step.phase.value,
        "kind": step.kind.value,
        "symbol": step.symbol,
        "title": title(step, words),
        "why": own_why(step, trace.setup, words.language) or why(step, words),
        **{
            form: {"text": one_line(step, Script.TEXT, form), "latex": one_line(step, Script.TYPESET, form)}
            for form in ("general", "here", "numbers")
        },
        "value": step.value,
        "uses": list(step.uses),
    }
