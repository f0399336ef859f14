"""Single weights and neurons that learning leaves as they are, by the names that a reader sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from stepnn.errors import Fault, LessonError
from stepnn.lessons.opening import Placed
from stepnn.lessons.parts import choose
from stepnn.network.model import Network, Position, Quantity
from stepnn.network.names import Names
from stepnn.words.told import told


def with_still(network: Network, placed: Sequence[Placed], lesson: str) -> Network:
    """The network in which the elements that its tables call frozen are never updated. Raises LessonError."""
    wanted = {one.name: one.own.frozen for one in placed if one.own.frozen and one.name in network.by_key}
    if not any(wanted.values()):
        return without_learning(network, network.quantities)
    names = Names(network)
    called = {key: {one: named(names, network[key], one) for one in network[key].positions} for key in wanted}
    faults = list(unknown(wanted, called))
    if faults:
        raise LessonError(lesson, faults)
    return without_learning(network, [frozen(one, called[one.key], wanted[one.key]) if one.key in wanted else one
                                      for one in network.quantities])  # fmt: skip


def named(names: Names, quantity: Quantity, position: Position) -> tuple[str, ...]:
    """What an element is called, and the neuron that it belongs to."""
    own = quantity.axes[0].labels[position[0]] if quantity.axes and quantity.axes[0].is_named else ""
    return names.ascii(quantity.element(position)), own


def frozen(quantity: Quantity, called: Mapping[Position, tuple[str, ...]], wanted: Sequence[str]) -> Quantity:
    still = frozenset(position for position, names in called.items() if set(names) & set(wanted))
    return replace(quantity, still=still)


def unknown(
    wanted: Mapping[str, Sequence[str]], called: Mapping[str, Mapping[Position, tuple[str, ...]]]
) -> Iterator[Fault]:
    """Names that no element has; those of one layer may be a weight's or a bias's."""
    known = list(dict.fromkeys(name for one in called.values() for names in one.values() for name in names if name))
    for name in dict.fromkeys(one for names in wanted.values() for one in names):
        if name not in known:
            key = next(key for key, names in wanted.items() if name in names)
            yield Fault(f"{key}.frozen", told("nothing_is_called_here", name=name), f'"{name}"', *choose(name, known))


def without_learning(network: Network, quantities: Sequence[Quantity]) -> Network:
    """The network with these quantities; a parameter without anything to learn is frozen as a whole."""
    nothing = {one.key for one in quantities if one.missing | one.still and len(one.unlearned) == len(one.grid)}
    return Network(tuple(quantities), network.frozen | nothing)
