"""What lets a reader say why: the pages before and behind the way back, and questions asked before a step."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import stepnn
from stepnn.lessons.shelf import path_of
from stepnn.notation.numbers import Decimal
from stepnn.page.blocks import Bullets, Equation, Paragraph, Table
from stepnn.page.build import step_blocks
from stepnn.page.written import plain
from stepnn.trace.predictions import outcome, untrue
from stepnn.trace.step import Kind, Policy, Step
from stepnn.trace.trace import Trace
from stepnn.words import LANGUAGES, catalogue
from tests.conftest import Run
from tests.help import LESSONS
from tests.terminal import Terminal

BACK = ["backprop", "backprop-bias", "delta-rule", "softmax", "xor", "batches", "overfitting", "digits"]


def inner(trace: Trace, step: Step, language: str = "en") -> tuple[object, ...]:
    (block,) = step_blocks(trace, trace.places[step.id] + 1, step, catalogue(language))
    return block.blocks


@pytest.mark.parametrize("name", BACK)
def test_the_way_back_is_told_before_it_is_gone(name: str) -> None:
    """A nudge and its path stand before the first backward step, the check behind the last gradient."""
    trace = Trace(stepnn.load(name).setup)
    kinds = [
        step.kind for step in trace if step.pass_number == next(s.pass_number for s in trace if s.kind is Kind.NUDGE)
    ]
    first = next(at for at, kind in enumerate(kinds) if kind in (Kind.ERROR_SLOPE, Kind.DELTA, Kind.ACTIVATION_SLOPE))
    assert kinds[first - 2 : first] == [Kind.NUDGE, Kind.PATH]
    assert Kind.GRADIENT not in kinds[kinds.index(Kind.CHECK) :]
    assert kinds.count(Kind.NUDGE) == kinds.count(Kind.CHECK) == 1 <= kinds.count(Kind.PATH) <= 2


def test_a_path_has_a_factor_for_each_link() -> None:
    """The factors of the nudge, multiplied, are what it finds; each is near the derivative that comes later."""
    trace = Trace(stepnn.load("backprop").setup)
    table = next(one for one in inner(trace, trace[trace.place("path")]) if isinstance(one, Table))
    product = 1.0
    for row in table.rows[1:]:
        _, _, times, name = row
        assert isinstance(times, Decimal)
        step = next(
            one for one in trace.elements() if one.ref is not None and one.moment.names.text(one.ref) == name.text
        )
        assert times.value == pytest.approx(step.value, rel=5e-3)
        product *= times.value
    assert product == pytest.approx(table.rows[-1][1].value / table.rows[0][1].value, rel=5e-3)


def test_two_paths_each_with_its_share() -> None:
    """The picture has both edges lit; each share stands alone, and their sum is the next step."""
    trace = Trace(stepnn.load("backprop").setup)
    place = trace.place("paths")
    (equation,) = (one for one in inner(trace, trace[place]) if isinstance(one, Equation))
    results = [line.right.text for line in equation.lines if line.left is None]
    assert results == ["0.02243370", "0.00997311"]
    assert sum(map(float, results)) == pytest.approx(trace[place + 1].value, abs=1e-8)
    screen = stepnn.load("backprop").trace().screen(place)
    assert "w5" in screen.split("From h1")[0] and "w7" in screen.split("From h1")[0]


@pytest.mark.parametrize("name", BACK)
def test_the_check_can_be_read_back(name: str) -> None:
    """Predicted is the derivative times the nudge; both ways comes as near as its digits go."""
    trace = Trace(stepnn.load(name).setup)
    table = next(one for one in inner(trace, trace[trace.place("check")]) if isinstance(one, Table))
    derived, predicted, found, one_way, both_ways = ([cell.value for cell in row[1:]] for row in table.rows)
    for column in range(len(derived)):
        assert predicted[column] == pytest.approx(derived[column] * 0.001, abs=1e-6)
        assert found[column] == pytest.approx(predicted[column], abs=2.1e-6)
        assert both_ways[column] == pytest.approx(derived[column], abs=2e-6)
        assert abs(both_ways[column] - derived[column]) <= abs(one_way[column] - derived[column]) + 1e-8


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_check_says_why_few_digits_agree(language: str) -> None:
    trace = Trace(stepnn.load("backprop").setup)
    said = [
        plain(one.text) for one in inner(trace, trace[trace.place("check")], language) if isinstance(one, Paragraph)
    ]
    assert re.search(r"w1.*0\.00000081.*2", said[-1])
    zero = Trace(stepnn.load("batches").setup)  # sample (0, 0): nothing of w1 arrives
    said = [plain(one.text) for one in inner(zero, zero[zero.place("check")], language) if isinstance(one, Paragraph)]
    assert "0." in said[-1] or "0입니다" in said[-1]


def test_rounded_steps_have_no_nudge() -> None:
    """Where every step is rounded, a small nudge shows the rounding and not the slope."""
    trace = Trace(stepnn.load("backprop").setup, Policy(4, rounded=True))
    assert not {step.kind for step in trace} & {Kind.NUDGE, Kind.PATH, Kind.CHECK}


@pytest.mark.parametrize("name", LESSONS)
def test_predictions_come_true(name: str) -> None:
    """What a lesson says will come comes; each is asked before its step and compared behind it."""
    trace = Trace(stepnn.load(name).setup)
    assert list(untrue(trace)) == []
    for number, asked in enumerate(trace.lesson.predictions, 1):
        before = trace.place(f"predict_{number}")
        assert asked.before in (trace[before + 1].symbol, trace[before + 1].id)
        assert trace[before + 2].symbol == f"predicted_{number}"
        relations = next(one for one in inner(trace, trace[before]) if isinstance(one, Bullets))
        assert not any(
            character.isdigit() and "." in plain(text) for _, text in relations.items for character in plain(text)
        )
        for language in LANGUAGES:
            (reason, *_) = inner(trace, trace[before + 2], language)
            assert asked.why.to(language).strip()[:12] in plain(reason.text) or "{" in asked.why.to(language)[:12]


def test_what_comes_out_otherwise_is_not_explained() -> None:
    """With another learning rate the error grows: the lesson's reason would be wrong."""
    trace = Trace(stepnn.load("backprop").setup.with_value("eta", 100))
    asked = trace.lesson.predictions[3]
    assert outcome(trace, asked).found == "larger" != asked.answer
    (reason, *_) = inner(trace, trace[trace.place("predicted_4")])
    assert "With the lesson's own numbers it is not so" in plain(reason.text)
    assert asked.why.to("en")[:20] not in plain(reason.text)


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("answer", '"larger"', "it is smaller"),
        ("before", '"delta_h9"', "is called delta_h9"),
        ("compare", '["delta_h1", "delta_h9"]', "is called delta_h9"),
        ("compare", '["delta_h1", "w1_new"]', "w1_new is known only after delta_h1"),
    ],
)  # fmt: skip
def test_a_wrong_prediction_is_a_fault(run: Run, tmp_path: Path, field: str, value: str, wanted: str) -> None:
    text = path_of("backprop").read_text(encoding="utf-8")
    first = text.index('before = "delta_h1"')
    place = text.index(f"{field} = ", first)
    end = text.index("\n", place)
    path = tmp_path / "own.toml"
    path.write_text(f"{text[:place]}{field} = {value}{text[end:]}", encoding="utf-8")
    tomllib.loads(path.read_text(encoding="utf-8"))
    result = run("check", str(path))
    assert result.code == 1 and "predictions.2" in result.err + result.out and wanted in result.err + result.out


