"""The lesson file that `stepnn new` writes: complete, commented, and ready to be changed."""

from __future__ import annotations

import re

from stepnn.book.functions import ACTIVATIONS

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


def template(stem: str) -> str:
    """The text of a new lesson file; its part and its id are those in the file's name, such as 4-9-my-lesson."""
    place = re.match(r"([1-6])-\d+-", stem)
    name = re.sub(r"[^a-z0-9]+", "-", stem[place.end() if place else 0 :].lower()).strip("-")
    text = TEMPLATE.replace("@activations@", " ".join(ACTIVATIONS)).replace("@part@", place[1] if place else "3")
    return text.replace("@id@", name[:40] if name[:1].isalpha() else "my-lesson")
