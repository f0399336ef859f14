"""What may be chosen for a kind of layer, and what a lesson has chosen."""

from __future__ import annotations

from collections.abc import Sequence

from stepnn.layers.kinds import KINDS
from stepnn.layers.kinds.page import Kind, Setting, Unfit, Value
from stepnn.lessons.schema import OwnQuantity
from stepnn.words.told import told


def conventions(rows: Sequence[OwnQuantity]) -> list[str]:
    """What a lesson follows where sources differ, as keys of the catalogue, each once."""
    found: dict[str, None] = {}
    for own in rows:
        if (kind := KINDS.get(own.kind or "")) is not None:
            for name, value in settings_for(own, kind).items():
                if kind.settings[name].told:
                    found[f"convention.{kind.family}.{name}.{str(value).replace(' ', '_')}"] = None
    return list(found)


def settings_for(own: OwnQuantity, kind: Kind) -> dict[str, Value]:
    """The settings of a page, those that the lesson does not choose at their defaults. Raises Unfit."""
    for name, value in own.settings.items():
        if name not in kind.settings:
            wanted = ", ".join(kind.settings) or told("no_settings")
            raise Unfit(
                told("there_is_no_setting", name=name), str(value), wanted, told("remove_it"), f"settings.{name}"
            )
        wanted = fits(kind.settings[name], value)
        if wanted:
            raise Unfit(told("this_cannot_be_chosen"), str(value), wanted, where=f"settings.{name}")
    return {name: setting.default for name, setting in kind.settings.items()} | dict(own.settings)


def fits(setting: Setting, value: Value) -> str:
    """What is wanted instead of a value; nothing where it is right."""
    if isinstance(setting.default, str):
        right = value in setting.choices if setting.choices else isinstance(value, str)
        if right:
            return ""
        return told("one_of", known=", ".join(setting.choices)) if setting.choices else told("a_name_in_quotes")
    whole = isinstance(setting.default, int)
    number = (isinstance(value, int) and not isinstance(value, bool)) or (not whole and isinstance(value, float))
    right = number and float(value) >= setting.least
    return "" if right else told("a_whole_number_from" if whole else "a_number_from", least=f"{setting.least:g}")
