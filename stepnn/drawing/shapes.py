"""What drawings for paper and browsers are made of: circles, cells, lines and names, with their places in points."""

from __future__ import annotations

from dataclasses import dataclass

from stepnn.notation.mathematics import Nodes


@dataclass(frozen=True)
class Neuron:
    """A circle with its name; `left`, `right` and `above` are what stands beside it."""

    x: float
    y: float
    name: Nodes
    left: Nodes = ()
    right: Nodes = ()
    above: Nodes = ()
    lit: bool = False
    focus: bool = False


@dataclass(frozen=True)
class Connection:
    """A line from one neuron to another, with its label at (x, y)."""

    start: tuple[float, float]
    end: tuple[float, float]
    label: Nodes = ()
    x: float = 0.0
    y: float = 0.0
    lit: bool = False


@dataclass(frozen=True)
class Box:
    """A cell of an array: its upper left corner, its size, and what stands in it."""

    x: float
    y: float
    width: float
    height: float
    text: Nodes = ()
    lit: bool = False
    focus: bool = False


@dataclass(frozen=True)
class Label:
    """A name at (x, y): the middle of its left end, or of its right one."""

    x: float
    y: float
    text: Nodes
    right: bool = False


@dataclass(frozen=True)
class Diagram:
    """A drawing of `width` × `height` points. `gaps` are the places of dots for neurons that are left out.

    A board has `boxes` and `labels` in place of neurons; `radius` is that of a neuron.
    """

    width: float
    height: float
    radius: float
    neurons: tuple[Neuron, ...]
    connections: tuple[Connection, ...]
    gaps: tuple[tuple[float, float], ...] = ()
    boxes: tuple[Box, ...] = ()
    labels: tuple[Label, ...] = ()
