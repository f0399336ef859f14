"""What a step shows beside its equation, as plain lines and rows that every kind of page can print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stepnn.layers.cost import costs
from stepnn.notation.formula import Formula, Ref, Whole, refs
from stepnn.notation.numbers import Decimal, shown
from stepnn.notation.printer import Piece, Pieces
from stepnn.trace.charts import Picture
from stepnn.trace.matrix import NoMatrixForm, matrix_form
from stepnn.trace.sentences import NameOf, as_text, layer_name
from stepnn.trace.step import Kind, Step
from stepnn.views.cells import Cell, name_cell, number_cell
from stepnn.views.equations import Row, Script, decimal_of, names_leaf, printer, written
from stepnn.views.given import LABELS, GivenRow, given_rows
from stepnn.views.matrices import lines_of, tokens_of
from stepnn.views.saturated import is_saturated
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

MOST_TRAINED = 8  # values of one parameter


def run_rows(trace: Trace, step: Step, words: Catalogue, script: Script = Script.TEXT) -> list[GivenRow]:
    """The given numbers of a run that differ from those at the start of the lesson."""
    known = given_rows(trace.setup, words, script)
    return [row for row in given_rows(step.moment.setup, words, script) if row not in known]


def rows_beside(trace: Trace, step: Step, words: Catalogue, script: Script = Script.TEXT) -> list[GivenRow]:
    """Numbers that belong to a step: what a run changes, or what a training has come to."""
    if step.kind is Kind.RUN:
        return run_rows(trace, step, words, script)
    return trained_rows(step, words, script) if step.kind is Kind.TRAINING else []


def trained_rows(step: Step, words: Catalogue, script: Script) -> list[GivenRow]:
    """The parameters after a training that is not shown, layer by layer; of many, the first ones."""
    names, network = step.moment.forms.names, step.moment.setup.network
    found = []
    for quantity in network.parameters:
        refs = [quantity.element(position) for position in quantity.positions[:MOST_TRAINED]]
        pairs: list[tuple[Cell, Cell]] = []
        for ref in refs:
            value = shown(step.moment.value(ref), step.moment.policy.digits)
            pairs.append((name_cell(names, ref, script), number_cell(value, script)))
        more: list[tuple[Cell, Cell]] = [("", f"… ({quantity.count})")] if quantity.count > MOST_TRAINED else []
        label = f"{layer_name(network.layers, quantity.layer, words)}, {words(f'label.{LABELS[quantity.role]}')}"
        found.append(GivenRow(label, (*pairs, *more)))
    return found


def cost_table(trace: Trace, words: Catalogue) -> list[tuple[str, ...]]:
    """Parameters, bytes and multiply-accumulates layer by layer, with a head and a total."""
    keys = ("layer", "parameters", "bytes", "macs_forward", "macs_backward")
    table = [tuple(words(f"label.{key}") for key in keys)]
    formulas = trace.runs[0].engine.formulas
    network = formulas.network
    found = costs(network, formulas.backward)
    for cost in found:
        part = words("label.part", number=cost.layer)
        name = layer_name(network.layers, cost.layer, words) if network.has_neurons else part
        table.append((name, *map(str, (cost.parameters, cost.bytes, cost.forward, cost.backward))))
    if len(found) > 1:
        sums = [
            sum(values) for values in zip(*((c.parameters, c.bytes, c.forward, c.backward) for c in found), strict=True)
        ]
        table.append((words("label.total"), *map(str, sums)))
    return table


def derivation_lines(
    step: Step, words: Catalogue, script: Script, write: NameOf = as_text
) -> list[tuple[str, Row | None]]:
    """Where the formula of a step comes from: a sentence and an equation, None where a line has none."""
    from stepnn.trace.derivation import derivation  # brings SymPy, which the first screen does without

    found = derivation(step)
    show = printer(names_leaf(found.names, script), script)
    lines: list[tuple[str, Row | None]] = []
    for line in found.lines:
        of = "" if line.of is None else write(found.names.of(line.of))
        row = None
        if line.left is not None and line.right is not None:
            row = Row("", show(line.left), show(line.right))
        lines.append((words(f"derivation.{line.key}", of=of), row))
    return lines


def picture(trace: Trace, step: Step, words: Catalogue) -> Picture:
    """What a picture of the walk shows."""
    from stepnn.trace.pictures import picture_of  # brings NumPy, which the first screen does without

    return picture_of(trace, step, words)


def matrix_of(step: Step) -> tuple[Whole, Formula] | None:
    """The matrix form of a whole quantity, if it has one."""
    if step.quantity is None or step.term is not None:
        return None
    formula: Formula | None = step.moment.forms.shortest(step.quantity)
    if formula is not None and any(ref.name not in step.moment.values for ref in refs(formula)):
        formula = step.quantity.formula  # a link of the chain has no number
    whole = step if step.ref is None else step.parent
    if formula is None or whole is None or is_saturated(whole, formula):
        return None
    try:
        return matrix_form(step.moment.forms.network, step.quantity, formula)
    except NoMatrixForm:
        return None


def result_blocks(step: Step) -> Iterator[tuple[str, Whole]]:
    """The values of a quantity as blocks, each with its label: what is left where there is no matrix form."""
    assert step.quantity is not None
    quantity, shape = step.quantity, step.quantity.shape
    columns, height = shape[-1] if len(shape) > 1 else 1, shape[-2] if len(shape) > 2 else quantity.count
    every = [quantity.element(position) for position in quantity.positions]
    rows = [tuple(every[n : n + columns]) for n in range(0, len(every), columns)]
    slices = [tuple(rows[n : n + height]) for n in range(0, len(rows), height)]
    for number, one in enumerate(slices):  # of an array with more than two indices
        label = ", ".join(str(place.constant + 1) for place in one[0][0].index[:-2])
        yield (f"{',   ' if number else ''}{label}: " if len(slices) > 1 else ""), Whole("", one)


def value_lines(step: Step, script: Script, width: int) -> list[Pieces]:
    """An overview with its numbers: the matrix form, or the values alone."""

    def text(ref: Ref) -> str:
        decimal: Decimal = decimal_of(step.moment, ref)
        return written(decimal, script)

    ascii, form = script is Script.ASCII, matrix_of(step)
    if form is not None:
        tokens = tokens_of(*form, ascii)
    else:
        found = [piece for label, block in result_blocks(step) for piece in (Piece(label), Piece("", whole=block))]
        tokens = [piece for piece in found if piece.text or piece.whole]
    return lines_of(tokens, text, width, ascii)


def is_overview(step: Step) -> bool:
    """Whether a step shows a whole quantity at once."""
    return step.ref is None and step.quantity is not None and step.kind is not Kind.DERIVATION
