"""Marking: points against an independent marker, tables of every kind, what cannot be farmed, feedback, platforms, audits."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest

import stepnn
from stepnn.exercises.assignment import Assignment, Selection, assigned
from stepnn.exercises.catalogue import wrong_formulas
from stepnn.exercises.judge import Verdict
from stepnn.exercises.person import Numbers
from stepnn.exercises.secret import Secret
from stepnn.lessons.read import load_lesson
from stepnn.marking.carry import Carry
from stepnn.marking.marks import Mark, Marker, Paper
from stepnn.notation.formula import Formula
from stepnn.sheets.key_file import Asked, SheetKey
from stepnn.sheets.sheet import Printer, Student, key_part
from tests import by_hand
from tests.conftest import Run
from tests.help import HERE

SECRET = Secret(b"marking in tests")
SHAKEN = 6  # times
Planted = dict[str, Formula]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@cache
def printer(name: str = "backprop", *ask: str) -> Printer:
    found = stepnn.load(name).setup
    return Printer(found, assigned(found, Selection(ask=ask)), SECRET)


@cache
def marker(name: str = "backprop", carry: Carry = Carry.full, *ask: str) -> Marker:
    return Marker(load_lesson(name), printer(name, *ask).assignment, carry)


@cache
def sheet(number: int, name: str = "backprop", *ask: str) -> tuple[SheetKey, dict[str, float]]:
    """The key of a sheet, and its given numbers."""
    part = key_part(printer(name, *ask).sheet(number, Student(f"s{number}", f"Student {number}")))
    asked = tuple(Asked(one.number, one.step, one.symbol, one.kind, one.points) for one in part.answers)
    return SheetKey(part.student.id, part.student.name, part.code, part.seed, asked), dict(part.given)


def worked(
    one: Marker, key: SheetKey, planted: Planted | None = None, style: str = "keeps", seed: int = 0
) -> dict[str, str]:
    """The answers of a student who works with these wrong formulas, and rounds every step, none, or some."""
    workings, digits, trace = one.desk.workings, one.desk.judge.digits, one.trace(key)
    paper, memory, draw = Numbers(workings, trace), Numbers(workings, trace), random.Random(seed)
    found = {}
    for working in workings.all:
        numbers = {"keeps": memory, "rounds": paper, "mixes": draw.choice((paper, memory))}[style]
        value = numbers.of(working.at, (planted or {}).get(working.id, working.forms[0]))
        paper.values[working.id], memory.values[working.id] = digits.rounded(value), value
        if working.step is not None:
            found[working.id] = digits.shown(value).ascii
    return found


def mistakes(one: Marker) -> list[tuple[str, Formula]]:
    return [(working.id, fault.formula) for working in one.desk.workings.asked for fault in working.mistakes]


# Points against an independent marker


class Answered(by_hand.Pass):
    """A pass in which what somebody has answered takes the place of what is worked out; `expected` is what it was."""

    made: list[Answered]
    answers: list[dict[str, float]]

    def __init__(self, keep: by_hand.Keep) -> None:
        super().__init__(keep)
        self.expected: dict[str, float] = {}
        self.turn = len(Answered.made)
        Answered.made.append(self)

    def __setitem__(self, symbol: str, value: float) -> None:
        self.expected[symbol] = value
        super().__setitem__(symbol, Answered.answers[self.turn].get(symbol, value))


def by_an_independent_marker(
    key: SheetKey, given: dict[str, float], answers: dict[str, str], carried: bool, monkeypatch: pytest.MonkeyPatch
) -> dict[str, int]:
    """Points by step: right, but for its last digit, from true numbers or, `carried`, from one's own, which may have
    been rounded: they are shaken by half a unit. The formulas are those of `by_hand`, typed in from textbooks; nothing
    of stepnn takes part."""
    typed = [{name[3:]: float(text) for name, text in answers.items() if name.startswith(f"p{n}.")} for n in (1, 2)]
    true = by_hand.LESSONS["backprop"](given, float)
    draw, wanted = random.Random(1), [{symbol: [value] for symbol, value in one.items()} for one in true]
    monkeypatch.setattr(by_hand, "Pass", Answered)
    for _ in range(SHAKEN if carried else 0):
        Answered.made = []
        Answered.answers = [
            {name: one + draw.uniform(-0.5, 0.5) * unit(one) for name, one in turn.items()} for turn in typed
        ]
        by_hand.LESSONS["backprop"](given, float)
        for turn, made in enumerate(Answered.made):
            for symbol, value in made.expected.items():
                wanted[turn][symbol].append(value)
    monkeypatch.undo()
    points = {}
    for one in key.asked:
        turn = int(one.step[1]) - 1
        value, (right, *own) = typed[turn].get(one.symbol), wanted[turn][one.symbol]
        ranges = [(right, right), *([(min(own), max(own))] if own else [])]
        off = (
            [max(low - value, value - high, 0.0) / unit(high) for low, high in ranges] if value is not None else [99.0]
        )
        if not any(0.6 < one_off < 25 for one_off in off):  # else it is a matter of how generous one is
            points[one.step] = one.points if min(off) < 3 else 0
    return points


def unit(value: float) -> float:
    """One unit of the fourth significant digit."""
    return float(10 ** (int(f"{value:e}".split("e")[1]) - 3)) if value else 1e-9


def is_clear(one: Marker, key: SheetKey, planted: Planted, answers: dict[str, str]) -> bool:
    """Whether what was planted shows by far, and is no number that nothing is carried from."""
    trace = one.trace(key)
    for name in planted:
        working = one.desk.workings.by_id[name]
        right, typed = trace.moments[working.at].value(working.ref), float(answers[name])
        if abs(typed - right) < 40 * unit(right) or not typed:
            return False
    return True


def test_points_are_those_of_an_independent_marker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables with up to three mistakes, some answers left out; without and with carrying forward.

    Two hundred of them by `make test-long`, eighty in the ordinary run.
    """
    draw, seen, wanted_count = random.Random(11), 0, 200 if os.environ.get("SEEDS") else 80
    for number in range(320):
        key, given = sheet(number % 40)
        planted = dict(draw.sample(mistakes(marker()), draw.choice((0, 1, 1, 2, 3))))
        planted = {name: one for name, one in planted.items() if not re.search("dz|dE_da_o", name)}  # δ has other forms
        answers = worked(marker(), key, planted)
        if not is_clear(marker(), key, planted, answers):
            continue
        for name in draw.sample(sorted(answers.keys() - planted.keys()), draw.choice((0, 0, 3, 10))):
            del answers[name]
        found = {carry: marker(carry=carry).mark(Paper(key, answers)) for carry in (Carry.no, Carry.half, Carry.full)}
        refused = {one.asked.step for one in found[Carry.full].answers if one.refused is not None}
        for carry, carried in ((Carry.no, False), (Carry.full, True)):
            wanted = by_an_independent_marker(key, given, answers, carried, monkeypatch)
            got = {one.asked.step: one.earned for one in found[carry].answers}
            off = {name for name in wanted if wanted[name] != got[name]} - refused
            assert not off, (
                number,
                carry,
                planted.keys(),
                {name: (wanted[name], got[name], answers.get(name)) for name in off},
            )
        middle = (found[Carry.no].earned + found[Carry.full].earned) / 2
        assert found[Carry.half].earned == middle
        seen += 1
        if seen == wanted_count:
            return
    raise AssertionError(seen)


