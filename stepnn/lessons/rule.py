"""The update rule of a lesson: an optimiser with its weight decay, clipping, and schedule of the learning rate."""

from __future__ import annotations

from collections.abc import Sequence

from stepnn.book.optimizers import OptimizerRule
from stepnn.layers.optimizers import clipped, decayed, rule_of, schedule_formula, scheduled
from stepnn.lessons.learning import Schedule
from stepnn.lessons.schema import Lesson
from stepnn.network.model import Quantity, Role

OF_KIND = {"constant": (), "step": ("every", "factor"), "exponential": ("factor",), "cosine": ("over", "least")}


def rule_for(lesson: Lesson, updates: int) -> OptimizerRule:
    """The rule that gradients are followed by; an epoch has so many `updates`."""
    options = lesson.optimizer
    rule = decayed(rule_of(lesson.update or "gradient descent", options.variant), options.weight_decay)
    return scheduled(clipped(rule, options.clip_value, options.clip_norm), rate_formula(lesson.schedule, updates))


def rate_formula(schedule: Schedule | None, updates: int) -> str:
    """η of an update as a formula in τ."""
    if schedule is None:
        return "eta"
    fields = {name: getattr(schedule, name) for name in OF_KIND[schedule.kind] if getattr(schedule, name) is not None}
    return schedule_formula(schedule.kind, fields, schedule.warm_up, updates if schedule.per == "epoch" else None)


def spared(lesson: Lesson, parameters: Sequence[Quantity]) -> frozenset[str]:
    """The keys of the parameters that weight decay leaves alone."""
    named = lesson.optimizer.no_decay
    return frozenset(one.key for one in parameters if one.key in named or (one.role is Role.BIAS and "biases" in named))
