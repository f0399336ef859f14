"""What to do about a field that there is not: it is mistyped, or it belongs to another table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args

from stepnn.lessons.said import Part, Words
from stepnn.lessons.schema import Lesson, Run
from stepnn.words.told import together, told


def remedy(name: str, path: Sequence[Any]) -> str:
    """What is probably meant by an unknown field of the table with that path."""
    homes = tables()
    if name in homes:
        return told("it_belongs_to", where=together(homes[name], "either"))
    own, others = list(model_of(path).model_fields), list(homes)
    if name.lower() in own:
        return told("did_you_mean", name=name.lower())
    for known in (own, others):
        close = get_close_matches(name, known, n=1, cutoff=0.6)
        if close:
            if known is own or head() in homes[close[0]]:
                return told("did_you_mean", name=close[0])
            return told("did_you_mean_in", name=close[0], where=together(homes[close[0]], "either"))
    return told("remove_it")


def head() -> str:
    """Where fields stand that are in no table."""
    return told("the_head_of_the_file")


def model_of(path: Sequence[Any]) -> type[Part]:
    """What the table with that path may hold."""
    model: type[Part] = Lesson
    for part in path:
        if part in model.model_fields:
            model = next(parts_in(model.model_fields[part].annotation), model)
    return model


def parts_in(annotation: Any) -> Iterator[type[Part]]:
    """The tables that a field holds."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for inner in get_args(annotation):
        yield from parts_in(inner)


@cache
def tables() -> dict[str, list[str]]:
    """Where each field belongs, as a file has it. What a run takes from the head of the file belongs there."""
    found: dict[str, list[str]] = {}
    for name, field in Lesson.model_fields.items():
        text = str(field.annotation)
        table = f"[[{name}]]" if text.startswith("list") else f"[{name}.NAME]" if "dict" in text else f"[{name}]"
        inside = [model for model in parts_in(field.annotation) if model is not Words]
        found.setdefault(name, []).insert(0, told("a_table_of_its_own", table=table) if inside else head())
        for model in inside:
            for inner in model.model_fields:
                if model is not Run or inner not in Lesson.model_fields:
                    found[inner] = [*found.get(inner, []), table]
    return found
