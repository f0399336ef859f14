"""When two pages are the same: the last digit of a number may differ between processors, which add in another order."""

from __future__ import annotations

import json
import re
from math import isclose
from pathlib import Path

from tests.help import TRAINED_LONG

NUMBER = re.compile(r"(−?\d+(?:\.(\d+))?)(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?")
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
NOTHING = -13  # a power of ten that only rounding leaves


def without_numbers(page: str) -> list[str]:
    return NUMBER.sub("#", re.sub("[⠀-⣿]+", "", page)).split()  # nor dots of a curve


def same_digits(found: str, wanted: str) -> bool:
    """Whether two pages are the same but for one unit of the last digit of numbers, and numbers that stand for 0."""
    if NUMBER.sub("#", found) != NUMBER.sub("#", wanted):
        return False
    return all(map(is_same_number, NUMBER.finditer(found), NUMBER.finditer(wanted)))


def is_same_number(found: re.Match[str], wanted: re.Match[str]) -> bool:
    powers = [int((one[3] or "0").translate(RAISED)) for one in (found, wanted)]
    if max(powers) <= NOTHING:
        return True
    unit = 10.0 ** -len(wanted[2] or "")
    one, other = (float(match[1].replace("−", "-")) for match in (found, wanted))
    digits = len(found[2] or "") == len(wanted[2] or "") and powers[0] == powers[1]
    return digits and abs(one - other) < 1.5 * unit and (one == other or wanted[2] is not None)


def is_same(path: Path, found: str, wanted: str) -> bool:
    """Whether a golden page need not be written anew."""
    if path.suffix == ".json":  # full precision
        return nearly(json.loads(found), json.loads(wanted))
    if path.name.split(".")[0] in TRAINED_LONG:
        return without_numbers(found) == without_numbers(wanted)
    return same_digits(found, wanted)


def nearly(found: object, wanted: object) -> bool:
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(nearly(found[key], wanted[key]) for key in found)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(nearly, found, wanted))
    if isinstance(found, float) and isinstance(wanted, float):
        return isclose(found, wanted, rel_tol=1e-12, abs_tol=1e-12)
    return found == wanted
