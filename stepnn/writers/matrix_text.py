"""The matrix form of a step as lines of characters: blocks in brackets, with names or with numbers in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from stepnn.notation.formula import Formula, Ref, Whole
from stepnn.notation.printer import Leaf, Piece, Pieces, TextPrinter
from stepnn.page.blocks import Matrices

MOST_ROWS, MOST_COLUMNS, FEWEST_COLUMNS = 7, 6, 3
BRACKETS = {"top": "⎡⎤", "middle": "⎢⎥", "bottom": "⎣⎦", "only": "[]"}
TextOf = Callable[[Ref], str]
Item = TypeVar("Item")


def matrix_lines(block: Matrices, width: int, ascii: bool, names: bool = False) -> list[Pieces]:
    """A matrix form with its numbers, or with its `names`; or the values alone where it has none."""
    moment = block.moment

    def text(ref: Ref) -> str:
        there = names and not moment.network[ref.name].lacks(ref.index)
        one = moment.names.of(ref) if there else moment.decimal(ref)
        return one.ascii if ascii else one.text

    return lines_of(tokens_in(block, ascii), text, width, ascii)


def tokens_in(block: Matrices, ascii: bool) -> list[Piece]:
    """Arrays, and what stands between them."""
    if block.left is not None and block.right is not None:
        return tokens_of(block.left, block.right, ascii)
    found = [piece for label, whole in block.blocks for piece in (Piece(label), Piece("", whole=whole))]
    return [piece for piece in found if piece.text or piece.whole]


def tokens_of(left: Whole, right: Formula, ascii: bool) -> list[Piece]:
    """An equation of whole arrays as pieces: arrays, and what stands between them."""
    write = TextPrinter(lambda part: Leaf(""), ascii)
    pieces = [*write(left), Piece(" = "), *write(right)]
    return [piece for piece in pieces if isinstance(piece, Piece)]


def lines_of(tokens: Sequence[Piece], text: TextOf, width: int, ascii: bool) -> list[Pieces]:
    """The equation side by side; if that is too wide, its right side below its left side, and fewer columns."""
    for columns in range(MOST_COLUMNS, FEWEST_COLUMNS - 1, -1):
        whole = joined([token_lines(token, text, ascii, columns) for token in tokens])
        if widest(whole) <= width:
            return whole
        parts = rows_of(tokens, partial(width_of, text=text, ascii=ascii, columns=columns), width)
        below = [
            line
            for part in parts
            if part
            for line in [*joined([token_lines(token, text, ascii, columns) for token in part]), []]
        ]
        if widest(below) <= width:
            break
    return below


Measure = Callable[[Sequence[Piece]], int]


def rows_of(tokens: Sequence[Piece], measure: Measure, width: int) -> list[list[Piece]]:
    """The tokens of each row: a new one before =, and where that is too wide before terms, and then before factors; and
    before a slice that finds no room beside the others."""
    rows = cut(tokens, measure, width, ("=",))
    for signs in (("+", "−", "-"), ("⊙", "·", "o", "*")):
        rows = [
            part
            for row in rows
            for part in (
                packed(cut(row, measure, width, signs), measure, width) if is_wide(row, measure, width) else [row]
            )
        ]
    return rows


def is_wide(row: Sequence[Piece], measure: Measure, width: int) -> bool:
    return bool(row) and measure(row) > width


def cut(tokens: Sequence[Piece], measure: Measure, width: int, signs: Sequence[str]) -> list[list[Piece]]:
    """A new row before each of these signs, and before a slice for which there is no room."""
    rows: list[list[Piece]] = [[]]
    for place, token in enumerate(tokens):
        named = token.whole is None and token.text.endswith(": ")
        sign = token.whole is None and token.text.strip() in signs
        if sign or (named and rows[-1] and measure([*rows[-1], *tokens[place : place + 2]]) > width):
            rows.append([])
        rows[-1].append(token)
    return rows


def packed(parts: list[list[Piece]], measure: Measure, width: int) -> list[list[Piece]]:
    """The parts in as few rows as there is room for."""
    rows = [parts[0]]
    for part in parts[1:]:
        if not rows[-1] or measure([*rows[-1], *part]) <= width:
            rows[-1] = [*rows[-1], *part]
        else:
            rows.append(part)
    return rows


def width_of(tokens: Sequence[Piece], text: TextOf, ascii: bool, columns: int) -> int:
    """How many characters wide some tokens are side by side."""
    return widest(joined([token_lines(one, text, ascii, columns) for one in tokens]))


def widest(lines: Sequence[Pieces]) -> int:
    return max(len("".join(piece.text for piece in line)) for line in lines)


def token_lines(token: Piece, text: TextOf, ascii: bool, columns: int) -> list[Pieces]:
    return [[token]] if token.whole is None else block_lines(token.whole, text, ascii, columns)


def block_lines(block: Whole, text: TextOf, ascii: bool, most: int) -> list[Pieces]:
    """The rows of a block in brackets, its columns aligned; the middle of large ones is left out."""
    rows = few(list(block.rows), MOST_ROWS)
    if len(block.rows) == 1 and len(block.rows[0]) == 1:
        value = text(block.rows[0][0])
        return [[Piece(f"({value})" if value[:1] in "-−" else value, block.rows[0][0])]]
    dots = "..." if ascii else "…"
    grid = [
        [(dots, None) if ref is None else (text(ref), ref) for ref in few(list(row), most)] if row else None
        for row in rows
    ]
    width = max(len(cell) for row in grid if row for cell, _ in row)
    columns = max(len(row) for row in grid if row)
    found: list[Pieces] = []
    ends = {0: "top", len(grid) - 1: "bottom"}
    for number, row in enumerate(grid):
        left, right = tuple(BRACKETS["only" if ascii or len(grid) == 1 else ends.get(number, "middle")])
        line: Pieces = [Piece(f"{left} ")]
        for column in range(columns):
            cell, ref = row[column] if row else (":" if ascii else "⋮", None)
            line += [Piece("  ")] if column else []
            line.append(Piece(" " * (width - len(cell)) + cell, ref))
        found.append([*line, Piece(f" {right}")])
    return found


def few(items: Sequence[Item], most: int) -> list[Item | None]:
    """All items, or the first ones, None, and the last."""
    return [*items] if len(items) <= most else [*items[: most - 2], None, items[-1]]


def joined(blocks: list[list[Pieces]]) -> list[Pieces]:
    """Blocks side by side, each centred on the tallest."""
    height = max(map(len, blocks))
    lines: list[Pieces] = [[] for _ in range(height)]
    for block in blocks:
        width = widest(block)
        above = (height - len(block)) // 2
        for number in range(height):
            inside = 0 <= number - above < len(block)
            lines[number] += block[number - above] if inside else [Piece(" " * width)]
    return lines
