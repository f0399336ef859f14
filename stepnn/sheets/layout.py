"""Sheets and keys as pages of blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from stepnn.lessons.schema import Lesson
from stepnn.model import Role
from stepnn.notation.formula import Formula, Ref
from stepnn.notation.mathematics import EQUALS, Blank
from stepnn.notation.numbers import shown
from stepnn.notation.printer import ATOM, PRODUCT, SUM, Leaf, Leaves, MathPrinter, typeset
from stepnn.sheets.mistakes import value_of
from stepnn.sheets.plan import Mode, Options
from stepnn.sheets.sheet import Answer, Exercise, KeyPart, Sheet
from stepnn.trace.sentences import phase_name, title, turn_name
from stepnn.trace.step import Phase, Step
from stepnn.trace.texts import title_text
from stepnn.views.canvas import as_text
from stepnn.views.cells import Cell, Maths
from stepnn.views.diagram import diagram
from stepnn.views.drawing import setup_canvas
from stepnn.views.equations import Script, decimal_of, names_leaf
from stepnn.views.example import given_text
from stepnn.views.given import given_rows
from stepnn.views.page import (
    Answers,
    Block,
    Box,
    Bullets,
    Equation,
    Fresh,
    Heading,
    Line,
    Marks,
    Network,
    Page,
    Pairs,
    Paragraph,
    Room,
    Text,
)
from stepnn.views.page import Step as StepBlock
from stepnn.views.plain import WIDTH
from stepnn.views.spoken import speak_lines
from stepnn.words import Catalogue

FEW_FORMULAS = 6
LONG_WORK = (Role.WEIGHTED_SUM, Role.ERROR_SLOPE, Role.DELTA, Role.VALUE, Role.TOTAL_ERROR)  # two lines to write on


def sheet_page(sheet: Sheet, words: Catalogue, formulas: bool) -> Page:
    """One sheet as a page."""
    name = sheet_title(sheet, words)
    return Page(
        name, words.language, tuple(sheet_blocks(sheet, words, formulas)), f"{words('sheet.code')} {sheet.code}"
    )


def merged_page(sheets: Iterable[Sheet], words: Catalogue, formulas: bool) -> Page:
    """All sheets in one file for the print room: each begins on a front side."""
    found: list[Block] = []
    title = ""
    for sheet in sheets:
        title = sheet_title(sheet, words)
        found += [Fresh()] if found else []
        found += sheet_blocks(sheet, words, formulas)
    return Page(title, words.language, tuple(found), duplex=True)


def sheet_title(sheet: Sheet, words: Catalogue) -> str:
    kind = {Mode.FILL: "title", Mode.REVERSE: "title_reverse", Mode.FIND: "title_find"}[sheet.options.mode]
    return words(f"sheet.{kind}", title=title_text(sheet.setup.lesson, words.language))


def sheet_blocks(sheet: Sheet, words: Catalogue, formulas: bool) -> Iterator[Block]:
    """Head, rules, network, given numbers, formulas, and the exercises."""
    yield Heading(1, (sheet_title(sheet, words),))
    yield Box(tuple(head(sheet, words)))
    yield from (Paragraph((line,)) for line in rules(sheet, words))
    if sheet.options.mode is Mode.FIND:
        yield Box(tuple(questions(words)))
    drawn = diagram(sheet.setup, sheet.hidden)
    if drawn is not None:
        lines = () if sheet.hidden else tuple(as_text(setup_canvas(sheet.setup, WIDTH - 2, 4, Script.TEXT).draw()))
        yield Network(drawn, lines)
    yield Bullets(tuple(given_lines(sheet, words)))
    if formulas:
        yield Box((Paragraph((words("sheet.formulas"),)), general_formulas(sheet)))
    for _, found in groupby(sheet.exercises, lambda one: (*part_of(one), one.answer is not None)):
        exercises = list(found)
        step = exercises[0].step
        if exercises[0].number == 1 or part_of(exercises[0]) != part_of(sheet.exercises[exercises[0].number - 2]):
            yield Heading(2, (" · ".join([phase_name(step, words), *turn_name(step, words)]),))
        made = tuple(exercise_block(sheet, exercise, words) for exercise in exercises)
        yield from made if sheet.options.mode is Mode.REVERSE else [Pairs(made)]


def part_of(exercise: Exercise) -> tuple[int, Phase]:
    """The pass and the phase that an exercise belongs to."""
    return exercise.step.pass_number, exercise.step.phase


def head(sheet: Sheet, words: Catalogue) -> Iterator[Block]:
    """The student, the code, and the points."""
    name: Cell = sheet.student.name or Maths((Blank(), Blank()))
    student = f" ({sheet.student.id})" if sheet.student.id else ""
    yield Paragraph((name, student), words("sheet.name"))
    yield Paragraph((f"{sheet.code} · {words('sheet.points_total', points=sheet.points)}",), words("sheet.code"))


def rules(sheet: Sheet, words: Catalogue) -> Iterator[str]:
    """What is to be done, and how to round."""
    options = sheet.options
    kind = {Mode.FILL: "instruction", Mode.REVERSE: "instruction_reverse", Mode.FIND: "instruction_find"}[options.mode]
    yield words(f"sheet.{kind}")
    if options.fade and options.mode is Mode.FILL:
        yield words("sheet.instruction_fade", fade=options.fade)
    yield rounding_rule(options, words)


def questions(words: Catalogue) -> Iterator[Block]:
    """Where to write which step is wrong, why, and what is right."""
    for one in ("find_step", "find_mistake", "find_right"):
        if one == "find_mistake":
            yield from (Paragraph((), words(f"sheet.{one}")), Room(1))
        else:
            yield Paragraph((Maths((Blank(),)),), words(f"sheet.{one}"))


def rounding_rule(options: Options, words: Catalogue) -> str:
    rule = "rule_exact" if options.mode is Mode.REVERSE else "rule_rounded" if options.rounded else "rule_full"
    return words(f"sheet.{rule}", digits=options.digits)


def given_lines(sheet: Sheet, words: Catalogue) -> Iterator[Text]:
    """The given numbers, without those that are asked; then the values that are already worked out."""
    names = {sheet.setup.names.typeset(ref): ref for ref in sheet.hidden}
    for row in given_rows(sheet.setup, words, Script.TYPESET):
        pairs = tuple(
            (name, Maths((Blank(small=True),)) if isinstance(name, Maths) and name.nodes in names else value)
            for name, value in row.pairs
        )
        yield given_text(type(row)(row.label, pairs))
    if sheet.drawn:
        yield (f"{words('label.sample', number=sheet.drawn[0][0].moment.sample)}: ", *with_values(sheet.drawn))
    if sheet.known:
        yield (f"{words('sheet.known')}: ", *with_values(sheet.known))


def with_values(found: Sequence[tuple[Step, Ref]]) -> Iterator[Cell]:
    """Names and values with commas between them."""
    for place, (step, ref) in enumerate(found):
        yield from [", "] if place else []
        yield Maths((*step.moment.forms.names.typeset(ref), EQUALS, *decimal_of(step.moment, ref).typeset))


def general_formulas(sheet: Sheet) -> Answers:
    """The general formula of everything that is asked, each once."""
    seen: dict[str, Text] = {}
    for exercise in sheet.exercises:
        step = exercise.step
        if exercise.answer is None and sheet.options.mode is not Mode.FIND:
            continue
        assert step.quantity is not None
        write = MathPrinter(names_leaf(step.moment.forms.names, Script.TYPESET))
        line = Maths((*typeset(write(step.quantity.general)), EQUALS, *typeset(write(step.general[-1]))))
        seen.setdefault(str(line), (line,))
    return Answers(tuple(("", line) for line in seen.values()), columns=3 if len(seen) > FEW_FORMULAS else 2)


def exercise_block(sheet: Sheet, exercise: Exercise, words: Catalogue) -> StepBlock:
    """One step: worked, or with room to work it out."""
    marks, step = Marks(), exercise.step
    asked = exercise.answer is not None
    lines = tuple(asked_lines(sheet, exercise) if asked else worked_lines(sheet, step))
    inner: list[Block] = [Equation(lines, speak_lines(lines, words))]
    if asked and step.quantity is not None:
        inner.append(Room(2 if step.quantity.role in LONG_WORK or exercise.unknown is not None else 1))
    note = words("sheet.points", points=exercise.answer.points) if exercise.answer is not None else ""
    return StepBlock(str(exercise.number), marks.text(title(step, words, marks)), tuple(inner), note)


def asked_lines(sheet: Sheet, exercise: Exercise) -> Iterator[Line]:
    """A name and a blank; of a result that is given, the equation in which a number is missing."""
    assert exercise.answer is not None
    if exercise.unknown is not None:
        step = exercise.step
        assert step.ref is not None
        write = MathPrinter(names_leaf(step.moment.forms.names, Script.TYPESET))
        result = decimal_of(step.moment, step.ref).typeset
        yield Line(typeset(write(step.ref)), typeset(write(step.here[-1])))
        yield Line(result, typeset(MathPrinter(values(sheet, step))(step.here[-1])))
    yield Line(exercise.answer.name, (Blank(),))


def worked_lines(sheet: Sheet, step: Step) -> Iterator[Line]:
    """Symbols, numbers, result. Numbers that other exercises ask for are left out; a planted mistake is not mended."""
    assert step.ref is not None
    names = step.moment.forms.names
    formula: Formula = step.here[-1]
    if sheet.mistake is not None and sheet.mistake.step.id == step.id:
        formula = sheet.mistake.formula
    yield Line(names.typeset(step.ref), typeset(MathPrinter(names_leaf(names, Script.TYPESET))(formula)))
    if not isinstance(formula, Ref):
        yield Line((), typeset(MathPrinter(values(sheet, step))(formula)))
    value = sheet.wrong.get(step.id, step.value or 0.0)
    yield Line((), shown(value, sheet.options.digits).typeset)


def values(sheet: Sheet, step: Step) -> Leaves:
    """Prints an element by its value, or by a gap where the student is to find it."""
    moment = step.moment

    def leaf(ref: Ref) -> Leaf:
        source = moment.source(ref) or ""
        if source in sheet.asked or ref in sheet.hidden:
            return Leaf("", ATOM, (Blank(small=True),))
        if source in sheet.wrong:
            decimal = shown(value_of(moment, ref, dict(sheet.wrong)), moment.policy.digits)
        else:
            decimal = decimal_of(moment, ref)
        binding = SUM if decimal.mantissa[0] == "-" else PRODUCT if decimal.exponent is not None else ATOM
        return Leaf("", binding, decimal.typeset)

    return leaf


def key_page(parts: Sequence[KeyPart], lesson: Lesson, options: Options, words: Catalogue) -> Page:
    """The answers to all sheets, one after the other."""
    name = words("sheet.title_key", title=title_text(lesson, words.language))
    found: list[Block] = [Heading(1, (name,)), Paragraph((words("sheet.key_intro"),))]
    if options.mode is not Mode.REVERSE:
        rule = "sheet.key_rounded" if options.rounded else "sheet.key_full"
        found.append(Paragraph((words(rule, digits=options.digits),)))
    for part in parts:
        who = " · ".join(filter(None, (part.student.name, part.student.id, part.code)))
        found.append(Heading(2, (who,)))
        lines = tuple((str(answer.number), answer_text(answer, words)) for answer in part.answers)
        found.append(Answers(lines, 1 if options.mode is Mode.FIND else 4))
    return Page(name, words.language, tuple(found))


def answer_text(answer: Answer, words: Catalogue) -> Text:
    """A line of the key."""
    equation = Maths((*answer.name, EQUALS, *answer.shown.typeset))
    return (f"{words(f'mistake.{answer.mistake}')}: ", equation) if answer.mistake else (equation,)
