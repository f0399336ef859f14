"""What the pictures of a lesson show, computed from its formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stepnn.calculus.arithmetic import floats
from stepnn.network.model import Quantity, Role
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Ref
from stepnn.running.course import Course
from stepnn.running.engine import Checked, Engine
from stepnn.trace.charts import Chart, Curve, Field, Picture, Raster
from stepnn.trace.curves import POINTS, activation_chart
from stepnn.trace.plots import heat, scatter
from stepnn.trace.step import Kind, Moment, Step
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace, TracedRun

GRID = 40  # places of a field in each direction
MOST_EPOCHS = 20_000  # that a picture trains


def picture_of(trace: Trace, step: Step, words: Catalogue) -> Picture:
    """The picture of a step of the walk, made once for each language."""
    key = (step.id, words.language)
    if key not in trace.drawn:
        trace.drawn[key] = made(trace, step, words)
    return trace.drawn[key]


def made(trace: Trace, step: Step, words: Catalogue) -> Picture:
    """The picture of a step, which may take a whole training."""
    title = words(f"title.picture.{step.picture.replace(' ', '_')}")
    make: dict[str, Callable[[Trace, str, Catalogue], Picture]] = {
        "error curve": error_curve, "regions": regions, "descent": descent, "deltas": deltas, "curves": curves,
        "pixels": pixels, "scatter": scatter, "heat": heat,
    }  # fmt: skip
    return make[step.picture](trace, title, words)


def run_label(run: TracedRun, words: Catalogue, otherwise: str) -> str:
    label = run.setup.label
    return label.to(words.language) if label is not None else otherwise


def error_curve(trace: Trace, title: str, words: Catalogue) -> Chart:
    """The mean error of every run over its whole training."""
    found = []
    for run in trace.runs:
        label = run_label(run, words, words("label.error"))
        found += error_curves(checks_of(run.engine), label, f"{label}, {words('label.unseen')}")
    return Chart(title, words("label.epochs"), words("label.error"), tuple(found))


def checks_of(engine: Engine) -> list[Checked]:
    """The errors of a whole training from its start, up to where it gets too large for numbers."""
    setup = engine.setup
    course = Course(engine.with_numbers(setup), min(setup.lesson.training.epochs, MOST_EPOCHS))
    for _ in course.run():
        pass
    return course.checks


def error_chart(title: str, checks: list[Checked], words: Catalogue, label: str = "label.error") -> Chart:
    """The error curve of a training that has been done already; `label` is what its errors are called."""
    found = error_curves(checks, words(label), words("label.unseen"))
    return Chart(title, words("label.epochs"), words(label), tuple(found))


def error_curves(checks: list[Checked], label: str, unseen_label: str) -> list[Curve]:
    """The mean errors of a training, on unseen samples too if there are any."""
    unseen = tuple((check.epoch, check.unseen) for check in checks if check.unseen is not None)
    found = [Curve(label, tuple((check.epoch, check.error) for check in checks))]
    return [*found, Curve(unseen_label, unseen)] if unseen else found


def regions(trace: Trace, title: str, words: Catalogue) -> Field:
    """What the network of the last run answers at every place of the plane of its two inputs."""
    return field(trace.runs[-1].engine, title)


def field(engine: Engine, title: str) -> Field:
    """The answers of a trained network over the plane of its first two inputs, all others as in the first sample."""
    inputs = floats(engine.data["a0"])
    low, high = float(inputs[:, :2].min()) - 0.5, float(inputs[:, :2].max()) + 0.5
    places = np.linspace(low, high, GRID)
    grid = np.repeat(inputs[:1], GRID * GRID, axis=0)  # (places, inputs)
    grid[:, 0], grid[:, 1] = np.tile(places, GRID), np.repeat(places[::-1], GRID)
    answers = engine.answers(grid)[:, 0].reshape(GRID, GRID)
    span = (min(0.0, float(answers.min())), max(1.0, float(answers.max())))
    scaled = (answers - span[0]) / (span[1] - span[0])
    targets = floats(engine.data["t"])[:, 0]
    points = tuple((float(x[0]), float(x[1]), float(t)) for x, t in zip(inputs, targets, strict=True))
    names = engine.setup.network["a0"].axes[0].labels
    rows = tuple(map(tuple, scaled.tolist()))
    return Field(title, names[0], names[1], (low, high), (low, high), rows, points, span)


def descent(trace: Trace, title: str, words: Catalogue) -> Chart:
    """The error for every value of the single parameter, and the values that each run has been at."""
    first = trace.runs[0]
    total, (parameter,) = first.setup.network.total_error, first.setup.network.trained
    assert total is not None and total.formula is not None
    paths = []
    for run in trace.runs:
        places = [float(moment.values[parameter.key]) for moment in run.moments]
        places = list(dict.fromkeys([*places, float(run.after.values[parameter.key])]))
        paths.append((run_label(run, words, ""), places))
    reach = 1.15 * max(abs(place) for _, places in paths for place in places)
    error = curve_of(first.moments[0], total, parameter.general)
    xs = [reach * (2 * n / (POINTS - 1) - 1) for n in range(POINTS)]
    name = first.setup.names.text(parameter.general)
    found = [Curve(f"E({name})", tuple((x, error(x)) for x in xs))]
    found += [Curve(label, tuple((x, error(x)) for x in places), dots=True) for label, places in paths]
    return Chart(title, name, "E", tuple(found))


def curve_of(moment: Moment, quantity: Quantity, by: Ref) -> Callable[[float], float]:
    """A quantity without index as a function of one number, everything else as it is."""
    network = moment.network

    def value(x: float, ref: Ref) -> float:
        if ref == by:
            return x
        formula = network[ref.name].formula
        if formula is None:
            return moment.value(ref)
        return float(evaluate(moment.forms.at(formula, network[ref.name], ref), lambda one: value(x, one)))

    return lambda x: value(x, quantity.element(()))


def deltas(trace: Trace, title: str, words: Catalogue) -> Chart:
    """The mean size of δ in every layer, at the first backward pass of each run."""
    found = []
    for run in trace.runs:
        moment = next((moment for moment in run.moments if moment.goes_back), None)
        if moment is None:
            continue  # nothing goes back in this walk
        sizes = []
        for quantity in moment.network.with_role(Role.DELTA):
            mean = float(np.mean(np.abs(moment.array(quantity.key))))
            sizes.append((float(quantity.layer), mean))
        found.append(Curve(run_label(run, words, "δ"), tuple(sorted(size for size in sizes if size[1] > 0))))
    return Chart(title, words("label.layer"), "|δ|", tuple(found), logarithmic=True)


def curves(trace: Trace, title: str, words: Catalogue) -> Chart:
    """Every activation of a lesson that is about them, over the range of its inputs."""
    moment = trace.moments[0]
    found = []
    for quantity in moment.network.with_role(Role.ACTIVATION):
        step = Step(
            next(iter(trace.steps)).phase, Kind.ACTIVATION, moment, quantity.layer, quantity, quantity.element((0,))
        )
        chart = activation_chart(step)
        found += [replace(chart.curves[0], label=moment.names.text(quantity.general))] if chart else []
    return Chart(title, "z", "a", tuple(found))


def pixels(trace: Trace, title: str, words: Catalogue) -> Raster:
    """The inputs of the first pass as a square picture."""
    values = trace.moments[0].array("a0").ravel()
    return Raster(title, tuple(map(tuple, values.reshape(math.isqrt(len(values)), -1).tolist())))
