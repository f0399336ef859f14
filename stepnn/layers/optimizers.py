"""Optimisers as quantities: the batch's gradient, what an optimiser remembers, and the new parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stepnn.book.optimizers import BATCH_MEAN, BATCH_SUM, OPTIMIZERS, WEIGHT_DECAY, OptimizerRule
from stepnn.network.identity import Key, What
from stepnn.network.model import Network, Quantity, Role
from stepnn.notation.formula import Formula, Ref, Sum, refs, transform
from stepnn.notation.index import Index
from stepnn.notation.parse import as_fractions, read

COUNT = Key(What.BATCH, "n")  # how many samples a batch has


@dataclass(frozen=True)
class Update:
    """The quantities of an update: what is remembered from the one before, and what is worked out, in order."""

    states: tuple[Quantity, ...]
    computed: tuple[Quantity, ...]


def rule_of(optimizer: str, variant: str | None = None, weight_decay: float = 0.0) -> OptimizerRule:
    """The rule of an optimiser. `variant` None is the default one, PyTorch's. Raises KeyError.

    With weight decay, the first line adds the gradient of ½λw², and g means that sum from then on.
    """
    variants = OPTIMIZERS[optimizer]
    rule = variants[variant] if variant is not None else next(iter(variants.values()))
    if not weight_decay or "lambda_" in rule.settings:
        return rule
    lines = {"g_new": WEIGHT_DECAY, **rule.lines}
    return OptimizerRule(lines, {**rule.settings, "lambda_": weight_decay}, rule.start)


def setting_quantities(rule: OptimizerRule) -> list[Quantity]:
    """The numbers of the optimiser: β, ρ, ε, λ."""
    return [Quantity(name, Role.SETTING, name.rstrip("_")) for name in rule.settings]


def uses_update_number(rule: OptimizerRule) -> bool:
    return any(ref.name == "tau" for text in rule.lines.values() for ref in refs(read(text)))


def update(network: Network, rule: OptimizerRule, gradients: Mapping[str, Quantity], name: str) -> Update:
    """The rule for every trained parameter; `gradients` are by parameter key, `name` is that of the optimiser."""
    own = lines_of_parameters(rule)
    writer = RuleWriter(rule, name)
    for line in rule.lines:
        if line not in own:
            writer.write(line, None)
    for parameter in network.trained:
        writer.meanings |= {"w": parameter.key, "g": gradients[parameter.key].key}
        for line in rule.lines:
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
        self.rule = rule
        own = lines_of_parameters(rule)
        self.own = own | {line.removesuffix("_new") for line in own}
        self.optimizer = optimizer
        self.meanings = {name: name for name in ("eta", "tau", *rule.settings)}
        self.states: dict[str, Quantity] = {}
        self.computed: list[Quantity] = []

    def write(self, line: str, parameter: Quantity | None) -> None:
        """One line, for a parameter or for all of them."""
        letter = line.removesuffix("_new")
        own = letter if parameter is None else Key(What.OF_PARAMETER, letter, parameter.key)
        key = Key(What.NEW, own) if line.endswith("_new") else own
        role = Role.NEW_STATE if line.endswith("_new") else Role.AUXILIARY
        if line == "w_new":
            assert parameter is not None
            key, role = Key(What.NEW, parameter.key), Role.UPDATED
        elif line == "g_new":
            assert parameter is not None
            key, role = Key(What.OF_PARAMETER, "decayed", parameter.key), Role.AUXILIARY
        elif role is Role.NEW_STATE:
            self.meanings[letter] = own
            self.states[own] = state(letter, own, parameter)
        index = parameter.general.index if parameter is not None else ()
        formula = transform(read(self.rule.lines[line]), lambda part: self.bound(part, index))
        glyph = parameter.glyph if parameter is not None and role is Role.UPDATED else letter
        axes, layer, of = (parameter.axes, parameter.layer, parameter.key) if parameter is not None else ((), 0, "")
        self.computed.append(Quantity(key, role, glyph, axes, formula, layer=layer, function=self.optimizer, of=of))
        self.meanings["g" if line == "g_new" else line] = key

    def bound(self, part: Formula, index: tuple[Index, ...]) -> Formula | None:
        if not isinstance(part, Ref):
            return None
        own = part.name in self.own or part.name in ("w", "g")
        return Ref(self.meanings[part.name], index if own else ())


def state(letter: str, key: str, parameter: Quantity | None) -> Quantity:
    """What is remembered from the update before."""
    if parameter is None:
        return Quantity(letter, Role.STATE, letter)
    return Quantity(key, Role.STATE, letter, parameter.axes, layer=parameter.layer, of=parameter.key)


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
