"""`stepnn check`: reading a lesson and working it out, and telling everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from stepnn.errors import Fault, StepnnError, describe
from stepnn.words import Catalogue
from stepnn.words.told import told

FEW = 5  # places that are named


def notes_of(file: str, words: Catalogue) -> Iterator[str]:
    """What is no fault of a good lesson file but worth knowing: names of stepnn's that it has taken for its own, a
    penalty that is there twice, texts that lack a language which others have."""
    from stepnn.book.functions import ACTIVATIONS, LOSSES  # only this command needs it
    from stepnn.lessons.read import load_lesson
    from stepnn.lessons.said import texts_in

    lesson = load_lesson(file)
    for name in (*(lesson.activations.keys() & ACTIVATIONS.keys()), *(lesson.losses.keys() & LOSSES.keys())):
        yield words("check.hidden", name=name)
    if lesson.regularization is not None and lesson.regularization.l2 and lesson.optimizer.weight_decay:
        yield words("check.twice")
    texts = list(texts_in(lesson))
    for language in dict.fromkeys(one for _, text in texts for one in text.languages):
        if without := [where for where, text in texts if language not in text.languages]:
            more = f" … ({len(without)})" if len(without) > FEW else ""
            yield words("check.lacking", language=language, places=", ".join(without[:FEW]) + more)


def faults_of(file: str, words: Catalogue) -> str:
    """All faults of a lesson file as one text, or "" for a good one."""
    from stepnn.lessons.build import setup  # only this command needs it
    from stepnn.lessons.read import Lines, load_lesson, with_line
    from stepnn.lessons.shelf import path_of

    try:
        given = setup(load_lesson(file))
    except StepnnError as error:
        return error.to(words)
    from stepnn.trace.claims import untrue_claims
    from stepnn.trace.predictions import untrue
    from stepnn.trace.texts import unknown_numbers
    from stepnn.trace.trace import Trace

    try:
        trace = Trace(given)
        for run in trace.runs:
            run.prove()
        symbols = {step.symbol for step in trace.elements()}
        assert (
            trace.errors is None or trace.comparisons is not None
        )  # both are calculated here, to see that they can be
    except StepnnError as error:
        return describe(file, Fault("", error.to(words)), words)
    unknown = [
        Fault(
            f"why.{name}",
            told("no_step_has_this_name"),
            remedy=told("the_names_of_all_steps"),
        )
        for name in given.lesson.why
        if name not in symbols
    ]
    for field, name, late in unknown_numbers(trace):
        message = told("is_calculated_later" if late else "there_is_no_number_called", name=name)
        near = get_close_matches(re.split("[:}]", name)[0].strip("{"), symbols, n=1, cutoff=0.7) if not late else []
        remedy = told("did_you_mean", name=near[0]) if near else told("docs_lesson_format_md_says")
        unknown.append(Fault(field, message, remedy=remedy))
    for field, message in (*untrue(trace), *untrue_claims(trace)):
        unknown.append(Fault(field, message, remedy=told("the_names_of_all_steps")))
    lines = Lines(path_of(file).read_text(encoding="utf-8"))
    return "\n".join(describe(file, with_line(fault, lines), words) for fault in unknown)
