"""What a lesson file may hold, field by field (documented for authors in docs/lesson-format.md)."""

from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias

from pydantic import Field, PrivateAttr, Tag

from stepnn.book.optimizers import INITS, OPTIMIZERS
from stepnn.lessons.learning import Optimizer, Regularization, Schedule, Training
from stepnn.lessons.said import Claim, Closing, Part, Prediction, Words
from stepnn.lessons.values import (
    ID,
    LETTER,
    LETTERS,
    MOST_CHOSEN,
    MOST_COMPARED,
    MOST_ELEMENTS,
    MOST_LAYERS,
    MOST_NAMED,
    MOST_NEURONS,
    MOST_PREDICTIONS,
    MOST_RUNS,
    MOST_SAMPLES,
    MOST_SHORTCUTS,
    MOST_UPDATES,
    NO_NAME_OR_NAME,
    SUFFIX,
    Measured,
    Name,
    Row,
    Value,
    Values,
    Weights,
    by_form,
)

Letter = Annotated[str, Field(pattern=LETTER)]
FormulaText = Annotated[str, Field(min_length=1)]
OneSetting = Annotated[
    Annotated[int, Tag("level:number")]
    | Annotated[str, Tag("level:text")]
    | Annotated[list[int], Field(max_length=4), Tag("level:list")],
    by_form("number", "text", "list"),
]
Setting = Annotated[
    Annotated[bool | int | float, Tag("level:number")]
    | Annotated[str, Tag("level:text")]
    | Annotated[list[OneSetting], Field(max_length=1000), Tag("level:list")],
    by_form("text", "number", "list"),
]


if TYPE_CHECKING:
    Update: TypeAlias = str
    Init: TypeAlias = str
else:
    Update = Literal[("perceptron", *OPTIMIZERS)]
    Init = Literal[INITS]
Kinds = Literal[
    "weighted sum", "activation", "output error", "total error", "error slope", "activation slope", "delta", "gradient",
    "weight update", "value", "batch gradient",
]  # fmt: skip
Picture = Literal["error curve", "regions", "descent", "deltas", "curves", "pixels", "scatter", "heat"]


class Inputs(Part):
    """The input neurons."""

    names: Annotated[list[Name], Field(min_length=1, max_length=MOST_NEURONS)]


class Activation(Part):
    """An activation function that the lesson itself defines, as a formula in `z` (and `alpha`)."""

    formula: FormulaText


class OwnQuantity(Part):
    """A quantity that the lesson itself defines: given numbers, a formula, a derivative of one of the others, or a
    whole kind of layer, which is several formulas at once.

    `index` holds its letters, as in "k, j"; `sizes` states those that do not follow from the formula. `start` is read
    before the first time step. `derivative` names what is differentiated and by what. `layer` groups quantities on
    the page. Of a kind of layer, `of` says what the names of its formulas are called here, `suffix` is put behind the
    names of what it defines, and `name` is that of its last quantity. `neurons` names the rows of a dense layer.
    `frozen` are names of elements of learned ones that no update changes.
    """

    name: Annotated[str, Field(pattern=NO_NAME_OR_NAME)] = ""
    index: Annotated[str, Field(pattern=LETTERS)] = ""
    values: Values | None = None
    formula: FormulaText | None = None
    sizes: dict[Letter, Annotated[int, Field(ge=1, le=MOST_NEURONS)]] = {}
    start: Name | None = None
    role: Literal["weighted sum", "activation", "bias"] | None = None
    kind: str | None = None
    of: Annotated[dict[Name, Name], Field(max_length=MOST_NAMED)] = {}
    settings: Annotated[dict[Name, Setting], Field(max_length=MOST_NAMED)] = {}
    suffix: Annotated[str, Field(pattern=SUFFIX)] = ""
    neurons: Annotated[list[Name], Field(max_length=MOST_NEURONS)] = []
    derivative: Annotated[list[Name], Field(min_length=2, max_length=2)] | None = None
    names: Annotated[list[Name], Field(max_length=MOST_ELEMENTS)] = []
    learned: bool = False
    frozen: Annotated[list[Name], Field(max_length=MOST_ELEMENTS)] = []
    gradient: bool = False
    activation: bool = False
    layer: Annotated[int, Field(ge=1, le=MOST_LAYERS)] = 1
    title: Words | None = None
    why: Words | None = None


