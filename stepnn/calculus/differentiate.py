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

from stepnn.calculus.local import Link, links
from stepnn.calculus.product import Product
from stepnn.calculus.ways import affected_by, behind_error, seen_by, shifted
from stepnn.errors import DerivativeError
from stepnn.network.identity import Key, What
from stepnn.network.model import ERRORS, PARAMETERS, Network, Position, Quantity, Role
from stepnn.network.order import Recurrence, in_order
from stepnn.notation.formula import (
    ONE,
    ZERO,
    Formula,
    IsLargest,
    Largest,
    Multiply,
    Negative,
    Number,
    Ref,
    Same,
    add,
    multiply,
    parts,
    rebuild,
    transform,
)
from stepnn.notation.index import Index, letter_index, number_index
from stepnn.notation.indices import unused, with_indices
from stepnn.words.told import told


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
        raise DerivativeError(told("this_network_has_no_error"))
    try:
        return Derivation(network, keys).run()
    except RecursionError:
        raise DerivativeError(told("a_formula_of_this_network")) from None


class Derivation:
    """One run through the network from the error back to the parameters."""

    def __init__(self, network: Network, wanted: set[str]) -> None:
        self.network = network
        self.wanted = wanted
        self.affected = affected_by(network, wanted) & behind_error(network)
        for key in sorted(wanted - self.affected):
            raise DerivativeError(told("everything_stands_still", name=network[key].glyph))
        self.between: dict[tuple[str, str], list[Link]] = {}
        self.found: list[Quantity] = []
        self.error_of: dict[str, str] = {}
        self.inlined: dict[str, Formula] = {}  # derivatives that are written out where they are used
        self.axes = {one.key: one.axes for one in network.quantities if not one.start}  # of all that reads as 0 outside
        self.axes |= {Key(What.ERROR_SLOPE, one.key): one.axes for one in network.quantities}

    def run(self) -> Backward:
        self.leave_out_flat()
        for quantity in reversed(written_order(self.network)):
            if quantity.key in self.affected:
                self.visit(quantity)
            elif quantity.key in self.wanted:
                self.found.append(self.record(quantity, ZERO))
        return Backward(tuple(self.found), self.error_of)

    def visit(self, quantity: Quantity) -> None:
        """Derive ∂E/∂quantity."""
        if quantity.role is Role.TOTAL_ERROR:
            self.inlined[quantity.key] = ONE
            return
        users = self.consumers(quantity)
        terms = [self.contribution(user, link, quantity) for user in users for link in self.links(user, quantity)]
        formula = common_in_front(sorted(terms, key=lambda term: isinstance(term, Negative)))
        if quantity.role is Role.OUTPUT_ERROR:
            self.inlined[quantity.key] = formula
            return
        if quantity.role in (Role.WEIGHTED_SUM, *PARAMETERS):
            named = quantity.role is Role.WEIGHTED_SUM
            written = (Role.TOTAL_ERROR,) if named else ERRORS  # whose slopes are no links of their own
            slopes = [one for user in users if user.role not in written for one in self.slope(user, quantity)]
            self.found += [slope for slope in slopes if named or in_a_chain(slope, quantity, users)]
        if quantity.role is Role.ACTIVATION and all(user.role in ERRORS for user in users):
            self.inlined[quantity.key] = formula
        self.found.append(self.record(quantity, formula))

    def consumers(self, quantity: Quantity) -> list[Quantity]:
        """The quantities whose formulas depend on this one smoothly, on the way to the error."""
        return [
            user
            for user in self.network.computed
            if user.key in self.affected and quantity.key in seen_by(self.network, user) and self.links(user, quantity)
        ]

    def links(self, user: Quantity, quantity: Quantity) -> list[Link]:
        """All ways from one formula to a quantity, directly or as what stands before the first time step."""
        pair = user.key, quantity.key
        if pair not in self.between:
            self.between[pair] = self.sought(user, quantity)
        return self.between[pair]

    def sought(self, user: Quantity, quantity: Quantity) -> list[Link]:
        found = links(user, quantity.key)
        for later in self.network.computed:
            if later.start == quantity.key:
                found += [first_step(link, later) for link in links(user, later.key) if shifted(link.index)]
        return found

    def settled(self, part: Formula) -> Formula | None:
        """An element at a position that is a number, as what it reads as: itself, a start, or 0. And [t = t] is 1."""
        match part:
            case Largest() | IsLargest():  # what lies outside does not count there, and is not 0
                return rebuild(part, tuple(transform(one, true_is_one) for one in parts(part)))
            case Ref() if part.name in self.network.by_key:
                return self.network.resolve(part)
            case Multiply(factors):
                return multiply(*(transform(one, self.settled) for one in factors))
        return true_is_one(part)

    def leave_out_flat(self) -> None:
        """No error comes back to a quantity if all that follows it is flat: its gradient is 0, if it was asked for.

        Raises DerivativeError where that is so for all that were asked for, because of an activation function.
        """
        total = self.network.total_error
        flat: dict[str, Quantity] = {}  # what is flat, by the key of what it reads
        while True:
            left = [self.network[key] for key in self.affected if total is None or key != total.key]
            found = [one for one in left if not self.consumers(one)]
            for quantity in found:
                readers = [one for one in self.network.computed if quantity.key in seen_by(self.network, one)]
                flat[quantity.key] = next((flat[one.key] for one in readers if one.key in flat), readers[0])
            if not found:
                break
            self.affected -= {one.key for one in found}
        stopped = {key: flat[key] for key in sorted(self.wanted) if key in flat}
        if len(stopped) == len(self.wanted) and any(one.function for one in stopped.values()):
            key, user = next(iter(stopped.items()))
            raise DerivativeError(told("flat_function", name=self.network[key].glyph, function=user.function))

    def record(self, quantity: Quantity, formula: Formula) -> Quantity:
        """The derived quantity under its name: δ for a weighted sum, ∂E/∂… for everything else."""
        roles = {Role.WEIGHTED_SUM: Role.DELTA, **dict.fromkeys(PARAMETERS, Role.GRADIENT)}
        role = roles.get(quantity.role, Role.ERROR_SLOPE)
        key = Key(What.ERROR_SLOPE, quantity.key)
        self.error_of[quantity.key] = key
        glyph = delta_glyph(self.network, quantity.glyph) if role is Role.DELTA else "dE"
        total = self.network.total_error
        assert total is not None
        return Quantity(
            key, role, glyph, quantity.axes, formula, layer=quantity.layer, wrt=(total.general, quantity.general),
            missing=quantity.unlearned,
        )  # fmt: skip

    def contribution(self, user: Quantity, link: Link, quantity: Quantity) -> Formula:
        """Σ ∂E/∂user · link over everything but the quantity's own indices, the index equations solved."""
        written_out = user.key in self.inlined
        error = self.inlined[user.key] if written_out else Ref(Key(What.ERROR_SLOPE, user.key), user.general.index)
        product = Product(error, written_out, user, link, quantity.axes, self.axes)
        for place in range(len(quantity.axes)):
            product.equate(place)
        return transform(product.result(), self.settled)

    def slope(self, user: Quantity, quantity: Quantity) -> list[Quantity]:
        """One link of the chain rule as a quantity of its own.

        ∂a_k/∂z_k and ∂z_k/∂w_kj where one element depends on one; ∂a_k/∂z_m where every one depends on all.
        A quantity that is used at shifted indices, as in a convolution, has no such simple link.
        """
        found = local_slope(user, quantity, self.links(user, quantity))
        return [found] if found is not None else []


