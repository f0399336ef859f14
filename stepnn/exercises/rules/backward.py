"""Mistakes on the way back: slopes, δ, and gradients."""

from __future__ import annotations

from collections.abc import Iterator

from stepnn.exercises.situation import (
    Situation,
    main_sum,
    penalties,
    products,
    slope_factors,
    swapped,
    without_factors,
    without_terms,
)
from stepnn.network.identity import Key, What
from stepnn.network.model import PARAMETERS, Role
from stepnn.notation.formula import (
    Add,
    Call,
    Cases,
    Formula,
    IsFirst,
    Multiply,
    Negative,
    Number,
    Power,
    Ref,
    refs,
    transform,
)

BACK = (Role.ERROR_SLOPE, Role.DELTA, Role.GRADIENT, Role.BATCH_GRADIENT)
SUMMED = (Role.ERROR_SLOPE, Role.DELTA)
WEIGHTS = (Role.WEIGHT, Role.GIVEN)
BRANCHES = (Cases, IsFirst)


def slope_forgotten(at: Situation) -> Iterator[Formula]:
    """The error sent back without the slope of the activation function."""
    if at.role is Role.DELTA and (own := own_slope(at)) is not None:
        yield own
    if at.role in (Role.ERROR_SLOPE, Role.GRADIENT):
        for product in products(at.whole):
            if found := slope_factors(product):
                yield swapped(at.whole, product, without_factors(product, found[1].__contains__))
        yield transform(
            at.whole, lambda part: part.yes if isinstance(part, Cases) and not isinstance(part.yes, Number) else None
        )


def own_slope(at: Situation) -> Ref | None:
    """∂E/∂a beside δ = ∂E/∂a · ∂a/∂z."""
    (chain, *_) = at.moment.forms.here(at.step)
    if not isinstance(chain, Multiply) or not all(isinstance(factor, Ref) for factor in chain.factors):
        return None
    kept = [one for one in chain.factors if isinstance(one, Ref) and at.of(one).role is not Role.LOCAL_SLOPE]
    return kept[0] if len(kept) == 1 and len(chain.factors) > 1 else None


def with_slope(at: Situation, old: tuple[Formula, ...], new: Formula) -> Formula:
    """The formula with the factors that are a slope replaced by something else."""

    def change(part: Formula) -> Formula | None:
        if isinstance(part, Multiply) and all(one in part.factors for one in old):
            place = part.factors.index(old[0])
            kept = [one for one in part.factors if one not in old]
            return Multiply((*kept[:place], new, *kept[place:])) if kept else new
        return new if (part,) == old else None

    return transform(at.whole, change)


def slope_of(at: Situation) -> tuple[Formula, tuple[Formula, ...]] | None:
    """f and the factors that are a slope made of it, anywhere in the formula of a slope or of δ."""
    if at.role not in (Role.LOCAL_SLOPE, Role.DELTA):
        return None
    found = (slope_factors(product) for product in products(at.whole))
    pair = next((one for one in found if one), None)
    if pair is not None:
        return pair
    return slope_factors(Multiply((at.whole,)))


def slope_at_activation(at: Situation) -> Iterator[Formula]:
    """σ′ taken at a in the place of z: σ(a)·(1 − σ(a))."""
    found = slope_of(at)
    if found and isinstance(found[0], Ref):
        own = Call("tanh" if len(found[1]) == 1 else "sigmoid", (found[0],))
        yield (
            swapped(at.whole, found[0], own)
            if at.role is Role.LOCAL_SLOPE
            else with_slope(at, found[1], swapped(Multiply(found[1]), found[0], own))
        )


def slope_at_sum(at: Situation) -> Iterator[Formula]:
    """z in the place of a in the slope: z·(1 − z)."""
    found = slope_of(at)
    if found and isinstance(found[0], Ref) and (z := at.weighted_sum(found[0])) is not None and at.has(z):
        yield with_slope(at, found[1], swapped(Multiply(found[1]), found[0], z))


def other_slope(at: Situation) -> Iterator[Formula]:
    """The slope of tanh for that of σ, or of σ for that of tanh."""
    if found := slope_of(at):
        a = found[0]
        complement = Add((Number(1), Negative(a)))
        other = Add((Number(1), Negative(Power(a, Number(2))))) if len(found[1]) == 2 else Multiply((a, complement))
        yield with_slope(at, found[1], other)


def root_of_slope(at: Situation) -> Iterator[Formula]:
    """sech in the place of sech² for the slope of tanh."""
    found = slope_of(at)
    if found and len(found[1]) == 1:
        yield with_slope(at, found[1], Call("sqrt", found[1]))


