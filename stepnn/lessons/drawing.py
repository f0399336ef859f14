"""Fresh numbers for a lesson: friendly ones for exercises (`--seed`), and first weights for a training."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from stepnn.lessons.schema import Lesson

Numbers = tuple[float, ...]


class Drawing:
    """Draws numbers with one or two decimals, the same for the same seed on every machine."""

    def __init__(self, lesson: Lesson, seed: int | str) -> None:
        self.variants = lesson.variants
        self.random = random.Random(f"{lesson.id}/{seed}")

    def numbers(self, kind: str, old: Sequence[float]) -> Numbers:
        """As many fresh numbers as there were, or the old ones where the lesson keeps them."""
        if kind not in self.variants.draw:
            return tuple(old)
        return tuple(self.number(value) for value in old)

    def number(self, old: float) -> float:
        """One fresh number in place of an old one; never 0."""
        variants, step = self.variants, self.variants.step
        low, high = variants.low, variants.high
        if variants.around is not None:
            low, high = old - variants.around, old + variants.around
        first, last = math.ceil(round(low / step, 6)), math.floor(round(high / step, 6))
        chosen = self.random.randint(first, max(first, last))
        return round((chosen or last or first or 1) * step, 6)


def first_weights(kind: str, seed: int | None, layer: int, senders: int, receivers: int) -> Numbers:
    """The weights that a training starts from, row by row, with four decimals.

    zeros; uniform in ±1/√senders (LeCun et al. 1998, Efficient BackProp); Xavier, uniform in ±√(6/(senders +
    receivers)) (Glorot and Bengio 2010); He, normal with standard deviation √(2/senders) (He et al. 2015).
    """
    draw, count = random.Random(f"{seed}/{layer}"), senders * receivers
    if kind == "zeros":
        return (0.0,) * count
    if kind == "he":
        return tuple(round(draw.gauss(0, math.sqrt(2 / senders)), 4) for _ in range(count))
    reach = math.sqrt(6 / (senders + receivers)) if kind == "xavier" else 1 / math.sqrt(senders)
    return tuple(round(draw.uniform(-reach, reach), 4) for _ in range(count))
