"""Numbers that lose their digits as they are written, because something is saturated, and what is worked out instead.

At z = 40 a sigmoid is 1 − 4·10⁻¹⁸: float64 holds 1, and 1 − a is 0. The same number is 1 / (1 + e^z), which keeps all
its digits. Which forms of an activation lose what, and where, are rows of the book (`book.functions`). Here
they are found in the formulas of a network, whatever its quantities are called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations

from stepnn.book.functions import ACTIVATIONS, ActivationRule
from stepnn.network.model import Quantity
from stepnn.notation.formula import (
    ONE,
    Add,
    Call,
    Cases,
    Compare,
    Divide,
    Formula,
    Multiply,
    Number,
    Ref,
    Same,
    Sum,
    multiply,
    parts,
    refs,
    transform,
    walk,
)
from stepnn.notation.index import Index, letter_index
from stepnn.notation.indices import free_letters, unused, used_letters, with_indices
from stepnn.notation.parse import read

MOST_TERMS = 3  # of a form in the book
DEEPEST = 2  # forms within forms: z of a state that recurs in time has the state before in it, and so on


@dataclass(frozen=True)
class Better:
    """The same number as another formula, to be used where `when` holds."""

    formula: Formula
    when: Compare


@dataclass(frozen=True)
class Known:
    """What the names and letters of a form of the book stand for: `a` an element of `quantity`, `z` what it is made of.

    `over` is the letter of the quantity that the activation runs over, as softmax does. A name with a letter stands for
    a family: its formula, and the index for which that was read.
    """

    quantity: Quantity | None = None
    over: str = ""
    names: Mapping[str, tuple[Formula, Index | None]] = field(default_factory=dict)
    letters: Mapping[str, Index] = field(default_factory=dict)

    def named(self, name: str, formula: Formula, index: Index | None) -> Known:
        return replace(self, names={**self.names, name: (formula, index)})

    def lettered(self, letter: str, index: Index) -> Known:
        return replace(self, letters={**self.letters, letter: index})


class Saturation:
    """The forms of the book in the formulas of some quantities."""

    def __init__(self, quantities: Mapping[str, Quantity]) -> None:
        self.quantities = quantities
        self.found: dict[Formula, Better | None] = {}
        self.read: dict[tuple[Formula, int], set[str]] = {}

    def reads(self, formula: Formula, depth: int = DEEPEST) -> set[str]:
        """The keys of what a formula reads only where something in it is saturated."""
        if not depth or not self.activations:
            return set()
        if (formula, depth) not in self.read:
            forms = [better for part in walk(formula) if (better := self.better(part)) is not None]
            read = {ref.name for form in forms for ref in refs(Cases(form.when, form.formula, ONE))}
            self.read[formula, depth] = read.union(*(self.reads(form.formula, depth - 1) for form in forms))
        return self.read[formula, depth]

    @cached_property
    def activations(self) -> dict[str, tuple[ActivationRule, Known]]:
        """What every activation is made of, by key."""
        found = {}
        for key, quantity in self.quantities.items():
            for rule in ACTIVATIONS.values() if quantity.formula is not None and quantity.wrt is None else ():
                if rule.stable and quantity.formula is not None:
                    known = next(matches(read(rule.formula), quantity.formula, Known(quantity)), None)
                    if known is not None:
                        over = known.letters.get("k")
                        found[key] = rule, replace(known, over=(over.letter or "") if over else "")
                        break
        return found

    def better(self, formula: Formula) -> Better | None:
        """How a formula is worked out where something in it is saturated; None if it has no such form."""
        if formula not in self.found:
            self.found[formula] = self.sought(formula)
        return self.found[formula]

    def sought(self, formula: Formula) -> Better | None:
        if not self.activations or not (isinstance(formula, Add) or is_log(formula)):
            return None
        if isinstance(formula, Add) and len(formula.terms) > MOST_TERMS:
            return None
        for ref in dict.fromkeys(part for part in walk(formula) if isinstance(part, Ref)):
            if ref.name in self.activations:
                rule, known = self.activations[ref.name]
                here = at_element(known, ref)
                for form in rule.stable:
                    match = next(matches(read(form.written), formula, here), None)
                    if match is not None:
                        return written_out(form.better, form.when, match, formula)
        return None


def is_log(formula: Formula) -> bool:
    return isinstance(formula, Call) and formula.function == "log"


def at_element(known: Known, ref: Ref) -> Known:
    """What the names stand for at one element of the activation."""
    assert known.quantity is not None
    where = dict(zip(known.quantity.letters, ref.index, strict=True))
    letters = {"k": where[known.over]} if known.over else {}
    names = {name: (with_indices(formula, where), letters.get("k")) for name, (formula, _) in known.names.items()}
    return Known(known.quantity, known.over, {**names, "a": (ref, letters.get("k"))}, letters)


def matches(pattern: Formula, formula: Formula, known: Known) -> Iterator[Known]:
    """Every way in which a formula is an example of a form of the book."""
    match pattern, formula:
        case Ref(name, index), _:
            yield from family(name, index[0].letter if index else None, formula, known)
        case Same(left, right), Same(one, other):
            if left.letter and right.letter and known.letters.get(left.letter, one) == one:
                yield known.lettered(left.letter, one).lettered(right.letter, other)
        case Sum(letter, _, body), Sum(other, _, inner):
            yield from matches(body, inner, known.lettered(letter, letter_index(other)))
        case Add(terms), Add(others) if len(terms) == len(others):
            for order in permutations(others):
                yield from in_turn(terms, order, known)
        case Multiply(factors), Multiply(others) if len(factors) <= len(others):
            yield from products(factors, others, ONE, known)
        case Multiply(factors), Divide(top, bottom):
            yield from products(factors, top.factors if isinstance(top, Multiply) else (top,), bottom, known)
        case _ if type(pattern) is type(formula) and same_kind(pattern, formula):
            yield from in_turn(parts(pattern), parts(formula), known)


def same_kind(pattern: Formula, formula: Formula) -> bool:
    """Whether two formulas of one type differ in nothing but their parts."""
    match pattern, formula:
        case Number(value), Number(other):
            return float(value) == float(other)
        case Call(function), Call(other):
            return function == other
        case Cases(condition), Cases(other):
            return condition.relation == other.relation
        case ((Add() | Multiply() | Sum() | Same()), _):
            return False
    return len(parts(pattern)) == len(parts(formula)) > 0


def in_turn(patterns: tuple[Formula, ...], formulas: tuple[Formula, ...], known: Known) -> Iterator[Known]:
    if not patterns:
        yield known
        return
    for one in matches(patterns[0], formulas[0], known):
        yield from in_turn(patterns[1:], formulas[1:], one)


def products(
    factors: tuple[Formula, ...], others: tuple[Formula, ...], bottom: Formula, known: Known
) -> Iterator[Known]:
    """A product over `bottom`: the name x in a form stands for all that nothing else in the form is."""
    rest = next((one for one in factors if isinstance(one, Ref) and one.name == "x"), None)
    fixed = tuple(one for one in factors if one is not rest)
    for order in permutations(range(len(others)), len(fixed)):
        left = [other for place, other in enumerate(others) if place not in order]
        whole = multiply(*left) if bottom == ONE else Divide(multiply(*left), bottom)
        if (rest is None) is (whole == ONE):
            for one in in_turn(fixed, tuple(others[place] for place in order), known):
                yield from matches(rest, whole, one) if rest is not None else [one]


def family(name: str, letter: str | None, formula: Formula, known: Known) -> Iterator[Known]:
    """A name of a form, alone or with a letter, stands for this formula, if it can."""
    index = known.letters.get(letter) if letter else None
    if name not in known.names:
        if name != "x" or letter or is_given(formula):
            yield known.named(name, formula, index)
        return
    first, place = known.names[name]
    if letter is None or index == place:
        if first == formula:
            yield known
    elif place is None:  # softmax as it is written: e^z_k is read before the letter k is known
        for free in free_letters(first):
            if index is not None and with_indices(first, {free: index}) == formula:
                yield known.lettered("k", letter_index(free)).named(name, first, letter_index(free))
    elif index is None and isinstance(first, Ref) and isinstance(formula, Ref) and first.name == formula.name:
        other = next((new for old, new in zip(first.index, formula.index, strict=True) if old != new), place)
        if moved(first, place, other) == formula:
            yield known.lettered(letter, other)
    elif index is not None and moved(first, place, index) == formula:
        yield known


def is_given(formula: Formula) -> bool:
    """Whether it is a number, or an element with no activation in it: what an answer is compared with."""
    return isinstance(formula, (Number, Ref))


def moved(formula: Formula, old: Index, new: Index) -> Formula | None:
    """A formula of a family at another of its indices."""
    return with_indices(formula, {old.letter: new}) if old.letter else None


def written_out(better: str, when: str, known: Known, formula: Formula) -> Better:
    """A form of the book with what its names stand for."""
    taken = used_letters(formula) | {letter for one, _ in known.names.values() for letter in used_letters(one)}
    other = unused("m", taken)
    size = 0
    if known.over:
        assert known.quantity is not None
        size = next(axis.size for axis in known.quantity.axes if axis.letter == known.over)
    letters = {**known.letters, "m": letter_index(other)}

    def change(part: Formula) -> Formula | None:
        match part:
            case Ref(name, index):
                first, place = known.names[name]
                wanted = letters.get(index[0].letter or "") if index else None
                return first if wanted is None or wanted == place or place is None else spread(first, place, wanted)
            case Same(left, right):
                return Same(left.replace(letters), right.replace(letters))
            case Sum(_, _, body):
                return Sum(other, size, transform(body, change))
        return None

    def spread(first: Formula, place: Index, wanted: Index) -> Formula:
        if place.letter:
            return with_indices(first, {place.letter: wanted})
        assert isinstance(first, Ref)
        return Ref(first.name, tuple(wanted if one == place else one for one in first.index))

    condition = read(when)
    assert isinstance(condition, Cases)
    changed = transform(Cases(condition.condition, ONE, ONE), change)
    assert isinstance(changed, Cases)
    return Better(transform(read(better), change), changed.condition)
