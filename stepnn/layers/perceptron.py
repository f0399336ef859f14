"""The perceptron rule as quantities: the new value of every trained parameter."""

from __future__ import annotations

from stepnn.book.optimizers import PERCEPTRON_RULE
from stepnn.calculus.local import links
from stepnn.network.identity import Key, What
from stepnn.network.model import Network, Quantity, Role
from stepnn.notation.formula import Formula, Ref, multiply, transform
from stepnn.notation.parse import read


def perceptron_rule(network: Network, error: Quantity, rate: Quantity) -> list[Quantity]:
    """w + η·e·x for every trained parameter, where x is what the weighted sum multiplies the parameter by."""
    (z,) = network.with_role(Role.WEIGHTED_SUM)
    found = []
    for parameter in network.trained:
        (link,) = links(z, parameter.key)
        rule = bind_with(read(PERCEPTRON_RULE), link.coefficient, {"w": parameter, "e": error, "eta": rate})
        found.append(updated(parameter, rule))
    return found


def bind_with(formula: Formula, x: Formula, meanings: dict[str, Quantity]) -> Formula:
    """The rule with its own names bound and `x` replaced by a formula."""

    def change(part: Formula) -> Formula | None:
        if isinstance(part, Ref):
            return x if part.name == "x" else meanings[part.name].general
        inner = getattr(part, "factors", None)
        return multiply(*(transform(factor, change) for factor in inner)) if inner else None

    return transform(formula, change)


def updated(parameter: Quantity, formula: Formula) -> Quantity:
    """The quantity that holds the new values of a parameter."""
    return Quantity(
        Key(What.NEW, parameter.key),
        Role.UPDATED,
        parameter.glyph,
        parameter.axes,
        formula,
        layer=parameter.layer,
        of=parameter.key,
        missing=parameter.unlearned,
    )
