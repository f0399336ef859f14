"""Everything that a lesson file may be refused for, read off the code that refuses it.

The code is looked at, not run: whatever makes a `Fault`, or raises what becomes one, is found, with the sentences that it
may say. The documentation lists them, and a test holds that each says what is wanted or what to do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from string import Formatter

from stepnn.words import catalogue
from tests.help import ROOT

FORMULAS = "Formulas"
PLACES = {  # the parts of the list, and the files whose refusals stand in them
    "The file and its fields": "lessons/read.py lessons/fields.py",
    "Layers and samples": "lessons/checks.py",
    "Samples from a table": "lessons/own_file.py lessons/sample_files.py",
    "Learning, pictures and runs": "lessons/check_learning.py lessons/check_rule.py lessons/check_perceptron.py",
    "Quantities and kinds of layers": (
        "lessons/check_formulas.py lessons/pages.py lessons/opening.py lessons/settings.py lessons/still.py "
        "lessons/build.py layers/kinds/page.py layers/kinds/plain.py layers/kinds/windows.py layers/kinds/attention.py"
    ),
    FORMULAS: "notation/parse.py network/order.py",
}
FIELDS = {  # what refuses, and its arguments in order
    "Fault": ("where", "message", "found", "wanted", "remedy", "line"),
    "Unfit": ("message", "found", "wanted", "remedy", "where"),
    "refused": ("source", "message", "found", "wanted", "remedy", "line"),
    "missing": ("where", "remedy"),
    "FormulaError": ("message", "position"),
}
CALLED = {  # functions that give sentences of their own
    "choose": ("one_of", "did_you_mean"),
    "wanted": ("one_of", "a_name_in_quotes", "a_number_for_each_side", "a_number_for_each_direction", "a_number_from"),
    "fits": ("one_of", "a_name_in_quotes", "a_number_for_each_side", "a_number_for_each_direction", "a_number_from"),
    "remedy": ("it_belongs_to", "did_you_mean", "did_you_mean_in", "remove_it"),
}
IN_FORMULAS = "see_formulas_in_the_format"  # what everybody adds who catches the error of a formula
OTHER = ""  # in place of the key of a sentence: another text, such as a size or a list of names
PASSED_ON = {OTHER, "column"}  # what only carries another sentence, which is in the list itself


@dataclass(frozen=True)
class Refusal:
    """What is wrong, by the key of its sentence, in which field as far as the code says, and keys of what helps."""

    place: str
    field: str
    message: str
    help: tuple[str, ...]


@dataclass(frozen=True)
class Set:
    """A name that is set to something in a function: where, and in which conditions."""

    line: int
    conditions: frozenset[int]
    value: ast.expr


class Module:
    """A file of the house, with what its functions refuse."""

    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions = [one for one in ast.walk(self.tree) if isinstance(one, ast.FunctionDef)]

    @cached_property
    def tables(self) -> dict[str, ast.expr]:
        """Tables of the file, and those that it takes from others, by their names in capital letters."""
        found: dict[str, ast.expr] = {}
        for one in self.tree.body:
            if isinstance(one, ast.ImportFrom) and (path := ROOT / f"{str(one.module).replace('.', '/')}.py").is_file():
                capitals = {name.name for name in one.names if name.name.isupper()}
                found |= (
                    {name: value for name, value in module(path).tables.items() if name in capitals} if capitals else {}
                )
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
                found[one.targets[0].id] = one.value
        return found

    def refusals(self, place: str) -> Iterator[Refusal]:
        for function in self.functions:
            inside = Function(function, self)
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and called(call) in FIELDS and function.name not in FIELDS:
                    yield from inside.refusal(call, place)


@cache
def module(path: Path) -> Module:
    return Module(path)


class Function:
    """A function, with what its names are set to."""

    def __init__(self, node: ast.FunctionDef, module: Module) -> None:
        self.node, self.module = node, module
        self.conditions: dict[int, frozenset[int]] = {}
        self.names: dict[str, list[Set]] = {}
        self.visit(node, frozenset())

    def visit(self, node: ast.AST, conditions: frozenset[int]) -> None:
        self.conditions[id(node)] = conditions
        if isinstance(node, ast.Assign):
            (target,) = node.targets
            several = target.elts if isinstance(target, ast.Tuple) else [target]
            apart = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            for name, value in zip(several, node.value.elts if apart else [node.value] * len(several), strict=True):  # type: ignore[attr-defined]
                self.names.setdefault(ast.unparse(name), []).append(Set(node.lineno, conditions, value))
        inner = {*conditions, id(node)} if isinstance(node, ast.If) else conditions
        for child in ast.iter_child_nodes(node):
            self.visit(child, frozenset(inner))

    def set_to(self, name: str, at: ast.AST, line: int) -> Iterator[ast.expr]:
        """What a name may be at a place: what it was set to last, and before that where this was on a condition."""
        for one in sorted(self.names.get(name, ()), key=lambda one: -one.line):
            if one.line <= line:
                yield one.value
                if one.conditions <= self.conditions[id(at)]:
                    return

    def refusal(self, call: ast.Call, place: str) -> Iterator[Refusal]:
        """What a call refuses: one for each sentence that it may say."""
        given = {str(word.arg): word.value for word in call.keywords}
        for name, one in zip(FIELDS[called(call)], call.args, strict=False):
            given |= {"help": one} if isinstance(one, ast.Starred) else {name: one}
        helps = [given[name] for name in ("wanted", "remedy", "help") if name in given]
        codes = dict.fromkeys(code for one in helps for code in self.codes(one, call))
        codes |= {IN_FORMULAS: None} if called(call) == "FormulaError" else {}
        messages = {"missing": ["this_field_is_missing"]}.get(called(call)) or dict.fromkeys(
            self.codes(given["message"], call)
        )
        for message in messages:
            if message not in PASSED_ON:
                yield Refusal(place, self.field(given.get("where"), call), message, tuple(codes))

    def codes(self, node: ast.expr, at: ast.AST) -> Iterator[str]:
        """The keys of all sentences that a part of the code may give; OTHER where it gives another text."""
        match node:
            case ast.Call(ast.Name("told"), [ast.Constant(str(code)), *_]):
                yield code
            case ast.Call(ast.Name("told"), [first, *_]):
                yield from self.chosen(first, at)
            case ast.Call(ast.Name(name)) if name in CALLED:
                yield from CALLED[name]
            case ast.Starred(inner):
                yield from self.codes(inner, at)
            case ast.IfExp(_, one, other):
                yield from (*self.codes(one, at), *self.codes(other, at))
            case ast.BoolOp(_, several):
                yield from (code for one in several for code in self.codes(one, at))
            case ast.Name(name) if name in self.names:
                line = getattr(at, "lineno", 0)
                for value in self.set_to(name, at, line):
                    yield from self.codes(value, at)
            case ast.Constant(None | ""):
                pass
            case _:
                yield OTHER

    def chosen(self, node: ast.expr, at: ast.AST) -> list[str]:
        """The keys among which a sentence is chosen: written here, in a table, by who calls, or in this function."""
        written, names = keys(node), [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
        for name in [] if written else names:
            written += keys(self.module.tables[name]) if name in self.module.tables else []
            for value in self.set_to(name, at, getattr(at, "lineno", 0)):
                written += keys(value) or self.chosen(value, at)
            arguments = [one.arg for one in self.node.args.args]
            if name in arguments:
                calls = [one for one in ast.walk(self.module.tree) if isinstance(one, ast.Call)]
                to_this = [one for one in calls if called(one) == self.node.name]
                written += [key for one in to_this for key in keys(one.args[arguments.index(name)])]
        return written or said_nowhere(self.node)

    def field(self, node: ast.expr | None, at: ast.AST) -> str:
        """The last field of a place, as far as it is written in the code."""
        match node:
            case ast.Constant(str(text)):
                return text
            case ast.JoinedStr(several):
                text = "".join(str(one.value) if isinstance(one, ast.Constant) else "\0" for one in several)
                last = text.replace("[\0]", "").rpartition(".")[2]
                return "" if "\0" in last else last
            case ast.Name(name):
                values = [*self.set_to(name, at, getattr(at, "lineno", 0))]
                return self.field(values[0], at) if len(values) == 1 else ""
        return ""


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


@cache
def sentences() -> dict[str, str]:
    found = catalogue("en").sentences
    return {key.removeprefix("error."): text for key, text in found.items() if key.startswith("error.")}


def keys(node: ast.AST) -> list[str]:
    """The keys of sentences in a part of the code."""
    found = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return [one for one in found if one in sentences()]


def said_nowhere(node: ast.AST) -> list[str]:
    """The keys in a function that it does not say where they stand."""
    said = [
        key
        for one in ast.walk(node)
        if isinstance(one, ast.Call) and called(one) == "told"
        for key in keys(one.args[0])
    ]
    return [one for one in keys(node) if one not in said]


def refusals() -> list[Refusal]:
    """All of them, each once, in the order of the code."""
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for place, files in PLACES.items():
        for file in files.split():
            for one in module(ROOT / "stepnn" / file).refusals(place):
                key = (place, one.field, one.message)
                found[key] = tuple(dict.fromkeys((*found.get(key, ()), *one.help)))
    return [Refusal(*key, help) for key, help in found.items()]


HEAD = """# What a lesson file is refused for

