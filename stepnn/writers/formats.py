"""The formats that pages are written in, each registered once, here.

The commands, the library, the documentation and the tests ask this list. A writer is a module with a function
`document(page, options)` that gives the lines of a page; one that makes bytes has `opened(options)` in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stepnn.page.blocks import Page

Documents = Callable[["Iterable[Page]"], Iterator[bytes]]


@dataclass(frozen=True)
class Options:
    """What a reader may choose about a page. Nothing here changes a number. `ahead`: where a core is left, the next
    document is made while one is typeset."""

    ascii: bool = False
    pictures: bool = True
    paper: str = "a4"
    ahead: bool = True


@dataclass(frozen=True)
class Format:
    """One format. `ending` is that of its files; `is_binary` says that a page is bytes and has no lines; `for_sheets`,
    that exercise sheets can be written so; `of_any_size`, that it is for programs, which read a page of any size."""

    name: str
    ending: str
    module: str
    is_binary: bool = False
    for_sheets: bool = True
    of_any_size: bool = False

    @property
    def writer(self) -> Any:
        """Its module, which is brought in when it is needed."""
        return import_module(f"stepnn.writers.{self.module}")

    def lines(self, page: Page, options: Options) -> Iterable[str]:
        """The lines of a page."""
        found: Iterable[str] = self.writer.document(page, options)
        return found

    def opened(self, options: Options) -> AbstractContextManager[Documents]:
        """Writes pages as the bytes of files, one after the other."""
        if self.is_binary:
            found: AbstractContextManager[Documents] = self.writer.opened(options)
            return found
        return nullcontext(lambda pages: map(encoded, (self.lines(page, options) for page in pages)))

    def lacking(self, text: str) -> set[str]:
        """The letters of a text that it has no font for."""
        own = getattr(self.writer, "lacking", None)
        return set() if own is None else set(own(text))


def encoded(lines: Iterable[str]) -> bytes:
    return b"".join(f"{line}\n".encode() for line in lines)


FORMATS = {
    one.name: one
    for one in (
        Format("text", "txt", "text"),
        Format("markdown", "md", "markdown"),
        Format("latex", "tex", "latex"),
        Format("html", "html", "html.html"),
        Format("pdf", "pdf", "pdf.typesetter", is_binary=True),
        Format("json", "json", "as_json", for_sheets=False, of_any_size=True),
    )
}
