"""What is told to a user who can mend something: a key of the catalogues, and the values in its sentence.

As a text it is English, so that it can be read in a log or a test; a page or a command tells it in its own language.
"""

from __future__ import annotations

from collections.abc import Sequence

from stepnn.words import Catalogue, catalogue


class Told(str):
    """A sentence of the table `[error]`. `code` is its key there, `values` is what it speaks about."""

    code: str
    values: dict[str, object]

    def to(self, words: Catalogue) -> str:
        """The sentence in another language. A value that is told itself is told in that language, too."""
        return words(f"error.{self.code}", **{name: in_language(value, words) for name, value in self.values.items()})


def told(code: str, /, **values: object) -> Told:
    """The sentence with that key. Raises KeyError for a key that no catalogue has."""
    found = Told(catalogue("en")(f"error.{code}", **values))
    found.code, found.values = code, values
    return found


def together(found: Sequence[str], by: str = "one_below_the_other") -> str:
    """Several sentences, one below the other, or words with another sentence, such as "either", between them."""
    first, *rest = found
    return told(by, first=first, rest=together(rest, by)) if rest else first


def in_language(value: object, words: Catalogue) -> object:
    """A value of a sentence; of an error, what it tells."""
    one = value.args[0] if isinstance(value, Exception) and value.args else value
    return one.to(words) if isinstance(one, Told) else value
