"""What must hold in a lesson that learns by the perceptron rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stepnn.errors import Fault
from stepnn.lessons.parts import listed, own_functions
from stepnn.lessons.schema import Layer
from stepnn.notation.formula import Cases, Formula, Negative, Number
from stepnn.notation.parse import parse
from stepnn.words.told import together, told


def perceptron_faults(table: dict[str, Any], layer: Layer, where: str) -> Iterator[Fault]:
    """The rule is for step neurons. Their biases may be missing or frozen, but not one for all of them."""
    (activation, *others) = dict.fromkeys(layer.functions)
    formula = own_functions(table)["activations"].get(activation, "")
    answers = answers_of(formula) if formula else (0.0, 1.0) if activation == "step" else None
    answers = None if others else answers
    if answers is None:
        found, wanted = f'"{", ".join(layer.functions)}"', told("step_or_two_answers")
        yield Fault(f"{where}.activation", told("the_perceptron_rule_is_for_step"), found, wanted)
    else:
        yield from target_faults(table, answers)
    if layer.shared_bias is not None:
        message = told("the_perceptron_rule_knows_no")
        yield Fault(f"{where}.shared_bias", message, remedy=told("give_biases_one_for_each"))


def answers_of(formula: str) -> tuple[float, ...] | None:
    """The two numbers between which an activation steps, such as −1 and 1; None if it does not."""
    match parse(formula):
        case Cases(_, yes, no) if (low := plain_number(no)) is not None and (high := plain_number(yes)) is not None:
            return (low, high)
    return None


def plain_number(formula: Formula) -> float | None:
    match formula:
        case Number(value):
            return float(value)
        case Negative(Number(value)):
            return -float(value)
    return None


def target_faults(table: dict[str, Any], answers: tuple[float, ...]) -> Iterator[Fault]:
    """A target that the neuron cannot answer would be a mistake for ever."""
    for number, sample in enumerate(listed(table, "samples"), 1):
        targets = listed(sample, "targets") if isinstance(sample, dict) else []
        for target in targets:
            if isinstance(target, int | float) and target not in answers:
                wanted = together([f"{one:g}" for one in answers], "either")
                yield Fault(f"samples[{number}].targets", told("never_answered"), f"{target:g}", wanted)
