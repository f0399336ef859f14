"""What a step earns that follows from a wrong number. Alone in its file: an option is made of it at every start."""

from __future__ import annotations

from enum import Enum


class Carry(str, Enum):
    """What a step earns that is right from a wrong number."""

    no = "no"
    half = "half"
    full = "full"
