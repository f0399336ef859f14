"""Optimisers as quantities: the batch's gradient, what an optimiser remembers, and the new parameters."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from stepnn.book.optimizers import (
    BATCH_MEAN,
    BATCH_SUM,
    CLIPPED_NORM,
    CLIPPED_VALUE,
    EPOCH,
    OPTIMIZERS,
    SCHEDULES,
    WARM_UP,
    WEIGHT_DECAY,
    OptimizerRule,
)
from stepnn.network.identity import Key, What
from stepnn.network.model import Network, Position, Quantity, Role
from stepnn.notation.formula import Call, Formula, Number, Power, Ref, Sum, add, refs, transform
from stepnn.notation.index import Index
from stepnn.notation.parse import as_fractions, read

COUNT = Key(What.BATCH, "n")  # how many samples a batch has


@dataclass(frozen=True)
class Update:
    """The quantities of an update: what is remembered from the one before, and what is worked out, in order."""

    states: tuple[Quantity, ...]
    computed: tuple[Quantity, ...]


def rule_of(optimizer: str, variant: str | None = None) -> OptimizerRule:
    """The rule of an optimiser. `variant` None is the default one, PyTorch's. Raises KeyError."""
    variants = OPTIMIZERS[optimizer]
    return variants[variant] if variant is not None else next(iter(variants.values()))


def decayed(rule: OptimizerRule, weight_decay: float) -> OptimizerRule:
    """The rule with weight decay: its first line adds the gradient of ½λw²; AdamW has a line of its own."""
    if weight_decay and "lambda_" not in rule.settings:
        settings = {**rule.settings, "lambda_": weight_decay}
        rule = replace(rule, lines={"g_decayed": WEIGHT_DECAY, **rule.lines}, settings=settings)
    own = {line: text for line, text in rule.lines.items() if line not in ("d", "g_decayed")}
    return replace(rule, spared={line: re.sub(r"\bd\b", "w", text) for line, text in own.items()})


def clipped(rule: OptimizerRule, value: float | None, norm: float | None) -> OptimizerRule:
    """The rule for gradients that are made smaller first: each number, then all of them together."""
    lines = {}
    if value is not None:
        lines["g_cut"] = CLIPPED_VALUE.format(most=repr(value))
    if norm is not None:
        lines["g_clipped"] = CLIPPED_NORM.format(most=repr(norm))
    return with_first(rule, lines, norm=norm is not None)


def scheduled(rule: OptimizerRule, formula: str) -> OptimizerRule:
    """The rule with a learning rate of its own for each update."""
    if formula == "eta":
        return rule

    def now(lines: dict[str, str]) -> dict[str, str]:
        return {line: re.sub(r"\beta\b", "eta_now", text) for line, text in lines.items()}

    return with_first(replace(rule, lines=now(rule.lines), spared=now(rule.spared)), {"eta_now": formula})


def with_first(rule: OptimizerRule, lines: dict[str, str], norm: bool = False) -> OptimizerRule:
    """The rule with some lines in front, which hold for all parameters."""
    return replace(rule, lines={**lines, **rule.lines}, spared={**lines, **rule.spared}, norm=rule.norm or norm)


def schedule_formula(kind: str, fields: Mapping[str, float], warm_up: int, epoch: int | None) -> str:
    """η of an update, from τ; with `epoch`, which is how many updates one has, it changes from epoch to epoch."""
    passed = EPOCH.format(updates=epoch) if epoch is not None and epoch > 1 else "(tau - 1)"
    number = "tau" if passed == "(tau - 1)" else f"({passed} + 1)"
    since = f"(tau - {warm_up + 1})" if number == "tau" else f"({passed} - {warm_up})" if warm_up else passed
    values = {name: repr(value) for name, value in fields.items()}
    if fields.get("every") == 1:  # ⌊u / 1⌋ is u
        kind = "exponential"
    form = SCHEDULES[kind] if fields.get("least") else SCHEDULES[kind].replace("{least} + (eta - {least})", "eta")
    found = form.format(u=since, **values)
    return WARM_UP.format(n=number, warm_up=warm_up, after=found) if warm_up else found


def setting_quantities(rule: OptimizerRule) -> list[Quantity]:
    """The numbers of the optimiser: β, ρ, ε, λ."""
    return [Quantity(name, Role.SETTING, name.rstrip("_")) for name in rule.settings]


def uses_update_number(rule: OptimizerRule) -> bool:
    return any(ref.name == "tau" for text in rule.lines.values() for ref in refs(read(text)))


