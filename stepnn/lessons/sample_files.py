"""Samples from files: CSV with a header, and MNIST's IDX files, gzipped or not. Every fault is told at once."""

from __future__ import annotations

import csv
import gzip
import io
import math
import struct
import zlib
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stepnn.errors import MOST_FAULTS, Fault, LessonError, refused
from stepnn.lessons.data import ArraySamples
from stepnn.lessons.schema import LARGEST_INPUT
from stepnn.lessons.setup import Given
from stepnn.words.told import told

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGEST = 200 * 1024 * 1024  # bytes, unpacked
MOST_ROWS = 1_000_000
MOST_NUMBERS = 20_000_000  # in a CSV file
IMAGES, LABELS = 2051, 2049  # magic numbers of IDX files of bytes with three dimensions and with one


def read_samples(path: Path, inputs: int, outputs: int) -> Sequence[Given]:
    """The samples in a file, for a network of that many inputs and outputs. Raises LessonError."""
    source = str(path)
    data = contents(path, source)
    if data[:2] == b"\x1f\x8b" or data[:3] == b"\x00\x00\x08":
        return read_idx(path, data, inputs, outputs)
    return read_csv(data, source, inputs, outputs)


def contents(path: Path, source: str) -> bytes:
    try:
        if not path.is_file():
            message = told("there_is_no_such_file") if not path.exists() else told("this_is_not_an_ordinary")
            raise refused(source, message, remedy=told("check_the_path"))
        if path.stat().st_size > LARGEST:
            raise refused(source, told("the_file_is_too_large"), wanted=told("at_most_bytes", largest=LARGEST))
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise refused(source, told("the_file_cannot_be_read", error=error)) from None


def read_csv(data: bytes, source: str, inputs: int, outputs: int) -> ArraySamples:
    """Rows of numbers under a header: first the inputs, then the targets."""
    if b"\0" in data:
        raise refused(source, told("this_is_not_a_text"), remedy=told("save_it_as_csv_in"))
    if not data.strip():
        raise refused(source, told("the_file_is_empty"), remedy=told("write_a_header_and_a"))
    try:
        return csv_samples(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), source, inputs, outputs)
    except UnicodeDecodeError:
        raise refused(source, told("the_file_is_not_utf"), remedy=told("save_it_as_csv_in")) from None
    except csv.Error as error:
        raise refused(source, told("this_is_not_csv_that", error=error)) from None


def csv_samples(text: io.TextIOWrapper, source: str, inputs: int, outputs: int) -> ArraySamples:
    """Row by row, so that a large file needs little more memory than its numbers. Raises LessonError."""
    import numpy as np  # brings NumPy, which the first screen does without

    rows = csv.reader(text, strict=True)
    head = next(rows)
    faults = header_faults(head, inputs + outputs, inputs, outputs)
    if faults:
        raise LessonError(source, faults)
    found, line = array("d"), 1
    most = min(MOST_ROWS, MOST_NUMBERS // len(head))
    for line, row in enumerate(rows, 2):
        if line > most + 1:
            raise refused(source, told("there_are_too_many_rows"), wanted=told("at_most_under_the_header", most=most))
        faults += row_faults(row, head, line)
        if len(faults) >= MOST_FAULTS:
            rest = Fault("", told("there_are_too_many_faults"), remedy=told("mend_those_above_then_try"), line=line)
            faults = [*faults[: MOST_FAULTS - 1], rest]
            break
        found.extend(() if faults else map(float, row))
    if line == 1:
        faults = [Fault("", told("there_are_no_samples_under"), remedy=told("add_a_row_for_each"), line=1)]
    if faults:
        raise LessonError(source, faults)
    table = np.array(found).reshape(-1, len(head))  # (samples, inputs + outputs)
    return ArraySamples(table[:, :inputs], table[:, inputs:])


def header_faults(head: list[str], wanted: int, inputs: int, outputs: int) -> list[Fault]:
    """The first line names as many columns as the network has inputs and outputs."""
    faults = []
    if len(head) == 1 and any(mark in head[0] for mark in ";\t|"):
        return [Fault("", told("the_columns_are_not_separated"), head[0], "x1,x2,t1", told("save_it_with_commas"), 1)]
    if head and all(is_number(cell) for cell in head):
        remedy = told("put_the_names_of_the")
        faults.append(Fault("", told("the_header_is_missing"), ",".join(head), told("names_of_columns"), remedy, 1))
    if len(head) != wanted:
        text = told("inputs_then_targets", count=wanted, inputs=inputs, outputs=outputs)
        faults.append(
            Fault("", told("wrong_number_of_columns"), str(len(head)), text, told("match_the_network_of_the"), 1)
        )
    return faults


def row_faults(row: list[str], head: list[str], line: int) -> list[Fault]:
    """Every cell is a finite number, and none is missing."""
    if not row:
        return [Fault("", told("this_line_is_blank"), remedy=told("remove_it"), line=line)]
    if len(row) != len(head):
        hint = told("write_decimal_points_not_commas") if len(row) > len(head) else told("fill_in_the_missing_cells")
        return [
            Fault(
                "", told("wrong_number_of_cells"), str(len(row)), told("as_in_the_header", count=len(head)), hint, line
            )
        ]
    faults = []
    for name, cell in zip(head, row, strict=True):
        if is_number(cell) and abs(float(cell)) > LARGEST_INPUT:
            wanted = told("a_number_from_to", largest_input=LARGEST_INPUT)
            faults.append(Fault(name, told("this_number_is_too_large"), cell, wanted, told("take_another_unit"), line))
        elif not is_number(cell):
            remedy = told("write_a_decimal_point") if is_number(cell.replace(",", ".")) else told("write_a_number")
            faults.append(Fault(name, told("this_is_not_a_number"), f'"{cell}"', told("a_finite_number"), remedy, line))
    return faults


def is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell)) and "_" not in cell
    except ValueError:
        return False


