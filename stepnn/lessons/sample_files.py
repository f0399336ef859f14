"""Samples from files: tables with a header, and MNIST's IDX files, gzipped or not. Every fault is told at once."""

from __future__ import annotations

import gzip
import io
import math
import re
import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stepnn.errors import MOST_FAULTS, Fault, LessonError, refused, visible
from stepnn.lessons.data import ArraySamples
from stepnn.lessons.setup import Given
from stepnn.lessons.values import LARGEST_INPUT
from stepnn.tables.table import Table, table_of
from stepnn.words.told import told

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGEST = 200 * 1024 * 1024  # bytes, unpacked
MOST_ROWS = 1_000_000
MOST_NUMBERS = 20_000_000  # in a CSV file
NUMBER = re.compile(r"0|[1-9]\d{0,5}")  # of a class
MOST_PIXELS = 100_000_000  # in IDX files
IMAGES, LABELS = 2051, 2049  # magic numbers of IDX files of bytes with three dimensions and with one


def read_samples(
    path: Path, inputs: int, outputs: int, target: str = "", neurons: Sequence[str] = ()
) -> tuple[Sequence[Given], str]:
    """The samples in a file, for a network of that many inputs and outputs; `target` is a column of classes, which
    may have the names of the output `neurons`. And the encoding, where it is worth a word. Raises LessonError."""
    source = str(path)
    data = contents(path, source)
    if data[:2] == b"\x1f\x8b" or data[:3] == b"\x00\x00\x08":
        return read_idx(path, data, inputs, outputs), ""
    table = table_of(data, source)
    return read_rows(table, source, inputs, outputs, target, neurons), table.note


def contents(path: Path, source: str) -> bytes:
    try:
        if not path.is_file():
            message = told("there_is_no_such_file") if not path.exists() else told("this_is_not_an_ordinary")
            raise refused(source, message, remedy=told("check_the_path"))
        if path.stat().st_size > LARGEST:
            raise refused(source, told("the_file_is_too_large"), wanted=told("at_most_bytes", largest=LARGEST))
        return path.read_bytes()
    except (OSError, ValueError) as error:
        remedy = told("check_the_path")
        raise refused(source, told("the_file_cannot_be_read", error=error), remedy=remedy) from None


