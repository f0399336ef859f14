"""`stepnn new`, `check --watch` and `schema`: what a lesson of one's own begins with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from stepnn.book.functions import ACTIVATIONS, LOSSES
from stepnn.layers.kinds import KINDS
from stepnn.lessons.build import setup
from stepnn.lessons.json_schema import lesson_schema
from stepnn.lessons.read import load_lesson
from stepnn.lessons.starts import STARTS
from stepnn.trace.trace import Trace
from tests.conftest import Run, toml
from tests.elsewhere import ELSEWHERE
from tests.help import HERE, LESSONS, ROOT
from tests.terminal import Terminal
from tests.test_edges import table, with_shortcuts


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_layer_has_a_beginning(run: Run, tmp_path: Path, kind: str) -> None:
    file = str(tmp_path / "mine.toml")
    assert run("new", file, "--kind", kind).code == 0 and run("check", file).code == 0
    trace = Trace(setup(load_lesson(file)))
    assert any(step.value for step in trace) and (kind == "rbm" or trace.errors is not None)
    assert trace.errors is None or trace.errors[1] < trace.errors[0] or kind == "batch normalization"
    assert set(STARTS) == set(KINDS) == set(ELSEWHERE)


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "step"])
def test_layers(run: Run, tmp_path: Path, activation: str) -> None:
    file = str(tmp_path / "4-2-my-net.toml")
    assert run("new", file, "--layers", "3,4,2", "--activation", activation).code == 0
    assert run("check", file).code == 0
    lesson = load_lesson(file)
    assert lesson.id == "my-net" and lesson.part == 4
    assert [len(layer.neurons) for layer in lesson.layers] == [4, 2] and lesson.layers[0].activation == activation
    page = run("lesson", file, "--lang", "ko").out
    assert "3-4-2 신경망" in page


def test_what_is_commented_out_is_good(run: Run, tmp_path: Path) -> None:
    """A penalty, decay, clipping and a schedule: with the # taken away, the walk has a step for each."""
    file = tmp_path / "mine.toml"
    assert run("new", str(file), "--layers", "2,2,1").code == 0
    text = re.sub(r"(?m)^#(?=\S)", "", file.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")
    assert run("check", str(file)).code == 0
    page = run("lesson", str(file)).out
    assert all(f"   general  {step} = " in re.sub(" +=", " =", page) for step in ("L2", "norm", "η_now")), page


@pytest.mark.parametrize("loss", LOSSES)
def test_losses(run: Run, tmp_path: Path, loss: str) -> None:
    """The function of the last layer and the targets are those that the loss needs."""
    file = str(tmp_path / "mine.toml")
    assert run("new", file, "--layers", "2,2,2", "--loss", loss).code == 0 and run("check", file).code == 0
    before, after = Trace(setup(load_lesson(file))).errors or (0.0, 1.0)
    assert after < before


def test_a_copy(run: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "mine.toml")
    assert run("new", file, "--from-lesson", "backprop").code == 0 and run("check", file).code == 0
    assert load_lesson(file).id == "mine"
    assert setup(load_lesson(file)).parameters == setup(load_lesson("backprop")).parameters


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--layers", "0,3"], "2,3,1"), (["--layers", "two"], "2,3,1"), (["--layers", "2,30"], "at most 5 layers of 10"),
        (["--kind", "lstn"], "did you mean lstm"), (["--layers", "2,1", "--activation", "tan"], "did you mean tanh"),
        (["--layers", "2,1", "--loss", "huber"], "there is no huber"), (["--kind", "gru", "--layers", "2,1"], "one of these"),
        (["--loss", "hinge"], "belong to --layers"), (["--from-lesson", "nothing"], "nothing"),
    ],
)  # fmt: skip
def test_wrong_usage(run: Run, tmp_path: Path, options: list[str], wanted: str) -> None:
    file = tmp_path / "mine.toml"
    result = run("new", str(file), *options)
    assert result.code == 2 and wanted in result.err and not file.exists()


def test_it_asks_on_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    terminal = Terminal("new", str(file))
    terminal.wait_for("How many neurons")
    terminal.child.send("2,2,1\r")
    terminal.wait_for("Activation function")
    terminal.child.send("tanh\r")
    terminal.wait_for("Loss")
    terminal.child.send("\r")
    terminal.wait_for("Wrote")
    lesson = load_lesson(str(file))
    assert [len(layer.neurons) for layer in lesson.layers] == [2, 1] and lesson.layers[0].activation == "tanh"
    assert lesson.loss == "half_squared_error"