class Loss(Part):
    """A loss that the lesson itself defines: the error of one output neuron, as a formula in `a` and `t`."""

    formula: FormulaText


class Shortcut(Part):
    """Edges that lead to a layer past those in between: from the layer of that number, 0 being the inputs."""

    from_layer: Annotated[int, Field(ge=0, le=MOST_LAYERS)]
    weights: Weights
    weight_names: list[list[Name]] | None = None


class Layer(Part):
    """One layer of neurons. Rows of `weights` are receiving neurons, columns are sending neurons; "none" is no edge.
    `activation` is one for all neurons, or a list with one for each.

    `frozen` are "weights", "biases", "alpha", or names of single ones and of neurons, that no update changes.
    """

    neurons: Annotated[list[Name], Field(min_length=1, max_length=MOST_NEURONS)]
    activation: Annotated[
        Annotated[Name, Tag("level:text")]
        | Annotated[list[Name], Field(min_length=1, max_length=MOST_NEURONS), Tag("level:list")],
        by_form("text", "list"),
    ]
    alpha: Value | None = None
    weights: Weights | None = None
    weight_names: list[list[Name]] | None = None
    shortcuts: Annotated[list[Shortcut], Field(max_length=MOST_SHORTCUTS)] = []
    biases: Row | None = None
    bias_names: list[Name] | None = None
    shared_bias: Value | None = None
    shared_bias_name: Name | None = None
    frozen: Annotated[list[Name], Field(max_length=MOST_NEURONS)] = []

    @property
    def functions(self) -> list[str]:
        """The activation functions that it has, one for each neuron where they differ."""
        return [self.activation] if isinstance(self.activation, str) else self.activation


class Sample(Part):
    """One training sample: a value for each input neuron and, for learning, a target for each output neuron."""

    inputs: Measured
    targets: Measured | None = None


class Data(Part):
    """Samples that the program makes itself, from a seed: pictures of digits, or noisy points on a curve."""

    source: Literal["digits", "points"]
    count: Annotated[int, Field(ge=1, le=100_000)]
    unseen: Annotated[int, Field(ge=0, le=100_000)] = 0
    noise: Annotated[Value, Field(ge=0, le=1)] = 0.1
    seed: Annotated[int, Field(ge=0)] = 1


class Run(Part):
    """The lesson once more with other settings: one of several runs that are walked through and compared.

    Every field but the texts takes the place of the lesson's own. `activation` is that of every layer but the last.
    `learned` names the quantities that learn in this run, all others stand still; one that `continues` begins with
    the numbers with which the run before it ended. One that came `later` leaves the lesson's printed codes as they are.
    """

    label: Words
    about: Words | None = None
    later: bool = False
    continues: bool = False
    unfold: Annotated[int, Field(ge=0, le=1000)] | None = None
    error: Name | None = None
    learned: list[Name] | None = None
    quantities: Annotated[list[OwnQuantity], Field(min_length=1, max_length=MOST_LAYERS)] | None = None
    learning_rate: Annotated[Value, Field(gt=0)] | None = None
    loss: Name | None = None
    update: Update | None = None
    updates: Annotated[int, Field(ge=0, le=MOST_UPDATES)] | None = None
    look_at_all_samples: bool | None = None
    learn_from: Annotated[list[Annotated[int, Field(ge=1)]], Field(max_length=MOST_CHOSEN)] | None = None
    init: Init | None = None
    activation: Name | None = None
    normalization: Literal["batch"] | None = None
    layers: Annotated[list[Layer], Field(min_length=1, max_length=MOST_LAYERS)] | None = None
    inputs: Inputs | None = None
    samples: Annotated[list[Sample], Field(min_length=1, max_length=MOST_SAMPLES)] | None = None
    training: Training | None = None
    optimizer: Optimizer | None = None
    schedule: Schedule | None = None
    regularization: Regularization | None = None


