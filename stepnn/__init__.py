"""stepnn: neural networks worked out number by number.

import stepnn
trace = stepnn.load("backprop").trace()
trace["delta_o1"].value
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepnn.library import LoadedLesson

__version__ = "0.1.0"
__all__ = ["load"]


def load(name: str) -> LoadedLesson:
    """The lesson of that name, or in that file. Raises stepnn.errors.UsageError or LessonError."""
    from stepnn.library import load as load_from  # sympy and numpy are imported only when they are needed

    return load_from(name)
