"""A question before a step, and what came of it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepnn.page.blocks import Bullets
from stepnn.page.prose import prose
from stepnn.page.written import Marks, Text
from stepnn.trace.claims import any_value, holds
from stepnn.trace.predictions import SIGNS, Side, outcome
from stepnn.trace.step import Kind, Step
from stepnn.trace.texts import any_number, filled, given_number
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace


def predicted(trace: Trace, step: Step, words: Catalogue) -> Text:
    """The question; or what the numbers say, and why they do."""
    asked = step.prediction
    assert asked is not None
    found = outcome(trace, asked)
    field = f"predictions.{trace.lesson.predictions.index(asked)}"
    as_told = found is None or (found.found == asked.answer and holds(trace.setup, field, any_value(trace)))
    if step.kind is Kind.PREDICT and as_told:
        return prose(filled(asked.question.to(words.language), given_number(trace.setup)))
    if found is None:
        return ()
    marks = Marks()
    if step.kind is Kind.PREDICT:
        left, right = name(found.left, found.right, marks, words), name(found.right, found.left, marks, words)
        return marks.text(words("predict.any", left=left, right=right))
    known = {
        "left": name(found.left, found.right, marks, words), "right": name(found.right, found.left, marks, words),
        "value": found.left.shown.text, "other": found.right.shown.text,
    }  # fmt: skip
    fact = marks.text(words(f"predict.{'size.' if asked.sizes else ''}{found.found}", **known))
    if found.found != asked.answer:
        return (*fact, f" {words('predict.otherwise')}")
    return fact if not as_told else (*fact, " ", *prose(filled(asked.why.to(words.language), any_number(trace))))


def name(side: Side, other: Side, marks: Marks, words: Catalogue) -> str:
    """A name, with its run or its pass where the other number has the same one."""
    found = marks(side.name)
    if side.name != other.name:
        return found
    if side.run != other.run:
        return words("predict.of_run", name=found, number=side.run)
    return words("predict.of_pass", name=found, number=side.number)


def choices(trace: Trace, step: Step, words: Catalogue) -> Bullets:
    """The three answers, as relations."""
    asked = step.prediction
    found = outcome(trace, asked) if asked is not None else None
    if asked is None or found is None:
        return Bullets(())
    bar = "|" if asked.sizes else ""
    marks = Marks()
    left, right = name(found.left, found.right, marks, words), name(found.right, found.left, marks, words)
    relations = (f"{bar}{left}{bar} {sign} {bar}{right}{bar}" for sign in SIGNS.values())
    return Bullets(tuple(("", marks.text(one)) for one in relations))


def said(trace: Trace, step: Step, answer: str, words: Catalogue) -> str:
    """What the reader has answered, beside what came of it; "" where nothing was answered."""
    found = outcome(trace, step.prediction) if step.prediction is not None else None
    if not answer or found is None:
        return ""
    key = "as_said" if found.found == answer else "not_as_said"
    return words(f"predict.{key}", answer=words(f"predict.answer.{answer}"))
