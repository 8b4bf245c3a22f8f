"""A lesson in the page, in Chromium: run, changed, stopped; by keyboard, by touch, without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.site.axe import violations

FIRST = "en/learn/01-first-session/"
KEY = "pop3-notebook en/01-first-session count"

#: Lessons that run whole here, with the number of their cells; all of them run in tests/page/test_lessons.py.
WHOLE = [
    ("learn/01-first-session/", 21),
    ("en/learn/05-deletion/", 23),
    ("learn/10-certificates-and-stls/", 25),
]


def cell(name: str) -> str:
    return f"[data-cell={name}]"


def start(page: Page, address: str, lesson: str = FIRST) -> None:
    """Open a lesson, and start it."""
    page.goto(address + lesson)
    page.click("[data-do=start]")
    page.wait_for_selector("pop3-notebook[data-open]")


def press(page: Page, name: str, do: str) -> None:
    """Press a button of a cell that needs no fold opened."""
    page.click(f"{cell(name)} [data-do={do}]")


def wait(page: Page, name: str, state: str) -> None:
    page.wait_for_selector(f"{cell(name)}[data-state={state}]", state="attached")


def write(page: Page, name: str, source: str) -> None:
    page.fill(f"{cell(name)} textarea", source)


def run(page: Page, name: str, source: str, state: str = "changed") -> str:
    """Change a cell, run it, and return what it puts out."""
    write(page, name, source)
    press(page, name, "run")
    wait(page, name, state)
    return page.inner_text(f"{cell(name)} .nb-output")


def states(page: Page) -> list[str]:
    found: list[str] = page.locator("[data-cell]").evaluate_all("cells => cells.map(c => c.dataset.state)")
    return found


@pytest.fixture(scope="module")
def lesson(browser: Browser, address: str) -> Iterator[Page]:
    """Lesson 01 in English, started once for several tests; each begins it anew."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    start(page, address)
    yield page
    context.close()


@pytest.fixture
def first(lesson: Page) -> Page:
    if lesson.is_visible("[data-do=reset-all]"):
        lesson.click("[data-do=reset-all]")
    lesson.click("[data-do=again]")
    lesson.wait_for_selector("[role=status]:has-text('Started over')")
    return lesson


# -- running ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "count"), WHOLE)
def test_a_lesson_runs_whole_and_comes_out_as_printed(
    page: Page, address: str, name: str, count: int
) -> None:
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address + name)
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/lab/" in url or "engine" in url]
    shown = page.locator("[data-cell] .nb-output").evaluate_all(
        "parts => parts.map(part => part.textContent)"
    )
    page.click("[data-do=start]")
    page.wait_for_selector("pop3-notebook[data-open]")
    assert states(page) == ["stored"] * count
    page.click("[data-do=all]")
    wait(page, "stop", "equal")
    assert states(page) == ["equal"] * count
    said = {
        "en": f"{count} cells have run, all with the printed output.",
        "de": f"{count} Zellen ausgeführt, alle mit der abgedruckten Ausgabe.",
    }
    page.wait_for_selector(f"[role=status]:has-text('{said['en' if name.startswith('en') else 'de']}')")
    assert page.locator("[data-cell] details[open]").count() == 0  # predictions stay folded
    now = page.locator("[data-cell] .nb-output").evaluate_all("parts => parts.map(part => part.textContent)")
    assert [text.split() for text in now] == [text.split() for text in shown]
    assert page.locator(".nb-output .client").count() > 0
    assert all(url.startswith(address) for url in asked)
    assert faults == []


def test_an_exercise_is_wrong_and_then_right(first: Page) -> None:
    press(first, "exercise", "to-here")
    wait(first, "exercise", "equal")
    log_on = (
        "fax = poplib.POP3_SSL(lab.host, lab.tls_port, context=context)\nfax.user({!r})\nfax.pass_({!r})\n"
    )
    assert run(first, "exercise", log_on.format("fax", "wrong"), "failed").startswith(
        "error_proto: -ERR Logon failure: unknown user name or bad password.\n"
        "The name or the password is wrong, or POP3 is switched off for this mailbox."
    )
    right = log_on.format("svc-fax@muster.example", "Faxe2026")
    run_quietly(first, "exercise", right + "fax.retr(1)\nfax.quit();")
    press(first, "check", "run")
    wait(first, "check", "changed")
    assert "✓" not in first.inner_text(f"{cell('check')} .verdict")
    run_quietly(first, "exercise", right + "for number in (1, 2, 3):\n    fax.retr(number)\nfax.quit();")
    press(first, "check", "run")
    first.wait_for_selector(f"{cell('check')} .verdict:has-text('✓')")


