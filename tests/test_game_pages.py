"""The pages of the games say what the games say."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import jax
import pytest
from source import ROOT

from jaxplay.game import make, names, summary

TABLE = re.compile(r"^\|[ :|-]+\|\n\|", re.MULTILINE)
"""The line below the head of a table."""
SHAPE = re.compile(r"`\((\d+(?:, \d+)*,?)\)`")

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
    picture = pages.render(make(name))
    same(FOLDER / f"{name}.md", pages.page(name, picture))
    same(FOLDER / f"{name}.svg", picture.svg)


@pytest.mark.parametrize("name", names())
def test_every_game_is_told_in_one_line(name: str):
    about = summary(name)
    assert about.title and about.group and 10 < len(about.text) < 100 and about.text[0].isupper()


@pytest.mark.parametrize("name", names())
def test_encodings_are_tables_with_the_shapes_of_the_game(name: str):
    """Actions, outcomes and observation: how many, what each of them means; and where the rules are from."""
    game = make(name)
    rules = importlib.import_module(f"jaxplay.games.{name}").__doc__ or ""
    sections = {part.split(maxsplit=1)[0]: part for part in re.split(r"\n\n(?=[A-Z][a-z]+[ :(])", rules)}
    actions, observation = sections["Actions"], sections["Observation:"]
    assert TABLE.search(actions) and TABLE.search(observation)
    assert counted(actions) == game.num_actions
    if game.num_chance_outcomes:
        assert counted(sections["Chance"]) == game.num_chance_outcomes
    first = jax.eval_shape(game.init, jax.eval_shape(jax.random.key, 0))
    shapes = [tuple(map(int, re.findall(r"\d+", shape))) for shape in SHAPE.findall(observation)]
    assert jax.eval_shape(game.observe, first).shape in shapes
    assert len(sections["Source:"]) > len("Source: ")


def counted(section: str) -> int:
    """The number in the brackets after a section's title, behind `=` if there is one: how many there are."""
    found = re.match(r"[A-Z][a-z ]+\((?:.*?= )?([\d,]+)[^)]*\)", section)
    assert found, section
    return int(found[1].replace(",", ""))


def test_index_is_current(pages: Any):
    same(FOLDER / "README.md", pages.index())


def test_every_page_has_a_game():
    assert {path.stem for path in FOLDER.iterdir()} == {*names(), "README"}
