"""Mistakes in weighted sums and activations."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from stepnn.exercises.situation import Situation, activation_call, main_sum, on_calls, penalties, swapped
from stepnn.network.model import PARAMETERS, Role
from stepnn.notation.formula import (
    Add,
    Call,
    Cases,
    Divide,
    Formula,
    Multiply,
    Negative,
    Number,
    Power,
    Ref,
    Sum,
    refs,
    transform,
    walk,
)

SUMS = (Role.WEIGHTED_SUM, Role.VALUE)
MATRICES = (Role.WEIGHT, Role.GIVEN)
PASSED_ON = (Role.ACTIVATION, Role.VALUE)
SENT_ON = (*SUMS, Role.GRADIENT, Role.OUTPUT_ERROR, Role.ERROR_SLOPE)


def bias_of(at: Situation) -> tuple[Add, Ref] | None:
    """A weighted sum and the parameter that stands alone in it."""
    whole = main_sum(at.whole)
    if whole is None or at.role not in SUMS or not any(isinstance(term, Multiply) for term in whole.terms):
        return None
    alone = [one for one in whole.terms if isinstance(one, Ref) and at.of(one).role in (*PARAMETERS, Role.GIVEN)]
    return (whole, alone[-1]) if len(alone) == 1 else None


def bias_forgotten(at: Situation) -> Iterator[Formula]:
    """A weighted sum without its bias."""
    if found := bias_of(at):
        whole, bias = found
        kept = tuple(term for term in whole.terms if term != bias)
        yield swapped(at.whole, whole, Add(kept) if len(kept) > 1 else kept[0])


def bias_multiplied(at: Situation) -> Iterator[Formula]:
    """The bias multiplied by an input, as if it were a weight."""
    if found := bias_of(at):
        _, bias = found
        for term in found[0].terms:
            if isinstance(term, Multiply):
                for factor in term.factors:
                    if isinstance(factor, Ref) and at.of(factor).role not in PARAMETERS:
                        yield swapped(at.whole, bias, Multiply((bias, factor)))


def transposed(at: Situation) -> Iterator[Formula]:
    """Rows and columns of a square matrix mixed up."""
    if at.role not in (*SUMS, Role.ERROR_SLOPE):
        return
    square = [ref for ref in at.used if is_square(at, ref)]
    turned = {ref: Ref(ref.name, ref.index[::-1]) for ref in square}
    yield at.exchanged({ref: turned[ref] for ref in square if at.of(ref).role in MATRICES})
    for name in dict.fromkeys(ref.name for ref in square):
        yield at.exchanged({ref: turned[ref] for ref in square if ref.name == name})


def is_square(at: Situation, ref: Ref) -> bool:
    """Whether it is an element of a matrix with as many rows as columns."""
    shape = at.of(ref).shape
    return len(shape) == 2 and shape[0] == shape[1] and at.of(ref).role is not Role.DELTA


def crossed(at: Situation) -> Iterator[Formula]:
    """Weights and inputs paired crosswise: w1·x2 + w2·x1."""
    if at.role in SUMS:
        yield from pairs_crossed(at)


def paths_crossed(at: Situation) -> Iterator[Formula]:
    """On the way back, each δ with the weight, or the activation, that belongs to the other."""
    if at.role not in SUMS and not penalties(at):  # a penalty is no path back
        yield from pairs_crossed(at)


def pairs_crossed(at: Situation) -> Iterator[Formula]:
    """Two pairs that are multiplied are paired crosswise."""
    whole = main_sum(at.whole)
    if whole is None:
        return
    pairs = [term for term in whole.terms if isinstance(term, Multiply) and len(term.factors) == 2]
    if len(pairs) < 2:
        return
    for one, other in pairwise(pairs):
        first, second = Multiply((one.factors[0], other.factors[1])), Multiply((other.factors[0], one.factors[1]))
        terms = (first if term == one else second if term == other else term for term in whole.terms)
        yield swapped(at.whole, whole, Add(tuple(terms)))


def activation_left_out(at: Situation) -> Iterator[Formula]:
    """The activation function left out: its argument passed on as it is."""
    if at.role is Role.ACTIVATION and (own := at.weighted_sum(at.ref)) is not None:
        yield own
    if at.role is Role.VALUE:
        yield transform(at.whole, activation_call)


def sum_for_activation(at: Situation) -> Iterator[Formula]:
    """The weighted sum of a neuron where its activation belongs."""
    if at.role in SENT_ON or (at.role is Role.LOCAL_SLOPE and isinstance(at.whole, Ref)):
        passed = {ref: at.weighted_sum(ref) for ref in at.with_role(*PASSED_ON)}
        yield at.exchanged({ref: z for ref, z in passed.items() if z is not None and at.has(z)})


def activation_twice(at: Situation) -> Iterator[Formula]:
    """The activation function applied to what it has given."""
    if at.role is Role.ACTIVATION and (own := at.weighted_sum(at.ref)) is not None:
        yield swapped(at.whole, own, at.ref)


def other_activation(at: Situation) -> Iterator[Formula]:
    """σ in the place of tanh, or tanh in the place of σ."""
    if at.role is Role.ACTIVATION and (own := at.weighted_sum(at.ref)) is not None:
        if at.whole == Call("tanh", (own,)):
            yield Call("sigmoid", (own,))
        elif is_sigmoid(at.whole):
            yield Call("tanh", (own,))
    if at.role is Role.VALUE:
        yield on_calls(at.whole, "tanh", lambda inner: Call("sigmoid", (inner,)))
        yield on_calls(at.whole, "sigmoid", lambda inner: Call("tanh", (inner,)))


def is_sigmoid(formula: Formula) -> bool:
    match formula:
        case Divide(Number(1), Add((Number(1), Call("exp", (Negative(),))))):
            return True
    return False


def exponent_sign(at: Situation) -> Iterator[Formula]:
    """e^z in the place of e^(−z), or the other way round."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Call("exp", (Negative(inner),)):
                return Call("exp", (inner,))
            case Call("exp", (inner,)):
                return Call("exp", (Negative(inner),))
            case Call("sigmoid", (inner,)):
                return Call("sigmoid", (Negative(inner),))
        return None

    if at.role in PASSED_ON:
        yield transform(at.whole, change)


