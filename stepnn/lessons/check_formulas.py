"""What must hold for the quantities that a lesson writes as formulas."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from keyword import iskeyword
from typing import Any

from pydantic import ValidationError

from stepnn.errors import Fault, FormulaError
from stepnn.layers.book import OPTIMIZERS
from stepnn.lessons.formulas import flat, learn_sizes, letters_of, shape_of
from stepnn.lessons.schema import OwnQuantity
from stepnn.notation.formula import Formula, Ref, Sum, free_letters, refs, walk
from stepnn.notation.parse import parse

RESERVED = {"eta", "tau", "n", "a0", "dE", "delta", "slope", "sample", "sum", "where"}  # printed or used by stepnn


def quantity_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """Each has values, a formula or a derivative; formulas use what stands before them, with indices that fit."""
    raw = table.get("quantities")
    rows = [valid(one) for one in raw] if isinstance(raw, list) else []
    known = outside(table)
    sizes: dict[str, int] = {}
    shapes: dict[str, tuple[int, ...]] = {name: (count,) for name, count in lengths(table).items()}
    for number, own in enumerate(rows, 1):
        if own is None:
            continue
        where = f"quantities[{number}]"
        yield from kind_faults(own, where, known, table.get("update"))
        if own.values is not None:
            yield from value_faults(own, where, sizes)
        with suppress(FormulaError):
            learn_sizes(own, shapes, sizes)
        if own.formula is not None:
            yield from formula_faults(own, f"{where}.formula", known, sizes)
        known[own.name] = len(letters_of(own))
    yield from whole_faults(table, [own for own in rows if own is not None])
    names = {own.name for own in rows if own is not None and own.formula is not None}
    for number, own in enumerate(rows, 1):
        for place, name in enumerate(own.derivative or [] if own is not None else []):
            if name not in (known if place else names):
                remedy = "name a quantity with a formula, then one that it uses"
                yield Fault(f"quantities[{number}].derivative", f"{name} cannot stand here", remedy=remedy)
    error = table.get("error")
    if isinstance(error, str) and rows and known.get(error) != 0:
        yield Fault("error", "there is no quantity of that name without an index", f'"{error}"')


def valid(raw: Any) -> OwnQuantity | None:
    try:
        return OwnQuantity.model_validate(raw)
    except ValidationError:
        return None


def outside(table: dict[str, Any]) -> dict[str, int]:
    """What formulas may use beside quantities: x and t, where there are samples."""
    samples = table.get("samples")
    first = samples[0] if isinstance(samples, list) and samples and isinstance(samples[0], dict) else {}
    return {**({"x": 1} if "inputs" in table else {}), **({"t": 1} if "targets" in first else {})}


def lengths(table: dict[str, Any]) -> dict[str, int]:
    """How long x and t are, where that can be told."""
    inputs, samples = table.get("inputs"), table.get("samples")
    names = inputs.get("names") if isinstance(inputs, dict) else None
    first = samples[0] if isinstance(samples, list) and samples and isinstance(samples[0], dict) else {}
    found = {"x": names, "t": first.get("targets")}
    return {name: len(value) for name, value in found.items() if isinstance(value, list)}


def whole_faults(table: dict[str, Any], rows: list[OwnQuantity]) -> Iterator[Fault]:
    """Something is computed, and where the lesson learns, something is learned that the error depends on."""
    if not rows or table.get("layers"):
        return
    if not any(own.formula is not None for own in rows):
        yield Fault("quantities", "there is nothing to compute", remedy="give at least one of them a formula")
    if "update" in table and not any(own.learned for own in rows):
        yield Fault("update", "there is nothing to learn", remedy="set learned = true for a quantity, or remove update")
    used = {ref.name for own in rows if own.formula is not None for ref in safely(own.formula)}
    for number, own in enumerate(rows, 1):
        if own.learned and own.name not in used:
            yield Fault(
                f"quantities[{number}].learned", f"no formula uses {own.name}", remedy="use it, or remove learned"
            )


def safely(formula: str) -> list[Ref]:
    """The elements in a formula; none in one that cannot be read, which is told elsewhere."""
    try:
        return refs(parse(formula))
    except FormulaError:
        return []


def update_names(update: object) -> set[str]:
    """The names that an update rule needs for itself: its settings, and its lines."""
    variants = OPTIMIZERS.get(update, {}) if isinstance(update, str) else {}
    lines = {line.removesuffix("_new") for rule in variants.values() for line in rule.lines} - {"w"}
    return lines | {name for rule in variants.values() for name in rule.settings}


def kind_faults(own: OwnQuantity, where: str, known: dict[str, int], update: object) -> Iterator[Fault]:
    given = [field for field in ("values", "formula", "derivative") if getattr(own, field) is not None]
    if len(given) != 1:
        remedy = "give either values, or a formula, or a derivative"
        yield Fault(
            where, f"the quantity {own.name} is not defined once", " and ".join(given) or "nothing", remedy=remedy
        )
    if own.name in RESERVED or iskeyword(own.name) or own.name in update_names(update):
        yield Fault(
            f"{where}.name", f"the name {own.name} is one that stepnn itself uses", remedy="choose another name"
        )
    letters = letters_of(own)
    if len(set(letters)) < len(letters):
        yield Fault(f"{where}.index", "a letter stands twice", own.index, remedy="use each letter once")
    if own.name in known:
        yield Fault(f"{where}.name", f"the name {own.name} is used twice", remedy="choose another name")
    if own.learned and own.values is None:
        yield Fault(f"{where}.learned", "only a quantity with values can be learned", remedy="remove it")


def value_faults(own: OwnQuantity, where: str, sizes: dict[str, int]) -> Iterator[Fault]:
    """The values have the shape that the index says."""
    letters, shape = letters_of(own), shape_of(own)
    rows = own.values if isinstance(own.values, list) else []
    lengths = {len(row) for row in rows if isinstance(row, list)}
    if len(letters) != len(shape) or len(lengths) > 1:
        found = "rows of different lengths" if len(lengths) > 1 else f"{len(shape)} dimensions, {len(letters)} letters"
        yield Fault(f"{where}.values", "the values do not fit the index", found, "one dimension for each letter")
        return
    for letter, size in zip(letters, shape, strict=True):
        if sizes.setdefault(letter, size) != size:
            wanted = f"{sizes[letter]}, as above"
            yield Fault(f"{where}.values", f"the index {letter} has two sizes", str(size), wanted)
    if own.names and len(own.names) != len(flat(own)):
        yield Fault(f"{where}.names", "wrong number of names", str(len(own.names)), str(len(flat(own))))


def formula_faults(own: OwnQuantity, where: str, known: dict[str, int], sizes: dict[str, int]) -> Iterator[Fault]:
    """The formula can be read, and every name in it is known with that many letters."""
    assert own.formula is not None
    try:
        tree: Formula = parse(own.formula)
    except FormulaError as error:
        yield Fault(where, f"{error} (column {error.position})", own.formula)
        return
    for ref in dict.fromkeys(part for part in walk(tree) if isinstance(part, Ref)):
        if ref.name not in known:
            wanted = ", ".join(known) or "a quantity defined above"
            yield Fault(where, f"nothing is called {ref.name} here", own.formula, wanted, "define it above")
        elif len(ref.index) != known[ref.name]:
            yield Fault(where, f"{ref.name} has {known[ref.name]} letters", f"{len(ref.index)} letters", own.formula)
    letters = set(letters_of(own))
    for letter in free_letters(tree):
        if letter not in letters:
            remedy = "sum over it, or add it to the index"
            yield Fault(
                where, f"the letter {letter} is neither summed over nor in the index", own.formula, remedy=remedy
            )
    for letter in sorted(letters | {part.letter for part in walk(tree) if isinstance(part, Sum)}):
        if letter not in sizes:
            remedy = "use the letter in a quantity with values first"
            yield Fault(where, f"the letter {letter} has no size", own.formula, remedy=remedy)
