"""The course of a training: when it is looked at, and when and why it ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from stepnn.calculus.arithmetic import floats
from stepnn.errors import CalculationError
from stepnn.network.model import Role
from stepnn.notation.formula import ZERO, Cases
from stepnn.running.engine import Checked, Engine
from stepnn.running.state import State
from stepnn.words.told import told

MOST_CHECKS = 200  # errors on a curve
MOST_MOVES, SMALLEST_GAP = 10_000, 1e-5
GROWN = 1_000.0  # an error this many times the first one will not come back


class End(Enum):
    """Why a training ended."""

    DONE = "done"
    REACHED = "reached"  # the error that was asked for
    SETTLED = "settled"  # the perceptron rule made no mistake in a whole epoch
    REPEATS = "repeats"  # the perceptron rule came back to weights that it had before: it goes round for ever
    DIVERGED = "diverged"
    STOPPED = "stopped"  # by the reader


class Course:
    """A training that is watched. `checks` are the errors so far, `end` says why it is over."""

    def __init__(self, engine: Engine, epochs: int, until: float | None = None) -> None:
        self.engine = engine
        self.epochs = epochs
        self.until = until
        self.perceptron = engine.setup.lesson.update == "perceptron"
        self.checks: list[Checked] = []
        self.end = End.DONE
        self.good: State = engine.state
        self.seen = {self.weights()}
        self.worst = math.nan

    def weights(self) -> tuple[float, ...]:
        """All parameters in a row: all that the perceptron rule remembers."""
        if not self.perceptron:
            return ()
        values = self.engine.state.values
        return tuple(float(value) for key in self.engine.setup.parameters for value in np.ravel(values[key]))

    def run(self, tick: Callable[[], None] = lambda: None) -> Iterator[Checked]:
        """Train to the end; `tick` is called after every epoch. Yields the error before, on the way and at the end."""
        every = max(1, self.epochs // MOST_CHECKS)
        yield self.check()
        with np.errstate(all="ignore"):
            while self.engine.epoch < self.epochs and self.end is End.DONE:
                self.engine.run_to(self.engine.epoch + 1)
                tick()
                at = self.engine.epoch
                last = at == self.epochs or (self.until is not None and self.reached()) or self.over()
                if last or at % every == 0 or is_round(at):
                    yield self.check()

    def check(self) -> Checked:
        """The error now. A training that has gone astray ends at the last good state."""
        found = self.engine.check()
        first = self.checks[0].error if self.checks else found.error
        if not self.checks and not math.isfinite(found.error):
            raise CalculationError(told("the_error_is_not_finite"))
        if not math.isfinite(found.error) or found.error > GROWN * max(abs(first), 1.0):
            self.worst, self.end = found.error, End.DIVERGED
            self.engine.state = self.good
            return found
        self.good = self.engine.state
        if not self.checks or self.checks[-1].epoch != found.epoch:
            self.checks.append(found)
        return found

    def reached(self) -> bool:
        """Whether the error is as small as was asked for."""
        if self.until is not None and self.engine.error() <= self.until:
            self.end = End.REACHED
        return self.end is End.REACHED

    def over(self) -> bool:
        """Whether the perceptron rule has nothing left to learn, or will never learn it."""
        if not self.perceptron:
            return False
        weights = self.weights()
        if self.engine.error() == 0:
            self.end = End.SETTLED
        elif weights in self.seen:
            self.end = End.REPEATS
        self.seen.add(weights)
        return self.end is not End.DONE


def is_round(epoch: int) -> bool:
    """1, 2, 5, 10, 20, 50 …: where a long training is looked at early."""
    while epoch % 10 == 0:
        epoch //= 10
    return epoch in (1, 2, 5)


def bound(engine: Engine) -> float | None:
    """(R/γ)², the most mistakes that the perceptron rule can make from weights of 0 (Novikoff 1962).

    R is the length of the longest input, the bias counted as an input of 1; γ is the distance of the nearest sample
    from the best line. None where no line separates the samples, where the weights do not begin at 0, or where the
    neuron steps elsewhere than at 0.
    """
    setup = engine.setup
    (activation,) = setup.network.with_role(Role.ACTIVATION)
    at_zero = isinstance(activation.formula, Cases) and activation.formula.condition.right == ZERO
    gaps = any(quantity.unlearned for quantity in setup.network.parameters)
    if (
        gaps
        or not at_zero
        or any(any(values) for values in setup.parameters.values())
        or engine.data["t"].shape[1] != 1
    ):
        return None
    inputs = floats(engine.data["a0"])  # (samples, in)
    if "b1" in setup.parameters:
        inputs = np.hstack([inputs, np.ones((len(inputs), 1))])
    gap = margin(inputs * np.where(engine.data["t"] > 0.5, 1.0, -1.0))
    return float((np.linalg.norm(inputs, axis=1).max() / gap) ** 2) if gap > SMALLEST_GAP else None


def margin(signed: NDArray[np.float64]) -> float:
    """The widest gap of inputs times their signs (samples, in): the length of the shortest mean of them.

    The weights of the mean move from the sample that lies farthest along it to the one that lies nearest, until
    all that count lie equally far (Mitchell, Demyanov and Malozemov 1974).
    """
    shares = np.full(len(signed), 1 / len(signed))  # (samples,)
    for _ in range(MOST_MOVES):
        along = signed @ (shares @ signed)  # (samples,)
        near, far = int(along.argmin()), int(np.where(shares > 0, along, -np.inf).argmax())
        if along[far] - along[near] < 1e-12:
            break
        apart = float(np.sum((signed[far] - signed[near]) ** 2))
        move = min(float(shares[far]), float(along[far] - along[near]) / apart)
        shares[near], shares[far] = shares[near] + move, shares[far] - move
    return float(np.linalg.norm(shares @ signed))
