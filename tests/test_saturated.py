"""Saturated neurons: every number of the forward and the backward pass against 400 digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from stepnn.book.functions import ACTIVATIONS, LOSSES
from stepnn.calculus.stable import log_cosh
from stepnn.network.order import elements
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Ref
from stepnn.notation.index import number_index
from stepnn.notation.indices import expand, with_indices
from stepnn.notation.parse import read
from stepnn.running.engine import Engine
from stepnn.trace.step import Policy
from tests.help import lesson_table, numbers_line, setup_of, trace_of
from tests.networks import MP, Elements, given_elements
from tests.readback import number_of_text

SUMS = [(45.0, -45.0), (30.0, 3.0), (3.0, 20.0), (-60.0, 100.0), (150.0, -150.0), (12.0, -9.0)]
TARGETS = [(0.0, 1.0), (1.0, 0.0), (1.0, -1.0)]


def pairs() -> list[tuple[str, str]]:
    """Every activation with every loss that can follow it."""
    found = [(one, loss) for one in ("sigmoid", "tanh", "softmax", "elu", "softplus", "relu") for loss in LOSSES]
    fits: dict[str, Callable[[str], bool]] = {
        "softmax_cross_entropy": lambda one: one == "softmax",
        "binary_cross_entropy": lambda one: one in ("sigmoid", "softmax"),
    }
    return [(one, loss) for one, loss in found if fits.get(loss, lambda one: True)(one)]


def exactly(network: Any, given: Elements) -> Elements:
    """Every element, derived ones too, with the formulas as they are printed."""
    known = dict(given)

    def value(ref: Ref) -> Any:
        return known[ref.name, tuple(index.constant for index in ref.index)]

    for quantity, position in elements(network.quantities):
        where = {letter: number_index(n) for letter, n in zip(quantity.letters, position, strict=True)}
        known[quantity.key, position] = evaluate(
            expand(with_indices(quantity.formula, where), network.resolve), value, MP
        )
    return known


@pytest.mark.parametrize(("activation", "loss"), pairs())
def test_against_400_digits(activation: str, loss: str) -> None:
    for sums in SUMS:
        for targets in TARGETS[: 2 if "entropy" in loss else 3]:
            layer = {"neurons": ["o1", "o2"], "activation": activation, "weights": [[one] for one in sums]}
            table = lesson_table(
                [layer], [{"inputs": [1.0], "targets": list(targets)}],
                loss=loss, update="gradient descent", learning_rate=0.01,
            )  # fmt: skip
            engine = Engine(setup_of(table), exact=False)
            formulas, values = engine.formulas, engine.updated().sample(0)
            network = formulas.network.extended(formulas.backward)
            with mpmath.workdps(400):
                wanted = exactly(network, given_elements(engine.setup))
                for quantity in network.computed:
                    for position in quantity.positions:
                        right = float(wanted[quantity.key, position])
                        found = float(values[quantity.key][position])
                        assert abs(found - right) <= 2e-12 * abs(right), (sums, targets, quantity.key, found, right)


def test_ordinary_numbers_stay_as_they_are_written() -> None:
    """Only where something is saturated is it worked out otherwise."""
    layer = {"neurons": ["o1"], "activation": "sigmoid", "weights": [[1.5]]}
    table = lesson_table(
        [layer], [{"inputs": [1.0], "targets": [1.0]}], loss="half_squared_error", update="gradient descent",
        learning_rate=0.1,
    )  # fmt: skip
    values = trace_of(table).moments[0].values
    a = values["a1"][0]
    assert values["dE/dz1"][0] == (a - 1.0) * a * (1.0 - a)


@pytest.mark.parametrize(("activation", "loss", "sums"), [
    ("sigmoid", "binary_cross_entropy", [45.0]), ("sigmoid", "half_squared_error", [40.0]),
    ("tanh", "squared_error", [30.0]), ("softmax", "softmax_cross_entropy", [40.0, 1.0]),
    ("softmax", "half_squared_error", [40.0, 1.0]), ("sigmoid", "hinge", [40.0]),
])  # fmt: skip
def test_the_printed_line_gives_the_printed_result(activation: str, loss: str, sums: list[float]) -> None:
    names = [f"o{number}" for number, _ in enumerate(sums, 1)]
    layer = {"neurons": names, "activation": activation, "weights": [[one] for one in sums]}
    targets = [1.0, *[0.0 for _ in sums[1:]]]
    table = lesson_table(
        [layer], [{"inputs": [1.0], "targets": targets}], loss=loss, update="gradient descent", learning_rate=0.5,
        digits=6,
    )  # fmt: skip
    for step in trace_of(table).elements():
        value = step.value or 0.0
        line = numbers_line(step)[0].text
        assert abs(number_of_text(line) - value) <= 1e-4 * abs(value) + (1e-5 if abs(value) > 1e-3 else 0), (
            step.id, line, value,
        )  # fmt: skip


def test_links_beyond_all_numbers_have_no_step() -> None:
    """At a = 0 the slope 1/a is infinite; δ is not, and the lesson goes on."""
    layer = {"neurons": ["o1", "o2"], "activation": "softmax", "weights": [[1000.0], [0.0]]}
    table = lesson_table(
        [layer], [{"inputs": [1.0], "targets": [0.0, 1.0]}], loss="softmax_cross_entropy", update="gradient descent",
        learning_rate=0.1,
    )  # fmt: skip
    trace = trace_of(table)
    assert trace["E"].value == 1000.0 and trace["delta_o1"].value == 1.0 and trace["delta_o2"].value == -1.0
    assert "dE_da_o2" not in trace.by_symbol


@pytest.mark.parametrize("name", [name for name, rule in ACTIVATIONS.items() if rule.stable])
def test_every_stable_form_is_the_same_number(name: str) -> None:
    """Worked out as it is written and as it should be, in 400 digits."""
    rule = ACTIVATIONS[name]
    with mpmath.workdps(400):
        for z in ([3.0, -2.0], [12.0, -7.0], [-9.0, -8.5]):
            sums = [mpmath.mpf(one) for one in z]
            alpha, x = mpmath.mpf("0.7"), [mpmath.mpf("0.3"), mpmath.mpf("-1.2")]
            known: dict[str, Any] = {"z": sums, "alpha": alpha, "x": x}
            known["a"] = [worked(read(rule.formula), known, k) for k in range(2)]
            for form in rule.stable:
                for k in range(2):
                    for other in range(2):
                        if not bool(worked(read(form.when), known, k, other)):
                            continue
                        written, better = (worked(read(one), known, k, other) for one in (form.written, form.better))
                        assert mpmath.almosteq(written, better, 1e-100), (name, form, z)


def worked(formula: Any, known: dict[str, Any], k: int, other: int = 0) -> Any:
    """A form of the book for the neuron k of two; the letter l stands for another one."""
    from stepnn.notation.formula import Sum, transform

    def sized(part: Any) -> Any:
        return Sum(part.letter, 2, transform(part.body, sized)) if isinstance(part, Sum) else None

    where = {"k": number_index(k), "l": number_index(other)}
    formula = expand(with_indices(transform(formula, sized), where), lambda ref: ref)

    def value(ref: Ref) -> Any:
        found = known[ref.name]
        return found[ref.index[0].constant] if ref.index else found[0] if isinstance(found, list) else found

    return evaluate(formula, value, MP)


def test_where_arrays_meet_rounding() -> None:
    """Under --round a student has 1 − 1.0000 = 0 on paper, and so has the page."""
    layer = {"neurons": ["o1"], "activation": "sigmoid", "weights": [[40.0]]}
    table = lesson_table(
        [layer], [{"inputs": [1.0], "targets": [0.0]}], loss="half_squared_error", update="gradient descent",
        learning_rate=0.1,
    )  # fmt: skip
    trace = trace_of(table, policy=Policy(4, rounded=True))
    assert trace["da_dz_o1"].value == 0.0 and np.asarray(trace.moments[0].values["a1"]).tolist() == [1.0]


@pytest.mark.parametrize("x", [1e-12, 1e-8, 1e-3, 0.3, 0.9999, 1.0001, 5.0, 40.0, 900.0, -3.0, 0.0])
def test_log_cosh_keeps_its_digits(x: float) -> None:
    with mpmath.workdps(60):
        wanted = float(mpmath.log(mpmath.cosh(mpmath.mpf(x))))
    assert float(log_cosh(np.array(x))) == pytest.approx(wanted, rel=1e-15)
