"""The documents name everything there is, and what they say works."""

from __future__ import annotations

import io
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer

import stepnn
from stepnn.cli.app import app
from stepnn.layers.kinds import KINDS
from stepnn.lessons import schema
from stepnn.lessons.json_schema import lesson_schema
from stepnn.lessons.own_file import OwnFile
from stepnn.lessons.template import template
from stepnn.lessons.values import WRITTEN
from stepnn.trace.step import Kind
from stepnn.writers import screens
from tests.conftest import Run
from tests.help import LESSONS, ROOT
from tests.refusals import PLACES, refusals

README = (ROOT / "README.md").read_text(encoding="utf-8")
FORMAT = (ROOT / "docs" / "lesson-format.md").read_text(encoding="utf-8")
JSON = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
COMMANDS = vars(typer.main.get_command(app))["commands"]


def test_every_command_and_option_is_in_the_readme() -> None:
    for name, command in COMMANDS.items():
        assert re.search(rf"stepnn {name}\b", README), name
        for parameter in command.params:
            for option in parameter.opts:
                assert not option.startswith("--") or option in README or option == "--help", (name, option)


def test_every_key_is_in_the_readme() -> None:
    """The table that the help is made from names no key that the README does not."""
    for keys, name in screens.KEYS:
        first = [key for key in keys.split() if not key.isdigit() and key not in ("Home", "↑", "←", "→", "End")]
        assert not first or any(f"`{key}`" in README or key in README for key in first), name


def test_every_lesson_is_in_the_readme() -> None:
    for name in LESSONS:
        assert f"`{name}`" in README, f"README.md has no row for the lesson {name} in its table of lessons"


def test_every_field_is_documented() -> None:
    models = [value for value in vars(schema).values() if isinstance(value, type) and issubclass(value, schema.Part)]
    for model in models:
        for field in model.model_fields:
            assert re.search(rf"[`\[.]{field}[`\].]", FORMAT), (model.__name__, field)


def test_every_refusal_says_what_to_write_instead() -> None:
    """Read off the code; docs/refusals.md lists them, which is compared with the golden pages."""
    found = refusals()
    assert {one.place for one in found} == set(PLACES) and len(found) > 200
    assert [one for one in found if not one.help] == []


def test_every_file_that_refuses_is_looked_at() -> None:
    named = {file for files in PLACES.values() for file in files.split()}
    for room in ("lessons", "layers"):
        for path in (ROOT / "stepnn" / room).rglob("*.py"):
            makes = re.search(r"\b(Fault|Unfit|FormulaError)\(told|\bFault\($", path.read_text(encoding="utf-8"), re.M)
            assert not makes or path.relative_to(ROOT / "stepnn").as_posix() in named, path


def test_every_way_to_write_has_a_sentence() -> None:
    """What pydantic holds a text against, and the sentence that says so."""
    patterns = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps([lesson_schema(), OwnFile.model_json_schema()]))
    assert {json.loads(one) for one in patterns} <= set(WRITTEN) and len(patterns) > 20


def test_every_kind_of_step_is_documented() -> None:
    overviews = {
        Kind.GIVEN, Kind.TERM, Kind.PASS, Kind.LAYER, Kind.RUN, Kind.DERIVATION, Kind.TRAINING, Kind.PICTURE,
        Kind.SUMMARY, Kind.COST, Kind.QUESTION, Kind.ANSWER, Kind.LETTERS, Kind.NUDGE, Kind.PATH, Kind.PATHS, Kind.CHECK, Kind.PREDICT,
        Kind.PREDICTED,
    }  # fmt: skip
    for kind in set(Kind) - overviews:
        assert f"`{kind.value}`" in JSON, kind


def test_the_screens_in_the_readme_are_real(run: Run) -> None:
    """The terminal screen, line by line, and the step as it is printed in a pipe."""
    from stepnn.cli.footer import footer
    from stepnn.words import catalogue
    from stepnn.writers import terminal
    from stepnn.writers.ink import Look

    screen, printed = (block.split("```")[0] for block in README.split("```text\n")[1:3])
    look, trace = Look(80, 24, catalogue("en")), stepnn.load("backprop").trace()
    at = trace.place("dE_da_h1")
    lines = terminal.header(trace.setup, look, terminal.where_we_are(trace, at, trace.steps[at], look))
    lines += terminal.step_body(trace, at, trace.steps[at], look)
    shown = "\n".join(line.plain.rstrip() for line in lines)
    assert screen == f"{shown}\n\n{footer(trace, trace.steps[at], look.words, 80)}\n"
    assert printed.strip() in run("lesson", "backprop", "--start", "dE_da_h1").out


def test_the_question_in_the_readme_is_real() -> None:
    """A wrong answer explained, line by line as it stands on the screen."""
    from stepnn.cli.practice_screen import PracticeScreen
    from stepnn.exercises.desk import desk_for
    from stepnn.practice.history import History
    from stepnn.practice.question import Wanted
    from stepnn.practice.session import Session
    from stepnn.words import catalogue

    desk, _ = desk_for(stepnn.load("backprop").setup)
    sheet = PracticeScreen(
        Session(desk, History(), Wanted(steps=("delta_h1",), own=True, one_by_one=True)), catalogue("en"), False
    )
    assert sheet.session.next() is not None
    sheet.react("0.03241")
    screen = "\n".join(line.plain.rstrip() for line in sheet.page(80, 24)).strip("\n")
    assert f"```text\n{screen}\n```" in README


