"""Sheets and keys as pages of blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from stepnn.drawing.board import drawn_keys
from stepnn.exercises.assignment import Assignment, Mode
from stepnn.exercises.mistakes import value_of
from stepnn.lessons.regularization import PENALTY_LINES
from stepnn.lessons.schema import Lesson
from stepnn.network.model import Quantity, Role
from stepnn.notation.formula import Formula, Ref, Worked
from stepnn.notation.numbers import given
from stepnn.page.blocks import (
    Answers,
    Block,
    Box,
    Bullets,
    Equation,
    Fresh,
    Heading,
    Line,
    Network,
    Page,
    Pairs,
    Paragraph,
    Room,
    Table,
)
from stepnn.page.blocks import Step as StepBlock
from stepnn.page.equations import by_name
from stepnn.page.given import given_rows, listed
from stepnn.page.written import Cell, Equal, Expression, Gap, Marks, Shows, Text, Written
from stepnn.sheets.compact import ROOM, WORKING, compact_exercises
from stepnn.sheets.rules import formulas_to_use, key_rules, made_of, questions, rules
from stepnn.sheets.sheet import Answer, Exercise, KeyPart, Sheet
from stepnn.trace.sentences import phase_name, title, turn_name
from stepnn.trace.step import Moment, Phase, Step
from stepnn.trace.texts import title_text
from stepnn.words import Catalogue

MOST_VALUES = 500  # given numbers of one kind
SIDE_BY_SIDE = 5  # sheets in one table of the key
MANY_SIDE_BY_SIDE = 14  # in that of a short one
NOTHING = given(0.0)
MORE_DIGITS = 3  # of a value that is worked out already, so that no answer suffers from its rounding
LONG_WORK = (Role.WEIGHTED_SUM, Role.ERROR_SLOPE, Role.DELTA, Role.VALUE, Role.TOTAL_ERROR)  # two lines to write on


def sheet_page(sheet: Sheet, words: Catalogue, formulas: bool, compact: bool = False) -> Page:
    """One sheet as a page."""
    name = sheet_title(sheet, words)
    return Page(
        name, words, tuple(sheet_blocks(sheet, words, formulas, compact)), footer(sheet, words), compact=compact
    )


def form_page(sheet: Sheet, words: Catalogue, formulas: bool) -> Page:
    """One sheet as a page whose blanks are filled in on it; what is typed is saved as a small file."""
    page = sheet_page(sheet, words, formulas, compact=True)
    blocks = page.blocks[: -len(WORKING)]
    return replace(page, blocks=blocks, form=(sheet.code, sheet.student.id))


def footer(sheet: Sheet, words: Catalogue) -> str:
    """What stands on every page, so that a dropped stack can be sorted."""
    return " · ".join(filter(None, (f"{words('sheet.code')} {sheet.code}", sheet.student.id)))


def merged_page(sheets: Iterable[Sheet], words: Catalogue, formulas: bool, compact: bool = False) -> Page:
    """All sheets in one file for the print room: each begins on a front side."""
    found: list[Block] = []
    title = first = ""
    for sheet in sheets:
        title = sheet_title(sheet, words)
        if found:
            found.append(Fresh(footer(sheet, words)))
        else:
            first = footer(sheet, words)
        found += sheet_blocks(sheet, words, formulas, compact)
    return Page(title, words, tuple(found), first, duplex=True, compact=compact)


def sheet_title(sheet: Sheet, words: Catalogue) -> str:
    kind = {Mode.FILL: "title", Mode.REVERSE: "title_reverse", Mode.FIND: "title_find"}[sheet.mode]
    return words(f"sheet.{kind}", title=title_text(sheet.setup.lesson, words.language))


def sheet_blocks(sheet: Sheet, words: Catalogue, formulas: bool, compact: bool = False) -> Iterator[Block]:
    """Head, rules, network, given numbers, formulas, and the exercises."""
    yield Heading(1, (sheet_title(sheet, words),))
    yield Box(tuple(head(sheet, words)))
    yield from (Paragraph((line,)) for line in rules(sheet, words, compact))
    if sheet.mode is Mode.FIND:
        yield Box(tuple(questions(words)))
    yield Network(sheet.setup, sheet.hidden)
    yield Bullets(tuple(given_lines(sheet, words)))
    yield from formulas_to_use(sheet, words) if formulas else made_of(sheet, words)
    yield from compact_exercises(sheet, words) if compact else exercise_blocks(sheet, words)
    if sheet.assignment.selection.ask and not compact:
        yield Heading(2, (words("sheet.working"),))
        yield Room(ROOM)


def exercise_blocks(sheet: Sheet, words: Catalogue) -> Iterator[Block]:
    """All exercises, in two columns under a heading for each phase; for each pass where most phases have one step."""
    phases = len({part_of(one, True) for one in sheet.exercises})
    few = 3 if sheet.assignment.selection.ask else 2
    by_phase = few * phases <= len(sheet.exercises)
    before = None
    for (*part, _), found in groupby(sheet.exercises, lambda one: (*part_of(one, by_phase), one.answer is not None)):
        exercises = list(found)
        step = exercises[0].step
        if part != before:
            names = [phase_name(step, words), *turn_name(step, words)] if by_phase else turn_name(step, words)
            yield Heading(2, (" · ".join(names),))
        before = part
        if exercises[0].answer is None:
            yield from laid_out(sheet, exercises, words)
        else:  # blanks are the same on every sheet
            key = (exercises[0].number, len(exercises), words.language)
            yield from sheet.common(key, partial(laid_out, sheet, exercises, words))


def laid_out(sheet: Sheet, exercises: Sequence[Exercise], words: Catalogue) -> tuple[Block, ...]:
    """Two side by side; where a number is to be found in a longer equation, one below the other."""
    made = tuple(exercise_block(sheet, exercise, words) for exercise in exercises)
    return made if sheet.mode is Mode.REVERSE else (Pairs(made),)


def part_of(exercise: Exercise, by_phase: bool) -> tuple[int, Phase | None]:
    """The pass, and the phase of it, that an exercise belongs to."""
    return exercise.step.pass_number, exercise.step.phase if by_phase else None


def head(sheet: Sheet, words: Catalogue) -> Iterator[Block]:
    """The student, the code, and the points."""
    name: Text = (sheet.student.name,) if sheet.student.name else (Gap(), Gap())
    student = f" ({sheet.student.id})" if sheet.student.id else ""
    yield Paragraph((*name, student), words("sheet.name"))
    yield Paragraph((f"{sheet.code} · {words('sheet.points_total', points=sheet.points)}",), words("sheet.code"))


def given_lines(sheet: Sheet, words: Catalogue) -> Iterator[tuple[str, Text]]:
    """The given numbers that are used, with gaps for those that are asked; then the values that are worked out."""
    hidden = {sheet.setup.names.of(ref) for ref in sheet.hidden}
    used = {moment.names.of(ref) for moment, ref in sheet.given}
    samples = {number for moment, _ in sheet.reads for number in (moment.samples or (moment.sample,))}
    drawn = set() if sheet.hidden else drawn_keys(sheet.setup)
    for row in given_rows(sheet.setup, words, MOST_VALUES, samples):
        if row.key in drawn:
            continue
        pairs = [
            Equal(one.left, Gap(small=True)) if one.left in hidden else one
            for one in row.cells
            if isinstance(one, Equal) and one.left in used
        ]
        told = row.cells if row.of_update and any(one.step.phase is Phase.UPDATE for one in sheet.exercises) else pairs
        yield from [(row.label, listed(told))] if told else []
    if sheet.drawn:
        yield words("label.sample", number=sheet.drawn[0][0].sample), listed(with_values(sheet.drawn, 0))
    if sheet.starts:
        same = {moment.value(ref) for moment, ref in sheet.starts} == {0.0}
        names = dict.fromkeys(moment.names.of(moment.network[ref.name].general) for moment, ref in sheet.starts)
        zeros: list[Cell] = [Equal(name, NOTHING) for name in names]
        yield words("sheet.starts"), listed(zeros if same else with_values(sheet.starts, 0))
    more = 0 if sheet.assignment.rounded else MORE_DIGITS
    passes: dict[int, list[tuple[Moment, Ref]]] = {moment.number: [] for moment, _ in sheet.known}
    for moment, ref in sheet.known:
        passes[moment.number].append((moment, ref))
    for number, found in passes.items():
        label = words("sheet.known") if len(passes) == 1 else words("sheet.known_in", number=number)
        yield label, listed(with_values(found, more))


def with_values(found: Sequence[tuple[Moment, Ref]], more: int) -> list[Equal]:
    """Names and values, computed ones with some more digits than an answer has."""
    pairs = []
    for moment, ref in found:
        policy = replace(moment.policy, digits=moment.policy.digits + more)
        pairs.append(Equal(moment.names.of(ref), replace(moment, policy=policy).decimal(ref)))
    return pairs


def exercise_block(sheet: Sheet, exercise: Exercise, words: Catalogue) -> StepBlock:
    """One step: worked, or with room to work it out."""
    marks, step = Marks(), exercise.step
    asked = exercise.answer is not None
    lines = tuple(asked_lines(sheet, exercise) if asked else worked_lines(sheet, step))
    inner: list[Block] = [Equation(lines)]
    if asked and step.quantity is not None:
        inner.append(Room(lines_to_write_on(exercise, step.quantity)))
    note = words("sheet.points", points=exercise.answer.points) if exercise.answer is not None else ""
    return StepBlock(str(exercise.number), marks.text(title(step, words, marks)), tuple(inner), note)


def lines_to_write_on(exercise: Exercise, quantity: Quantity) -> int:
    if quantity.line in PENALTY_LINES:
        return 3
    return 2 if quantity.role in LONG_WORK or exercise.unknown is not None else 1


def asked_lines(sheet: Sheet, exercise: Exercise) -> Iterator[Line]:
    """A name and a blank; of a result that is given, the equation in which a number is missing."""
    assert exercise.answer is not None
    if exercise.unknown is not None:
        step = exercise.step
        assert step.ref is not None
        symbols = by_name(step.moment.names)
        yield Line(Expression(step.ref, symbols), Expression(step.here[-1], symbols))
        yield Line(step.moment.decimal(step.ref), Expression(step.here[-1], values(sheet, step)))
    yield Line(exercise.answer.name, Gap())


def worked_lines(sheet: Sheet, step: Step) -> Iterator[Line]:
    """Symbols, numbers, result. Numbers that other exercises ask for are left out; a planted mistake stands in the
    numbers only, and all steps are written in the form in which it could be made."""
    assert step.ref is not None
    names = step.moment.names
    finding = sheet.mode is Mode.FIND
    formula: Formula = step.moment.network.definition(step.ref) if finding else step.here[-1]
    made = sheet.mistake.formula if sheet.mistake is not None and sheet.mistake.step.id == step.id else formula
    yield Line(names.of(step.ref), Expression(formula, by_name(names)))
    if made != formula or not isinstance(formula, Ref):
        yield Line(None, Expression(made, values(sheet, step)))
    if step.id in sheet.unknown:
        return
    yield Line(None, sheet.assignment.policy.shown(sheet.wrong.get(step.id, step.value or 0.0)))


def values(sheet: Sheet, step: Step) -> Shows:
    """Shows an element by its value, or by a gap where the student is to find it."""
    moment = step.moment

    def value(ref: Ref | Worked) -> Written:
        if isinstance(ref, Worked):
            return moment.decimal(ref)
        source = moment.source(ref) or ""
        if source in sheet.unknown or ref in sheet.hidden:
            return Gap(small=True)
        if source in sheet.wrong:
            return moment.policy.shown(value_of(moment, ref, dict(sheet.wrong)))
        return moment.decimal(ref)

    return value


def key_page(
    parts: Sequence[KeyPart], lesson: Lesson, assignment: Assignment, words: Catalogue, short: bool = False
) -> Page:
    """The answers to all sheets, one after the other; `short`, with many sheets side by side."""
    name = words("sheet.title_key", title=title_text(lesson, words.language))
    found: list[Block] = [Heading(1, (name,)), *(Paragraph((line,)) for line in key_rules(assignment, words))]
    tables = assignment.mode is Mode.FILL and (short or len(parts) >= SIDE_BY_SIDE)
    found += key_tables(parts, short) if tables else key_lists(parts, words)
    return Page(name, words, tuple(found), compact=short)


def key_tables(parts: Sequence[KeyPart], short: bool = False) -> Iterator[Block]:
    """All sheets have the same exercises: a row for each, a column for each sheet."""
    wide = MANY_SIDE_BY_SIDE if short else SIDE_BY_SIDE
    for start in range(0, len(parts), wide):
        some = parts[start : start + wide]
        empty = [""] * (wide - len(some))
        head = ("", "", *(part.student.id or part.code if short else who_briefly(part) for part in some), *empty)
        rows = []
        for answers in zip(*(part.answers for part in some), strict=True):
            values: list[Cell] = [
                answer.shown.text if answer.shown.exponent is None else answer.shown for answer in answers
            ]
            name = answers[0].name.text if short else answers[0].name
            rows.append((str(answers[0].number), name, *values, *empty))
        yield Table(head, tuple(rows), key=True)


def who(part: KeyPart) -> str:
    return " · ".join(filter(None, (part.student.name, part.student.id, part.code)))


def who_briefly(part: KeyPart) -> str:
    """For the head of a narrow column: whom the sheet is for, or its code."""
    return f"{part.student.name} ({part.student.id})" if part.student.id else part.code


def key_lists(parts: Sequence[KeyPart], words: Catalogue) -> Iterator[Block]:
    """Every sheet asks for something else."""
    for part in parts:
        yield Heading(2, (who(part),))
        lines = tuple((str(answer.number), answer_text(answer, words)) for answer in part.answers)
        yield Answers(lines, 1 if any(answer.mistake for answer in part.answers) else 4)


def answer_text(answer: Answer, words: Catalogue) -> Text:
    """A line of the key."""
    equation = Equal(answer.name, answer.shown)
    return (f"{words(f'mistake.{answer.mistake}')}: ", equation) if answer.mistake else (equation,)
