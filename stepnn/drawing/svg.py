"""Pictures of numbers as SVG, for browsers, documents and notebooks: no script, no reference to anything outside."""

from __future__ import annotations

import math
from html import escape

from stepnn.drawing.chart import height_name, limits, number, scaled, share, told
from stepnn.drawing.colours import HUES
from stepnn.trace.charts import Chart, Field, Picture, Raster

WIDTH, HEIGHT = 560, 320
LEFT, TOP, RIGHT, BOTTOM = 92, 44, 24, 46
LINE = 18  # between the lines of the legend
DASHES = ("", "6 4", "2 3", "9 3 2 3")  # after each round of hues


def svg(picture: Picture) -> str:
    """The picture as one SVG element, described in words for those who cannot see it."""
    if isinstance(picture, Chart):
        body, height = chart_body(picture)
    elif isinstance(picture, Field):
        body, height = field_body(picture), HEIGHT + 60
    else:
        body, height = raster_body(picture), HEIGHT
    words = escape("; ".join(told(picture)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" font-family="sans-serif" font-size="13">'
        f"<title>{escape(picture.title)}</title><desc>{words}</desc>"
        f'<rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="{WIDTH / 2}" y="20" text-anchor="middle" font-size="15">{escape(picture.title)}</text>{body}</svg>'
    )


def text(x: float, y: float, words: str, anchor: str = "middle", extra: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#333333"{extra}>{escape(words)}</text>'


def chart_body(chart: Chart) -> tuple[str, int]:
    """Axes, curves and, for several, a legend below."""
    curves = scaled(chart)
    points = [point for curve in curves for point in curve.points]
    if not points:
        return "", HEIGHT
    (left, right), (low, high) = limits([x for x, _ in points]), limits([y for _, y in points])

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = (x - left) / (right - left), (y - low) / (high - low)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    parts = [frame()]
    for y in ticks(low, high):
        up = place(left, y)[1]
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up:.1f}" y2="{up:.1f}" stroke="#e0e0e0"/>')
        parts.append(text(LEFT - 6, up + 4, height_name(chart, y), "end"))
    parts += [text(place(x, low)[0], HEIGHT - BOTTOM + 16, number(x)) for x in ticks(left, right)]
    parts += [text((LEFT + WIDTH) / 2, HEIGHT - 10, chart.x), text(LEFT, TOP - 8, chart.y)]
    for at, curve in enumerate(curves):
        colour, dashes = pen(at)
        spots = [place(*point) for point in curve.points]
        if not curve.dots:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
        else:
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in spots]
    if len(curves) == 1:
        return "".join(parts), HEIGHT
    for at, curve in enumerate(curves):
        y = HEIGHT + 4 + LINE * at
        colour, dashes = pen(at)
        line = f'x1="{LEFT}" x2="{LEFT + 16}" y1="{y + 6}" y2="{y + 6}"'
        parts.append(f'<line {line} stroke="{colour}" stroke-width="4"{dashes}/>')
        parts.append(text(LEFT + 24, y + 10, curve.label, "start"))
    return "".join(parts), HEIGHT + 12 + LINE * len(curves)


def pen(number: int) -> tuple[str, str]:
    """The colour and the dashes of a curve, counted from 0: told apart without colours too."""
    dashes = DASHES[number // len(HUES) % len(DASHES)]
    return HUES[number % len(HUES)], f' stroke-dasharray="{dashes}"' if dashes else ""


def ticks(low: float, high: float) -> list[float]:
    """Four to ten round numbers between the ends of an axis: multiples of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / 4))
    step = max(factor * power for factor in (1, 2, 5) if factor * power <= (high - low) / 4)
    return [round(n * step, 12) for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def frame() -> str:
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    return f'<rect x="{LEFT}" y="{TOP}" width="{width}" height="{height}" fill="none" stroke="#999999"/>'


def field_body(field: Field) -> str:
    """The plane in two colours that also differ in lightness, and the samples on it."""
    side = HEIGHT + 60 - TOP - BOTTOM
    start = (WIDTH - side) / 2
    size = side / len(field.rows)
    parts = []
    for row, values in enumerate(field.rows):
        for column, value in enumerate(values):
            x, y = start + column * size, TOP + row * size
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{size + 0.5:.1f}" height="{size + 0.5:.1f}" '
                f'fill="{mixed(value)}"/>'
            )
    for x, y, target in field.points:
        across, down = start + share(x, field.across) * side, TOP + share(y, field.up[::-1]) * side
        fill = mixed(1.0) if target > 0.5 else mixed(0.0)
        parts.append(
            f'<circle cx="{across:.1f}" cy="{down:.1f}" r="9" fill="{fill}" stroke="#000000" stroke-width="2"/>'
            + text(across, down + 4, number(target))
        )
    low, high = number(field.across[0]), number(field.across[1])
    parts += [text(start, TOP + side + 16, low), text(start + side, TOP + side + 16, high)]
    parts += [text(start + side / 2, TOP + side + 16, field.x), text(start - 8, TOP + side / 2, field.y, "end")]
    parts += [
        text(start - 8, TOP + 10, number(field.up[1]), "end"),
        text(start - 8, TOP + side, number(field.up[0]), "end"),
    ]
    return "".join(parts)


def mixed(value: float) -> str:
    """A colour between pale blue (0) and orange (1)."""
    share = min(max(value, 0.0), 1.0)
    low, high = (222, 235, 247), (230, 130, 20)
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in zip(low, high, strict=True))


def raster_body(raster: Raster) -> str:
    """The picture, dark on light, one square for each value."""
    side = HEIGHT - TOP - 10
    start, size = (WIDTH - side) / 2, side / len(raster.rows)
    parts = [f'<rect x="{start:.1f}" y="{TOP}" width="{side}" height="{side}" fill="none" stroke="#999999"/>']
    for row, values in enumerate(raster.rows):
        for column, value in enumerate(values):
            if value > 0.02:
                x, y, grey = start + column * size, TOP + row * size, round(255 * (1 - min(value, 1.0)))
                parts.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{size + 0.3:.1f}" height="{size + 0.3:.1f}" '
                    f'fill="rgb({grey},{grey},{grey})"/>'
                )
    return "".join(parts)
