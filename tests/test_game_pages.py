"""The pages of the games say what the games say."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from source import ROOT

from jaxplay.game import make, names

SCRIPT = ROOT / "docs" / "game_pages.py"
FOLDER = SCRIPT.parent / "games"


@pytest.fixture(scope="module")
def pages() -> Any:
    """The script that writes the pages."""
    spec = importlib.util.spec_from_file_location("game_pages", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same(path: Path, text: str) -> None:
    """A file holds `text`."""
    hint = f"run: python docs/game_pages.py {path.stem if path.stem in names() else ''}"
    assert path.is_file() and path.read_text() == text, hint


@pytest.mark.parametrize("name", names())
def test_page_is_current(name: str, pages: Any):
    drawing = pages.draw(make(name))
    same(FOLDER / f"{name}.md", pages.page(name, drawing))
    same(FOLDER / f"{name}.svg", drawing.svg)


def test_index_is_current(pages: Any):
    same(FOLDER / "README.md", pages.index())


def test_every_page_has_a_game():
    assert {path.stem for path in FOLDER.iterdir()} == {*names(), "README"}
