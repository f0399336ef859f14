"""Exams: which steps are asked, what stands on the page, what it gives away, secrets, codes, points, little paper."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest

import stepnn
from stepnn.errors import UsageError
from stepnn.exercises.assignment import BLANKS, CHECKPOINTS, MOST_ASKED, Assignment, Selection, assigned, in_letters
from stepnn.exercises.code import LONG, Codes, read_code
from stepnn.exercises.plan import Exercises, Fate, beginning_with
from stepnn.exercises.secret import Secret, new_secret, read_secret
from stepnn.page.compact import compact_page
from stepnn.sheets.layout import key_page, sheet_page
from stepnn.sheets.sheet import Printer, Sheet, key_part
from stepnn.trace.step import Kind
from stepnn.words import catalogue
from stepnn.writers.formats import FORMATS, Options
from stepnn.writers.pdf.typesetter import Typesetter
from tests.conftest import Run
from tests.help import EVERY_OTHER, HERE, LESSONS, ROOT, SMALL

EXAM = str(HERE / "lessons" / "exam.toml")
ENGLISH = catalogue("en")


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@cache
def printer(name: str, digits: int | None = None, **selection: Any) -> Printer:
    chosen = {key: selection.pop(key) for key in ("updates", "sample", "run", "points") if key in selection}
    room = {"room": MOST_ASKED} if selection.keys() - {"blanks", "fade"} or chosen else {}
    found = stepnn.load(name).setup
    asked = assigned(found, Selection(**selection), digits, significant=digits is not None, **chosen, **room)
    known = printer(name, digits).exercises.trace if selection and not chosen else None  # derived once
    return Printer(found, asked, trace=known)


def text_of(sheet: Sheet, format: str = "markdown", compact: bool = False) -> str:
    return "\n".join(FORMATS[format].lines(sheet_page(sheet, ENGLISH, True, compact), Options()))


# The exam: a network of one's own


def by_numpy(given: dict[str, float]) -> dict[str, float]:
    """A 3-2-1 tanh network, two samples one after the other, momentum as PyTorch has it: v ← βv + g, w ← w − ηv."""
    beta, eta = given["beta"], given["eta"]
    w1 = np.array([[given[f"w_h{k}_x{j}"] for j in (1, 2, 3)] for k in (1, 2)])
    w2 = np.array([[given[f"w_o1_h{j}"] for j in (1, 2)]])
    b1, b2 = np.array([given["b_h1"], given["b_h2"]]), np.array([given["b_o1"]])
    velocity = [np.zeros_like(one) for one in (w1, b1, w2, b2)]
    found = {}
    for turn in (1, 2, 3):
        sample = min(turn, 2)
        x = np.array([given[f"x{j}@{sample}"] for j in (1, 2, 3)])
        t = given[f"t1@{sample}"]
        z1 = w1 @ x + b1
        a1 = np.tanh(z1)
        a2 = np.tanh(w2 @ a1 + b2)
        found |= {f"p{turn}.z_h{k + 1}": z1[k] for k in (0, 1)} | {f"p{turn}.a_o1": a2[0]}
        found[f"p{turn}.E"] = 0.5 * (a2[0] - t) ** 2
        d2 = (a2 - t) * (1 - a2**2)
        d1 = (w2.T @ d2) * (1 - a1**2)
        found |= {f"p{turn}.delta_o1": d2[0], f"p{turn}.delta_h1": d1[0], f"p{turn}.delta_h2": d1[1]}
        slopes = (np.outer(d1, x), d1, np.outer(d2, a1), d2)
        found |= {f"p{turn}.dE_dw_o1_h1": slopes[2][0, 0], f"p{turn}.dE_dw_h1_x1": slopes[0][0, 0]}
        velocity = [beta * old + slope for old, slope in zip(velocity, slopes, strict=True)]
        w1, b1, w2, b2 = (one - eta * v for one, v in zip((w1, b1, w2, b2), velocity, strict=True))
        found |= {f"p{turn}.v_w_o1_h1_new": velocity[2][0, 0], f"p{turn}.w_o1_h1_new": w2[0, 0]}
        found |= {f"p{turn}.w_h1_x1_new": w1[0, 0], f"p{turn}.b_h1_new": b1[0]}
    return found


def test_an_exam_on_a_network_of_ones_own(run: Run) -> None:
    """Both passes and a last look stand on the sheet, the velocities' start too; every key is right."""
    Path("class.csv").write_text("id,name\n1,Ann\n2,Ben\n3,Cy\n")
    more = ("--students", "class.csv", "--updates", "2", "--format", "markdown")
    assert run("sheet", EXAM, *more, "--out", "all").code == 0
    assert run("sheet", EXAM, *more, "--ask", "checkpoints", "--out", "few").code == 0
    for folder, least in (("all", 100), ("few", 15)):
        document = json.loads(Path(folder, "key.json").read_text(encoding="utf-8"))
        for sheet in document["sheets"]:
            text = Path(folder, f"{sheet['id']}.md").read_text(encoding="utf-8")
            assert "The update rule begins with: $v" in text and "= 0$" in text
            assert "sample 1:" in text and "sample 2:" in text and "pass 3" in text
            wanted = by_numpy(sheet["given"])
            seen = 0
            for answer in sheet["answers"]:
                if answer["step"] in wanted:
                    seen += 1
                    assert answer["value"] == pytest.approx(wanted[answer["step"]], rel=1e-9), answer
            assert len(sheet["answers"]) >= least and seen >= 15, (folder, len(sheet["answers"]), seen)


