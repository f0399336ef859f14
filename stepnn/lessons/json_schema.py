"""The schema of lesson files for editors: what completes and checks a file while it is being typed.

It is made from the models that check a file, so it cannot say anything else. What a schema cannot say (that names exist
and sizes fit) `stepnn check` does.
"""

from __future__ import annotations

from typing import Any

from stepnn.book.functions import ACTIVATIONS, LOSSES
from stepnn.layers.kinds import KINDS
from stepnn.lessons.own_file import OwnFile
from stepnn.lessons.schema import Lesson
from stepnn.lessons.values import GAP

NULL = {"type": "null"}


def lesson_schema() -> dict[str, Any]:
    """A JSON Schema (2020-12) of lesson files, which are TOML."""
    found = as_toml(Lesson.model_json_schema())
    definitions, fields = found["$defs"], found["properties"]
    own = as_toml(OwnFile.model_json_schema())
    definitions["OwnFile"] = own
    fields["data"] = {"anyOf": [{"$ref": "#/$defs/Data"}, {"$ref": "#/$defs/OwnFile"}]}
    quantity, layer, run = (definitions[name]["properties"] for name in ("OwnQuantity", "Layer", "Run"))
    quantity["kind"] = {"enum": list(KINDS)}
    for table in (layer, run):
        table["activation"] = suggested(table["activation"], ACTIVATIONS)
    for table in (fields, run):
        table["loss"] = suggested(table["loss"], LOSSES)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def suggested(field: dict[str, Any], names: Any) -> dict[str, Any]:
    """A field that takes any name, for which an editor offers those that stepnn has."""
    return {"anyOf": [{"enum": list(names)}, *field.get("anyOf", [field])]}


def as_toml(part: Any, in_list: bool = False) -> Any:
    """A schema without null, which TOML does not have: a field is left out, and in a row of numbers stands "none"."""
    if isinstance(part, list):
        return [as_toml(one) for one in part]
    if not isinstance(part, dict):
        return part
    fields = {
        name: as_toml(value, name == "items")
        for name, value in part.items()
        if name != "discriminator" and not (name == "default" and value is None)
    }
    for name in ("anyOf", "oneOf"):
        if NULL in part.get(name, []):
            others = [one for one in fields[name] if one != NULL] + ([{"const": GAP}] if in_list else [])
            fields = fields | {name: others} if len(others) > 1 else {**without(fields, name), **others[0]}
    return fields


def without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}
