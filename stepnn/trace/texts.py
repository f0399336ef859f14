"""The texts of a lesson as readers see them: in their language, with numbers in place of `{names}`.

A text may name a number instead of giving it, so that it stays true when the numbers are changed: `{t1}` is the
target, `{a_o1:2}` the first activation of o1 with two digits, `{p2.E}` the error of the second pass,
`{after.w1}` the weight after the last update. A name that nothing has is left as it stands, and `stepnn check`
reports it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from stepnn.lessons.said import Words, texts_in
from stepnn.lessons.schema import Lesson
from stepnn.lessons.settings import conventions as conventions_of
from stepnn.lessons.setup import Setup
from stepnn.network.names import glyph_name
from stepnn.notation.formula import refs
from stepnn.notation.indices import steps_apart
from stepnn.notation.numbers import given, shown
from stepnn.trace.claims import any_value, given_value, holds
from stepnn.trace.step import Step
from stepnn.words import LANGUAGES, Catalogue, catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z0-9_.@]*)(?::(\d{1,2}))?\}")
Look = Callable[[str, int | None], str | None]


def filled(text: str, look: Look) -> str:
    """The text with every placeholder that has a number replaced by it."""

    def number(match: re.Match[str]) -> str:
        found = look(match[1], int(match[2]) if match[2] else None)
        return match[0] if found is None else found

    return PLACEHOLDER.sub(number, text.strip())


def given_number(setup: Setup) -> Look:
    """Looks up given numbers: inputs and targets (of sample 1, or `x1@2`), parameters, the learning rate."""
    number = given_value(setup)

    def look(name: str, digits: int | None) -> str | None:
        value = number(name)
        return None if value is None else given(value).text if digits is None else shown(value, digits).text

    return look


def any_number(trace: Trace) -> Look:
    """Looks up given numbers, then steps by symbol or id, then parameters after the last update."""
    first, number = given_number(trace.setup), any_value(trace)

    def look(name: str, digits: int | None) -> str | None:
        value = number(name)
        shorter = trace.policy.digits if digits is None else digits
        return first(name, digits) or (None if value is None else shown(value, shorter).text)

    return look


def title_text(lesson: Lesson, language: str) -> str:
    return lesson.title.to(language)


def introduction(setup: Setup, language: str) -> str:
    return filled(setup.lesson.introduction.to(language), given_number(setup))


def opening_paragraphs(setup: Setup, words: Catalogue) -> list[str]:
    """The paragraphs that a lesson begins with; where it is not written in the reader's language, that first."""
    written = {language for _, text in texts_in(setup.lesson) for language in text.languages}
    languages = [language for language in LANGUAGES if language in written]
    note = words("label.written_in", languages=", ".join(catalogue(one)("language.name") for one in languages))
    told = [part for part in introduction(setup, words.language).split("\n") if part.strip()]
    told = told if holds(setup, "introduction", given_value(setup)) else [words("label.of_own_numbers")]
    return told if words.language in languages else [note, *told]


def keys(setup: Setup, language: str) -> str:
    """Which keys are worth pressing, for those who can."""
    return filled(setup.lesson.keys.to(language), given_number(setup)) if setup.lesson.keys else ""


def goal(setup: Setup, language: str) -> str:
    return filled(setup.lesson.goal.to(language), given_number(setup))


def conventions(setup: Setup, words: Catalogue) -> list[str]:
    """What the lesson follows where sources differ."""
    return [words(key) for key in conventions_of(setup.lesson.quantities)] + before_the_first(setup, words)


def before_the_first(setup: Setup, words: Catalogue) -> list[str]:
    """What is read before the first time step and is 0 there, because the lesson gives nothing for it."""
    found = {
        glyph_name(setup.network[ref.name].glyph).text: None
        for quantity in setup.network.computed
        for ref in (refs(quantity.formula) if quantity.formula is not None and quantity.axes else ())
        if steps_apart(ref, quantity.letters) and quantity.axes[0].time and not setup.network[ref.name].start
    }
    return [words("label.zero_before", names=", ".join(found))] if found else []


def question(trace: Trace, words: Catalogue) -> str:
    return closing_text(trace, "question", trace.lesson.closing.question, words)


def answer(trace: Trace, words: Catalogue) -> str:
    return closing_text(trace, "answer", trace.lesson.closing.answer, words)


def closing_text(trace: Trace, name: str, own: Words, words: Catalogue) -> str:
    """A closing text; where it does not hold with the numbers at hand, that."""
    if not holds(trace.setup, f"closing.{name}", any_value(trace)):
        return words("label.of_own_numbers")
    return filled(own.to(words.language), any_number(trace))


def own_why(step: Step, setup: Setup, language: str) -> str | None:
    """The reason that the lesson itself gives for a step, in its first pass."""
    own = setup.lesson.why.get(step.symbol)
    if own is None or step.pass_number != 1 or not holds(setup, f"why.{step.symbol}", given_value(setup)):
        return None
    return filled(own.to(language), given_number(setup))


def unknown_numbers(trace: Trace) -> Iterator[tuple[str, str, bool]]:
    """Every placeholder without a number: the field, the placeholder, and whether it is calculated only later."""
    lesson = trace.lesson
    early, late = given_number(trace.setup), any_number(trace)
    fields = [("introduction", lesson.introduction, early), ("goal", lesson.goal, early)]
    fields += [("keys", lesson.keys, early)] if lesson.keys else []
    fields += [(f"why.{name}", words, early) for name, words in lesson.why.items()]
    for number, asked in enumerate(lesson.predictions):
        fields.append((f"predictions.{number}.question", asked.question, early))
        fields.append((f"predictions.{number}.why", asked.why, late))
    fields += [("closing.question", lesson.closing.question, late), ("closing.answer", lesson.closing.answer, late)]
    for field, words, look in fields:
        for language in type(words).model_fields:
            for match in PLACEHOLDER.finditer(words.to(language)):
                if look(match[1], None) is None:
                    yield f"{field}.{language}", match[0], late(match[1], None) is not None
