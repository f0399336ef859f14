"""Pictures of numbers drawn with characters: braille dots for curves, shades for fields and rasters, and in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from stepnn.notation.numbers import given
from stepnn.trace.charts import Chart, Curve, Field, Picture, Raster

MARKS = "123456789ABCDEFGHIJKLMNOP"
SHADES = " ░▒▓█"
ASCII_SHADES = " .:*#"
FURTHEST = 8e307  # from 0, of a place in a picture: the distance of two such numbers is a number
MOST_TOLD = 9  # points of a curve that its description in words gives


def number(value: float) -> str:
    """A number on an axis or in a description: four significant digits."""
    return given(float(f"{value:.4g}")).text


def drawn(picture: Picture, width: int, height: int, ascii: bool = False) -> list[str]:
    """The picture in at most that many columns and about as many rows."""
    if isinstance(picture, Chart):
        return list(told(picture)) if ascii else chart_lines(picture, width, height)
    shades = ASCII_SHADES if ascii else SHADES
    if isinstance(picture, Field):
        return field_lines(picture, width, height, shades)
    return raster_lines(picture, width, height, shades)


def limits(values: Sequence[float]) -> tuple[float, float]:
    """A range that holds all values and is not empty."""
    low, high = min(values), max(values)
    gap = max(0.5, abs(low) / 1000)
    return (low, high) if high > low else (low - gap, high + gap)


def share(value: float, ends: tuple[float, float]) -> float:
    """How far a value is on the way between two ends, 0 to 1; in the middle of a range with nothing in it."""
    way = ends[1] / 2 - ends[0] / 2
    return min(max((value / 2 - ends[0] / 2) / way, 0.0), 1.0) if way else 0.5


def scaled(chart: Chart) -> tuple[Curve, ...]:
    """The curves as they are drawn: with the logarithms of their values where the axis is logarithmic."""

    def drawn_at(x: float, y: float) -> tuple[float, float]:
        x, y = (min(max(one, -FURTHEST), FURTHEST) for one in (x, y))
        return x, math.log10(y) if chart.logarithmic else y

    found = []
    for curve in chart.curves:
        points = [at for at in curve.points if math.isfinite(at[1]) and (at[1] > 0 or not chart.logarithmic)]
        found.append(Curve(curve.label, tuple(drawn_at(*at) for at in points), curve.dots))
    return tuple(found)


def height_name(chart: Chart, y: float) -> str:
    """What stands beside a place on the axis that goes up."""
    return number(10 ** min(y, 308.0) if chart.logarithmic else y)


def chart_lines(chart: Chart, width: int, height: int) -> list[str]:
    """Curves in braille, each with its number at its end; the ends of the axes are named."""
    from plotille import Canvas  # a first screen draws no curves

    curves = scaled(chart)
    points = [point for curve in curves for point in curve.points]
    if not points:
        return []
    (left, right), (low, high) = limits([x for x, _ in points]), limits([y for _, y in points])
    names = [height_name(chart, y) for y in (high, high / 2 + low / 2, low)]
    room = max(map(len, names)) + 1
    columns = width - room - 3
    across, up = right / columns - left / columns, high / height - low / height  # of one character
    # Two dots side by side and four above each other are a character: the last of them holds the largest value.
    canvas = Canvas(columns, height, xmin=left, xmax=right + across / 2, ymin=low, ymax=high + up / 4)
    for curve in curves:
        draw_curve(canvas, curve)
    for place, curve in enumerate(curves):
        for x, y in curve.points if curve.dots else curve.points[-1:]:
            if len(curves) > 1:
                canvas.text(min(x, right - across), min(y, high - up / 2), MARKS[place])
    rows = canvas.plot().replace("\u2800", " ").split("\n")
    at = {0: names[0], (len(rows) - 1) // 2: names[1], len(rows) - 1: names[2]}
    lines = [f"{chart.y:>{room}}"] if chart.y else []
    lines += [f"{at.get(place, ''):>{room}} ┤{row}".rstrip() for place, row in enumerate(rows)]
    ends = f"{number(left)} {chart.x} {number(right)}"
    gap = max(width - room - 4 - len(ends), 0)
    lines.append(f"{'':>{room}} └{'─' * (width - room - 4)}")
    lines.append(
        f"{'':>{room}}  {number(left)}{' ' * (gap // 2 + 1)}{chart.x}{' ' * (gap - gap // 2 + 1)}{number(right)}"
    )
    return lines + (
        [f"  {MARKS[place]} {curve.label}" for place, curve in enumerate(curves)] if len(curves) > 1 else []
    )


def draw_curve(canvas: Any, curve: Curve) -> None:
    """Lines from point to point, or a dot for each."""
    if curve.dots or len(curve.points) == 1:
        for x, y in curve.points:
            canvas.point(x, y)
        return
    for (x0, y0), (x1, y1) in zip(curve.points, curve.points[1:], strict=False):
        canvas.line(x0, y0, x1, y1)


def field_lines(field: Field, width: int, height: int, shades: str) -> list[str]:
    """The plane in shades, the samples on it as the digits of their targets."""
    columns = min(width - 8, 2 * height)
    lines = [
        [shade(sample(field.rows, row, height, column, columns), shades) for column in range(columns)]
        for row in range(height)
    ]
    for x, y, target in field.points:
        column = round(share(x, field.across) * (columns - 1))
        row = round(share(y, field.up[::-1]) * (height - 1))
        lines[row][column] = "1" if target > 0.5 else "0" if target >= 0 else "-"
    found = [f"{field.y:>6}"]
    names = {0: number(field.up[1]), height - 1: number(field.up[0])}
    found += [f"{names.get(place, ''):>6} {''.join(line)}" for place, line in enumerate(lines)]
    ends = f"{number(field.across[0])}{field.x:^{columns - 8}}{number(field.across[1])}"
    return [*found, f"{'':>6} {ends}"]


def sample(rows: Sequence[Sequence[float]], row: int, height: int, column: int, columns: int) -> float:
    """The value of a raster where a smaller one has this place."""
    return rows[min(int((row + 0.5) * len(rows) / height), len(rows) - 1)][
        min(int((column + 0.5) * len(rows[0]) / columns), len(rows[0]) - 1)
    ]


def shade(value: float, shades: str) -> str:
    return shades[min(int(max(value, 0.0) * len(shades)), len(shades) - 1)]


def raster_lines(raster: Raster, width: int, height: int, shades: str) -> list[str]:
    """The picture in shades, two of its rows in one line of characters, without the empty lines around it."""
    found = []
    for upper, lower in zip(raster.rows[::2], [*raster.rows[1::2], raster.rows[-1]], strict=False):
        line = (shade((a + b) / 2 * 1.2, shades) for a, b in zip(upper, lower, strict=True))
        found.append("".join(line)[:width].rstrip())
    while len(found) > 1 and not found[0]:
        found.pop(0)
    while len(found) > 1 and not found[-1]:
        found.pop()
    return found


def told(picture: Picture) -> Iterator[str]:
    """The picture in words and numbers, for screen readers and for pages that cannot draw."""
    if isinstance(picture, Chart):
        for curve in picture.curves:
            points = few(curve.points)
            yield f"{curve.label}: " + "; ".join(f"({number(x)}, {number(y)})" for x, y in points)
    elif isinstance(picture, Field):
        for x, y, target in picture.points[:MOST_TOLD]:
            row = round(share(y, picture.up[::-1]) * (len(picture.rows) - 1))
            column = round(share(x, picture.across) * (len(picture.rows) - 1))
            low, high = picture.span
            value = low + picture.rows[row][column] * (high - low)
            yield f"{picture.x} = {number(x)}, {picture.y} = {number(y)}: {number(value)} (t = {number(target)})"
    else:
        for line, greys in enumerate(picture.rows, 1):
            dark = [place for place, value in enumerate(greys, 1) if value > 0.5]
            if dark:
                yield f"{line}: {dark[0]}–{dark[-1]} ({len(dark)})"


def few(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """All points, or some evenly spread ones."""
    if len(points) <= MOST_TOLD:
        return list(points)
    return [points[round(n * (len(points) - 1) / (MOST_TOLD - 1))] for n in range(MOST_TOLD)]
