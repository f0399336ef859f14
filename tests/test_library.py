"""stepnn as a library, and the numbers that a reader sees."""

from __future__ import annotations

import pytest

import stepnn
from stepnn.errors import LessonError, UsageError
from stepnn.notation.numbers import given, rounded, shown
from stepnn.trace.step import Kind


def test_ten_lines_of_the_readme() -> None:
    trace = stepnn.load("backprop").trace()
    assert trace["delta_o1"].value == pytest.approx(0.04985266735639471)
    assert trace["p2.E"].value == pytest.approx(0.02323633887229179)
    assert [step.symbol for step in trace][:3] == ["given", "letters", "z_h1"]
    assert len(trace) == len(list(trace)) == 70
    assert trace[0].kind is Kind.GIVEN
    assert trace["dE_dw5"].uses == ("p1.delta_o1", "p1.a_h1")
    assert [child.symbol for child in trace["dE_dw5"].children] == ["dE_da_o1", "da_dz_o1", "dz_dw5"]


def test_options() -> None:
    lesson = stepnn.load("backprop")
    assert lesson.trace(values={"w5": 0.5})["z_o1"].value != lesson.trace()["z_o1"].value
    assert len(lesson.trace(updates=3).moments) == 4
    assert lesson.trace(updates=0)["E"].value == lesson.trace()["E"].value
    seeded = lesson.trace(seed=7)
    assert seeded.setup.parameters == lesson.trace(seed=7).setup.parameters != lesson.trace(seed=8).setup.parameters
    assert all(round(value * 20) == pytest.approx(value * 20) for value in seeded.setup.parameters["w1"])


def test_errors() -> None:
    with pytest.raises(UsageError):
        stepnn.load("nothing-like-this")
    with pytest.raises(LessonError):
        stepnn.load("./missing.toml")
    with pytest.raises(KeyError):
        stepnn.load("backprop").trace()["z_h99"]


def test_step_in_a_notebook() -> None:
    bundle = stepnn.load("backprop").trace()["delta_o1"]._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "text/latex"}
    assert "0.04985267" in bundle["text/plain"] and "<script" not in bundle["text/html"]
    assert bundle["text/latex"].startswith(r"\begin{align*}")
    assert set(stepnn.load("backprop").trace()[0]._repr_mimebundle_()) == {"text/plain", "text/html"}


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.08, 8, "0.08000000"), (0.0000351085, 4, "3.511×10⁻⁵"), (-0.00001, 4, "−1.000×10⁻⁵"), (-0.0, 4, "0.0000"),
        (0.00005, 4, "0.0001"), (0.00004, 4, "4.000×10⁻⁵"), (2.675, 2, "2.68"), (0.125, 2, "0.13"), (0.2995, 3, "0.300"), (0.3 - 0.5 * 0.001, 3, "0.300"), (0.35 - 0.5 * 0.001, 3, "0.350"), (-0.125, 2, "−0.13"), (1e20, 2, "1.0×10²⁰"),
        (-1.5, 0, "−2"), (0.4, 0, "4×10⁻¹"), (123456.789, 1, "123456.8"), (-0.004, 2, "−4.0×10⁻³"),
    ],
)  # fmt: skip
def test_shown_numbers(value: float, digits: int, text: str) -> None:
    assert shown(value, digits).text == text
    assert rounded(value, digits) == shown(value, digits).value
    assert rounded(rounded(value, digits), digits) == rounded(value, digits)


@pytest.mark.parametrize(
    ("value", "text"), [(0.3, "0.3"), (1.0, "1"), (-0.0, "0"), (1e-7, "1×10⁻⁷"), (-2.5, "−2.5"), (1e22, "1×10²²")]
)
def test_given_numbers(value: float, text: str) -> None:
    assert given(value).text == text


def test_deep_network_opens_at_once() -> None:
    """784-16-16-10: large quantities are one step of the walk; their neurons are made when asked for."""
    from tests.help import lesson_table, setup_of, trace_of

    layers = [
        {"neurons": [f"{name}{n}" for n in range(size)], "activation": "sigmoid"}
        for name, size in (("g", 16), ("h", 16), ("o", 10))
    ]
    sample = {"inputs": [0.5] * 784, "targets": [0.0] * 10}
    fields = {"loss": "half_squared_error", "update": "gradient descent", "learning_rate": 0.5, "weight_seed": 1}
    table = lesson_table(layers, [sample], **fields)
    trace = trace_of(table)
    assert len(trace) < 400
    assert sum(q.count for q in setup_of(table).network.parameters) == 784 * 16 + 16 * 16 + 16 * 10
    overview = next(step for step in trace if step.ref is None and step.kind is Kind.GRADIENT)
    assert overview.quantity is not None and len(overview.children) == overview.quantity.count
    neuron = trace["z_g3"]
    assert len(neuron.children) == 784
    assert sum(child.value or 0 for child in neuron.children) == pytest.approx(neuron.value)