def test_only_the_second_pass(run: Run) -> None:
    """It begins with the weights and velocities that the first one has left, each given once."""
    assert run("sheet", EXAM, "--passes", "2", "--format", "markdown", "--out", "out").code == 0
    text = Path("out", "sheet-0001.md").read_text(encoding="utf-8")
    assert "sample 1:" not in text and "Already worked out" in text
    assert text.count("w_{o_1h_1} = 0") == 1 and "v_{w_{o_1h_1}} = " in text
    document = json.loads(Path("out", "key.json").read_text(encoding="utf-8"))
    (sheet,) = document["sheets"]
    wanted = by_numpy(sheet["given"])
    assert {answer["step"][:3] for answer in sheet["answers"]} == {"p2."}
    for answer in sheet["answers"]:
        if answer["step"] in wanted:
            assert answer["value"] == pytest.approx(wanted[answer["step"]], rel=1e-9)


# Which steps


def steps_of(name: str, **selection: Any) -> list[str]:
    return [step.id for step in printer(name, **selection).exercises.steps]


def test_steps_are_chosen_by_name_kind_layer_and_pass() -> None:
    assert steps_of("backprop", steps=("delta_o1", "∂E/∂w5", "p2.E")) == ["p1.delta_o1", "p1.dE_dw5", "p2.E"]
    assert steps_of("backprop", steps=("deltas",)) == [f"p1.delta_{one}" for one in ("o1", "o2", "h1", "h2")]
    assert steps_of("backprop", steps=("z",), layers=("hidden",), passes=(2,)) == ["p2.z_h1", "p2.z_h2"]
    assert steps_of("backprop", steps=("z",), layers=("1",)) == ["p1.z_h1", "p1.z_h2", "p2.z_h1", "p2.z_h2"]
    assert {one[:2] for one in steps_of("backprop", passes=(2,))} == {"p2"}
    assert steps_of("xor", sample=3)[0].startswith("p1.")
    third = printer("xor", sample=3).exercises.trace.moments[0]
    assert third.sample == 3 and printer("xor").exercises.trace.moments[0].sample == 4  # as its walk does
    assert printer("batches", run=2).exercises.setup.label != printer("batches").exercises.setup.label
    assert {step.moment.number for step in printer("optimizers", updates=4).exercises.steps} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--steps", "delta_9"), "called delta_9. Perhaps: "), (("--ask", "magic,E"), "called magic"),
        (("--points", "magic=2"), "called magic"), (("--layers", "7"), "--layers 7: there is no such layer"),
        (("--passes", "9"), "--passes 9: there is no such pass; there are 2"), (("--passes", "x"), "--passes x"),
        (("--passes", "0"), "--passes 0"), (("--points", "101"), "--points 101"), (("--points", "E=x"), "--points E=x"),
        (("--sample", "2"), "--sample 2"), (("--run", "2"), "run"), (("--steps", "z", "--passes", "2", "--layers", "9"), "--layers 9"),
        (("--steps", "E", "--layers", "1"), "No step is left"), (("--ask", "z", "--blank", "z"), "--ask"),
        (("--ask", "z", "--reverse"), "--ask"), (("--list", "--merge"), "--list"), (("--compact", "--reverse"), "--compact"),
        (("--part", "3/2"), "--part 3/2"), (("--part", "x"), "--part x"), (("--open", "--secret", "s"), "--open"),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen_is_told(run: Run, options: tuple[str, ...], words: str) -> None:
    result = run("sheet", "backprop", *options)
    assert result.code == 2 and words in result.err, result.err
    assert not any(Path().iterdir())


