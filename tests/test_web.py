"""The HTML pages in a real browser: stepping, dark mode, printing, narrow screens, and nothing loaded from anywhere."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import stepnn
from stepnn.exercises.assignment import Mode
from stepnn.trace.trace import Trace
from stepnn.words import catalogue
from stepnn.writers.formats import Options
from stepnn.writers.html import html
from tests.help import every_fourth, written_as
from tests.test_pages import evil_trace

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium is installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


def write(trace: Trace, language: str, folder: Path) -> str:
    """The worked example as a file, by its address."""
    path = folder / "page.html"
    path.write_text("\n".join(written_as(trace, catalogue(language), "html")), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def backprop(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The main lesson, opened."""
    page = browser.new_page()
    page.goto(write(stepnn.load("backprop").trace(), "en", tmp_path))
    yield page
    page.close()


def shown_steps(page: Page) -> int:
    return len([step for step in page.locator("main .step").all() if step.is_visible()])


@pytest.mark.parametrize(("name", "language"), [*every_fourth(0), ("evil", "en"), ("evil", "ko")])
def test_every_page_opens_and_loads_nothing(browser: Browser, name: str, language: str, tmp_path: Path) -> None:
    """No request but for the file, no complaint, no dialog; wide and narrow, nothing sticks out of the page."""
    trace = evil_trace() if name == "evil" else stepnn.load(name).trace()
    address = write(trace, language, tmp_path)
    page = browser.new_page()
    asked, told = list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: told.append(dialog.message))
    page.goto(address)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("ArrowRight")
    assert asked == [address] and told == []
    pictures = page.evaluate(
        "[...document.querySelectorAll('svg')].map(one => one.getAttribute('aria-label') || one.querySelector('title')?.textContent)"
    )
    assert all(pictures)
    assert page.evaluate(
        "[...document.querySelectorAll('math')].every(one => one.getAttribute('aria-label') || one.getAttribute('alttext'))"
    )
    assert page.evaluate("document.documentElement.lang") == language
    page.close()


def test_stepping(backprop: Page) -> None:
    """Arrow keys and buttons; what comes later is hidden, what was there stays."""
    steps = backprop.locator("main .step").count()
    where = backprop.locator("nav output")
    assert shown_steps(backprop) == steps
    backprop.keyboard.press("ArrowRight")
    assert shown_steps(backprop) == 1 and where.inner_text() == f"1 / {steps}"
    for _ in range(9):
        backprop.keyboard.press("ArrowRight")
    assert shown_steps(backprop) == 10 and where.inner_text() == f"10 / {steps}"
    assert backprop.locator(".step.current").count() == 1
    assert backprop.evaluate("document.querySelector('.step.current').getBoundingClientRect().bottom <= innerHeight")
    backprop.keyboard.press("ArrowLeft")
    assert shown_steps(backprop) == 9
    backprop.get_by_role("button", name=re.compile("next", re.I)).click()
    assert shown_steps(backprop) == 10
    backprop.keyboard.press("End")
    assert shown_steps(backprop) == steps
    backprop.keyboard.press("ArrowRight")
    assert where.inner_text() == f"{steps} / {steps}"
    backprop.keyboard.press("Home")
    backprop.keyboard.press("ArrowLeft")
    assert shown_steps(backprop) == steps and where.inner_text() == "all steps"
    backprop.keyboard.press("ArrowRight")
    backprop.keyboard.press("Escape")
    assert shown_steps(backprop) == steps


def test_the_page_can_be_read_without_its_script(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(write(stepnn.load("backprop").trace(), "en", tmp_path))
    assert shown_steps(page) == page.locator("main .step").count() > 50
    assert not page.locator("nav").is_visible()
    context.close()


def brightness(colour: str) -> float:
    """0 is black, 255 white."""
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    return 0.299 * red + 0.587 * green + 0.114 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(backprop: Page, scheme: str) -> None:
    """Letters, formulas and the drawn network stand out from the paper in both."""
    backprop.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    paper = brightness(backprop.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert (paper < 60) is (scheme == "dark")
    for what, property in (
        ("p", "color"),
        ("math", "color"),
        ("h2", "color"),
        (".neuron", "stroke"),
        (".label", "fill"),
    ):
        ink = backprop.evaluate(f"getComputedStyle(document.querySelector('{what}')).{property}")
        assert abs(brightness(ink) - paper) > 100, (what, ink)


def test_printing(backprop: Page) -> None:
    """On paper all steps stand, also in the midst of stepping, in dark ink on white and without the buttons."""
    backprop.emulate_media(color_scheme="dark")
    backprop.keyboard.press("ArrowRight")
    steps = backprop.locator("main .step").count()
    backprop.emulate_media(media="print", color_scheme="dark")
    assert shown_steps(backprop) == steps and not backprop.locator("nav").is_visible()
    assert brightness(backprop.evaluate("getComputedStyle(document.querySelector('p')).color")) < 60
    printed = pypdf.PdfReader(io.BytesIO(backprop.pdf(format="A4")))
    text = "".join(page.extract_text() for page in printed.pages)
    assert "0.29959556" in text and 5 < len(printed.pages) < 40


@pytest.mark.parametrize("mode", Mode)
def test_sheets_in_the_browser(browser: Browser, mode: Mode, tmp_path: Path) -> None:
    """A sheet has room to write, its code, and does not stick out of a narrow screen."""
    from stepnn.sheets.layout import sheet_page
    from tests.test_sheets import printer

    sheet = printer("backprop", mode=mode).sheet(3)
    path = tmp_path / "sheet.html"
    path.write_text("\n".join(html.document(sheet_page(sheet, catalogue("ko"), True), Options())), encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert sheet.code in page.inner_text("footer") and sheet.code in page.inner_text(".box")
    assert page.locator("main .step").count() == len(sheet.exercises)
    assert page.locator(".room").count() >= (1 if mode is Mode.FIND else len(sheet.answers))
    assert page.locator("nav, script").count() == 0
    page.close()
