"""What a network is: an ordered list of quantities, each defined once by a formula over named indices.

Nothing here knows about layers: a dense layer, a convolution and a recurrence are all lists of quantities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from math import prod

from stepnn.notation.formula import ZERO, Formula, Ref, Sum, refs, transform
from stepnn.notation.index import Index, letter_index, number_index
from stepnn.notation.indices import expand, looked_up, with_indices


class Role(Enum):
    """What a quantity is in the network, in the field's own terms."""

    INPUT = "input"
    TARGET = "target"
    WEIGHT = "weight"
    BIAS = "bias"
    ACTIVATION_PARAMETER = "activation parameter"
    LEARNING_RATE = "learning rate"
    WEIGHTED_SUM = "weighted sum"
    ACTIVATION = "activation"
    OUTPUT_ERROR = "output error"
    TOTAL_ERROR = "total error"
    GIVEN = "given number"  # of a lesson that is written as formulas; never learned
    VALUE = "value"  # computed by a formula of the lesson's own
    # Derived from the ones above:
    ERROR_SLOPE = "error slope"  # ∂E/∂a: how fast the error changes with another quantity
    LOCAL_SLOPE = "local slope"  # ∂a/∂z: one link of the chain rule
    DELTA = "delta"  # ∂E/∂z
    GRADIENT = "gradient"  # ∂E/∂w
    UPDATED = "weight update"
    # Of learning, beside the learning rate:
    SETTING = "setting"  # a number of the optimiser, such as β
    UPDATE_NUMBER = "update number"  # τ: counts updates from 1
    STATE = "state"  # what an optimiser remembers from the update before, such as a velocity
    NEW_STATE = "new state"
    AUXILIARY = "auxiliary value"  # on the way to the new parameter, such as a corrected average
    BATCH_ERROR = "batch error"
    BATCH_GRADIENT = "batch gradient"


Position = tuple[int, ...]
SAMPLE = "sample"  # the index letter over the samples of a batch, in compiled functions
PARAMETERS = (Role.WEIGHT, Role.BIAS, Role.ACTIVATION_PARAMETER)
DATA = (Role.INPUT, Role.TARGET)
ERRORS = (Role.OUTPUT_ERROR, Role.TOTAL_ERROR)


@dataclass(frozen=True)
class Axis:
    """What an index runs over: the letter used in general formulas, and a label for each position."""

    letter: str
    labels: tuple[str, ...]
    time: int = 0  # 1 or −1 where the positions are time steps that are worked out forward or backward

    @property
    def size(self) -> int:
        return len(self.labels)

    @property
    def is_named(self) -> bool:
        """Whether its positions have names, as neurons have, and not only numbers."""
        return not all(label.isdigit() for label in self.labels)


@dataclass(frozen=True)
class Quantity:
    """One named array of numbers and the formula that defines each of its elements.

    `key` is unique in its network; `glyph` is the letter that readers see. `axes` give its shape: weights
    have the axes (receiving neuron, sending neuron). `names` are printed names of single elements, row by
    row, where they have their own (`w5`). The formula's free letters are those of the axes. `layer` counts
    from 1; 0 is the input. `wrt` holds, for a derivative, the keys of what is differentiated and by what.
    `function` is the name of the activation, loss function or optimiser that the formula belongs to. `of` is the
    key of the parameter that an updated value or a state of the optimiser belongs to. `start` is the key of the
    quantity that is read before the first time step, where there is one. `line` says which formula of which kind of
    layer it is, as a key of the catalogue. `missing` are positions without an element, as that of an edge that is left
    out: it reads as 0. `still` are elements of a parameter that are never updated.
    """

    key: str
    role: Role
    glyph: str
    axes: tuple[Axis, ...] = ()
    formula: Formula | None = None
    names: tuple[str, ...] = ()
    layer: int = 0
    wrt: tuple[Ref, Ref] | None = None
    function: str = ""
    of: str = ""
    start: str = ""
    line: str = ""
    missing: frozenset[Position] = frozenset()
    still: frozenset[Position] = frozenset()

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(axis.size for axis in self.axes)

    @property
    def letters(self) -> tuple[str, ...]:
        return tuple(axis.letter for axis in self.axes)

    @property
    def general(self) -> Ref:
        """The element at the general indices: z_k."""
        return Ref(self.key, tuple(letter_index(axis.letter) for axis in self.axes))

    def element(self, position: Sequence[int]) -> Ref:
        """The element at one position: z_o1."""
        return Ref(self.key, tuple(number_index(n) for n in position))

    def lacks(self, index: Sequence[Index]) -> bool:
        """Whether there is no element at these indices: one of them is a number outside its axis, or it is missing."""
        outside = any(
            one.is_number and not 0 <= one.constant < axis.size for one, axis in zip(index, self.axes, strict=True)
        )
        return outside or (
            bool(self.missing) and tuple(one.constant for one in index) in self.missing and settled(index)
        )

    @property
    def grid(self) -> list[Position]:
        """Every position of the array, row by row, those without an element too."""
        found: list[Position] = [()]
        for axis in self.axes:
            found = [(*head, n) for head in found for n in range(axis.size)]
        return found

    @property
    def positions(self) -> list[Position]:
        """The position of every element, row by row."""
        return [one for one in self.grid if one not in self.missing] if self.missing else self.grid

    @property
    def unlearned(self) -> frozenset[Position]:
        """Positions of a parameter where there is nothing to learn: of its gradient there is no element there."""
        return self.missing | self.still

    @property
    def before_first(self) -> int:
        """The position of what stands before the first time step: −1, or behind the last one going backward."""
        return self.shape[0] if self.axes[0].time < 0 else -1

    @property
    def count(self) -> int:
        """How many elements the array has."""
        return prod(self.shape) - len(self.missing)


