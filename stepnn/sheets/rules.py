"""What a sheet tells the student before the exercises: what to do, how to round, which formulas may be used."""

from __future__ import annotations

from collections.abc import Iterator

from stepnn.exercises.assignment import Assignment, Mode
from stepnn.exercises.backwards import decimals
from stepnn.network.model import PARAMETERS, Role
from stepnn.notation.mathematics import Brackets, Nodes, parts
from stepnn.page.blocks import Answers, Block, Box, Paragraph, Room
from stepnn.page.equations import by_name
from stepnn.page.prose import prose
from stepnn.page.written import Equal, Expression, Gap
from stepnn.sheets.sheet import Sheet
from stepnn.trace.letters import letters
from stepnn.trace.step import Kind, Phase, Step
from stepnn.trace.texts import conventions
from stepnn.words import Catalogue

FEW_FORMULAS = 6


def rules(sheet: Sheet, words: Catalogue, compact: bool = False) -> Iterator[str]:
    """What is to be done, and how to round."""
    assignment = sheet.assignment
    kind = {Mode.FILL: "instruction", Mode.REVERSE: "instruction_reverse", Mode.FIND: "instruction_find"}[sheet.mode]
    selection = assignment.selection
    yield words(
        "sheet.instruction_ask" if selection.ask else "sheet.instruction_compact" if compact else f"sheet.{kind}"
    )
    if selection.fade and sheet.mode is Mode.FILL:
        fade = "sheet.instruction_fade_end" if selection.from_end else "sheet.instruction_fade"
        yield words(fade, fade=selection.fade)
    if sheet.common("weights backwards", lambda: any(map(uses_weights_backwards, sheet.steps))):
        yield words("sheet.old_weights")
    yield from conventions(sheet.setup, words)
    if sheet.plan.too_many:
        yield words("sheet.first_steps", count=len(sheet.exercises))
    yield rounding_rule(sheet, words)
    if (
        assignment.mode is Mode.FILL
        and not assignment.significant
        and any(answer.shown.exponent is not None for answer in sheet.answers)
    ):
        yield words("sheet.rule_small", digits=assignment.digits)


def uses_weights_backwards(step: Step) -> bool:
    """Whether the error is brought back along weights."""
    weights = any(step.moment.network[ref.name].role in PARAMETERS for ref in step.used)
    return step.kind is Kind.ERROR_SLOPE and weights


def rounding_rule(sheet: Sheet, words: Catalogue) -> str:
    """How to round, or of which kind the missing numbers are."""
    assignment = sheet.assignment
    if assignment.mode is Mode.REVERSE:
        places = decimals(sheet.setup)
        return words("sheet.rule_exact", places=decimal_places(places, words)) if places else words("sheet.rule_whole")
    if assignment.mode is Mode.FIND:
        return words("sheet.key_rounded", places=places_of(assignment, words))
    rule = words("sheet.rule_rounded" if assignment.rounded else "sheet.rule_full", places=places_of(assignment, words))
    return f"{rule} {words('sheet.rule_fewer')}" if assignment.significant else rule


def places_of(assignment: Assignment, words: Catalogue) -> str:
    """`4 significant digits`, or `4 digits after the point`."""
    if not assignment.significant:
        return decimal_places(assignment.digits, words)
    kind = "sheet.significant_one" if assignment.digits == 1 else "sheet.significant"
    return words(kind, digits=assignment.digits)


def decimal_places(digits: int, words: Catalogue) -> str:
    """`4 digits after the point`."""
    return words("sheet.places_one") if digits == 1 else words("sheet.places", digits=digits)


def key_rules(assignment: Assignment, words: Catalogue) -> Iterator[str]:
    """What the reader of a key should know."""
    if assignment.mode is Mode.REVERSE:
        yield words("sheet.key_exact")
        return
    yield words("sheet.key_intro")
    rule = "sheet.key_rounded" if assignment.rounded else "sheet.key_full"
    yield words(rule, places=places_of(assignment, words))


def questions(words: Catalogue) -> Iterator[Block]:
    """Where to write which step is wrong, why, and what is right."""
    yield Paragraph((Gap(),), words("sheet.find_step"))
    yield Paragraph((), words("sheet.find_mistake"))
    yield Room(1)
    yield Paragraph((Gap(),), words("sheet.find_right"))


def formulas_to_use(sheet: Sheet, words: Catalogue) -> tuple[Block, ...]:
    """The general formula of everything that is asked, each once, and what the letters stand for."""
    return sheet.common(("formulas", words.language), lambda: tuple(formula_blocks(sheet, words)))


def made_of(sheet: Sheet, words: Catalogue) -> tuple[Block, ...]:
    """What nobody can know who knows all formulas: which functions, which error and which penalty this lesson has."""
    lines = sheet.common(("chosen", words.language), lambda: general_formulas(sheet, chosen=True))
    table = Answers(tuple(("", (line,)) for line in lines), 3 if len(lines) > FEW_FORMULAS else 2)
    return (Box((Paragraph((words("sheet.made_of"),)), table)),) if lines else ()


def formula_blocks(sheet: Sheet, words: Catalogue) -> Iterator[Block]:
    lines = general_formulas(sheet)
    columns = 3 if len(lines) > FEW_FORMULAS else 2
    yield Box((Paragraph((words("sheet.formulas"),)), Answers(tuple(("", (line,)) for line in lines), columns)))
    yield from [Paragraph(prose(letters(sheet.setup, words)))] if sheet.setup.network.has_neurons else []
    yield from [Paragraph((words("sheet.same"),))] if any(has_condition(line.typeset) for line in lines) else []


def general_formulas(sheet: Sheet, chosen: bool = False) -> list[Equal]:
    """In the order of the steps, those on the way too; or only those that the lesson has `chosen`."""
    worked = {one.step.id for one in sheet.exercises if one.answer is None and sheet.mode is Mode.FILL}
    first: dict[tuple[object, ...], Step] = {}
    asked = set()
    for step in sheet.steps:
        assert step.quantity is not None
        key = (step.quantity.key, step.moment.run, bool(step.moment.samples))
        first.setdefault(key, step)
        if step.id not in worked:
            asked.add(key)
    found = [equation(step) for key, step in first.items() if key in asked and (not chosen or is_chosen(step))]
    return list({one.text: one for one in found}.values())


def is_chosen(step: Step) -> bool:
    """Whether a formula could be another one in another lesson: not a weighted sum, nor what follows from the rest."""
    assert step.quantity is not None
    follows = step.quantity.wrt is not None or step.phase is Phase.UPDATE
    return not follows and step.quantity.role is not Role.WEIGHTED_SUM


def equation(step: Step) -> Equal:
    """The general formula of a step."""
    assert step.quantity is not None
    symbols = by_name(step.moment.names)
    return Equal(Expression(step.quantity.general, symbols), Expression(step.general[-1], symbols))


def has_condition(nodes: Nodes) -> bool:
    """Whether there is a [j = m] in it."""
    inner = (row for node in nodes for row in parts(node))
    return any(isinstance(node, Brackets) and node.shape == "square" for node in nodes) or any(
        map(has_condition, inner)
    )
