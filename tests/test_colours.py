"""Colours that everybody can read, and that mean one thing from the first step to the last."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

import stepnn
from stepnn.drawing.colours import HUES, RESULT, STYLES, colours
from stepnn.notation.formula import refs
from stepnn.trace.trace import Trace
from tests.help import LESSONS

# How people with one kind of cones missing see: Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
SEEN = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(hue: str) -> NDArray[np.float64]:
    """sRGB without its gamma."""
    channels = np.array([int(hue[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE L*a*b*, in which distances are as large as they are seen."""
    xyz = TO_XYZ @ rgb / WHITE
    root = np.where(xyz > 0.008856, np.cbrt(np.maximum(xyz, 1e-9)), 7.787 * xyz + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("hue", HUES)
def test_contrast_on_black_and_on_white(hue: str) -> None:
    """WCAG 2.1: (lighter + 0.05) / (darker + 0.05) is at least 4.5."""
    luminance = float(linear(hue) @ TO_XYZ[1])
    assert (luminance + 0.05) / 0.05 >= 4.5
    assert 1.05 / (luminance + 0.05) >= 4.5


@pytest.mark.parametrize("kind", SEEN)
def test_told_apart_with_every_kind_of_cones(kind: str) -> None:
    """Twenty units of CIE 1976 are ten times what can just be seen."""
    for one, other in combinations(HUES, 2):
        seen = [lab(np.clip(np.array(SEEN[kind]) @ linear(hue), 0, 1)) for hue in (one, other)]
        assert np.linalg.norm(seen[0] - seen[1]) >= 20, (one, other)


def test_no_style_is_told_by_its_hue_alone() -> None:
    assert len(set(STYLES)) == len(STYLES) == 9
    marks = {style.rpartition(" ")[0] for style in STYLES}
    assert len(marks) == len(STYLES) // len(HUES)


@pytest.mark.parametrize("name", LESSONS)
def test_one_style_for_a_symbol_through_the_lesson(name: str) -> None:
    """And different ones for those that stand in one equation, where there are few enough to tell apart."""
    trace = Trace(stepnn.load(name).setup)
    kept: dict[tuple[int, object], str] = {}
    for step in list(trace)[:300]:
        found = {ref: style.removeprefix(RESULT) for ref, style in colours(step).items()}
        if step.ref is None or step.term is not None or step.moment.samples:
            continue
        together = [*dict.fromkeys([*(ref for side in step.here for ref in refs(side)), step.ref])]
        if len(together) > 6:
            continue
        for ref in together:
            assert kept.setdefault((step.moment.run, ref), found[ref]) == found[ref], (step.id, ref)
        if name != "digits":  # ten outputs, each beside each other: one more than there are styles
            assert len({found[ref] for ref in together}) == len(together), step.id
