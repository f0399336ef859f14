"""The house: floors know only the floors below, and rooms keep to their tools."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stepnn.layers.kinds import KINDS

ROOT = Path(__file__).parent.parent / "stepnn"
FLOORS = {
    "errors": 0, "identity": 0, "notation": 0, "model": 0, "recurrence": 0, "words": 0, "calculus": 1, "layers": 1, "lessons": 1, "trace": 2, "training": 2, "views": 3, "sheets": 3,
    "cli": 4, "library": 4, "__init__": 4, "__main__": 4,
}  # fmt: skip
TOOLS = {
    "sympy": {"calculus"},
    "typer": {"cli"},
    "rich": {"views/terminal.py", "views/asides.py", "views/ink.py", "cli"},
    "pydantic": {"lessons"},
    "plotille": {"views/chart.py"},
    "tomli_w": {"cli/train.py"},
    "typst": {"views/paper/worker.py", "views/paper/fonts.py"},
    "fontTools": {"views/paper/fonts.py"},
}
KIND_WORDS = {word for kind in KINDS for word in kind.split() if word not in ("activation", "layer")} - {
    "1d", "batch", "decoder", "encoding", "maximum", "mean",
}  # fmt: skip
FILES = sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The modules that a file imports, those for type checking only left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {
        id(inner) for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }  # fmt: skip
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and id(node) not in hidden:
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and id(node) not in hidden:
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_floors_and_tools(path: Path) -> None:
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "stepnn" and len(parts) > 1 and parts[1] in FLOORS:
            assert FLOORS[parts[1]] <= FLOORS[room(path)], f"{path} imports {name}"
        if parts[0] in TOOLS:
            where = path.relative_to(ROOT).as_posix()
            assert any(where == place or where.startswith(f"{place}/") for place in TOOLS[parts[0]]), (
                f"{path} imports {name}"
            )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_view_sheet_or_command_names_a_kind_of_layer(path: Path) -> None:
    if room(path) in ("notation", "calculus", "trace", "training", "views", "sheets", "cli"):
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
    """Start-up is what a user feels: both are imported while the reader reads."""
    program = f"""
import sys
from stepnn.cli import stepper
from stepnn.cli.work import Numbers, prepared
from stepnn.views.ink import Look
from stepnn.views.terminal import opening_body
from stepnn.words import catalogue
assert opening_body(prepared({name!r}, Numbers(None, False, [], None, None)), Look(80, 24, catalogue("en")))
print([module for module in ("numpy", "sympy", "plotille", "tomli_w") if module in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    assert done.stdout.strip() == "[]"
