"""Arrays as boards of cells: which window lies under the filter, which time step is worked out, which pair is compared.

A board is read off the formulas: the arrays that a step uses and the one that it computes, with the cells in use lit.
Arrays with time steps stand in one panel, step beside step: the unrolled sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from stepnn.drawing.picture import neuron_layers
from stepnn.lessons.setup import Setup
from stepnn.network.model import Network, Quantity, Role
from stepnn.network.names import Name, array_name, indexed, label_name, renewed
from stepnn.notation.formula import Ref, refs
from stepnn.notation.index import Index
from stepnn.notation.indices import steps_apart
from stepnn.notation.mathematics import PARTIAL, Style, Symbol, letter, number
from stepnn.notation.numbers import NOTHING, Decimal, given
from stepnn.trace.step import Step

STROKE, SPACE = Symbol("/", "/", Style.WORD), Symbol(" ", r"\ ", Style.WORD)
MOST_ROWS, MOST_COLUMNS = 12, 14  # of one panel; what is larger is not drawn
MOST_SLICES = 3  # of an array with more than two indices, at a step
MOST_GIVEN_SLICES = 8  # of one that is given
MOST_PANELS = 5
MOST_UNROLLED = 11  # rows of an unrolled sequence


@dataclass(frozen=True)
class Tile:
    """One cell: the element that it stands for, and whether the step uses or computes it."""

    ref: Ref
    lit: bool = False
    focus: bool = False


@dataclass(frozen=True)
class Panel:
    """An array row by row under its name. Of an unrolled sequence `sides` name the rows and `heads` the time steps.

    `flows` say for each row whether every column leads to the next (1), or the next to it (−1), or neither (0).
    """

    name: Name
    rows: tuple[tuple[Tile, ...], ...]
    sides: tuple[Name, ...] = ()
    heads: tuple[str, ...] = ()
    flows: tuple[int, ...] = ()


Board = tuple[Panel, ...]
Make = Callable[[Ref], Tile]


def step_board(step: Step) -> Board:
    """The arrays that a step uses, then the one that it computes; nothing where these are only single numbers."""
    if step.ref is None or step.quantity is None or step.moment.samples:
        return ()
    network = step.moment.network
    used = step.used

    def tile(ref: Ref) -> Tile:
        return Tile(ref, ref in used, ref == step.ref)

    touched = [network[name] for name in dict.fromkeys(ref.name for ref in (*used, step.ref))]
    if not any((len(one.axes) > 1 and one.count > 1) or timed(one) for one in touched):
        return ()
    lit = [*used, step.ref]
    rows = [one for one in touched if timed(one) and len(one.axes) < 3]
    found = [sequence(network, touched, lit, tile)] if rows else []
    for quantity in touched:
        if quantity.axes and quantity not in rows:
            found += panels(network, quantity, lit, tile)
    return tuple(found[: MOST_PANELS - 1] + found[-1:] if len(found) > MOST_PANELS else found)


def given_board(setup: Setup) -> Board:
    """The given arrays of a lesson that is written as formulas, those of a single row left out."""
    return tuple(panel for quantity in drawn(setup) for panel in given_panels(setup, quantity))


def given_number(setup: Setup, ref: Ref) -> Decimal:
    """A given number as it is shown; none where there is no element."""
    return NOTHING if setup.network[ref.name].lacks(ref.index) else given(setup.value(setup.names.ascii(ref)))


def drawn(setup: Setup) -> list[Quantity]:
    """The quantities of which `given_board` has panels."""
    if neuron_layers(setup.network):
        return []
    given = [one for one in setup.network.with_role(Role.GIVEN, Role.WEIGHT) if one.formula is None]
    return [one for one in given if len(one.axes) > 1 and min(one.shape[-2:]) > 1]


def given_panels(setup: Setup, quantity: Quantity) -> list[Panel]:
    return panels(setup.network, quantity, [], Tile, MOST_GIVEN_SLICES)


def drawn_keys(setup: Setup) -> set[str]:
    """The keys of the quantities of which every number stands in the board."""
    found = drawn(setup)
    return {
        one.key
        for one in found
        if sum(len(panel.rows) * len(panel.rows[0]) for panel in given_panels(setup, one)) == len(one.grid)
    }


def timed(quantity: Quantity) -> bool:
    return bool(quantity.axes and quantity.axes[0].time)


def panels(
    network: Network, quantity: Quantity, lit: Sequence[Ref], tile: Make, most: int = MOST_SLICES
) -> list[Panel]:
    """An array as one panel, or as its slices where it has more than two indices: those in use, or the first ones."""
    height = quantity.shape[-2] if len(quantity.axes) > 1 else 1
    if quantity.shape[-1] > MOST_COLUMNS or height > MOST_ROWS:
        return []
    outer = [range(size) for size in quantity.shape[:-2]]
    wanted = {tuple(one.constant for one in ref.index[:-2]) for ref in lit if ref.name == quantity.key}
    slices = [front for front in product(*outer) if not wanted or front in wanted][:most]
    found = []
    for front in slices:
        rows = [(*front, row) for row in range(height)] if len(quantity.axes) > 1 else [front]
        cells = ((tile(quantity.element((*row, column))) for column in range(quantity.shape[-1])) for row in rows)
        found.append(Panel(named(network, quantity, front), tuple(map(tuple, cells))))
    return found


def named(network: Network, quantity: Quantity, front: Sequence[int] = ()) -> Name:
    """What a whole array is called: x, δ, ∂E/∂w, w_new; a slice with the place of its first indices."""
    if quantity.role is Role.UPDATED:
        return renewed(named(network, network[quantity.of], front))
    if quantity.wrt is not None and quantity.role is not Role.DELTA:
        above, below = (named(network, network[one.name]) for one in quantity.wrt)
        typeset = (PARTIAL, *above.typeset, STROKE, PARTIAL, *below.typeset)
        name = Name(f"∂{above.text}/∂{below.text}", typeset, f"d{above.ascii}_d{below.ascii}")
    else:
        name = array_name(quantity.glyph)
    return with_label(name, "_".join(axis.labels[place] for axis, place in zip(quantity.axes, front, strict=False)))


def with_label(name: Name, label: str) -> Name:
    """A name with the place of a slice or a unit behind it."""
    if not label:
        return name
    low = Name(label, number(label.replace("_", ",")), label)
    if label[0] == "t":
        low = Name(label, (letter("t"), *number(label[1:])), label)
    derivative = name.typeset[0] == PARTIAL
    typeset = (*name.typeset, SPACE, *low.typeset) if derivative else indexed(name, low.typeset)
    return Name(f"{name.text}_{label}", typeset, f"{name.ascii}_{label}")


def sequence(network: Network, touched: Sequence[Quantity], lit: Sequence[Ref], tile: Make) -> Panel:
    """All quantities with time steps, one row for each of their units, the last computed on top."""
    size = next(one.shape[0] for one in reversed(touched) if timed(one) and len(one.axes) < 3)
    shown = [one for one in network.quantities if unrolled(one, size) and (one in touched or plain(one))]
    own = lit[-1].index[1:] if lit else ()  # of rows that the step does not use, those of the unit it works on
    rows = [(one, unit) for one in shown for unit in units(one, lit, len(shown), own)]
    rows = [row for row in rows if row[0] in touched or len(rows) <= MOST_UNROLLED]
    flows = directions(network)
    tiles, sides, turns = [], [], []
    for quantity, unit in reversed(rows):
        tiles.append(tuple(tile(quantity.element((step, *unit))) for step in range(size)))
        sides.append(row_name(network, quantity, unit))
        turns.append(flows.get(quantity.key, 0))
    heads = tuple(f"t={label}" for label in rows[0][0].axes[0].labels)
    return Panel(label_name(""), tuple(tiles), tuple(sides), heads, tuple(turns))


def unrolled(quantity: Quantity, size: int) -> bool:
    return timed(quantity) and quantity.shape[0] == size and len(quantity.axes) <= 2


def plain(quantity: Quantity) -> bool:
    """Whether a row is shown also where the step does not use it: inputs, and what the network gives on."""
    return quantity.wrt is None and quantity.role in (Role.GIVEN, Role.INPUT, Role.ACTIVATION, Role.VALUE)


def units(quantity: Quantity, lit: Sequence[Ref], count: int, own: Sequence[Index]) -> list[tuple[int, ...]]:
    """The units of which there are rows: all of few, those in use of many, or else the unit that the step works on."""
    if len(quantity.axes) == 1:
        return [()]
    every: list[tuple[int, ...]] = [(unit,) for unit in range(quantity.shape[1])]
    if count * len(every) <= MOST_UNROLLED:
        return every
    used: list[tuple[int, ...]] = sorted({(ref.index[1].constant,) for ref in lit if ref.name == quantity.key})
    same: list[tuple[int, ...]] = [(one.constant,) for one in own[:1] if one.constant < quantity.shape[1]]
    return used or same or every[:1]


def row_name(network: Network, quantity: Quantity, unit: tuple[int, ...]) -> Name:
    """The name of one unit over time: h_t2."""
    alone = not unit or quantity.shape[1] == 1
    return with_label(named(network, quantity), "" if alone else f"t{quantity.axes[1].labels[unit[0]]}")


def directions(network: Network) -> dict[str, int]:
    """The quantities that are read at another time step: 1 from the one before, −1 from the one behind."""
    found: dict[str, int] = {}
    for quantity in network.computed:
        for ref in refs(quantity.formula) if quantity.formula is not None and timed(quantity) else []:
            derived = quantity.wrt is None, network[ref.name].wrt is None  # what comes back is read from what went
            if derived[0] == derived[1] and (apart := steps_apart(ref, quantity.letters)):
                found[ref.name] = 1 if apart < 0 else -1
    return found
