"""The judge: what it says of answers, tried with students who share no code with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import stepnn
from stepnn.errors import CalculationError, UsageError
from stepnn.exercises.assignment import assigned
from stepnn.exercises.catalogue import MISTAKES
from stepnn.exercises.person import Numbers
from stepnn.exercises.plan import Exercises
from stepnn.exercises.variants import Variants
from stepnn.exercises.workings import Workings
from stepnn.lessons.setup import Setup
from stepnn.notation.digits import Digits
from tests import by_numpy, students
from tests.conftest import Run
from tests.help import HERE, LESSONS, lesson_table, setup_of
from tests.networks import setups

EXAMPLES = [json.loads(line) for line in (HERE / "mistakes.jsonl").read_text(encoding="utf-8").splitlines()]
Student = Callable[[str], dict[str, float]]


def judged(lesson: str, answers: dict[str, Any], **options: Any) -> dict[str, Any]:
    return stepnn.load(lesson).judge(answers, **options)


def verdict(lesson: str, step: str, answer: Any, **options: Any) -> tuple[str, list[str]]:
    """What is said of one answer."""
    found = judged(lesson, {step: answer}, **options)["answers"][step]
    return found["verdict"], found["mistakes"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["mistake"])
def test_each_mistake_is_named(example: dict[str, Any]) -> None:
    """One answer for each name of the catalogue: without its rule, nobody would say it."""
    lesson = example["lesson"]
    path = lesson if lesson in LESSONS else str(HERE.parent / lesson)
    kind, names = verdict(path, example["step"], example["typed"], run=example["run"])
    assert (kind, sorted(names)) == ("mistake", sorted([example["mistake"], *example["with"]]))


def test_every_mistake_has_an_example() -> None:
    assert {example["mistake"] for example in EXAMPLES} == set(MISTAKES)


BY_NUMPY: list[tuple[str, int, Student, str, str]] = [
    ("backprop", 1, by_numpy.backprop, "half_forgotten", "E_o1"),
    ("backprop", 1, by_numpy.backprop, "target_minus_output", "dE_da_o1"),
    ("backprop", 1, by_numpy.backprop, "slope_at_sum", "da_dz_o1"),
    ("backprop", 1, by_numpy.backprop, "slope_at_activation", "da_dz_o1"),
    ("backprop", 1, by_numpy.backprop, "slope_forgotten", "delta_o1"),
    ("backprop", 1, by_numpy.backprop, "own_activation", "dE_dw5"),
    ("backprop", 1, by_numpy.backprop, "new_weights", "dE_da_h1"),
    ("backprop", 1, by_numpy.backprop, "transposed", "dE_da_h1"),
    ("backprop", 1, by_numpy.backprop, "error_for_delta", "dE_da_h1"),
    ("backprop", 1, by_numpy.backprop, "weights_forgotten", "dE_da_h1"),
    ("backprop", 1, by_numpy.backprop, "path_forgotten", "dE_da_h1"),
    ("backprop", 1, by_numpy.backprop, "rate_forgotten", "w5_new"),
    ("backprop", 1, by_numpy.backprop, "wrong_direction", "w5_new"),
    ("backprop", 1, by_numpy.backprop, "exponent_sign", "p1.a_h1"),
    ("backprop", 1, by_numpy.backprop, "sum_for_activation", "p1.z_o1"),
    ("softmax", 1, by_numpy.softmax, "base_ten", "a_o1"),
    ("softmax", 1, by_numpy.softmax, "exponent_forgotten", "a_o1"),
    ("softmax", 1, by_numpy.softmax, "other_loss", "delta_o1"),
    ("lstm", 1, by_numpy.lstm, "bias_forgotten", "z_f_2_1"),
    ("lstm", 1, by_numpy.lstm, "other_activation", "g_2_1"),
    ("lstm", 1, by_numpy.lstm, "other_gate", "c_2_1"),
    ("lstm", 1, by_numpy.lstm, "activation_left_out", "h_2_1"),
    ("attention", 1, by_numpy.attention, "exponent_forgotten", "A_1_1"),
    ("attention", 1, by_numpy.attention, "not_divided", "A_1_1"),
    ("attention", 1, by_numpy.attention, "shares_for_sum", "Y_1_1"),
    ("optimizers", 6, by_numpy.adam, "decay_share_forgotten", "p1.m_w_new"),
    ("optimizers", 6, by_numpy.adam, "square_forgotten", "p1.v_w_new"),
    ("optimizers", 6, by_numpy.adam, "correction_forgotten", "p1.m_hat_w"),
    ("optimizers", 6, by_numpy.adam, "correction_power", "p2.m_hat_w"),
    ("optimizers", 6, by_numpy.adam, "root_forgotten", "p1.w_new"),
]


@pytest.mark.parametrize(("lesson", "number", "student", "wrong", "step"), BY_NUMPY)
def test_students_who_use_numpy(
    lesson: str, number: int, student: Student, wrong: str, step: str, run: Run, tmp_path: Path
) -> None:
    """The first wrong step is found and named, and without the mistake all answers are right."""
    file = tmp_path / "answers.jsonl"
    file.write_text("\n".join(json.dumps(written(student(mistake))) for mistake in ("", wrong)), encoding="utf-8")
    result = run("judge", lesson, "--run", str(number), "--answers", str(file))
    good, bad = map(json.loads, result.out.splitlines())
    assert {one["verdict"] for one in good["answers"].values()} <= {"right", "empty"} and good["first"] is None
    assert bad["first"] == step
    assert wrong in bad["answers"][step]["mistakes"] and len(bad["answers"][step]["mistakes"]) <= 2


def written(answers: dict[str, float]) -> dict[str, str]:
    """With five significant digits, as somebody writes them down."""
    return {name: f"{value:.5g}" for name, value in answers.items()}


def test_one_mistake_is_told_once() -> None:
    """What follows rightly from a wrong answer is right, and says from which."""
    answers = written(by_numpy.backprop("slope_forgotten"))
    found = judged("backprop", answers)["answers"]
    wrong = {name for name, one in found.items() if one["verdict"] == "mistake"}
    assert wrong == {"delta_o1", "delta_o2"}
    assert found["dE_dw5"]["verdict"] == "carried" and found["dE_dw5"]["follows_from"] == "delta_o1"
    assert found["dE_dw5"]["compared"] == pytest.approx(float(answers["dE_dw5"]), rel=1e-3)
    assert found["dE_dw5"]["right"] != found["dE_dw5"]["compared"]
    assert found["p2.z_o1"]["verdict"] == "carried"
    alone = judged("backprop", {name: answers[name] for name in ("delta_o1", "w5_new")})["answers"]
    assert alone["w5_new"]["verdict"] == "carried" and alone["dE_dw5"]["verdict"] == "empty"


def test_digits() -> None:
    """0.04985267 with four significant digits: what is right, what is short, and what is neither."""
    for right in ("0.04985", "0.04986", "0.04984", "4.985e-2", "0,04985", "0.0498527", "0.049850", 0.04985267):
        assert verdict("backprop", "delta_o1", right)[0] == "right", right
    for short in ("0.05", "0.0499", "0.050"):
        assert verdict("backprop", "delta_o1", short)[0] == "short", short
    for wrong in ("0.0497", "0.04995", "0.06", "0", "1"):
        assert verdict("backprop", "delta_o1", wrong)[0] not in ("right", "short"), wrong
    assert verdict("backprop", "delta_o1", "0.0499", digits=4)[0] == "right"
    assert verdict("backprop", "delta_o1", "0.050", digits=4)[0] == "short"
    assert verdict("backprop", "dE_dw1", "0.0008", digits=4)[0] == "right"
    assert verdict("backprop", "delta_o1", "0.050", significant=2)[0] == "right"
    assert verdict("backprop", "z_h1", "0.08")[0] == "right"  # zeros at the end need not be written
    # What is short is carried on as it truly is.
    found = judged("backprop", {"z_o1": "0.4", "a_o1": "0.6094"})["answers"]
    assert (found["z_o1"]["verdict"], found["a_o1"]["verdict"]) == ("short", "right")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("0.5210", "digits"),
        ("0.5300", "digits"),
        ("0.2500", "digits"),
        ("-0.5200", "sign"),
        ("5.2000", "point"),
        ("0.052", "point"),
    ],
)
def test_slips(answer: str, kind: str) -> None:
    found = judged("backprop", {"a_h1": answer})["answers"]["a_h1"]
    assert (found["verdict"], found.get("slip")) == ("slip", kind)


def test_fewer_digits_still_tell_a_mistake() -> None:
    """Three digits of the four that are asked; two are told from nothing."""
    slope_forgotten = 0.032413  # δ_h1 of the lesson's own numbers without a · (1 − a)
    assert verdict("backprop", "delta_h1", f"{slope_forgotten:.4f}") == ("mistake", ["slope_forgotten"])
    assert verdict("backprop", "delta_h1", f"{slope_forgotten:.3f}")[1] == []


def test_the_number_of_another_step() -> None:
    """Which one it is."""
    found = judged("backprop", {"delta_o1": "0.7108"})["answers"]["delta_o1"]
    assert (found["mistakes"], found["meant"]) == (["other_step"], "z_o1") if "meant" in found else found


def test_another_textbook() -> None:
    """δ = −∂E/∂z throughout, and w + η·δ·a: the same network in other signs."""
    answers = by_numpy.backprop()
    turned = {name: -one if name.startswith(("delta", "dE_d")) else one for name, one in answers.items()}
    found = judged("backprop", written(turned))
    assert found["first"] is None and {one["verdict"] for one in found["answers"].values()} == {"right", "empty"}
    assert "delta" in found["turned"]
    only = {name: -one if name.startswith("delta") else one for name, one in answers.items()}
    assert judged("backprop", written(only))["turned"] == ["delta"]
    one = {**answers, "delta_o1": -answers["delta_o1"]}
    assert judged("backprop", written(one))["first"] == "delta_o1"


def test_two_routes_to_the_same_number() -> None:
    """The slope is put in at the weight, not in δ: δ is a mistake, the gradient is right."""
    answers = by_numpy.backprop()
    late = {**answers, "delta_o1": answers["dE_da_o1"], "delta_o2": answers["dE_da_o2"]}
    found = judged("backprop", written(late))["answers"]
    assert found["delta_o1"]["mistakes"] == ["slope_forgotten", "other_loss"]
    assert found["dE_dw5"]["verdict"] == found["dE_da_h1"]["verdict"] == "right"


def test_a_step_may_be_worked_out_in_any_of_its_forms() -> None:
    """δ from ∂E/∂a and the slope as they were answered, or from a and t."""
    wrong = {"da_dz_o1": "0.3", "dE_da_o1": "0.2094"}
    assert judged("backprop", {**wrong, "delta_o1": "0.06282"})["answers"]["delta_o1"]["verdict"] == "carried"
    assert judged("backprop", {**wrong, "delta_o1": "0.04985"})["answers"]["delta_o1"]["verdict"] == "right"


def test_numbers_and_expressions() -> None:
    for answer in ("0.08", ".08", "8e-2", "8*10^-2", "8×10⁻²", "８．０×10⁻²", "0,08", "2/25", "+0.08"):
        assert verdict("backprop", "z_h1", answer)[0] == "right", answer
    for step, answer in {
        "a_h1": "1/(1+e^(-z_h1))", "a_h2": "σ(z_h2)", "da_dz_h1": "a_h1(1-a_h1)", "E_o1": "½(a_o1-t1)²",
        "dE_da_h1": "d_o1*w5 + d_o2*w7", "delta_o1": "∂E/∂a_o1 × ∂a_o1/∂z_o1", "dE_dw5": "δ_o1·a_h1",
        "w5_new": "w5 - η dE/dw5", "z_h1": "w1x1 + w2 x2", "a_o1": "exp(z_o1) ÷ (1 + exp(z_o1))",
    }.items():  # fmt: skip
        assert verdict("backprop", step, answer) == ("right", []), answer
    assert verdict("backprop", "z_h1", "w1 x1 + w3 x2") == ("mistake", ["transposed"])
    assert verdict("backprop", "delta_o1", "dE_da_o1")[1] == ["slope_forgotten", "other_loss"]
    found = judged("backprop", {"delta_o1": "0.5", "delta_o2": "0.25", "dE_da_h1": "d_o1*w5 + d_o2*w7"})
    assert found["answers"]["dE_da_h1"]["typed"] == pytest.approx(0.5 * 0.45 + 0.25 * 0.7)  # from their own answers
    assert found["answers"]["dE_da_h1"]["verdict"] == "carried"


@pytest.mark.parametrize(
    "garbage",
    ["1..2", "9" * 10_000, "\x1b[2J", "9**9**9", "__import__('os')", "w99", "(1", "1)", "a_h1", "z_o1", "e", "lambda: 1", "ⅷ?", "1 2"],
)  # fmt: skip
def test_garbage_is_a_wrong_answer(garbage: str) -> None:
    """Not the asked value itself, nor one that comes later."""
    assert verdict("backprop", "a_h1", garbage)[0] == "wrong"


def test_what_is_wrong_with_the_answers_is_told_at_once(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text('{"delta_o9": 1}\n[1]\nnonsense\n{"z_h1": true, "p1.z_h1": 1}\n', encoding="utf-8")
    result = run("judge", "backprop", "--answers", str(file))
    assert result.code == 1 and not result.out
    for line, word in ((1, "delta_o9"), (2, "no JSON"), (3, "no JSON"), (4, "z_h1")):
        assert f"answers.jsonl:{line}:" in result.err and word in result.err
    assert run("judge", "backprop", "--answers", str(tmp_path / "none")).code == 1
    file.write_text('{"z_h1": null, "a_h1": ""}\n\n{}\n', encoding="utf-8")
    assert run("judge", "backprop", "--answers", str(file)).out.count('"empty"') == 102
    assert run("judge", "backprop", "--answers", str(file), "--significant", "3", "--digits", "2").code == 2
    assert run("judge", "backprop", "--answers", str(file), "--run", "2").code == 2


def test_the_numbers_of_a_sheet(run: Run, tmp_path: Path) -> None:
    """The key of a sheet, judged by its code, is right; so are numbers that were set."""
    run("sheet", "backprop", "--copies", "1", "--format", "text", "--out", str(tmp_path / "sheets"))
    key = json.loads((tmp_path / "sheets" / "key.json").read_text(encoding="utf-8"))["sheets"][0]
    answers = {answer["step"]: answer["answer"] for answer in key["answers"]}
    (tmp_path / "answers").write_text(json.dumps(answers), encoding="utf-8")
    found = json.loads(run("judge", "backprop", "--answers", str(tmp_path / "answers"), "--code", key["code"]).out)
    assert {one["verdict"] for one in found["answers"].values()} == {"right"}
    (tmp_path / "answers").write_text('{"z_h1": 0.55}', encoding="utf-8")
    found = json.loads(
        run("judge", "backprop", "--answers", str(tmp_path / "answers"), "--set", "x1=1", "--set", "x2=1").out
    )
    assert found["answers"]["z_h1"]["verdict"] == "right"


@given(setups(most_layers=3, most_width=3), st.sampled_from(students.STYLES), st.integers(3, 6), st.randoms())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_nobody_honest_is_accused_in_a_random_network(setup: Setup, style: str, count: int, draw: Random) -> None:
    """Every way of working an answer out gives the true number, and honest rounding is right."""
    try:
        exercises = Exercises(setup, assigned(setup))
    except (CalculationError, UsageError):
        assume(False)
    workings, trace = Workings(exercises), exercises.trace
    numbers = Numbers(workings, trace)
    for working in workings.all:
        true = numbers.true(working.at, working.ref)
        assert all(numbers.of(working.at, form) == pytest.approx(true, rel=1e-9, abs=1e-12) for form in working.forms)
    one = students.Class("random", 1, workings, Variants(exercises))
    answers = one.answers(trace, Digits(count), style, draw)
    assume(answers is not None)
    assert answers is not None
    judged = one.judged(trace, Digits(count), answers)
    assert {said.verdict.value for said in judged.answers.values()} == {"right"}


def test_simulated_students() -> None:
    """A few sheets of each lesson: nobody who is honest is accused, and the first wrong step is found."""
    report = students.measured(["backprop", "xor", "softmax", "batchnorm", "convolution", "lstm"], 1, (4,))
    assert not report.accused
    assert report.share("located", "planted") >= 0.99 and report.share("named", "planted") >= 0.9
    assert report.share("both", "two") >= 0.9
    assert report.milliseconds < 100


@pytest.mark.long
def test_simulated_students_over_all_lessons() -> None:
    report = students.measured([name for name in LESSONS if stepnn.load(name).lesson.part in (2, 3, 4, 5)], 3)
    print("\n".join(students.printed(report)))
    assert not report.accused
    assert report.share("located", "planted") >= 0.995
    assert report.share("named, 4 digits", "planted, 4 digits") >= 0.97
    assert report.share("slips, named", "slips") <= 0.005
    assert report.share("both", "two") >= 0.9


def test_a_sheet_with_options_is_judged_by_its_code_and_its_key(run: Run, tmp_path: Path) -> None:
    """The code has no room for `--passes`; the key beside it says what was asked."""
    out, answers = tmp_path / "out", tmp_path / "answers.jsonl"
    lesson = str(HERE / "lessons" / "decay.toml")
    assert run("sheet", lesson, "--passes", "1", "--format", "text", "--out", str(out)).code == 0
    key = json.loads((out / "key.json").read_text(encoding="utf-8"))
    code = key["sheets"][0]["code"]
    answers.write_text('{"z_h1": "0"}', encoding="utf-8")
    asked = ("judge", lesson, "--answers", str(answers), "--code", code)
    assert "--assignment" in run(*asked).err
    assert run(*asked, "--assignment", str(out / "key.json"), "--digits", "3").code == 2
    result = run(*asked, "--assignment", str(out / "key.json"))
    assert result.code == 0 and json.loads(result.out)["first"] == "z_h1", result.err


def test_what_looks_like_a_slip_is_a_mistake_that_is_made_elsewhere() -> None:
    """−0.01121 for −0.1012 may be two digits changed about; beside other gradients without their penalty it is not."""
    lesson = str(HERE / "lessons" / "penalty.toml")
    trace = stepnn.load(lesson).trace()
    steps = [step for step in trace.steps if step.id.startswith("p1.dE_dw")]
    forgotten = {}
    for step in steps:
        assert step.quantity is not None and step.ref is not None and step.quantity.wrt is not None
        weight = step.moment.value(replace(step.quantity.wrt[1], index=step.ref.index))
        sign = 1 if weight > 0 else -1
        forgotten[step.symbol] = f"{(step.value or 0.0) - 0.1 * weight - 0.03 * sign:.4g}"
    found = judged(lesson, forgotten)["answers"]
    assert {name: found[name]["mistakes"][:1] for name in forgotten} == {
        name: ["penalty_forgotten"] for name in forgotten
    }


def test_an_error_that_is_nearly_zero_is_a_matter_of_rounding() -> None:
    """(a − t)² with a beside t has no digit that is sure: whoever kept more digits of a is right, too."""
    table = lesson_table(
        [{"neurons": ["o1", "o2", "o3"], "activation": "hill", "weights": [[0.136], [0.445], [0.767]], "shared_bias": 0.136}],
        [{"inputs": [-1.499], "targets": [0.092, 0.9, 0.488]}],
        loss="squared_error", update="gradient descent", learning_rate=0.1, activations={"hill": {"formula": "1 / (1 + z**2)"}},
    )  # fmt: skip
    exercises = Exercises(setup_of(table), assigned(setup_of(table)))
    one = students.Class("hills", 1, Workings(exercises), Variants(exercises))
    for seed in range(40):
        answers = one.answers(exercises.trace, Digits(4), "mixes", Random(seed))
        assert answers is not None
        judged = one.judged(exercises.trace, Digits(4), answers)
        assert {said.verdict.value for said in judged.answers.values()} == {"right"}, seed
