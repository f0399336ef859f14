"""What a step has besides its equation: the matrix form, where its formula comes from, a curve, tables, pictures.

A screen shows some of it when a key asks; on paper it stands once for each quantity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stepnn.layers.cost import costs
from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Formula, Ref, Whole, Worked, refs
from stepnn.notation.numbers import shown
from stepnn.page.blocks import Chart, Derivation, Equation, Line, Matrices, Paragraph, Table
from stepnn.page.equations import by_name
from stepnn.page.given import GivenRow, given_rows, parameter_label
from stepnn.page.saturated import is_saturated
from stepnn.page.written import Cell, Equal, Expression, Marks, Text, Written
from stepnn.trace.charts import Picture
from stepnn.trace.curves import activation_chart
from stepnn.trace.matrix import NoMatrixForm, matrix_form
from stepnn.trace.sentences import layer_name
from stepnn.trace.step import Kind, Step
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.running.formulas import Formulas
    from stepnn.trace.trace import Trace

MOST_TRAINED = 8  # values of one parameter


def matrices(step: Step) -> Matrices | None:
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
        return Matrices(step.moment, *matrix_form(step.moment.network, step.quantity, formula))
    except NoMatrixForm:
        return None


def values(step: Step) -> Matrices:
    """All values of a quantity, an array with more than two indices in slices with labels."""
    assert step.quantity is not None
    quantity, shape = step.quantity, step.quantity.shape
    columns, height = shape[-1] if len(shape) > 1 else 1, shape[-2] if len(shape) > 2 else len(quantity.grid)
    every = [quantity.element(position) for position in quantity.grid]
    rows = [tuple(every[n : n + columns]) for n in range(0, len(every), columns)]
    slices = [tuple(rows[n : n + height]) for n in range(0, len(rows), height)]
    found = []
    for number, one in enumerate(slices):
        label = ", ".join(str(place.constant + 1) for place in one[0][0].index[:-2])
        found.append((f"{',   ' if number else ''}{label}: " if len(slices) > 1 else "", Whole("", one)))
    return Matrices(step.moment, blocks=tuple(found))


def is_overview(step: Step) -> bool:
    """Whether a step shows a whole quantity at once."""
    return step.ref is None and step.quantity is not None and step.kind is not Kind.DERIVATION


def derivation(
    step: Step, words: Catalogue, closing: bool = True, briefly: bool = False, here: bool = True
) -> Derivation:
    """Where the formula of a step comes from, and what that is `here`.

    `closing` adds who has derived it, `briefly` leaves out small steps.
    """

    def lines() -> Iterator[tuple[Text, Equation | None]]:
        from stepnn.trace.derivation import derivation as derive  # brings SymPy, which the first screen does without

        found = derive(step, briefly, here)
        symbols = by_name(found.names)

        def shows(part: Ref | Worked) -> Written:
            return symbols(part) if isinstance(part, Ref) else step.moment.decimal(part)

        for line in found.lines:
            marks = Marks()
            of = "" if line.of is None else marks(found.names.of(line.of))
            said = " ".join(words.first(*(f"derivation.{key}" for key in keys), of=of) for keys in line.keys)
            rows = tuple(Line(Expression(left, symbols), Expression(right, shows)) for left, right in line.equations)
            yield marks.text(said), Equation(rows) if rows else None
        if closing and found.is_derived:
            yield (words("derivation.derived"),), None

    return Derivation(lambda: tuple(lines()))


def curve(step: Step) -> Chart | None:
    """The curve of the activation function with this step's z on it, where there is one."""
    found = activation_chart(step)
    return None if found is None else Chart(lambda: found)


def picture(trace: Trace, step: Step, words: Catalogue) -> Chart:
    """What a picture of the walk shows."""

    def made() -> Picture:
        from stepnn.trace.pictures import picture_of  # brings NumPy, which the first screen does without

        return picture_of(trace, step, words)

    return Chart(made)


def titled(found: Picture) -> tuple[Paragraph, Chart]:
    """A picture below its title."""
    return Paragraph((found.title,)), Chart(lambda: found)


def rows_beside(trace: Trace, step: Step, words: Catalogue) -> list[GivenRow]:
    """Numbers that belong to a step: what a run changes, or what a training has come to."""
    if step.kind is Kind.RUN:
        known, before = given_rows(trace.setup, words), trace.runs[: step.moment.run - 1]
        if any(run.setup.continues for run in before):  # what begins anew may last have been seen otherwise
            learned = {one.key for run in before for one in run.setup.network.trained}
            known = [row for row in known if row.key not in learned]
        return [row for row in given_rows(step.moment.setup, words) if row not in known]
    return trained_rows(step.moment.setup, step, words) if step.kind is Kind.TRAINING else []


def trained_rows(setup: Setup, step: Step, words: Catalogue) -> list[GivenRow]:
    """The parameters after a training that is not shown, layer by layer; of many, the first ones."""
    names, network = step.moment.names, setup.network
    found = []
    for quantity in network.parameters:
        cells: list[Cell] = []
        for position in quantity.positions[:MOST_TRAINED]:
            ref = quantity.element(position)
            cells.append(Equal(names.of(ref), shown(step.moment.value(ref), step.moment.policy.digits)))
        cells += [f"… ({quantity.count})"] if quantity.count > MOST_TRAINED else []
        found.append(GivenRow(parameter_label(setup, quantity, words), tuple(cells)))
    return found


def cost_table(trace: Trace, words: Catalogue) -> Table:
    """Parameters, bytes and multiply-accumulates layer by layer, with a head and a total."""
    keys = ("layer", "parameters", "bytes", "macs_forward", "macs_backward")
    tables: dict[tuple[tuple[str, ...], ...], int] = {}
    for number, run in enumerate(trace.runs, 1):
        tables.setdefault(tuple(cost_rows(run.engine.formulas, words)), number)
    several = len(tables) > 1  # runs of networks that cost the same are told once
    rows: list[Text] = [
        (f"{words('label.run')} {number}, {name}" if several else name, *numbers)
        for table, number in tables.items()
        for name, *numbers in table
    ]
    return headed(keys, rows, words)


def cost_rows(formulas: Formulas, words: Catalogue) -> Iterator[tuple[str, ...]]:
    """A row for each layer, and one for all of them."""
    network, total = formulas.network, [0, 0, 0, 0]
    found = costs(network, formulas.backward)
    for cost in found:
        part = words("label.part", number=cost.layer)
        name = layer_name(network.layers, cost.layer, words) if network.has_neurons else part
        numbers = (cost.parameters, cost.bytes, cost.forward, cost.backward)
        total = [one + other for one, other in zip(total, numbers, strict=True)]
        yield (name, *map(str, numbers))
    if len(found) > 1:
        yield (words("label.total"), *map(str, total))


def headed(keys: Sequence[str], rows: Sequence[Text], words: Catalogue) -> Table:
    """A table whose columns are called as the catalogue says."""
    return Table(tuple(words(f"label.{key}") for key in keys), tuple(rows))
