"""Reading single parts of a lesson table that may have faults elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from stepnn.errors import Fault, FormulaError
from stepnn.notation.parse import parse
from stepnn.words.told import told

Anything = TypeVar("Anything", bound=BaseModel)


def valid(model: type[Anything], raw: Any) -> Anything | None:
    """The part as a checked object. One with faults of its own (reported elsewhere) is mended where it can be,
    so that what else is wrong with it is reported too; otherwise None."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        if not isinstance(raw, dict):
            return None
        try:
            return model.model_validate(mended(raw, error))
        except (ValidationError, LookupError, TypeError, AttributeError):
            return None


def sound(model: type[Anything], raw: Any) -> Anything | None:
    """The part as a checked object; None where it is not there or has faults of its own."""
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None


def mended(raw: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """A copy with something harmless in place of every faulty value, and without unknown fields."""
    copy = deepcopy(raw)
    for count, one in enumerate(error.errors(include_url=False)):
        *path, last = one["loc"]
        target: Any = copy
        for part in path:
            target = target[part]
        if isinstance(last, int):
            target[last] = f"mended_{count}" if isinstance(target[last], str) else 0.0
        else:
            target.pop(last, None)
    return copy


def listed(table: dict[str, Any], key: str) -> list[Any]:
    found = table.get(key)
    return found if isinstance(found, list) else []


def own(table: dict[str, Any], section: str) -> dict[str, Any]:
    """What the lesson itself defines in a section."""
    found = table.get(section)
    return found if isinstance(found, dict) else {}


def own_functions(table: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The formulas of the activations and of the losses that a lesson defines, as far as they can be read."""
    found: dict[str, dict[str, str]] = {"activations": {}, "losses": {}}
    for section, formulas in found.items():
        for name, raw in own(table, section).items():
            formula = raw.get("formula") if isinstance(raw, dict) else None
            try:
                parse(text := formula if isinstance(formula, str) else "")
            except FormulaError:
                continue  # a fault of its own
            formulas[name] = text
    return found


def missing(where: str, remedy: str) -> Fault:
    """A field that must be there and is not."""
    return Fault(where, told("this_field_is_missing"), remedy=remedy)


def choose(name: str, known: Sequence[str]) -> tuple[str, str]:
    """What was wanted, and the nearest of it as a remedy."""
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return told("one_of", known=", ".join(known)), told("did_you_mean", name=close[0]) if close else ""