def true_is_one(part: Formula) -> Formula | None:
    """[t = t] is 1."""
    match part:
        case Same(left, right) if left == right:
            return ONE
        case Multiply(factors):
            return multiply(*(transform(one, true_is_one) for one in factors))
    return None


def common_in_front(terms: Sequence[Formula]) -> Formula:
    """The terms added up; a number that all of them have as a factor, as the 1/n of a mean, stands in front."""
    numbers = {number_in(term) for term in terms}
    if len(terms) < 2 or len(numbers) > 1 or None in numbers:
        return add(*terms)
    (number,) = numbers
    assert number is not None
    return multiply(number, add(*(without(term, number) for term in terms)))


def number_in(term: Formula) -> Number | None:
    """The number that a term has as a factor."""
    inner = term.inner if isinstance(term, Negative) else term
    factors = inner.factors if isinstance(inner, Multiply) else (inner,)
    found = [factor for factor in factors if isinstance(factor, Number)]
    return found[0] if len(found) == 1 else None


def without(term: Formula, number: Number) -> Formula:
    """A term without that factor."""
    if isinstance(term, Negative):
        return multiply(Negative(ONE), without(term.inner, number))
    factors = term.factors if isinstance(term, Multiply) else (term,)
    return multiply(*(factor for factor in factors if factor != number))


def in_a_chain(slope: Quantity, quantity: Quantity, users: Sequence[Quantity]) -> bool:
    """Whether the gradient of a parameter is shown as a product with this slope, or as a sum of such products."""
    summed = len(quantity.letters) == 1 and quantity.letters == users[0].letters
    own = slope.wrt is not None and slope.wrt[1] == quantity.general and set(slope.letters) <= set(quantity.letters)
    return len(users) == 1 and (own or summed)


