"""A penalty on large weights as formulas: E = E_data + ½·λ·Σ w² + λ·Σ |w|.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 7.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stepnn.lessons.learning import Regularization
from stepnn.lessons.schema import OwnQuantity
from stepnn.network.model import Quantity, Role

DATA, TOTAL = "E_data", "E"
NAMES = ("E_data", "L1", "L2", "lambda1", "lambda2")  # what a lesson with a penalty has besides
EACH = {"L2": ("1/2 * lambda2 * ({sums})", "{w}**2"), "L1": ("lambda1 * ({sums})", "abs({w})")}
TOTAL_LINE, PENALTY_LINES = "regularization.total", tuple(f"regularization.{name}" for name in EACH)
ROLES = {
    DATA: (Role.OUTPUT_ERROR, "data"), "L2": (Role.OUTPUT_ERROR, "L2"), "L1": (Role.OUTPUT_ERROR, "L1"),
    TOTAL: (Role.TOTAL_ERROR, "total"), "lambda1": (Role.SETTING, ""), "lambda2": (Role.SETTING, ""),
}  # fmt: skip


def strengths(penalty: Regularization) -> dict[str, float]:
    """How strong each penalty is, by its name; only those that there are."""
    return {name: value for name, value in (("L2", penalty.l2), ("L1", penalty.l1)) if value}


def rows_of(penalty: Regularization, rows: list[OwnQuantity], layer: int) -> list[dict[str, Any]]:
    """What is put behind the layers and their loss: each penalty with its λ, and the error with all of them."""
    found: list[dict[str, Any]] = []
    chosen = [
        one for one in rows if one.learned and (one.name in penalty.of if penalty.of else is_weight(one, penalty))
    ]
    for name, strength in strengths(penalty).items():
        formula, each = EACH[name]
        sums = " + ".join(summed(one, each) for one in chosen)
        found.append({"name": f"lambda{name[1:]}", "values": strength})
        found.append({"name": name, "formula": formula.format(sums=sums)})
    total = " + ".join([DATA, *strengths(penalty)])
    return [{**one, "layer": layer} for one in (*found, {"name": TOTAL, "formula": total})]


def is_weight(own: OwnQuantity, penalty: Regularization) -> bool:
    """Whether a parameter of a layer is punished where the lesson names none."""
    return own.name.startswith("w") or (penalty.biases and own.name.startswith("b"))


def summed(own: OwnQuantity, each: str) -> str:
    """A sum over all elements of a parameter, or what it is of a single number."""
    element = each.format(w=f"{own.name}[{own.index}]" if own.index else own.name)
    return f"sum({element}, {own.index})" if own.index else element


def with_roles(quantity: Quantity) -> Quantity:
    """A quantity of a lesson that has a penalty, with what it is in that."""
    role, line = ROLES.get(quantity.key, (quantity.role, quantity.line))
    return replace(
        quantity, role=role, line=f"regularization.{line}" if line in ("data", "L2", "L1", "total") else line
    )
