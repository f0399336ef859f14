"""Reading an answer that somebody has typed as an expression: `d_o1*w5 + d_o2*w7`, `a_h1(1-a_h1)`, `1/(1+e^(-z))`.

The text is cut into numbers, known names, functions and signs; nothing else passes. What is left goes through the
parser of formulas, so an answer from a stranger can do nothing but be a formula.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from stepnn.errors import FormulaError, UsageError, visible
from stepnn.exercises.typed import Typed, number, plain
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import Call, Divide, Formula, Number, Power, Ref, refs, transform
from stepnn.notation.parse import parse
from stepnn.words.told import told

FUNCTIONS = {
    "exp": "exp", "sigmoid": "sigmoid", "σ": "sigmoid", "tanh": "tanh", "ln": "log", "log": "log", "lg": "lg",
    "sqrt": "sqrt", "√": "sqrt", "max": "max", "min": "min", "abs": "abs", "relu": "relu", "ReLU": "relu",
    "sin": "sin", "cos": "cos", "cosh": "cosh",
}  # fmt: skip
STAND_INS = {"lg": "sinh", "relu": "arctan"}  # functions that formulas do not have
OPEN, CLOSE = "([{", ")]}"
NUMBER = re.compile(r"\d+(?:[.,]\d*)?(?:e[+-]?\d+(?![\w]))?|[.,]\d+(?:e[+-]?\d+(?![\w]))?", re.IGNORECASE)
POWER = re.compile(r"\*\*|\^")
WORD = re.compile(r"[^\W\d]\w*'?")


@dataclass(frozen=True)
class Token:
    """A piece of an expression: `kind` is number, name, function, open, close, comma or sign; `text` is as parsed."""

    kind: str
    text: str


def read(text: str, known: Mapping[str, Ref]) -> Typed:
    """A number, or an expression over known names. Raises UsageError, with one line of help."""
    typed = number(text)
    if typed is not None:
        return typed
    names: list[Ref] = []
    tokens = list(tokens_of(plain(text), known, names))
    if not tokens:
        raise UsageError(told("answer_is_empty"))
    opened, closed = (sum(one.kind == kind for one in tokens) for kind in ("open", "close"))
    if opened != closed:
        raise UsageError(told("answer_closing" if opened > closed else "answer_opening", text=visible(text)))
    try:
        formula = parse(" ".join(joined(tokens)), any_exponent=True)
    except FormulaError:
        raise UsageError(told("answer_not_understood", text=visible(text))) from None
    found = transform(formula, lambda part: meant(part, names))
    if any(isinstance(part, Ref) for part in refs(found)):
        return Typed(text, math.nan, None, found)
    try:
        value = float(evaluate(found, lambda ref: math.nan))
    except (ArithmeticError, ValueError, TypeError):
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(told("answer_out_of_range", text=visible(text)))
    return Typed(text, value + 0.0)


def meant(part: Formula, names: list[Ref]) -> Formula | None:
    """What stands in for something while the parser looks at it: names, the number e, and functions of our own."""
    match part:
        case Ref(name) if name.startswith("n_"):
            return names[int(name[2:])]
        case Power(Ref("e_"), exponent):
            return Call("exp", (transform(exponent, lambda inner: meant(inner, names)),))
        case Ref("e_"):
            return Number(math.e)
        case Call("sinh", (inner,)):  # stands in for lg
            return Divide(Call("log", (transform(inner, lambda one: meant(one, names)),)), Number(math.log(10)))
        case Call("arctan", (inner,)):  # stands in for relu
            return Call("max", (Number(0), transform(inner, lambda one: meant(one, names))))
    return None


def tokens_of(text: str, known: Mapping[str, Ref], names: list[Ref]) -> Iterator[Token]:
    """The pieces of an expression, from left to right. Raises UsageError for a name that is not known."""
    spelled = sorted(known, key=len, reverse=True)
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        name = next(
            (one for one in spelled if text.startswith(one, place) and ends(text, place + len(one), known)), None
        )
        if name is not None:
            names.append(known[name])
            yield Token("name", f"n_{len(names) - 1}")
            place += len(name)
            continue
        token, place = other_token(text, place, known)
        yield token


def ends(text: str, place: int, known: Mapping[str, Ref]) -> bool:
    """Whether a name ends there: nothing follows that could belong to it, unless that is a name of its own."""
    if place >= len(text) or not (text[place].isalnum() or text[place] in "_'"):
        return True
    return text[place].isalpha() and any(text.startswith(one, place) for one in known)


def other_token(text: str, place: int, known: Mapping[str, Ref]) -> tuple[Token, int]:
    """A piece that is no name: a number, a function, a bracket or a sign, and where it ends. Raises UsageError."""
    letter = text[place]
    if found := NUMBER.match(text, place):
        return Token("number", as_float(found[0])), found.end()
    if found := POWER.match(text, place):
        return Token("sign", "**"), found.end()
    if letter in OPEN:
        return Token("open", "("), place + 1
    if letter in CLOSE:
        return Token("close", ")"), place + 1
    if letter in "+-*/":
        return Token("sign", letter), place + 1
    if letter == ",":
        return Token("comma", ","), place + 1
    if letter == "√":
        return Token("function", "sqrt"), place + 1
    found = WORD.match(text, place)
    word = found[0] if found else letter
    if word == "e":
        return Token("name", "e_"), place + 1
    if word in FUNCTIONS:
        return Token("function", STAND_INS.get(FUNCTIONS[word], FUNCTIONS[word])), place + len(word)
    close = get_close_matches(word, known, 1)
    usual = [next(one for one, ref in known.items() if ref == known[name]) for name in close]
    hint = told("did_you_mean_one_of", names=usual[0]) if usual else ""
    raise UsageError(told("answer_unknown_name", name=visible(word), hint=hint))


def as_float(text: str) -> str:
    """A number as the parser reads it: never a whole one, since powers of those can grow without end."""
    return repr(float(text.replace(",", ".")))


def joined(tokens: list[Token]) -> Iterator[str]:
    """The pieces as the parser wants them: signs where a product is only understood, brackets around what a function
    works on."""
    closing = 0
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        yield token.text
        if closing and token.kind in ("number", "name"):
            yield ")" * closing
            closing = 0
        if after is None:
            return
        if token.kind == "function" and after.kind != "open":
            yield "("
            closing += 1
        elif token.kind in ("number", "name", "close") and after.kind in ("name", "open", "function"):
            yield "*"