@pytest.mark.parametrize("name", ["backprop", "xor", "softmax", "lstm", "convolution", "optimizers"])
def test_honest_people_get_full_marks(name: str) -> None:
    """Whether they round every step, none, or some; also where only checkpoints are asked."""
    for ask in ((), ("checkpoints",)):
        for number in range(3):
            key, _ = sheet(number, name, *ask)
            for style in ("keeps", "rounds", "mixes"):
                one = marker(name, Carry.full, *ask)
                mark = one.mark(Paper(key, worked(one, key, style=style, seed=number)))
                assert mark.earned == mark.points, (
                    name,
                    ask,
                    style,
                    [a for a in mark.answers if a.earned != a.asked.points][:2],
                )


@pytest.mark.parametrize("name", ["backprop", "xor", "vanishing", "rnn"])
def test_points_cannot_be_farmed(name: str) -> None:
    """All zeros, all ones, the given weights copied in turn, one number everywhere, the right ones in another order:
    nothing is earned but what is right by itself."""
    for number in range(3):
        key, given = sheet(number, name)
        right = worked(marker(name), key)
        weights = [value for symbol, value in given.items() if symbol[0] in "wbUW"] or [0.5]
        steps = [one.step for one in key.asked]
        tries = {
            "zeros": ["0"] * len(steps), "ones": ["1"] * len(steps),
            "weights": [str(weights[at % len(weights)]) for at in range(len(steps))],
            "halves": ["0.5"] * len(steps), "words": ["about 0.5"] * len(steps),
        }  # fmt: skip
        for what, texts in tries.items():
            mark = marker(name).mark(Paper(key, dict(zip(steps, texts, strict=True))))
            by_itself = sum(one.asked.points for one in mark.answers if one.judged.verdict is Verdict.RIGHT)
            by_chance = 3 if what == "weights" else 0  # 0.25 is the slope at 0.5
            assert by_itself <= mark.earned <= by_itself + by_chance, (
                what,
                [one for one in mark.answers if one.earned][:3],
            )
            lucky = [one for one in mark.answers if one.earned and not near(one.typed, right[one.asked.step])]
            assert len(lucky) <= bool(by_chance), what
    assert marker(name).mark(Paper(key, {})).earned == 0


