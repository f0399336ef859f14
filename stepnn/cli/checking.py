"""`stepnn check`: reading a lesson and working it out, and telling everything that is wrong with it."""

from __future__ import annotations

from stepnn.errors import Fault, StepnnError, describe
from stepnn.words import Catalogue
from stepnn.words.told import told


def notes_of(file: str) -> list[str]:
    """What is no fault but worth knowing: the names of stepnn's that a good lesson file has taken for its own."""
    from stepnn.book.functions import ACTIVATIONS, LOSSES  # only this command needs it
    from stepnn.lessons.read import load_lesson

    lesson = load_lesson(file)
    return [*(lesson.activations.keys() & ACTIVATIONS.keys()), *(lesson.losses.keys() & LOSSES.keys())]


def faults_of(file: str, words: Catalogue) -> str:
    """All faults of a lesson file as one text, or "" for a good one."""
    from stepnn.lessons.build import setup  # only this command needs it
    from stepnn.lessons.read import load_lesson

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
        unknown.append(Fault(field, message, remedy=told("docs_lesson_format_md_says")))
    for field, message in (*untrue(trace), *untrue_claims(trace)):
        unknown.append(Fault(field, message, remedy=told("the_names_of_all_steps")))
    return "\n".join(describe(file, fault, words) for fault in unknown)
