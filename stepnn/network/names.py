"""The glossary: how every quantity and every element is called, in text, in LaTeX and in plain ASCII.

Symbols (Rumelhart, Hinton and Williams 1986 in the letters of today's textbooks; Nielsen, *Neural Networks
and Deep Learning*, chapter 2):

    x input    w weight    b bias    z weighted sum    a activation    t target    E error
    δ = ∂E/∂z  delta       η learning rate             α parameter of an activation function

Weights are w[k, j]: the first index is the receiving neuron, the second the sending one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from stepnn.network.model import Network, Quantity, Role
from stepnn.notation.formula import Ref
from stepnn.notation.index import Index
from stepnn.notation.mathematics import (
    NEW,
    PARTIAL,
    PRIME,
    TINY_COMMA,
    Accent,
    Fraction,
    Nodes,
    Scripts,
    joined,
    letter,
    number,
    raised,
    word,
)
from stepnn.notation.printer import index_text
from stepnn.notation.typesetting import index_nodes

GREEK = {"delta": "δ", "eta": "η", "alpha": "α", "beta": "β", "gamma": "γ", "epsilon": "ε", "lambda": "λ", "mu": "μ",
         "rho": "ρ", "sigma": "σ", "tau": "τ", "psi": "ψ", "theta": "θ", "pi": "π", "phi": "φ", "omega": "ω",
         "zeta": "ζ", "kappa": "κ", "nu": "ν", "xi": "ξ", "chi": "χ"}  # fmt: skip
ACCENTS = {"hat": "\u0302", "bar": "\u0304"}  # put behind the letter in text


def greek(name: str) -> Nodes:
    return (letter(GREEK[name], rf"\{name}"),)


GLYPHS: dict[str, tuple[str, Nodes]] = {  # ASCII: (text, typeset); a letter that is not here is printed as it is
    **{name: (character, greek(name)) for name, character in GREEK.items()},
    "beta1": ("β1", (Scripts(greek("beta"), number("1")),)),
    "beta2": ("β2", (Scripts(greek("beta"), number("2")),)),
    "lambda1": ("λ1", (Scripts(greek("lambda"), number("1")),)),
    "lambda2": ("λ2", (Scripts(greek("lambda"), number("2")),)),
    "eta_now": ("η_now", (Scripts(greek("eta"), (word("now"),)),)),
    "E_data": ("E_data", (Scripts((letter("E"),), (word("data"),)),)),
    "mu_next": ("μ′", (Scripts(greek("mu"), above=(PRIME,)),)),
    "variance": ("σ²", (Scripts(greek("sigma"), above=number("2")),)),
}  # fmt: skip


@dataclass(frozen=True)
class Name:
    """One name in its printed forms: text, typeset, ASCII. `ascii` is made of letters, digits and underscores only."""

    text: str
    typeset: Nodes
    ascii: str

    @property
    def latex(self) -> str:
        return joined(self.typeset)


def glyph_name(glyph: str) -> Name:
    """The name of a whole quantity. `delta_f` is δ with f as its mark, `x_hat2` is x̂ of layer 2."""
    text, typeset = known_glyph(glyph) or marked(glyph) or (glyph, label_typeset(glyph))
    return Name(text, typeset, glyph)


def known_glyph(glyph: str) -> tuple[str, Nodes] | None:
    """A name of the glossary, or one of its letters or any single one with an accent, such as `x_hat` or `mu_bar`."""
    base, _, accent = glyph.rpartition("_")
    if accent not in ACCENTS or not (base in GREEK or len(base) == 1):
        return GLYPHS.get(glyph)
    text, typeset = GLYPHS.get(base) or (base, (letter(base),))
    return unicodedata.normalize("NFC", text + ACCENTS[accent]), (Accent(typeset, accent),)


def marked(glyph: str) -> tuple[str, Nodes] | None:
    """A letter with a mark, such as the gate that it belongs to, and a letter of the glossary with a number."""
    match = re.fullmatch(r"([A-Za-z_]+?)(\d+)", glyph)
    if match and (known := known_glyph(match[1])):
        text, typeset = known
        shown = match[2] if text[-1].isalpha() else f"({match[2]})"  # δ2, but σ²(2): a mark and a digit run together
        return f"{text}{shown}", raised(typeset, number(f"({match[2]})"))
    match = re.fullmatch(r"((?:[A-Za-z]|[a-z]+)_(?:hat|bar)|[A-Za-z]|[a-z]+?)_([A-Za-z]+(?:_[A-Za-z]+)*)(\d*)", glyph)
    if match and (len(match[1]) == 1 or known_glyph(match[1])):
        text, typeset = known_glyph(match[1]) or (match[1], label_typeset(match[1]))
        above: Nodes = (NEW,) if match[2] == "new" else (word(match[2]),)
        return f"{text}_{match[2]}{match[3]}", raised(typeset, above + (number(match[3]) if match[3] else ()))
    match = re.fullmatch(r"([A-Za-z]|[a-z]+?)(\d*)_([A-Za-z]\w*)", glyph)  # z2_again, and delta_z2_again of such a one
    if match and (len(match[1]) == 1 or match[1] in GREEK):
        text, typeset = known_glyph(match[1]) or (match[1], label_typeset(match[1]))
        own = (*number(f"({match[2]})"), TINY_COMMA) if match[2] else ()
        return f"{text}{match[2]}_{match[3]}", raised(typeset, (*own, word(match[3])))
    return None


def array_name(glyph: str) -> Name:
    """The name of a quantity that has indices, without them: W^{(1)}."""
    name = glyph_name(glyph)
    return replace(name, typeset=indexed(name, ())) if numbered(name) else name


def numbered(glyph: Name) -> re.Match[str] | None:
    """The letter and the number of a name such as W1; of one from the glossary, the number is up already."""
    match = re.fullmatch(r"([A-Za-z]+)(\d+)", glyph.ascii)
    return match if match and glyph.ascii not in GLYPHS and match[1] not in GLYPHS else None


def indexed(glyph: Name, subscript: Nodes) -> Nodes:
    """A letter with a subscript; of one that ends in a number, the number moves up: W^{(1)}_{kj}."""
    if match := numbered(glyph):
        return (Scripts(label_typeset(match[1]), subscript, number(f"({match[2]})")),)
    if len(glyph.typeset) == 1 and isinstance(one := glyph.typeset[0], Scripts) and bool(one.above) != bool(one.below):
        return (Scripts(one.base, subscript, one.above or number(f"({joined(one.below)})")),)
    return (Scripts(glyph.typeset, subscript),)


def label_typeset(label: str) -> Nodes:
    """`h1` as h_1, `w12` as w_{12}, `p1_3` as p_{1,3}: digits at the end of a name are its number."""
    match = re.fullmatch(r"([A-Za-z]+)_?(\d+(?:_\d+)*)", label)
    letters = match[1] if match else label
    base: Nodes = (letter(letters) if len(letters) == 1 else word(letters),)
    return (Scripts(base, listed([number(one) for one in match[2].split("_")])),) if match else base


def listed(parts: Sequence[Nodes], separated: bool = True) -> Nodes:
    """Indices side by side, with commas between them or without."""
    found: Nodes = ()
    for part in parts:
        found += ((TINY_COMMA,) if found and separated else ()) + part
    return found


def renewed(name: Name) -> Name:
    """The name of a new value: w5_new."""
    return Name(f"{name.text}_new", raised(name.typeset, (NEW,)), f"{name.ascii}_new")


def label_name(label: str) -> Name:
    """The name of a neuron on its own."""
    return Name(label, label_typeset(label), label)


class Names:
    """The names of everything in one network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.of = lru_cache(maxsize=None)(self._of)

    def text(self, ref: Ref) -> str:
        return self.of(ref).text

    def typeset(self, ref: Ref) -> Nodes:
        return self.of(ref).typeset

    def ascii(self, ref: Ref) -> str:
        """The symbol: a plain identifier such as `dE_dw5`."""
        return self.of(ref).ascii

    def _of(self, ref: Ref) -> Name:
        quantity = self.network[ref.name]
        if quantity.wrt is not None:
            return self.derivative(quantity, ref)
        if quantity.role is Role.UPDATED:
            return renewed(self.of(Ref(quantity.of, ref.index)))
        if quantity.of:
            name = self.belonging(quantity, ref.index)
            return renewed(name) if quantity.role is Role.NEW_STATE else name
        if quantity.role is Role.NEW_STATE:
            return renewed(self.plain(quantity, ref.index))
        return self.plain(quantity, ref.index)

    def belonging(self, quantity: Quantity, index: tuple[Index, ...]) -> Name:
        """What an optimiser keeps for a parameter: m_w5, and in general m_kj."""
        if not all(one.is_number for one in index):
            return self.plain(quantity, index)
        glyph, name = glyph_name(quantity.glyph), self.of(Ref(quantity.of, index))
        return Name(f"{glyph.text}_{name.text}", (Scripts(glyph.typeset, name.typeset),), f"{glyph.ascii}_{name.ascii}")

    def plain(self, quantity: Quantity, index: tuple[Index, ...]) -> Name:
        """A name of its own such as `w5`, or a letter with subscripts such as `z_h1` or `w_kj`."""
        concrete = all(one.is_number for one in index)
        if concrete and quantity.names:
            position = 0
            for one, axis in zip(index, quantity.axes, strict=True):
                position = position * axis.size + one.constant
            own = quantity.names[position]
            if quantity.role is Role.ACTIVATION_PARAMETER:
                alone = len(self.network.with_role(Role.ACTIVATION_PARAMETER)) == 1
                return replace(glyph_name("alpha" if alone else own), ascii=own)
            return glyph_name(own) if own in GREEK else Name(own, label_typeset(own), own)
        glyph = glyph_name(quantity.glyph)
        if not index:
            return glyph
        if not concrete:
            letters = [index_text(one) for one in index]
            compound = any(len(letter) > 1 for letter in letters)
            subscript = (",".join if compound else "".join)(letters)
            typeset = indexed(glyph, listed([index_nodes(one) for one in index], compound))
            return Name(f"{glyph.text}_{subscript}", typeset, f"{glyph.ascii}_{'_'.join(letters)}")
        labels = [
            axis.labels[one.constant] if 0 <= one.constant < axis.size else str(one.constant + 1)  # outside the array
            for one, axis in zip(index, quantity.axes, strict=True)
        ]
        together = "_".join(labels)
        typeset = indexed(glyph, listed([label_typeset(label) for label in labels], separated=False))
        return Name(f"{glyph.text}_{together}", typeset, f"{glyph.ascii}_{together}")

    def derivative(self, quantity: Quantity, ref: Ref) -> Name:
        """∂E/∂w5, ∂a_o1/∂z_o1, or δ_o1 for ∂E/∂z_o1."""
        assert quantity.wrt is not None
        if quantity.role is Role.DELTA:
            return self.plain(quantity, ref.index)
        where = dict(zip(quantity.letters, ref.index, strict=True))
        top, bottom = (Ref(one.name, tuple(index.replace(where) for index in one.index)) for one in quantity.wrt)
        above, below = self.of(top), self.of(bottom)
        # ∂a_o1/∂z_o1 is da_dz_o1: what is above needs no subscript where what is below has it.
        its_letters, other_letters = (set(one.index) for one in quantity.wrt)
        implied = top.index == bottom.index or its_letters <= other_letters
        short = self.network[top.name].glyph if implied else above.ascii
        return Name(
            f"∂{above.text}/∂{below.text}",
            (Fraction((PARTIAL, *above.typeset), (PARTIAL, *below.typeset)),),
            f"d{short}_d{below.ascii}",
        )
