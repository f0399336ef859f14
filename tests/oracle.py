"""Lessons written as formulas, worked out once more in 50-digit arithmetic: nothing of stepnn takes part.

A formula becomes a Python expression in which every sum is a function of its own letters. Elements are worked out one
by one when they are first read; gradients are differences of the error with a step of 10⁻²⁰.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import mpmath

mp = mpmath.mp.clone()
mp.dps = 50
STEP = mp.mpf(10) ** -20
ZERO, ONE = mp.mpf(0), mp.mpf(1)
Position = tuple[int, ...]
Element = tuple[str, Position]
OVER_LETTERS = ("sum", "largest", "smallest", "share_largest", "is_largest", "is_smallest")


def times(a: Any, b: Any) -> Any:
    """0 · log 0 is 0."""
    return a * b if a and b else ZERO


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": mp.exp, "log": mp.log, "sqrt": mp.sqrt, "abs": abs, "sin": mp.sin, "cos": mp.cos, "tanh": mp.tanh,
    "max": max, "min": min, "erf": mp.erf, "round": lambda z: mp.mpf(round(z)), "floor": mp.floor, "pi": lambda: mp.pi + 0, "sigmoid": lambda z: 1 / (1 + mp.exp(-z)), "sign": lambda z: mp.mpf((z > 0) - (z < 0)),
    "same": lambda one, other: ONE if one == other else ZERO, "number": mp.mpf, "times": times,
}  # fmt: skip


def names_in(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def places(node: ast.Subscript) -> list[ast.expr]:
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def bound_by(call: ast.Call) -> list[str]:
    """The letters that a sum or the like has for itself."""
    return [part.left.id if isinstance(part, ast.Compare) else part.id for part in call.args[1:]]  # type: ignore


def over_letters(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OVER_LETTERS


def reads(node: ast.AST, inner: frozenset[str] = frozenset()) -> Iterator[tuple[str, list[ast.expr], frozenset[str]]]:
    """Every element that an expression reads: its array, its index, and the letters of the sums around it."""
    if over_letters(node):
        inner |= set(bound_by(node))  # type: ignore[arg-type]
    if isinstance(node, ast.Subscript):
        yield node.value.id, places(node), inner  # type: ignore[attr-defined]
    for part in ast.iter_child_nodes(node):
        yield from reads(part, inner)


class Oracle:
    """A lesson table whose quantities have `values` or a `formula`."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.table = table
        self.rows = {row["name"]: row for row in table["quantities"]}
        self.trees = {
            name: ast.parse(row["formula"], mode="eval").body for name, row in self.rows.items() if "formula" in row
        }
        self.letters = {name: row.get("index", "").replace(" ", "").split(",") for name, row in self.rows.items()}
        self.letters = {name: letters if letters[0] else [] for name, letters in self.letters.items()}
        self.known: dict[Element, Any] = {("eta", ()): mp.mpf(table.get("learning_rate", 0))}
        self.shapes: dict[str, Position] = {"eta": ()}
        self.readers: dict[Element, set[Element]] = {}
        self.reading: list[Element] = []
        for name, row in self.rows.items():
            if "values" in row:
                self.give(name, row["values"])
        self.find_shapes()
        self.before = {name: self.place_of_start(name) for name, row in self.rows.items() if "start" in row}
        self.formulas = {name: self.compiled(name) for name in self.trees}
        for name, shape in self.shapes.items():
            for position in product(*map(range, shape)):
                self.element((name, position))

    def give(self, name: str, values: Any) -> None:
        shape, inner = [], values
        while isinstance(inner, list):
            shape.append(len(inner))
            inner = inner[0]
        self.shapes[name] = tuple(shape)
        for position in product(*map(range, shape)):
            inner = values
            for place in position:
                inner = inner[place]
            self.known[name, position] = mp.mpf(inner)

    def find_shapes(self) -> None:
        while missing := [name for name in self.trees if name not in self.shapes]:
            for name in missing:
                sizes = [self.size(letter, self.trees[name], name) for letter in self.letters[name]]
                if None not in sizes:
                    self.shapes[name] = tuple(sizes)  # type: ignore[arg-type]
            assert any(name in self.shapes for name in missing), f"no size: {missing}"

    def size(self, letter: str, node: ast.AST, name: str) -> int | None:
        """How far a letter goes: as the arrays that it stands beside in its part of the formula, else as stated."""
        found = {
            self.shapes[array][n]
            for array, index, inner in reads(node)
            for n, place in enumerate(index)
            if array in self.shapes and isinstance(place, ast.Name) and place.id == letter
        }
        assert len(found) < 2, f"{letter} has the sizes {found} in {name}"
        return found.pop() if found else self.rows[name].get("sizes", {}).get(letter)

    def place_of_start(self, name: str) -> int:
        """-1, or the size of the first index where a formula of the circle reads a later time step."""
        circle = [one for one in self.reached(name) if name in self.reached(one)]
        for one in circle:
            for array, index, _ in reads(self.trees[one]):
                if array in circle and isinstance(index[0], ast.BinOp) and isinstance(index[0].op, ast.Add):
                    return self.shapes[name][0]
        return -1

    def reached(self, name: str) -> set[str]:
        """All arrays that a quantity depends on."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            more = {array for array, _, _ in reads(self.trees[waiting.pop()])} - found
            found |= more
            waiting += more & set(self.trees)
        return found & set(self.trees)

    def compiled(self, name: str) -> Callable[..., Any]:
        body = Rewriter(self, name).visit(ast.parse(self.rows[name]["formula"], mode="eval").body)
        return self.function(body, self.letters[name])

    def function(self, body: ast.expr, letters: list[str]) -> Callable[..., Any]:
        tree = ast.fix_missing_locations(ast.Expression(function_of(letters, body)))
        scope = {f"f_{name}": function for name, function in FUNCTIONS.items()}
        scope |= {f"f_{name}": getattr(self, name) for name in ("read", "inside", *OVER_LETTERS)}
        made: Callable[..., Any] = eval(compile(tree, "formula", "eval"), scope)
        return made

    def element(self, element: Element) -> Any:
        if element not in self.known:
            name, position = element
            self.reading.append(element)
            self.known[element] = self.formulas[name](*position)
            self.reading.pop()
        return self.known[element]

    def inside(self, name: str, *position: int | None) -> bool:
        """None is a place that is not asked about."""
        if position[0] is not None and position[0] == self.before.get(name):
            return self.inside(self.rows[name]["start"], *position[1:]) if position[1:] else True
        return all(place is None or 0 <= place < size for place, size in zip(position, self.shapes[name], strict=True))

    def read(self, name: str, *position: int) -> Any:
        if any(not 0 <= place < size for place, size in zip(position, self.shapes[name], strict=True)):
            starts = position[0] == self.before.get(name)
            return self.read(self.rows[name]["start"], *position[1:]) if starts else ZERO
        if self.reading:
            self.readers.setdefault((name, position), set()).add(self.reading[-1])
        return self.element((name, position))

    def sum(self, sizes: Position, body: Callable[..., Any], inside: Callable[..., bool]) -> Any:
        return sum((body(*position) for position in product(*map(range, sizes))), ZERO)

    def candidates(self, sizes: Position, body: Callable[..., Any], inside: Callable[..., bool]) -> dict[Position, Any]:
        return {position: body(*position) for position in product(*map(range, sizes)) if inside(*position)}

    def largest(self, *parts: Any) -> Any:
        return max(self.candidates(*parts).values(), default=ZERO)

    share_largest = largest

    def smallest(self, *parts: Any) -> Any:
        return min(self.candidates(*parts).values(), default=ZERO)

    def is_largest(self, sizes: Position, body: Any, inside: Any, *wanted: int) -> Any:
        found = self.candidates(sizes, body, inside)
        return ONE if found and max(found, key=found.__getitem__) == wanted else ZERO  # the first of equals

    def is_smallest(self, sizes: Position, body: Any, inside: Any, *wanted: int) -> Any:
        found = self.candidates(sizes, body, inside)
        return ONE if found and min(found, key=found.__getitem__) == wanted else ZERO

    def error_when(self, element: Element, more: Any) -> Any:
        """The error if that much were added to an element: what depends on the element is worked out again."""
        kept, readers, waiting = self.known, self.readers, [element]
        self.known, self.readers = dict(kept), {}
        while waiting:
            for reader in readers.get(waiting.pop(), ()):
                if self.known.pop(reader, None) is not None:
                    waiting.append(reader)
        self.known[element] = kept[element] + more
        found = self.element((self.table["error"], ()))
        self.known, self.readers = kept, readers
        return found

    def slopes(self, name: str, position: Position) -> tuple[Any, Any]:
        """The slope of the error to the right and to the left of an element."""
        here, element = self.known[self.table["error"], ()], (name, position)
        return (self.error_when(element, STEP) - here) / STEP, (here - self.error_when(element, -STEP)) / STEP


def function_of(letters: list[str], body: ast.expr) -> ast.Lambda:
    arguments = ast.arguments([], [ast.arg(letter) for letter in letters], None, [], [], None, [])
    return ast.Lambda(arguments, body)


def call(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(f"f_{function}", ast.Load()), list(arguments), [])


class Rewriter(ast.NodeTransformer):
    """Makes a Python expression of a formula."""

    def __init__(self, oracle: Oracle, name: str) -> None:
        self.oracle, self.name = oracle, name

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return call("number", node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A quantity without an index, or a letter that stands for its position."""
        return call("read", ast.Constant(node.id)) if node.id in self.oracle.shapes else call("number", node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return call("read", ast.Constant(node.value.id), *places(node))  # type: ignore[attr-defined]

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        return call("times", left, right) if isinstance(node.op, ast.Mult) else ast.BinOp(left, node.op, right)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func.id  # type: ignore[attr-defined]
        if function == "same":
            return call("same", *node.args)
        if function == "where":
            condition, one, other = map(self.visit, node.args)
            return ast.IfExp(condition, one, other)
        if function not in OVER_LETTERS:
            return call(function, *map(self.visit, node.args))
        letters, body = bound_by(node), node.args[0]
        sizes = [self.oracle.size(letter, body, self.name) for letter in letters]
        assert None not in sizes, f"no size for one of {letters} in {self.name}"
        wanted = [part.comparators[0] for part in node.args[1:] if isinstance(part, ast.Compare)]
        inside = [
            call(
                "inside",
                ast.Constant(array),
                *(ast.Constant(None) if names_in(place) & inner else place for place in index),
            )
            for array, index, inner in reads(body)
        ]
        every = ast.BoolOp(ast.And(), [ast.Constant(True), ast.Constant(True), *inside])
        numbers = ast.Tuple([ast.Constant(size) for size in sizes], ast.Load())
        return call(function, numbers, function_of(letters, self.visit(body)), function_of(letters, every), *wanted)


def values(table: dict[str, Any]) -> dict[Element, Any]:
    """Every element of every quantity."""
    return Oracle(table).known


def gradient(table: dict[str, Any], name: str, position: Position) -> Any:
    """∂E/∂element, of given and of computed quantities."""
    right, left = Oracle(table).slopes(name, position)
    return (right + left) / 2


def kink(table: dict[str, Any], name: str, position: Position) -> bool:
    """Whether the slopes to the right and to the left part at this element."""
    return parts(*Oracle(table).slopes(name, position))


def parts(right: Any, left: Any) -> bool:
    return bool(abs(right - left) > 1e-10 * max(1, abs(right), abs(left)))