def test_what_an_exam_asks() -> None:
    """Each delta, a gradient and a new weight of each layer, the outputs, the error before and after."""
    symbols = [step.symbol for step in printer("backprop", ask=(CHECKPOINTS,)).exercises.steps]
    assert symbols == [
        "a_o1", "a_o2", "E", "delta_o1", "dE_dw5", "delta_o2", "delta_h1", "delta_h2", "dE_dw1", "w5_new", "w1_new", "E",
    ]  # fmt: skip
    for name in LESSONS:
        exercises = printer(name, ask=(CHECKPOINTS,)).exercises
        assert exercises.asked and (len(exercises.asked) <= 0.6 * len(exercises.field) or len(exercises.field) < 30), (
            name
        )


@pytest.mark.parametrize("name", LESSONS)
def test_nothing_is_left_out_in_silence(run: Run, name: str) -> None:
    """Every step that a person can work out is listed with what becomes of it; what has no room is told."""
    exercises = printer(name).exercises
    fates = list(exercises.fates())
    assert [step.id for step, fate in fates if fate in (Fate.ASKED, Fate.WORKED)] == [one.id for one in exercises.steps]
    out = run("sheet", name, "--list").out
    assert (f"Note: {exercises.too_many} steps are left out" in out) == bool(exercises.too_many)
    assert len(re.findall(r"^ +(\d+|–)  \S", out, re.MULTILINE)) == len(fates)


def test_what_has_no_room_is_told_when_sheets_are_made(run: Run) -> None:
    assert "steps are left out" in run("sheet", EXAM, "--format", "markdown").err
    assert "left out" not in run("sheet", EXAM, "--passes", "all", "--format", "markdown", "--out", "all").err


def test_points() -> None:
    """One for each operation, at least one; else what somebody says of a step, of a kind, or of all."""
    worth = {step.symbol: printer("backprop").exercises.worth(step) for step in printer("backprop").exercises.steps}
    assert (worth["z_h1"], worth["dE_dw5"], worth["w5_new"], worth["dz_dw5"], worth["E"]) == (3, 1, 2, 1, 1)
    given = stepnn.load("backprop").setup
    own = Printer(given, assigned(given, points={"deltas": 5, "delta_o1": 7, "p2.E": 9, "all": 2})).sheet(1)
    found = {answer.step: answer.points for answer in own.answers}
    assert (found["p1.delta_o1"], found["p1.delta_h1"], found["p2.E"], found["p1.E"]) == (7, 5, 9, 2)
    assert {answer.points for answer in printer("backprop", points=3).sheet(1).answers} == {3}
    for name in ("d_o1", "do1", "δ_o1", "p1.delta_o1"):  # a name goes before a kind, however it is spelled
        exercises = Printer(given, assigned(given, points={"deltas": 5, name: 7})).exercises
        assert {step.id: exercises.worth(step) for step in exercises.steps}["p1.delta_o1"] == 7, name


def test_the_sample_of_a_lesson_that_shuffles() -> None:
    """It is learned from first, there as well; the others follow in the order of the first epoch."""
    given = stepnn.load("xor").setup
    training = given.lesson.training.model_copy(update={"shuffle": True, "sample": None})
    shuffled = replace(given, lesson=given.lesson.model_copy(update={"training": training}))
    epoch = [number + 1 for batch in shuffled.batches(1) for number in batch]
    for sample in epoch:
        place = epoch.index(sample)
        assert beginning_with(shuffled, sample).lesson.learn_from == [*epoch[place:], *epoch[:place]]
        assert beginning_with(shuffled, sample).batches(1)[0] == [sample - 1]


# What the page gives away


def kinds_of(name: str) -> list[dict[str, Any]]:
    here = [kind for kind, of in BLANKS.items() if any(step.kind in of for step in printer(name).exercises.steps)]
    fade = len(printer(name).exercises.steps) // 2
    asked = [{"blanks": frozenset({kind})} for kind in here] + [{"ask": (kind,)} for kind in here]
    return [*asked, {"ask": (CHECKPOINTS,)}, {"steps": (here[0], here[-1])}, {"fade": min(fade, 60), "from_end": True}]


