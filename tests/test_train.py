"""`stepnn train` and `stepnn picture`: what they print and save, and every bad input that the issue names."""

from __future__ import annotations

import gzip
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import tracemalloc
import xml.etree.ElementTree as ET
from contextlib import nullcontext
from pathlib import Path

import pytest

import stepnn
from stepnn.book.functions import FUNCTIONS
from stepnn.cli import train
from stepnn.drawing import chart
from stepnn.drawing.svg import svg, ticks
from stepnn.errors import LessonError, StepnnError, UsageError
from stepnn.lessons import sample_files
from stepnn.lessons.build import changed, runs
from stepnn.lessons.data import LazySamples
from stepnn.lessons.schema import Data
from stepnn.running.course import Course
from stepnn.trace.charts import Chart, Curve, Field
from stepnn.trace.curves import activation_chart
from stepnn.trace.pictures import picture_of
from stepnn.trace.step import Kind
from stepnn.words import Catalogue, catalogue
from tests.conftest import Run
from tests.golden_pages import trace_of
from tests.help import LESSONS, ROOT

STEPNN = [sys.executable, "-c", "import sys; sys.argv[0] = 'stepnn'; from stepnn.cli.app import run; run()"]
ENVIRONMENT = {**os.environ, "LANG": "en_US.UTF-8", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
CSV = "x1,x2,t1\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n"


def test_training_xor_prints_its_course(run: Run) -> None:
    result = run("train", "xor")
    assert result.code == 0
    for text in ("epoch 0 · error 0.125997", "epoch 3000", "went from 0.125997 to 0.000354", "w1 ", "x2", "⣀"):
        assert text in result.out


def test_the_same_command_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    texts, files = [], []
    for number in (1, 2):
        file = tmp_path / f"{number}.toml"
        texts.append(run("train", "overfitting", "--epochs", "50", "--seed", "4", "--save", str(file)).out)
        files.append(file.read_bytes())
    assert texts[0] == texts[1] and files[0] == files[1]


@pytest.mark.parametrize(
    "name",
    [
        "xor",
        pytest.param("digits", marks=pytest.mark.long),
        "perceptron",
        "overfitting",
        "optimizers",
        "gradient-descent",
    ],
)
def test_a_saved_training_can_be_stepped_through(run: Run, tmp_path: Path, name: str) -> None:
    file = str(tmp_path / "saved.toml")
    assert run("train", name, "--epochs", "3", "--save", file).code == 0
    assert run("check", file).code == 0
    if name != "digits":  # which is the same as the others, and longer still
        assert run("lesson", file).code == 0
    trained, saved = run("train", name, "--epochs", "3").out, run("train", file, "--epochs", "0").out
    after = [line.split() for line in trained.splitlines() if line.startswith(("w1 ", "w "))]
    before = [line.split() for line in saved.splitlines() if line.startswith(("w1 ", "w "))]
    for one, other in zip(after, before, strict=True):
        assert float(one[2].replace("−", "-")) == pytest.approx(float(other[1].replace("−", "-")), abs=1e-5)


def test_an_existing_file_is_kept(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("mine")
    result = run("train", "xor", "--save", str(file))
    assert result.code == 1 and "exists already" in result.err and file.read_text() == "mine" and result.out == ""
    assert run("train", "xor", "--epochs", "1", "--save", str(file), "--force").code == 0


def test_what_was_learned_is_never_lost(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing can fail after a long training though it was tried before."""
    folder, file = tmp_path / "there", tmp_path / "there" / "saved.toml"
    folder.mkdir()
    watched = train.watch

    def vanishing(course: Course, words: Catalogue, to_the_end: bool) -> None:
        watched(course, words, to_the_end)
        folder.rmdir()

    monkeypatch.setattr(train, "watch", vanishing)
    result = run("train", "xor", "--epochs", "20", "--save", str(file))
    assert result.code == 1 and "cannot be written: No such file" in result.err and "epoch 20" in result.out
    rescue = re.search(r"What was learned is in (\S+\.toml)\.", result.err)
    assert rescue is not None and run("check", rescue[1]).code == 0
    folder.mkdir()
    monkeypatch.undo()
    assert run("train", "xor", "--epochs", "20", "--save", str(file)).code == 0
    assert file.read_bytes() == Path(rescue[1]).read_bytes()
    shutil.rmtree(Path(rescue[1]).parent)


def test_what_was_learned_is_saved_though_nobody_reads(tmp_path: Path) -> None:
    """The training goes on to its end when the lines that it prints are read no more."""
    for name in ("short", "whole"):
        command = f"{sys.executable} -m stepnn train xor --epochs 2000 --save {name}.toml | {'read' if name == 'short' else 'cat'}"
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], cwd=tmp_path, capture_output=True, env=ENVIRONMENT, check=False
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "short.toml").read_bytes() == (tmp_path / "whole.toml").read_bytes()


@pytest.mark.parametrize("update", ["gradient descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "nadam"])
def test_every_optimiser_can_be_asked_for(run: Run, update: str) -> None:
    assert run("train", "xor", "--optimizer", update, "--rate", "0.01", "--epochs", "5").code == 0


@pytest.mark.parametrize("init", ["zeros", "uniform", "xavier", "he"])
def test_every_first_weight_can_be_asked_for(run: Run, init: str) -> None:
    result = run("train", "xor", "--init", init, "--epochs", "0")
    assert result.code == 0 and (
        init != "zeros" or ["w1", "0", "0"] in [line.split() for line in result.out.splitlines()]
    )


def test_zeros_never_learn_xor(run: Run) -> None:
    """Why first weights must differ: all hidden neurons stay the same for ever."""
    out = run("train", "xor", "--init", "zeros", "--epochs", "500").out
    lines = {line.split()[0]: line.split()[2] for line in out.splitlines() if line.startswith("w")}
    assert lines["w5"] == lines["w6"] and lines["w1"] == lines["w3"]


def test_until_and_plain_lines(run: Run) -> None:
    result = run("train", "xor", "--until", "0.01", "--plain")
    assert "was reached" in result.out and "⣀" not in result.out and "error: (0, 0.126)" in result.out


def test_divergence_is_explained(run: Run) -> None:
    result = run("train", "gradient-descent", "--run", "4", "--epochs", "1000")
    assert result.code == 1
    said = " ".join(result.out.split())
    assert "The error grew from" in said and "the learning rate 1.1 is too large; try 0.1" in said


def test_the_perceptron_proves_that_xor_has_no_end(run: Run) -> None:
    result = run("train", "xor-impossible", "--epochs", "1000000000")
    assert result.code == 0 and "go round in circles for ever" in result.out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["xor", "--batch", "5"], "there are only 4 samples"), (["xor", "--batch", "0"], "from 1 on, or all"),
        (["xor", "--batch", "abc"], "from 1 on, or all"), (["xor", "--rate", "0"], "greater than 0"),
        (["xor", "--rate", "-1"], "greater than 0"), (["xor", "--rate", "nan"], "greater than 0"),
        (["xor", "--until", "0"], "greater than 0"), (["xor", "--until", "nan"], "greater than 0"),
        (["xor", "--epochs", "-1"], "--epochs"), (["xor", "--run", "9"], "2 run(s)"), (["forward"], "nothing to learn"),
        (["xor", "--optimizer", "magic"], "--optimizer"), (["perceptron", "--optimizer", "adam"], "no gradient"),
    ],
)  # fmt: skip
def test_wrong_options(run: Run, arguments: list[str], text: str) -> None:
    result = run("train", *arguments)
    assert result.code == 2 and text in result.err, result.err


def test_a_rate_beyond_all_bounds_ends_in_words(run: Run) -> None:
    for name in ("xor", "overfitting", "gradient-descent"):
        result = run("train", name, "--rate", "1e9", "--epochs", "20")
        assert result.code in (0, 1) and "nan" not in result.out.lower()


def test_samples_from_csv(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "xor.csv"
    file.write_text(CSV)
    found, own = run("train", "xor", "--data", str(file)).out, run("train", "xor").out
    assert found == own


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x1,x2\n0,0\n", ["wrong number of columns", "3: 2 inputs, then 1 targets"]),
        ("x1,x2,t1\n0,zero,0\n1,NaN,1\ninf,1,1\n", [":2: x2", ":3: x2", ":4: x1", '"zero"']),
        ('x1,x2,t1\n"0,5",1,1\n', ["decimal point", ":2: x1"]), ("x1,x2,t1\n0,5,1,1\n", [":2:", "decimal points"]),
        ("x1,x2,t1\n", ["no samples under the header"]), ("", ["empty"]), ("0,0,0\n1,1,0\n", ["header is missing"]),
        ("x1,x2,t1\n1,2\n", ["wrong number of cells", "fill in"]), ("x1,x2,t1\n1,1_0,0\n", [":2: x2"]),
        ("x1,x2,t1\n1e308,-1e308,1\n", [":2: x1: this number is too large", ":2: x2", "to 1e+100"]),
        ("\n" * 2_000_000, ["empty"]), ("x1,x2,t1" + "\n" * 1_100_000, ["no samples under the header"]),
        ("x1,x2,t1\n" + "a,b,c\n" * 1_000_000, [":67: t1", ":68: there are too many faults"]),
    ],
)  # fmt: skip
def test_faults_in_csv(run: Run, tmp_path: Path, text: str, wanted: list[str]) -> None:
    file = tmp_path / "data.csv"
    file.write_text(text)
    result = run("train", "xor", "--data", str(file))
    assert result.code == 1 and all(one in result.err for one in wanted), result.err


def test_too_many_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "data.csv"
    file.write_text(CSV)
    for name, most, fits in (("MOST_ROWS", 4, True), ("MOST_ROWS", 3, False), ("MOST_NUMBERS", 11, False)):
        monkeypatch.setattr(sample_files, name, most)
        with nullcontext() if fits else pytest.raises(LessonError, match="too many rows"):
            assert len(sample_files.read_samples(file, 2, 1)[0]) == 4


def test_bad_samples_take_no_memory(tmp_path: Path) -> None:
    """A fault for each of two million rows would take more than a gigabyte."""
    file = tmp_path / "data.csv"
    file.write_text("x1,x2,t1\n" + "0,1,1\n" * 100_000 + "0,1,x\n" * 800_000)
    tracemalloc.start()
    try:
        with pytest.raises(LessonError, match="too many faults to go on"):
            sample_files.read_samples(file, 2, 1)
        assert tracemalloc.get_traced_memory()[1] < 30e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("text", ["1e17,1e17,1\n", "1e100,-1e100,1\n", "-1e100,-1e100,0\n1e100,1e100,1\n"])
def test_far_inputs_can_be_drawn(run: Run, tmp_path: Path, text: str) -> None:
    """Where the ends of an axis are one number to the computer, or as far apart as numbers go."""
    file = tmp_path / "data.csv"
    file.write_text(f"x1,x2,t1\n{text}")
    for more in ([], ["--plain"]):
        result = run("train", "xor", "--data", str(file), "--epochs", "2", *more)
        assert result.code in (0, 1) and "fault in stepnn" not in result.err, result.err
    ends = (1e17, 1e17), (-8e307, 8e307), (0.0, 1.0)
    for across in ends:
        rows = tuple((0.5,) * 9 for _ in range(9))
        picture = Field("", "", "", across, across, rows, tuple((x, x, 1.0) for x in across))
        assert chart.drawn(picture, 80, 14) and list(chart.told(picture)) and "nan" not in svg(picture)


@pytest.mark.parametrize("values", [(1e17, 1e17), (1e308, -1e308), (1e308, 1e308), (0.0, 0.0), (5e-324, 1e-320)])
@pytest.mark.parametrize("logarithmic", [False, True])
def test_curves_of_any_numbers_can_be_drawn(values: tuple[float, float], logarithmic: bool) -> None:
    picture = Chart("", "", "", (Curve("", ((1.0, values[0]), (2.0, values[1]))),), logarithmic)
    assert "nan" not in "".join(chart.drawn(picture, 80, 14)) + svg(picture)


def idx(path: Path, pictures: int = 20, packed: bool = False, **change: int) -> str:
    """A pair of IDX files of drawn digits, as MNIST names them; `change` spoils one of them."""
    inputs, targets = LazySamples(Data(source="digits", count=pictures)).arrays() if pictures else ([], [])
    pixels = bytes(round(255 * value) for row in inputs for value in row)
    labels = bytes(int(row.argmax()) for row in targets)
    first = (
        struct.pack(">4i", change.get("magic", 2051), change.get("count", pictures), change.get("side", 28), 28)
        + pixels
    )
    second = struct.pack(">2i", 2049, change.get("labels", pictures)) + labels
    if "label" in change:
        second = second[:-1] + bytes([change["label"]])
    first = first[: len(first) - change.get("cut", 0)] + b"\0" * change.get("longer", 0)
    write = gzip.compress if packed else bytes
    (path / "my-images-idx3-ubyte").write_bytes(write(first))
    (path / "my-labels-idx1-ubyte").write_bytes(write(second))
    return str(path / "my-images-idx3-ubyte")


@pytest.mark.parametrize("packed", [False, True])
def test_pictures_from_idx_files(run: Run, tmp_path: Path, packed: bool) -> None:
    result = run("train", "digits", "--data", idx(tmp_path, 60, packed), "--epochs", "5", "--batch", "20")
    assert result.code == 0 and "epoch 5" in result.out, result.err


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"cut": 100}, "cut off"), ({"longer": 9}, "longer than its header says"), ({"magic": 2052}, "wrong magic number"),
        ({"labels": 19}, "longer than its header says"), ({"side": 27}, "longer"), ({"count": -1}, "a size in the header is negative"),
        ({"label": 12}, "a label has no output neuron"), ({"count": 2**31 - 1}, "cut off"), ({"cut": 20 * 784 + 4}, "cut off"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_faults_in_idx_files(run: Run, tmp_path: Path, change: dict[str, int], text: str, packed: bool) -> None:
    result = run("train", "digits", "--data", idx(tmp_path, packed=packed, **change))
    assert result.code == 1 and text in result.err, result.err


def test_more_faults_in_idx_files(run: Run, tmp_path: Path) -> None:
    path = Path(idx(tmp_path, packed=True))
    path.write_bytes(path.read_bytes()[:500])
    assert "cannot be unpacked" in run("train", "digits", "--data", str(path)).err
    with gzip.open(path, "wb") as file:
        file.write(struct.pack(">4i", 2051, 20, 28, 28))
        for _ in range(210):
            file.write(bytes(1024 * 1024))
    assert "unpacks to too much" in run("train", "digits", "--data", str(path)).err
    assert "there are no pictures" in run("train", "digits", "--data", idx(tmp_path, 0)).err
    (tmp_path / "my-labels-idx1-ubyte").unlink()
    assert "there is no such file" in run("train", "digits", "--data", idx(tmp_path, 0)[:-5] + "x").err


def test_ctrl_c_keeps_what_was_learned(tmp_path: Path) -> None:
    """A billion epochs, stopped after a while: the curve, the table and the file are there."""
    file = tmp_path / "saved.toml"
    command = [*STEPNN, "train", "xor", "--epochs", "1000000000", "--save", str(file)]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(1)
        child.send_signal(signal.SIGINT)
        try:
            out, err = child.communicate(timeout=30)
        finally:
            child.kill()
    text = out.decode()
    assert child.returncode == 0 and "Stopped after" in text and "kept" in text and "w1" in text, (text, err)
    assert file.exists() and "Traceback" not in err.decode()


def test_a_progress_bar_on_a_terminal() -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.execve(
            sys.executable, [*STEPNN, "train", "xor", "--epochs", "4000"], {**ENVIRONMENT, "TERM": "xterm-256color"}
        )
    shown = b""
    try:
        while data := os.read(terminal, 65536):
            shown += data
    except OSError:
        pass
    assert os.waitpid(child, 0)[1] == 0
    text = shown.decode("utf-8", "replace")
    assert "E = 0." in text and "η = 1" in text and "Trained 4000 epochs" in text


@pytest.mark.parametrize("name", [name for name in LESSONS if stepnn.load(name).lesson.pictures])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_picture_is_drawn_in_each_way(name: str, language: str) -> None:
    """With characters at two sizes, in ASCII, in words, and as SVG that is well-formed and needs nothing outside."""
    words, trace = catalogue(language), trace_of(name)
    for step in (step for step in trace if step.kind is Kind.PICTURE):
        picture = picture_of(trace, step, words)
        for width, height in ((80, 14), (110, 30)):
            lines = chart.drawn(picture, width, height)
            assert lines and all(len(line) <= width for line in lines)
        assert all(
            line.isascii() or not isinstance(picture, Chart) or "|δ|" in line or line
            for line in chart.drawn(picture, 80, 14, True)
        )
        assert list(chart.told(picture))
        image = svg(picture)
        root = ET.fromstring(image)
        assert root.tag.endswith("svg") and "script" not in image and "href" not in image
        assert image.count("http") == 1  # the namespace
        assert root.find("{*}title") is not None and root.find("{*}desc") is not None


def test_the_curve_of_every_activation_marks_the_current_z() -> None:
    for name in ("backprop", "activations", "xor", "softmax"):
        for step in trace_of(name):
            found = activation_chart(step)
            if step.kind is Kind.ACTIVATION and step.ref is not None:
                assert found is not None and step.value is not None
                marked = found.curves[-1].points[0]
                assert marked[1] == pytest.approx(step.value, rel=1e-12)
                function = step.quantity.function
                assert found.curves[0].label == (FUNCTIONS[function].text if function in FUNCTIONS else "f")


def test_picture_command(run: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "regions.svg")
    assert run("picture", "xor", "regions", "--output", file).code == 0
    assert Path(file).read_text().startswith("<svg")
    assert run("picture", "xor", "regions", "--output", file).code == 1
    assert "0" in run("picture", "xor", "regions").out
    assert "x1 = 0, x2 = 1" in run("picture", "xor", "regions", "--plain").out
    result = run("picture", "xor", "deltas")
    assert result.code == 2 and '"error curve", "regions"' in result.err


def test_evil_labels_stay_text_in_svg() -> None:
    evil = '<script>alert(1)</script>&"'
    image = svg(Chart(evil, evil, evil, (Curve(evil, ((0.0, 1.0), (1.0, 2.0))), Curve(evil, ((0.0, 0.0),), True))))
    assert "<script" not in image and ET.fromstring(image) is not None


def test_axes_have_round_numbers() -> None:
    assert ticks(0, 3000) == [0, 500, 1000, 1500, 2000, 2500, 3000]
    assert ticks(-8.9, -0.9) == [-8, -6, -4, -2]
    for low, high in ((0, 1), (0.0003, 0.129), (-5.7, 5.7), (1, 10), (1e-9, 2e-9)):
        assert 3 <= len(ticks(low, high)) <= 11


def test_the_largest_error_stands_in_the_chart(run: Run) -> None:
    """Its first four hundred epochs were cut off, since the top of the range lay outside of the picture."""
    lines = run("train", "xor").out.splitlines()
    top = next(line for line in lines if "┤" in line)
    assert top.partition("┤")[2][0] in "⠉⠁⠈⠊⠑⠒"
    last = [line for line in lines if "┤" in line][-1]
    assert last.rstrip()[-1] in "⣀⣄⠤⠒"


def test_a_number_that_every_run_sets_itself(run: Run) -> None:
    """It is not silently left out."""
    result = run("lesson", "gradient-descent", "--set", "eta=3")
    assert result.code == 2 and "each run of gradient-descent has a value of its own" in result.err
    assert run("lesson", "gradient-descent", "--set", "w=3").code == 0
    assert run("lesson", "optimizers", "--set", "eta=0.3").code == 0


@pytest.mark.parametrize("name", ["gradient-descent", "optimizers", "batches", "xor", "softmax", "vanishing", "rnn"])
def test_every_number_that_is_set_changes_a_run_or_is_refused(name: str) -> None:
    """Whichever way it comes in: the same rule for a walk, a page of a program, practice and the judge."""
    given = stepnn.load(name).setup
    for printed in list(given.places)[:12]:
        sample = f"{printed}@1" if given.places[printed][0] == "a0" and len(given.samples) > 1 else printed
        try:
            other = given.with_value(sample, 0.375)
        except StepnnError:
            continue
        numbers = [[(one.rate, one.parameters, one.constants, one.samples) for one in runs(a)] for a in (given, other)]
        try:
            changed(given, {sample: 0.375})
        except UsageError:
            assert numbers[0] == numbers[1], (name, printed)
        else:
            assert numbers[0] != numbers[1], (name, printed)
