"""The same update calculated in other ways, so that a page can show where well-known figures come from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stepnn.calculus.compile import compile_quantities
from stepnn.lessons.build import baked, setup
from stepnn.lessons.layers import with_biases
from stepnn.lessons.said import Words
from stepnn.lessons.schema import Comparison
from stepnn.lessons.setup import Setup
from stepnn.network.identity import Key, What, renewed
from stepnn.network.model import Network, Quantity, Role
from stepnn.notation.formula import Formula, Ref, transform
from stepnn.running.engine import Engine
from stepnn.running.functions import rounding_to
from stepnn.running.state import State
from stepnn.trace.step import Policy


@dataclass(frozen=True)
class Compared:
    """The total error after one update, calculated as the label says."""

    label: Words
    error: float


def compare(given: Setup, policy: Policy) -> list[Compared]:
    """Each comparison of the lesson with the error that it ends at."""
    return [Compared(one.label, error_after(given, one, policy)) for one in given.lesson.compare]


def error_after(given: Setup, comparison: Comparison, policy: Policy) -> float:
    """The error after one update on the first sample, in the way that the comparison names."""
    changed = setup(with_biases(baked(given), comparison.biases))
    engine = Engine(changed, rounding_to(policy.digits) if policy.rounded else None, exact=False)
    learning = [*engine.formulas.backward, *engine.formulas.update]
    if comparison.hidden_deltas == "weights after the update":
        learning = hastily(learning, changed.network)
    keys = [Key(What.NEW, quantity.key) for quantity in changed.network.trained]
    found = compile_quantities(changed.network.quantities, learning, keys)(engine.look([0]).values)
    new = {renewed(key): array[0] for key, array in found.items()}
    return engine.error(State({**engine.state.values, **new}))


def hastily(learning: list[Quantity], network: Network) -> list[Quantity]:
    """The backward pass with a well-known mistake: each layer is updated before the error is carried further back."""
    updates = {quantity.of: quantity for quantity in learning if quantity.role is Role.UPDATED}
    found: list[Quantity] = []

    def updated_already(part: Formula) -> Formula | None:
        if isinstance(part, Ref) and part.name in updates and network[part.name].role is Role.WEIGHT:
            return Ref(Key(What.NEW, part.name), part.index)
        return None

    for quantity in learning:
        if quantity.role is Role.ERROR_SLOPE and quantity.formula is not None:
            quantity = replace(quantity, formula=transform(quantity.formula, updated_already))
        if quantity.role is not Role.UPDATED:
            found.append(quantity)
        if quantity.role is Role.GRADIENT and quantity.wrt is not None and quantity.wrt[1].name in updates:
            found.append(updates[quantity.wrt[1].name])
    return found
