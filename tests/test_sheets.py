"""Sheets and their keys: right numbers, one answer for each blank, nothing given away, friendly to work with."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pytest

import stepnn
from stepnn.cli import sheet_options
from stepnn.drawing.board import named
from stepnn.errors import StepnnError, UsageError
from stepnn.exercises.assignment import (
    BLANKS,
    MOST_FADED,
    SCHEME,
    Assignment,
    Mode,
    Selection,
    as_object,
    assigned,
    fingerprint,
    read_assignment,
)
from stepnn.exercises.backwards import is_given
from stepnn.exercises.catalogue import MISTAKES, wrong_formulas
from stepnn.exercises.code import fields, read_code
from stepnn.exercises.mistakes import value_of
from stepnn.lessons.build import setup
from stepnn.lessons.read import load_lesson
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Ref
from stepnn.notation.indices import looked_up
from stepnn.notation.mathematics import joined
from stepnn.notation.numbers import given
from stepnn.page.blocks import Answers, Equation, Page, Room, Table, inside
from stepnn.page.blocks import Step as StepBlock
from stepnn.page.equations import by_name
from stepnn.page.written import Equal, Expression
from stepnn.sheets.key import as_json
from stepnn.sheets.layout import exercise_blocks, key_page, sheet_page
from stepnn.sheets.sheet import Exercise, Printer, Sheet, given_numbers, key_part
from stepnn.trace.step import Kind, Moment
from stepnn.trace.trace import Trace
from stepnn.words import catalogue
from stepnn.writers import markdown
from stepnn.writers.formats import Options
from tests import by_hand
from tests.help import EVERY_SECOND, LESSONS, lesson_table, setup_of

SEEDS = int(os.environ.get("SEEDS", 60))  # `make test-long` takes a thousand
WITH_SUMS = ["neuron", "perceptron", "xor-impossible", "linear-collapse", "matrix", "forward", "backprop", "softmax"]
WITH_MISTAKES = [*WITH_SUMS, "backprop-bias", "delta-rule", "xor"]
ENGLISH = catalogue("en")


@cache
def printer(name: str, **options: Any) -> Printer:
    lesson = load_lesson(name)
    rounded = options.get("mode") is Mode.FIND
    found = setup(lesson)
    selection = Selection(**{name: options.pop(name) for name in ("blanks", "fade", "mode") if name in options})
    return Printer(found, assigned(found, selection, **{"rounded": rounded, **options}))


def told(sheet: Sheet) -> dict[str, Any]:
    """The sheet as it stands in key.json: what a program that marks it knows."""
    found: dict[str, Any] = json.loads("".join(as_json([key_part(sheet)], sheet.setup.lesson, sheet.assignment)))
    (only,) = found["sheets"]
    return {**found, **only}


def place_of(exercise: Exercise) -> tuple[int, str]:
    """The pass and the symbol of a step: where by_hand has it."""
    return exercise.step.pass_number - 1, exercise.step.symbol


def check_agreement(sheet: Sheet) -> None:
    """Each blank of the sheet has one line in the key, with the same number, and the other way round."""
    blocks = inside(tuple(exercise_blocks(sheet, ENGLISH)))
    steps = [block for block in blocks if isinstance(block, StepBlock)]
    assert [block.number for block in steps] == [str(one.number) for one in sheet.exercises]
    asked = [block.number for block in steps if any(isinstance(one, Room) for one in block.blocks)]
    blanks = [block.number for block in steps if "\\underline" in equation_text(block)]
    key = key_part(sheet)
    numbers = [str(answer.number) for answer in key.answers]
    assert asked == numbers and len(set(numbers)) == len(numbers)
    assert set(numbers) <= set(blanks)
    (lines,) = [
        b for b in key_page([key], sheet.setup.lesson, sheet.assignment, ENGLISH).blocks if isinstance(b, Answers)
    ]
    assert [number for number, _ in lines.items] == numbers
    for (_, text), answer in zip(lines.items, key.answers, strict=True):
        assert isinstance(text[-1], Equal) and joined(text[-1].typeset).endswith(f"= {answer.shown.latex}")
    assert key.points == sum(answer.points for answer in key.answers)


def equation_text(block: StepBlock) -> str:
    found = [line for one in block.blocks if isinstance(one, Equation) for line in one.lines]
    sides = (side for line in found for side in (line.left, line.right) if side is not None)
    return " ".join(joined(side.typeset) for side in sides)


@pytest.mark.parametrize("is_rounded", [False, True])
@pytest.mark.parametrize("name", by_hand.LESSONS)
def test_every_key_is_right(name: str, is_rounded: bool) -> None:
    """The key of a thousand sheets against numbers that nothing of stepnn took part in."""
    make = printer(name, rounded=is_rounded)
    digits = make.assignment.digits
    keep = by_hand.rounding(digits) if is_rounded else float
    for seed in range(SEEDS if not is_rounded else SEEDS // 10):
        sheet = make.sheet(seed)
        document = told(sheet)
        passes = by_hand.LESSONS[name](document["given"], keep)
        assert [answer["exercise"] for answer in document["answers"]] == [one.number for one in sheet.exercises]
        for exercise, answer in zip(sheet.exercises, document["answers"], strict=True):
            turn, symbol = place_of(exercise)
            wanted = passes[turn][symbol]
            assert answer["symbol"] == symbol
            assert answer["value"] == pytest.approx(wanted, rel=1e-10, abs=1e-12), (seed, symbol)
            written = by_hand.rounding(digits) if is_rounded else by_hand.significant(digits)
            assert float(answer["answer"]) == written(wanted), (seed, symbol)
        check_agreement(sheet)


def test_every_key_of_digits_is_right() -> None:
    """784-16-16-10, in NumPy."""
    make = printer("digits")
    for seed in range(SEEDS // 5):
        sheet = make.sheet(seed)
        values, sample = sheet.setup.parameters, sheet.setup.samples[0]
        a, found = np.array(sample.inputs), {}
        for layer, size in enumerate((16, 16, 10), 1):
            z = np.array(values[f"w{layer}"]).reshape(size, -1) @ a + np.array(values[f"b{layer}"])  # (size,)
            a = np.exp(z - z.max()) / np.exp(z - z.max()).sum() if layer == 3 else 1 / (1 + np.exp(-z))  # (size,)
            letter = "gh"[layer - 1] if layer < 3 else "d"
            found |= {f"a_{letter}{n + (layer < 3)}": value for n, value in enumerate(a.tolist())}
        each = -np.array(sample.targets) * np.log(a)  # (10,)
        found |= {f"E_d{n}": value for n, value in enumerate(each.tolist())} | {"E": each.sum()}
        for answer in key_part(sheet).answers:
            assert answer.value == pytest.approx(found[answer.symbol], rel=1e-9, abs=1e-12), (seed, answer.symbol)
            assert float(answer.shown.ascii) == by_hand.significant(4)(found[answer.symbol])
        check_agreement(sheet)


def test_the_table_of_a_class_is_its_keys() -> None:
    """From five sheets on: a column for each sheet, a row for each exercise."""
    make = printer("backprop")
    parts = [key_part(make.sheet(number)) for number in range(8)]
    tables = [
        block for block in key_page(parts, make.lesson, make.assignment, ENGLISH).blocks if isinstance(block, Table)
    ]
    columns = [
        column for table in tables for column in list(zip(table.head, *table.rows, strict=True))[2:] if column[0]
    ]
    assert columns == [(part.code, *(answer.shown.text for answer in part.answers)) for part in parts]
    for table in tables:
        assert [row[0] for row in table.rows] == [str(answer.number) for answer in parts[0].answers]
        assert [row[1] for row in table.rows] == [answer.name for answer in parts[0].answers]


@pytest.mark.parametrize("name", WITH_SUMS)
def test_what_reverse_asks_for_can_be_found(name: str) -> None:
    """From what is printed alone: the other given numbers, and the results as they stand on the sheet."""
    make = printer(name, mode=Mode.REVERSE)
    reach = 5.1 * 10.0**-make.assignment.digits  # of a rounded result
    for seed in range(SEEDS // 10):
        sheet = make.sheet(seed)
        given = told(sheet)["given"]
        page = sheet_page(sheet, ENGLISH, True)
        for exercise in sheet.exercises:
            assert exercise.answer is not None
            name_of_sample = f"{exercise.answer.symbol}@{exercise.step.moment.sample}"
            unknown = name_of_sample if name_of_sample in given else exercise.answer.symbol
            turn, symbol = place_of(exercise)
            low, high = (by_hand.LESSONS[name](given | {unknown: n}, float)[turn][symbol] for n in (0.0, 1.0))
            found = (printed_result(page, exercise) - low) / (high - low)
            assert found == pytest.approx(given[unknown], abs=reach / abs(high - low))
            assert exercise.answer.value == given[unknown]
        check_agreement(sheet)


def printed_result(page: Page, exercise: Exercise) -> float:
    """The left side of the equation with a gap in it."""
    (step,) = [b for b in inside(page.blocks) if isinstance(b, StepBlock) and b.number == str(exercise.number)]
    (equation,) = [block for block in step.blocks if isinstance(block, Equation)]
    left = equation.lines[1].left
    assert left is not None
    return float(joined(left.typeset))


@pytest.mark.parametrize("name", WITH_MISTAKES)
def test_exactly_one_step_is_wrong(name: str) -> None:
    """Everything else fits the numbers that are printed, and the key says what would be right."""
    make = printer(name, mode=Mode.FIND)
    for seed in range(SEEDS // 10):
        sheet = make.sheet(seed)
        assert sheet.mistake is not None
        wrong = [one.number for one in sheet.exercises if not fits(sheet, one)]
        (answer,) = key_part(sheet).answers
        assert wrong == [answer.number]
        assert abs(sheet.mistake.value - answer.value) > 10.0**-make.assignment.digits
        if name in by_hand.LESSONS:
            turn, symbol = place_of(sheet.exercises[answer.number - 1])
            keep = by_hand.rounding(make.assignment.digits)
            assert answer.value == by_hand.LESSONS[name](told(sheet)["given"], keep)[turn][symbol]


def fits(sheet: Sheet, exercise: Exercise) -> bool:
    """Whether a printed result is what its formula gives with the printed numbers, rounded as the sheet says."""
    step, table = exercise.step, dict(sheet.wrong)

    def value(ref: Ref) -> float:
        return value_of(step.moment, ref, table)

    found = by_hand.rounding(sheet.assignment.digits)(float(evaluate(step.here[-1], value)))
    return found == table.get(step.id, step.value)


def test_many_kinds_of_mistakes_are_planted() -> None:
    """Each with a name of the catalogue."""
    made = set()
    for name in WITH_MISTAKES:
        make = printer(name, mode=Mode.FIND)
        sheets = [make.sheet(number) for number in range(5)]
        made |= {sheet.mistake.kind for sheet in sheets if sheet.mistake is not None}
    assert made <= set(MISTAKES) and len(made) > 25


@pytest.mark.parametrize("name", EVERY_SECOND)
def test_friendly_numbers(name: str) -> None:
    """A lesson may do in a variant only what it does with its own numbers."""
    make = printer(name)
    own: dict[Kind, list[float]] = {}
    for step in make.exercises.steps:
        own.setdefault(step.kind, []).append(step.value or 0.0)
    for seed in range(SEEDS // 10):
        sheet = make.sheet(seed)
        for step in [exercise.step for exercise in sheet.exercises]:
            size = abs(step.value or 0.0)
            assert size < 1e4
            assert size != 0 or 0 in own[step.kind], (seed, step)
            assert size == 0 or size >= 1e-3 or min(map(abs, filter(None, own[step.kind]))) < 1e-3, (seed, step)
        errors, own_errors = sheet.trace.errors, make.exercises.trace.errors
        if errors and own_errors and sheet.setup.descends and own_errors[1] < own_errors[0]:
            assert errors[1] < errors[0]
        shipped = set(given_numbers(make.exercises.setup).values())
        for value in set(given_numbers(sheet.setup).values()) - shipped:
            assert Decimal(str(value)) == round(Decimal(str(value)), 2), value


def test_integers_stay_integers() -> None:
    """Inputs and targets of the truth tables are not touched; weights of XOR are whole numbers."""
    for name in ("perceptron", "xor-impossible", "xor", "batches"):
        sheet = printer(name).sheet(5)
        for sample, own in zip(sheet.setup.samples, setup(load_lesson(name)).samples, strict=True):
            assert sample == own
    assert all(value.is_integer() for value in given_numbers(printer("xor-impossible").sheet(3).setup).values())


def test_variants_that_are_unfit_say_why() -> None:
    """One lesson for each condition that a variant can fail."""
    layer = {"neurons": ["o1"], "activation": "sigmoid", "weights": [[2.0]]}
    sample = {"inputs": [0.5], "targets": [1.0]}
    learns = {"loss": "half_squared_error", "update": "gradient descent", "learning_rate": 0.5}
    cases = {
        "saturated": ([layer], sample, {"variants": {"draw": ["inputs"], "low": 9, "high": 9.5}}),
        "10000 or more": ([{**layer, "activation": "identity"}], sample, {"variants": {"draw": ["inputs"], "low": 9000, "high": 9999}}),
        "too small": ([{**layer, "activation": "identity"}], {**sample, "inputs": [0.1]}, {"variants": {"draw": ["weights"], "low": 0.001, "high": 0.002, "step": 0.001}}),
        "error does not fall": ([{**layer, "activation": "identity"}], {**sample, "targets": [3.0]}, {**learns, "variants": {"draw": ["inputs"], "low": 5, "high": 9}}),
        "read the same": (
            [{"neurons": ["o1", "o2"], "activation": "sigmoid", "weights": [[2.0], [1.0]]}], sample | {"targets": [1.0, 0.0]},
            {"variants": {"draw": ["weights"], "low": 0.5, "high": 0.5003, "step": 0.0001}},
        ),
    }  # fmt: skip
    for words, (layers, one, more) in cases.items():
        table = lesson_table(layers, [one], **{"loss": "half_squared_error", **more})
        with pytest.raises(StepnnError, match=words) as found:
            Printer(setup_of(table), assigned(setup_of(table), digits=3)).sheet(1)
        assert "[variants]" in str(found.value)


def test_options_that_leave_nothing_are_refused() -> None:
    with pytest.raises(
        UsageError, match=r"--blank deltas: this lesson has no such step. It has: all, z, activations\."
    ):
        printer("forward", blanks=frozenset({"deltas"}))
    with pytest.raises(UsageError, match="nothing is left to do"):
        printer("neuron", fade=4)
    with pytest.raises(UsageError, match="--reverse"):
        printer("activations", mode=Mode.REVERSE).sheet(1)


def test_blanks_and_fading() -> None:
    """Every kind of blank asks for the steps of that kind; faded steps are worked out on the sheet."""
    whole = printer("backprop").sheet(1)
    kinds = {name: {kind.value for kind in of} for name, of in BLANKS.items()}
    for name in ("z", "activations", "errors", "slopes", "deltas", "gradients", "updates"):
        sheet = printer("backprop", blanks=frozenset({name})).sheet(1)
        assert {answer.kind for answer in sheet.answers} <= kinds[name]
        assert [one.symbol for one in sheet.answers] == [one.symbol for one in whole.answers if one.kind in kinds[name]]
    for fade in (1, 8, 50):
        sheet = printer("backprop", fade=fade).sheet(1)
        assert [answer.number for answer in sheet.answers] == list(range(fade + 1, 52))
        assert sheet.answers == whole.answers[fade:]


@pytest.mark.parametrize("mode", Mode)
def test_a_sheet_does_not_give_its_answers_away(mode: Mode) -> None:
    """Numbers that are asked stand nowhere on the sheet, not even where they are used."""
    sheet = printer("backprop", mode=mode, digits=6, **({"fade": 12} if mode is Mode.FILL else {})).sheet(2)
    text = "\n".join(markdown.document(sheet_page(sheet, ENGLISH, True), Options()))
    for answer in sheet.answers:
        if answer.kind == Kind.WEIGHTED_SUM_SLOPE.value:
            continue  # ∂z/∂w is an activation, and that one may have been worked out
        if mode is Mode.REVERSE:
            assert f"{answer.name.latex} = {answer.shown.latex}" not in text
        else:
            assert answer.shown.latex not in text


@pytest.mark.parametrize("name", LESSONS)
def test_no_worked_step_gives_an_answer_away(name: str) -> None:
    """With any kind of blank, half of them in each lesson: a result that is shown has no unknown number behind it, or
    more than one."""
    for blank in list(BLANKS) if os.environ.get("SEEDS") else list(BLANKS)[LESSONS.index(name) % 2 :: 2]:
        try:
            sheet = printer(name, blanks=frozenset({blank})).sheet(1)
        except UsageError:  # this lesson has none
            continue
        for exercise in sheet.exercises:
            step = exercise.step
            if exercise.answer is not None:
                assert step.id in sheet.unknown
            elif step.id not in sheet.unknown:
                assert sum(source in sheet.unknown for source in step.uses) != 1


@pytest.mark.parametrize("name", LESSONS)
def test_everything_that_an_exercise_needs_is_on_the_sheet(name: str) -> None:
    """Given numbers and values that no exercise works out, each with its name."""
    sheet = printer(name).sheet(1)
    text = "\n".join(markdown.document(sheet_page(sheet, ENGLISH, formulas=False), Options()))
    own, arrays = {exercise.step.id for exercise in sheet.exercises}, drawn_arrays(text)
    network = sheet.setup.network
    for moment, ref in read_by(sheet, own):
        place = [one.constant for one in ref.index]
        is_given = moment.source(ref) is None
        if is_given and (array := arrays.get(named(network, network[ref.name], place[:-2]).text)):
            assert array[place[-2]][place[-1]] == given(moment.value(ref)).text
        elif moment.source(ref) not in own:
            name, value = joined(moment.names.typeset(ref)), moment.value(ref)
            decimal = given(value) if is_given else replace(moment.policy, digits=moment.policy.digits + 3).shown(value)
            written = joined(decimal.typeset)
            assert f"{name} = {written}" in text


def read_by(sheet: Sheet, own: set[str]) -> Iterator[tuple[Moment, Ref]]:
    """What the exercises read, and the tables that say where; of what is to be worked out on the way, what that reads."""
    waiting, seen = [exercise.step for exercise in sheet.exercises], set(own)
    while waiting:
        step = waiting.pop()
        formula = step.quantity.formula if step.quantity is not None else None
        for table in looked_up(formula) if formula is not None else ():
            quantity = step.moment.network[table]
            yield from ((step.moment, quantity.element(position)) for position in quantity.positions)
        for ref in step.moment.forms.used(step):
            source = step.moment.source(ref)
            if source in sheet.plan.on_the_way:
                if source not in seen:
                    seen.add(source)
                    waiting.append(sheet.trace[source])
            else:
                yield step.moment, ref


def drawn_arrays(text: str) -> dict[str, list[list[str]]]:
    """The cells of each array that is drawn on a Markdown sheet, under its name."""
    found: dict[str, list[list[str]]] = {}
    for block in re.findall(r"```text\n(.*?)```", text, re.DOTALL):
        heads: list[re.Match[str]] = []
        for line in filter(str.strip, block.splitlines()):
            if not re.match(r"\s*[−\d]", line):
                heads = list(re.finditer(r"\S+", line))
            for head, following in zip(heads, [*heads[1:], None], strict=True):
                cells = line[head.start() - 1 : following.start() - 1 if following else None].split()
                found.setdefault(head[0], []).append(cells) if cells != [head[0]] else None
    return found


def test_a_code_says_everything_about_its_sheet() -> None:
    """What is printed in the code makes the same sheet again; every mistyped letter is noticed, in any spelling."""
    for options in (
        {},
        {"fade": 3},
        {"mode": Mode.FIND, "digits": 6},
        {"blanks": frozenset({"z", "deltas"}), "rounded": True},
    ):
        make = printer("backprop", **options)
        sheet = make.sheet(123456789)
        found = read_code(sheet.code.lower().replace("-", " ").replace("0", "o").replace("1", "l"))
        lesson_setup = setup(load_lesson("backprop"))
        assert (found.of(lesson_setup), found.number) == (make.assignment, 123456789)
        again = Printer(lesson_setup, found.of(lesson_setup)).sheet(found.number)
        assert told(again) == told(sheet)
    refused = 0
    for place, letter in enumerate(sheet.code):
        for other in "7KZ":
            if letter not in (other, "-"):
                with pytest.raises(UsageError, match="--code"):
                    read_code(sheet.code[:place] + other + sheet.code[place + 1 :])
                refused += 1
    assert refused > 30


def test_a_changed_lesson_has_other_codes() -> None:
    """A sheet of a lesson file that was changed since is not answered with the key of other numbers."""
    lesson = load_lesson("backprop")
    changed = lesson.model_copy(update={"learning_rate": 0.25})
    assert fingerprint(lesson) != fingerprint(changed)
    assert fingerprint(lesson) == fingerprint(lesson.model_copy(update={"goal": lesson.title}))


def test_a_number_that_is_easily_guessed_is_not_asked() -> None:
    """Nor is one that was worked out."""
    of_zeros = stepnn.load("xor").trace(updates=1)["z_h1"]
    assert [is_given(of_zeros, ref) for ref in of_zeros.used] == [True, False, True, False, False]
    later = stepnn.load("backprop").trace()["z_o1"]
    assert [is_given(later, ref) for ref in later.used] == [True, False, True, False]
    of_ones = Trace(setup(load_lesson("xor")).with_values({"x1@1": 1.0, "x2@1": 0.5}), updates=1)["z_h1"]
    assert [is_given(of_ones, ref) for ref in of_ones.used] == [True, False, True, True, False]


def test_an_assignment_as_json() -> None:
    """It says everything that a sheet is made from, and what is wrong with one is told."""
    for options in ({}, {"fade": 3}, {"mode": Mode.FIND, "digits": 6}, {"blanks": frozenset({"z", "deltas"})}):
        make = printer("backprop", **options)
        found = read_assignment(json.dumps(as_object(make.assignment)))
        assert found == make.assignment
        assert told(Printer(setup(load_lesson("backprop")), found).sheet(7)) == told(make.sheet(7))
    good = as_object(printer("backprop").assignment)
    for wrong, wanted in (
        ({"digits": "four"}, "digits"), ({"selection": {"mode": "guess"}}, "selection.mode"), ({"scheme": 99}, "scheme"),
        ({"updates": 10**9}, "updates"), ({"digits": -1, "run": 0}, "digits.*run"), ({"variant": "x"}, "variant"), ({"more": 1}, "more"),
        ({"selection": {"blanks": ["magic"]}}, "magic; the kinds are z"), ({"lesson": "x" * 41}, "lesson"),
        ({"fingerprint": 2**12}, "fingerprint"), ({"points": 101}, "points"), ({"selection": {"fade": 64}}, "fade"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=wanted):
            read_assignment(json.dumps(good | wrong))
    least = {key: good[key] for key in ("lesson", "fingerprint")} | {"updates": 0}
    assert read_assignment(json.dumps(least)) == Assignment(good["lesson"], good["fingerprint"], 0)
    assert as_object(read_assignment(json.dumps(least))) == good | {"updates": 0, "significant": False}
    with pytest.raises(UsageError, match="no assignment"):
        read_assignment("[1, 2")
    with pytest.raises(UsageError, match="run 2; backprop has 1"):
        Printer(setup(load_lesson("backprop")), read_assignment(json.dumps(good | {"run": 2})))
    with pytest.raises(UsageError, match="as it was, or of another one"):
        Printer(setup(load_lesson("delta-rule")), printer("backprop").assignment)


def test_every_answer_names_its_step() -> None:
    sheet = printer("backprop").sheet(1)
    assert all(sheet.trace[answer["step"]].symbol == answer["symbol"] for answer in told(sheet)["answers"])


def test_as_many_steps_can_be_worked_as_a_code_has_room_for() -> None:
    assert dict(fields(SCHEME))["fade"] == MOST_FADED.bit_length() and sheet_options.MOST_FADED == MOST_FADED


def test_what_each_planted_mistake_works_with() -> None:
    """The wrong formula of each kind at one step of the main lesson, as it reads."""
    trace = stepnn.load("backprop-bias").trace()

    def wrong(symbol: str) -> dict[str, str]:
        step = trace[symbol]
        symbols = by_name(step.moment.names)
        return {
            name: Expression(one.formula, symbols).text for one in reversed(wrong_formulas(step)) for name in one.names
        }

    assert wrong("delta_o1")["slope_forgotten"] == wrong("delta_o1")["other_loss"] == "a_o1 − t1"
    assert wrong("z_h1")["bias_forgotten"] == "w1 · x1 + w2 · x2"
    assert wrong("z_h1")["transposed"] == "w1 · x1 + w3 · x2 + b1"
    assert wrong("dE_da_h1")["new_weights"] == "δ_o1 · w5_new + δ_o2 · w7_new"
    assert wrong("E_o1")["half_forgotten"] == "(a_o1 − t1)²"
    assert wrong("w5_new")["rate_forgotten"] == "w5 − ∂E/∂w5"
    assert wrong("w5_new")["wrong_direction"] == "w5 + η · ∂E/∂w5"
