"""The page itself, in a headless Chromium: whole games by mouse and keyboard, and screenshots."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser
from source import ROOT

from jaxplay.serve.server import Address, Server

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
AXE = "axe-core@4.14.1"
RUN = ROOT / "tests" / "data" / "format_1" / "league"
READY = "document.querySelector('.status').innerText"
ENDED = "document.querySelector('.status.ended')"


@pytest.fixture(scope="session")
def server(offers) -> Iterator[Server]:
    """The server of the tests, on a port of its own."""
    offer = offers.find("tic_tac_toe")
    server = Server(offer.name, offer.game, offer.contender, Address(port=0), RUN).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    browser = Browser()
    yield browser
    browser.close()


def begin(browser: Browser, server: Server, game: str) -> None:
    """A game by its address."""
    browser.open("about:blank")
    browser.open(f"{server.url}#{game}")
    browser.wait(f"{READY} && !document.querySelector('.message').innerText")


def area(browser: Browser, name: str) -> None:
    """Click a square, when the page is ready for it."""
    place = f"[data-name='{name}']"
    browser.wait(f'document.querySelector("{place}.open, {place}.target")')
    browser.click(place)


def button(browser: Browser, text: str) -> None:
    """Click the button that says this."""
    script = f"[...document.querySelectorAll('button:enabled')].find(b => b.innerText === {json.dumps(text)})"
    browser.wait(script)
    browser.run(f"{script}.click()")


def plies(browser: Browser) -> int:
    return browser.run("document.querySelectorAll('.moves li .move').length")


def test_tic_tac_toe_against_a_search(browser, server):
    begin(browser, server, "tic_tac_toe")
    for _ in range(5):
        browser.wait(f"{ENDED} || {READY} === 'Your turn'")
        if browser.run(f"!!{ENDED}"):
            break
        browser.click(".hit.open")
        browser.wait(f"{READY} !== 'Your turn'")
    browser.wait(ENDED)
    assert plies(browser) >= 5
    assert browser.run("location.hash").startswith("#tic_tac_toe/")


def test_chess_by_squares_from_and_to(browser, server):
    begin(browser, server, "chess?seat=all")
    for move in ("f2f3", "e7e5", "g2g4", "d8h4"):
        area(browser, move[:2])
        area(browser, move[2:])
        browser.wait(f"document.querySelector('.moves li:last-child').innerText === '{move}'")
    browser.wait(f"{ENDED}.innerText.includes('player 2')")


def test_hex_by_keyboard(browser, server):
    begin(browser, server, "hex,size=2?seat=all")
    browser.wait("document.querySelector('.hit.open')")
    browser.run("document.querySelector('.hit[tabindex=\"0\"]').focus()")
    browser.press("Enter", 13)
    browser.wait("location.hash.includes('/') && document.querySelector('.hit.open')")
    browser.run("document.querySelector('.hit.open').focus()")
    browser.press("ArrowDown", 40)
    assert browser.run("document.activeElement.dataset.name").endswith("2")
    browser.press("Enter", 13)
    while not browser.run(f"!!{ENDED}"):
        browser.wait(f"{ENDED} || document.querySelector('.hit.open')")
        if not browser.run(f"!!{ENDED}"):
            browser.click(".hit.open")
            browser.run("new Promise(done => setTimeout(done, 200))")
    assert plies(browser) in (3, 4)


def test_nim_by_its_matches(browser, server):
    begin(browser, server, "nim,piles=1-2?seat=all")
    area(browser, "b1")
    area(browser, "a1")
    browser.wait(f"{ENDED}.innerText.includes('player 2')")


def test_poker_by_buttons_and_hidden_cards(browser, server):
    begin(browser, server, "kuhn_poker")
    browser.wait(f"{READY} === 'Your turn, as A'")
    assert browser.run("location.hash") == "#kuhn_poker"
    for moves in (1, 2):
        if not browser.run(f"!!{ENDED}"):
            browser.run("document.querySelector('.choices button').click()")
            browser.wait(f"document.querySelectorAll('.moves .move').length === {moves}")
            browser.wait(f"{ENDED} || document.querySelector('.choices button')")
    browser.wait(ENDED)
    assert not browser.run("[...document.querySelectorAll('button')].some(b => b.innerText === 'Undo')")


def test_undo_steps_and_a_shared_address(browser, server):
    begin(browser, server, "tic_tac_toe/b2+a3?seat=all")
    browser.wait("document.querySelectorAll('.moves .move').length === 2")
    browser.press("ArrowLeft", 37)
    browser.wait(f"{READY} === 'Position 1 of 2'")
    browser.press("ArrowRight", 39)
    button(browser, "Undo")
    browser.wait("location.hash === '#tic_tac_toe/b2?seat=all'")


def test_the_position_is_told_in_words(browser, server):
    begin(browser, server, "tic_tac_toe/b2+a3?seat=all")
    browser.click(".words summary")
    browser.wait("document.querySelector('.words pre').innerText.includes('2 . X .')")


def test_what_goes_wrong_is_told(browser, server):
    browser.open("about:blank")
    browser.open(f"{server.url}#tic_tac_toe/z9")
    browser.wait("document.body.innerText.includes('is not a')")
    browser.problems.clear()


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, which looks for what readers of screens cannot use."""
    folder = ROOT / ".cache" / "axe-core"
    file = folder / "package" / "axe.min.js"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.which("npm") is None:
            pytest.skip("there is no npm to get axe-core with")
        command = ["npm", "pack", "--silent", AXE]
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, text=True, check=False)
        if done.returncode:
            pytest.skip("axe-core cannot be had here")
        shutil.unpack_archive(folder / done.stdout.strip(), folder)
    return file.read_text()


