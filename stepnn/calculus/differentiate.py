"""Backpropagation as formulas: from a network's definitions to every delta and every gradient.

For a quantity q, the chain rule adds up over everything that uses it (Rumelhart, Hinton and Williams 1986,
*Learning representations by back-propagating errors*, Nature 323, equations 4 to 7):

    ∂E/∂q[m]  =  Σ over consumers c, Σ over k:  ∂E/∂c[k] · ∂c[k]/∂q[m]

The local derivatives ∂c[k]/∂q[m] come from SymPy (see `local`). Each holds only where certain indices are
equal; solving those equations removes sums, and what is left is the formula of the textbook. The cost
depends on the number of formulas, never on the number of neurons.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from stepnn.calculus.bridge import Bridge, room
from stepnn.calculus.local import Link, fresh_sums, links, tidied, unused
from stepnn.errors import DerivativeError
from stepnn.model import ERRORS, PARAMETERS, Axis, Network, Quantity, Role
from stepnn.notation.formula import (
    ONE,
    ZERO,
    Formula,
    Index,
    Multiply,
    Negative,
    Number,
    Ref,
    Same,
    Sum,
    add,
    free_letters,
    letter_index,
    multiply,
    refs,
    walk,
    with_indices,
)


@dataclass(frozen=True)
class Backward:
    """Everything that is derived: the quantities of the backward pass in the order in which they are computed.

    `error_of` maps a quantity's key to the key of ∂E/∂quantity: a delta, a gradient or an error slope.
    """

    quantities: tuple[Quantity, ...]
    error_of: dict[str, str]


def differentiate(network: Network, wanted: Iterable[str] | None = None) -> Backward:
    """The backward pass for the wanted quantities (keys); by default for every trained parameter.

    Raises DerivativeError where a formula has no usable derivative.
    """
    keys = set(wanted) if wanted is not None else {quantity.key for quantity in network.trained}
    if network.total_error is None:
        raise DerivativeError("this network has no error to differentiate: its lesson names no loss")
    try:
        return Derivation(network, keys).run()
    except RecursionError:
        raise DerivativeError("A formula of this network is nested too deeply to be differentiated.") from None


class Derivation:
    """One run through the network from the error back to the parameters."""

    def __init__(self, network: Network, wanted: set[str]) -> None:
        self.network = network
        self.wanted = wanted
        self.affected = affected_by(network, wanted)
        self.found: list[Quantity] = []
        self.error_of: dict[str, str] = {}
        self.inlined: dict[str, Formula] = {}  # derivatives that are written out where they are used

    def run(self) -> Backward:
        for quantity in reversed(self.network.quantities):
            if quantity.key in self.affected:
                self.visit(quantity)
        return Backward(tuple(self.found), self.error_of)

    def visit(self, quantity: Quantity) -> None:
        """Derive ∂E/∂quantity."""
        if quantity.role is Role.TOTAL_ERROR:
            self.inlined[quantity.key] = ONE
            return
        users = self.consumers(quantity)
        terms = [self.contribution(user, link, quantity) for user in users for link in self.links(user, quantity)]
        formula = add(*sorted(terms, key=lambda term: isinstance(term, Negative)))
        if quantity.role is Role.OUTPUT_ERROR:
            self.inlined[quantity.key] = formula
            return
        if quantity.role in (Role.WEIGHTED_SUM, *PARAMETERS):
            self.found += [
                slope for user in users if user.role is not Role.TOTAL_ERROR for slope in self.slope(user, quantity)
            ]
        if quantity.role is Role.ACTIVATION and all(user.role in ERRORS for user in users):
            self.inlined[quantity.key] = formula
        self.found.append(self.record(quantity, formula))

    def consumers(self, quantity: Quantity) -> list[Quantity]:
        """The quantities whose formulas use this one, on the way to the error."""
        return [
            user
            for user in self.network.computed
            if user.key in self.affected and any(ref.name == quantity.key for ref in refs(user.formula or ONE))
        ]

    def links(self, user: Quantity, quantity: Quantity) -> list[Link]:
        assert user.formula is not None
        formula = fresh_sums(user.formula, set(user.letters))
        found = links(formula, quantity.key, user.general)
        if not found:
            raise DerivativeError(
                f"{quantity.glyph} has no delta: the {user.function or user.key} function that follows it is flat "
                f"wherever it is smooth. Its derivative is 0 there and does not exist at the jump, so no error can "
                f"come back through it. Use the perceptron rule, or another activation such as sigmoid."
            )
        return found

    def record(self, quantity: Quantity, formula: Formula) -> Quantity:
        """The derived quantity under its name: δ for a weighted sum, ∂E/∂… for everything else."""
        roles = {Role.WEIGHTED_SUM: Role.DELTA, **dict.fromkeys(PARAMETERS, Role.GRADIENT)}
        role = roles.get(quantity.role, Role.ERROR_SLOPE)
        key = f"dE/d{quantity.key}"
        self.error_of[quantity.key] = key
        glyph = "delta" if role is Role.DELTA else "dE"
        total = self.network.total_error
        assert total is not None
        return Quantity(
            key, role, glyph, quantity.axes, formula, layer=quantity.layer, wrt=(total.general, quantity.general)
        )

    def contribution(self, user: Quantity, link: Link, quantity: Quantity) -> Formula:
        """Σ ∂E/∂user · link over everything but the quantity's own indices, the index equations solved."""
        written_out = user.key in self.inlined
        error = self.inlined[user.key] if written_out else Ref(self.error_of[user.key], user.general.index)
        product = Product(error, written_out, user, link)
        for place, axis in enumerate(quantity.axes):
            product.equate(place, axis)
        return product.result(set(quantity.letters))

    def slope(self, user: Quantity, quantity: Quantity) -> list[Quantity]:
        """One link of the chain rule as a quantity of its own.

        ∂a_k/∂z_k and ∂z_k/∂w_kj where one element depends on one; ∂a_k/∂z_m where every one depends on all.
        A quantity that is used at shifted indices, as in a convolution, has no such simple link.
        """
        found = local_slope(user, quantity, self.links(user, quantity))
        return [found] if found is not None else []