class Comparison(Part):
    """A line of the closing table: the same lesson calculated in another way."""

    label: Words
    biases: Literal["frozen", "shared", "own"] | None = None
    hidden_deltas: Literal["weights before the update", "weights after the update"] | None = None


class Variants(Part):
    """How `--seed` draws fresh numbers: multiples of `step`, from `low` to `high` or `around` the given ones. Given
    quantities in `keep`, such as a mask, stay as they are."""

    keep: list[Name] = []
    draw: list[Literal["inputs", "targets", "weights", "biases"]] = ["inputs", "targets", "weights", "biases"]
    low: Value = 0.05
    high: Value = 0.95
    step: Annotated[Value, Field(gt=0)] = 0.05
    around: Annotated[Value, Field(gt=0)] | None = None


class Scatter(Part):
    """Which quantities the picture `scatter` shows: points in a plane, the groups that they belong to (1 in the column
    of the group), places that move from time step to time step, and a direction."""

    points: Name
    groups: Name | None = None
    paths: Name | None = None
    direction: Name | None = None


class Lesson(Part):
    """A whole lesson file."""

    format_version: Literal[1]
    id: Annotated[str, Field(pattern=ID)]
    part: Annotated[int, Field(ge=1, le=6)] = 6
    title: Words
    goal: Words
    introduction: Words
    keys: Words | None = None
    digits: Annotated[int, Field(ge=0, le=15)] = 8
    learning_rate: Annotated[Value, Field(gt=0)] | None = None
    loss: Name | None = None
    error: Name | None = None
    update: Update | None = None
    updates: Annotated[int, Field(ge=0, le=MOST_UPDATES)] = 1
    look_at_all_samples: bool = False
    learn_from: Annotated[list[Annotated[int, Field(ge=1)]], Field(max_length=MOST_CHOSEN)] = []
    weight_seed: Annotated[int, Field(ge=0)] | None = None
    init: Init = "uniform"
    unfold: Annotated[int, Field(ge=0, le=1000)] = 16
    walk: Annotated[list[Kinds], Field(max_length=MOST_NAMED)] = []
    derive: bool = False
    normalization: Literal["batch"] | None = None
    pictures: Annotated[list[Picture], Field(max_length=20)] = []
    scatter: Scatter | None = None
    heat: Name | None = None
    inputs: Inputs | None = None
    layers: Annotated[list[Layer], Field(max_length=MOST_LAYERS)] = []
    quantities: Annotated[list[OwnQuantity], Field(max_length=MOST_LAYERS)] = []
    samples: Annotated[list[Sample], Field(max_length=MOST_SAMPLES)] = []
    data: Data | None = None
    optimizer: Annotated[Optimizer, Field(default_factory=Optimizer)]
    training: Annotated[Training, Field(default_factory=Training)]
    schedule: Schedule | None = None
    regularization: Regularization | None = None
    runs: Annotated[list[Run], Field(max_length=MOST_RUNS)] = []
    activations: Annotated[dict[Name, Activation], Field(max_length=MOST_NAMED)] = {}
    losses: Annotated[dict[Name, Loss], Field(max_length=MOST_NAMED)] = {}
    why: Annotated[dict[Name, Words], Field(max_length=MOST_NAMED)] = {}
    predictions: Annotated[list[Prediction], Field(max_length=MOST_PREDICTIONS)] = []
    claims: Annotated[list[Claim], Field(max_length=MOST_NAMED)] = []
    closing: Closing
    compare: Annotated[list[Comparison], Field(max_length=MOST_COMPARED)] = []
    variants: Variants = Variants()
    _shipped: bool = PrivateAttr(default=False)

    @property
    def shipped(self) -> bool:
        """Whether it comes with stepnn, so that a test has compared its gradients already."""
        return self._shipped

    def as_shipped(self) -> Self:
        """The same lesson, known to come with stepnn."""
        found = self.model_copy()
        found._shipped = True
        return found
