"""Korean particles after names, numbers and words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import stepnn
from stepnn.page.written import Marks, plain
from stepnn.trace.sentences import as_text
from stepnn.words.particles import FORMS, settled
from tests.help import HERE

BOTH = re.compile("|".join(map(re.escape, FORMS)))


@pytest.mark.parametrize(
    ("both", "wanted"),
    [
        ("w5을(를)", "w5를"), ("w1을(를)", "w1을"), ("z_h2은(는)", "z_h2는"), ("∂E/∂w6이(가)", "∂E/∂w6이"), ("δ과(와)", "δ와"),
        ("w_kj은(는)", "w_kj는"), ("w_kcpq이(가)", "w_kcpq가"), ("a_n을(를)", "a_n을"), ("가중치을(를)", "가중치를"), ("가중합은(는)", "가중합은"), ("w1(으)로", "w1로"),
        ("w3(으)로", "w3으로"), ("w2(으)로", "w2로"), ("파일(으)로", "파일로"), ("0.5이(가)", "0.5가"), ("w5_new을(를)", "w5_new를"),
        ("σ²은(는)", "σ²은"), ("\"a1\"을(를)", "\"a1\"을"), ("b1(이)라는", "b1이라는"), ("x2(이)라는", "x2라는"),
        ("softmax은(는)", "softmax은(는)"), ("σ(z)은(는)", "σ(z)은(는)"), ("은(는)", "은(는)"), ("w5(z)", "w5(z)"),
    ],
)  # fmt: skip
def test_particles(both: str, wanted: str) -> None:
    assert settled(both) == wanted


def test_particles_behind_names_that_are_typeset() -> None:
    """A name stands as a mark in the sentence until it is put back; its particle waits for it."""
    names = stepnn.load("backprop").trace().moments[0].names
    step = stepnn.load("backprop").trace()["z_h1"]
    marks = Marks()
    assert step.ref is not None
    name = names.of(step.ref)
    assert plain(marks.text(settled(f"{marks(name)}을(를) 구합니다"))) == f"{as_text(name)}을 구합니다"


@pytest.mark.parametrize("page", sorted((HERE / "golden").glob("*.ko.txt")), ids=lambda page: page.name)
def test_hardly_a_particle_is_left_open(page: Path) -> None:
    """Names of steps are letters and digits, which can be read; r is read in two ways."""
    assert len(BOTH.findall(page.read_text(encoding="utf-8"))) <= 5