#: Marks a cell with `data-ran` when it runs next, because that can be over before anybody has looked.
WATCH = """cell => {
  cell.removeAttribute("data-ran");
  new MutationObserver((_, watching) => {
    cell.setAttribute("data-ran", "");
    watching.disconnect();
  }).observe(cell, { attributeFilter: ["data-state"] });
}"""


def run_quietly(page: Page, name: str, source: str) -> None:
    """Change a cell that puts out nothing, as before, and run it."""
    write(page, name, source)
    page.eval_on_selector(cell(name), WATCH)
    press(page, name, "run")
    page.wait_for_selector(f"{cell(name)}[data-ran][data-state=equal]", state="attached")


def test_preparations_run_by_themselves(page: Page, address: str) -> None:
    start(page, address, "en/learn/02-only-the-inbox/")
    press(page, "start", "run")
    wait(page, "start", "equal")
    press(page, "inbox", "run")  # it calls a function of the folded cell above
    wait(page, "inbox", "equal")
    assert page.get_attribute(cell("tools"), "data-state") == "equal"
    assert page.get_attribute(cell("folders"), "data-state") == "stored"


def test_output_streams_and_the_stored_one_stays_until_then(first: Page) -> None:
    old = first.inner_text(f"{cell('count')} .nb-output")
    write(first, "count", "import time\ntime.sleep(1)\nprint('one')\ntime.sleep(30)")
    press(first, "count", "run")
    wait(first, "count", "running")
    assert first.inner_text(f"{cell('count')} .nb-output") == old
    first.wait_for_selector(f"{cell('count')}[data-state=running] .nb-output:has-text('one')")
    press(first, "count", "stop")
    wait(first, "count", "failed")
    first.wait_for_selector("[role=status]:has-text('Ready again')")
    press(first, "count", "reset")


@pytest.mark.parametrize("loop", ["while True: pass", "while True: print('on and on')"])
def test_a_loop_is_stopped_and_what_ran_before_is_there_again(first: Page, loop: str) -> None:
    press(first, "log-on", "to-here")
    wait(first, "log-on", "equal")
    write(first, "count", loop)
    press(first, "count", "run")
    wait(first, "count", "running")
    first.wait_for_timeout(500)
    press(first, "count", "stop")
    wait(first, "count", "failed")
    assert first.inner_text(f"{cell('count')} .nb-said") == "stopped"
    first.wait_for_selector("[role=status]:has-text('The cells before the one you stopped have run again.')")
    press(first, "count", "reset")
    press(first, "count", "run")  # it goes on in the session that the cell above has opened
    wait(first, "count", "equal")


def test_an_error_ends_the_run_and_other_cells_wait(first: Page) -> None:
    write(first, "count", "sesion")
    first.click("[data-do=all]")
    wait(first, "count", "failed")
    first.wait_for_selector("[role=status]:has-text('The cells after it have not run.')")
    assert set(states(first)[:4]) == {"equal"}
    assert set(states(first)[6:]) == {"stored"}
    assert first.inner_text(f"{cell('count')} .nb-output").splitlines() == [
        "NameError: name 'sesion' is not defined",
        "There is no such name so far, or it is misspelled. If you have skipped a cell or restarted",
        "the kernel, run all cells from the top.",
    ]
    assert "NameError" in run(first, "count", "%tb")


def test_a_jump_of_the_clock_is_told(first: Page) -> None:
    press(first, "start", "run")
    wait(first, "start", "equal")
    write(
        first,
        "connect",
        "pop = poplib.POP3(lab.host, lab.port, timeout=30)\npop.file.readline()\npop.file.readline()",
    )
    press(first, "connect", "run")
    wait(first, "connect", "failed")
    assert "There was nothing left to do but wait." in first.inner_text(f"{cell('connect')} .nb-note")


def test_a_cell_that_does_not_run_here_says_so_and_keeps_its_output(page: Page, address: str) -> None:
    start(page, address, "learn/04-ports-and-mechanisms/")
    table = page.locator(cell("table"))
    assert table.get_attribute("data-state") == "not-here"
    assert "Diese Zelle läuft nur in JupyterLab" in table.inner_text()
    assert table.locator("textarea, button[data-do]").count() == 0
    table.locator("summary").click()
    assert "45" in table.locator(".nb-output").inner_text()


# -- the reader's changes ---------------------------------------------------------------------------------