def slope_of(user: Quantity, quantity: Quantity) -> Quantity:
    """∂user/∂quantity as a quantity; 0 for a formula that is flat wherever it is smooth, such as a step.

    Raises DerivativeError where it has no simple form.
    """
    assert user.formula is not None
    found = links(fresh_sums(user.formula, set(user.letters)), quantity.key, user.general)
    slope = local_slope(user, quantity, found or [Link(ZERO, ZERO, quantity.general.index)])
    if slope is None:
        raise DerivativeError(f"{user.key} has no slope by {quantity.key} that could be shown.")
    return slope


def local_slope(user: Quantity, quantity: Quantity, found: list[Link]) -> Quantity | None:
    """One link of the chain rule, from the links between two quantities; None where it is not simple."""
    if any(index.letter is None for link in found for index in link.index):
        return None
    if len(found) == 1:
        by, formula = Ref(quantity.key, found[0].index), found[0].coefficient
    else:
        taken = set(user.letters)
        axes = [replace(axis, letter=unused(axis.letter, taken)) for axis in quantity.axes]
        by = Ref(quantity.key, tuple(letter_index(axis.letter) for axis in axes))
        formula = add(*(everywhere(link, by.index) for link in found))
    letters = [index.letter for index in by.index]
    more = [
        replace(axis, letter=x) for axis, x in zip(quantity.axes, letters, strict=True) if x and x not in user.letters
    ]
    key, axes_of = f"d{user.key}/d{quantity.key}", (*user.axes, *more)
    wrt = (user.general, by)
    return Quantity(key, Role.LOCAL_SLOPE, "slope", axes_of, formula, layer=user.layer, wrt=wrt)


def everywhere(link: Link, by: Sequence[Index]) -> Formula:
    """The link for any element: its coefficient where its own indices agree with those of the element."""
    summed = {letter for letter, _ in link.bounds}
    where = {old.letter: new for old, new in zip(link.index, by, strict=True) if old.letter and old.letter in summed}
    agree = [Same(old, new) for old, new in zip(link.index, by, strict=True) if old.letter not in summed]
    return multiply(*agree, with_indices(link.coefficient, where))


def affected_by(network: Network, wanted: set[str]) -> set[str]:
    """The wanted quantities and everything that depends on them."""
    found = set(wanted)
    for quantity in network.computed:
        if any(ref.name in found for ref in refs(quantity.formula or ONE)):
            found.add(quantity.key)
    return found