@pytest.mark.parametrize(("language", "said"), [("en", "You said smaller: so it is."), ("ko", "예상대로입니다")])
def test_a_prediction_is_kept_and_compared(language: str, said: str) -> None:
    """By key on a terminal; read past it costs nothing."""
    place = Trace(stepnn.load("backprop").setup).place("predict_1") + 1
    terminal = Terminal("lesson", "backprop", "--start", str(place), "--lang", language)
    try:
        terminal.wait_for("∂E/∂w5 < δ_o1")
        terminal.type("<", "0.02592286")
        terminal.type("n", said)
        terminal.type("p", "0.02592286")
        terminal.type("p", "∂E/∂w5 < δ_o1")
        terminal.type(">", "0.02592286")
        terminal.type("n", "otherwise" if language == "en" else "결과는 다릅니다")
        terminal.type("pp", "∂E/∂w5 < δ_o1")
        terminal.type("n", "0.02592286")
    finally:
        terminal.child.close(force=True)


def test_the_update_that_is_shown_teaches_something() -> None:
    """xor opens its first epoch at the sample that every weight takes part in."""
    trace = Trace(stepnn.load("xor").setup)
    shown = [step for step in trace if step.kind is Kind.GRADIENT and step.moment.run == 1]
    assert len(shown) == 9 and all(step.sample == 4 and abs(step.value) > 1e-4 for step in shown)


def test_a_sample_to_show_that_there_is_not(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        path_of("xor").read_text(encoding="utf-8").replace("\nsample = 4", "\nsample = 5"), encoding="utf-8"
    )
    result = run("check", str(path))
    assert result.code == 1 and "training.sample" in result.err and "1 to 4" in result.err


def test_dots_between_neurons_cover_no_number() -> None:
    """In digits, whose layers are too large to be drawn whole."""
    trace = stepnn.load("digits").trace()
    screens = [trace.screen(place) for place in range(5, 9)]
    assert any("⋮" in screen for screen in screens)
    assert not any(re.search(r"\d⋮\d", screen) for screen in screens)
