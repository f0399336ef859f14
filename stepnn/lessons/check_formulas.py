"""What must hold for the quantities that a lesson writes as formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from keyword import iskeyword
from typing import Any

from stepnn.book.optimizers import OPTIMIZERS
from stepnn.errors import Fault, FormulaError
from stepnn.lessons.formulas import axis
from stepnn.lessons.opening import Outside, Placed, letters_of
from stepnn.lessons.pages import Pages, flat, shape_of
from stepnn.lessons.parts import choose, listed, own_functions, sound
from stepnn.lessons.regularization import NAMES as PENALTY
from stepnn.lessons.schema import OwnQuantity
from stepnn.lessons.values import MOST_TIME_STEPS
from stepnn.network.model import Quantity, Role
from stepnn.network.order import Recurrence, in_order
from stepnn.notation.formula import refs
from stepnn.words.told import Told, together, told

LAYERED = re.compile(r"(a|alpha|b|mu|variance|w|z)\d+|w\d+_\d+|[Ee]|E_each|t")  # what layers call theirs inside
NORMALIZED = re.compile(r"z_hat\d+|E_sample")  # and those that are normalised
RESERVED = {"eta", "tau", "a0", "dE", "delta", "slope", "sample", "sum", "where"}  # printed or used by stepnn


def quantity_faults(table: dict[str, Any]) -> Iterator[Fault]:
    """Each is defined in one way; formulas use what stands before them, with indices that fit."""
    raw = table.get("quantities")
    rows = [sound(OwnQuantity, one) for one in raw] if isinstance(raw, list) else []
    seen: set[str] = set(outside(table))
    for number, own in enumerate(rows, 1):
        if own is None:
            continue
        where = f"quantities[{number}]"
        yield from definition_faults(own, where, seen, table)
        if is_inside_layers(own.name, table):
            message = told("the_name_is_one_that_stepnn", name=own.name)
            yield Fault(f"{where}.name", message, remedy=told("choose_another_name"))
        if own.values is not None:
            yield from value_faults(own, where)
        seen |= {own.name} if own.name else set()
    usable = [own if own is not None and fitting(own) else None for own in rows]
    pages = Pages(usable, outside(table), own_functions(table))
    faults = [*pages.check(), *name_faults(pages, table), *start_faults(pages)]
    if None in usable:  # what follows from a table with a fault of its own is no fault
        faulty = [own.get("name") for own in listed(table, "quantities") if isinstance(own, dict)]
        faults = [one for one in faults if not follows_from(one, faulty)]
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
                remedy = told("name_a_quantity_with_a")
                yield Fault(f"quantities[{number}].derivative", told("cannot_stand_here", name=name), remedy=remedy)
    error = table.get("error")
    opened = rows and None not in usable and not pages.faults
    if isinstance(error, str) and opened and pages.shapes.get(error) != ():
        single = [name for name, shape in pages.shapes.items() if not shape]
        yield Fault("error", told("there_is_no_quantity_of"), f'"{error}"', *choose(error, single))


def follows_from(fault: Fault, faulty: list[Any]) -> bool:
    """Whether a fault follows from tables with faults of their own: a name or a size that they would have brought."""
    message = fault.message
    if not isinstance(message, Told):
        return False
    if message.code.startswith("nothing_is_called_here"):
        return any(one in faulty for one in message.values.values())
    return message.code == "the_letter_has_no_size"


def is_inside_layers(name: str, table: dict[str, Any]) -> bool:
    """Whether the layers of the lesson use a name for something of theirs."""
    if not table.get("layers"):
        return False
    normalized = any("normalization" in one for one in (table, *listed(table, "runs")) if isinstance(one, dict))
    penalty = name in PENALTY and any(
        "regularization" in one for one in (table, *listed(table, "runs")) if isinstance(one, dict)
    )
    return bool(LAYERED.fullmatch(name) or (normalized and NORMALIZED.fullmatch(name)) or penalty)


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
        if placed.own.kind is not None and (placed.name in seen or reserved(placed.name, table) or layered):
            remedy = told("say_another_suffix_such_as", value="_2" if layered else "2")
            yield Fault(
                placed.where, told("the_name_which_brings_is", name=placed.name, kind=placed.own.kind), remedy=remedy
            )
        seen.add(placed.name)


def start_faults(pages: Pages) -> Iterator[Fault]:
    """What is read before the first time step has the shape of one time step."""
    for placed in pages.placed:
        start = placed.line.start
        if not start:
            continue
        if start not in pages.shapes:
            yield Fault(
                f"{placed.where}.start", told("nothing_is_called_here", name=start), remedy=told("define_it_above")
            )
        elif placed.name in pages.shapes and pages.shapes[start] != pages.shapes[placed.name][1:]:
            found, wanted = (
                " × ".join(map(str, shape)) or told("one_number")
                for shape in (pages.shapes[start], pages.shapes[placed.name][1:])
            )
            yield Fault(f"{placed.where}.start", told("does_not_have_the_shape", start=start), found, wanted)


def order_faults(pages: Pages) -> Iterator[Fault]:
    """Everything can be computed in some order, and there are not too many time steps."""
    try:
        parts = in_order([bare(placed, pages) for placed in pages.placed])
    except FormulaError as error:
        yield Fault("quantities", error.args[0], remedy=told("read_other_quantities_only_at"))
        return
    recurring = {one.key for part in parts if isinstance(part, Recurrence) for one in part.members}
    for placed in pages.placed:
        if placed.line.start and placed.name not in recurring:
            message = told("nothing_reads_at_an_earlier", name=placed.name)
            yield Fault(f"{placed.where}.start", message, remedy=told("remove_start_or_read_it"))
    for part in parts:
        if isinstance(part, Recurrence) and len(part.steps) > MOST_TIME_STEPS:
            where = next(placed.where for placed in pages.placed if placed.name == part.members[0].key)
            yield Fault(
                where,
                told("there_are_too_many_time"),
                str(len(part.steps)),
                told("at_most", most=MOST_TIME_STEPS),
            )


def whole_faults(table: dict[str, Any], pages: Pages) -> Iterator[Fault]:
    """Something is computed, and where the lesson learns, something is learned that the error depends on."""
    if table.get("layers"):
        for placed in pages.placed:
            if placed.own.learned:
                message = told("beside_layers_no_quantity_is")
                yield Fault(f"{placed.where}.learned", message, remedy=told("remove_it_or_write_the"))
    if not pages.placed or table.get("layers"):
        return
    if not any(placed.line.formula for placed in pages.placed) and not pages.faults:
        yield Fault("quantities", told("there_is_nothing_to_compute"), remedy=told("give_at_least_one_of"))
    if "update" in table and not any(placed.own.learned for placed in pages.placed):
        yield Fault("update", told("there_is_nothing_to_learn"), remedy=told("set_learned_true_for_a"))
    if pages.faults:
        return
    used = {ref.name for placed in pages.placed if placed.formula is not None for ref in refs(placed.formula)}
    used |= {placed.line.start for placed in pages.placed}
    error = table.get("error")
    behind = behind_error(pages, error) if isinstance(error, str) and error in pages.shapes else None
    for placed in pages.placed:
        if placed.own.learned and placed.name not in used:
            message = told("no_formula_uses", name=placed.name)
            yield Fault(f"{placed.where}.learned", message, remedy=told("use_it_or_remove_learned"))
        elif placed.own.learned and "update" in table and behind is not None and placed.name not in behind:
            message = told("the_error_does_not_depend", error=error, name=placed.name)
            yield Fault(f"{placed.where}.learned", message, remedy=told("use_it_on_the_way"))


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


def update_names(table: dict[str, Any]) -> set[str]:
    """The names that an update rule needs for itself: its settings, and its lines."""
    update, options = table.get("update"), table.get("optimizer")
    more = {"eta_now"} if "schedule" in table else set[str]()
    more |= {"norm"} if isinstance(options, dict) and "clip_norm" in options else set[str]()
    variants = OPTIMIZERS.get(update, {}) if isinstance(update, str) else {}
    lines = {line.removesuffix("_new") for rule in variants.values() for line in rule.lines} - {"w"}
    return more | lines | {name for rule in variants.values() for name in rule.settings}


def reserved(name: str, table: dict[str, Any]) -> bool:
    return name in RESERVED or iskeyword(name) or name in update_names(table)


def definition_faults(own: OwnQuantity, where: str, seen: set[str], table: dict[str, Any]) -> Iterator[Fault]:
    """The table defines its quantity in one way, under a name of its own."""
    given = [field for field in ("values", "formula", "derivative", "kind") if getattr(own, field) is not None]
    if len(given) != 1:
        remedy = told("give_either_values_or_a")
        yield Fault(
            where,
            told("the_quantity_is_not_defined", name=own.name),
            together(given, "both") if given else told("nothing"),
            remedy=remedy,
        )
    if not own.name and own.kind is None:
        yield Fault(
            f"{where}.name",
            told("this_field_is_missing"),
            wanted=told("see_docs_lesson_format_md"),
            remedy=told("add_it"),
        )
    if reserved(own.name, table):
        message = told("the_name_is_one_that", name=own.name)
        yield Fault(f"{where}.name", message, remedy=told("choose_another_name"))
    letters = letters_of(own.index)
    if len(set(letters)) < len(letters):
        yield Fault(f"{where}.index", told("a_letter_stands_twice"), own.index, remedy=told("use_each_letter_once"))
    if own.name in seen and not reserved(own.name, table):
        yield Fault(f"{where}.name", told("the_name_is_used_twice", name=own.name), remedy=told("choose_another_name"))
    if own.learned and own.values is None:
        yield Fault(f"{where}.learned", told("only_a_quantity_with_values"), remedy=told("remove_it"))
    for field in ("of", "settings", "suffix", "neurons"):
        if getattr(own, field) and own.kind is None:
            yield Fault(f"{where}.{field}", told("this_is_for_kinds_of"), remedy=told("remove_it_or_name_a"))
    for field in ("index", "sizes", "start", "role", "names"):
        if getattr(own, field) and own.kind is not None:
            yield Fault(f"{where}.{field}", told("a_kind_of_layer_brings"), remedy=told("remove_it"))


def value_faults(own: OwnQuantity, where: str) -> Iterator[Fault]:
    """The values have the shape that the index says."""
    letters, shape = letters_of(own.index), shape_of(own)
    count = 1
    for size in shape:
        count *= size
    uneven = count != len(flat(own))
    if not count:
        yield Fault(
            f"{where}.values", told("there_are_no_numbers_here"), told("an_empty_list"), told("at_least_one_number")
        )
    elif len(letters) != len(shape) or uneven:
        sizes = told("dimensions_letters", dimensions=len(shape), letters=len(letters))
        found = told("rows_of_different_lengths") if uneven else sizes
        yield Fault(f"{where}.values", told("the_values_do_not_fit"), found, told("one_dimension_for_each_letter"))
    elif own.names and len(own.names) != count:
        yield Fault(f"{where}.names", told("wrong_number_of_names"), str(len(own.names)), str(count))


def bare(placed: Placed, pages: Pages) -> Quantity:
    """A line as a quantity of which nothing but its formula and its axes matters."""
    sizes = pages.shapes[placed.name]
    axes = tuple(axis(letter, size) for letter, size in zip(placed.letters, sizes, strict=True))
    return Quantity(placed.name, Role.VALUE, placed.name, axes, placed.formula, start=placed.line.start)
