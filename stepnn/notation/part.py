"""What every part of a formula is: a frozen dataclass that keeps its hash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

Part = TypeVar("Part", bound=type)


@dataclass_transform(frozen_default=True)
def formula_part(cls: Part) -> Part:
    """A frozen dataclass that works its hash out once: formulas are looked up in tables all the time."""
    made: Any = dataclass(frozen=True)(cls)
    worked_out = made.__hash__

    def kept(self: Any) -> int:
        try:
            found: int = self.hash
        except AttributeError:
            found = worked_out(self)
            object.__setattr__(self, "hash", found)
        return found

    def fields(self: Any) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "hash"}  # another process has others

    made.__hash__, made.__getstate__ = kept, fields
    return made  # type: ignore[no-any-return]