def read_idx(path: Path, data: bytes, inputs: int, outputs: int) -> ArraySamples:
    """Pictures and their labels from a pair of IDX files; the file of labels is found by its name."""
    import numpy as np  # brings NumPy, which the first screen does without

    other = labels_beside(path)
    pictures = idx_array(str(path), data, IMAGES, 3)
    labels = idx_array(str(other), contents(other, str(other)), LABELS, 1)
    faults = []
    if len(pictures) != len(labels):
        faults.append(
            Fault(
                "",
                told("pictures_and_labels_do_not"),
                told("and", count=len(pictures), count2=len(labels)),
                told("as_many_of_each"),
            )
        )
    if pictures.shape[1] * pictures.shape[2] != inputs:
        found = told("pixels", height=pictures.shape[1], width=pictures.shape[2])
        faults.append(Fault("", told("the_pictures_do_not_fit"), found, told("inputs", inputs=inputs)))
    if not len(pictures):
        faults.append(Fault("", told("there_are_no_pictures_in")))
    if not faults and labels.max() >= outputs:
        faults.append(Fault("", told("a_label_has_no_output"), str(labels.max()), told("0_to", value=outputs - 1)))
    if faults:
        raise LessonError(str(path), faults)
    flat = np.round(pictures.reshape(len(pictures), -1) / 255, 4)  # (samples, in)
    return ArraySamples(flat, np.eye(outputs)[labels.astype(int)])


def labels_beside(path: Path) -> Path:
    """The labels that belong to a file of pictures, as MNIST names them."""
    name = path.name.replace("images", "labels").replace("idx3", "idx1")
    if name == path.name:
        remedy = told("name_the_pair_as_mnist")
        raise refused(str(path), told("the_file_of_labels_cannot"), path.name, remedy=remedy)
    return path.with_name(name)


def idx_array(source: str, data: bytes, magic: int, dimensions: int) -> NDArray[np.uint8]:
    """The bytes of an IDX file in the shape that its header says."""
    import numpy as np  # brings NumPy, which the first screen does without

    data = unpacked(source, data)
    head = 4 + 4 * dimensions
    if len(data) < head:
        raise refused(source, told("the_file_is_cut_off"), told("bytes", count=len(data)), told("at_least", least=head))
    found, *sizes = struct.unpack(f">{1 + dimensions}i", data[:head])
    if found != magic:
        raise refused(source, told("wrong_magic_number_this_is"), str(found), str(magic))
    if min(sizes) < 0:
        size = Fault(
            "", told("a_size_in_the_header"), str(min(sizes)), told("sizes_from_0_on"), told("load_the_file_anew")
        )
        raise LessonError(source, [size])
    wanted = math.prod(sizes)
    if wanted != len(data) - head:
        text = "the_file_is_cut_off" if 0 <= len(data) - head < wanted else "the_file_is_longer"
        raise refused(source, told(text), told("bytes_of_data", value=len(data) - head), str(wanted))
    return np.frombuffer(data, np.uint8, offset=head).reshape(sizes)


def unpacked(source: str, data: bytes) -> bytes:
    """The contents of a gzipped file, never more than LARGEST bytes of it."""
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            found = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise refused(source, told("the_file_cannot_be_unpacked", error=error)) from None
    if len(found) > LARGEST:
        raise refused(source, told("the_file_unpacks_to_too"), wanted=told("at_most_bytes", largest=LARGEST))
    return found