@dataclass(frozen=True)
class Network:
    """Quantities in the order in which they are computed. `frozen` are the keys of parameters never updated."""

    quantities: tuple[Quantity, ...]
    frozen: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def by_key(self) -> Mapping[str, Quantity]:
        return {quantity.key: quantity for quantity in self.quantities}

    def __getitem__(self, key: str) -> Quantity:
        return self.by_key[key]

    def resolve(self, ref: Ref) -> Formula:
        """What an element reads as: itself, what stands before the first time step, or 0."""
        return reads_as(ref, self.by_key)

    def definition(self, ref: Ref) -> Formula:
        """The formula of an element with all sums written out; of a given one, the element itself."""
        quantity = self[ref.name]
        if quantity.formula is None:
            return ref
        if ref not in self.definitions:
            where = dict(zip(quantity.letters, ref.index, strict=True))
            self.definitions[ref] = expand(with_indices(quantity.formula, where), self.resolve)
        return self.definitions[ref]

    @cached_property
    def definitions(self) -> dict[Ref, Formula]:
        """Those that have been asked for."""
        return {}

    def with_role(self, *roles: Role) -> list[Quantity]:
        return [quantity for quantity in self.quantities if quantity.role in roles]

    @property
    def parameters(self) -> list[Quantity]:
        return self.with_role(*PARAMETERS)

    @property
    def trained(self) -> list[Quantity]:
        """The parameters that learning changes."""
        return [quantity for quantity in self.parameters if quantity.key not in self.frozen]

    def learns(self, ref: Ref) -> bool:
        """Whether learning changes this element of a parameter."""
        quantity = self[ref.name]
        position = tuple(one.constant for one in ref.index)
        return quantity in self.trained and position not in quantity.unlearned

    @property
    def computed(self) -> list[Quantity]:
        """The quantities with a formula, in order."""
        return [quantity for quantity in self.quantities if quantity.formula is not None]

    @property
    def total_error(self) -> Quantity | None:
        found = self.with_role(Role.TOTAL_ERROR)
        return found[0] if found else None

    @cached_property
    def has_neurons(self) -> bool:
        """Whether it is a network of neurons with names; one that is written as formulas alone has none."""
        return any(axis.is_named for quantity in self.with_role(Role.WEIGHTED_SUM) for axis in quantity.axes)

    @property
    def layers(self) -> int:
        """How many layers of neurons there are; the input is not counted."""
        return max((quantity.layer for quantity in self.quantities), default=0)

    @cached_property
    def positions(self) -> frozenset[str]:
        """The keys of given tables in which formulas look positions up: the formulas are made for these numbers."""
        return frozenset(key for quantity in self.computed if quantity.formula for key in looked_up(quantity.formula))

    def extended(self, more: Sequence[Quantity]) -> Network:
        """The network with further quantities behind its own."""
        return Network((*self.quantities, *more), self.frozen)


def settled(index: Sequence[Index]) -> bool:
    """Whether no letter is left in any of the indices."""
    return all(one.is_number for one in index)


def reads_as(ref: Ref, quantities: Mapping[str, Quantity]) -> Formula:
    """What an element reads as: itself, what stands before the first time step, or 0 where it does not exist."""
    quantity = quantities[ref.name]
    if quantity.start and ref.index[0] == number_index(quantity.before_first):
        return reads_as(Ref(quantity.start, ref.index[1:]), quantities)
    return ZERO if quantity.lacks(ref.index) else ref


def samplewise(quantities: Mapping[str, Quantity]) -> set[str]:
    """The keys of the quantities that differ from sample to sample; a sum over all samples does not."""
    uses = {
        key: {ref.name for ref in refs(without_sample_sums(quantity.formula))}
        if quantity.formula is not None
        else set()
        for key, quantity in quantities.items()
    }
    found = {key for key, quantity in quantities.items() if quantity.role in DATA}
    while True:  # once is enough where nothing recurs in time
        count = len(found)
        found.update(key for key, names in uses.items() if not found.isdisjoint(names))
        if len(found) == count:
            return found


def without_sample_sums(formula: Formula) -> Formula:
    return transform(formula, lambda part: ZERO if isinstance(part, Sum) and part.letter == SAMPLE else None)
