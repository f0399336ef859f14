"""A lesson may have one language, and a third language is a catalogue and nothing else."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import stepnn
from stepnn.book.functions import FUNCTIONS
from stepnn.book.optimizers import OPTIMIZERS
from stepnn.lessons.checks import check
from stepnn.lessons.shelf import path_of
from stepnn.network.model import Network
from stepnn.page.now import suggestions
from stepnn.trace.trace import Trace
from stepnn.words import Catalogue, catalogue
from stepnn.writers import terminal
from stepnn.writers.ink import Look
from tests.conftest import Run, toml
from tests.help import LESSONS, ROOT, lesson_table, setup_of, written_as

MADE_UP = Catalogue("xx", {key: f"⟦{sentence}⟧" for key, sentence in catalogue("en").sentences.items()})
MATHEMATICS = {"else", "new", "text", "cases", "bmatrix", *"_".join(FUNCTIONS).split("_"), *OPTIMIZERS}
KOREAN = {"ko": "글"}


def in_korean_only(value: Any) -> Any:
    """A lesson table without a word of English."""
    if isinstance(value, dict):
        return KOREAN if set(value) == {"en", "ko"} else {key: in_korean_only(one) for key, one in value.items()}
    return [in_korean_only(one) for one in value] if isinstance(value, list) else value


def unmarked(text: str) -> str:
    """What stands in no sentence of the catalogue."""
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = shorter
    return text


def names(network: Network) -> set[str]:
    own = (name for one in network.quantities for name in (one.key, one.glyph, *one.names))
    labels = (label for one in network.quantities for axis in one.axes for label in axis.labels)
    return {word for name in (*own, *labels) for word in re.findall("[A-Za-z]+", name.lower())}


@pytest.mark.parametrize("name", [name for name in LESSONS if name != "digits"])
def test_no_sentence_stands_outside_the_catalogue(name: str) -> None:
    """In a made-up language every sentence is marked; what is not is a formula, or a name of the lesson."""
    text = path_of(name).read_text(encoding="utf-8")
    trace = Trace(setup_of(in_korean_only(tomllib.loads(text))), updates=1)
    look = Look(120, 40, MADE_UP)
    screens = [line.plain for line in terminal.opening_body(trace.setup, look)]
    for place in range(0, len(trace.steps), 5):
        screens += [line.plain for line in terminal.step_body(trace, place, trace.steps[place], look)]
    written = {
        "text": "\n".join(written_as(trace, MADE_UP)),
        "markdown": re.sub(r"\\[A-Za-z]+", " ", "\n".join(written_as(trace, MADE_UP, "markdown"))),
        "screens": "\n".join(screens),
    }
    known = MATHEMATICS.union(*(names(moment.network) for moment in trace.moments))
    known |= {word.lower() for one in suggestions(trace.setup) for word in re.findall("[A-Za-z]{4,}", one.text)}
    for what, page in written.items():
        assert page.count("⟦") > 10, what
        plain = re.sub(r"_\{?[a-z]{4,6}(?![A-Za-z])", " ", unmarked(page))  # four index letters are no word
        left = {word.lower() for word in re.findall("[A-Za-z]{4,}", plain)} - known
        assert not left, (what, left)


def test_a_lesson_in_one_language(run: Run, tmp_path: Any) -> None:
    layer = {"neurons": ["o1"], "activation": "sigmoid", "weights": [[0.3]]}
    table = in_korean_only(lesson_table([layer], [{"inputs": [0.5], "targets": [1.0]}], loss="squared_error"))
    assert check(table) == []
    path = tmp_path / "korean.toml"
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in table.items()), encoding="utf-8")
    for format in ("text", "markdown", "latex", "html"):
        page = run("example", str(path), "--format", format, "--lang", "en").out
        assert "This lesson is written in 한국어." in page and "글" in page and "Weighted sum of" in page
        assert "한국어" not in run("example", str(path), "--format", format, "--lang", "ko").out
    assert run("sheet", str(path), "--format", "html", "--out", str(tmp_path / "sheets")).code == 0


def test_a_text_in_no_language_is_a_fault(run: Run, lesson_file: Any) -> None:
    assert "goal: this text is missing" in run("check", lesson_file(goal={})).err
    error = run("check", lesson_file(goal={"fr": "but"})).err
    assert "goal.fr: there is no such field" in error


def test_every_shipped_text_is_in_every_language() -> None:
    def texts(value: Any) -> Any:
        if isinstance(value, dict):
            if {"en", "ko"} & set(value):
                yield value
            for one in value.values():
                yield from texts(one)
        elif isinstance(value, list):
            for one in value:
                yield from texts(one)

    for name in LESSONS:
        for text in texts(stepnn.load(name).lesson.model_dump(exclude_none=True)):
            assert {"en", "ko"} <= set(text), (name, text)


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """What an error tells that stands in the code itself: the texts of `Fault`, and the first one of an error."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id == "Fault":
            texts = [*node.args[1:5], *(one.value for one in node.keywords if one.arg in ("wanted", "remedy"))]
        elif node.func.id.endswith("Error") or node.func.id == "Unfit":
            texts = node.args[:1]
        else:
            continue
        for text in texts:
            plain = " ".join(
                str(one.value) for one in ast.walk(text) if isinstance(one, ast.Constant) and not in_told(one, text)
            )
            if re.search("[A-Za-z]{2,} [A-Za-z]", plain):
                yield node.lineno, plain


