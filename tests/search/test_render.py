"""Pictures of trees."""

import xml.etree.ElementTree as ET
from pathlib import Path

import jax
import pytest
from positions import position
from quick import quick_jit

from jaxplay import search
from jaxplay.evaluator import uniform
from jaxplay.game import make

GAME = make("tic_tac_toe")
GOLDEN = Path(__file__).parent.parent / "golden" / "tree_puct.svg"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def tree():
    return quick_jit(search.puct(GAME, uniform(GAME), 24))(
        None, jax.random.key(0), position(GAME, "b2 a1 c3")
    ).tree


def test_golden_picture(tree, request):
    """`pytest tests/search --regenerate` writes it anew; open it in a browser to review."""
    text = search.render_tree_svg(GAME, tree)
    if request.config.getoption("--regenerate"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


def test_a_picture_shows_each_node_once_and_within_its_frame(tree):
    root = ET.fromstring(search.render_tree_svg(GAME, tree, max_depth=2, max_nodes=12))
    groups = root.findall(f"{SVG}g")
    assert len(groups) == 12
    assert len(root.findall(f"{SVG}line")) == 11
    numbers = [int(group.findtext(f"{SVG}text") or "") for group in groups]
    assert numbers[0] == 24
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    spots = [(float(t.get("x", -1)), float(t.get("y", -1))) for g in groups for t in g.findall(f"{SVG}text")]
    assert len(set(spots)) == 12
    assert all(0 < x < width and 0 < y < height for x, y in spots)


def test_a_position_without_simulations_is_one_node(tree):
    found = quick_jit(search.puct(GAME, uniform(GAME), 4))(
        None, jax.random.key(0), position(GAME, "a1 b1 a2 b2 a3")
    )
    assert ET.fromstring(search.render_tree_svg(GAME, found.tree)).findall(f"{SVG}line") == []