def test_changes_are_kept_marked_and_taken_back(page: Page, address: str) -> None:
    start(page, address)
    for name in ("count", "fetch", "top"):
        write(page, name, f"print('{name}')")
    page.reload()
    page.click("[data-do=start]")
    page.wait_for_selector("pop3-notebook[data-open]")
    assert page.input_value(f"{cell('count')} textarea") == "print('count')"
    assert page.inner_text(f"{cell('count')} .highlight code").strip() == "print('count')"
    assert page.locator("[data-edited]").count() == 3
    assert page.inner_text(f"{cell('count')} .nb-edited") == "changed by you"
    press(page, "count", "reset")
    assert page.input_value(f"{cell('count')} textarea").startswith("count, size = pop.stat()")
    assert page.locator(f"{cell('count')} code span.nb").count() > 0  # with its colours
    assert page.locator("[data-edited]").count() == 2
    page.click("[data-do=reset-all]")
    assert page.locator("[data-edited]").count() == 0
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('pop3-notebook'))") == []


def test_when_the_shipped_cell_has_changed_the_text_is_kept_aside(page: Page, address: str) -> None:
    page.goto(address + FIRST)
    kept = json.dumps({"shipped": "an older cell", "mine": "print('mine')"})
    page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [KEY, kept])
    start(page, address)
    aside = page.locator(f"{cell('count')} .nb-aside")
    assert "The website has a new version of this cell since you changed it." in aside.inner_text()
    assert "print('mine')" in aside.inner_text()
    assert page.input_value(f"{cell('count')} textarea").startswith("count, size = pop.stat()")
    press(page, "count", "take")
    assert page.input_value(f"{cell('count')} textarea") == "print('mine')"
    assert aside.count() == 0
    start(page, address)
    assert page.input_value(f"{cell('count')} textarea") == "print('mine')"


# -- keyboard, touch, screen readers ----------------------------------------------------------------------


def focused(page: Page) -> str:
    """Return the cell and the kind of what has the focus."""
    said: str = page.evaluate(
        "(e => `${e.closest('[data-cell]')?.dataset.cell ?? ''} ${e.dataset.do ?? e.localName}`.trim())"
        "(document.activeElement)"
    )
    return said


def test_by_keyboard_alone(page: Page, address: str) -> None:
    page.goto(address + FIRST)
    page.focus("[data-do=start]")
    page.keyboard.press("Enter")
    page.wait_for_selector("pop3-notebook[data-open]")
    assert focused(page) == "all"
    page.focus(f"{cell('start')} textarea")
    page.keyboard.press("Shift+Enter")
    assert focused(page) == "connect textarea"
    wait(page, "start", "equal")
    page.keyboard.press("Control+Enter")
    wait(page, "connect", "equal")
    assert focused(page) == "connect textarea"
    page.keyboard.press("Control+Home")
    page.keyboard.type("if True:\nprint('in')")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    source = page.input_value(f"{cell('connect')} textarea")
    assert source.startswith("if True:\n    print('in')\ncontext = ")
    page.keyboard.press("Tab")
    assert page.input_value(f"{cell('connect')} textarea").startswith(
        "if True:\n    print('in')\n    context = "
    )
    page.keyboard.press("Control+a")
    page.keyboard.press("Tab")
    assert page.input_value(f"{cell('connect')} textarea").startswith("    if True:\n        print('in')\n")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert focused(page) in {"connect run", "connect button"}


def test_by_touch_on_a_narrow_screen(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(address + FIRST)
    page.tap("[data-do=start]")
    page.wait_for_selector("pop3-notebook[data-open]")
    page.tap(f"{cell('start')} [data-do=run]")
    wait(page, "start", "equal")
    page.tap(f"{cell('connect')} [data-do=run]")
    wait(page, "connect", "equal")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    heights = page.locator(".nb-button:visible").evaluate_all("all => all.map(b => b.offsetHeight)")
    assert min(heights) >= 32
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address + FIRST)
    assert violations(page) == []
    start(page, address)
    write(page, "fetch", "sesion")
    page.click("[data-do=all]")
    wait(page, "fetch", "failed")
    page.focus(f"{cell('fetch')} textarea")
    page.locator("[data-cell] details").evaluate_all("folds => folds.forEach(fold => { fold.open = true; })")
    assert violations(page) == []
    context.close()


def test_without_javascript_the_page_reads_as_before(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + FIRST)
    assert not page.is_visible(".nb-bar")
    assert page.locator("[data-cell] .highlight").count() == 21
    assert page.locator("pop3-notebook :is(textarea, .nb-do)").count() == 0
    assert "10 messages, 2045733 bytes" in page.inner_text(cell("count"))
    context.close()


def test_a_broken_download_can_be_tried_again(page: Page, address: str) -> None:
    page.route("**/minipop.zip.gz", lambda route: route.abort())
    page.goto(address + FIRST)
    page.click("[data-do=start]")
    page.click("[data-do=retry]", trial=True)
    assert "minipop.zip.gz could not be loaded. Check the connection, and try again." in page.inner_text(
        ".nb-bar"
    )
    page.unroute("**/minipop.zip.gz")
    page.click("[data-do=retry]")
    page.wait_for_selector("pop3-notebook[data-open]")