def base_ten(at: Situation) -> Iterator[Formula]:
    """A power of 10 in the place of the power of e: the key beside it on a calculator."""
    if at.role in PASSED_ON:
        yield on_calls(at.whole, "exp", lambda inner: Power(Number(10), inner))


def divisor_without_brackets(at: Situation) -> Iterator[Formula]:
    """Typed into a calculator without the brackets around what is divided by: 1/1 + e^(−z)."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Divide(top, Add((first, *rest))):
                return Add((Divide(top, first), *rest))
        return None

    yield transform(at.whole, change)


def factor_without_brackets(at: Situation) -> Iterator[Formula]:
    """Typed into a calculator without the brackets around a factor: a·1 − a."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Multiply((*before, Add((first, *rest)))) if before:
                return Add((Multiply((*before, first)), *rest))
            case Multiply((Add((*rest, last)), *after)) if after:
                if isinstance(last, Negative):
                    return Add((*rest, Negative(Multiply((last.inner, *after)))))
                return Add((*rest, Multiply((last, *after))))
        return None

    yield transform(at.whole, change)


def wrong_branch(at: Situation) -> Iterator[Formula]:
    """The other case of a function that is defined by cases, such as ReLU."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Cases(condition, yes, no):
                return Cases(condition, no, yes)
            case Call("max", (Number(0), other)):
                return Call("min", (Number(0), other))
        return None

    yield transform(at.whole, change)


def input_for_activation(at: Situation) -> Iterator[Formula]:
    """An input of the network where the activation of a hidden neuron belongs."""
    inputs = at.network.with_role(Role.INPUT)
    if not inputs or at.role not in (Role.WEIGHTED_SUM, Role.GRADIENT, Role.LOCAL_SLOPE):
        return
    size = inputs[0].shape[0]

    def change(ref: Ref) -> Formula | None:
        hidden = at.of(ref).role is Role.ACTIVATION and len(ref.index) == 1 and ref.index[0].constant < size
        return Ref(inputs[0].key, ref.index) if hidden else None

    if at.role is not Role.LOCAL_SLOPE or isinstance(at.whole, Ref):
        yield at.replaced(change)


def element_by_element(at: Situation) -> Iterator[Formula]:
    """Two matrices multiplied element by element where rows meet columns."""
    whole = main_sum(at.whole)
    if whole is None or at.role is not Role.VALUE or len(at.ref.index) < 2:
        return
    first = whole.terms[0]
    names = [factor.name for factor in refs(first) if len(factor.index) >= 2]
    if isinstance(first, Multiply) and len(first.factors) == len(names) == 2:
        found = tuple(Ref(name, at.ref.index[-len(at.network[name].axes) :]) for name in names)
        if all(len(one.index) == len(at.of(one).axes) and at.has(one) for one in found):
            yield swapped(at.whole, whole, Multiply(found))


def dot_for_elementwise(at: Situation) -> Iterator[Formula]:
    """The products of all neurons added up, where each neuron has its own: a dot product for one element by element."""
    chain = at.moment.forms.shortest(at.quantity) if at.role is Role.DELTA else at.general
    axes = at.quantity.axes
    if at.role not in (Role.DELTA, Role.VALUE) or not axes or axes[-1].size < 2 or chain is None:
        return
    if not any(isinstance(part, Sum) for part in walk(chain)) and any(isinstance(p, Multiply) for p in walk(chain)):
        yield at.made(Sum(axes[-1].letter, axes[-1].size, chain))


def squared_apart(at: Situation) -> Iterator[Formula]:
    """Each number squared, then the difference: a² − t² for (a − t)²."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Power(Add(terms), Number(2)):
                return Add(tuple(squared(term) for term in terms))
        return None

    yield transform(at.whole, change)