def slope_of(user: Quantity, quantity: Quantity) -> Quantity:
    """∂user/∂quantity as a quantity; 0 for a formula that is flat wherever it is smooth, such as a step.

    Raises DerivativeError where it has no simple form.
    """
    found = links(user, quantity.key)
    slope = local_slope(user, quantity, found or [Link(ZERO, ZERO, quantity.general.index)])
    if slope is None:
        raise DerivativeError(told("has_no_slope_by_that", name=user.key, name2=quantity.key))
    return slope


def local_slope(user: Quantity, quantity: Quantity, found: list[Link]) -> Quantity | None:
    """One link of the chain rule, from the links between two quantities; None where it is not simple."""
    if not all(map(plain, found)):
        return None
    if len(found) == 1:
        by, formula = Ref(quantity.key, found[0].index), found[0].coefficient
    else:
        by = Ref(quantity.key, common_index(user, quantity, found))
        formula = add(*(everywhere(link, by.index) for link in found))
    letters = [index.letter for index in by.index]
    more = [
        replace(axis, letter=x) for axis, x in zip(quantity.axes, letters, strict=True) if x and x not in user.letters
    ]
    key, axes_of = Key(What.SLOPE, user.key, quantity.key), (*user.axes, *more)
    wrt = (user.general, by)
    slope = Quantity(key, Role.LOCAL_SLOPE, "slope", axes_of, formula, layer=user.layer, wrt=wrt)
    return replace(slope, missing=unlearned(slope, quantity)) if quantity.unlearned else slope


def unlearned(slope: Quantity, quantity: Quantity) -> frozenset[Position]:
    """Where a slope is one by an element that learning does not change."""
    assert slope.wrt is not None
    places = [slope.letters.index(index.letter or "") for index in slope.wrt[1].index]
    return frozenset(one for one in slope.grid if tuple(one[place] for place in places) in quantity.unlearned)


def plain(link: Link) -> bool:
    """Whether a link leads from one element to one element, or to every one that its sums run over."""
    letters = [index.letter for index in link.index]
    bound = [letter for letter, _ in link.bounds]
    return None not in letters and all(letters.count(letter) == 1 for letter in bound)


def common_index(user: Quantity, quantity: Quantity, found: list[Link]) -> tuple[Index, ...]:
    """Where several links lead to: the letter that they share at a place, and a new one where they differ."""
    taken = set(user.letters)
    index = []
    for place, axis in enumerate(quantity.axes):
        letters = {link.index[place].letter for link in found}
        shared = letters.pop() if len(letters) == 1 else None
        if shared is None or shared not in user.letters:
            shared = unused(axis.letter, taken)
            taken.add(shared)
        index.append(letter_index(shared))
    return tuple(index)


def everywhere(link: Link, by: Sequence[Index]) -> Formula:
    """The link for any element: its coefficient where its own indices agree with those of the element."""
    summed = {letter for letter, _ in link.bounds}
    where = {old.letter: new for old, new in zip(link.index, by, strict=True) if old.letter and old.letter in summed}
    places = zip(link.index, by, strict=True)
    agree = [Same(old, new) for old, new in places if old.letter not in summed and old != new]
    return multiply(*agree, with_indices(link.coefficient, where))


def delta_glyph(network: Network, glyph: str) -> str:
    """The name of ∂E/∂z, which says whose it is where z has a name of its own: δ_f of z_f, δ2 of z2, δ_y of y."""
    others = {quantity.glyph for quantity in network.with_role(Role.WEIGHTED_SUM)} - {glyph}
    mark = mark_of(glyph)
    return f"delta_{glyph}" if mark is None or mark in map(mark_of, others) else f"delta{mark}"


def mark_of(glyph: str) -> str | None:
    """What tells a weighted sum from others of its letter: nothing for z, 2 for z2, _f for z_f; None for a word."""
    rest = glyph[1:] if glyph.startswith("z") or glyph[1:2] == "_" else "?"
    return rest if rest.lstrip("0123456789")[:1] in ("", "_") else None


def written_order(network: Network) -> list[Quantity]:
    """The quantities as they stand; where some recur in time, given ones first and all others as they are computed."""
    parts = in_order(network.quantities)
    if not any(isinstance(part, Recurrence) for part in parts):
        return list(network.quantities)
    given = [quantity for quantity in network.quantities if quantity.formula is None]
    return given + [one for part in parts for one in (part.members if isinstance(part, Recurrence) else (part,))]


def first_step(link: Link, later: Quantity) -> Link:
    """The link to what stands before the first time step: that to `later`, at the one step where it is read."""
    time = Index(link.index[0].terms)
    only = Same(time, number_index(later.before_first - link.index[0].constant))
    coefficient, plain = (multiply(only, one) for one in (link.coefficient, link.plain))
    return Link(coefficient, plain, link.index[1:], link.bounds)