Everything that `stepnn check` may say about a lesson file, by the part that it is about. Each fault names its file, its
line and its field, what was found, and what to write instead; all faults of a file are told at once. This list is made
from the code that refuses (`make golden`), and a test compares the two. What stands in *italics* is a name or a number
of your file.
"""
OF_FORMULAS = "What a formula may have in it says [the lesson file](lesson-format.md#formulas-of-your-own)."


def page() -> str:
    """The list as a page of the documentation."""
    lines = [HEAD]
    for place in PLACES:
        rows = [one for one in refusals() if one.place == place]
        if place == FORMULAS:
            lines += [f"## {place}", "", OF_FORMULAS, "", "| what is wrong |", "|---|"]
            lines += [f"| {sentence(one.message)} |" for one in rows]
        else:
            lines += [f"## {place}", "", "| field | what is wrong | what is wanted, and what to do |", "|---|---|---|"]
            lines += [f"| {named(one.field)} | {sentence(one.message)} | {helpful(one.help)} |" for one in rows]
        lines.append("")
    return "\n".join(lines)


def named(field: str) -> str:
    return f"`{field}`" if field else ""


def helpful(codes: tuple[str, ...]) -> str:
    return "; ".join(sentence(code) for code in codes if code) or "what is wanted stands beside it"


def sentence(key: str) -> str:
    """A sentence of the catalogue, with the names of its values in their places."""
    parts = Formatter().parse(sentences()[key])
    return "".join(text + (f"*{name.replace('_', ' ')}*" if name else "") for text, name, _, _ in parts)