def activation_for_slope(at: Situation) -> Iterator[Formula]:
    """The activation itself in the place of its slope."""
    wrt = at.quantity.wrt
    if at.role is Role.LOCAL_SLOPE and wrt is not None and at.of(wrt[0]).role is Role.ACTIVATION:
        own = Ref(wrt[0].name, at.ref.index)
        if len(wrt[0].index) == len(at.ref.index) and at.has(own):
            yield own
    elif at.role is Role.DELTA and (found := slope_of(at)):
        yield with_slope(at, found[1], found[0])


def slope_twice(at: Situation) -> Iterator[Formula]:
    """The slope of the activation function used once more where δ holds it already."""
    if at.role is Role.DELTA and (found := slope_of(at)):
        yield Multiply((at.whole, *found[1]))
    if at.role in (Role.GRADIENT, Role.ERROR_SLOPE):

        def change(ref: Ref) -> Formula | None:
            slope = slope_beside(at, ref)
            return Multiply((ref, slope)) if slope is not None else None

        yield at.replaced(change)


def slope_beside(at: Situation, delta: Ref) -> Ref | None:
    """∂a/∂z of the neuron that a δ belongs to."""
    below = at.delta_of(delta)
    if at.of(delta).role is not Role.DELTA or below is None:
        return None
    for quantity in at.network.with_role(Role.LOCAL_SLOPE):
        assert quantity.wrt is not None
        of, by = quantity.wrt
        own = Ref(quantity.key, delta.index)
        if by.name == below.name and of.index == by.index and len(quantity.axes) == len(own.index) and at.has(own):
            return own
    return None


def error_for_delta(at: Situation) -> Iterator[Formula]:
    """∂E/∂a sent back, or used in a gradient, in the place of δ."""

    def change(ref: Ref) -> Formula | None:
        below = at.delta_of(ref) if at.of(ref).role is Role.DELTA else None
        if below is None:
            return None
        users = [one for one in at.network.computed if one.role is Role.ACTIVATION]
        for user in users:
            if user.axes == at.of(below).axes and at.weighted_sum(Ref(user.key, ref.index)) == below:
                return at.error_slope(Ref(user.key, ref.index))
        return None

    if at.role in (Role.ERROR_SLOPE, Role.GRADIENT):
        yield at.replaced(change)


def weights_forgotten(at: Situation) -> Iterator[Formula]:
    """The paths back added up without their weights."""

    def change(part: Formula) -> Formula | None:
        if not isinstance(part, Multiply):
            return None
        if not any(isinstance(one, Ref) and at.of(one).role in (*SUMMED, Role.ERROR_SLOPE) for one in part.factors):
            return None
        return without_factors(part, lambda one: isinstance(one, Ref) and at.of(one).role in WEIGHTS)

    if at.role is Role.ERROR_SLOPE:
        yield transform(at.whole, change)


def path_forgotten(at: Situation) -> Iterator[Formula]:
    """One of the paths by which the error comes back is left out."""
    whole, back = main_sum(at.whole), at.with_role(*SUMMED)
    if at.role in SUMMED and whole is not None and any(ref in back for ref in refs(whole)):
        yield from without_terms(at.whole, whole)


def new_weights(at: Situation) -> Iterator[Formula]:
    """The error sent back along weights that are updated already."""

    def change(ref: Ref) -> Formula | None:
        new = Ref(Key(What.NEW, ref.name), ref.index)
        return new if at.of(ref).role in PARAMETERS and new.name in at.moment.values else None

    if at.role in BACK:
        yield at.replaced(change)


def old_weights(at: Situation) -> Iterator[Formula]:
    """The weights from before the last update: all of them, or only those of one kind, such as the biases."""
    if not at.moment.made_in:
        return
    old = {ref: Ref(Key(What.BEFORE, ref.name), ref.index) for ref in at.with_role(*PARAMETERS)}
    yield at.exchanged(old)
    for name in dict.fromkeys(ref.name for ref in old):
        yield at.exchanged({ref: before for ref, before in old.items() if ref.name == name})


def one_share(at: Situation) -> Iterator[Formula]:
    """Only one of the shares that a gradient is the sum of: one time step, one window, one sample."""
    whole = main_sum(at.whole)
    if at.role in (Role.GRADIENT, Role.BATCH_GRADIENT) and whole is not None and len(whole.terms) > 2:
        for term in () if penalties(at) else whole.terms:
            yield swapped(at.whole, whole, term)


