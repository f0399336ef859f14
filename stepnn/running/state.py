"""What changes while a network learns: parameters, what the optimiser remembers, and how many updates there were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stepnn.lessons.data import ArraySamples
from stepnn.lessons.setup import Setup
from stepnn.network.model import Quantity, Role

Array = NDArray[np.float64]


@dataclass(frozen=True)
class State:
    """`values` holds parameters and optimiser states as arrays by key; `updates` counts those made so far."""

    values: Mapping[str, Array]
    updates: int = 0


def first_state(setup: Setup, states: Sequence[Quantity]) -> dict[str, Array]:
    """The given parameters; what an optimiser remembers is 0 at first, or what its rule says."""
    values = parameters(setup)
    for quantity in states:
        if quantity.role is Role.STATE:
            values[quantity.key] = np.broadcast_to(np.array(remembered(setup, quantity), float), quantity.shape)
    return values


def remembered(setup: Setup, state: Quantity) -> object:
    """What an optimiser remembers before the first update that is shown: 0, or what the lesson or the rule says."""
    options = setup.lesson.optimizer
    plain = setup.rule.start.get(state.key, options.start if state.glyph == "s" else 0.0)
    said = options.state.get(state.glyph, plain)
    return said.get(state.of, plain) if isinstance(said, dict) else said


def parameters(setup: Setup) -> dict[str, Array]:
    """The given parameters as arrays, by key."""
    return shaped(setup, setup.parameters)


def constants(setup: Setup) -> dict[str, Array]:
    """All other given numbers that are the same for every sample: the rate, settings, numbers of formulas."""
    found = shaped(setup, setup.constants)
    if setup.rate is not None:
        found["eta"] = np.array(setup.rate)
    return found


def shaped(setup: Setup, table: Mapping[str, Sequence[float]]) -> dict[str, Array]:
    network = setup.network
    return {key: np.array(values, float).reshape(network[key].shape) for key, values in table.items()}


def sample_arrays(setup: Setup) -> dict[str, Array]:
    """Inputs and targets of all samples, the sample axis first; nothing for a lesson without inputs."""
    if isinstance(setup.samples, ArraySamples):
        inputs, targets = setup.samples.arrays()
        return {"a0": inputs, "t": targets}
    found = {}
    if "a0" in setup.network.by_key:
        found["a0"] = np.array([one.inputs for one in setup.samples], float).reshape(-1, *setup.network["a0"].shape)
    if all(one.targets is not None for one in setup.samples) and "t" in setup.network.by_key:
        found["t"] = np.array([one.targets for one in setup.samples], float).reshape(-1, *setup.network["t"].shape)
    return found


def unseen_arrays(setup: Setup) -> dict[str, Array] | None:
    """The same for samples that are never learned from; None if there are none."""
    found = setup.samples.unseen_arrays() if isinstance(setup.samples, ArraySamples) else None
    return None if found is None else {"a0": found[0], "t": found[1]}