def test_examples_in_the_readme_run(run: Run, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    Path("class.csv").write_text("id,name\ns1042,Ada Lovelace\ns1043,김하늘\n", encoding="utf-8")
    Path("example.csv").write_text("name,value\nz_h1,0.3775\nE,0.298371109\n")
    lines = re.findall(r"^ {4}(stepnn .*?)(?:  +#.*)?$", README, flags=re.M)
    assert len(lines) >= 8
    for line in lines:
        result = run(*shlex.split(line)[1:])
        assert result.code == 0, (line, result.err)


def test_template_is_a_good_lesson(run: Run, tmp_path: object) -> None:
    path = f"{tmp_path}/my-first.toml"
    assert run("new", path).code == 0
    assert run("check", path).code == 0
    assert tomllib.loads(template("My first!"))["id"] == "my-first"
    numbered = tomllib.loads(template("5-12-two-gates"))
    assert (numbered["id"], numbered["part"]) == ("two-gates", 5) and tomllib.loads(template("2024"))["part"] == 3
    assert "bump" in template("x") and run("example", path, "--format", "latex").code == 0


def test_dependencies_have_reasons() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for line in re.findall(r'^ +"[a-z-]+>=.*$', text, flags=re.M):
        assert "#" in line, line


def test_own_activation_works_in_every_view(run: Run, tmp_path: object) -> None:
    """The bump is defined in the file alone: right deltas, right numbers, right text, no line of Python changed."""
    path = f"{tmp_path}/bump.toml"
    run("new", path)
    trace = stepnn.load(path).trace(digits=12)
    z, a, t = trace["z_o1"].value, trace["a_o1"].value, 1.0
    assert z is not None and a is not None
    assert trace["delta_o1"].value == pytest.approx((a - t) * -2 * z * a, rel=1e-12)
    wanted = {
        "text": "∂a_k/∂z_k = −2 · z_k · e^(−z_k²)",
        "markdown": r"= -2 \cdot z_{k} \cdot e^{-z_{k}^{2}}",
        "latex": r"-2 \cdot z_{k} \cdot e^{-z_{k}^{2}}",
        "json": '"delta_o1"',
    }
    for format, text in wanted.items():
        for language in ("en", "ko"):
            result = run("example", path, "--format", format, "--lang", language)
            assert result.code == 0 and text in result.out
    assert "da_dz_k = -2 * z_k * e^(-z_k^2)" in run("lesson", path, "--ascii").out


def test_shell_completes_lesson_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """What bash asks for when a lesson name is half typed."""
    import os
    import subprocess
    import sys

    environment = {
        **os.environ,
        "_STEPNN_COMPLETE": "complete_bash",
        "COMP_WORDS": "stepnn lesson back",
        "COMP_CWORD": "2",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", "import sys; sys.argv[0] = 'stepnn'; from stepnn.cli.app import main; main()"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["backprop", "backprop-bias"], done


def test_the_three_whole_lessons_are_good(run: Run, tmp_path: Path) -> None:
    """Those with which the page about lesson files begins: layers, formulas, kinds."""
    page = (ROOT / "docs" / "lesson-format.md").read_text(encoding="utf-8")
    found = re.findall(r"```toml\n(.*?)```", page, re.S)
    assert len(found) == 3
    for number, text in enumerate(found):
        file = tmp_path / f"{number}.toml"
        file.write_text(text, encoding="utf-8")
        assert run("check", str(file)).code == 0 and run("lesson", str(file)).code == 0
        result = run("sheet", str(file), "--format", "text", "--out", str(tmp_path / f"sheet-{number}"))
        assert result.code == 0, result.err


def test_every_kind_of_layer_has_its_row() -> None:
    page = (ROOT / "docs" / "lesson-format.md").read_text(encoding="utf-8")
    for name, kind in KINDS.items():
        row = next(
            (line for line in page.splitlines() if line.startswith("|") and f"`{name}`" in line.split("|")[1]), ""
        )
        assert row, name
        assert all(f"`{setting}`" in row for setting in kind.settings), name


def test_the_way_of_one_number_is_true() -> None:
    """Every file that the page names is there, and every name stands in the file that is named before it."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    file, files, names = None, set(), set()
    for word in re.findall(r"`([^`]+)`", text):
        if re.fullmatch(r"(stepnn|lessons|tests)/[\w/.-]+", word):
            file = ROOT / word
            assert file.exists(), word
            files.add(word)
        elif re.fullmatch(r"[A-Za-z_]+", word) and word not in ("backprop",):
            assert file is not None
            near = [file, *(ROOT / one for one in re.findall(r"`((?:stepnn|lessons)/[\w/.-]+)`", text))]
            found = [
                one for one in near if re.search(rf"\b(def|class) {word}\b|^{word} =|^{word}: ", one.read_text(), re.M)
            ]
            assert found, word
            names.add(word)
    assert len(files) > 25 and len(names) > 25
    assert "0.04985267" in text and "p1.delta_o1" in text
