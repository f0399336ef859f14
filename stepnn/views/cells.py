"""Cells: short texts or mathematics, as they stand in tables, lists and sentences."""

from __future__ import annotations

from dataclasses import dataclass

from stepnn.network.names import Names
from stepnn.notation.formula import Ref
from stepnn.notation.mathematics import Nodes, joined
from stepnn.notation.numbers import Decimal
from stepnn.views.equations import Script, written


@dataclass(frozen=True)
class Maths:
    """Mathematics within a text. As a string it is LaTeX."""

    nodes: Nodes

    def __str__(self) -> str:
        return joined(self.nodes)


Cell = str | Maths


def name_cell(names: Names, ref: Ref, script: Script) -> Cell:
    return Maths(names.typeset(ref)) if script is Script.TYPESET else names.text(ref)


def number_cell(decimal: Decimal, script: Script) -> Cell:
    return Maths(decimal.typeset) if script is Script.TYPESET else written(decimal, script)
