"""The documentation site: it builds without a warning, its links lead somewhere, and it fetches nothing."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from source import ROOT, python

from jaxplay.cli.main import COMMANDS
from jaxplay.game import names

PAGES = sorted(path for path in (ROOT / "docs").rglob("*.md") if "_site" not in path.parts)
LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src")}
"""What a browser fetches by itself."""


class Links(HTMLParser):
    """What a page links to, what it loads, and the anchors that it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.anchors.add(value or "")
            elif name in ("href", "src") and value:
                self.links.append(value)
                if (tag, name) in LOADED:
                    self.loaded.append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Links]:
    """The pages of the site, built once."""
    pytest.importorskip("myst_nb", reason="the site needs the docs extra")
    out = tmp_path_factory.mktemp("site")
    done = python("docs/build.py", "--out", str(out), JAX_PLATFORMS="cpu")
    if done.returncode:
        pytest.fail(done.stderr[-5000:], pytrace=False)
    return {path: Links(path) for path in out.rglob("*.html") if "_static" not in path.parts}


@pytest.mark.slow
def test_every_game_and_command_has_a_page(site: dict[Path, Links]):
    stems = {f"{path.parent.name}/{path.stem}" for path in site}
    assert {f"games/{name}" for name in names()} | {f"commands/{name}" for name in COMMANDS} <= stems
    assert {f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")} <= stems


@pytest.mark.slow
def test_links_inside_the_site_lead_somewhere(site: dict[Path, Links]):
    lost = []
    for path, page in site.items():
        for link in page.links:
            scheme, host, target, _, fragment = urlsplit(link)
            if scheme or host:
                continue
            place = (path.parent / unquote(target)).resolve() if target else path
            anchors = site[place].anchors if place in site else {unquote(fragment)}
            if not place.exists() or (fragment and unquote(fragment) not in anchors):
                lost.append(f"{path.name}: {link}")
    assert not lost


@pytest.mark.slow
def test_nothing_is_fetched_and_formulas_are_drawn(site: dict[Path, Links]):
    assert not [link for page in site.values() for link in page.loaded if urlsplit(link).netloc]
    text = "".join(path.read_text() for path in site if path.parent.name == "algorithms")
    assert text.count("<math") > 20 and "merror" not in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT / "docs")))
def test_examples_compile(page: Path):
    for number, code in enumerate(re.findall(r"^```python[^\n]*\n(.*?)^```", page.read_text(), re.S | re.M)):
        compile(code, f"{page.name}, example {number + 1}", "exec")
