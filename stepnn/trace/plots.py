"""Pictures of single quantities: points in a plane with their groups, and a table as shades of grey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stepnn.trace.charts import Chart, Curve, Raster
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

Array = NDArray[np.float64]


def scatter(trace: Trace, title: str, words: Catalogue) -> Chart:
    """The points of the lesson; their last groups, the way that places have moved, and a line through the mean."""
    names, moment = trace.lesson.scatter, trace.moments[-1]
    assert names is not None
    points = moment.array(names.points)
    found = []
    if names.groups is not None:
        groups = moment.array(names.groups)
        if groups.ndim == 1:  # a number for each point; the groups are counted anew
            groups = groups[:, None] == np.unique(groups[groups > 0])  # (points, groups)
        groups = groups[-1] if groups.ndim == 3 else groups  # those of the last time step
        members = {words("label.group", number=number + 1): row > 0.5 for number, row in enumerate(groups.T)}
        members[words("label.no_group")] = ~np.any(groups > 0.5, axis=1)
        found += [Curve(label, pairs(points[some]), dots=True) for label, some in members.items() if some.any()]
    else:
        found.append(Curve(words("label.points"), pairs(points), dots=True))
    if names.paths is not None:
        found += [path(trace, names.paths, unit) for unit in range(moment.array(names.paths).shape[1])]
    if names.direction is not None:
        found.append(Curve(words("label.direction"), line(points, moment.array(names.direction))))
    return Chart(title, f"{names.points}_1", f"{names.points}_2", tuple(found))


def path(trace: Trace, key: str, unit: int) -> Curve:
    """Where one place has been, from its start on."""
    moment = trace.moments[-1]
    start = moment.network[key].start
    places = list(moment.array(key)[:, unit])
    before = [moment.array(start)[unit]] if start else []
    return Curve(f"{key} ({unit + 1})", pairs(np.array([*before, *places])))


def line(points: Array, direction: Array) -> tuple[tuple[float, float], ...]:
    """A line through the mean of the points, as long as they are spread; of several time steps the last counts."""
    way = direction[-1] if direction.ndim == 2 else direction
    middle = points.mean(axis=0)
    along = (points - middle) @ way
    return pairs(np.array([middle + along.min() * way, middle + along.max() * way]))


def pairs(points: Array) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in points.tolist())


def heat(trace: Trace, title: str, words: Catalogue) -> Raster:
    """A table of shares in the first pass: the darker, the larger."""
    assert trace.lesson.heat is not None
    return Raster(title, tuple(map(tuple, trace.moments[0].array(trace.lesson.heat).tolist())))
