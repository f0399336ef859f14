"""Which fonts a page needs. The typesetter shows letters that its fonts lack as empty boxes without a word of
warning, so coverage is checked here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from stepnn.errors import StepnnError, visible
from stepnn.words.told import told

LATIN = "Libertinus Serif"  # comes with the typesetter, as does the font for mathematics
MATHEMATICS = "New Computer Modern Math"
HANGUL = (
    "Noto Serif CJK KR", "Noto Serif KR", "NanumMyeongjo", "Nanum Myeongjo", "Noto Sans CJK KR", "Noto Sans KR",
    "NanumGothic", "Nanum Gothic", "NanumBarunGothic", "Pretendard", "Malgun Gothic", "Apple SD Gothic Neo",
    "AppleMyungjo", "AppleGothic", "Source Han Serif K", "Source Han Sans K",
)  # fmt: skip
OWN = (range(0x20, 0x250), range(0x300, 0x333), range(0x384, 0x3CF), range(0x1E00, 0x1F00), range(0x2010, 0x20A0),
       range(0x2100, 0x2150), range(0x2153, 0x2180), range(0x2190, 0x23D0), range(0x25A0, 0x2600))  # fmt: skip


@dataclass(frozen=True)
class Fonts:
    """Families in the order in which they are asked for a letter, and the files of those that are not built in."""

    families: tuple[str, ...]
    files: tuple[Path, ...] = ()


def is_built_in(letter: str) -> bool:
    """Whether the fonts that come with the typesetter have the letter."""
    return letter == "\n" or any(ord(letter) in block for block in OWN)


def fonts_for(text: str) -> Fonts:
    """The fonts that have all letters of a text. Raises StepnnError where no font of the system has them."""
    fonts, left = covering(foreign_letters(text))
    if left:
        raise StepnnError(missing(left))
    return fonts


def lacking(text: str) -> frozenset[str]:
    """The letters of a text that no font of this system has."""
    return covering(foreign_letters(text))[1]


def foreign_letters(text: str) -> frozenset[str]:
    return frozenset(letter for letter in set(text) if not is_built_in(letter))


@cache
def covering(foreign: frozenset[str]) -> tuple[Fonts, frozenset[str]]:
    """Fonts of the system that have these letters between them, Hangul fonts before others; and what none has."""
    families, files, left = [LATIN, MATHEMATICS], list[Path](), foreign
    for family, found in candidates() if foreign else ():
        has = coverage(*found[0])
        if left & has:
            families.append(family)
            files += [path for path, _ in found]
            left -= has
        if not left:
            break
    return Fonts(tuple(families), tuple(dict.fromkeys(files))), left


def missing(letters: frozenset[str]) -> str:
    """What to install."""
    if any("\uac00" <= letter <= "\ud7a3" for letter in letters):
        return told("no_hangul_font")
    some = sorted(letters)[:5]
    named = ", ".join(f"{visible(letter)} (U+{ord(letter):04X})" for letter in some)
    return told("no_font", letters=named)


Files = list[tuple[Path, int]]


def candidates() -> Iterator[tuple[str, Files]]:
    """Families of the system with their files: the known Hangul ones first, then all others."""
    import typst  # comes with the extra [pdf]

    families: dict[str, Files] = {}
    for font in typst.Fonts(include_embedded_fonts=False).fonts():
        if font.path and font.style == "normal" and font.weight in (400, 700) and font.stretch == 1.0:
            families.setdefault(font.family, []).append((Path(font.path), font.index))
    order = [*(name for name in HANGUL if name in families), *(name for name in families if name not in HANGUL)]
    for name in order:
        yield name, sorted(families[name], key=lambda one: "bold" in one[0].name.lower())


@cache
def coverage(path: Path, index: int) -> frozenset[str]:
    """All letters of a font; `index` is its place in a file of several."""
    from fontTools.ttLib import TTFont  # comes with the extra [pdf]

    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return frozenset(map(chr, font.getBestCmap() or {}))
    except Exception:  # a font file that cannot be read covers nothing
        return frozenset()