class Product:
    """∂E/∂user · coefficient, while its index equations are being solved.

    Letters that are summed over carry a prime until they are removed or, at the end, renamed.
    """

    def __init__(self, error: Formula, written_out: bool, user: Quantity, link: Link) -> None:
        self.sizes = {f"{axis.letter}'": axis.size for axis in user.axes} | {
            f"{letter}'": n for letter, n in link.bounds
        }
        self.written_out = written_out
        primes = {letter.removesuffix("'"): letter_index(letter) for letter in self.sizes}
        self.error = with_indices(error, primes)
        self.coefficient = with_indices(link.coefficient, primes)
        self.index = [one.replace(primes) for one in link.index]
        self.conditions: list[Formula] = []

    def equate(self, place: int, axis: Axis) -> None:
        """Solve `index[place] = axis.letter` for a summed letter, which then needs no sum any more."""
        index, wanted = self.index[place], letter_index(axis.letter)
        for letter, factor in index.terms:
            if letter not in self.sizes or abs(factor) != 1:
                continue
            if (index.letter == letter and self.sizes[letter] == axis.size) or self.guards(letter):
                rest = Index(tuple(term for term in index.terms if term[0] != letter), index.constant)
                self.substitute(letter, difference(wanted, rest, factor))
                return
        self.conditions.append(Same(index, wanted))

    def guards(self, letter: str) -> bool:
        """Whether an element is read at this letter, so that a position out of range makes the product 0."""
        indices = [one for ref in (*refs(self.error), *refs(self.coefficient)) for one in ref.index]
        return any(letter == found for one in indices for found, _ in one.terms)

    def substitute(self, letter: str, by: Index) -> None:
        where = {letter: by}
        self.error = with_indices(self.error, where)
        self.coefficient = with_indices(self.coefficient, where)
        self.conditions = [with_indices(condition, where) for condition in self.conditions]
        self.index = [one.replace(where) for one in self.index]
        self.sizes.pop(letter, None)

    def result(self, taken: set[str]) -> Formula:
        """The product, summed over the letters that are left, which get unprimed names."""
        taken = taken | used_by_sums(self.error) | used_by_sums(self.coefficient)
        for letter in list(self.sizes):
            count = self.sizes[letter]
            plain = unused(letter.removesuffix("'"), taken)
            taken.add(plain)
            self.substitute(letter, letter_index(plain))
            self.sizes[plain] = count
        product = multiply(*self.conditions, self.error, self.coefficient)
        if self.written_out and not self.conditions:
            product = shortest_product(self.error, self.coefficient)
        for letter, count in reversed(self.sizes.items()):
            product = summed(product, letter, count)
        return product


def difference(wanted: Index, rest: Index, factor: int) -> Index:
    """The solution of factor · letter + rest = wanted, for a factor of 1 or −1."""
    terms = dict(wanted.terms)
    for letter, count in rest.terms:
        terms[letter] = terms.get(letter, 0) - count
    constant = wanted.constant - rest.constant
    return Index(tuple((letter, factor * count) for letter, count in terms.items() if count), factor * constant)


def used_by_sums(formula: Formula) -> set[str]:
    return {part.letter for part in walk(formula) if isinstance(part, Sum)}


def shortest_product(error: Formula, coefficient: Formula) -> Formula:
    """error · coefficient, or a shorter equal form: (a − t)/(a·(1 − a)) times a·(1 − a) is a − t."""
    if isinstance(coefficient, Negative):
        return multiply(Negative(ONE), shortest_product(error, coefficient.inner))
    bridge = Bridge()
    left, right = bridge.to_sympy(error), bridge.to_sympy(coefficient)
    candidates = [left * right, *(tidied(left * right) if error != ONE else [])]
    return min([multiply(error, coefficient), *map(bridge.to_formula, candidates)], key=room)


def summed(product: Formula, letter: str, count: int) -> Formula:
    """Σ over the letter, with the factors that do not depend on it taken out in front."""
    if isinstance(product, Negative):
        return multiply(Negative(ONE), summed(product.inner, letter, count))
    factors = product.factors if isinstance(product, Multiply) else (product,)
    inside = [factor for factor in factors if letter in free_letters(factor)]
    outside = [factor for factor in factors if letter not in free_letters(factor)]
    if not inside:
        return multiply(Number(count), *outside)
    return multiply(*outside, Sum(letter, count, multiply(*inside)))