def test_watching(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    good = "\n".join(f"{key} = {toml(value)}" for key, value in table().items())
    file.write_text(good, encoding="utf-8")
    terminal = Terminal("check", "--watch", str(file))
    terminal.wait_for("Checking again")
    time.sleep(0.5)
    file.write_text(good.replace("half_squared_error", "half_error"), encoding="utf-8")
    terminal.wait_for("half_error")
    file.write_text(good, encoding="utf-8")
    terminal.wait_for(lambda text: text.count("no faults") == 2)
    terminal.child.sendintr()
    assert terminal.ends() == 130
    assert "Traceback" not in terminal.text()


def test_a_lesson_is_read_again_when_it_is_saved(tmp_path: Path) -> None:
    """At the same step, with its new numbers; with a fault it stays as it was."""
    file = tmp_path / "mine.toml"
    good = "\n".join(f"{key} = {toml(value)}" for key, value in table().items())
    file.write_text(good, encoding="utf-8")
    terminal = Terminal("lesson", str(file), "--start", "z_h1")
    terminal.wait_for("0.1 · 1 + 0.2 · 2 + 0.1")
    time.sleep(0.5)
    file.write_text(good.replace("[0.1, 0.2, ", "[0.7, 0.2, "), encoding="utf-8")
    terminal.wait_for("0.7 · 1 + 0.2 · 2 + 0.7")
    assert "read again" in terminal.text()
    file.write_text(good.replace("half_squared_error", "half_error"), encoding="utf-8")
    terminal.wait_for("Saved with a fault")
    assert "0.7 · 1" in terminal.text()
    file.write_text(good, encoding="utf-8")
    terminal.wait_for("0.1 · 1 + 0.2 · 2 + 0.1")
    terminal.child.send("n")
    terminal.wait_for("Weighted sum of h2")
    terminal.child.send("q")
    assert terminal.ends() == 0


def files() -> list[Path]:
    return sorted([*(ROOT / "lessons").glob("*.toml"), *(ROOT / "docs" / "formulas").glob("*.toml")])


def test_the_schema_takes_every_lesson() -> None:
    """By a checker of JSON, of what is in the files, and by one of TOML as editors use it."""
    import tomllib

    schema = lesson_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    assert len(files()) > len(LESSONS)
    for file in files():
        faults = list(judge.iter_errors(tomllib.loads(file.read_text(encoding="utf-8"))))
        assert not faults, (file, faults[0].message)
    more = {"from_layer": 0, "weights": [[0.3, "none", "none"], ["none", -0.2, "none"]]}
    own = {"source": "file", "file": "a.csv", "classes": "c"}
    for lesson in (table(), with_shortcuts(more), {**table(), "data": own}):
        assert not list(judge.iter_errors(lesson)), lesson


@pytest.mark.parametrize(
    "change",
    [
        {"format_version": 2}, {"nonsense": 1}, {"digits": "four"}, {"learning_rate": -1}, {"update": "magic"},
        {"data": {"source": "file"}}, {"quantities": [{"kind": "lstn"}]}, {"layers": [{"neurons": ["a"]}]},
        {"schedule": {"kind": "cosinus"}}, {"title": {"en": 3}},
    ],
)  # fmt: skip
def test_the_schema_refuses(change: dict[str, object]) -> None:
    assert list(jsonschema.Draft202012Validator(lesson_schema()).iter_errors({**table(), **change}))


def test_an_editor_can_use_it(run: Run, tmp_path: Path) -> None:
    """Taplo, which stands behind the TOML extensions of editors."""
    taplo = Path(sys.executable).with_name("taplo")
    schema, bad = tmp_path / "schema.json", tmp_path / "bad.toml"
    assert run("schema", "-o", str(schema)).code == 0
    assert json.loads(schema.read_text(encoding="utf-8")) == lesson_schema()
    bad.write_text('format_version = 1\nid = "bad"\nupdate = "magic"\n', encoding="utf-8")
    for paths, code in ((files(), 0), ([bad], 1)):
        command = [taplo, "lint", "--no-auto-config", "--schema", schema.as_uri(), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr[-2000:]


def test_check_tells_of_texts_that_lack_a_language(run: Run, tmp_path: Path) -> None:
    """Not a fault: a reader of it sees another one. Nor is a penalty that is there twice."""
    path = tmp_path / "mine.toml"
    text = (HERE / "lessons" / "penalty.toml").read_text(encoding="utf-8")
    text = text.replace(', ko = "큰 가중치에 주는 벌점"', "")
    path.write_text(
        text.replace("regularization =", "optimizer = { weight_decay = 0.1 }\nregularization ="), encoding="utf-8"
    )
    result = run("check", str(path))
    assert result.code == 0 and "weight_decay are both" in result.out
    assert "No text in ko, though others have one: title." in result.out
    page = run("lesson", str(path), "--lang", "ko").out
    assert "English로만" not in page and "편향에는 벌점이 없습니다" in page
