"""A step: one thing that is computed, with its formula in three printed forms. A step is data and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stepnn.network.identity import What, is_a
from stepnn.network.model import Network, Quantity, Role
from stepnn.network.names import Names
from stepnn.notation.digits import Digits
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Formula, Ref, Worked
from stepnn.notation.numbers import NOTHING, Decimal, given, rounded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stepnn.lessons.said import Prediction
    from stepnn.lessons.setup import Setup
    from stepnn.trace.forms import Forms


class Phase(Enum):
    """Which part of the walk a step belongs to."""

    START = "start"
    TRAINING = "training"
    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"
    END = "end"


class Kind(Enum):
    """What a step does, called as the role of what it computes. Each has a title and a reason in every language."""

    GIVEN = "given"
    WEIGHTED_SUM = "weighted sum"
    ACTIVATION = "activation"
    OUTPUT_ERROR = "output error"
    TOTAL_ERROR = "total error"
    ERROR_SLOPE = "error slope"
    ACTIVATION_SLOPE = "activation slope"
    WEIGHTED_SUM_SLOPE = "weighted sum slope"
    DELTA = "delta"
    GRADIENT = "gradient"
    WEIGHT_UPDATE = "weight update"
    VALUE = "value"
    BATCH_ERROR = "batch error"
    BATCH_GRADIENT = "batch gradient"
    NEW_STATE = "new state"
    AUXILIARY = "auxiliary value"
    PERCEPTRON_ERROR = "perceptron error"
    PERCEPTRON_UPDATE = "perceptron update"
    TERM = "term"
    PASS = "pass"
    LAYER = "layer"
    RUN = "run"
    DERIVATION = "derivation"
    TRAINING = "training"
    PICTURE = "picture"
    LETTERS = "letters"
    NUDGE = "nudge"
    PATH = "path"
    PATHS = "paths"
    CHECK = "check"
    PREDICT = "predict"
    PREDICTED = "predicted"
    SUMMARY = "summary"
    COST = "cost"
    QUESTION = "question"
    ANSWER = "answer"


@dataclass(frozen=True)
class Policy:
    """How numbers are carried on and shown: with `digits` digits after the point, or so many `significant` ones.

    `rounded`: every computed value is rounded to what is shown before it is used.
    """

    digits: int = 8
    rounded: bool = False
    significant: bool = False

    def kept(self, value: float) -> float:
        """What is carried on of a computed value."""
        return rounded(value, self.digits) if self.rounded else value

    def shown(self, value: float) -> Decimal:
        """A computed value as it is shown."""
        return self.exactly.shown(value)

    @cached_property
    def exactly(self) -> Digits:
        return Digits(self.digits, self.significant)


@dataclass(frozen=True)
class Jump:
    """A stretch of training between two moments that is not shown update by update.

    `first` and `last` are its epochs, `updates` how many were made, `before` and `after` the mean errors.
    """

    first: int
    last: int
    updates: int
    before: float
    after: float
    batch: int | str


@dataclass(frozen=True, eq=False)
class Moment:
    """The numbers of one forward pass, and of the backward pass and update that follow it.

    `values` holds one array per quantity key. `given` are the keys whose values were given, not computed.
    `made_in` is the pass whose update computed the parameters (step ids `p<pass>.<symbol>_new`), 0 at first.
    The update of a batch is a moment of its own: `samples` are those of the batch, `passes` the numbers of their
    passes. `jump` is the training before it, `epoch` that of the training, 0 where the walk shows all of it.
    """

    number: int
    sample: int
    forms: Forms
    policy: Policy
    values: Mapping[str, NDArray[Any]]
    given: frozenset[str]
    made_in: int = 0
    samples: tuple[int, ...] = ()
    passes: tuple[int, ...] = ()
    jump: Jump | None = None
    epoch: int = 0
    run: int = 1
    setup: Setup = field(kw_only=True)

    @property
    def network(self) -> Network:
        """Everything that is worked out, the derived quantities too."""
        return self.forms.network

    @property
    def names(self) -> Names:
        return self.forms.names

    @property
    def goes_back(self) -> bool:
        """Whether a backward pass or an update follows the forward pass."""
        return self.has_learned or any(is_a(key, What.ERROR_SLOPE) for key in self.values)

    @property
    def has_learned(self) -> bool:
        """Whether an update follows the forward pass."""
        return any(is_a(key, What.NEW) for key in self.values)

    @property
    def is_exact(self) -> bool:
        """Whether its numbers are fractions."""
        return all(array.dtype == object for array in self.values.values())

    def value(self, ref: Ref) -> float:
        """The number at one element."""
        return float(self.values[ref.name][tuple(index.constant for index in ref.index)]) + 0.0  # −0 is 0

    def decimal(self, part: Ref | Worked) -> Decimal:
        """A number as it is shown: a given one as it was given, a computed one to the digits of the policy."""
        if isinstance(part, Worked):
            return self.policy.shown(part.value)
        if self.network[part.name].lacks(part.index):
            return NOTHING
        value = self.value(part)
        return given(value) if part.name in self.given else self.policy.shown(value)

    def array(self, key: str) -> NDArray[Any]:
        """All numbers of a quantity as float64."""
        return self.values[key].astype(float)

    def source(self, ref: Ref) -> str | None:
        """The id of the step that computed the element, or None for a given number."""
        if ref.name in self.given:
            return None
        quantity = self.network[ref.name]
        if self.samples and quantity.formula is None and quantity.role in (Role.GRADIENT, Role.TOTAL_ERROR):
            return self.source_in_batch(ref)
        symbol = self.names.ascii(ref)
        if quantity.formula is None:  # a parameter or a state; after training that is not shown it comes from no step
            network, still = self.setup.network, tuple(one.constant for one in ref.index) in quantity.still
            learned = not still and (not self.setup.carried or ref.name in {one.key for one in network.trained})
            return f"p{self.made_in}.{symbol}_new" if self.made_in and learned else None
        return f"p{self.number}.{symbol}"

    def source_in_batch(self, ref: Ref) -> str:
        """The id of the step that computed a sample's error or gradient, in the pass of that sample."""
        number = self.passes[ref.index[0].constant]
        wrt = self.network[ref.name].wrt
        if wrt is None:
            return f"p{number}.{self.network[ref.name].glyph}"
        below = Ref(wrt[1].name, ref.index[1:])
        return f"p{number}.d{self.network[wrt[0].name].glyph}_d{self.names.ascii(below)}"


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """One step of the walk: what is computed, where, and from what.

    A step with a `ref` computes one element of `quantity`; without one it is an overview of the quantity, a
    layer or a pass. `term` is set where the step is one term of a sum: its right side. `in_full` asks for the
    whole chain of factors on the page. Equations are worked out when they are asked for. `about` is the step that a
    page speaks of which computes nothing itself, `prediction` what is asked before it.
    """

    phase: Phase
    kind: Kind
    moment: Moment
    layer: int = 0
    quantity: Quantity | None = None
    ref: Ref | None = None
    parent: Step | None = None
    label: str = ""
    term: Formula | None = None
    in_full: bool = False
    picture: str = ""
    about: Step | None = None
    prediction: Prediction | None = None
    make_children: Callable[[Step], tuple[Step, ...]] = field(default=lambda step: (), repr=False)

    def __repr__(self) -> str:
        return f"<Step {self.id}{'' if self.value is None else f' = {self.value!r}'}>"

    @cached_property
    def symbol(self) -> str:
        """The plain ASCII name of what is computed, such as `delta_o1`; for an overview, of what it shows."""
        return self.label or (self.moment.names.ascii(self.ref) if self.ref else "")

    @property
    def id(self) -> str:
        """Unique in the trace: pass and symbol, as in `p1.delta_o1`."""
        return f"p{self.moment.number}.{self.symbol}"

    @property
    def pass_number(self) -> int:
        """Which forward pass this step belongs to, from 1; the first update lies between passes 1 and 2."""
        return self.moment.number

    @property
    def sample(self) -> int:
        """Which training sample the step works on, from 1."""
        return self.moment.sample

    @cached_property
    def children(self) -> tuple[Step, ...]:
        """The steps inside this one, made when they are first asked for."""
        return self.make_children(self)

    @cached_property
    def general(self) -> tuple[Formula, ...]:
        """The right sides of the equation at general indices, each equal to the one before."""
        return self.moment.forms.general(self)

    @cached_property
    def here(self) -> tuple[Formula, ...]:
        """The right sides of the equation for this element, in symbols."""
        return self.moment.forms.here(self)

    @property
    def numbers(self) -> tuple[Formula, ...]:
        """The right sides to be shown with numbers in them. A rounded value fits only the one it follows from."""
        return self.here[-1:] if self.moment.policy.rounded else self.here

    @cached_property
    def value(self) -> float | None:
        """The result at full precision (under the rounding policy: rounded); None for an overview."""
        if self.term is not None:
            return self.moment.policy.kept(float(evaluate(self.term, self.moment.value)) + 0.0)
        return None if self.ref is None else self.moment.value(self.ref)

    @property
    def used(self) -> Sequence[Ref]:
        """The elements that it is worked out from, in the order in which they are read."""
        return self.moment.forms.used(self)

    @property
    def uses(self) -> tuple[str, ...]:
        """The ids of the steps whose values this one uses, in the order in which they are read."""
        found = map(self.moment.source, self.used)
        return tuple(dict.fromkeys(one for one in found if one))
