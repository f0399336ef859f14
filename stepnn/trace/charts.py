"""Pictures of numbers as descriptions: curves, fields and rasters. Views draw them with characters or as SVG."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Curve:
    """Points joined by a line, or with `dots` each on its own; `label` says what they are."""

    label: str
    points: tuple[tuple[float, float], ...]
    dots: bool = False


@dataclass(frozen=True)
class Chart:
    """Curves over one pair of axes. With `logarithmic` the y values are shown as powers of ten."""

    title: str
    x: str
    y: str
    curves: tuple[Curve, ...]
    logarithmic: bool = False


@dataclass(frozen=True)
class Field:
    """A value between 0 and 1 at every place of a plane, row by row from above, and marked points with their targets.

    `across` and `up` are the ranges of the two inputs, `span` the answers that 0 and 1 stand for.
    """

    title: str
    x: str
    y: str
    across: tuple[float, float]
    up: tuple[float, float]
    rows: tuple[tuple[float, ...], ...]
    points: tuple[tuple[float, float, float], ...]
    span: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Raster:
    """A picture of grey values between 0 (empty) and 1 (ink), row by row."""

    title: str
    rows: tuple[tuple[float, ...], ...]


Picture = Chart | Field | Raster
