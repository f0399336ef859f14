"""Which fonts a page needs. The typesetter shows letters that its fonts lack as empty boxes without a word of
warning, so coverage is checked here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from stepnn.errors import StepnnError

LATIN = "Libertinus Serif"  # comes with the typesetter, as does the font for mathematics
MATHEMATICS = "New Computer Modern Math"
HANGUL = (
    "Noto Serif CJK KR", "Noto Serif KR", "NanumMyeongjo", "Nanum Myeongjo", "Noto Sans CJK KR", "Noto Sans KR",
    "NanumGothic", "Nanum Gothic", "NanumBarunGothic", "Pretendard", "Malgun Gothic", "Apple SD Gothic Neo",
    "AppleMyungjo", "AppleGothic", "Source Han Serif K", "Source Han Sans K",
)  # fmt: skip
OWN = (range(0x20, 0x250), range(0x300, 0x333), range(0x370, 0x400), range(0x1E00, 0x1F00), range(0x2010, 0x2028),
       range(0x2030, 0x2040), range(0x2070, 0x20A0), range(0x2190, 0x2196), range(0x2200, 0x2270),
       range(0x22C5, 0x22F2))  # fmt: skip
OWN_SINGLE = set("₩€ℝ\n")


@dataclass(frozen=True)
class Fonts:
    """Families in the order in which they are asked for a letter, and the files of those that are not built in."""

    families: tuple[str, ...]
    files: tuple[Path, ...] = ()


def is_built_in(letter: str) -> bool:
    """Whether the fonts that come with the typesetter have the letter."""
    return any(ord(letter) in block for block in OWN) or letter in OWN_SINGLE


def fonts_for(text: str) -> Fonts:
    """The fonts that have all letters of a text. Raises StepnnError where no font of the system has them."""
    return chosen(frozenset(letter for letter in set(text) if not is_built_in(letter)))


@cache
def chosen(foreign: frozenset[str]) -> Fonts:
    """The first Hangul font of the system that has all these letters, or any other that has them."""
    if not foreign:
        return Fonts((LATIN, MATHEMATICS))
    found = list(candidates())
    for family, files in found:
        if foreign <= coverage(files[0]):
            return Fonts((LATIN, MATHEMATICS, family), tuple(path for path, _ in files))
    raise StepnnError(missing(foreign, bool(found)))


def missing(foreign: frozenset[str], some: bool) -> str:
    """What to install."""
    letters = "".join(sorted(foreign)[:20])
    hangul = any("\uac00" <= letter <= "\ud7a3" for letter in foreign)
    if hangul:
        return (
            "No font of this system has the Hangul of this page, so the PDF would be full of empty boxes. Install one "
            "of Noto CJK, Nanum or Pretendard (on Debian or Ubuntu: apt-get install fonts-noto-cjk, or fonts-nanum; "
            "Windows and macOS have Malgun Gothic and Apple SD Gothic Neo), or use --format html."
        )
    codes = ", ".join(f"U+{ord(letter):04X}" for letter in letters[:5])
    known = "no font of this system has" if some else "there is no font for"
    return (
        f"The PDF would have empty boxes in it: {known} these letters: {letters} ({codes}). Install one that has them."
    )


Files = list[tuple[Path, int]]


def candidates() -> Iterator[tuple[str, Files]]:
    """Families of the system with their files: the known Hangul ones first, then all others."""
    import typst

    families: dict[str, Files] = {}
    for font in typst.Fonts(include_embedded_fonts=False).fonts():
        if font.path and font.style == "normal" and font.weight in (400, 700) and font.stretch == 1.0:
            families.setdefault(font.family, []).append((Path(font.path), font.index))
    order = [*(name for name in HANGUL if name in families), *(name for name in families if name not in HANGUL)]
    for name in order:
        yield name, sorted(families[name], key=lambda one: "bold" in one[0].name.lower())


@cache
def coverage_of(path: Path, index: int) -> frozenset[str]:
    from fontTools.ttLib import TTFont

    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return frozenset(map(chr, font.getBestCmap() or {}))
    except Exception:  # a font file that cannot be read covers nothing
        return frozenset()


def coverage(file: tuple[Path, int]) -> frozenset[str]:
    """All letters of a font file."""
    return coverage_of(*file)
