"""Samples that the program makes itself from a seed: pictures of digits, and noisy points on a curve.

NumPy is imported when the first sample is asked for: a lesson's first screen does without.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, overload

from stepnn.lessons.schema import Data
from stepnn.lessons.setup import Given

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Pair = tuple[Array, Array]

SIDE = 28  # pixels
# The strokes of each digit on a 4 × 6 grid, x to the right and y downwards: lines through these points.
STROKES: dict[int, list[list[tuple[float, float]]]] = {
    0: [[(2, 0), (0.6, 0.7), (0, 3), (0.6, 5.3), (2, 6), (3.4, 5.3), (4, 3), (3.4, 0.7), (2, 0)]],
    1: [[(0.8, 1.4), (2.2, 0), (2.2, 6)]],
    2: [[(0.2, 1.3), (1, 0.2), (2.6, 0), (3.8, 1), (3.6, 2.4), (0.2, 6), (4, 6)]],
    3: [[(0.3, 0.6), (1.8, 0), (3.5, 0.7), (3.4, 2.2), (1.8, 2.8), (3.7, 3.6), (3.8, 5.1), (2, 6), (0.2, 5.4)]],
    4: [[(3, 6), (3, 0), (0, 4.1), (4, 4.1)]],
    5: [[(3.7, 0), (0.6, 0), (0.3, 2.8), (2.2, 2.3), (3.8, 3.3), (3.7, 5), (2, 6), (0.2, 5.5)]],
    6: [[(3.4, 0.2), (1.4, 1), (0.2, 3.4), (0.5, 5.3), (2, 6), (3.6, 5.3), (3.6, 3.7), (2.2, 2.9), (0.4, 3.9)]],
    7: [[(0.2, 0), (4, 0), (1.6, 6)]],
    8: [
        [(2, 2.8), (0.5, 2), (0.6, 0.6), (2, 0), (3.4, 0.6), (3.5, 2), (2, 2.8)],
        [(2, 2.8), (0.3, 3.8), (0.3, 5.2), (2, 6), (3.7, 5.2), (3.7, 3.8), (2, 2.8)],
    ],
    9: [[(3.6, 2.1), (2, 3.2), (0.4, 2.2), (0.6, 0.6), (2, 0), (3.5, 0.7), (3.7, 2.6), (3, 6)]],
}


class ArraySamples(Sequence[Given]):
    """Many samples, kept as arrays: inputs (samples, in) and targets (samples, out)."""

    def __init__(self, inputs: Array, targets: Array) -> None:
        self.pair = inputs, targets

    def arrays(self) -> Pair:
        """Inputs and targets."""
        return self.pair

    def unseen_arrays(self) -> Pair | None:
        """The same for samples that are never learned from; None if there are none."""
        return None

    def __len__(self) -> int:
        return len(self.arrays()[0])

    @overload
    def __getitem__(self, place: int) -> Given: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Given]: ...
    def __getitem__(self, place: int | slice) -> Given | Sequence[Given]:
        inputs, targets = self.arrays()
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        return Given(tuple(map(float, inputs[place])), tuple(map(float, targets[place])))


class LazySamples(ArraySamples):
    """The samples of a `[data]` table, drawn when they are first looked at."""

    def __init__(self, data: Data) -> None:
        self.data = data

    def __len__(self) -> int:
        return self.data.count

    def arrays(self) -> Pair:
        """Inputs and targets."""
        return drawn(self.data)[0]

    def unseen_arrays(self) -> Pair | None:
        """The same for samples that are never learned from; None if there are none."""
        return drawn(self.data)[1]


@lru_cache(maxsize=2)  # 2 500 pictures take a second, and the same lesson is often loaded again
def drawn(data: Data) -> tuple[Pair, Pair | None]:
    """The samples to learn from, and the unseen ones. Nobody may change them."""
    make = digits if data.source == "digits" else points
    found = make(data, data.count, 0), make(data, data.unseen, 1) if data.unseen else None
    for array in (*found[0], *(found[1] or ())):
        array.flags.writeable = False
    return found


def digits(data: Data, count: int, part: int) -> Pair:
    """Pictures of digits, varied in place, size, slant, thickness and noise; targets are 1 for the digit, else 0.

    Inputs are grey values from 0 to 1, row by row. `part` 1 draws the unseen ones.
    """
    import numpy as np  # brings NumPy, which the first screen does without

    draw = random.Random(f"digits/{data.seed}/{part}")
    noise = (
        np.frombuffer(draw.randbytes(SIDE * SIDE * count), np.uint8).reshape(count, -1).astype(np.float64) / 255
    )  # (count, pixels)
    inputs, targets = np.empty((count, SIDE * SIDE)), np.zeros((count, 10))
    places = np.arange(SIDE, dtype=np.float64) + 0.5
    grid = np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2)  # (pixels, 2)
    for number in range(count):
        digit = number % 10
        targets[number, digit] = 1.0
        inputs[number] = picture(grid, digit, draw)
    noisy: Array = inputs + data.noise * (noise - 0.5)  # (count, pixels)
    return np.asarray(np.round(np.clip(noisy, 0.0, 1.0), 2), np.float64), targets


def picture(grid: Array, digit: int, draw: random.Random) -> Array:
    """One picture: how near each pixel is to a stroke, 0 to 1, (pixels,)."""
    import numpy as np  # brings NumPy, which the first screen does without

    size, slant = draw.uniform(2.5, 3.3), draw.uniform(-0.25, 0.25)
    across, down = draw.uniform(-2.5, 2.5), draw.uniform(-2.0, 2.0)
    thickness, stretch = draw.uniform(0.8, 1.6), draw.uniform(0.85, 1.15)
    nearest = np.full(len(grid), np.inf)
    for stroke in STROKES[digit]:
        points = np.array(stroke) - (2.0, 3.0)  # (points, 2)
        points = points + np.array([[draw.uniform(-0.15, 0.15), draw.uniform(-0.15, 0.15)] for _ in stroke])
        x = (points[:, 0] - slant * points[:, 1]) * size * stretch + SIDE / 2 + across
        y = points[:, 1] * size + SIDE / 2 + down
        nearest = np.minimum(nearest, distance(grid, np.stack([x, y], axis=-1)))
    return np.clip(thickness + 0.5 - nearest, 0.0, 1.0)


def distance(grid: Array, points: Array) -> Array:
    """The distance of each pixel from the line through the points, (pixels,)."""
    import numpy as np  # brings NumPy, which the first screen does without

    starts, sides = points[:-1], points[1:] - points[:-1]  # (sides, 2)
    there = grid[:, None] - starts  # (pixels, sides, 2)
    share = np.clip((there * sides).sum(-1) / (sides * sides).sum(-1), 0, 1)  # (pixels, sides)
    return np.asarray(np.sqrt(((there - share[..., None] * sides) ** 2).sum(-1)).min(axis=1))


def points(data: Data, count: int, part: int) -> Pair:
    """Points x between −1 and 1 with targets sin(3x) and noise around them: (count, 1) and (count, 1).

    All have two decimals, so that a reader can copy them.
    """
    import numpy as np  # brings NumPy, which the first screen does without

    draw = random.Random(f"points/{data.seed}/{part}")
    x = np.array([[round(draw.uniform(-1, 1), 2)] for _ in range(count)])
    noise = np.array([[draw.gauss(0, data.noise)] for _ in range(count)])
    return x, np.round(np.sin(3 * x) + noise, 2)
