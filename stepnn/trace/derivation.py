"""Where a formula comes from: the lines of its derivation, from the definitions to the result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stepnn.calculus.differentiate import local_slope
from stepnn.calculus.local import Link, links
from stepnn.network.identity import Key, What
from stepnn.network.model import Axis, Quantity, Role
from stepnn.network.names import Names
from stepnn.notation.formula import Formula, Ref, Sum, letter_index, multiply, refs
from stepnn.trace.forms import Forms
from stepnn.trace.step import Step


@dataclass(frozen=True)
class Line:
    """One line: a sentence (a catalogue key; `of` is what it speaks about) and an equation."""

    key: str
    of: Ref | None = None
    left: Ref | None = None
    right: Formula | None = None


@dataclass(frozen=True)
class Derivation:
    """The lines, and the names of everything in them."""

    lines: tuple[Line, ...]
    names: Names


def derivation(step: Step) -> Derivation:
    """How the general formula of the step follows from the definitions."""
    writer = DerivationWriter(step.moment.forms)
    lines = tuple(writer.lines(step.quantity)) if step.quantity is not None else (Line("given"),)
    return Derivation(lines, Names(step.moment.network.extended(writer.extra)))


class DerivationWriter:
    """Collects the lines. `extra` are derivatives that only the derivation speaks of."""

    def __init__(self, forms: Forms) -> None:
        self.forms = forms
        self.network = forms.network
        self.extra: list[Quantity] = []

    def lines(self, quantity: Quantity) -> Iterator[Line]:
        if quantity.role is Role.UPDATED:
            yield Line("update", left=quantity.general, right=quantity.formula)
        elif quantity.wrt is None:
            yield Line("definition", left=quantity.general, right=quantity.formula)
        elif quantity.role is Role.LOCAL_SLOPE:
            yield from self.local(self.network[quantity.wrt[0].name], self.network[quantity.wrt[1].name], quantity)
        else:
            yield from self.error(quantity, self.network[quantity.wrt[1].name])

    def local(self, user: Quantity, by: Quantity, whole: Quantity | None = None) -> Iterator[Line]:
        """One formula differentiated by one of its quantities."""
        assert user.formula is not None
        yield Line("used", by.general, user.general, user.formula)
        found = links(user, by.key)
        together = local_slope(user, by, found) if len(found) > 1 and whole is None else whole
        if len(found) > 1 and together is not None:
            if whole is None:
                self.extra.append(together)
            yield Line("slope", by.general, together.general, together.formula)
            return
        for link in found:
            left = self.slope(user, by, link)
            yield Line("slope", by.general, left, link.plain)
            if link.coefficient != link.plain:
                yield Line("rewritten", None, left, link.coefficient)

    def error(self, quantity: Quantity, by: Quantity) -> Iterator[Line]:
        """∂E/∂by, over everything that uses it."""
        users = [user for user in self.network.computed if user.wrt is None and user.role is not Role.UPDATED]
        users = [user for user in users if any(ref.name == by.key for ref in refs(user.formula or by.general))]
        for user in users:
            yield from self.local(user, by)
        if quantity.role is Role.DELTA:
            yield Line("named", None, self.unnamed(quantity), quantity.general)
        chain = self.forms.chain(quantity, False) or self.chain(users, by)
        if chain:
            key = "chain" if isinstance(chain[0], Sum) else "chain_one"
            yield Line(key, by.general, quantity.general, chain[0])
        result = (
            self.forms.without_slopes(quantity.formula)
            if quantity.role is Role.DELTA and quantity.formula
            else quantity.formula
        )
        yield Line("result", None, quantity.general, result)

    def chain(self, users: list[Quantity], by: Quantity) -> list[Formula]:
        """Σ ∂E/∂user · ∂user/∂by for a single user with simple indices."""
        if len(users) != 1 or users[0].formula is None:
            return []
        (user,) = users
        found = links(user, by.key)
        if len(found) != 1 or any(index.letter is None for index in found[0].index):
            return []
        letters = [index.letter for index in found[0].index]
        product: Formula = multiply(self.error_of(user), self.slope(user, by, found[0]))
        for axis in user.axes:
            if axis.letter not in letters:
                product = Sum(axis.letter, axis.size, product)
        return [product]

    def error_of(self, user: Quantity) -> Ref:
        """∂E/∂user, which may be one that is never computed on its own."""
        key = Key(What.ERROR_SLOPE, user.key)
        total = self.network.total_error
        if key not in self.network.by_key and total is not None:
            self.extra.append(Quantity(key, Role.ERROR_SLOPE, "dE", user.axes, wrt=(total.general, user.general)))
        return Ref(key, user.general.index)

    def unnamed(self, delta: Quantity) -> Ref:
        """∂E/∂z_k, which is what δ_k stands for."""
        key = Key(What.UNNAMED, delta.key)
        self.extra.append(Quantity(key, Role.ERROR_SLOPE, "dE", delta.axes, wrt=delta.wrt))
        return Ref(key, delta.general.index)

    def slope(self, user: Quantity, by: Quantity, link: Link) -> Ref:
        """∂user/∂by as something that has a name."""
        key = Key(What.LINK, user.key, by.key, str(len(self.extra)))
        letters = dict.fromkeys([*user.letters, *(letter for index in link.index for letter, _ in index.terms)])
        axes = tuple(Axis(letter, ()) for letter in letters)
        self.extra.append(Quantity(key, Role.LOCAL_SLOPE, "slope", axes, wrt=(user.general, Ref(by.key, link.index))))
        return Ref(key, tuple(letter_index(letter) for letter in letters))