@pytest.mark.parametrize("name", SMALL)
def test_no_sheet_gives_an_answer_away(name: str) -> None:
    """With every kind of blank, with what is asked alone, with chosen steps, with the end worked: no answer stands on
    the page, and no number from which a single one could be read back."""
    every = kinds_of(name)
    turn = LESSONS.index(name) % 5  # a fifth of them in each lesson, another one in the next
    for selection in every if os.environ.get("SEEDS") else [*every[turn::5], {"ask": (CHECKPOINTS,)}]:
        try:
            sheet = printer(name, 6, **selection).sheet(1)
        except UsageError:
            continue
        check_leaks(sheet)
        check_text(sheet, text_of(sheet, compact="ask" in selection))


def check_leaks(sheet: Sheet) -> None:
    """Of every number on the page that an answer leads to: at least two unknown ones lead to it."""
    origins, asked = sheet.plan.origins, {answer.step for answer in sheet.answers}
    shown = {one.step.id for one in sheet.exercises if one.step.id not in sheet.unknown}
    shown |= {source for moment, ref in sheet.known if (source := moment.source(ref)) is not None}
    assert not shown & asked

    @cache  # a number is reached on a great many ways
    def unknown(name: str) -> bool:
        return name not in shown and (name in asked or any(map(unknown, origins.uses(name))))

    for name in shown:
        assert sum(map(unknown, origins.uses(name))) != 1, name


def check_text(sheet: Sheet, text: str) -> None:
    """No answer of at least five digits is printed, unless a number that may be seen reads the same."""
    seen = {one.step.value or 0.0 for one in sheet.exercises if one.step.id not in sheet.unknown}
    seen |= {moment.value(ref) for moment, ref in (*sheet.known, *sheet.given)}
    same = {sheet.assignment.policy.shown(value).mantissa.lstrip("-") for value in seen}
    numbers = set(re.findall(r"\d+\.\d+", text))
    for answer in sheet.answers:
        digits = answer.shown.mantissa.lstrip("-")
        if len(digits.replace(".", "").strip("0")) >= 5 and digits not in same:
            assert digits not in numbers, (answer.step, digits)


@pytest.mark.parametrize("format", ["html", "latex", "markdown", "pdf"])
def test_no_format_gives_an_answer_away(format: str) -> None:
    """Not in its pictures either."""
    for name in ("backprop", "convolution", "rnn"):
        sheet = printer(name, 6, ask=(CHECKPOINTS,)).sheet(3)
        if format == "pdf":
            with Typesetter() as typesetter:
                document = pypdfium2.PdfDocument(typesetter.pdf(sheet_page(sheet, ENGLISH, True)))
            text = "".join(page.get_textpage().get_text_bounded() for page in document)
        else:
            text = text_of(sheet, format)
        check_text(sheet, text)


def test_a_mistake_is_not_betrayed_by_its_formula() -> None:
    """Find the error: the formula in symbols is the right one everywhere; only numbers are wrong."""
    from stepnn.exercises.assignment import Mode
    from stepnn.page.blocks import Equation, inside
    from stepnn.page.equations import by_name
    from stepnn.page.written import Expression
    from stepnn.sheets.layout import exercise_block

    found = stepnn.load("backprop").setup
    make = Printer(found, assigned(found, Selection(mode=Mode.FIND), 4, True))
    for number in range(30):
        sheet = make.sheet(number)
        for exercise in sheet.exercises:
            step = exercise.step
            assert step.ref is not None
            (equation,) = [b for b in inside((exercise_block(sheet, exercise, ENGLISH),)) if isinstance(b, Equation)]
            right = Expression(step.moment.network.definition(step.ref), by_name(step.moment.names))
            assert equation.lines[0].right.text == right.text


def test_fading_from_either_end() -> None:
    start, end = (printer("backprop", fade=10, from_end=one).sheet(1) for one in (False, True))
    assert [answer.number for answer in start.answers] == list(range(11, 52))
    assert [answer.number for answer in end.answers] == list(range(1, 42)) and len(end.exercises) == 51


# Secrets and codes


