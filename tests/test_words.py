"""Both catalogues say the same things, and everything they say is used."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import stepnn
from stepnn.book.functions import ACTIVATIONS, LOSSES
from stepnn.book.optimizers import OPTIMIZERS
from stepnn.exercises.catalogue import MISTAKES
from stepnn.exercises.judge import EARLY, OTHER_STEP
from stepnn.exercises.rules.generic import minus_lost
from stepnn.layers.kinds import KINDS
from stepnn.lessons.read import load_lesson
from stepnn.trace.step import Kind, Phase
from stepnn.words import LANGUAGES, catalogue, language_of_system
from tests.help import LESSONS

SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in (Path(__file__).parent.parent / "stepnn").rglob("*.py"))


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_same_keys_and_placeholders(language: str) -> None:
    english, other = catalogue("en").sentences, catalogue(language).sentences
    assert english.keys() == other.keys()
    for key in english:
        assert placeholders(english[key]) == placeholders(other[key]), key
        assert other[key].strip()


def test_korean_is_korean() -> None:
    for key, sentence in catalogue("ko").sentences.items():
        assert re.search("[가-힣]", sentence) or key in (
            "title.layer",
            "letters.runs",
            "why.and",
            "error.one_below_the_other",
            "error.both",
            "error.size_of",
        ), key
    for name in LESSONS:
        lesson = load_lesson(name)
        for words in (lesson.title, lesson.goal, lesson.introduction, lesson.closing.question, lesson.closing.answer):
            assert re.search("[가-힣]", words.ko) and not re.search("[가-힣]", words.en)


def test_particles_after_placeholders_do_not_depend_on_the_last_sound() -> None:
    """`{of}을` is wrong for half of all names: 은/는, 이/가, 을/를, 과/와, 으로/로 must not follow a placeholder."""
    for key, sentence in catalogue("ko").sentences.items():
        if key not in ("keys.not_found",):
            assert not re.search(
                r"\{(?!count|digits|number|parameters|bytes|macs|rate)\w+\}(은|는|이|가|을|를|과|와|으로|로)(?![가-힣(])",
                sentence,
            ), key


def test_every_sentence_is_used() -> None:
    """Keys stand in the source whole, or are put together from a head and the name of a kind, role or function."""
    names = {kind.value for kind in (*Kind, *Phase)} | set(ACTIVATIONS) | set(LOSSES)
    names |= {variant for variants in OPTIMIZERS.values() for variant in variants}
    names |= {str(choice) for kind in KINDS.values() for one in kind.settings.values() for choice in one.choices}
    made = {name.replace(" ", "_") for name in names} | {"any", *MISTAKES, EARLY, OTHER_STEP, minus_lost.__name__}
    for key in catalogue("en").sentences:
        parts = key.split(".")
        assert f"{key}" in SOURCE or all(
            part in made or part.isdigit() or re.search(rf'["\'.{{]{part}["\'.{{]', SOURCE) for part in parts
        ), key


def test_every_kind_has_a_title_and_a_reason() -> None:
    for language in LANGUAGES:
        keys = catalogue(language).sentences.keys()
        for kind in Kind:
            name = kind.value.replace(" ", "_")
            assert any(key.startswith((f"title.{name}.", f"title.{name}")) for key in keys), kind
            assert any(key.startswith((f"why.{name}.", f"why.{name}")) for key in keys), kind
        assert {f"phase.{phase.value}" for phase in Phase} <= keys
        assert {f"why.activation.{name}" for name in ACTIVATIONS} <= keys
        assert {f"why.output_error.{name}" for name in LOSSES} <= keys


@pytest.mark.parametrize(("value", "wanted"), [("ko_KR.UTF-8", "ko"), ("en_US.UTF-8", "en"), ("C", "en"), ("", "en")])
def test_language_of_system(monkeypatch: pytest.MonkeyPatch, value: str, wanted: str) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(variable, "")
    monkeypatch.setenv("LANG", value)
    assert language_of_system() == wanted


def test_a_good_lesson_tells_no_error() -> None:
    """What might be wrong is put into words only where it is: the table of errors takes as long to read as the rest."""
    program = (
        "from stepnn.lessons import shelf; from stepnn.lessons.build import setup; from stepnn.trace.trace import Trace;"
        "from stepnn.lessons.read import load_lesson; from stepnn.words import catalogue;"
        "lessons = [setup(load_lesson(name)) for name in shelf.names()]; Trace(lessons[0]);"
        "assert len(lessons) > 30 and 'error' in catalogue('en').unread"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_sentence_can_be_filled_in() -> None:
    """A brace that stands for itself is doubled; anything else between braces is a name."""
    for language in LANGUAGES:
        for key, sentence in catalogue(language).sentences.items():
            assert all(name.isidentifier() for name in placeholders(sentence)), (language, key)


def told(path: Path) -> Iterator[ast.Call]:
    """Every sentence that a file tells by a code which stands there."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        plain = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "told"
        if plain and node.args and isinstance(node.args[0], ast.Constant):
            yield node


@pytest.mark.parametrize("path", sorted(Path(stepnn.__file__).parent.rglob("*.py")), ids=lambda path: path.name)
def test_what_is_told_has_its_values(path: Path) -> None:
    """Every code that the source tells is in the catalogue, with a value for each name of its sentence."""
    for node in told(path):
        assert isinstance(node.args[0], ast.Constant)
        sentence = catalogue("en").sentences[f"error.{node.args[0].value}"]
        assert placeholders(sentence) == {one.arg for one in node.keywords}, (node.lineno, node.args[0].value)