def read_rows(
    table: Table, source: str, inputs: int, outputs: int, target: str, neurons: Sequence[str]
) -> ArraySamples:
    """Rows of numbers under a header: first the inputs, then the targets; with `target`, the class that each row
    belongs to in the column of that name. Raises LessonError.

    Row by row, so that a large file needs little more memory than its numbers."""
    import numpy as np  # brings NumPy, which the first screen does without

    reader = Reader(table, target, outputs, neurons)
    faults = header_faults(table, reader, inputs, outputs)
    if faults:
        raise LessonError(source, faults)
    found, line = array("d"), table.head_line
    most, count = min(MOST_ROWS, MOST_NUMBERS // len(table.head)), 0
    for line, row in table.rows:
        count += 1
        if count > most:
            raise refused(source, told("there_are_too_many_rows"), wanted=told("at_most_under_the_header", most=most))
        faults += reader.faults_of(row, line)
        if len(faults) >= MOST_FAULTS:
            rest = Fault("", told("there_are_too_many_faults"), remedy=told("mend_those_above_then_try"), line=line)
            faults = [*faults[: MOST_FAULTS - 1], rest]
            break
        found.extend(() if faults else reader.numbers(row))
    if not count:
        faults = [Fault("", told("there_are_no_samples_under"), remedy=told("add_a_row_for_each"), line=line)]
    faults = faults or reader.class_faults(table.head_line)
    if faults:
        raise LessonError(source, faults)
    numbers = np.array(found).reshape(count, -1)  # (samples, inputs + outputs), or (samples, inputs + 1)
    if reader.place is None:
        return ArraySamples(numbers[:, :inputs], numbers[:, inputs:])
    return ArraySamples(numbers[:, :inputs], np.eye(outputs)[reader.places(numbers[:, -1].astype(int))])


class Reader:
    """Reads the rows of a table: numbers, and the class of each row where there is a column of classes."""

    def __init__(self, table: Table, target: str, outputs: int, neurons: Sequence[str]) -> None:
        """`neurons` are the names of the outputs; classes that are called so belong to these."""
        self.head, self.commas, self.outputs = table.head, table.has_decimal_commas, outputs
        self.target, self.neurons = target, neurons
        self.place = self.head.index(target) if target in self.head else None
        self.classes: dict[str, int] = {}

    def decimal(self, cell: str) -> str:
        return cell.strip().replace(",", ".") if self.commas else cell.strip()

    def numbers(self, row: list[str]) -> Iterator[float]:
        """The numbers of a row, its class as a number behind them."""
        yield from (float(self.decimal(cell)) for place, cell in enumerate(row) if place != self.place)
        if self.place is not None:
            yield float(self.classes[row[self.place].strip()])

    def faults_of(self, row: list[str], line: int) -> list[Fault]:
        """What is wrong with a row; a class that is new is taken up."""
        if self.place is None or len(row) != len(self.head):
            return row_faults(list(map(self.decimal, row)), self.head, line)
        name = row[self.place].strip()
        if not name:
            return [Fault(self.target, told("is_empty"), wanted=told("a_class"), line=line)]
        self.classes.setdefault(name, len(self.classes))
        if len(self.classes) > self.outputs:
            found, wanted = visible(name), told("classes_at_most", count=self.outputs)
            return [Fault(self.target, told("class_without_output"), found, wanted, line=line)]
        others = [
            (one, self.decimal(cell))
            for at, (one, cell) in enumerate(zip(self.head, row, strict=True))
            if at != self.place
        ]
        return row_faults([cell for _, cell in others], [one for one, _ in others], line)

    def class_faults(self, line: int) -> list[Fault]:
        """Whether there are fewer classes than outputs: unless they are numbered, nobody knows which is missing."""
        if self.place is None or self.are_neurons:
            return []
        alike = {name.casefold() for name in self.classes} & {name.casefold() for name in self.neurons}
        if alike:  # they are meant to be the neurons: that of another name would be taught another's class
            known = ", ".join(self.neurons)
            others = [name for name in self.classes if name not in self.neurons]
            return [Fault(self.target, told("class_is_no_neuron"), visible(one), known, line=line) for one in others]
        if len(self.classes) == self.outputs or self.are_numbered:
            return []
        found = ", ".join(map(visible, self.classes))
        return [
            Fault(self.target, told("classes_too_few"), found, told("classes_as_many", count=self.outputs), line=line)
        ]

    @property
    def are_numbered(self) -> bool:
        return all(NUMBER.fullmatch(name) and int(name) < self.outputs for name in self.classes)

    @property
    def are_neurons(self) -> bool:
        return self.classes.keys() <= set(self.neurons)

    def places(self, numbers: NDArray[np.int_]) -> NDArray[np.int_]:
        """The output of each class: that of its name or of its number, or in the order of the alphabet."""
        import numpy as np  # brings NumPy, which the first screen does without

        order = [*self.neurons] if self.are_neurons else sorted(self.classes)
        place = {self.classes[name]: int(name) if self.are_numbered else order.index(name) for name in self.classes}
        return np.array([place[number] for number in range(len(place))])[numbers]


def header_faults(table: Table, reader: Reader, inputs: int, outputs: int) -> list[Fault]:
    """The first line names as many columns as the network has inputs and outputs, or inputs and one of classes."""
    head, line = table.head, table.head_line
    faults = []
    if head and all(is_number(reader.decimal(cell)) for cell in head):
        remedy = told("put_the_names_of_the")
        faults.append(Fault("", told("the_header_is_missing"), ",".join(head), told("names_of_columns"), remedy, line))
    if reader.target and head.count(reader.target) != 1:
        twice = reader.target in head
        message = told("this_column_is_there_more") if twice else told("this_column_is_missing")
        remedy = told("rename_one") if twice else told("name_one_that_is_there")
        return [*faults, Fault(visible(reader.target), message, ", ".join(head), remedy=remedy, line=line)]
    wanted = inputs + (1 if reader.target else outputs)
    if len(head) != wanted:
        told_of = (
            told("inputs_and_a_class", count=wanted, inputs=inputs)
            if reader.target
            else told("inputs_then_targets", count=wanted, inputs=inputs, outputs=outputs)
        )
        remedy = told("match_the_network_of_the")
        faults.append(Fault("", told("wrong_number_of_columns"), str(len(head)), told_of, remedy, line))
    return faults


def row_faults(row: list[str], head: list[str], line: int) -> list[Fault]:
    """Every cell is a finite number, and none is missing."""
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
        faults.append(Fault("", told("there_are_no_pictures_in"), remedy=told("load_the_file_anew")))
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
    if wanted > MOST_PIXELS or sizes[0] > MOST_ROWS:
        raise refused(source, told("there_are_too_many_rows"), wanted=told("at_most_under_the_header", most=MOST_ROWS))
    return np.frombuffer(data, np.uint8, offset=head).reshape(sizes)


def unpacked(source: str, data: bytes) -> bytes:
    """The contents of a gzipped file, never more than LARGEST bytes of it."""
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            found = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        remedy = told("load_the_file_anew")
        raise refused(source, told("the_file_cannot_be_unpacked", error=error), remedy=remedy) from None
    if len(found) > LARGEST:
        raise refused(source, told("the_file_unpacks_to_too"), wanted=told("at_most_bytes", largest=LARGEST))
    return found