def test_numbers_are_secret(run: Run) -> None:
    """Without the secret, code, seed and list give neither sheet nor key; with another one it is told which is wrong."""
    Path("class.csv").write_text("id,name\n1,Ann\n2,Ben\n")
    more = ("--students", "class.csv", "--format", "markdown")
    assert run("secret", "new", "s1").code == 0 and run("secret", "new", "s2").code == 0
    assert stat.S_IMODE(Path("s1").stat().st_mode) == 0o600
    assert run("sheet", "backprop", *more, "--secret", "s1", "--out", "a").code == 0
    document = json.loads(Path("a", "key.json").read_text(encoding="utf-8"))
    first, second = document["sheets"]
    again = run("sheet", "--code", first["code"], "--secret", "s1", "--key")
    assert again.code == 0 and f"= {first['answers'][0]['answer']}" in again.out
    for wrong, words in (
        ((), "no secret in"), (("--secret", "s2"), "another secret"), (("--secret", "nowhere"), "no secret in nowhere"),
    ):  # fmt: skip
        refused = run("sheet", "--code", first["code"], *wrong, "--key")
        assert refused.code == 2 and words in refused.err and refused.out == "", refused.err
    mistyped = first["code"][:-1] + ("7" if first["code"][-1] != "7" else "8")
    assert "mistyped" in run("sheet", "--code", mistyped, "--secret", "s2", "--key").err
    practised = run("practice", "backprop", "--code", first["code"], "--paper")
    assert practised.code == 2 and "were drawn with a secret" in practised.err and practised.out == ""
    for other in ("--open",), ("--secret", "s2"):
        assert run("sheet", "backprop", *more, *other, "--out", other[0]).code == 0
        others = json.loads(Path(other[0], "key.json").read_text(encoding="utf-8"))["sheets"]
        assert others[0]["given"] != first["given"] and others[0]["code"] != first["code"]
    assert first["given"] != second["given"]


