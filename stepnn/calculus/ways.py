"""What lies on a way from a quantity to the error, as a derivative sees it: not what a stop_gradient holds still."""

from __future__ import annotations

from collections.abc import Sequence

from stepnn.network.model import Network, Quantity, Role
from stepnn.notation.formula import ONE, is_still, refs, walk
from stepnn.notation.index import Index


def affected_by(network: Network, wanted: set[str]) -> set[str]:
    """The wanted quantities and everything that depends on them."""
    found = set(wanted)
    names = {quantity.key: seen_by(network, quantity) for quantity in network.computed}
    while True:  # once is enough where nothing recurs in time
        count = len(found)
        found.update(key for key, read in names.items() if not found.isdisjoint(read))
        if len(found) == count:
            return found


def behind_error(network: Network) -> set[str]:
    """The error and everything that it depends on."""
    return behind(network, {quantity.key for quantity in network.with_role(Role.TOTAL_ERROR)})


def behind(network: Network, keys: set[str]) -> set[str]:
    """These quantities and everything that they depend on."""
    found = set(keys)
    waiting = list(found)
    while waiting:
        quantity = network[waiting.pop()]
        new = seen_by(network, quantity) - found - {""} if quantity.formula is not None else set()
        found |= new
        waiting += new
    return found


def seen_by(network: Network, user: Quantity) -> set[str]:
    """The keys of what a derivative of a formula sees, also as what stands before the first time step of another."""
    used = refs(user.formula or ONE, moving=True)
    return {ref.name for ref in used} | {network[ref.name].start for ref in used if shifted(ref.index)}


def shifted(index: Sequence[Index]) -> bool:
    """Whether another time step may be read than that of a letter."""
    return bool(index) and index[0].letter is None


def held_still(network: Network) -> set[str]:
    """The keys of all that stands in a stop_gradient, and of what stands before the first time step of that."""
    parts = (part for one in network.computed if one.formula is not None for part in walk(one.formula))
    found = {ref.name for part in parts if is_still(part) for ref in refs(part)}
    return found | {network[key].start for key in found if network[key].start}
