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
    chosen: dict[str, Value] = {name: setting.default for name, setting in kind.settings.items()}
    return {**chosen, **own.settings}


def fits(setting: Setting, value: Value) -> str:
    """What is wanted instead of a value; nothing where it is right."""
    match value:
        case list():
            right = setting.each and all(is_direction(setting, one) for one in value)
        case str():
            right = value in setting.choices or (isinstance(setting.default, str) and not setting.choices)
        case _:
            right = is_number(setting, value)
    return "" if right else wanted(setting)


def is_number(setting: Setting, value: object) -> bool:
    """Whether a number may stand here, and this one."""
    if isinstance(value, bool) or isinstance(setting.default, str):
        return False
    whole = isinstance(setting.default, int)
    return isinstance(value, int if whole else (int, float)) and float(value) >= setting.least


def is_direction(setting: Setting, value: object) -> bool:
    """Whether this may stand for one direction of a picture: a number, or one for each side."""
    if isinstance(setting.default, str):
        return isinstance(value, str)
    if isinstance(value, list):
        return setting.sides and len(value) == 2 and all(is_number(setting, one) for one in value)
    return is_number(setting, value)


def wanted(setting: Setting) -> str:
    if isinstance(setting.default, str):
        return told("one_of", known=", ".join(setting.choices)) if setting.choices else told("a_name_in_quotes")
    form = "a_whole_number_from" if isinstance(setting.default, int) else "a_number_from"
    form = "a_number_for_each_side" if setting.sides else "a_number_for_each_direction" if setting.each else form
    return told(form, least=f"{setting.least:g}")