def test_a_class_gets_a_secret_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made once, in the data folder and never among the sheets, and its place is said."""
    Path("class.csv").write_text("id,name\n1,Ann\n")
    monkeypatch.setenv("STEPNN_DATA", str(Path("data").resolve()))
    more = ("sheet", "neuron", "--students", "class.csv", "--format", "markdown")
    made, used = run(*more, "--out", "a"), run(*more, "--out", "b")
    assert "Made a secret in" in made.err and "data" in made.err and "were drawn with the secret in" in used.err
    assert Path("a", "1.md").read_bytes() == Path("b", "1.md").read_bytes() and not Path("a", "secret").exists()
    assert run(*more, "--secret", "c/secret", "--out", "c").code == 2
    monkeypatch.setenv("STEPNN_SECRET", str(Path("data", "secret")))
    assert run("sheet", "neuron", "--format", "markdown", "--out", "d").code == 0
    assert len(json.loads(Path("d", "key.json").read_text(encoding="utf-8"))["sheets"][0]["code"]) == LONG + 4
    monkeypatch.setenv("STEPNN_SECRET", "mistyped")
    refused = run(*more, "--out", "e")
    assert refused.code == 2 and "no secret in mistyped" in refused.err and not Path("e").exists()
    assert run(*more, "--open", "--out", "f").code == 0 and not Path("mistyped").exists()


def test_bad_secrets(run: Run) -> None:
    """Each is told; one that others can read gets a word."""
    Path("class.csv").write_text("id,name\n1,Ann\n")
    Path("text").write_text("hello")
    Path("open").touch()
    Path("open").unlink()
    new_secret(Path("open"))
    Path("open").chmod(0o644)
    more = ("sheet", "neuron", "--students", "class.csv", "--format", "markdown")
    assert "is no secret of stepnn" in run(*more, "--secret", "text", "--out", "a").err
    result = run(*more, "--secret", "open", "--out", "b")
    assert result.code == 0 and "others can read" in result.err
    exists = run("secret", "new", "open")
    assert exists.code == 1 and "is there already" in exists.err and read_secret(Path("open"))
    assert "key" not in repr(read_secret(Path("open")))


def test_every_letter_of_a_long_code_counts() -> None:
    """A code with a secret, one with more options than it has room for; a wrong secret is told from a wrong letter."""
    found = stepnn.load("backprop").setup
    secret, asked = Secret(b"a" * 16), assigned(found, Selection(ask=("E",)), room=MOST_ASKED)
    for codes in (Codes(found, assigned(found), secret), Codes(found, asked), Codes(found, asked, secret)):
        number = codes.number(3, "student 1")
        printed = codes.code(number)
        contents = read_code(printed.lower().replace("-", " ").replace("0", "o"))
        assert contents.number == number and contents.of(found, codes.assignment) == codes.assignment
        codes.check(contents)
        for place, letter in enumerate(printed):
            for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
                if letter not in (other, "-"):
                    with pytest.raises(UsageError, match="mistyped"):
                        read_code(printed[:place] + other + printed[place + 1 :])
        plain = printed.replace("-", "")
        for place in range(len(plain) - 1):
            swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
            if swapped != plain:
                with pytest.raises(UsageError, match="mistyped"):
                    read_code(swapped)
    with pytest.raises(UsageError, match="more options"):
        read_code(Codes(found, asked).code(7)).of(found)
    with pytest.raises(UsageError, match="another secret"):
        Codes(found, asked, Secret(b"b" * 16)).check(read_code(printed))


def test_two_sheets_say_nothing_of_a_third() -> None:
    """Everything that a secret gives is HMAC-SHA256 of the assignment, the seed and the id, worked out here anew."""
    import hashlib
    import hmac

    found = stepnn.load("backprop").setup
    codes = Codes(found, assigned(found), Secret(b"0123456789abcdef"))
    text = in_letters(codes.assignment)
    made = hmac.new(b"0123456789abcdef", f"code\0{text}/5/student 7".encode(), hashlib.sha256).digest()
    number = int.from_bytes(made, "big") >> 256 - 33
    assert codes.number(5, "student 7") == number
    drawn = hmac.new(b"0123456789abcdef", f"numbers\0{text}/{number}".encode(), hashlib.sha256).digest()
    assert codes.drawn(number) == int.from_bytes(drawn, "big") >> 128


def test_the_key_of_a_sheet_sets_others(run: Run) -> None:
    """With more options than a code has room for, the key file says what was asked."""
    assert run("sheet", "backprop", "--ask", "deltas", "--format", "markdown", "--out", "a").code == 0
    (sheet,) = json.loads(Path("a", "key.json").read_text(encoding="utf-8"))["sheets"]
    assert "more options" in run("sheet", "--code", sheet["code"], "--key").err
    again = run("sheet", "--code", sheet["code"], "--assignment", "a/key.json", "--key")
    assert again.code == 0 and f"= {sheet['answers'][0]['answer']}" in again.out
    assert run("sheet", "--assignment", "a/key.json", "--format", "markdown", "--out", "b").code == 0
    assert Path("b", "sheet-0001.md").read_bytes() == Path("a", "sheet-0001.md").read_bytes()
    for text, words in (
        ("{}", "not the key"),
        ("[", "cannot be read"),
        ('{"assignment": {"lesson": "/etc/passwd"}}', "no assignment"),
    ):
        Path("bad.json").write_text(text)
        bad = run("sheet", "--assignment", "bad.json")
        assert bad.code == 2 and words in bad.err and "root:" not in bad.err, bad.err


# Little paper


@pytest.mark.parametrize("name", EVERY_OTHER)
def test_a_compact_example_is_short(name: str) -> None:
    """The main lesson has two pages, none more than eight; every number that is worked out stands on it."""
    with Typesetter() as typesetter:
        pages = len(pypdfium2.PdfDocument(typesetter.pdf(compact_page(stepnn.load(name).trace(), ENGLISH))))
    assert pages <= (2 if name == "backprop" else 8)


def test_a_compact_sheet_is_two_pages() -> None:
    """With a blank and its points for each question, and room for working."""
    sheet = printer("backprop").sheet(1)
    with Typesetter() as typesetter:
        document = pypdfium2.PdfDocument(typesetter.pdf(sheet_page(sheet, ENGLISH, True, compact=True)))
    assert len(document) == 2
    text = text_of(sheet, compact=True)
    assert text.count("underline") == len(sheet.answers) + 2 and "Room for your working" in text


def test_a_short_key() -> None:
    """All students in one table: 400 of 51 answers on at most 30 pages, every number in it."""
    make = printer("backprop")
    parts = [key_part(make.sheet(number)) for number in range(29)]
    page = key_page(parts, make.lesson, make.assignment, ENGLISH, short=True)
    with Typesetter() as typesetter:
        document = pypdfium2.PdfDocument(typesetter.pdf(page))
    text = "".join(one.get_textpage().get_text_bounded() for one in document).replace("−", "-")
    assert len(document) <= 3  # 14 sheets side by side: 29 tables for 400
    assert all(answer.shown.ascii in text for part in parts for answer in part.answers)


# Many at once


def test_the_same_bytes_with_any_number_of_jobs_and_in_parts(run: Run) -> None:
    more = ("sheet", "backprop", "--copies", "7", "--seed", "3")
    for jobs in ("1", "2", "3"):
        assert run(*more, "--jobs", jobs, "--out", jobs).code == 0
    files = {jobs: {one.name: one.read_bytes() for one in Path(jobs).iterdir()} for jobs in "123"}
    assert files["1"] == files["2"] == files["3"]
    for number in (1, 2, 3):
        assert run(*more, "--part", f"{number}/3", "--out", "parts", "--force").code == 0
    sheets = {one.name: one.read_bytes() for one in Path("parts").glob("sheet-*")}
    assert sheets == {name: data for name, data in files["1"].items() if name.startswith("sheet-")}
    assert len(list(Path("parts").glob("key-*.json"))) == 3


def test_assignments_of_before_can_be_read() -> None:
    """A point for each answer, and no sample of its own."""
    found = stepnn.load("xor").setup
    old = assigned(found, scheme=3)
    assert (old.points, old.sample) == (1, 0) and isinstance(old, Assignment)
    assert {step.kind for step in Exercises(found, old).steps} >= {Kind.WEIGHTED_SUM}


@contextmanager
def cluster(count: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler and workers on loopback: the address of the one, and the others."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    python = [sys.executable, "-m", "distributed.cli.dask_"]
    begin = [*python[:2], python[2] + "scheduler", "--host", address, "--no-dashboard", "--no-show"]
    work = [*python[:2], python[2] + "worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": str(Path().resolve())}
    scheduler = subprocess.Popen(begin, **quiet)
    workers = [subprocess.Popen(work, **quiet) for _ in range(count)]
    try:
        yield address, workers
    finally:
        for one in (*workers, scheduler):
            one.kill()
            one.wait()


def test_a_cluster_makes_the_same_and_loses_nothing(run: Run) -> None:
    """A worker that is killed in the middle takes nothing with it; an address where nobody answers is told."""
    more = ("sheet", "backprop", "--copies", "40", "--format", "markdown")
    assert run(*more, "--out", "here").code == 0
    with cluster(2) as (address, workers):
        killing = threading.Timer(4.0, workers[0].kill)
        killing.start()
        result = run(*more, "--cluster", address, "--out", "there")
        killing.cancel()
    assert result.code == 0, result.err
    here, there = ({one.name: one.read_bytes() for one in Path(where).iterdir()} for where in ("here", "there"))
    assert here == there
    nobody = run(*more, "--cluster", "tcp://127.0.0.1:9", "--out", "x")
    assert nobody.code == 2 and "no scheduler answers" in nobody.err and not Path("x").exists()


def test_what_is_lost_with_a_process_is_made_again(tmp_path: Path) -> None:
    """A broken pool runs what is missing once more; a second time it is told."""
    from stepnn.cli.jobs import Workers, mapped
    from stepnn.errors import StepnnError

    once = partial(dies_once, tmp_path / "died")
    assert list(mapped(once, range(8), Workers(2))) == [number * number for number in range(8)]
    with pytest.raises(StepnnError, match="killed, twice"):
        list(mapped(partial(dies_once, tmp_path / "no such folder" / "x"), range(8), Workers(2)))


def dies_once(mark: Path, number: int) -> int:
    """A task whose process is killed, unless somebody has left a mark."""
    if number == 3 and not mark.exists():
        if mark.parent.exists():
            mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def test_no_process_outlives_one_that_was_killed(tmp_path: Path) -> None:
    """The processes of a pool end with their parent, which had no time to tell them."""
    code = (
        "import sys; from pathlib import Path; from functools import partial; from stepnn.cli.jobs import Workers, mapped;"
        "from tests.test_exams import says_who; list(mapped(partial(says_who, Path(sys.argv[1])), range(2), Workers(2)))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT)
    wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
    children = [int(one.name) for one in tmp_path.iterdir()]
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(map(is_running, children)))


def says_who(folder: Path, number: int) -> None:
    """A task that takes long."""
    (folder / str(os.getpid())).touch()
    time.sleep(600)


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # ended, and waiting for somebody to ask


def wait_for(condition: Callable[[], bool]) -> None:
    """Raises TimeoutError after a while."""
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.1)
