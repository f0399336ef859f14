"""What a lesson's texts claim about its numbers: `stepnn check` works it out, and a text that does not hold with the
numbers at hand is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from stepnn.errors import FormulaError
from stepnn.lessons.said import Claim
from stepnn.lessons.setup import Setup
from stepnn.notation.evaluate import RELATIONS, evaluate
from stepnn.notation.formula import Cases, Compare, Formula, Ref, refs
from stepnn.notation.parse import parse
from stepnn.words.told import Told, told

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

Number = Callable[[str], float | None]
DOTTED = re.compile(r"\b(p\d+|after)\.(?=[A-Za-z])|(?<=\w)@(?=\d)")
INSIDE = {".": "__dot__", "@": "__at__"}  # a name of a step, as a formula can have it


def given_value(setup: Setup) -> Number:
    """A given number by its name (of sample 1, or `x1@2`); None where nothing has that name."""

    def number(name: str) -> float | None:
        plain, _, sample = name.partition("@")
        if plain not in setup.places or (sample and not 1 <= int(sample) <= len(setup.samples)):
            return None
        return setup.value(plain, int(sample or 1))

    return number


def any_value(trace: Trace) -> Number:
    """A given number, the value of a step by symbol or id, or `after.w1`, the parameter after the last update."""
    first = given_value(trace.setup)

    def number(name: str) -> float | None:
        found = first(name)
        if found is None and name.startswith("after."):
            found = next((one.after for one in trace.changes if f"after.{one.symbol}" == name), None)
        if found is None and name in trace.by_symbol:
            found = trace.by_symbol[name].value
        return found

    return number


def holds(setup: Setup, text: str, number: Number) -> bool:
    """Whether everything is true that a text of the lesson claims, as far as its numbers are known."""
    return all(is_true(claim, setup, number) is not False for claim in setup.lesson.claims if claim.of == text)


def is_true(claim: Claim, setup: Setup, number: Number) -> bool | None:
    """Whether a claim is true; None where a name in it has no number. Raises FormulaError."""
    if claim.holds is None:
        return not setup.is_changed
    compared = condition_of(claim.holds)
    values = {ref: number(name_of(ref)) for side in (compared.left, compared.right) for ref in refs(side)}
    if None in values.values():
        return None
    left, right = (float(evaluate(side, values.__getitem__)) for side in (compared.left, compared.right))
    return RELATIONS[compared.relation](left, right)


def condition_of(text: str) -> Compare:
    """`abs(delta_h1) < delta_o1` as a choice between 1 and 0. Raises FormulaError."""
    found: Formula = parse(f"where({DOTTED.sub(lambda one: (one[1] or '') + INSIDE[one[0][-1]], text)}, 1, 0)")
    assert isinstance(found, Cases)
    return found.condition


def name_of(ref: Ref) -> str:
    """The name of a step or a given number as a lesson file has it."""
    name = ref.name
    for sign, inside in INSIDE.items():
        name = name.replace(inside, sign)
    return name


def untrue_claims(trace: Trace) -> Iterator[tuple[str, Told]]:
    """Claims that are wrong for the lesson's own numbers, or that no one can work out: the field, and what is wrong."""
    number, texts = any_value(trace), set(text_names(trace))
    for place, claim in enumerate(trace.lesson.claims):
        if claim.of not in texts:
            yield f"claims.{place}.of", told("there_is_no_text", name=claim.of)
            continue
        try:
            found = is_true(claim, trace.setup, number)
        except (FormulaError, ArithmeticError, ValueError) as error:
            yield f"claims.{place}.holds", told("claim_cannot_be_read", text=claim.holds or "", error=error)
            continue
        if not found:
            wrong = "claim_has_no_number" if found is None else "claim_is_false"
            yield f"claims.{place}.holds", told(wrong, text=claim.holds or "")


def text_names(trace: Trace) -> Iterator[str]:
    """What the texts of a lesson are called."""
    lesson = trace.lesson
    yield from ("introduction", "keys", "closing.question", "closing.answer")
    yield from (f"why.{name}" for name in lesson.why)
    yield from (f"predictions.{number}" for number in range(len(lesson.predictions)))
