"""Looks for numbers that tell mistakes apart: `make ready` writes `stepnn/exercises/ready.json`.

`python -m tests.ready NAME …` looks for those of some lessons alone.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import islice

import stepnn
from stepnn.errors import StepnnError, UsageError
from stepnn.exercises.desk import Desk, desk_for
from stepnn.exercises.ready import FILE, key
from stepnn.lessons.build import runs
from tests.help import LESSONS

TRIED, KEPT = 160, 40  # numbers of each run
SLOW = ("digits",)  # whose numbers take seconds


def desks(name: str) -> list[Desk]:
    """A desk for each run of a lesson that can be practised."""
    setup, found = stepnn.load(name).setup, []
    for run in range(1, len(runs(setup)) + 1):
        try:
            found.append(desk_for(setup, run=run)[0])
        except UsageError:
            continue
    return found


def looked_for(name: str) -> dict[str, list[tuple[int, int]]]:
    """Of the first numbers of each run, those with the fewest mistakes that are not told apart, and their attempts."""
    found = {}
    for desk in desks(name):
        tried = []
        for number in range(TRIED):
            try:
                attempt, trace = desk.variants.best(number)
            except StepnnError:
                break
            tried.append((desk.variants.untold(trace), number, attempt))
        if tried:
            best = islice(sorted(tried), KEPT)
            found[key(desk.exercises.assignment)] = sorted((number, attempt) for _, number, attempt in best)
            print(name, desk.exercises.assignment.run, sorted(tried)[0][0], sorted(tried)[KEPT - 1][0], flush=True)
    return found


def main() -> None:
    """Of all lessons, or of those that are named; what is known of the others stays."""
    wanted = sys.argv[1:] or [name for name in LESSONS if name not in SLOW]
    kept = json.loads(FILE.read_text(encoding="utf-8")) if sys.argv[1:] else {}
    every = {name: numbers for name, numbers in kept.items() if name.partition("/")[0] not in wanted}
    with ProcessPoolExecutor() as pool:
        for found in pool.map(looked_for, wanted):
            every |= found
    lines = (f'"{name}": {json.dumps(numbers)}' for name, numbers in every.items())
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
