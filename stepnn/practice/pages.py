"""A question as blocks, what is said of an answer, and the report at the end: decided once for screens and pipes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from stepnn.exercises.assignment import Assignment
from stepnn.exercises.feedback import direction, hint, said
from stepnn.exercises.judge import Judged, Verdict
from stepnn.notation.formula import Dots, Formula, Ref, Worked, walk
from stepnn.page.blocks import Block, Bullets, Equation, Line, Network, Paragraph
from stepnn.page.blocks import Step as StepBlock
from stepnn.page.equations import by_name, chained
from stepnn.page.given import listed
from stepnn.page.prose import prose
from stepnn.page.written import Equal, Expression, Marks, Text
from stepnn.practice.question import Question, Said
from stepnn.practice.session import Session
from stepnn.practice.turn import View, first_part
from stepnn.trace.sentences import phase_name, title, turn_name, why
from stepnn.trace.step import Step
from stepnn.trace.texts import own_why
from stepnn.words import Catalogue

MOST_IN_VIEW = 40


def question_blocks(question: Question, words: Catalogue, brief: bool = False) -> Iterator[Block]:
    """What is asked: title, reason, as much of the formula as there is support for, and the numbers in view. A brief
    one has no reason."""
    steps = [question.turn.step(one) for one in question.workings]
    inner: list[Block] = [] if brief else [Paragraph(reason(steps[0], words))]
    if question.is_worked:
        inner.append(Equation((*general_lines(steps[0]), *worked_lines(question))))
    elif question.tells_formula:
        inner.append(Equation(formula_lines(steps[0])))
    yield StepBlock(str(question.number), group_title(steps, words), tuple(inner))
    if not question.is_worked:
        yield in_view(question, words)


def network_blocks(question: Question, words: Catalogue) -> Iterator[Block]:
    """On request: the network, and every number that is known."""
    yield Network(question.turn.trace.setup)
    yield in_view(question, words, View.ALL)


def reason(step: Step, words: Catalogue) -> Text:
    """Why the step is done."""
    own = own_why(step, step.moment.setup, words.language)
    marks = Marks()
    return prose(own) if own else marks.text(why(step, words, marks))


def group_title(steps: Sequence[Step], words: Catalogue) -> Text:
    """What is computed; of a group, all of them."""
    marks = Marks()
    if len(steps) == 1:
        return marks.text(title(steps[0], words, marks))
    names = ", ".join(marks(step.moment.names.of(step.ref)) for step in steps if step.ref is not None)
    return marks.text(words("practice.group", names=names))


def general_lines(step: Step) -> tuple[Line, ...]:
    """The formula in general."""
    assert step.quantity is not None
    symbols = by_name(step.moment.names)
    return chained("general", Expression(step.quantity.general, symbols), step.general, symbols)


def formula_lines(step: Step) -> tuple[Line, ...]:
    """The formula in general and for this element, without a number in it."""
    assert step.ref is not None
    symbols = by_name(step.moment.names)
    return (*general_lines(step), *chained("here", Expression(step.ref, symbols), step.here, symbols))


def in_view(question: Question, words: Catalogue, view: View | None = None) -> Bullets:
    """The numbers that are known, those of the person where they have answered."""
    moment, shows = question.turn.moment(question.working), question.turn.shows(question.working)
    found: dict[Ref, None] = {}
    for working in question.workings:
        found |= dict.fromkeys(question.turn.in_view(working, view or question.view))
    pairs = [Equal(moment.names.of(ref), shows(ref)) for ref in list(found)[:MOST_IN_VIEW]]
    return Bullets(((words("practice.known"), listed(pairs)),))


def as_read(question: Question, answered: Said) -> Iterator[Block]:
    """How an answer was read: a number as it was typed, an expression with every value put in."""
    for one, working in zip(answered.judged, question.workings, strict=True):
        names, shows = question.turn.moment(working).names, question.turn.shows(working)
        assert one.typed is not None
        if one.typed.formula is None:
            yield Paragraph((f"{names.text(working.ref)} = {one.typed.text.strip()}",))
            continue
        formula = one.typed.formula
        sides = (Expression(formula, by_name(names)), Expression(formula, shows), shows(Worked(one.typed.value)))
        yield Equation(tuple(Line(names.of(working.ref) if not at else None, side) for at, side in enumerate(sides)))


def rung_lines(question: Question, rung: int) -> Iterator[Line]:
    """The formula with numbers in it; then one part of it worked out."""
    step, shows = question.turn.step(question.working), question.turn.shows(question.working)
    formula = step.here[-1]
    if rung == 2:
        yield Line(question.turn.moment(question.working).names.of(question.working.ref), Expression(formula, shows))
        return
    part = first_part(formula)
    if part is not None and not any(isinstance(one, Dots) for one in walk(part)):
        names = by_name(step.moment.names)
        yield Line(Expression(part, names), Expression(part, shows))
        yield Line(None, shown_value(question, part))


def shown_value(question: Question, part: Formula) -> Expression:
    """What a part of a formula comes to with the numbers of the person."""
    return Expression(Worked(question.turn.value(question.working, part)), question.turn.shows(question.working))


def worked_lines(question: Question) -> tuple[Line, ...]:
    """The whole line: names, numbers, result."""
    step, shows = question.turn.step(question.working), question.turn.shows(question.working)
    symbols = by_name(step.moment.names)
    assert step.ref is not None
    formula = step.here[-1]
    lines = [Line(Expression(step.ref, symbols), Expression(formula, symbols), "here")]
    if not isinstance(formula, Ref):
        lines.append(Line(None, Expression(formula, shows), "numbers"))
    whole = question.working.forms[0]  # in which no long sum is shortened
    return (*lines, Line(Expression(step.ref, symbols), shown_value(question, whole), "result"))


def look_line(session: Session, words: Catalogue) -> str:
    """Beside a worked step: which one is the reader's."""
    following = session.yours_next
    if following is None:
        return words("practice.look")
    return words("practice.look_next", name=naming(session)(following.id))


