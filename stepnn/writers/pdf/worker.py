"""The typesetter's own process: it compiles one page after the other, reaches no file and no network.

Talks over its standard streams: a line of JSON in, a line of JSON out that says how many bytes follow. It imports
nothing but Typst, so that it starts while the numbers of the page are still being worked out.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import typst

TEMPLATE = Path(__file__).with_name("page.typ")


def main(empty: str, shelf: str) -> None:
    """Compile until there is nothing more to do. `empty` is a folder for the template alone, `shelf` one for fonts."""
    compilers: dict[tuple[str, ...], Any] = {}
    make: Any = typst.Compiler
    template = shutil.copy(TEMPLATE, empty)
    for request in sys.stdin.buffer:
        wanted = json.loads(request)
        files = tuple(wanted["files"])
        try:
            if files not in compilers:
                compilers[files] = make(
                    template, root=empty, font_paths=[laid_out(files, shelf)],
                    ignore_system_fonts=True, package_path=empty, package_cache_path=empty,
                )  # fmt: skip
            found = compilers[files].compile(
                sys_inputs={"page": wanted["page"], "fonts": json.dumps(wanted["families"])},
                format="pdf", pdf_standards=["ua-1"], timestamp=0,
            )  # fmt: skip
            answer({"size": len(found)}, found)
        except typst.TypstError as error:
            answer({"error": str(error)}, b"")


def laid_out(files: tuple[str, ...], shelf: str) -> str:
    """A folder with these font files and no others: Typst takes folders only."""
    folder = Path(tempfile.mkdtemp(dir=shelf))
    for number, file in enumerate(files):
        (folder / f"{number}{Path(file).suffix}").symlink_to(file)
    return str(folder)


def answer(head: dict[str, object], body: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
