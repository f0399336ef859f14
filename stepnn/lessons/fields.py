"""What is wrong with single fields, in stepnn's own words: pydantic finds it, the catalogues say it."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from stepnn.errors import MOST_FAULTS, Fault
from stepnn.lessons.advice import remedy
from stepnn.lessons.values import WRITTEN
from stepnn.words import LANGUAGES
from stepnn.words.told import told

LONGEST = 60  # letters of a name that are looked at to find out what was meant
WANTED = {
    "float_type": "a_number", "int_type": "a_whole_number", "string_type": "text_in_quotes",
    "bool_type": "true_or_false", "list_type": "a_list", "dict_type": "a_table", "model_type": "a_table_in_braces",
    "finite_number": "a_finite_number", "float_parsing": "a_number",
}  # fmt: skip
BOUNDS = {  # of a number: the sentence, and what the bound is called in it and by pydantic
    "greater_than": ("more_than", "least", "gt"),
    "greater_than_equal": ("at_least", "least", "ge"),
    "less_than": ("less_than", "most", "lt"),
    "less_than_equal": ("at_most", "most", "le"),
}


def field_faults(error: ValidationError) -> tuple[list[Fault], int, bool]:
    """The first ones in stepnn's own words, how many more there are, and whether it is worth looking for others.

    A list that is too long is told alone: to read it all would take too long, and the rest would follow from it.
    """
    found = error.errors(include_url=False, include_context=True)
    too_long = [one for one in found if one["type"] == "too_long"]
    first = (too_long or found)[:MOST_FAULTS]
    more = len(too_long or found) - len(first)
    return [field_fault(one) for one in first], more, not (more or too_long)


def field_fault(error: Any) -> Fault:
    """A pydantic error in stepnn's own words."""
    where = place([part for part in error["loc"] if not str(part).startswith(("[key]", "level:"))])
    kind, found, context = error["type"], short(error["input"]), error.get("ctx", {})
    match kind:
        case "missing":
            wanted = told("see_docs_lesson_format_md")
            return Fault(where, told("this_field_is_missing"), wanted=wanted, remedy=told("add_it"))
        case "extra_forbidden":
            *path, name = error["loc"]
            return Fault(where, told("there_is_no_such_field"), remedy=remedy(str(name)[:LONGEST], path))
        case "no_language":
            wanted = told("one_of", known=", ".join(LANGUAGES))
            return Fault(where, told("this_text_is_missing"), wanted=wanted, remedy=told("write_one"))
        case "literal_error":
            known = context["expected"].replace(" or ", ", ")
            return Fault(where, told("this_is_not_one_of"), found, told("one_of", known=known))
        case "string_pattern_mismatch" | "string_too_short" | "string_too_long":
            return text_fault(where, found, error)
        case "too_short" | "too_long":
            return count_fault(where, error)
    if kind in BOUNDS:
        code, bound, name = BOUNDS[kind]
        return Fault(where, told("out_of_range"), found, told(code, **{bound: f"{context[name]:.10g}"}))
    if kind == "model_type" and context.get("class_name") == "Words":
        return Fault(where, told("wrong_kind_of_value"), found, told("a_text_in_languages"))
    wanted = told(WANTED.get(kind, "see_docs_lesson_format_md"))
    if kind in ("float_type", "float_parsing") and re.search(r"\.(weights|values)\[", where):
        wanted = told("a_number_or_none")
    return Fault(where, told("wrong_kind_of_value"), found, wanted)


def text_fault(where: str, found: str, error: Any) -> Fault:
    """A name or another short text that is not written as it must be."""
    context = error["ctx"]
    if not error["input"].strip():
        return Fault(where, told("this_text_is_empty"), remedy=told("write_one"))
    if "pattern" in context:
        return Fault(where, told("this_cannot_stand_here"), found, told(WRITTEN[context["pattern"]]))
    size = told("characters", count=len(error["input"]))
    if "min_length" in context:
        return Fault(where, told("this_text_is_too_short"), size, told("at_least", least=context["min_length"]))
    return Fault(where, told("this_text_is_too_long"), size, told("at_most", most=context["max_length"]))


def count_fault(where: str, error: Any) -> Fault:
    """A list or a table that holds too little or too much."""
    found, context = short(error["input"]) if error["input"] else told("an_empty_list"), error["ctx"]
    if error["type"] == "too_long":
        return Fault(where, told("there_is_too_much_here"), found, told("at_most", most=context["max_length"]))
    what = told("there_are_no_numbers_here") if ".values" in where else told("there_is_too_little_here")
    return Fault(where, what, found, told("at_least", least=context["min_length"]))


def place(loc: list[Any]) -> str:
    """A path such as layers[1].weights[0][1]. Rows are counted from 1, as a reader counts them."""
    text = ""
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def short(value: Any) -> str:
    """A value as it might stand in the file, cut to a readable length."""
    if isinstance(value, (dict, list)):
        return told("a_table_of" if isinstance(value, dict) else "a_list_of", count=len(value))
    if isinstance(value, int) and abs(value) > 10**50:
        return told("a_very_large_number")
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