def share_forgotten(at: Situation) -> Iterator[Formula]:
    """One of the shares that a gradient is the sum of is left out: a time step, a window, a sample."""
    whole = main_sum(at.whole)
    if at.role in (Role.GRADIENT, Role.BATCH_GRADIENT) and whole is not None and not penalties(at):
        yield from without_terms(at.whole, whole)


def delta_for_gradient(at: Situation) -> Iterator[Formula]:
    """δ in the place of the gradient: what the weight multiplies is left out."""
    deltas = at.with_role(Role.DELTA)
    if at.role is Role.GRADIENT and deltas and at.whole not in deltas:
        yield transform(
            at.whole,
            lambda part: (
                without_factors(part, lambda one: one not in deltas)
                if isinstance(part, Multiply) and any(one in deltas for one in part.factors)
                else None
            ),
        )
    elif at.role is Role.UPDATED:

        def change(ref: Ref) -> Formula | None:
            used = at.definition(ref) if at.of(ref).role is Role.GRADIENT else None
            match used:
                case Multiply(factors):
                    return next(
                        (one for one in factors if isinstance(one, Ref) and at.of(one).role is Role.DELTA), None
                    )
            return None

        yield at.replaced(change)


def gradient_for_delta(at: Situation) -> Iterator[Formula]:
    """The gradient of a weight sent back in the place of δ."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Multiply((Ref() as delta, Ref() as weight)) if at.of(delta).role is Role.DELTA:
                gradient = at.error_slope(weight) if at.of(weight).role is Role.WEIGHT else None
                return Multiply((gradient, weight)) if gradient is not None else None
        return None

    if at.role is Role.ERROR_SLOPE:
        yield transform(at.whole, change)


def own_activation(at: Situation) -> Iterator[Formula]:
    """The activation behind a weight in the place of the one before it: a_k for a_j."""
    for delta in at.with_role(Role.DELTA) if at.role is Role.GRADIENT else []:
        below = at.delta_of(delta)
        for quantity in at.network.with_role(Role.ACTIVATION):
            own = Ref(quantity.key, delta.index)
            if len(quantity.axes) == len(delta.index) and at.has(own) and at.weighted_sum(own) == below:
                sent = at.with_role(Role.ACTIVATION, Role.INPUT, Role.GIVEN, Role.VALUE)
                yield at.exchanged(dict.fromkeys(sent, own))


def bias_times_input(at: Situation) -> Iterator[Formula]:
    """The gradient of a bias multiplied by an input, as if it were a weight's."""
    wrt = at.quantity.wrt
    if at.role is not Role.GRADIENT or wrt is None or at.of(wrt[1]).role is not Role.BIAS or len(at.used) != 1:
        return
    below = at.delta_of(at.used[0])
    if below is not None:
        for sent in dict.fromkeys(sent_into(at, below)):
            yield Multiply((at.whole, sent))


def sent_into(at: Situation, weighted_sum: Ref) -> Iterator[Ref]:
    """What weights multiply in a weighted sum."""
    for part in products(at.definition(weighted_sum)):
        for factor in part.factors:
            if isinstance(factor, Ref) and at.of(factor).role not in (*PARAMETERS, Role.DELTA):
                yield factor


def weight_for_activation(at: Situation) -> Iterator[Formula]:
    """The weight itself in the gradient, where what it multiplies belongs."""
    wrt = at.quantity.wrt
    if at.role not in (Role.GRADIENT, Role.LOCAL_SLOPE) or wrt is None or at.of(wrt[1]).role is not Role.WEIGHT:
        return
    own = Ref(wrt[1].name, at.ref.index)
    if len(own.index) == len(at.of(own).axes) and len(at.with_role(Role.DELTA)) < 2:
        sent = at.with_role(Role.ACTIVATION, Role.INPUT, Role.GIVEN, Role.VALUE)
        yield at.exchanged(dict.fromkeys(sent, own))


def activation_for_weight(at: Situation) -> Iterator[Formula]:
    """The activation on the way back, where the weight belongs."""
    wrt = at.quantity.wrt
    if at.role is Role.ERROR_SLOPE and wrt is not None:
        own = Ref(wrt[1].name, at.ref.index)
        if own.name in at.network.by_key and at.has(own):
            yield at.exchanged(dict.fromkeys(at.with_role(*PARAMETERS), own))


MISTAKES = (
    slope_forgotten, slope_at_activation, slope_at_sum, other_slope, root_of_slope, activation_for_slope, slope_twice,
    error_for_delta, weights_forgotten, path_forgotten, new_weights, old_weights, one_share, share_forgotten,
    delta_for_gradient, gradient_for_delta, own_activation, bias_times_input, weight_for_activation,
    activation_for_weight,
)  # fmt: skip