def asked_line(question: Question, words: Catalogue) -> str:
    """How many digits are wanted, how near is near enough, and how several answers are written."""
    asked = words("practice.asked", places=places(question.turn.desk.exercises.assignment, words))
    count = len(question.workings)
    return asked if count == 1 else f"{asked} {words('practice.asked_group', count=count)}"


def places(assignment: Assignment, words: Catalogue) -> str:
    kind = "significant" if assignment.significant else "places"
    one = "_one" if assignment.digits == 1 else ""
    return words(f"sheet.{kind}{one}", digits=assignment.digits)


def feedback(session: Session, answered: Said, words: Catalogue) -> Iterator[tuple[str, str]]:
    """What is said of an answer: for each line, whether it is good, bad or neither, and the sentence."""
    if answered.help is not None:
        yield "neither", answered.help.to(words)
        return
    if answered.again:
        yield "neither", words("practice.again")
    question = session.question
    assert question is not None
    names = naming(session)
    for one in answered.judged:
        head = f"{names(one.id)}: " if len(answered.judged) > 1 else ""
        yield mood(one), head + said(one, words, names, places(session.desk.exercises.assignment, words))
        if more := advice(question, one, words):
            yield "neither", more
    if question.done and len(question.turn.done & {one.id for one in answered.judged}) < len(answered.judged):
        yield "neither", words("practice.one_at_a_time")
    for key, skill in answered.news:
        yield "good" if key.endswith("mastered") else "neither", words(key, skill=skill, lesson=session.lesson.id)


def advice(question: Question, one: Judged, words: Catalogue) -> str:
    """What to try next: what the mistake asks; else, once, the sign or the power of ten, or how to find it."""
    if more := hint(one, words):
        return more
    if one.verdict is not Verdict.WRONG or question.directed:
        return ""
    question.directed = True
    return direction(one, words) or ("" if question.done else words("practice.one_by_one"))


def naming(session: Session) -> Callable[[str], str]:
    """The name of a step by its id: `δ_h1`."""

    def name(step: str) -> str:
        working = session.desk.workings.by_id[step]
        return session.desk.workings.moments[working.at].names.text(working.ref)

    return name


def mood(judged: Judged) -> str:
    if judged.verdict in (Verdict.RIGHT, Verdict.CARRIED):
        return "good"
    return "bad" if judged.verdict in (Verdict.MISTAKE, Verdict.WRONG, Verdict.SLIP) else "neither"


def exam_lines(session: Session, words: Catalogue) -> Iterator[tuple[str, str]]:
    """What there is to say at the end of an exam: of every answer, with the right number where it is another one."""
    if not session.wanted.exam:
        return
    names, asked, part = naming(session), session.desk.exercises.assignment, ""
    asked_for = {working.id for working in session.turn.asked}
    for one in session.turn.judged({}).answers.values():
        if one.id not in asked_for:
            continue
        if (now := part_of(session.turn.steps[one.id], words)) != part:
            part = now
            yield "neither", f"{part}:"
        typed = words("verdict.empty") if one.typed is None else one.typed.text.strip()
        line = f"{names(one.id)} = {typed}" if one.typed is not None else f"{names(one.id)}: {typed}"
        if one.typed is not None:
            line += f"  {said(one, words, names, places(asked, words))}"
        if mood(one) != "good":
            right = session.turn.trace.moments[session.desk.workings.by_id[one.id].at].policy.shown(one.right)
            line += " " + words("practice.would_be", right=right.text)
        yield mood(one), line


def prompt(question: Question, ascii: bool = False) -> str:
    """`δ_h1 = `, or `δ_h1; δ_h2 = ` for a group."""
    names = question.turn.moment(question.working).names
    spelled = names.ascii if ascii else names.text
    return "; ".join(spelled(one.ref) for one in question.workings) + " = "


def block_of(question: Question, words: Catalogue) -> str:
    """The part of the lesson that a question belongs to."""
    return part_of(question.turn.step(question.working), words)


def part_of(step: Step, words: Catalogue) -> str:
    """The part of the lesson that a step belongs to: `backward · pass 1`."""
    return " · ".join([phase_name(step, words), *turn_name(step, words)])
