"""The glossary: how every quantity and every element is called, in text, in LaTeX and in plain ASCII.

Symbols (Rumelhart, Hinton and Williams 1986 in the letters of today's textbooks; Nielsen, *Neural Networks
and Deep Learning*, chapter 2):

    x input    w weight    b bias    z weighted sum    a activation    t target    E error
    δ = ∂E/∂z  delta       η learning rate             α parameter of an activation function

Weights are w[k, j]: the first index is the receiving neuron, the second the sending one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from stepnn.model import Network, Quantity, Role
from stepnn.notation.formula import Index, Ref
from stepnn.notation.printer import index_text

GREEK = {"delta": "δ", "eta": "η", "alpha": "α", "beta": "β", "gamma": "γ", "epsilon": "ε", "lambda": "λ", "mu": "μ",
         "rho": "ρ", "sigma": "σ", "tau": "τ", "psi": "ψ", "theta": "θ"}  # fmt: skip
GLYPHS: dict[str, tuple[str, str]] = {  # ASCII: (text, LaTeX); a letter that is not here is printed as it is
    **{name: (letter, rf"\{name}") for name, letter in GREEK.items()},
    "beta1": ("β1", r"\beta_1"), "beta2": ("β2", r"\beta_2"), "mu_next": ("μ′", r"\mu'"),
    "m_hat": ("m̂", r"\hat{m}"), "v_hat": ("v̂", r"\hat{v}"), "m_bar": ("m̄", r"\bar{m}"),
    "x_hat": ("x̂", r"\hat{x}"), "z_hat": ("ẑ", r"\hat{z}"), "variance": ("σ²", r"\sigma^2"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """One name in its three printed forms. `ascii` is made of letters, digits and underscores only."""

    text: str
    latex: str
    ascii: str


def glyph_name(glyph: str) -> Name:
    text, latex = GLYPHS.get(glyph, (glyph, label_latex(glyph)))
    return Name(text, latex, glyph)


def indexed_latex(glyph: Name, subscript: str) -> str:
    """A letter with a subscript; of one that ends in a number, the number moves up: W^{(1)}_{kj}."""
    match = re.fullmatch(r"([A-Za-z]+)(\d+)", glyph.ascii)
    if match and glyph.ascii not in GLYPHS:
        return f"{label_latex(match[1])}^{{({match[2]})}}_{{{subscript}}}"
    return f"{glyph.latex}_{{{subscript}}}"


def label_latex(label: str) -> str:
    """`h1` as h_1, `w12` as w_{12}, `p1_3` as p_{1,3}: digits at the end of a name are its number."""
    match = re.fullmatch(r"([A-Za-z]+)_?(\d+(?:_\d+)*)", label)
    if match:
        number = match[2].replace("_", ",")
        letters = match[1] if len(match[1]) == 1 else rf"\mathrm{{{match[1]}}}"
        return f"{letters}_{{{number}}}" if len(number) > 1 else f"{letters}_{number}"
    plain = label.replace("_", r"\_")
    return plain if len(label) == 1 else rf"\mathrm{{{plain}}}"


def renewed(name: Name) -> Name:
    """The name of a new value: w5_new."""
    return Name(f"{name.text}_new", rf"{name.latex}^{{\text{{new}}}}", f"{name.ascii}_new")


def label_name(label: str) -> Name:
    """The name of a neuron on its own."""
    return Name(label, label_latex(label), label)


class Names:
    """The names of everything in one network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.of = lru_cache(maxsize=None)(self._of)

    def text(self, ref: Ref) -> str:
        return self.of(ref).text

    def latex(self, ref: Ref) -> str:
        return self.of(ref).latex

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
        if any(one.terms for one in index):
            return self.plain(quantity, index)
        glyph, name = glyph_name(quantity.glyph), self.of(Ref(quantity.of, index))
        return Name(f"{glyph.text}_{name.text}", f"{glyph.latex}_{{{name.latex}}}", f"{glyph.ascii}_{name.ascii}")

    def plain(self, quantity: Quantity, index: tuple[Index, ...]) -> Name:
        """A name of its own such as `w5`, or a letter with subscripts such as `z_h1` or `w_kj`."""
        concrete = all(not one.terms for one in index)
        if concrete and quantity.names:
            position = 0
            for one, axis in zip(index, quantity.axes, strict=True):
                position = position * axis.size + one.constant
            own = quantity.names[position]
            return Name(own, label_latex(own), own)
        glyph = glyph_name(quantity.glyph)
        if not index:
            return glyph
        if not concrete:
            letters = [index_text(one) for one in index]
            compound = any(len(letter) > 1 for letter in letters)
            subscript = (",".join if compound else "".join)(letters)
            return Name(
                f"{glyph.text}_{subscript}", indexed_latex(glyph, subscript), f"{glyph.ascii}_{'_'.join(letters)}"
            )
        labels = [axis.labels[one.constant] for one, axis in zip(index, quantity.axes, strict=True)]
        joined = "_".join(labels)
        latex = indexed_latex(glyph, " ".join(label_latex(label) for label in labels))
        return Name(f"{glyph.text}_{joined}", latex, f"{glyph.ascii}_{joined}")

    def derivative(self, quantity: Quantity, ref: Ref) -> Name:
        """∂E/∂w5, ∂a_o1/∂z_o1, or δ_o1 for ∂E/∂z_o1."""
        assert quantity.wrt is not None
        if quantity.role is Role.DELTA:
            return self.plain(quantity, ref.index)
        where = dict(zip(quantity.letters, ref.index, strict=True))
        top, bottom = (Ref(one.name, tuple(index.replace(where) for index in one.index)) for one in quantity.wrt)
        above, below = self.of(top), self.of(bottom)
        # ∂a_o1/∂z_o1 is da_dz_o1: what is above needs no subscript where what is below has it.
        implied = set(top.index) <= set(bottom.index)
        short = self.network[top.name].glyph if implied else above.ascii
        return Name(
            f"∂{above.text}/∂{below.text}",
            rf"\frac{{\partial {above.latex}}}{{\partial {below.latex}}}",
            f"d{short}_d{below.ascii}",
        )
