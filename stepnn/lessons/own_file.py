"""Samples from a table beside the lesson file: `[data] source = "file"` becomes `[[samples]]` before all checks.

A lesson file comes from a stranger: it may name a small table in its own folder, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from stepnn.errors import Fault, refused
from stepnn.lessons.said import Part
from stepnn.lessons.values import MOST_SAMPLES
from stepnn.words.told import told

LARGEST = 2 * 1024 * 1024  # bytes
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx")


class OwnFile(Part):
    """A table in the folder of the lesson file: a row of names, then a row for each sample, inputs first.

    `classes` is the column that names the class of each sample; it makes the targets, 1 for its class and 0 for others.
    """

    source: Literal["file"]
    file: str = Field(min_length=1, max_length=100)
    classes: str = Field(default="", max_length=100)


def is_from_file(table: dict[str, Any]) -> bool:
    data = table.get("data")
    return isinstance(data, dict) and data.get("source") == "file"


def with_samples(table: dict[str, Any], data: OwnFile, folder: Path) -> dict[str, Any]:
    """The table of a lesson with the samples of its file written into it. Raises LessonError."""
    from stepnn.lessons.sample_files import read_samples  # brings the tables, which few lessons need

    path = folder / data.file
    inputs, outputs = (len(names) for names in ends_of(table))
    found, _ = read_samples(path, inputs, outputs, data.classes, ends_of(table)[1])
    if len(found) > MOST_SAMPLES:
        remedy = told("train_on_it_with_data")
        raise refused(
            str(path), told("there_are_too_many_rows"), str(len(found)), told("at_most", most=MOST_SAMPLES), remedy
        )
    rows = [{"inputs": list(one.inputs), **({"targets": list(one.targets)} if one.targets else {})} for one in found]
    found_table = {**{name: value for name, value in table.items() if name != "data"}, "samples": rows}
    if data.classes and isinstance(variants := table.get("variants", {}), dict):  # a class is none or whole
        found_table["variants"] = {"draw": ["inputs", "weights", "biases"], **variants}
    return found_table


def path_faults(name: str, folder: Path) -> Iterator[Fault]:
    """The file is a small table in that folder, and not a link that leads out of it."""
    path, where = folder / name, "data.file"
    if Path(name).name != name or name.startswith(".") or not name.lower().endswith(ENDINGS):
        wanted = told("a_table_beside", endings=", ".join(ENDINGS))
        yield Fault(where, told("the_file_lies_beside"), f'"{name}"', wanted)
        return
    try:
        inside, there = path.resolve().parent == folder.resolve(), path.is_file()
        size = path.stat().st_size if there else 0
    except (OSError, ValueError) as error:
        yield Fault(
            where, told("the_file_cannot_be_read", error=error), f'"{name}"', remedy=told("put_it_into_the_folder")
        )
        return
    if not inside:
        yield Fault(where, told("the_file_lies_beside"), f'"{name}"', remedy=told("put_it_into_the_folder"))
    elif not there:
        yield Fault(where, told("there_is_no_such_file"), f'"{name}"', remedy=told("put_it_into_the_folder"))
    elif size > LARGEST:
        wanted = told("at_most_bytes", largest=LARGEST)
        yield Fault(where, told("the_file_is_too_large"), told("bytes", count=size), wanted)


def ends_of(table: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The names of the inputs and of the output neurons, none where they are not known yet."""
    inputs, layers = table.get("inputs"), table.get("layers")
    names = inputs.get("names") if isinstance(inputs, dict) else None
    last = layers[-1].get("neurons") if isinstance(layers, list) and layers and isinstance(layers[-1], dict) else None
    return (names if isinstance(names, list) else []), (last if isinstance(last, list) else [])


def own_file_faults(table: dict[str, Any], data: OwnFile, folder: Path) -> list[Fault]:
    """What must stand in the lesson before its file can be read, and whether that may be read."""
    inputs, outputs = ends_of(table)
    found = list(path_faults(data.file, folder))
    if "samples" in table:
        found.append(Fault("samples", told("the_file_has_the_samples"), remedy=told("remove_samples_or_data")))
    if not inputs:
        found.append(Fault("inputs", told("this_field_is_missing"), remedy=told("add_inputs_with_the_names")))
    if not outputs:
        found.append(Fault("data", told("a_file_is_for_layers"), remedy=told("write_samples_instead")))
    return found
