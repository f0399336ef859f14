"""The house: floors know only the floors below, and rooms keep to their tools."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from stepnn.layers.kinds import KINDS
from stepnn.network.order import cycles

ROOT = Path(__file__).parent.parent / "stepnn"
FLOORS = [  # each knows only those above it in this list, which are below it in the house
    "words", "errors", "tables", "book", "notation", "network", "calculus", "layers", "lessons", "running", "trace", "drawing",
    "page", "exercises", "writers", "sheets", "practice", "marking", "library", "__init__", "cli", "__main__",
]  # fmt: skip
TOOLS = {
    "sympy": {"calculus"},
    "typer": {"cli"},
    "rich": {"writers/terminal.py", "writers/screens.py", "writers/ink.py", "cli"},
    "pydantic": {"lessons", "exercises/assignment.py"},
    "plotille": {"drawing/chart.py"},
    "tomli_w": {"cli/train.py"},
    "sqlite3": {"practice/history.py"},
    "platformdirs": {"practice/history.py"},
    "readline": {"cli/practice_screen.py", "cli/sitting.py"},
    "typst": {"writers/pdf/worker.py", "writers/pdf/fonts.py"},
    "distributed": {"cli/jobs.py"},
    "charset_normalizer": {"tables/encoding.py"},
    "openpyxl": {"tables/spreadsheet.py"},
    "fontTools": {"writers/pdf/fonts.py"},
}
KIND_WORDS = {word for kind in KINDS for word in kind.split() if word not in ("activation", "layer")} - {
    "1d", "batch", "decoder", "encoding", "loss", "maximum", "mean", "transposed",
}  # fmt: skip
FILES = sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Every module that a file imports, those for type checking too, with where it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((name.name, node) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{name.name}", node) for name in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_floors_and_tools(path: Path) -> None:
    for name, _ in imports(path):
        parts = name.split(".")
        if parts[0] == "stepnn" and len(parts) > 1 and parts[1] in FLOORS:
            assert parts[1] == room(path) or FLOORS.index(parts[1]) < FLOORS.index(room(path)), f"{path} imports {name}"
        if parts[0] in TOOLS:
            where = path.relative_to(ROOT).as_posix()
            assert any(where == place or where.startswith(f"{place}/") for place in TOOLS[parts[0]]), (
                f"{path} imports {name}"
            )


def test_every_room_has_a_floor() -> None:
    assert {room(path) for path in FILES} == set(FLOORS)


def test_no_circle_between_files() -> None:
    """Not even for type checking, or inside a function."""
    named = {".".join(path.relative_to(ROOT.parent).with_suffix("").parts): path for path in FILES}
    files = {name.removesuffix(".__init__"): path for name, path in named.items()}
    del files["stepnn"]  # asks for the library when it is called
    uses = {name: [file_of(found, files) for found, _ in imports(path)] for name, path in files.items()}
    assert cycles({name: [one for one in used if one in files] for name, used in uses.items()}) == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_import_inside_a_function_has_its_reason(path: Path) -> None:
    """The first of them says it in a comment: start-up is what a user feels."""
    text = path.read_text(encoding="utf-8")
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef):
            found = [node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
            assert not found or "  # " in text.splitlines()[min(found) - 1], f"{path}: {function.name}"


def file_of(name: str, files: Collection[str]) -> str:
    """The file that `from x import y` reads: x.y, or else x."""
    return name if name in files else name.rpartition(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_view_sheet_or_command_names_a_kind_of_layer(path: Path) -> None:
    if room(path) in ("notation", "calculus", "trace", "running", "views", "exercises", "sheets", "cli"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            text = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
                text = node.value
            assert not KIND_WORDS & set(re.findall(r"[a-z0-9]+", (text or "").lower())), f"{path}: {text}"


def test_readable_in_one_sitting() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 350, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name}"


@pytest.mark.parametrize("name", ["backprop", "digits", "optimizers", "vanishing", "convolution", "lstm", "gan"])
def test_the_first_screen_brings_neither_numpy_nor_sympy(name: str) -> None:
    """Start-up is what a user feels: both are imported while the reader reads. Every command is there by then."""
    program = f"""
import sys
from stepnn.cli import app, stepper
from stepnn.cli.work import Numbers, prepared
from stepnn.writers.ink import Look
from stepnn.writers.terminal import opening_body
from stepnn.words import catalogue
assert opening_body(prepared({name!r}, Numbers(None, False, [], None, None)), Look(80, 24, catalogue("en")))
print([module for module in ("numpy", "sympy", "plotille", "tomli_w") if module in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    assert done.stdout.strip() == "[]"
