"""What a lesson file may hold, field by field (documented for authors in docs/lesson-format.md)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT_VERSION = 1
MOST_NEURONS = 10_000
MOST_LAYERS = 100
MOST_UPDATES = 1_000
MOST_STEPS = 1_000_000  # numbers that a variant can be drawn from
MOST_SAMPLES = 1_000
MOST_WEIGHTS = 1_000_000

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,29}$")]
Value = Annotated[float, Field(allow_inf_nan=False)]
Row = Annotated[list[Value], Field(min_length=1, max_length=MOST_NEURONS)]
Text = Annotated[str, Field(max_length=4_000, pattern=r"\S")]
FormulaText = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """Any table of a lesson file: no unknown fields, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class Words(Part):
    """A text in every language."""

    en: Text
    ko: Text


class Inputs(Part):
    """The input neurons."""

    names: Annotated[list[Name], Field(min_length=1, max_length=MOST_NEURONS)]


class Activation(Part):
    """An activation function that the lesson itself defines, as a formula in `z` (and `alpha`)."""

    formula: FormulaText


class Loss(Part):
    """A loss that the lesson itself defines: the error of one output neuron, as a formula in `a` and `t`."""

    formula: FormulaText


class Layer(Part):
    """One layer of neurons. Rows of `weights` are receiving neurons, columns are sending neurons."""

    neurons: Annotated[list[Name], Field(min_length=1, max_length=MOST_NEURONS)]
    activation: Name
    alpha: Value | None = None
    weights: Annotated[list[Row], Field(min_length=1)] | None = None
    weight_names: list[list[Name]] | None = None
    biases: Row | None = None
    bias_names: list[Name] | None = None
    shared_bias: Value | None = None
    shared_bias_name: Name | None = None
    frozen: list[Literal["weights", "biases", "alpha"]] = []


class Sample(Part):
    """One training sample: a value for each input neuron and, for learning, a target for each output neuron."""

    inputs: Row
    targets: Row | None = None


class Closing(Part):
    """The question at the end, and its answer."""

    question: Words
    answer: Words


class Comparison(Part):
    """A line of the closing table: the same lesson calculated in another way."""

    label: Words
    biases: Literal["frozen", "shared", "own"] | None = None
    hidden_deltas: Literal["weights before the update", "weights after the update"] | None = None


class Variants(Part):
    """How `--seed` draws fresh numbers: multiples of `step`, from `low` to `high` or `around` the given ones."""

    draw: list[Literal["inputs", "targets", "weights", "biases"]] = ["inputs", "targets", "weights", "biases"]
    low: Value = 0.05
    high: Value = 0.95
    step: Annotated[Value, Field(gt=0)] = 0.05
    around: Annotated[Value, Field(gt=0)] | None = None


class Lesson(Part):
    """A whole lesson file."""

    format_version: Literal[1]
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    part: Annotated[int, Field(ge=1, le=6)] = 6
    title: Words
    goal: Words
    introduction: Words
    digits: Annotated[int, Field(ge=0, le=15)] = 8
    learning_rate: Annotated[Value, Field(gt=0)] | None = None
    loss: Name | None = None
    update: Literal["gradient descent", "perceptron"] | None = None
    updates: Annotated[int, Field(ge=0, le=MOST_UPDATES)] = 1
    look_at_all_samples: bool = False
    learn_from: list[Annotated[int, Field(ge=1)]] = []
    weight_seed: Annotated[int, Field(ge=0)] | None = None
    inputs: Inputs
    layers: Annotated[list[Layer], Field(min_length=1, max_length=MOST_LAYERS)]
    samples: Annotated[list[Sample], Field(min_length=1, max_length=MOST_SAMPLES)]
    activations: dict[Name, Activation] = {}
    losses: dict[Name, Loss] = {}
    why: dict[Name, Words] = {}
    closing: Closing
    compare: list[Comparison] = []
    variants: Variants = Variants()
