"""What a lesson file may say about how it learns: the update rule, its rate, a penalty, and whole trainings."""

from typing import Annotated, Literal

from pydantic import Field, Tag

from stepnn.lessons.said import Part
from stepnn.lessons.values import MOST_CHOSEN, MOST_EPOCHS, Name, Value, Values, by_form


class Optimizer(Part):
    """Settings of the update rule, where they differ from its defaults (those of PyTorch).

    `no_decay` names what weight decay leaves alone. `clip_value` and `clip_norm` bound each number of a gradient, and
    the length of all gradients together. `state` is what the rule remembers from `updates_before` that are not shown:
    by the letter that it has, one number for all parameters or values by the name of the parameter.
    """

    variant: Annotated[str, Field(max_length=60)] | None = None
    beta: Annotated[Value, Field(ge=0, lt=1)] | None = None
    beta1: Annotated[Value, Field(ge=0, lt=1)] | None = None
    beta2: Annotated[Value, Field(ge=0, lt=1)] | None = None
    rho: Annotated[Value, Field(ge=0, lt=1)] | None = None
    epsilon: Annotated[Value, Field(ge=0)] | None = None
    psi: Annotated[Value, Field(ge=0)] | None = None
    weight_decay: Annotated[Value, Field(ge=0)] = 0.0
    no_decay: list[Name] = []
    clip_value: Annotated[Value, Field(gt=0)] | None = None
    clip_norm: Annotated[Value, Field(gt=0)] | None = None
    start: Annotated[Value, Field(ge=0)] = 0.0
    state: dict[
        Name,
        Annotated[
            Annotated[Value, Tag("level:number")] | Annotated[dict[Name, Values], Tag("level:table")],
            by_form("number", "table"),
        ],
    ] = {}
    updates_before: Annotated[int, Field(ge=0, le=MOST_EPOCHS)] = 0


class Schedule(Part):
    """How the learning rate changes from update to update, or from epoch to epoch.

    It rises for `warm_up` of them. Then it is multiplied by `factor` each time, or after `every` so many; or it goes
    down along half a cosine to `least` while there are `over` of them.
    """

    kind: Literal["constant", "step", "exponential", "cosine"] = "constant"
    every: Annotated[int, Field(ge=1, le=MOST_EPOCHS)] | None = None
    factor: Annotated[Value, Field(gt=0, le=10)] | None = None
    over: Annotated[int, Field(ge=1, le=MOST_EPOCHS)] | None = None
    least: Annotated[Value, Field(ge=0)] | None = None
    warm_up: Annotated[int, Field(ge=0, le=MOST_EPOCHS)] = 0
    per: Literal["update", "epoch"] = "update"


class Regularization(Part):
    """A penalty on large weights of layers, which is added to the error: ½·l2·Σ w² and l1·Σ |w|.

    `of` names the parameters, such as w1; without it, it is all weights, and with `biases` the biases, too.
    """

    l2: Annotated[Value, Field(ge=0)] = 0.0
    l1: Annotated[Value, Field(ge=0)] = 0.0
    of: list[Name] = []
    biases: bool = False


class Training(Part):
    """How a whole training goes: `stepnn train`, and the epochs that a walk opens.

    `batch` is the number of samples of one update. `show` are the epochs whose updates are walked through, each from
    the one that learns from `sample` on; the program trains between them. `look` are samples that go forward, and
    their errors back, before the training, and forward once more after it.
    """

    epochs: Annotated[int, Field(ge=0, le=MOST_EPOCHS)] = 1000
    batch: Annotated[
        Annotated[int, Field(ge=1), Tag("level:number")] | Annotated[Literal["all"], Tag("level:text")],
        by_form("number", "text"),
    ] = 1
    gradient: Literal["mean", "sum"] = "mean"
    shuffle: bool = False
    seed: Annotated[int, Field(ge=0)] = 1
    until: Annotated[Value, Field(gt=0)] | None = None
    show: Annotated[list[Annotated[int, Field(ge=1, le=MOST_EPOCHS)]], Field(max_length=MOST_CHOSEN)] = []
    sample: Annotated[int, Field(ge=1)] | None = None
    look: Annotated[list[Annotated[int, Field(ge=1)]], Field(max_length=MOST_CHOSEN)] = []