PAGES = ["tic_tac_toe/b2+a3?seat=all", "chess?seat=all", "kuhn_poker", "games", "run"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_readers_of_screens_find_nothing_serious(browser, server, axe, scheme):
    browser.prefer(scheme)
    for page in PAGES:
        browser.open("about:blank")
        browser.open(f"{server.url}#{page}")
        browser.wait("document.querySelector('h1')")
        browser.run("new Promise(done => setTimeout(done, 300))")
        browser.run(f"{axe}; 0")
        nodes = "v.nodes.slice(0, 3).map(n => n.html)"
        script = f"axe.run().then(r => r.violations.map(v => [v.impact, v.id, {nodes}]))"
        found = [each for each in browser.run(script) if each[0] in ("serious", "critical")]
        assert not found, f"{page}: {json.dumps(found, indent=1)[:2000]}"
    browser.prefer("light")


def test_a_phone_scrolls_down_only(browser, server):
    browser.resize(375, 740, mobile=True)
    for page in PAGES:
        browser.open("about:blank")
        browser.open(f"{server.url}#{page}")
        browser.wait("document.querySelector('h1')")
        browser.run("new Promise(done => setTimeout(done, 200))")
        assert browser.run("document.documentElement.scrollWidth") <= 375, page
    browser.resize(1200, 900)


def test_analysis_is_shown(browser, server, tmp_path):
    begin(browser, server, "tic_tac_toe/b2+a3")
    browser.press("a", 65)
    browser.wait("document.querySelector('.analysis tbody tr')")
    browser.wait("document.querySelector('.chances') && document.querySelector('.worth .best')")
    shoot(browser, tmp_path / "board.png")


def test_a_run_is_shown(browser, server, tmp_path):
    browser.open("about:blank")
    browser.open(f"{server.url}#run")
    browser.wait("document.querySelector('.curve canvas') && document.querySelector('.league td.cell')")
    shoot(browser, tmp_path / "run.png")
    assert browser.problems == []


def shoot(browser: Browser, path: Path) -> None:
    browser.run("new Promise(done => setTimeout(done, 500))")
    browser.picture(path)
    assert path.stat().st_size > 10_000