def in_told(constant: ast.Constant, text: ast.AST) -> bool:
    calls = [one for one in ast.walk(text) if isinstance(one, ast.Call)]
    return any(constant in ast.walk(one) for one in calls)


@pytest.mark.parametrize("path", sorted((ROOT / "stepnn").rglob("*.py")), ids=lambda path: path.name)
def test_no_error_has_a_sentence_of_its_own(path: Path) -> None:
    """They have a code and values; the sentence stands in the catalogues."""
    assert list(sentences(path)) == []


READ = "lessons layers notation network calculus running exercises"  # the rooms that read what people write
SAID_BY_OTHERS = {r" \(at line (\d+), column (\d+)\)$", "Cannot declare"}  # by the TOML reader


def loose(path: Path) -> Iterator[tuple[int, str]]:
    """Pieces of English in a file, but for its documentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    english = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}|(^| )(to|or|in|of|and|from|than|at least) ?$")
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in own else None
        if isinstance(node, ast.Constant) and isinstance(text, str) and english.search(text):
            yield node.lineno, text


@pytest.mark.parametrize("room", READ.split())
def test_no_piece_of_a_sentence_stands_in_the_code(room: str) -> None:
    """Words that a fault is put together from are in the catalogues, too; what lesson files say is documented."""
    documented = (ROOT / "docs" / "lesson-format.md").read_text(encoding="utf-8")
    codes = catalogue("en").sentences
    for path in sorted((ROOT / "stepnn" / room).rglob("*.py")):
        enums = {value for _, value in of_enums(path)}
        for line, text in loose(path):
            known = any(quoted in documented for quoted in (f'"{text}"', f"`{text}`")) or f"error.{text}" in codes
            known = known or text in enums | SAID_BY_OTHERS or text.startswith(("def ", "# "))
            assert known, (path.name, line, text)


def of_enums(path: Path) -> Iterator[tuple[int, str]]:
    """The values of the enumerations of a file, which are names of things and not told to anybody."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases):
            for one in ast.walk(node):
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield one.lineno, one.value


@pytest.mark.parametrize(
    ("arguments", "code", "wanted"),
    [
        (("lesson", "backprob"), 2, "'backprob'(이)라는 수업은 없습니다. backprop"),
        (("lesson", "backprop", "--set", "w99=1"), 2, "주어진 수는 없습니다"),
        (("sheet", "backprop", "--code", "ABC"), 2, "코드는"),
        (("lesson", "backprop", "--epoch", "5", "--sample", "9"), 2, "샘플 번호는 1부터"),
    ],
)
def test_errors_are_told_in_korean(run: Run, arguments: tuple[str, ...], code: int, wanted: str) -> None:
    for found in (
        run(*arguments, "--lang", "ko"),
        run(*arguments, f"--lang={'ko'}"),
        run(*arguments, LANG="ko_KR.UTF-8"),
    ):
        assert found.code == code and wanted in found.err, found.err


def test_all_faults_of_a_file_are_told_in_korean(run: Run, tmp_path: Any) -> None:
    layer = {"neurons": ["o1"], "activation": "sigmoyd", "weights": [[0.3, 0.1]], "biases": [0.1, 0.2]}
    path = tmp_path / "faulty.toml"
    table = lesson_table([layer], [{"inputs": [0.5], "targets": [1.0]}])
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in table.items()), encoding="utf-8")
    found = run("check", str(path), "--lang", "ko")
    english = run("check", str(path), "--lang", "en")
    assert found.code == english.code == 1 and found.err.count("\n") == english.err.count("\n") > 4
    for wanted in ("그런 활성화 함수는 없습니다", "길이가 틀립니다", "할 일:", "sigmoid을(를) 쓰려고 했나요?"):
        assert wanted in found.err, found.err
    assert not re.search("[a-z]{3,} [a-z]{3,} [a-z]{3,}", found.err.replace(str(path), ""))
