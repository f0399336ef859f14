"""PDF: the real typesetter, PDF/UA-1, every number of the key in the text, fonts for every letter."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from dataclasses import replace
from functools import cache

import pypdf
import pypdfium2
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

import stepnn
from stepnn.errors import StepnnError, UsageError
from stepnn.exercises.assignment import Mode
from stepnn.page import build
from stepnn.page.blocks import Heading, Page, Paragraph
from stepnn.sheets.layout import key_page, merged_page, sheet_page
from stepnn.sheets.sheet import Student, key_part
from stepnn.words import catalogue
from stepnn.writers.pdf import fonts, typesetter
from stepnn.writers.pdf.typesetter import Typesetter
from tests.help import every_fourth
from tests.test_pages import EVIL, evil_trace
from tests.test_sheets import printer

PAPERS = {"a4": (595, 842), "letter": (612, 792)}


@cache
def setter(paper: str) -> Typesetter:
    """One typesetter for all tests: starting it is what takes time."""
    return Typesetter(paper)


def read(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def text_of(data: bytes) -> str:
    """The text of all pages without spaces, with plain minus signs."""
    pages = pypdfium2.PdfDocument(data)
    return re.sub(r"\s", "", "".join(page.get_textpage().get_text_bounded() for page in pages)).replace("−", "-")


@pytest.mark.parametrize(("name", "language"), every_fourth(2))
def test_every_lesson_as_accessible_pdf(name: str, language: str) -> None:
    """The typesetter refuses what is not PDF/UA-1; the file says that it is, has a language, a title and tags."""
    paper = "letter" if language == "en" else "a4"
    trace = stepnn.load(name).trace(updates=None if name == "digits" else 1)
    whole = build.page(trace, catalogue(language))
    data = setter(paper).pdf(whole)
    found = read(data)
    root = found.trailer["/Root"]
    assert root["/Lang"] == language and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    assert "pdfuaid:part" in root["/Metadata"].get_object().get_data().decode()
    assert found.metadata is not None and found.metadata.title == whole.title
    width, height = PAPERS[paper]
    assert all(abs(page.mediabox.width - width) < 1 and abs(page.mediabox.height - height) < 1 for page in found.pages)
    text = text_of(data)
    for step in list(trace)[:80]:
        if step.ref is not None and step.value is not None:
            decimal = stepnn_shown(step.value, trace.policy.digits)
            assert decimal in text, step.id


def stepnn_shown(value: float, digits: int) -> str:
    from stepnn.notation.numbers import shown

    return shown(value, digits).mantissa


def alternatives(data: bytes) -> list[str]:
    """The alternative texts in the structure of the file."""
    found: list[str] = []

    def walk(node: object) -> None:
        node = node.get_object() if isinstance(node, pypdf.generic.IndirectObject) else node
        if isinstance(node, pypdf.generic.DictionaryObject):
            if "/Alt" in node:
                found.append(str(node["/Alt"]))
            walk(node.get("/K"))
        elif isinstance(node, pypdf.generic.ArrayObject):
            for one in node:
                walk(one)

    walk(read(data).trailer["/Root"]["/StructTreeRoot"].get("/K"))
    return found


def test_formulas_and_pictures_are_told_in_words() -> None:
    trace = stepnn.load("backprop").trace()
    spoken = alternatives(setter("a4").pdf(build.page(trace, catalogue("en"))))
    assert any("w 1 equals 0.3" in one and one.startswith("The network") for one in spoken)
    assert any("partial E by partial a sub h 1 equals delta sub o 1 times w 5 plus" in one for one in spoken)
    korean = alternatives(setter("a4").pdf(build.page(trace, catalogue("ko"))))
    assert any("라운드 E 라운드 a 아래첨자 h 1, 이퀄 델타 아래첨자 o 1 곱하기 w 5 더하기" in one for one in korean)


@pytest.mark.parametrize(
    ("name", "mode"),
    [*((name, mode) for name in ("backprop", "softmax", "matrix") for mode in Mode), ("vanishing", Mode.FILL)],
)
def test_the_text_has_every_number_of_the_key(name: str, mode: Mode) -> None:
    """The key in the PDF, number by number; on the sheet the given numbers, the code, and no answer but in the key."""
    make = printer(name, mode=mode, rounded=mode is Mode.FIND)
    count = 7 if name == "backprop" else 2  # from five sheets on the key is a table
    sheets = [replace(make.sheet(n), student=Student(f"s{n}", f"Student {n}")) for n in range(1, count + 1)]
    parts = [key_part(sheet) for sheet in sheets]
    key = text_of(setter("a4").pdf(key_page(parts, make.lesson, make.assignment, catalogue("en"))))
    for part in parts:
        assert f"Student{part.student.id[1:]}" in key
        for answer in part.answers:
            assert answer.shown.mantissa in key, answer
    for sheet in sheets[:2]:
        page = sheet_page(sheet, catalogue("en"), True)
        text = text_of(setter("a4").pdf(page))
        assert sheet.code in text and sheet.student.name.replace(" ", "") in text
    merged = text_of(setter("a4").pdf(merged_page(sheets[:2], catalogue("en"), True)))
    assert all(sheet.code in merged for sheet in sheets[:2])


def test_every_page_of_a_merged_file_has_its_code_and_number() -> None:
    sheets = [printer("backprop").sheet(n) for n in (1, 2)]
    pages = read(setter("a4").pdf(merged_page(sheets, catalogue("en"), True))).pages
    codes = [next((sheet.code for sheet in sheets if sheet.code in page.extract_text()), "") for page in pages]
    alone = len(read(setter("a4").pdf(sheet_page(sheets[0], catalogue("en"), True))).pages)
    start = alone + alone % 2  # each begins on a front side
    assert codes[:alone] == [sheets[0].code] * alone
    assert codes[start:] == [sheets[1].code] * (len(pages) - start)
    assert f"1 / {alone}" in pages[0].extract_text() and "1 / " in pages[start].extract_text()


def test_mark_up_stays_literal() -> None:
    """No text of a lesson is read as a command of the typesetter."""
    words = 'x #read("/etc/passwd") $1/0$ #panic("out") <label> @ref `raw` = heading // comment'
    page = Page(words, catalogue("en"), (Heading(1, (words,)), Paragraph((words, EVIL), EVIL)), words)
    text = text_of(setter("a4").pdf(page))
    assert words.replace(" ", "") in text.replace("‘", "'").replace("“", '"').replace("”", '"')
    assert EVIL.split(" ")[0] in text
    data = setter("letter").pdf(build.page(evil_trace(), catalogue("ko")))
    assert b"root:" not in data


def glyphs(data: bytes) -> int:
    """How many different glyphs a PDF has, those for a missing letter not counted."""
    count, seen = 0, set()
    for page in read(data).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            descriptor = font["/DescendantFonts"][0]["/FontDescriptor"]
            if descriptor["/FontName"] not in seen:
                seen.add(descriptor["/FontName"])
                program = next(descriptor[key] for key in ("/FontFile2", "/FontFile3") if key in descriptor)
                count += glyphs_of(program.get_data()) - 1
    return count


def glyphs_of(program: bytes) -> int:
    """How many glyphs an embedded font has."""
    if program[:4] in (b"OTTO", b"\0\1\0\0"):
        return len(TTFont(io.BytesIO(program)).getGlyphOrder())
    compact = CFFFontSet()
    compact.decompile(io.BytesIO(program), None)
    return len(compact[0].CharStrings)


@pytest.mark.parametrize("block", fonts.OWN, ids=lambda block: f"U+{block.start:04X}")
def test_built_in_letters_have_a_glyph(block: range) -> None:
    """`fonts.OWN` claims no letter that the fonts of the typesetter lack: each is in the PDF with a glyph of its own."""
    letters = [letter for letter in map(chr, block) if letter.isprintable() and not unicodedata.combining(letter)]
    page = Page("T", catalogue("en"), (Paragraph((" ".join(letters),)),))
    assert glyphs(setter("a4").pdf(page)) >= len([letter for letter in letters if not letter.isspace()])


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(categories=("L", "N", "S"), max_codepoint=0xD7A3), min_size=1, max_size=12))
def test_never_an_empty_box(text: str) -> None:
    """Every letter has a glyph in the PDF, or the page is refused in words."""
    text = "".join(dict.fromkeys(unicodedata.normalize("NFC", text)))
    try:
        data = setter("a4").pdf(Page("T", catalogue("en"), (Paragraph((" ".join(text),)),)))
    except StepnnError as error:
        assert "empty boxes" in str(error)
        return
    assert glyphs(data) >= len(set(text) - {" "})


def test_hangul_without_a_font_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "candidates", lambda: iter(()))
    fonts.covering.cache_clear()
    try:
        with pytest.raises(StepnnError, match=r"Hangul.*apt-get install fonts-noto-cjk.*--format html"):
            fonts.fonts_for("역전파")
        with pytest.raises(StepnnError, match=r"U\+2F00"):
            fonts.fonts_for("\u2f00")
        assert fonts.fonts_for("plain δ ∂ √").files == ()
    finally:
        fonts.covering.cache_clear()


def test_without_the_extra_there_is_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetter, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'stepnn\[pdf\]'"):
        Typesetter()


def test_a_typesetter_that_hangs_is_ended() -> None:
    with Typesetter("a4", time_limit=0.001) as slow, pytest.raises(StepnnError, match="no page after"):
        slow.pdf(build.page(stepnn.load("delta-rule").trace(), catalogue("ko")))
        slow.pdf(build.page(stepnn.load("delta-rule").trace(), catalogue("ko")))
    assert slow.process.poll() is not None


def test_the_template_reads_nothing_and_imports_nothing() -> None:
    """The only way in is `sys.inputs`."""
    text = typesetter.WORKER.with_name("page.typ").read_text(encoding="utf-8")
    assert not re.search(r"#?(import|include|read|plugin|eval|csv|yaml|toml|xml|cbor)\s*\(", text)
    assert "#import" not in text and "#include" not in text and set(re.findall(r"sys\.(\w+)", text)) == {"inputs"}


def test_the_page_is_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the typesetter is handed is JSON of texts and numbers."""
    from stepnn.writers.pdf.source import source

    found = json.loads(source(sheet_page(printer("backprop").sheet(1), catalogue("ko"), True), "a4"))
    assert found["paper"] == "a4" and found["language"] == "ko" and {one["kind"] for one in found["blocks"]} > {"pairs"}


@pytest.mark.parametrize("name", ["backprop", "neuron", "matrix"])
def test_every_page_says_which_of_how_many(name: str) -> None:
    """The last one, too, whatever it ends with: a list once took away how many there are."""
    whole = build.page(stepnn.load(name).trace(), catalogue("en"))
    pages = pypdfium2.PdfDocument(setter("a4").pdf(whole))
    for number, page in enumerate(pages, 1):
        shown = re.sub(r"\s", "", page.get_textpage().get_text_bounded())
        assert shown.endswith(f"{number}/{len(pages)}"), (number, shown[-20:])
