"""What a step shows is decided once, as blocks; every writer writes every kind of block, and the library gives them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import get_args

import pytest

import stepnn
from stepnn.errors import UsageError
from stepnn.exercises.assignment import Mode, Selection, assigned
from stepnn.lessons.build import setup
from stepnn.lessons.read import load_lesson
from stepnn.notation.numbers import given
from stepnn.page import blocks
from stepnn.page.asides import cost_table, curve, derivation, matrices
from stepnn.page.blocks import Block, Page
from stepnn.page.build import page, walk
from stepnn.page.written import plain
from stepnn.sheets.layout import sheet_page
from stepnn.sheets.sheet import Printer
from stepnn.words import LANGUAGES, catalogue
from stepnn.writers import screens
from stepnn.writers.formats import FORMATS, Format, Options
from stepnn.writers.ink import Look
from tests.conftest import Run
from tests.help import written_as

ENGLISH = catalogue("en")
LINES = [one for one in FORMATS.values() if not one.is_binary and not one.of_any_size]


def specimens() -> list[Block]:
    """One block of every kind, each with something that can be found again."""
    trace = stepnn.load("backprop").trace()
    lesson = load_lesson("backprop")
    sheet = Printer(setup(lesson), assigned(setup(lesson), Selection(mode=Mode.FIND), 4, True)).sheet(1)
    curve_of, form = curve(trace["a_h1"]), matrices(trace["z_h1"])
    assert curve_of is not None and form is not None
    found = [*walk(trace, ENGLISH), *sheet_page(sheet, ENGLISH, True).blocks, blocks.Fresh("AB-12"), curve_of, form]
    found += [derivation(trace["delta_o1"], ENGLISH), cost_table(trace, ENGLISH)]
    by_kind = {type(one): one for one in reversed(blocks.inside(found))}
    assert set(by_kind) == set(get_args(Block))  # a new kind of block must be shown by some page
    return list(by_kind.values())


def words_of(block: Block) -> set[str]:
    """Long words that a page with the block shows, whatever the format: those of its texts and of its labels."""
    texts: list[str] = []
    for one in blocks.inside([block]):
        match one:
            case blocks.Heading(_, text) | blocks.Paragraph(text, _):
                texts += [cell for cell in text if isinstance(cell, str)]
            case blocks.Bullets(items) | blocks.Answers(items) | blocks.Given(items):
                texts += [label for label, _ in items]
            case blocks.Table(head, rows):
                texts += [cell for row in (head, *rows) for cell in row if isinstance(cell, str)]
            case blocks.Step(_, title):
                texts += [cell for cell in title if isinstance(cell, str)]
    return {word for text in texts for word in re.findall("[a-z]{4,}", text)}


@pytest.mark.parametrize("block", specimens(), ids=lambda block: type(block).__name__.lower())
def test_every_writer_writes_every_kind_of_block(block: Block) -> None:
    for one in LINES:
        empty = list(one.lines(Page("T", ENGLISH, ()), Options()))
        found = list(one.lines(Page("T", ENGLISH, (block,)), Options()))
        assert len(found) > len(empty), f"the writer of {one.name} has no case for {type(block).__name__}"
        missing = [word for word in words_of(block) if word not in re.sub(r"\s+", " ", " ".join(found))]
        assert not missing, f"{one.name}: {missing}"
    with FORMATS["pdf"].opened(Options()) as write:
        assert next(write([Page("T", ENGLISH, (block,))])).startswith(b"%PDF")
    assert screens.written(block, Look(80, 24, ENGLISH))


@pytest.mark.parametrize("format", LINES, ids=lambda one: one.name)
def test_no_number_that_is_asked_for_stands_in_a_picture(format: Format) -> None:
    """A sheet that asks for given numbers: its network is drawn with gaps, or not at all."""
    lesson = load_lesson("backprop")
    asked = assigned(setup(lesson), Selection(mode=Mode.REVERSE), 4, False)
    sheet = Printer(setup(lesson), asked).sheet(1)
    assert sheet.hidden
    network = blocks.Network(sheet.setup, sheet.hidden)
    written = "\n".join(format.lines(Page("T", ENGLISH, (network,)), Options()))
    shown = "\n".join(format.lines(Page("T", ENGLISH, (blocks.Network(sheet.setup),)), Options()))
    for ref in sheet.hidden:
        value = given(sheet.setup.value(sheet.setup.names.ascii(ref))).text
        assert written.count(value) < shown.count(value) or value not in shown


def test_what_is_written_is_what_the_blocks_hold() -> None:
    """Titles, reasons, results: the same in every format, for they are decided before it."""
    trace = stepnn.load("backprop").trace()
    whole = page(trace, ENGLISH)
    steps = [one for one in whole.blocks if isinstance(one, blocks.Step) and one.of is not None and one.of.ref]
    assert len(steps) > 40
    text = " ".join(" ".join(written_as(trace, ENGLISH)).split())
    markdown = "\n".join(written_as(trace, ENGLISH, "markdown"))
    for one in steps:
        assert plain(one.title) in text and f"### {one.number}. " in markdown
    assert text.count(ENGLISH("derivation.title")) == markdown.count(ENGLISH("derivation.title")) > 5
    assert text.count(ENGLISH("label.as_matrices")) == markdown.count(ENGLISH("label.as_matrices")) > 10


def test_matrices_and_derivations_stand_once_for_each_quantity() -> None:
    """The derivation at its first element, the matrices behind its last one, when every number in them is known."""
    trace = stepnn.load("backprop").trace()
    derived: list[str] = []
    seen: set[str] = set()
    for block in page(trace, ENGLISH).blocks:
        if not isinstance(block, blocks.Step) or block.of is None or block.of.quantity is None:
            continue
        seen.add(block.of.id)
        inner = blocks.inside(block.blocks)
        derived += [block.of.quantity.key for one in inner if isinstance(one, blocks.Derivation)]
        if block.of.ref is not None and any(isinstance(one, blocks.Matrices) for one in inner):
            whole = [one for one in trace.elements() if one.quantity is block.of.quantity]
            assert {one.id for one in whole if one.pass_number == block.of.pass_number} <= seen
    assert len(derived) == len(set(derived)) > 5


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("format", [one.name for one in FORMATS.values() if not one.is_binary])
def test_the_library_gives_what_the_command_writes(run: Run, format: str, language: str) -> None:
    found = run("example", "delta-rule", "--format", format, "--lang", language)
    assert stepnn.load("delta-rule").trace().page(format, language) == found.out


def test_the_library_gives_screens() -> None:
    trace = stepnn.load("backprop").trace()
    first, named = trace.screen(0, 120, 40), trace.screen("delta_o1")
    assert "2-2-2" in first and max(map(len, first.splitlines())) > 80
    assert "δ of output neuron o1" in named and "0.04985267" in named and len(named.splitlines()) <= 24
    assert "순전파" in trace.screen(3, language="ko") and trace.screen(3, ascii=True).isascii()


@pytest.mark.parametrize("wanted", [("pdf", "en"), ("text", "tlh"), ("docx", "en")])
def test_unknown_pages_are_refused(wanted: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="There is no"):
        stepnn.load("neuron").trace().page(*wanted)
    with pytest.raises(UsageError, match="There is no"):
        stepnn.load("neuron").trace().screen("nothing")


def test_the_formats_are_registered_once(run: Run) -> None:
    """Commands offer what the list has, and no more."""
    told = " ".join(run("example", "--help").out.split())
    assert all(one in told for one in FORMATS)
    for one in FORMATS.values():
        refused = run("sheet", "backprop", "--format", one.name, "--check", "1")
        assert refused.code == (0 if one.for_sheets else 2) and (one.for_sheets or one.name in refused.err)
    endings = [one.ending for one in FORMATS.values()]
    assert len(set(endings)) == len(endings) and all(a != b for a, b in pairwise(sorted(FORMATS)))
