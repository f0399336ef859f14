"""What all lessons showed before the redesign: ids, symbols, values and uses of their steps, and the numbers of codes.

`python -m tests.before` wrote it once; `make golden` does not. What differs from it since then is said in
`tests/test_before.py`.
"""

from __future__ import annotations

import gzip
import json
import warnings
import zlib
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as from_seed
from hypothesis import strategies as st

import stepnn
from stepnn.errors import StepnnError, UsageError
from stepnn.exercises.assignment import assigned
from stepnn.sheets.sheet import Printer
from stepnn.trace.sentences import OUTLOOKS
from stepnn.trace.step import Kind, Step
from stepnn.trace.trace import Trace
from tests.help import LESSONS, setup_of
from tests.networks import UPDATES, tables
from tests.random_lessons import formula_lessons, stacks

HERE = Path(__file__).parent
MOST = 400  # elements of one quantity; of a larger one, as many spread over it
CODES = 5
Row = list[Any]  # symbol, value, check sum of the ids that it uses


def read(name: str) -> Any:
    return json.loads(gzip.decompress((HERE / f"{name}.json.gz").read_bytes()))


def write(name: str, found: Any) -> None:
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    (HERE / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def steps(trace: Trace) -> dict[str, Row]:
    """Every step of a trace by id: those of the walk, their elements, and what those are made of."""
    return {step.id: row(step) for step in every(trace)}


def every(trace: Trace) -> Iterator[Step]:
    for step in trace.every_step:
        if step.kind in (Kind.LETTERS, *OUTLOOKS):
            continue  # pages that compute nothing, of which there were none
        yield step
        inside = step.children
        chosen = inside[:: max(1, len(inside) // MOST)]
        for one in chosen:
            yield one
            if len(inside) <= MOST:
                yield from one.children


def row(step: Step) -> Row:
    value = None if step.value is None else float(f"{step.value:.12g}")
    return [step.symbol, value, zlib.crc32(" ".join(step.uses).encode()) if step.ref is not None else 0]


def codes(name: str) -> dict[str, dict[str, float]]:
    """Five codes of a lesson, each with the numbers of its sheet; none where it has nothing for paper."""
    try:
        setup = stepnn.load(name).setup
        printer = Printer(setup, assigned(setup, digits=4, scheme=2))
    except UsageError:
        return {}
    found = {}
    for number in range(1, CODES + 1):
        try:
            sheet = printer.sheet(number)
        except StepnnError:
            continue
        found[sheet.code] = {answer.symbol: float(f"{answer.value:.12g}") for answer in sheet.answers}
    return found


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """The first cases of a strategy that have a trace, always the same."""
    found: list[Any] = []

    @settings(max_examples=4 * count, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @from_seed(1)
    @given(strategy)
    def run(table: dict[str, Any]) -> None:
        if len(found) < count:
            try:
                Trace(setup_of(table))
            except (StepnnError, AssertionError):
                return
            found.append(deepcopy(table))

    run()
    return found


def several_samples(table: dict[str, Any], number: int) -> dict[str, Any]:
    """The same network with three samples, in batches of one, two or all."""
    (sample,) = table["samples"]
    more = [
        {**sample, "inputs": [round(value * factor, 4) for value in sample["inputs"]]} for factor in (1.0, -0.7, 0.4)
    ]
    return table | {"samples": more, "updates": 2, "training": {"batch": (1, 2, "all")[number % 3]}}


def random_lessons() -> list[dict[str, Any]]:
    """Two hundred lessons of all forms."""
    dense = drawn(tables(updates=UPDATES), 80)
    dense = [several_samples(one, n) if n % 2 else one | {"updates": 2} for n, one in enumerate(dense)]
    return [*dense, *drawn(formula_lessons(), 60), *drawn(stacks().map(lambda stack: stack.table()), 60)]


def record(names: Iterable[str] = LESSONS) -> None:
    for name in names:
        write(name, {"steps": steps(stepnn.load(name).trace()), "codes": codes(name)})
    found = []
    for table in random_lessons():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                found.append({"lesson": table, "steps": steps(Trace(setup_of(table)))})
            except StepnnError:
                continue  # a training that goes astray
    write("random", found)
