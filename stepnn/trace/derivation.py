"""Where a formula comes from: the lines of its derivation, from the definitions to the result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from stepnn.calculus.differentiate import local_slope
from stepnn.calculus.local import Link, links
from stepnn.calculus.smallsteps import axes_of, in_own_value, small_steps
from stepnn.calculus.ways import behind, behind_error, held_still, seen_by
from stepnn.network.identity import Key, What
from stepnn.network.model import Quantity, Role
from stepnn.network.names import Names
from stepnn.notation.formula import ONE, Add, Formula, Number, Ref, Sum, Worked, add, is_still, multiply, walk
from stepnn.notation.index import letter_index
from stepnn.notation.indices import free_letters, used_letters, with_indices
from stepnn.trace.forms import Forms
from stepnn.trace.step import Kind, Step

PAGES = {  # what is said of a page on which nothing is derived
    Kind.GIVEN: "given", Kind.LAYER: "around", Kind.PASS: "around", Kind.NUDGE: "tried", Kind.CHECK: "tried",
    Kind.PATH: "chain", Kind.PATHS: "chain", Kind.PREDICT: "asked",
}  # fmt: skip
MOST_NAMED = 8  # numbers that a value is made of, which are named one by one


@dataclass(frozen=True)
class Line:
    """Sentences (catalogue keys, the special one before the general one), what they speak about, and equations."""

    keys: tuple[tuple[str, ...], ...]
    of: Ref | None = None
    equations: tuple[tuple[Formula, Formula], ...] = ()


@dataclass(frozen=True)
class Derivation:
    """The lines, the names of everything in them, and whether something was derived."""

    lines: tuple[Line, ...]
    names: Names
    is_derived: bool


def line(key: str, of: Ref | None = None, left: Formula | None = None, right: Formula | None = None) -> Line:
    """A line of one sentence, and an equation or none."""
    return Line(((key,),), of, () if left is None or right is None else ((left, right),))


def derivation(step: Step, briefly: bool = False, here: bool = True) -> Derivation:
    """How the general formula of the step follows from the definitions; `here` also what that is for its element.

    `briefly` leaves out the small steps.
    """
    if step.quantity is None:
        return Derivation((line(f"page.{PAGES.get(step.kind, 'shown')}"),), step.moment.names, False)
    writer = DerivationWriter(step.moment.forms, briefly)
    lines = list(writer.lines(step.quantity))
    derived = step.quantity.wrt is not None
    if step.ref is not None and here and derived:
        lines += writer.here(lines, step.quantity, step.ref)
    if not derived:
        lines += resting_on(step)
    return Derivation(tuple(lines), Names(step.moment.network.extended(writer.extra)), derived)


def resting_on(step: Step) -> Iterator[Line]:
    """What a value is worked out from, where nothing is derived: given numbers, and numbers that came before."""
    value = step.moment.value
    given = [(ref, Number(value(ref))) for ref in step.used if ref.name in step.moment.given]
    computed = [(ref, Worked(value(ref))) for ref in step.used if ref.name not in step.moment.given]
    for key, found in (("rests_on_given", given), ("rests_on_computed", computed)):
        if 0 < len(found) <= MOST_NAMED:
            yield Line(((key,),), None, tuple(found))


def own_links(user: Quantity, by: Quantity) -> list[Link]:
    """How one quantity uses another, in the letters of the one that is used."""
    return [in_own_letters(link, user, by) for link in links(user, by.key)]


def in_own_letters(link: Link, user: Quantity, by: Quantity) -> Link:
    """The link with the letters of the quantity itself, where they are free: the page speaks of it by those, while the
    formula that uses it may run over others."""
    bound = {letter for letter, _ in link.bounds}
    there = used_letters(link.coefficient) | used_letters(link.plain) | set(user.letters)
    there -= {index.letter or "" for index in link.index}  # these are renamed all at once
    if not all(index.letter in bound for index in link.index) or there.intersection(by.letters):
        return link
    own = {index.letter or "": letter for index, letter in zip(link.index, by.letters, strict=True)}
    where = {old: letter_index(new) for old, new in own.items()}
    coefficient, plain = (with_indices(one, where) for one in (link.coefficient, link.plain))
    bounds = tuple((own.get(letter, letter), count) for letter, count in link.bounds)
    return Link(coefficient, plain, tuple(map(letter_index, by.letters)), bounds)


def overlapping(found: Sequence[Link]) -> bool:
    """Whether two ways of use can be of one element, so that each gives a part of its slope only."""

    def meet(one: Link, other: Link) -> bool:
        bound = {letter for link in (one, other) for letter, _ in link.bounds}
        return all(
            a == b or bound.intersection(a.letters + b.letters) for a, b in zip(one.index, other.index, strict=True)
        )

    return any(meet(one, other) for one, other in combinations(found, 2))


class DerivationWriter:
    """Collects the lines. `extra` are derivatives, and named parts, that only the derivation speaks of."""

    def __init__(self, forms: Forms, briefly: bool = False) -> None:
        self.forms, self.briefly = forms, briefly
        self.network = forms.network
        self.extra: list[Quantity] = []

    @cached_property
    def leads_on(self) -> set[str]:
        """The keys of all that the error is made of, as a derivative sees it."""
        return behind_error(self.network) if self.network.total_error is not None else set(self.network.by_key)

    @cached_property
    def leads_still(self) -> set[str]:
        """The keys of what leads to the error through stop_gradient alone."""
        held = held_still(self.network)
        return {key for one in held for key in behind(self.network, {one})} - self.leads_on

    def lines(self, quantity: Quantity) -> Iterator[Line]:
        if quantity.role is Role.UPDATED:
            yield line("update", None, quantity.general, quantity.formula)
        elif quantity.wrt is None:
            role = quantity.role.value.replace(" ", "_")
            yield Line(((f"rests.{role}", "rests.any"),), None, ((quantity.general, quantity.formula or ONE),))
        elif quantity.role is Role.LOCAL_SLOPE:
            yield from self.local(self.network[quantity.wrt[0].name], self.network[quantity.wrt[1].name], quantity)
        else:
            yield from self.error(quantity, self.network[quantity.wrt[1].name])

    def here(self, lines: Sequence[Line], quantity: Quantity, ref: Ref) -> Iterator[Line]:
        """The same equations for one element, as far as they speak of it alone."""
        where = dict(zip(quantity.letters, ref.index, strict=True))
        forms = self.forms.extended(self.extra)
        equations: dict[tuple[Formula, Formula], None] = {}
        for left, right in (equation for one in lines for equation in one.equations):
            own, other = (forms.shortened(with_indices(side, where)) for side in (left, right))
            if not (free_letters(own) or free_letters(other)):
                equations[own, other] = None
        if equations and quantity.axes:
            yield Line((("here",),), ref, tuple(equations))

    def local(self, user: Quantity, by: Quantity, whole: Quantity | None = None) -> Iterator[Line]:
        """One formula differentiated by one of its quantities."""
        assert user.formula is not None
        yield line("used", by.general, user.general, user.formula)
        if any(map(is_still, walk(user.formula))):
            yield line("still")
        found = own_links(user, by)
        together = local_slope(user, by, found) if len(found) > 1 and whole is None else whole
        if len(found) > 1 and together is not None:
            if whole is None:
                self.extra.append(together)
            yield line("slope", by.general, together.general, together.formula)
            return
        if overlapping(found):
            return  # none of them is the whole slope
        known = Key(What.SLOPE, user.key, by.key) in self.network.by_key
        for link in found:
            left = self.slope(user, by, link)
            yield from self.small(user, by, link, left, known and whole is None)

    def small(self, user: Quantity, by: Quantity, link: Link, left: Ref, known: bool) -> Iterator[Line]:
        """One link in small steps; in one, if it is `known` from a step of its own."""
        steps = None if self.briefly or known else small_steps(user, Ref(by.key, link.index), left, self.network)
        if steps is None:
            yield line("slope", by.general, left, link.plain)
        else:
            self.extra += steps.extra
            for one in steps.steps:
                yield Line(tuple((f"rule.{rule}", "rule.known") for rule in one.rules),
                           by.general, ((one.left, one.right),))  # fmt: skip
            if steps.steps[-1].right != link.plain:
                yield line("put_in", None, left, link.plain)
        if link.coefficient != link.plain:
            for one in in_own_value(user, link.plain) if steps is not None else ():
                own_left = left if one.rules == ("put_in",) else one.left
                yield Line(tuple((f"rule.{rule}",) for rule in one.rules), user.general, ((own_left, one.right),))
            yield line("rewritten" if steps is None else "tidied", None, left, link.coefficient)

    def error(self, quantity: Quantity, by: Quantity) -> Iterator[Line]:
        """∂E/∂by, over everything that uses it."""
        users = [user for user in self.network.computed if user.wrt is None and user.role is not Role.UPDATED]
        stopped = [user for user in users if user.key in self.leads_still and by.key in seen_by(self.network, user)]
        users = [user for user in users if user.key in self.leads_on and by.key in seen_by(self.network, user)]
        for user in users:
            yield from self.local(user, by)
        for user in stopped:
            yield line("stopped", by.general, user.general, user.formula)
        if users == [self.network.total_error]:
            return  # the error itself uses it: its slope is what is wanted
        if quantity.role is Role.DELTA:
            yield line("named", None, self.unnamed(quantity), quantity.general)
        chain = self.forms.chain(quantity, False) or self.chain(users, by)
        if chain:
            key = "chain" if isinstance(chain[0], Sum | Add) else "chain_one"
            yield line(key, by.general, quantity.general, chain[0])
        result = (
            self.forms.without_slopes(quantity.formula)
            if quantity.role is Role.DELTA and quantity.formula
            else quantity.formula
        )
        yield line("result", None, quantity.general, result)

    def chain(self, users: list[Quantity], by: Quantity) -> list[Formula]:
        """Σ ∂E/∂user · ∂user/∂by, added up over the users; nothing where one has indices that are not simple."""
        terms = [self.share(user, by) for user in users]
        if not terms or None in terms:
            return []
        known = [term for term in terms if term is not None]
        return [add(*known) if len(known) > 1 else known[0]]

    def share(self, user: Quantity, by: Quantity) -> Formula | None:
        """Σ ∂E/∂user · ∂user/∂by for a single user with simple indices, in the letters of `by`."""
        found = own_links(user, by) if user.formula is not None else []
        if len(found) != 1 or any(index.letter is None for index in found[0].index):
            return None
        letters = [index.letter or "" for index in found[0].index]
        others = [axis for axis in user.axes if axis.letter not in letters]
        taken = [
            axis.letter for axis in others if axis.letter in by.letters
        ]  # such a letter would stand for two things
        free = [letter for letter in letters if letter not in by.letters]
        if len(free) < len(taken):
            return None
        where = dict(zip(letters, by.general.index, strict=True))
        where |= {letter: letter_index(other) for letter, other in zip(taken, free, strict=False)}
        product = with_indices(multiply(self.error_of(user), self.slope(user, by, found[0])), where)
        for axis in others:
            product = Sum(free[taken.index(axis.letter)] if axis.letter in taken else axis.letter, axis.size, product)
        return product

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
        of = {axis.letter: axis for axis in axes_of(Ref(by.key, link.index), self.network)}
        axes = tuple({**{axis.letter: axis for axis in user.axes}, **of}.values())
        self.extra.append(Quantity(key, Role.LOCAL_SLOPE, "slope", axes, wrt=(user.general, Ref(by.key, link.index))))
        return Ref(key, tuple(letter_index(axis.letter) for axis in axes))