def update(
    network: Network, rule: OptimizerRule, gradients: Mapping[str, Quantity], name: str, spared: Collection[str] = ()
) -> Update:
    """The rule for every trained parameter; `gradients` are by parameter key, `name` is that of the optimiser.

    `spared` are the keys of parameters that weight decay leaves alone.
    """
    own = lines_of_parameters(rule)
    writer = RuleWriter(rule, name)
    if rule.norm:
        writer.write_norm(network, gradients)
    for line in rule.lines:
        if line not in own:
            writer.write(line, None)
    for parameter in network.trained:
        writer.meanings |= {"w": parameter.key, "g": gradients[parameter.key].key}
        writer.lines = rule.spared if parameter.key in spared else rule.lines
        for line in writer.lines:
            if line in own:
                writer.write(line, parameter)
    return Update(tuple(writer.states.values()), tuple(writer.computed))


def lines_of_parameters(rule: OptimizerRule) -> set[str]:
    """The lines that differ from parameter to parameter; the others are worked out once."""
    names, found = {"w", "g"}, set[str]()
    while True:
        more = {line for line, text in rule.lines.items() if names & {ref.name for ref in refs(read(text))}}
        if more == found:
            return found
        found = more
        names |= found | {line.removesuffix("_new") for line in found}


class RuleWriter:
    """Turns the lines of a rule into quantities. `meanings` are the keys that its names stand for just now."""

    def __init__(self, rule: OptimizerRule, optimizer: str) -> None:
        self.lines = rule.lines
        own = lines_of_parameters(rule)
        self.own = own | {line.removesuffix("_new") for line in own}
        self.optimizer = optimizer
        self.meanings = {name: name for name in ("eta", "tau", *rule.settings)}
        self.states: dict[str, Quantity] = {}
        self.computed: list[Quantity] = []

    def write(self, line: str, parameter: Quantity | None) -> None:
        """One line, for a parameter or for all of them."""
        letter = "g" if line == "g_decayed" else line.removesuffix("_new")
        name = line.removeprefix("g_") if line.startswith("g_") else letter
        own = name if parameter is None else Key(What.OF_PARAMETER, name, parameter.key)
        key = Key(What.NEW, own) if line.endswith("_new") else own
        role = Role.NEW_STATE if line.endswith("_new") else Role.AUXILIARY
        if line == "w_new":
            assert parameter is not None
            key, role = Key(What.NEW, parameter.key), Role.UPDATED
        elif role is Role.NEW_STATE:
            self.meanings[letter] = own
            self.states[own] = state(letter, own, parameter)
        index = parameter.general.index if parameter is not None else ()
        formula = transform(read(self.lines[line]), lambda part: self.bound(part, index))
        glyph = parameter.glyph if parameter is not None and role is Role.UPDATED else letter
        axes, layer, of = (parameter.axes, parameter.layer, parameter.key) if parameter is not None else ((), 0, "")
        missing = parameter.unlearned if parameter is not None else frozenset[Position]()
        self.computed.append(
            Quantity(key, role, glyph, axes, formula, layer=layer, function=self.optimizer, of=of, missing=missing)
        )
        self.meanings["g" if line.startswith("g_") else line] = key

    def write_norm(self, network: Network, gradients: Mapping[str, Quantity]) -> None:
        """‖g‖: the root of the sum of the squares of all gradients."""
        squares = [
            over(network[key], Power(Ref(gradients[key].key, network[key].general.index), Number(2)))
            for key in (one.key for one in network.trained)
        ]
        formula = Call("sqrt", (add(*squares),))
        self.computed.append(Quantity("norm", Role.AUXILIARY, "norm", formula=formula, function=self.optimizer))
        self.meanings["norm"] = "norm"

    def bound(self, part: Formula, index: tuple[Index, ...]) -> Formula | None:
        if not isinstance(part, Ref):
            return None
        own = part.name in self.own or part.name in ("w", "g")
        return Ref(self.meanings[part.name], index if own else ())


def over(parameter: Quantity, each: Formula) -> Formula:
    """The sum of something over all elements of a parameter."""
    for axis in reversed(parameter.axes):
        each = Sum(axis.letter, axis.size, each)
    return each


def state(letter: str, key: str, parameter: Quantity | None) -> Quantity:
    """What is remembered from the update before."""
    if parameter is None:
        return Quantity(letter, Role.STATE, letter)
    axes, layer = parameter.axes, parameter.layer
    return Quantity(key, Role.STATE, letter, axes, layer=layer, of=parameter.key, missing=parameter.unlearned)


def put_together(each: Formula, letter: str, count: int, mean: bool, n: Formula) -> Formula:
    """The sum or the mean of something that every sample of a batch has; `n` is how many samples there are."""

    def change(part: Formula) -> Formula | None:
        match part:
            case Sum():
                return Sum(letter, count, each)
            case Ref("n", ()):
                return n
        return None

    return as_fractions(transform(read(BATCH_MEAN if mean else BATCH_SUM), change))
