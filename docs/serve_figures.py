"""Takes the pictures of the page for docs/images: `python docs/serve_figures.py RUN`.

RUN is the folder of a run, best a league's; its dashboard is one of the pictures. Needs Chromium, and Pillow,
which comes with matplotlib.
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser import Browser  # noqa: E402
from PIL import Image  # noqa: E402

from jaxplay.game import make  # noqa: E402
from jaxplay.serve.server import Address, Server  # noqa: E402

IMAGES = ROOT / "docs" / "images"
COLOURS = 96
"""Of a picture, so that it is small."""
ANALYSED = "document.querySelector('.analysis tbody tr') && document.querySelector('.chances')"


def main(run: Path) -> None:
    """Write the pictures."""
    IMAGES.mkdir(exist_ok=True)
    server = Server("connect_four", make("connect_four"), None, Address(port=0), run).start()
    browser = Browser(1120, 900)
    take(browser, server, "hex/f6+e5+g5+d7", "serve_board")
    take(browser, server, "connect_four/4+4+4+3+5+6+3+2", "serve_analysis", analyse=True)
    browser.prefer("dark")
    take(browser, server, "breakthrough/d7d6+e2e3+e7e6+d2d3", "serve_dark", analyse=True)
    browser.prefer("light")
    take(browser, server, "run", "serve_run")
    browser.resize(375, 760, mobile=True)
    take(browser, server, "othello/d3+c3+c4+c5", "serve_phone")
    browser.close()
    server.stop()


def take(browser: Browser, server: Server, page: str, name: str, *, analyse: bool = False) -> None:
    """A picture of a page of the server."""
    browser.open("about:blank")
    browser.open(f"{server.url}#{page}")
    browser.wait("document.querySelector('h1')")
    if page != "run":
        browser.wait("document.querySelector('.status').innerText === 'Your turn'")
    if analyse:
        browser.press("a", 65)
        browser.wait(ANALYSED, 300)
    time.sleep(1.0)
    path = IMAGES / f"{name}.png"
    browser.picture(path)
    Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