def squared(term: Formula) -> Formula:
    """A term squared, its sign kept."""
    return Negative(Power(term.inner, Number(2))) if isinstance(term, Negative) else Power(term, Number(2))


def square_forgotten(at: Situation) -> Iterator[Formula]:
    """No square taken."""
    if at.role is not Role.LOCAL_SLOPE or any(isinstance(part, Power) for part in walk(at.whole)):
        yield transform(at.whole, lambda p: p.base if isinstance(p, Power) and p.exponent == Number(2) else None)


def root_forgotten(at: Situation) -> Iterator[Formula]:
    """No square root taken."""
    yield on_calls(at.whole, "sqrt", lambda inner: inner)


def mean_not_subtracted(at: Situation) -> Iterator[Formula]:
    """A number itself where its distance from the mean belongs."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Add((first, Negative(Ref() as mean))) if at.of(mean).formula is not None and is_mean(at, mean):
                return first
        return None

    if at.role is Role.VALUE:
        yield transform(at.whole, change)


def is_mean(at: Situation, ref: Ref) -> bool:
    """Whether an element is a sum of plain numbers, divided by how many they are."""
    match at.definition(ref):
        case Divide(Add(terms), _) | Multiply((Number(), Add(terms))):
            return all(isinstance(term, Ref) for term in terms)
    return False


MISTAKES = (
    bias_forgotten, bias_multiplied, transposed, crossed, paths_crossed, activation_left_out, sum_for_activation,
    activation_twice, other_activation, exponent_sign, base_ten, divisor_without_brackets, factor_without_brackets,
    wrong_branch, input_for_activation, element_by_element, dot_for_elementwise, squared_apart, square_forgotten,
    root_forgotten, mean_not_subtracted,
)  # fmt: skip
