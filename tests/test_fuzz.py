"""Lesson files with something wrong in them, their structure known: a clear error or a page, and nothing else."""

from __future__ import annotations

import copy
import re
import resource
import signal
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
import tomli_w

from stepnn.errors import Fault, LessonError, StepnnError
from stepnn.lessons.build import setup
from stepnn.lessons.parts import valid
from stepnn.lessons.read import read_lesson
from stepnn.lessons.schema import Lesson
from stepnn.page.build import page
from stepnn.trace.trace import Trace
from stepnn.words import catalogue
from stepnn.words.told import Told
from stepnn.writers import terminal
from stepnn.writers.formats import FORMATS, Options
from stepnn.writers.ink import Look
from tests.help import HERE, LESSONS, ROOT, as_quantities

SLOW = ("digits", "vanishing", "overfitting", "cnn", "xor", "autoencoder")  # as they stand
SECONDS, BYTES = 10, 1_000_000_000
ODD: list[Any] = [
    0, -1, 1, 2, 7, 100, 10**6, 10**20, 0.5, -0.0, 1e-300, 1e300, 1e16, True, "", "x", "b1", "w1", "E", "t", "dE_dw", "é" * 3,
    "a" * 40, "\u202e", "sigmoid", "step", "softmax", "relu", "adam", "perceptron", "batch", "all", "i", "k, j", "t, k",
    "x[k]", "sum(x[j], j)", "1/x", "log(0 * x)", "h[t-1]", "largest(x[i+1], i)", "where(s >= u, 1, 0)", "**", "((", [], [0],
    [[1.0, 2.0]], [[]], {}, {"en": "a", "ko": "b"}, [1, "x"], [[1, 2], [3]],
]  # fmt: skip


def tables() -> list[dict[str, Any]]:
    """The shipped lessons, the cases, one with all settings, and the lessons of the documentation; those with layers
    once more as quantities."""
    paths = [path for path in sorted((ROOT / "lessons").glob("*.toml")) if path.stem.split("-", 2)[2] not in SLOW]
    assert len(paths) == len(LESSONS) - len(SLOW)
    paths += [*sorted((HERE / "cases").glob("*.toml")), *sorted((ROOT / "docs/formulas").glob("*.toml"))]
    paths.append(HERE / "lessons" / "settings.toml")
    texts = [path.read_text(encoding="utf-8") for path in paths]
    texts += re.findall(
        r"```toml\n(format_version.*?)```", (ROOT / "docs/lesson-format.md").read_text(encoding="utf-8"), re.S
    )
    found = [tomllib.loads(text) for text in texts]
    return found + [as_quantities(table) for table in found if "layers" in table and valid(Lesson, table) is not None]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a table but long texts."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if key not in ("en", "ko"):
            yield (*path, key)
            yield from places(inner, (*path, key))


def at(table: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        table = table[key]
    return table


def mutated(table: dict[str, Any], every: list[dict[str, Any]], random: Random) -> dict[str, Any]:
    """The table with one to four things changed: missing, doubled, of another type or size, odd, from elsewhere."""
    table = copy.deepcopy(table)
    for _ in range(random.randint(1, 4)):
        paths = list(places(table))
        if not paths:
            break
        *front, last = random.choice(paths)
        around = at(table, tuple(front))
        match random.randrange(7):
            case 0:
                del around[last]
            case 1:
                around[last] = copy.deepcopy(random.choice(ODD))
            case 2 if isinstance(around, list):
                around.insert(last, copy.deepcopy(around[last]))
            case 3 if isinstance(around[last], (int, float)) and not isinstance(around[last], bool):
                around[last] = random.choice([-around[last], around[last] * 1e10, 0, around[last] + 1])
            case 4:
                other = random.choice(every)
                path = random.choice(list(places(other)))
                if isinstance(path[-1], str):
                    table[path[-1] if len(path) == 1 else random.choice([*table, path[0]])] = copy.deepcopy(
                        at(other, path[:1])
                    )
            case 5 if isinstance(around[last], str):
                around[last] = random.choice(
                    [around[last] + "x", around[last][:-1], *[o for o in ODD if isinstance(o, str)]]
                )
            case 6 if isinstance(around, dict):
                key = random.choice([*around, "index", "layer", "update", "activation", "start", "learned"])
                around[key] = copy.deepcopy(around[last])
    return table


@contextmanager
def limited() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def used(path: Path) -> str:
    """Everything that a lesson is used for: opened, walked through on a screen, printed in two formats."""
    trace = Trace(setup(read_lesson(path)))
    words = catalogue("ko")
    for place, step in islice(enumerate(trace.steps), 0, 60, 7):
        look = Look(80, 24, words, place % 2 == 1)
        terminal.header(trace.setup, look, terminal.where_we_are(trace, place, step, look))
        terminal.step_body(trace, place, step, look)
    page(trace, words)
    for _ in islice(FORMATS["json"].lines(page(trace, words, ()), Options()), 200):
        pass
    return "opened"


def fuzz(seeds: range, folder: Path) -> dict[str, int]:
    every = tables()
    counts = {"opened": 0, "refused": 0, "no TOML": 0}
    before = most_memory()  # of the tests that this process has run
    for seed in seeds:
        random = Random(seed)
        table = mutated(random.choice(every), every, random)
        path = folder / "lesson.toml"
        try:
            path.write_text(tomli_w.dumps(table), encoding="utf-8")
        except (TypeError, ValueError, OverflowError):
            counts["no TOML"] += 1
            continue
        try:
            with limited():
                found = used(path)
        except StepnnError as error:
            assert str(error).strip() and "\x1b" not in str(error)
            assert unhelpful(error) == [], f"seed {seed}"
            found = "refused"
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}\n{path.read_text()}") from error
        counts[found] += 1
    assert most_memory() - before < BYTES
    return counts


def unhelpful(error: StepnnError) -> list[Fault]:
    """Faults that are not said in the reader's language, or that do not say what is wanted or what to do."""
    faults = error.faults if isinstance(error, LessonError) else []
    return [one for one in faults if not isinstance(one.message, Told) or not (one.wanted or one.remedy)]


def most_memory() -> int:
    """The most bytes that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize("part", range(3))
def test_three_hundred(part: int, tmp_path: Path) -> None:
    counts = fuzz(range(part * 100, part * 100 + 100), tmp_path)
    assert counts["opened"] >= 10 and counts["refused"] >= 10, counts


@pytest.mark.long
@pytest.mark.parametrize("part", range(50))
def test_fifty_thousand(part: int, tmp_path: Path) -> None:
    fuzz(range(1000 + part * 1000, 2000 + part * 1000), tmp_path)
