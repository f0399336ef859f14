"""Samples from a table in the folder of the lesson, and from nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stepnn.lessons import own_file
from stepnn.lessons.build import setup
from stepnn.lessons.read import load_lesson
from tests.conftest import Run, toml
from tests.help import lesson_table

FLOWERS = "length,width,species\n5.1,3.5,setosa\n7.0,3.2,versicolor\n6.3,3.3,virginica\n4.9,3.0,setosa\n"
NUMBERS = "a,b,y\n1,2,0.5\n3,4,0.25\n"


def lesson(folder: Path, neurons: list[str], **data: Any) -> str:
    layer = {"neurons": neurons, "activation": "sigmoid", "weights": [[0.1, 0.2]] * len(neurons)}
    table = lesson_table(
        [layer], [{"inputs": [0.0, 0.0]}], loss="half_squared_error", update="gradient descent", learning_rate=0.1
    )
    del table["samples"]
    table["data"] = {"source": "file", **data}
    path = folder / "lesson.toml"
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in table.items()), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("neurons", "wanted"),
    [(["s", "ve", "vi"], (0, 1, 2)), (["virginica", "setosa", "versicolor"], (1, 2, 0))],
)
def test_a_column_of_classes_makes_the_targets(run: Run, tmp_path: Path, neurons: list[str], wanted: Any) -> None:
    """By the names of the neurons if they are called so, otherwise in the order of the alphabet."""
    (tmp_path / "iris.csv").write_text(FLOWERS, encoding="utf-8")
    path = lesson(tmp_path, neurons, file="iris.csv", classes="species")
    samples = setup(load_lesson(path)).samples
    assert [one.inputs for one in samples] == [(5.1, 3.5), (7.0, 3.2), (6.3, 3.3), (4.9, 3.0)]
    ones = [one.targets.index(1.0) for one in samples if one.targets]
    assert ones == [*wanted, wanted[0]] and all(sum(one.targets or ()) == 1 for one in samples)
    assert run("check", path).code == 0 and "t3 = 0" in run("lesson", path).out


@pytest.mark.parametrize(("name", "found"), [("Setosa", "Setosa"), ("lily", "lily")])
def test_a_class_that_is_no_neuron_is_told(run: Run, tmp_path: Path, name: str, found: str) -> None:
    """Where others are called like neurons, it is not given to any other one."""
    (tmp_path / "iris.csv").write_text(FLOWERS.replace("setosa", name), encoding="utf-8")
    result = run("check", lesson(tmp_path, ["setosa", "versicolor", "virginica"], file="iris.csv", classes="species"))
    assert result.code == 1 and found in result.err and "setosa, versicolor, virginica" in result.err


def test_sheets_draw_no_other_targets(tmp_path: Path) -> None:
    (tmp_path / "iris.csv").write_text(FLOWERS, encoding="utf-8")
    made = setup(load_lesson(lesson(tmp_path, ["s", "ve", "vi"], file="iris.csv", classes="species")))
    assert [one.targets for one in made.with_seed(3).samples] == [one.targets for one in made.samples]


def test_columns_of_numbers(run: Run, tmp_path: Path) -> None:
    for name, text in (("n.csv", NUMBERS), ("n.tsv", NUMBERS.replace(",", "\t"))):
        (tmp_path / name).write_text(text, encoding="utf-8")
        samples = setup(load_lesson(lesson(tmp_path, ["o1"], file=name))).samples
        assert [(one.inputs, one.targets) for one in samples] == [((1, 2), (0.5,)), ((3, 4), (0.25,))]


@pytest.mark.parametrize("name", ["../n.csv", "/etc/passwd", ".n.csv", "sub/n.csv", "n.toml", "..", "n.csv\u0000"])
def test_no_other_file_is_read(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "n.csv").write_text(NUMBERS, encoding="utf-8")
    result = run("check", lesson(tmp_path / "in", ["o1"], file=name))
    assert result.code == 1 and "Traceback" not in result.err and "0.25" not in result.err


def test_no_link_leads_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "n.csv").write_text(NUMBERS, encoding="utf-8")
    (tmp_path / "in" / "n.csv").symlink_to(tmp_path / "n.csv")
    result = run("check", lesson(tmp_path / "in", ["o1"], file="n.csv"))
    assert result.code == 1 and "lesson.toml" in result.err and "own folder" in result.err


def test_faults(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "n.csv").write_text("a,b,y\n1,2,x\n", encoding="utf-8")
    for data, wanted in (
        ({"file": "n.csv"}, ["n.csv:2", "y", "not a number"]),
        ({"file": "m.csv"}, ["data.file", "no such file", "folder of the lesson"]),
        ({"file": "n.csv", "classes": "z"}, ["z", "column is missing"]),
        ({"file": "n.csv", "seed": 1}, ["data.seed", "no such field"]),
        ({}, ["data.file", "is missing"]),
    ):
        result = run("check", lesson(tmp_path, ["o1"], **data))
        assert result.code == 1 and all(one in result.err for one in wanted), result.err
    monkeypatch.setattr(own_file, "LARGEST", 5)
    assert "the file is too large" in run("check", lesson(tmp_path, ["o1"], file="n.csv")).err
