"""What the texts of the lessons say about numbers is worked out: by claims in the files, or here."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import stepnn
from stepnn.lessons.shelf import path_of
from stepnn.network.identity import Key, What
from stepnn.network.model import Role
from stepnn.page.blocks import Paragraph
from stepnn.page.build import opening, step_blocks
from stepnn.page.written import plain
from stepnn.running.course import Course
from stepnn.running.engine import Engine
from stepnn.trace.claims import untrue_claims
from stepnn.trace.step import Kind
from stepnn.trace.trace import Trace
from stepnn.words import LANGUAGES, catalogue
from tests.conftest import Run
from tests.help import LESSONS

# Words that compare numbers of the lesson. A text with one of them has a claim in its file, or its reason here.
COMPARES = re.compile(
    r"\b(larger than|smaller than|largest|smallest|at most|almost|nearly|hardly|ten times|never|no activation)\b"
)
TRUE_OF_ANY_NUMBERS = {  # what follows from the formulas, whatever the numbers are
    "activations",
    "perceptron",
    "xor-impossible",
    "linear-collapse",
    "matrix",
    "digits",
    "delta-rule",
    "softmax",
    "gradient-descent",
    "batches",
    "batchnorm",
    "convolution",
    "pooling",
    "convolution-1d",
    "cnn",
    "rnn",
    "lstm",
    "gru",
    "attention",
    "rbm",
    "gan",
    "vae",
    "transfer",
    "cgan",
    "language-model",
    "bidirectional",
    "seq2seq",
    "conv-autoencoder",
    "lenet",
    "resnet",
    "dcgan",
    "stacked-autoencoder",
    "dbscan",
    "quantisation",
    "evolution",
    "k-means",
    "hopfield",
    "embedding",
    "som",
    "q-learning",
    "rbf",
    "pca",
    "policy-gradient",
    "neuron",
    "forward",
    "optimizers",
}
OF_THE_FORMULAS = {("autoencoder", "introduction"), ("vanishing", "introduction"), ("overfitting", "introduction")}  # fmt: skip


@pytest.mark.parametrize("name", LESSONS)
def test_every_claim_of_a_lesson_holds(name: str) -> None:
    assert list(untrue_claims(Trace(stepnn.load(name).setup))) == []


def texts(name: str) -> Iterator[tuple[str, str]]:
    lesson = tomllib.loads(path_of(name).read_text(encoding="utf-8"))
    yield "introduction", lesson["introduction"]["en"]
    for part in ("question", "answer"):
        yield f"closing.{part}", lesson["closing"][part]["en"]


@pytest.mark.parametrize("name", LESSONS)
def test_what_compares_numbers_is_a_claim(name: str) -> None:
    """A text that says larger, largest or nearly says so in a way that can be worked out."""
    claims = {claim.of for claim in stepnn.load(name).lesson.claims}
    for field, text in texts(name):
        if COMPARES.search(text) and name not in TRUE_OF_ANY_NUMBERS and (name, field) not in OF_THE_FORMULAS:
            assert field in claims, (name, field)


@pytest.mark.parametrize("name", LESSONS)
def test_sums_in_texts_are_right(name: str) -> None:
    """784·16 = 12544, and every other equation of plain numbers, in every language."""
    lesson = tomllib.loads(path_of(name).read_text(encoding="utf-8"))
    for text in strings(lesson):
        text = re.sub(r"(?<=\d)[ ,](?=\d{3}(?!\d))", "", text).replace("·", "*").replace("−", "-")
        for left, right in re.findall(
            r"(?<![\w*)/+-])(?<![*/+-] )([(\d][\d .()*/+-]*[*/+-][\d .()*/+-]*) = (\d[\d.]*\d|\d)(?!\d)", text
        ):
            one, other = (eval(side, {"__builtins__": {}}) for side in (left, right))  # digits and signs alone
            assert one == pytest.approx(other, abs=0.006), (text, left, right)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def errors(name: str, run: int = 0) -> dict[int, float]:
    """The mean error after each epoch of a whole training."""
    setup = Trace(stepnn.load(name).setup).runs[run].setup
    course = Course(Engine(setup), setup.lesson.training.epochs)
    for _ in course.run():
        pass
    return {check.epoch: check.error for check in course.checks}


def test_xor_hardly_moves_and_then_falls() -> None:
    """Hundreds of epochs at one half, where the slope of σ is 0.25; then within a few hundred."""
    found = errors("xor")
    late = [epoch for epoch, error in found.items() if error > 0.9 * found[0]]
    done = [epoch for epoch, error in found.items() if error < 0.1 * found[0]]
    assert max(late) > 300 and min(done) - max(late) < 700
    trace = Trace(stepnn.load("xor").setup)
    assert all(abs(value - 0.5) < 0.2 for _, row in trace.outputs()[:1] for _, value in row)


def test_vanishing_shrinks_by_about_an_eighth_each_layer() -> None:
    """The geometric mean of the nine factors of the first run; ten slopes of 0.25 are less than a millionth."""
    moment = next(one for one in Trace(stepnn.load("vanishing").setup).runs[0].moments if one.goes_back)
    deltas = {one.layer: float(abs(moment.array(one.key)).mean()) for one in moment.network.with_role(Role.DELTA)}
    assert (deltas[1] / deltas[10]) ** (1 / 9) == pytest.approx(0.13, abs=0.005)
    assert f"{0.13**9:.0e}" == "1e-08" and 0.25**10 < 1e-6


def test_adam_goes_as_far_as_eta_and_rmsprop_ten_times() -> None:
    trace = Trace(stepnn.load("optimizers").setup)
    steps = {}
    for run in trace.runs:
        before, after = (float(run.moments[0].values[key]) for key in ("w", Key(What.NEW, "w")))
        steps[run.setup.label.to("en")] = abs(after - before)
    assert steps["Adam"] == pytest.approx(trace.setup.rate, rel=1e-3)
    assert steps["RMSProp"] == pytest.approx(10 * trace.setup.rate, rel=1e-2)


def test_the_autoencoder_finds_the_nearest_point_of_the_plane() -> None:
    """(1, 1, 0) comes back near (1/3, 1/3, 2/3) once the third run is trained, and its own points as they are."""
    setup = Trace(stepnn.load("autoencoder").setup).runs[2].setup
    engine = Engine(setup)
    engine.run_to(setup.lesson.training.epochs)
    answer = engine.answers(np.array([[1.0, 1.0, 0.0]]))[0]
    assert answer[0] + answer[1] == pytest.approx(answer[2], abs=0.02)
    assert engine.error() < 1e-4


def test_the_unseen_error_of_overfitting_rises_again() -> None:
    setup = Trace(stepnn.load("overfitting").setup).runs[0].setup
    course = Course(Engine(setup), setup.lesson.training.epochs)
    for _ in course.run():
        pass
    unseen = [check.unseen for check in course.checks]
    assert min(unseen) < unseen[-1] and min(unseen) < unseen[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_does_not_hold_is_not_shown(language: str) -> None:
    """With other numbers the answer of backprop would be wrong: it is left out, and the page says why."""
    setup = stepnn.load("backprop").setup
    for changed, shown in ((setup, True), (setup.with_value("x1", 0.2), True), (setup.with_value("t1", 0.62), False)):
        trace = Trace(changed)
        step = next(one for one in trace if one.kind is Kind.ANSWER)
        said = plain(next(iter(step_blocks(trace, len(trace), step, catalogue(language)))).text)
        assert ("δ_o1 = " in said) is shown
        assert (catalogue(language)("label.of_own_numbers") in said) is not shown


def test_a_text_of_published_numbers_stays_with_them() -> None:
    """The introduction of backprop-bias quotes figures that only its own numbers give."""
    setup = stepnn.load("backprop-bias").setup
    for changed, shown in ((setup, True), (setup.with_value("w1", 0.16), False), (setup.with_seed(3), False)):
        lines = "\n".join(plain(one.text) for one in opening(changed, catalogue("en")) if isinstance(one, Paragraph))
        assert ("0.291027924" in lines) is shown


@pytest.mark.parametrize(
    ("claim", "wanted"),
    [
        ('of = "closing.answer"\nholds = "delta_o1 < delta_o2"', "does not hold with the numbers of the lesson"),
        ('of = "closing.answer"\nholds = "delta_o9 < 1"', "a name in delta_o9 < 1 has no number"),
        ('of = "closing.answer"\nholds = "delta_o1"', "is no condition"),
        ('of = "closing.answr"', "no text called closing.answr"),
    ],
)  # fmt: skip
def test_a_wrong_claim_is_a_fault(run: Run, tmp_path: Path, claim: str, wanted: str) -> None:
    text = path_of("backprop").read_text(encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(text.replace("[closing.question]", f"[[claims]]\n{claim}\n\n[closing.question]"), encoding="utf-8")
    result = run("check", str(path))
    assert result.code == 1 and "claims.5" in result.err and wanted in result.err
