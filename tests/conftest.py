"""Running the program inside the test process: the same `main` that the command calls."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from stepnn.cli.app import main
from tests.help import lesson_table

settings.register_profile("ci", derandomize=True)  # the same networks every time; at a desk, new ones
if os.environ.get("CI"):
    settings.load_profile("ci")

# Behind an `&` Ctrl-C is ignored, by all programs that are started as well: the tests would wait for them in vain.
signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass
class Result:
    """What a run of the program left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is practised in a test is kept for that test alone."""
    monkeypatch.setenv("STEPNN_DATA", str(tmp_path_factory.mktemp("data")))


@pytest.fixture(autouse=True, scope="module")
def garbage() -> Iterator[None]:
    """Looked for between files only: among all that tests leave behind it costs more than the tests themselves."""
    gc.disable()
    yield
    gc.collect()
    gc.freeze()  # what is left stays, and is not looked through again


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("lesson", "backprop")` is what `stepnn lesson backprop` does in a pipe."""
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0}, raising=False)  # the tests have the other cores
    for name in ("disable", "enable", "freeze"):  # of one program; here hundreds run in one process
        monkeypatch.setattr(gc, name, lambda: None)
    for name in ("LC_ALL", "LC_MESSAGES", "ACCESSIBLE", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run_with(*arguments: str, **environment: str) -> Result:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["stepnn", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Result(ended.value.code if isinstance(ended.value.code, int) else 0, captured.out, captured.err)

    return run_with


def toml(value: Any) -> str:
    """A value as TOML, for lesson files made by tests."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = "".join(
            f"\\u{ord(c):04X}" if ord(c) < 32 or ord(c) == 127 else "\\" + c if c in '"\\' else c for c in value
        )
        return f'"{escaped}"'
    return repr(value)


@pytest.fixture
def lesson_file(tmp_path: Path) -> Callable[..., str]:
    """Writes a good lesson file, with some lines replaced or added, and gives its path."""

    def write(replace: dict[str, str] | None = None, extra: str = "", **fields: Any) -> str:
        layers = [
            {"neurons": ["h1", "h2"], "activation": "sigmoid", "weights": [[0.3, 0.25], [0.4, 0.35]]},
            {"neurons": ["o1"], "activation": "sigmoid", "weights": [[0.45, 0.4]]},
        ]
        sample = {"inputs": [0.1, 0.2], "targets": [0.4]}
        good = {"loss": "half_squared_error", "update": "gradient descent", "learning_rate": 0.5}
        table = lesson_table(layers, [sample], **good) | fields
        plain = {key: value for key, value in table.items() if key not in ("layers", "samples")}
        lines = [f"{key} = {toml(value)}" for key, value in plain.items()]
        for section in ("layers", "samples"):
            for row in table[section]:
                lines += [f"[[{section}]]", *(f"{key} = {toml(value)}" for key, value in row.items())]
        text = "\n".join([*lines, extra, ""])
        for old, new in (replace or {}).items():
            assert old in text, old
            text = text.replace(old, new, 1)
        path = tmp_path / "lesson.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write
