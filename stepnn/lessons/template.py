"""The lesson files that `stepnn new` writes: complete, and ready to be changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stepnn.book.functions import ACTIVATIONS, LOSSES
from stepnn.errors import UsageError, visible
from stepnn.lessons.parts import choose
from stepnn.lessons.read import read_lesson
from stepnn.lessons.shelf import path_of
from stepnn.lessons.starts import MOST_LAYERS_NEW, MOST_NEURONS_EACH, STARTS, inline, kind_lines, layer_lines
from stepnn.words import LANGUAGES, catalogue
from stepnn.words.told import told

TEMPLATE = """\
# A lesson for stepnn. Every field is explained in docs/lesson-format.md.
# Check it with:  stepnn check THIS-FILE
# Walk through it with:  stepnn lesson THIS-FILE
format_version = 1
id = "@id@"                      # small letters, digits and -
part = @part@                         # in which part of the list it belongs, 1 to 6
title = { en = "My network", ko = "나의 신경망" }
goal = { en = "See one training step of a small network.", ko = "작은 신경망의 학습 한 번을 따라가 봅니다." }
digits = 4                       # digits shown after the point
loss = "half_squared_error"      # leave out loss, update and learning_rate for a forward pass only
update = "gradient descent"      # or "perceptron"
learning_rate = 0.5
updates = 1                      # how many updates the walk shows

[introduction]
en = "Two inputs, two hidden neurons, one output neuron."
ko = "입력 두 개, 은닉 뉴런 두 개, 출력 뉴런 한 개입니다."

[inputs]
names = ["x1", "x2"]

# One table for each layer, from the first hidden layer to the output layer.
[[layers]]
neurons = ["h1", "h2"]
activation = "tanh"              # or: @activations@, or your own
weights = [[0.5, -0.3], [0.2, 0.4]]    # a row for each neuron of this layer, a column for each neuron before it
weight_names = [["w1", "w2"], ["w3", "w4"]]
biases = [0.1, -0.1]             # leave out for no bias; shared_bias = 0.1 for one bias in the whole layer

[[layers]]
neurons = ["o1"]
activation = "bump"
weights = [[0.6, -0.4]]
weight_names = [["w5", "w6"]]
biases = [0.0]

# An activation of your own: a formula in z. Its derivative is derived for you.
[activations.bump]
formula = "exp(-z**2)"

# One table for each training sample.
[[samples]]
inputs = [1.0, 0.5]
targets = [1.0]

# Your own reason for a step, by its name (optional).
[why.z_h1]
en = "Here the two inputs meet for the first time."
ko = "두 입력이 여기에서 처음 만납니다."

[closing.question]
en = "Which weight changed most, and why?"
ko = "어느 가중치가 가장 많이 바뀌었고, 그 이유는 무엇일까요?"

[closing.answer]
en = "The one whose gradient is largest: δ of the neuron it leads to, times the value it carries (∂E/∂w1 = {dE_dw1})."
ko = "기울기가 가장 큰 가중치입니다. 기울기는 도착하는 뉴런의 δ에 지나가는 값을 곱한 것입니다(∂E/∂w1 = {dE_dw1})."
"""


HEAD = """\
# A lesson for stepnn. Every field is explained in docs/lesson-format.md.
# Check it with:  stepnn check THIS-FILE     Walk through it with:  stepnn lesson THIS-FILE
format_version = 1"""


@dataclass(frozen=True)
class Wanted:
    """What a new lesson is to be: sizes of layers with a function and a loss, or one kind of layer, or a copy."""

    layers: str = ""
    activation: str = ""
    loss: str = ""
    kind: str = ""
    like: str = ""


def beginning(stem: str, wanted: Wanted) -> str:
    """The text of a new lesson file. Raises UsageError."""
    chosen = [
        name
        for name, value in (("--layers", wanted.layers), ("--kind", wanted.kind), ("--from-lesson", wanted.like))
        if value
    ]
    if len(chosen) > 1:
        raise UsageError(told("new_one_of_these", options=", ".join(chosen)))
    if (wanted.activation or wanted.loss) and not wanted.layers:
        raise UsageError(told("new_needs_layers"))
    if wanted.like:
        return copied(stem, wanted.like)
    if wanted.kind:
        known(wanted.kind, STARTS, "--kind")
        return with_head(
            stem, kind_lines(wanted.kind), title=said("title_kind", kind=wanted.kind), introduction=said("about_kind")
        )
    return of_layers(stem, wanted) if wanted.layers else template(stem)


def of_layers(stem: str, wanted: Wanted) -> str:
    """A dense network. Raises UsageError."""
    sizes = [int(size) if re.fullmatch(r"\s*\d{1,4}\s*", size) else 0 for size in wanted.layers.split(",")]
    if not 2 <= len(sizes) <= MOST_LAYERS_NEW or not all(1 <= size <= MOST_NEURONS_EACH for size in sizes):
        found, layers = visible(wanted.layers), MOST_LAYERS_NEW - 1
        raise UsageError(told("new_layers", found=found, layers=layers, neurons=MOST_NEURONS_EACH))
    activation, loss = wanted.activation or "sigmoid", wanted.loss or "half_squared_error"
    known(activation, [name for name in ACTIVATIONS if name != "step"], "--activation")
    known(loss, LOSSES, "--loss")
    lines = layer_lines(sizes, activation, loss)
    about = said("about_layers", inputs=sizes[0], layers=", ".join(map(str, sizes[1:])))
    return with_head(stem, lines, title=said("title_layers", sizes="-".join(map(str, sizes))), introduction=about)


def known(name: str, names: Iterable[str], option: str) -> None:
    """Refuse a name that there is not, with the nearest one. Raises UsageError."""
    if name not in names:
        wanted, remedy = choose(name, list(names))
        raise UsageError(told("new_unknown", option=option, name=visible(name), wanted=wanted, remedy=remedy))


def with_head(stem: str, lines: Sequence[str], **texts: str) -> str:
    """Lines of a lesson with what every lesson has. Fields stand before tables."""
    part, own = place_and_name(stem)
    head = [HEAD, f'id = "{own}"', f"part = {part}", *(f"{field} = {text}" for field, text in texts.items())]
    closing = [f"question = {said('question')}", f"answer = {said('answer')}"]
    return "\n".join([*head, f"goal = {said('goal')}", *lines, "", "[closing]", *closing, ""])


def said(key: str, **values: object) -> str:
    """A sentence in every language, as a table on one line."""
    return inline({language: catalogue(language)(f"new.{key}", **values) for language in LANGUAGES})


def copied(stem: str, name: str) -> str:
    """The file of another lesson under a name of its own. Raises UsageError or LessonError."""
    path = path_of(name)
    read_lesson(path)  # what is not a good lesson is not copied
    part, own = place_and_name(stem)
    text = re.sub(r'(?m)^id = "[^"]*"', f'id = "{own}"', path.read_text(encoding="utf-8"), count=1)
    return re.sub(r"(?m)^part = \d", f"part = {part}", text, count=1)


def place_and_name(stem: str) -> tuple[str, str]:
    """The part and the id in the name of a file, such as 4-9-my-lesson."""
    place = re.match(r"([1-6])-\d+-", stem)
    name = re.sub(r"[^a-z0-9]+", "-", stem[place.end() if place else 0 :].lower()).strip("-")
    return place[1] if place else "3", name[:40] if name[:1].isalpha() else "my-lesson"


def template(stem: str) -> str:
    """The commented lesson."""
    part, own = place_and_name(stem)
    text = TEMPLATE.replace("@activations@", " ".join(ACTIVATIONS)).replace("@part@", part)
    return text.replace("@id@", own)