def near(typed: str, right: str) -> bool:
    return abs(float(typed) - float(right)) <= 1e-3 * max(abs(float(right)), 1)


def test_one_mistake_costs_once() -> None:
    """A named one is carried however far off it is; what is far off without a name is not."""
    key, _ = sheet(5)
    named = next(
        (name, fault.formula) for name in ("p1.delta_o1",)
        for fault in marker().desk.workings.by_id[name].mistakes if "slope_forgotten" in fault.names
    )  # fmt: skip
    mark = marker().mark(Paper(key, worked(marker(), key, dict([named]))))
    lost = {one.asked.step for one in mark.answers if one.earned != one.asked.points}
    assert (
        lost == {"p1.delta_o1"} and mark.first_wrong is not None and mark.first_wrong.mistakes[0] == "slope_forgotten"
    )
    answers = worked(marker(), key)
    answers["p1.z_h1"] = "4711"
    far = marker().mark(Paper(key, answers))
    assert {one.asked.step for one in far.answers if one.earned != one.asked.points} == {"p1.z_h1"}


@pytest.mark.parametrize(
    "mistake", ["new_weights", "half_forgotten", "slope_forgotten", "transposed", "bias_forgotten"]
)
def test_mistakes_on_the_way_are_named(mistake: str) -> None:
    """Made in every step of its kind, also in those that an exam does not ask for."""
    name = "backprop-bias" if mistake == "bias_forgotten" else "backprop"
    one = marker(name, Carry.full, "checkpoints")
    key, _ = sheet(3, name, "checkpoints")
    trace, steps = one.trace(key), one.desk.exercises.trace.by_symbol
    paper, answers = Numbers(one.desk.workings, trace), {}
    for working in one.desk.workings.all:
        step = working.step or steps.get(working.id)
        faults = wrong_formulas(step) if step is not None else ()
        wrong = next((fault.formula for fault in faults if mistake in fault.names), working.forms[0])
        paper.values[working.id] = value = paper.of(working.at, wrong)
        if working.step is not None:
            answers[working.id] = one.desk.judge.digits.shown(value).ascii
    mark = one.mark(Paper(key, answers))
    assert mark.first_wrong is not None and mistake in mark.first_wrong.mistakes, mark.first_wrong
    assert 0 < mark.earned < mark.points


# Files


def handed_out(run: Run, *more: str, count: int = 4) -> dict[str, Any]:
    """Sheets for a few students, and their key."""
    rows = "\n".join(f"s{n},Student {n}" for n in range(count))
    Path("class.csv").write_text(f"id,name\n{rows}\n")
    result = run("sheet", "backprop", "--students", "class.csv", "--format", "markdown", "--out", "sheets", *more)
    assert result.code == 0, result.err
    found: dict[str, Any] = json.loads(Path("sheets", "key.json").read_text(encoding="utf-8"))
    return found


