"""Speed as ratios, measured in one run: `make bench`.

Each row times two things in turn, A B A B …, and prints the median of the ratios A/B beside the bound that it
should stay under. Machines differ and are noisy; ratios hold.
"""

from __future__ import annotations

import json
import os
import pty
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
RUNS = 9
STEPNN = str(Path(sys.executable).parent / "stepnn")
ENVIRONMENT = {**os.environ, "LANG": "en_US.UTF-8", "TERM": "xterm-256color"}
TRIVIAL = """
import typer
app = typer.Typer()
@app.command()
def one(name: str, times: int = 1) -> None: "Do one thing."
@app.command()
def two(name: str, times: int = 1) -> None: "Do another."
app()
"""


def command(*arguments: str, program: str = sys.executable) -> Callable[[], float]:
    """Seconds that a whole process takes, its output thrown away."""

    def once() -> float:
        began = time.perf_counter()
        subprocess.run([program, *arguments], check=True, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began

    return once


def stepnn(*arguments: str) -> Callable[[], float]:
    """The installed command."""
    return command(*arguments, program=STEPNN)


def on_screen(wanted: bytes, *arguments: str) -> Callable[[], float]:
    """Seconds until some text stands on a terminal."""

    def once() -> float:
        began = time.perf_counter()
        child, terminal = pty.fork()
        if child == 0:
            os.execve(STEPNN, [STEPNN, *arguments], {**ENVIRONMENT, "COLUMNS": "80", "LINES": "24"})
        shown = b""
        while wanted not in shown:
            shown += os.read(terminal, 65536)
        took = time.perf_counter() - began
        os.write(terminal, b"q")
        os.write(terminal, b"uit\r")
        try:
            while os.read(terminal, 65536):
                pass
        except OSError:
            pass
        os.waitpid(child, 0)
        os.close(terminal)
        return took

    return once


def first_screen(lesson: str) -> Callable[[], float]:
    """Seconds until the first screen of a lesson stands on a terminal."""
    return on_screen(b"the first step", "lesson", lesson)


def answered(keys: bytes, *arguments: str) -> Callable[[], float]:
    """Seconds from a key on the first screen of a lesson, while its numbers are still worked out, to something new on
    the screen; for `q` to the end of the program."""

    def once() -> float:
        child, terminal = pty.fork()
        if child == 0:
            os.execve(STEPNN, [STEPNN, *arguments], {**ENVIRONMENT, "COLUMNS": "80", "LINES": "24"})
        shown = b""
        while b"the first step" not in shown:
            shown += os.read(terminal, 65536)
        began = time.perf_counter()
        os.write(terminal, keys)
        try:
            while os.read(terminal, 65536) and keys == b"q":
                pass
        except OSError:
            pass
        took = time.perf_counter() - began
        if keys != b"q":
            os.write(terminal, b"q")
        os.waitpid(child, 0)
        os.close(terminal)
        return took

    return once


def inside(name: str, file: str = "inside.py") -> Callable[[], float]:
    """Seconds that one of the measurements below takes in a fresh process, which prints them."""

    def once() -> float:
        done = subprocess.run(
            [sys.executable, str(HERE / file), name], check=True, env=ENVIRONMENT, capture_output=True, text=True
        )
        return float(done.stdout)

    return once


def compare(
    title: str, bound: float, first: Callable[[], float], second: Callable[[], float], runs: int = RUNS
) -> None:
    """The median ratio of the first to the second."""
    first(), second()
    times = [(first(), second()) for _ in range(runs)]
    ratio = statistics.median(a / b for a, b in times)
    a, b = (statistics.median(column) for column in zip(*times, strict=True))
    mark = "ok " if ratio <= bound else "OVER"
    print(f"{mark:4} {ratio:5.2f} (at most {bound:4.2f})  {title}: {a:.3f} s / {b:.3f} s", flush=True)


def torch_and_micrograd() -> None:
    """The same XOR training in PyTorch and micrograd, where they are installed."""
    for library in ("torch", "micrograd"):
        if find_spec(library) is not None:
            compare(
                f"10 000 XOR updates, stepnn / {library}", 9.99, inside("xor_compiled"), inside(f"xor_{library}"), 3
            )


def on_paper(folder: Path) -> None:
    """Sheets and worked examples as PDF, beside the typesetter alone on the same pages."""

    def sheets(count: int) -> tuple[str, ...]:
        return ("sheet", "backprop", "--copies", str(count), "--force", "--out", str(folder / f"sheets{count}"))

    compare("200 sheets and their key as PDF / the typesetter alone on the same pages", 2.0, stepnn(*sheets(200)),
            inside("typesetter_200"), 3)  # fmt: skip
    short = (*sheets(200), "--short", "--jobs")
    compare("200 sheets and a short key, two jobs / one job", 0.65, stepnn(*short, "2"), stepnn(*short, "1"), 3)
    text, own = stepnn("example", "backprop", "--format", "text"), inside("typesetter_example")
    page = stepnn("example", "backprop", "--format", "pdf", "--force", "--output", str(folder / "backprop.pdf"))
    compare("example as PDF / 1.5 times as text and the typesetter alone", 1.0, page, lambda: 1.5 * text() + own())
    few, many = (largest_process(*sheets(count)) for count in (200, 600))
    mark = "ok " if many <= 1.1 * few else "OVER"
    print(f"{mark:4} {many / few:5.2f} (at most 1.10)  memory for 600 sheets / for 200: {many:.0f} MB / {few:.0f} MB")


def architectures() -> None:
    """The lessons of parts 5 and 6: their first screens, and training steps beside NumPy written by hand."""
    for name, bound in (("cnn", 3.0), ("lstm", 3.0), ("language-model", 1.5)):
        ours, theirs = (inside(f"{name}_{way}", "architectures.py") for way in ("compiled", "by_hand"))
        compare(f"a training step of {name}, compiled / by hand in NumPy", bound, ours, theirs, 5)
    for path in sorted((HERE.parent / "lessons").glob("[56]-*.toml")):
        name = path.stem.split("-", 2)[2]
        compare(f"first screen of {name} / of backprop", 1.2, first_screen(name), first_screen("backprop"), 5)


def largest_process(*arguments: str) -> float:
    """MB of the largest process that a command starts."""
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    command = [sys.executable, "-c", program, STEPNN, *arguments]
    return float(subprocess.run(command, check=True, env=ENVIRONMENT, capture_output=True, text=True).stdout)


def large_lesson(folder: Path) -> Path:
    """A 784-16-16-10 lesson file."""
    words = '{ en = "text", ko = "글" }'
    names = json.dumps([f"x{n}" for n in range(1, 785)])
    pixels = json.dumps([(n % 17) / 17 for n in range(784)])
    head = f"""format_version = 1
id = "large"
title = {words}
goal = {words}
introduction = {words}
loss = "half_squared_error"
update = "gradient descent"
learning_rate = 0.5
weight_seed = 1
closing = {{ question = {words}, answer = {words} }}
inputs = {{ names = {names} }}
"""
    layers = "".join(
        f'[[layers]]\nneurons = {json.dumps([f"{letter}{n}" for n in range(1, size + 1)])}\nactivation = "sigmoid"\n'
        for letter, size in (("g", 16), ("h", 16), ("o", 10))
    )
    path = folder / "large.toml"
    path.write_text(
        f"{head}{layers}[[samples]]\ninputs = {pixels}\ntargets = {json.dumps([0.0] * 9 + [1.0])}\n", encoding="utf-8"
    )
    return path


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ENVIRONMENT["STEPNN_DATA"] = folder  # nothing that is measured is kept
        trivial = Path(folder) / "trivial.py"
        trivial.write_text(TRIVIAL)
        large = str(large_lesson(Path(folder)))
        imports = command("-c", "import numpy, sympy, rich, typer")
        compare("first screen of backprop / import sympy", 1.0, first_screen("backprop"), command("-c", "import sympy"))
        question = on_screen(b"Look at this one first", "practice", "backprop")
        backward = on_screen(b"result", "lesson", "backprop", "--start", "dE_da_o1")
        compare("first question of practice / first backward step of the lesson", 1.15, question, backward)
        for name in ("digits", "xor", "vanishing"):
            compare(f"answer to n in {name} / first screen", 0.5, answered(b"n", "lesson", name), first_screen(name), 5)
            compare(f"quitting {name} / first screen", 0.9, answered(b"q", "lesson", name), first_screen(name), 5)
        compare("stepnn --help / a trivial typer app's", 1.3, stepnn("--help"), command(str(trivial), "--help"))
        compare(
            "stepnn lesson / a trivial typer app's help",
            1.3,
            stepnn("lesson"),
            command(str(trivial), "--help"),
        )
        compare(
            "backprop printed to a pipe / import numpy, sympy, rich, typer",
            1.3,
            stepnn("lesson", "backprop"),
            imports,
        )
        compare("deriving 784-16-16-10 / deriving 2-2-2", 1.2, inside("derive_large"), inside("derive_small"))
        compare("deriving 16 layers / deriving 8 layers", 2.2, inside("derive_16"), inside("derive_8"))
        compare("first screen of 784-16-16-10 / of backprop", 1.5, first_screen(large), first_screen("backprop"))
        compare(
            "10 000 XOR updates, compiled / by hand in NumPy", 1.5, inside("xor_compiled"), inside("xor_by_hand"), 5
        )
        compare(
            "one epoch of digits, compiled / by hand in NumPy",
            1.5,
            inside("digits_compiled"),
            inside("digits_by_hand"),
            5,
        )
        opened = stepnn("lesson", "xor", "--epoch", "5000")
        start, training = stepnn("lesson", "xor", "--epoch", "0"), inside("xor_training")
        compare(
            "stepnn lesson xor --epoch 5000 / twice --epoch 0 and the training", 1.0, opened,
            lambda: 2 * start() + training(),
        )  # fmt: skip
        architectures()
        on_paper(Path(folder))
        torch_and_micrograd()
        stepnn("example", large, "--format", "text")()
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"     {largest:.0f} MB (at most 250)  the largest of all these processes")


if __name__ == "__main__":
    main()
