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

from stepnn.errors import MOST_FAULTS, Fault, LessonError
from stepnn.lessons.data import ArraySamples
from stepnn.lessons.schema import LARGEST_INPUT
from stepnn.lessons.setup import Given

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
            message = "there is no such file" if not path.exists() else "this is not an ordinary file"
            raise LessonError(source, [Fault("", message, remedy="check the path")])
        if path.stat().st_size > LARGEST:
            raise LessonError(source, [Fault("", "the file is too large", wanted=f"at most {LARGEST} bytes")])
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise LessonError(source, [Fault("", f"the file cannot be read: {error}")]) from None


def read_csv(data: bytes, source: str, inputs: int, outputs: int) -> ArraySamples:
    """Rows of numbers under a header: first the inputs, then the targets."""
    if b"\0" in data:
        raise LessonError(source, [Fault("", "this is not a text file", remedy="save it as CSV in UTF-8")])
    if not data.strip():
        raise LessonError(source, [Fault("", "the file is empty", remedy="write a header and a row for each sample")])
    try:
        return csv_samples(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), source, inputs, outputs)
    except UnicodeDecodeError:
        raise LessonError(source, [Fault("", "the file is not UTF-8", remedy="save it as CSV in UTF-8")]) from None
    except csv.Error as error:
        raise LessonError(source, [Fault("", f"this is not CSV that can be read: {error}")]) from None


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
            raise LessonError(source, [Fault("", "there are too many rows", wanted=f"at most {most} under the header")])
        faults += row_faults(row, head, line)
        if len(faults) >= MOST_FAULTS:
            rest = Fault("", "there are too many faults to go on", remedy="mend those above, then try again", line=line)
            faults = [*faults[: MOST_FAULTS - 1], rest]
            break
        found.extend(() if faults else map(float, row))
    if line == 1:
        faults = [Fault("", "there are no samples under the header", remedy="add a row for each sample", line=1)]
    if faults:
        raise LessonError(source, faults)
    table = np.array(found).reshape(-1, len(head))  # (samples, inputs + outputs)
    return ArraySamples(table[:, :inputs], table[:, inputs:])


def header_faults(head: list[str], wanted: int, inputs: int, outputs: int) -> list[Fault]:
    """The first line names as many columns as the network has inputs and outputs."""
    faults = []
    if len(head) == 1 and any(mark in head[0] for mark in ";\t|"):
        return [Fault("", "the columns are not separated by commas", head[0], "x1,x2,t1", "save it with commas", 1)]
    if head and all(is_number(cell) for cell in head):
        remedy = "put the names of the columns into the first line"
        faults.append(Fault("", "the header is missing", ",".join(head), "names of columns", remedy, 1))
    if len(head) != wanted:
        text = f"{wanted}: {inputs} inputs, then {outputs} targets"
        faults.append(Fault("", "wrong number of columns", str(len(head)), text, "match the network of the lesson", 1))
    return faults


def row_faults(row: list[str], head: list[str], line: int) -> list[Fault]:
    """Every cell is a finite number, and none is missing."""
    if not row:
        return [Fault("", "this line is blank", remedy="remove it", line=line)]
    if len(row) != len(head):
        hint = "write decimal points, not commas" if len(row) > len(head) else "fill in the missing cells"
        return [Fault("", "wrong number of cells", str(len(row)), f"{len(head)}, as in the header", hint, line)]
    faults = []
    for name, cell in zip(head, row, strict=True):
        if is_number(cell) and abs(float(cell)) > LARGEST_INPUT:
            wanted = f"a number from -{LARGEST_INPUT:g} to {LARGEST_INPUT:g}"
            faults.append(Fault(name, "this number is too large", cell, wanted, "take another unit", line))
        elif not is_number(cell):
            remedy = "write a decimal point" if is_number(cell.replace(",", ".")) else "write a number"
            faults.append(
                Fault(name, "this is not a number", f'"{cell}"', "a number that is not NaN or infinite", remedy, line)
            )
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
            Fault("", "pictures and labels do not match", f"{len(pictures)} and {len(labels)}", "as many of each")
        )
    if pictures.shape[1] * pictures.shape[2] != inputs:
        found = f"{pictures.shape[1]} × {pictures.shape[2]} pixels"
        faults.append(Fault("", "the pictures do not fit the network", found, f"{inputs} inputs"))
    if not len(pictures):
        faults.append(Fault("", "there are no pictures in the file"))
    if not faults and labels.max() >= outputs:
        faults.append(Fault("", "a label has no output neuron", str(labels.max()), f"0 to {outputs - 1}"))
    if faults:
        raise LessonError(str(path), faults)
    flat = np.round(pictures.reshape(len(pictures), -1) / 255, 4)  # (samples, in)
    return ArraySamples(flat, np.eye(outputs)[labels.astype(int)])


def labels_beside(path: Path) -> Path:
    """The labels that belong to a file of pictures, as MNIST names them."""
    name = path.name.replace("images", "labels").replace("idx3", "idx1")
    if name == path.name:
        remedy = "name the pair as MNIST does: …-images-idx3-ubyte and …-labels-idx1-ubyte"
        raise LessonError(
            str(path), [Fault("", "the file of labels cannot be found by name", path.name, remedy=remedy)]
        )
    return path.with_name(name)


def idx_array(source: str, data: bytes, magic: int, dimensions: int) -> NDArray[np.uint8]:
    """The bytes of an IDX file in the shape that its header says."""
    import numpy as np  # brings NumPy, which the first screen does without

    data = unpacked(source, data)
    head = 4 + 4 * dimensions
    if len(data) < head:
        raise LessonError(source, [Fault("", "the file is cut off", f"{len(data)} bytes", f"at least {head}")])
    found, *sizes = struct.unpack(f">{1 + dimensions}i", data[:head])
    if found != magic:
        raise LessonError(
            source, [Fault("", "wrong magic number: this is not the IDX file that is needed", str(found), str(magic))]
        )
    if min(sizes) < 0:
        size = Fault("", "a size in the header is negative", str(min(sizes)), "sizes from 0 on", "load the file anew")
        raise LessonError(source, [size])
    wanted = math.prod(sizes)
    if wanted != len(data) - head:
        text = "cut off" if 0 <= len(data) - head < wanted else "longer than its header says"
        raise LessonError(source, [Fault("", f"the file is {text}", f"{len(data) - head} bytes of data", str(wanted))])
    return np.frombuffer(data, np.uint8, offset=head).reshape(sizes)


def unpacked(source: str, data: bytes) -> bytes:
    """The contents of a gzipped file, never more than LARGEST bytes of it."""
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            found = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise LessonError(source, [Fault("", f"the file cannot be unpacked: {error}")]) from None
    if len(found) > LARGEST:
        raise LessonError(source, [Fault("", "the file unpacks to too much", wanted=f"at most {LARGEST} bytes")])
    return found