def filled(key: dict[str, Any]) -> list[list[str]]:
    """A table of right answers, but that student 1 forgot a sign and student 2 left the half of it out."""
    numbers = [answer["exercise"] for answer in key["sheets"][0]["answers"]]
    rows = [["id", "name", *(f"Response {number}" for number in numbers)]]
    for place, one in enumerate(key["sheets"]):
        cells = [answer["answer"] for answer in one["answers"]]
        if place == 1:
            cells[0] = f"-{cells[0]}"
        if place == 2:
            cells[len(cells) // 2 :] = [""] * (len(cells) - len(cells) // 2)
        rows.append([one["id"], one["name"], *cells])
    return rows


def as_csv(rows: Sequence[Sequence[str]], separator: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


def marks_of(folder: str) -> list[list[str]]:
    return list(csv.reader(Path(folder, "marks.csv").read_text(encoding="utf-8-sig").splitlines()))


MARK = ("mark", "--key", "sheets/key.json", "--format", "markdown")


def tables(key: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The same answers as people have them."""
    rows = filled(key)
    yield "wide.csv", as_csv(rows).encode()
    yield (
        "excel.csv",
        ("sep=;\r\n" + as_csv([[c.replace(".", ",") for c in row] for row in rows], ";")).encode("utf-16"),
    )
    yield "korean.csv", as_csv([["학번", "이름", *rows[0][2:]], *rows[1:]]).encode("cp949")
    symbols = [f"{a['exercise']} {a['symbol']}" for a in key["sheets"][0]["answers"]]
    codes = [
        ["code", *symbols],
        *([one["code"].lower(), *row[2:]] for one, row in zip(key["sheets"], rows[1:], strict=True)),
    ]
    yield "codes.csv", as_csv(codes, "\t").encode()
    flat = [["id", "question", "answer"]]
    for row in rows[1:]:
        flat += [[row[0], head.split()[1], cell] for head, cell in zip(rows[0][2:], row[2:], strict=True)]
    yield "long.csv", as_csv(flat).encode()
    moodle = [["Last name", "First name", "ID number", "State", "Grade/51.00", *rows[0][2:]]]
    moodle += [[row[1].split()[1], row[1].split()[0], row[0], "Finished", "-", *row[2:]] for row in rows[1:]]
    yield "moodle.csv", as_csv(moodle).encode("utf-8-sig")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([float(c) if re.fullmatch(r"-?[\d.]+(e-?\d+)?", c) else c for c in row])  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    yield "book.xlsx", out.getvalue()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for one, row in zip(key["sheets"], rows[1:], strict=True):
            answers = {head.split()[1]: cell for head, cell in zip(rows[0][2:], row[2:], strict=True) if cell}
            form = {"format": "stepnn-answers-1", "code": one["code"], "id": one["id"], "answers": answers}
            made.writestr(f"{one['name']}_123_assignsubmission_file_/answers.json", json.dumps(form))
    yield "forms.zip", packed.getvalue()


def test_answers_as_people_have_them(run: Run) -> None:
    """In every kind of table the same marks, and the same bytes again."""
    key = handed_out(run)
    wanted: list[list[str]] = []
    for name, data in tables(key):
        Path(name).write_bytes(data)
        result = run(*MARK, name, "--out", f"out-{name}")
        assert result.code == 0, (name, result.err)
        found = marks_of(f"out-{name}")
        wanted = wanted or found
        assert found == wanted, name
    full = str(sum(answer["points"] for answer in key["sheets"][0]["answers"]))
    assert [row[2] == full for row in wanted[1:]] == [True, False, False, True]
    assert wanted[2][4:] == ["1 z_h1", ""] and wanted[0] == [
        "id",
        "name",
        "points",
        "out_of",
        "first_wrong",
        "mistakes",
    ]
    assert run(*MARK, "wide.csv", "--out", "again", "--jobs", "1").code == 0
    again = {one.name: one.read_bytes() for one in Path("again").iterdir()}
    assert again == {one.name: one.read_bytes() for one in Path("out-wide.csv").iterdir()}
    with zipfile.ZipFile("forms.zip") as packed:
        packed.extractall("forms")
    assert run(*MARK, "forms", "--out", "folder").code == 0 and marks_of("folder") == wanted


def test_the_template_is_read_again(run: Run) -> None:
    handed_out(run)
    assert run("mark", "--key", "sheets/key.json", "--template", "empty.csv").code == 0
    assert run("mark", "--key", "sheets/key.json", "--template", "empty.csv").code == 1
    result = run(*MARK, "empty.csv", "--out", "out")
    assert result.code == 0 and {row[2] for row in marks_of("out")[1:]} == {"0"}
    assert "Nothing was handed in" in Path("out", "feedback-s0.md").read_text(encoding="utf-8")


CODE = [""]  # of the first student
BAD: dict[str, tuple[Callable[[list[list[str]]], list[list[str]]], str]] = {
    "unknown student": (lambda rows: [*rows, ["s99", "Nobody", *rows[1][2:]]], "no sheet of this key"),
    "two rows": (lambda rows: [*rows, rows[1]], "s0 is on line 2 already"),
    "no columns": (lambda rows: [["id", "name", "x"], ["s0", "A", "1"]], "no column is of an answer"),
    "nobody": (lambda rows: [row[2:] for row in rows], "no column says whose"),
    "a column twice": (lambda rows: [[*row, row[2]] for row in rows], "two columns are of this answer"),
    "cells": (lambda rows: [*rows, ["s3"]], "the number of cells is 1"),
    "no question": (lambda rows: [["id", "question", "answer"], ["s0", "99", "1"]], "no such question"),
    "of two": (
        lambda rows: [["code", *row] if row[0] == "id" else [CODE[0], *row] for row in rows],
        "of different students",
    ),
    "asked twice": (
        lambda rows: [["id", "question", "answer"], ["s0", "1", "1"], ["s0", "1", "2"]],
        "answered this twice",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_tables(run: Run, name: str) -> None:
    """Everything at once, each with its line; nothing is written."""
    change, words = BAD[name]
    key = handed_out(run)
    CODE[:] = [key["sheets"][0]["code"]]
    Path("answers.csv").write_text(as_csv(change(filled(key))))
    result = run(*MARK, "answers.csv", "--out", "out")
    assert result.code == 1 and words in result.err and not Path("out").exists(), result.err


def test_answers_that_are_no_numbers(run: Run) -> None:
    """They are wrong answers and no faults; expressions count only where that is asked for. Nothing drives a terminal."""
    key = handed_out(run)
    rows = filled(key)
    rows[1][2], rows[4][2] = "about \x1b[31m0.5", "w1*x1 + w2*x2"
    rows[4][3] = "=HYPERLINK(1)"
    Path("answers.csv").write_text(as_csv(rows))
    plain, more = (
        run(*MARK, "answers.csv", "--out", out, *options) for out, options in (("a", ()), ("b", ("--expressions",)))
    )
    assert plain.code == more.code == 0
    marks = [[float(row[2]) for row in marks_of(out)[1:]] for out in "ab"]
    assert marks[1][3] == marks[0][3] + 3 and marks[0][0] == marks[1][0]
    told = run("mark", "answers.csv", "--key", "sheets/key.json", "--explain", "s0")
    assert told.code == 0 and "\x1b" not in told.out and "about" in told.out
    text = Path("a", "mail-merge.csv").read_text(encoding="utf-8-sig")
    assert not re.search(r'(^|",)"=', text)


def test_every_mark_can_be_explained(run: Run) -> None:
    handed_out(run)
    key = json.loads(Path("sheets", "key.json").read_text(encoding="utf-8"))
    Path("answers.csv").write_text(as_csv(filled(key)))
    told = run("mark", "answers.csv", "--key", "sheets/key.json", "--explain", "s1").out
    assert "Student 1" in told and "the sign" in told and len(re.findall(r"^ +\d+  ", told, re.MULTILINE)) == 51
    assert run("mark", "answers.csv", "--key", "sheets/key.json", "--explain", "nobody").code == 2


def test_points_by_hand(run: Run) -> None:
    """They are kept, and shown as such; faults are told at once."""
    key = handed_out(run)
    Path("answers.csv").write_text(as_csv(filled(key)))
    Path("hand.csv").write_text("id,question,points,reason\ns1,1,2.5,only the sign\ns3,E,0,copied\n")
    assert run(*MARK, "answers.csv", "--out", "a").code == 0
    assert run(*MARK, "answers.csv", "--out", "b", "--overrides", "hand.csv").code == 0
    before, after = marks_of("a"), marks_of("b")
    assert float(after[2][2]) == float(before[2][2]) + 2.5 and float(after[4][2]) == float(before[4][2]) - 1
    assert "by hand: only the sign" in Path("b", "feedback-s1.md").read_text(encoding="utf-8")
    Path("hand.csv").write_text("id,question,points,reason\nx,1,1,y\ns1,99,1,y\ns1,1,-1,y\ns1,1,1,\ns1,1,3.5,y\n")
    result = run(*MARK, "answers.csv", "--out", "c", "--overrides", "hand.csv")
    assert result.code == 1 and all(f"hand.csv:{line}" in result.err for line in (2, 3, 4, 5, 6))


MOODLE = "Identifier,Full name,ID number,Status,Grade,Maximum Grade,Feedback comments\n"
CANVAS = "Student,ID,SIS User ID,Section,Exam (77)\n    Points Possible,,,,117\n"


def test_exports_of_platforms_are_filled_in(run: Run) -> None:
    """In just the columns that they have; every other cell stays as it was."""
    key = handed_out(run)
    Path("answers.csv").write_text(as_csv(filled(key)))
    Path("m.csv").write_text(MOODLE + "".join(f"Participant {n},Student {n},s{n},Submitted,,117,\n" for n in range(3)))
    Path("c.csv").write_text(CANVAS + "".join(f'"Student {n}",{90 + n},s{n},A,\n' for n in range(4)))
    moodle = run(*MARK, "answers.csv", "--out", "m", "--for", "moodle", "m.csv")
    canvas = run(*MARK, "answers.csv", "--out", "c", "--for", "canvas", "c.csv", "--column", "Exam")
    assert moodle.code == 0 and "knows nothing of 1 students" in moodle.err and canvas.code == 0, canvas.err
    rows = list(csv.reader(Path("m", "moodle.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == MOODLE.strip().split(",") and [row[4] for row in rows[1:]] == [
        row[2] for row in marks_of("m")[1:4]
    ]
    assert all(row[6] and row[5] == "117" and row[3] == "Submitted" for row in rows[1:])
    rows = list(csv.reader(Path("c", "canvas.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[1][4] == "117" and [row[4] for row in rows[2:]] == [row[2] for row in marks_of("c")[1:]]
    for options, words in (
        (("--for", "blackboard", "m.csv"), "blackboard"),
        (("--for", "canvas", "c.csv"), "no column"),
    ):
        assert words in run(*MARK, "answers.csv", "--out", "x", *options).err


def test_keys_of_parts_are_marked_together(run: Run) -> None:
    key = handed_out(run)
    Path("answers.csv").write_text(as_csv(filled(key)))
    for part in ("1/2", "2/2"):
        handed_out(run, "--part", part, "--force")
    more = [option for n in (1, 2) for option in ("--key", f"sheets/key-{n}-of-2.json")]
    assert run("mark", "answers.csv", *more, "--format", "markdown", "--out", "a").code == 0
    assert run(*MARK, "answers.csv", "--out", "b").code == 0 and marks_of("a") == marks_of("b")
    Path("sheets", "key.json").write_text(json.dumps({**key, "sheets": [{**key["sheets"][0], "seed": "__import__"}]}))
    assert "sheets[0]" in run(*MARK, "answers.csv", "--out", "c").err


def test_marks_from_a_secret_alone(run: Run) -> None:
    """The codes beside the answers and the secret make the key once more; the list of students gives the names."""
    assert run("secret", "new", "own").code == 0
    key = handed_out(run, "--secret", "own")
    rows = filled(key)
    codes = [
        ["code", *rows[0][2:]],
        *([one["code"], *row[2:]] for one, row in zip(key["sheets"], rows[1:], strict=True)),
    ]
    Path("answers.csv").write_text(as_csv(codes))
    assert run(*MARK, "answers.csv", "--out", "a").code == 0
    more = ("--secret", "own", "--students", "class.csv", "--format", "markdown", "--out", "b")
    assert run("mark", "answers.csv", *more).code == 0 and marks_of("a") == marks_of("b")
    assert run("secret", "new", "other").code == 0
    assert "another secret" in run("mark", "answers.csv", "--secret", "other").err
    Path("ids.csv").write_text(as_csv(rows))
    assert "no column 'code'" in run("mark", "ids.csv", "--secret", "own").err


HOSTILE: dict[str, bytes] = {
    "spaces.csv": b"id,1,q" + b" " * 50_000 + b"x\ns0,2,3\n", "wide.csv": b"id," + b"x" * 200_000 + b"\ns0,2\n",
    "columns.csv": b"id," + b",".join(b"%d" % n for n in range(60_000)) + b"\n", "empty.zip": b"PK\x03\x04" + b"\0" * 40,
    "list.csv": b"id,1\ns0,\x1b[31m\ns1,\xe2\x80\xae0.5\ns2,\xe0\xa4\xa8\n", "large.csv": b"id,1\ns0,9999999999e300\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tables(run: Run, name: str) -> None:
    """Each ends in words, and no answer drives a terminal or stops the typesetter for all others."""
    handed_out(run)
    Path(name).write_bytes(HOSTILE[name])
    result = run("mark", name, "--key", "sheets/key.json", "--out", "out")
    assert result.code in (0, 1, 2) and "fault in stepnn" not in result.err, result.err
    if name in ("list.csv", "large.csv", "spaces.csv"):
        assert result.code == 0, result.err
        assert run(*MARK, name, "--out", "text").code == 0
        text = "".join(file.read_text(encoding="utf-8-sig") for file in Path("text").iterdir())
        assert "\x1b" not in text and "\u202e" not in text


KEYS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "other steps": lambda key: [answer.update(step="p9.x") for one in key["sheets"] for answer in one["answers"]],
    "fewer": lambda key: key["sheets"][1].update(answers=key["sheets"][1]["answers"][:3]),
    "numbers": lambda key: key["sheets"][0]["answers"][0].update(exercise=10**30),
    "an id": lambda key: key["sheets"][0].update(id="../../x"),
    "twice": lambda key: key["sheets"].append(key["sheets"][0]),
    "other assignment": lambda key: key["assignment"].update(room=5),
}


@pytest.mark.parametrize("name", KEYS)
def test_damaged_keys(run: Run, name: str) -> None:
    key = handed_out(run)
    Path("answers.csv").write_text(as_csv(filled(key)))
    KEYS[name](key)
    Path("bad.json").write_text(json.dumps(key))
    result = run("mark", "answers.csv", "--key", "bad.json", "--format", "markdown", "--out", "out")
    assert result.code in (1, 2) and "fault in stepnn" not in result.err and not Path("out").exists(), result.err


@pytest.mark.parametrize("points", ["1e99999999", "1_0", "nan", "1/3", "９"])
def test_points_by_hand_are_short_numbers(run: Run, points: str) -> None:
    key = handed_out(run)
    Path("answers.csv").write_text(as_csv(filled(key)))
    Path("hand.csv").write_text(f"id,question,points,reason\ns1,1,{points},why\n", encoding="utf-8")
    assert "hand.csv:2: points" in run(*MARK, "answers.csv", "--out", "c", "--overrides", "hand.csv").err


def test_damaged_receipts(run: Run) -> None:
    """A wrong type in any place ends in words."""
    good = json.loads((HERE / "receipts" / "mazur.golden.jsonl").read_text(encoding="utf-8").splitlines()[0])
    places = ("forward", "loss", "backward", "updates", "parameters_after")
    inner = [("backward", "hidden_error_signals"), ("backward", "output_error_signals"), ("loss", "per_output")]
    for value in (5, "x", [5], None, True, {"h1": 5}, [{"optimizer": {"factors": [{"name": []}]}}]):
        for place in places:
            Path("bad.json").write_text(json.dumps({**good, place: value}))
            assert "fault in stepnn" not in run("audit", "bad.json", "backprop-bias").err, (place, value)
        for outer, place in inner:
            Path("bad.json").write_text(json.dumps({**good, outer: {**good[outer], place: value}}))
            assert "fault in stepnn" not in run("audit", "bad.json", "backprop-bias").err, (place, value)


def test_an_export_carries_no_formulas(run: Run) -> None:
    key = handed_out(run)
    Path("answers.csv").write_text(as_csv(filled(key)))
    Path("m.csv").write_text(MOODLE + "Participant 1,=1+1,s0,@SUM(1),,117,\n")
    assert run(*MARK, "answers.csv", "--out", "m", "--for", "moodle", "m.csv").code == 0
    text = Path("m", "moodle.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1" in text and "'@SUM(1)" in text


def test_a_form_is_of_one_student(run: Run) -> None:
    """A code that was copied from a neighbour takes nothing from them; two files of one student are told."""
    first, second = handed_out(run)["sheets"][:2]
    form = {"format": "stepnn-answers-1", "code": first["code"], "id": second["id"], "answers": {"1": "0.5"}}
    Path("forms").mkdir()
    Path("forms", "a.json").write_text(json.dumps(form))
    assert "a.json: id, code and name" in run(*MARK, "forms").err
    for name in "ab":
        Path("forms", f"{name}.json").write_text(json.dumps({**form, "id": first["id"]}))
    assert "b.json: s0 has handed in twice" in run(*MARK, "forms").err
    assert Path("sheets", "key.json").stat().st_mode & 0o077 == 0


def test_a_report_on_a_class(run: Run) -> None:
    """What a teacher is told; shares and discrimination only from thirty students on."""
    key = handed_out(run, count=31)
    rows = filled(key)
    rows[0][2:] = [f"{a['exercise']}" for a in key["sheets"][0]["answers"]]
    Path("answers.csv").write_text(as_csv(rows[:-1]))
    result = run(*MARK, "answers.csv", "--out", "a")
    assert result.code == 0 and "1 sheets of the key were not handed in" in result.err
    text = Path("a", "report.md").read_text(encoding="utf-8")
    assert "30 students." in text and "Not handed in: 1 (Student 30)" in text and "| 97% |" in text
    Path("few.csv").write_text(as_csv(rows[:6]))
    assert run(*MARK, "few.csv", "--out", "b", "--lang", "ko").code == 0
    assert "변별도" in Path("b", "report.md").read_text(encoding="utf-8")
    assert run("mark", "few.csv", "--key", "sheets/key.json", "--out", "pdf", "--merge").code == 0
    document = pypdfium2.PdfDocument("pdf/feedback.pdf")
    assert len(document) >= 5 and len(pypdfium2.PdfDocument("pdf/report.pdf")) >= 2


def test_statistics_are_those_of_numpy() -> None:
    import numpy as np

    from stepnn.marking.statistics import correlated, items

    draw = random.Random(5)
    one, other = ([draw.random() for _ in range(40)] for _ in range(2))
    assert correlated(one, other) == pytest.approx(float(np.corrcoef(one, other)[0, 1]))
    assert correlated([1.0] * 5, one[:5]) is None
    marks: list[Mark] = []
    for number in range(30):
        key, _ = sheet(number)
        planted = dict([draw.choice(mistakes(marker()))]) if number % 2 else {}
        marks.append(marker().mark(Paper(key, worked(marker(), key, planted))))
    for place, item in enumerate(items(marks)):
        solved = [float(mark.answers[place].judged.verdict in (Verdict.RIGHT, Verdict.CARRIED)) for mark in marks]
        assert item.reached == 30 and item.solved <= sum(solved)


def test_sheets_that_cannot_be_marked_say_so(run: Run) -> None:
    key = handed_out(run, "--find-the-error")
    Path("answers.csv").write_text("id,1\ns0,1\n")
    assert "Only sheets that are filled in" in run(*MARK, "answers.csv").err and key["mode"] == "find the error"
    assert run("mark", "--key", "nowhere.json", "answers.csv").code == 2
    assert isinstance(printer().assignment, Assignment)


# Audits


def test_receipts_of_somebody_else(run: Run) -> None:
    """Every bad one is rejected and located at the number that was spoilt; the good one holds."""
    folder = HERE / "receipts"
    good = run("audit", str(folder / "mazur.golden.jsonl"), "backprop-bias")
    assert good.code == 0 and "holds to 8 digits" in good.out
    spoilt = json.loads((folder / "spoilt.json").read_text(encoding="utf-8"))
    assert len(spoilt) >= 10
    for name, place in spoilt.items():
        result = run("audit", str(folder / name), "backprop-bias")
        assert result.code == 1 and f"The first wrong number: {place}\n" in result.out, (name, result.out)


def spoilt_tables() -> Iterator[tuple[list[tuple[str, str]], str, str]]:
    """Forty tables of a 2-2-2 network, worked out here in plain Python and spoilt: a third of them with transposed
    weights on the way back, a third with weights that were updated early, the others at one number."""
    from math import exp

    draw = random.Random(3)
    x, t, eta = (0.1, 0.2), (0.4, 0.6), 0.5
    w, v = [[0.3, 0.25], [0.4, 0.35]], [[0.45, 0.4], [0.7, 0.6]]

    def sigma(z: float) -> float:
        return 1 / (1 + exp(-z))

    for number in range(40):
        way = ("transposed", "early", "spoilt")[number % 3]
        rows: dict[str, float] = {}
        h = [sigma(sum(w[k][j] * x[j] for j in (0, 1))) for k in (0, 1)]
        o = [sigma(sum(v[k][j] * h[j] for j in (0, 1))) for k in (0, 1)]
        d = [(o[k] - t[k]) * o[k] * (1 - o[k]) for k in (0, 1)]
        new = [[v[k][j] - eta * d[k] * h[j] for j in (0, 1)] for k in (0, 1)]
        back = {"transposed": [[v[j][k] for j in (0, 1)] for k in (0, 1)], "early": new}.get(way, v)
        slope = [sum(d[k] * back[k][j] for k in (0, 1)) for j in (0, 1)]
        e = [slope[j] * h[j] * (1 - h[j]) for j in (0, 1)]
        rows |= {f"z_h{k + 1}": sum(w[k][j] * x[j] for j in (0, 1)) for k in (0, 1)} | {
            f"a_h{k + 1}": h[k] for k in (0, 1)
        }
        rows |= {f"a_o{k + 1}": o[k] for k in (0, 1)} | {f"delta_o{k + 1}": d[k] for k in (0, 1)}
        rows |= {f"dE_da_h{j + 1}": slope[j] for j in (0, 1)} | {f"delta_h{j + 1}": e[j] for j in (0, 1)}
        rows |= {f"w{2 * k + j + 5}_new": new[k][j] for k in (0, 1) for j in (0, 1)}
        rows |= {f"w{2 * k + j + 1}_new": w[k][j] - eta * e[k] * x[j] for k in (0, 1) for j in (0, 1)}
        digits, first = draw.choice((5, 6, 8)), "dE_da_h1"
        if way == "spoilt":
            first = draw.choice(list(rows))
            rows[first] *= 1 + draw.choice((-1, 1)) * draw.choice((0.02, 0.3))
        listed = [(name, f"{value:.{digits}g}") for name, value in rows.items()]
        draw.shuffle(listed)
        yield listed, first, way


def test_spoilt_tables_are_located(run: Run) -> None:
    located = 0
    for listed, first, way in spoilt_tables():
        Path("table.csv").write_text("name,value\n" + "".join(f"{name},{value}\n" for name, value in listed))
        result = run("audit", "table.csv", "backprop")
        assert result.code == 1, (way, first, result.out)
        located += f"The first wrong number: {first}\n" in result.out
    assert located >= 38, located  # of 40: at least 95 %


def test_what_was_published_wrongly(run: Run) -> None:
    """An error that is quoted everywhere, and a gradient that was cut off in the middle."""
    Path("mazur.json").write_text(
        '{"E": 0.298371109, "p2.E": 0.291027924, "w5_new": 0.35891648, "w1_new": 0.149780716}'
    )
    found = run("audit", "mazur.json", "backprop-bias")
    assert found.code == 1 and "The first wrong number: p2.E" in found.out and "0.29102777369" in found.out
    Path("mazur.json").write_text('{"E": 0.298371109, "p2.E": 0.291027774, "w5_new": 0.35891648}')
    assert run("audit", "mazur.json", "backprop-bias").code == 0


def test_our_own_page_holds(run: Run) -> None:
    assert run("example", "backprop", "--format", "json", "-o", "page.json").code == 0
    assert "holds to" in run("audit", "page.json", "backprop").out
    for text, words in (
        ("{}", "None of these names"),
        ("{", "JSON"),
        ("a,b\n1,2\n", "None of these names"),
        ("x\n", "name and a value"),
    ):
        Path("bad.json").write_text(text)
        assert words in run("audit", "bad.json", "backprop").err, text
