"""What must hold for the quantities that a lesson writes as formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from keyword import iskeyword
from typing import Any

from pydantic import ValidationError

from stepnn.book.optimizers import OPTIMIZERS
from stepnn.errors import Fault, FormulaError
from stepnn.lessons.formulas import axis
from stepnn.lessons.opening import Outside, Placed, letters_of
from stepnn.lessons.pages import Pages, flat, shape_of
from stepnn.lessons.parts import listed, own_functions
from stepnn.lessons.schema import MOST_TIME_STEPS, OwnQuantity
from stepnn.network.model import Quantity, Role
from stepnn.network.order import Recurrence, in_order
from stepnn.notation.formula import refs

LAYERED = re.compile(r"(a|alpha|b|mu|variance|w|z)\d+|[Ee]|E_each|t")  # what layers call theirs inside
NORMALIZED = re.compile(r"z_hat\d+|E_sample")  # and those that are normalised
RESERVED = {"eta", "tau", "a0", "dE", "delta", "slope", "sample", "sum", "where"}  # printed or used by stepnn


def quantity_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """Each is defined in one way; formulas use what stands before them, with indices that fit."""
    raw = table.get("quantities")
    rows = [valid(one) for one in raw] if isinstance(raw, list) else []
    seen: set[str] = set(outside(table))
    for number, own in enumerate(rows, 1):
        if own is None:
            continue
        where = f"quantities[{number}]"
        yield from definition_faults(own, where, seen, table.get("update"))
        if is_inside_layers(own.name, table):
            message = f"the name {own.name} is one that stepnn itself uses beside layers"
            yield Fault(f"{where}.name", message, remedy="choose another name")
        if own.values is not None:
            yield from value_faults(own, where)
        seen |= {own.name} if own.name else set()
    usable = [own if own is not None and fitting(own) else None for own in rows]
    pages = Pages(usable, outside(table), own_functions(table))
    faults = [*pages.check(), *name_faults(pages, table), *start_faults(pages)]
    if None in usable:  # what follows from a table with a fault of its own is no fault
        told = [own.get("name") for own in listed(table, "quantities") if isinstance(own, dict)]
        follows = {f"nothing is called {name} here" for name in told}
        faults = [one for one in faults if one.message not in follows and not one.message.endswith("has no size")]
    yield from faults
    twice = len({*pages.outside, *(placed.name for placed in pages.placed)}) < len(pages.outside) + len(pages.placed)
    known = all(placed.name and placed.name in pages.shapes for placed in pages.placed)
    if not faults and known and None not in usable and not twice:
        yield from order_faults(pages)
    if None not in usable:
        yield from whole_faults(table, pages)
    names = {placed.name for placed in pages.placed if placed.formula is not None}
    for number, own in enumerate(rows, 1):
        for place, name in enumerate(own.derivative or [] if own is not None else []):
            if name not in (set(pages.shapes) if place else names):
                remedy = "name a quantity with a formula, then one that it uses"
                yield Fault(f"quantities[{number}].derivative", f"{name} cannot stand here", remedy=remedy)
    error = table.get("error")
    opened = rows and None not in usable and not pages.faults
    if isinstance(error, str) and opened and pages.shapes.get(error) != ():
        yield Fault("error", "there is no quantity of that name without an index", f'"{error}"')


def is_inside_layers(name: str, table: dict[str, Any]) -> bool:
    """Whether the layers of the lesson use a name for something of theirs."""
    if not table.get("layers"):
        return False
    normalized = any("normalization" in one for one in (table, *listed(table, "runs")) if isinstance(one, dict))
    return bool(LAYERED.fullmatch(name) or (normalized and NORMALIZED.fullmatch(name)))


def valid(raw: Any) -> OwnQuantity | None:
    try:
        return OwnQuantity.model_validate(raw)
    except ValidationError:
        return None


def outside(table: dict[str, Any]) -> dict[str, Outside]:
    """What formulas may use beside quantities: x and t, where there are samples, and the learning rate."""
    inputs, samples = table.get("inputs"), table.get("samples")
    names = inputs.get("names") if isinstance(inputs, dict) else None
    first = samples[0] if isinstance(samples, list) and samples and isinstance(samples[0], dict) else {}
    lists = {"x": names, "t": first.get("targets")}
    found = {name: Outside((len(value),)) for name, value in lists.items() if isinstance(value, list)}
    return found | ({"eta": Outside(())} if "learning_rate" in table else {})


def fitting(own: OwnQuantity) -> bool:
    """Whether a table is sound enough to say what follows from it."""
    return own.values is None or not list(value_faults(own, ""))


def name_faults(pages: Pages, table: dict[str, Any]) -> Iterator[Fault]:
    """Kinds of layers bring names of their own, which must differ from all others."""
    seen = set(pages.outside)
    for placed in pages.placed:
        layered = is_inside_layers(placed.name, table)
        if placed.own.kind is not None and (
            placed.name in seen or reserved(placed.name, table.get("update")) or layered
        ):
            remedy = f'say another suffix, such as "{"_2" if layered else "2"}"'
            yield Fault(
                placed.where, f"the name {placed.name}, which {placed.own.kind} brings, is taken", remedy=remedy
            )
        seen.add(placed.name)


def start_faults(pages: Pages) -> Iterator[Fault]:
    """What is read before the first time step has the shape of one time step."""
    for placed in pages.placed:
        start = placed.line.start
        if not start:
            continue
        if start not in pages.shapes:
            yield Fault(f"{placed.where}.start", f"nothing is called {start} here", remedy="define it above")
        elif placed.name in pages.shapes and pages.shapes[start] != pages.shapes[placed.name][1:]:
            found, wanted = (
                " × ".join(map(str, shape)) or "one number"
                for shape in (pages.shapes[start], pages.shapes[placed.name][1:])
            )
            yield Fault(f"{placed.where}.start", f"{start} does not have the shape of one time step", found, wanted)


def order_faults(pages: Pages) -> Iterator[Fault]:
    """Everything can be computed in some order, and there are not too many time steps."""
    try:
        parts = in_order([bare(placed, pages) for placed in pages.placed])
    except FormulaError as error:
        yield Fault("quantities", str(error), remedy="read other quantities only at the same or an earlier time step")
        return
    recurring = {one.key for part in parts if isinstance(part, Recurrence) for one in part.members}
    for placed in pages.placed:
        if placed.line.start and placed.name not in recurring:
            message = f"nothing reads {placed.name} at an earlier time step"
            yield Fault(f"{placed.where}.start", message, remedy="remove start, or read it so")
    for part in parts:
        if isinstance(part, Recurrence) and len(part.steps) > MOST_TIME_STEPS:
            where = next(placed.where for placed in pages.placed if placed.name == part.members[0].key)
            yield Fault(where, "there are too many time steps", str(len(part.steps)), f"at most {MOST_TIME_STEPS}")


def whole_faults(table: dict[str, Any], pages: Pages) -> Iterator[Fault]:
    """Something is computed, and where the lesson learns, something is learned that the error depends on."""
    if table.get("layers"):
        for placed in pages.placed:
            if placed.own.learned:
                message = "beside layers no quantity is learned"
                yield Fault(f"{placed.where}.learned", message, remedy="remove it, or write the layers as formulas too")
    if not pages.placed or table.get("layers"):
        return
    if not any(placed.line.formula for placed in pages.placed) and not pages.faults:
        yield Fault("quantities", "there is nothing to compute", remedy="give at least one of them a formula")
    if "update" in table and not any(placed.own.learned for placed in pages.placed):
        yield Fault("update", "there is nothing to learn", remedy="set learned = true for a quantity, or remove update")
    if pages.faults:
        return
    used = {ref.name for placed in pages.placed if placed.formula is not None for ref in refs(placed.formula)}
    used |= {placed.line.start for placed in pages.placed}
    error = table.get("error")
    behind = behind_error(pages, error) if isinstance(error, str) and error in pages.shapes else None
    for placed in pages.placed:
        if placed.own.learned and placed.name not in used:
            message = f"no formula uses {placed.name}"
            yield Fault(f"{placed.where}.learned", message, remedy="use it, or remove learned")
        elif placed.own.learned and "update" in table and behind is not None and placed.name not in behind:
            message = f"the error {error} does not depend on {placed.name}"
            yield Fault(f"{placed.where}.learned", message, remedy="use it on the way to the error, or remove learned")


def behind_error(pages: Pages, error: str) -> set[str]:
    """The names of everything that the error is computed from."""
    uses: dict[str, set[str]] = {}
    starts = {placed.name: placed.line.start for placed in pages.placed}
    for placed in pages.placed:
        names = {ref.name for ref in refs(placed.formula)} if placed.formula is not None else set()
        uses[placed.name] = names | {starts[name] for name in names if starts.get(name)}
    found, waiting = {error}, [error]
    while waiting:
        new = uses.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def update_names(update: object) -> set[str]:
    """The names that an update rule needs for itself: its settings, and its lines."""
    variants = OPTIMIZERS.get(update, {}) if isinstance(update, str) else {}
    lines = {line.removesuffix("_new") for rule in variants.values() for line in rule.lines} - {"w"}
    return lines | {name for rule in variants.values() for name in rule.settings}


def reserved(name: str, update: object) -> bool:
    return name in RESERVED or iskeyword(name) or name in update_names(update)


def definition_faults(own: OwnQuantity, where: str, seen: set[str], update: object) -> Iterator[Fault]:
    """The table defines its quantity in one way, under a name of its own."""
    given = [field for field in ("values", "formula", "derivative", "kind") if getattr(own, field) is not None]
    if len(given) != 1:
        remedy = "give either values, or a formula, or a derivative, or a kind of layer"
        yield Fault(
            where, f"the quantity {own.name} is not defined once", " and ".join(given) or "nothing", remedy=remedy
        )
    if not own.name and own.kind is None:
        yield Fault(f"{where}.name", "this field is missing", wanted="see docs/lesson-format.md", remedy="add it")
    if reserved(own.name, update):
        message = f"the name {own.name} is one that stepnn itself uses"
        yield Fault(f"{where}.name", message, remedy="choose another name")
    letters = letters_of(own.index)
    if len(set(letters)) < len(letters):
        yield Fault(f"{where}.index", "a letter stands twice", own.index, remedy="use each letter once")
    if own.name in seen and not reserved(own.name, update):
        yield Fault(f"{where}.name", f"the name {own.name} is used twice", remedy="choose another name")
    if own.learned and own.values is None:
        yield Fault(f"{where}.learned", "only a quantity with values can be learned", remedy="remove it")
    for field in ("of", "settings", "suffix", "neurons"):
        if getattr(own, field) and own.kind is None:
            yield Fault(f"{where}.{field}", "this is for kinds of layers only", remedy="remove it, or name a kind")
    for field in ("index", "sizes", "start", "role", "names"):
        if getattr(own, field) and own.kind is not None:
            yield Fault(f"{where}.{field}", "a kind of layer brings this itself", remedy="remove it")


def value_faults(own: OwnQuantity, where: str) -> Iterator[Fault]:
    """The values have the shape that the index says."""
    letters, shape = letters_of(own.index), shape_of(own)
    count = 1
    for size in shape:
        count *= size
    uneven = count != len(flat(own))
    if not count:
        yield Fault(f"{where}.values", "there are no numbers here", "an empty list", "at least one number")
    elif len(letters) != len(shape) or uneven:
        found = "rows of different lengths" if uneven else f"{len(shape)} dimensions, {len(letters)} letters"
        yield Fault(f"{where}.values", "the values do not fit the index", found, "one dimension for each letter")
    elif own.names and len(own.names) != count:
        yield Fault(f"{where}.names", "wrong number of names", str(len(own.names)), str(count))


def bare(placed: Placed, pages: Pages) -> Quantity:
    """A line as a quantity of which nothing but its formula and its axes matters."""
    sizes = pages.shapes[placed.name]
    axes = tuple(axis(letter, size) for letter, size in zip(placed.letters, sizes, strict=True))
    return Quantity(placed.name, Role.VALUE, placed.name, axes, placed.formula, start=placed.line.start)
