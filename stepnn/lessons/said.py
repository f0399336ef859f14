"""The tables of a lesson file that hold its texts, and what every table has in common."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from stepnn.lessons.values import PLACE, SYMBOL, TEXT
from stepnn.words import LANGUAGES

Symbol = Annotated[str, Field(pattern=SYMBOL)]
Text = Annotated[str, Field(max_length=4_000, pattern=TEXT)]


class Part(BaseModel):
    """Any table of a lesson file: no unknown fields, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class Said(Part):
    """A text in the languages that its author has, one at least."""

    @model_validator(mode="after")
    def in_some_language(self) -> Self:
        if not self.languages:
            raise PydanticCustomError("no_language", "no_language")
        return self

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(language for language in LANGUAGES if getattr(self, language) is not None)

    def to(self, language: str) -> str:
        """What is said to a reader of a language: in it, or else in the first that there is."""
        return str(getattr(self, language if language in self.languages else self.languages[0]))


if TYPE_CHECKING:
    Words: TypeAlias = Said
else:
    Words = create_model("Words", __base__=Said, **dict.fromkeys(LANGUAGES, (Text | None, None)))


def texts_in(part: object, where: str = "") -> Iterator[tuple[str, Said]]:
    """Every text of a lesson, or of a part of it, with its place."""
    if isinstance(part, Said):
        yield where, part
    elif isinstance(part, Part):
        for name in type(part).model_fields:
            yield from texts_in(getattr(part, name), f"{where}.{name}" if where else name)
    elif isinstance(part, dict):
        for name, one in part.items():
            yield from texts_in(one, f"{where}.{name}")
    elif isinstance(part, list) and part and isinstance(part[0], Part):
        for number, one in enumerate(part, 1):
            yield from texts_in(one, f"{where}[{number}]")


class Closing(Part):
    """The question at the end, and its answer."""

    question: Words
    answer: Words


class Prediction(Part):
    """A question without numbers before a step: what one of two numbers will be beside the other, and why.

    With `sizes`, their sizes are compared, without signs. `answer` holds for the lesson's own numbers; what is shown
    is compared anew.
    """

    before: Symbol
    compare: Annotated[list[Symbol], Field(min_length=2, max_length=2)]
    sizes: bool = False
    answer: Literal["smaller", "equal", "larger"]
    question: Words
    why: Words


class Claim(Part):
    """Something that a text of the lesson says about its numbers: the text, such as `closing.answer`, and a condition
    that `holds`, such as `abs(delta_o1) > abs(delta_o2)`. Without one, the text speaks of the lesson's own numbers.
    """

    of: Annotated[str, Field(pattern=PLACE, max_length=60)]
    holds: Annotated[str, Field(min_length=3, max_length=300)] | None = None
