"""What a tournament tells: the matrix as data, the map of scores in a terminal and as SVG."""

import json
import re
from xml.etree import ElementTree

import jax
import numpy as np
import pytest
from rich.console import Console
from small_games import Nim, nim_act, random_act

from jaxplay.arena import Player, round_robin
from jaxplay.arena.crossplay import CrossPlay
from jaxplay.arena.heatmap import colour, heat_map, is_dark, num_shown, short_names, terminal_map
from jaxplay.arena.matrix import matrix
from jaxplay.arena.picture import picture

SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = ("x", "y", "width", "height", "font-size")


def made_up(size: int, seed: int = 0) -> CrossPlay:
    """A hundred games of each pair, the later the player the better."""
    rng = np.random.default_rng(seed)
    others = 1 - np.eye(size)
    gap = 60.0 * (np.arange(size)[:, None] - np.arange(size))
    wins = rng.binomial(40, 1 / (1 + 10 ** (-gap / 400))) * others
    names = tuple(f"runs/league:main-{i}" for i in range(size))
    return CrossPlay(names, wins, 10 * others, 40 * others - wins)


@pytest.fixture(scope="module")
def rock_paper_scissors() -> CrossPlay:
    wins = np.array([[0.0, 0, 5], [5, 0, 0], [0, 5, 0]])
    return CrossPlay(("rock", "paper", "scissors"), wins, np.zeros((3, 3)), wins.T)


def test_the_matrix_is_plain_data_that_says_everything():
    table = made_up(4)
    data = json.loads(json.dumps(matrix(table, table.ratings())))
    assert data["names"] == list(table.names)
    for name in ("games", "score"):
        np.testing.assert_allclose(data[name], getattr(table, {"games": "num_games"}.get(name, name)))
    for name, counts in data["row_moved_first"].items():
        np.testing.assert_array_equal(counts, getattr(table, name))
    np.testing.assert_allclose(data["elo"], table.ratings().elo, atol=0.05)
    assert all(low < elo < high for elo, (low, high) in zip(data["elo"], data["elo_interval"], strict=True))
    low, high = data["first_move_advantage_interval"]
    assert low < data["first_move_advantage"] < high
    low, high = data["draw_margin_interval"]
    assert low <= data["draw_margin"] <= high
    assert data["nash_weights"][3] == pytest.approx(1, abs=1e-4) == pytest.approx(sum(data["alpha_rank"]))
    assert data["nash_skills"] == sorted(data["nash_skills"])


def test_a_cycle_has_no_best_player(rock_paper_scissors: CrossPlay):
    data = matrix(rock_paper_scissors, rock_paper_scissors.ratings())
    for name in ("nash_weights", "alpha_rank"):
        np.testing.assert_allclose(data[name], 1 / 3, atol=1e-4)
    np.testing.assert_allclose(data["elo"], 0, atol=1e-6)
    assert data["score"] == [[0.5, 0, 1], [1, 0.5, 0], [0, 1, 0.5]]


def test_a_tournament_of_real_games():
    players = [Player("random", random_act), Player("perfect", nim_act)]
    found = round_robin(Nim((1, 2, 2)), players, num_games=20, key=jax.random.key(0))
    data = matrix(found.table, found.ratings)
    assert data["row_moved_first"]["wins"][1][0] == 10  # perfect play wins whenever it moves first
    assert data["nash_weights"] == pytest.approx([0, 1], abs=1e-3)


def test_the_best_player_comes_first_and_pairs_without_games_are_empty():
    table = made_up(3)
    for counts in (table.wins, table.draws, table.losses):
        counts[0, 2] = counts[2, 0] = 0
    found = heat_map(table, table.ratings())
    assert found.names == ("main-2", "main-1", "main-0")
    assert np.isnan(found.score[[0, 0, 1, 2], [0, 2, 1, 0]]).all() and found.score[0, 1] > 0.5
    assert (np.diff(found.elo) < 0).all() and (found.margin > 0).all()


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["runs/a:main", "runs/a:main-3"], ["main", "main-3"]),
        (["runs/a", "runs/b:main-3"], ["a", "b:main-3"]),
        (["mcts:100", "mcts:1000"], ["mcts:100", "mcts:1000"]),
        (["random", "runs/a:main"], ["random", "runs/a:main"]),
    ],
)
def test_short_names(names: list[str], short: list[str]):
    assert short_names(names) == short


def test_colours_run_from_red_over_white_to_blue():
    red, even, blue, none = map(colour, (0.0, 0.5, 1.0, np.nan))
    assert red[0] > 2 * red[2] and blue[2] > 2 * blue[0] and len({even, none}) == 2
    assert min(even) > 240 and is_dark(red) and is_dark(blue) and not is_dark(even) and not is_dark(none)


@pytest.mark.parametrize("size", [2, 5, 40])
def test_the_picture_shows_every_pair_inside_its_frame(size: int):
    table = made_up(size)
    root = ElementTree.fromstring(picture(heat_map(table, table.ratings()), "a & b < c"))
    assert len(root.findall(f"{SVG}g")) == size * size
    assert "a & b < c" in {text.text for text in root.iter(f"{SVG}text")}
    box = [float(root.attrib[name]) for name in ("width", "height")]
    for shape in root.iter():
        values = {name: float(shape.attrib[name]) for name in NUMBERS if name in shape.attrib}
        assert all(value >= 0 for value in values.values())
        if shape.tag == f"{SVG}rect":
            assert values["x"] + values["width"] <= box[0] and values["y"] + values["height"] <= box[1]
        if shape.tag == f"{SVG}text":
            assert values["font-size"] >= 9 and values["y"] < box[1]
            reach = {"start": (0, 1), "middle": (0.5, 0.5), "end": (1, 0)}[shape.attrib["text-anchor"]]
            length = 0.6 * values["font-size"] * len(shape.text or "")
            assert values["x"] - reach[0] * length >= 0
            assert values["x"] + reach[1] * length <= box[0] + 1
    cells = [g for g in root.iter(f"{SVG}g") if (g.findtext(f"{SVG}title") or "").startswith("main-1 ag")]
    assert len(cells) == size and sum(bool(g.findtext(f"{SVG}text")) for g in cells) == size - 1


def shown(size: int, width: int, **options: str) -> list[str]:
    table = made_up(size)
    screen = Console(width=width, highlight=False, **options)  # pyright: ignore[reportArgumentType]
    with screen.capture() as seen:
        screen.print(terminal_map(heat_map(table, table.ratings()), width))
    return seen.get().splitlines()


def test_the_map_in_a_terminal():
    header, first, *rest = shown(3, 80)
    assert header.split() == ["Elo", "1", "2", "3"]
    table = made_up(3)
    scores = [f"{100 * table.score[2, j]:.0f}" for j in (1, 0)]
    assert first.split()[:2] == ["1", "main-2"] and first.split()[-2:] == scores
    assert len(rest) == 2


def test_cells_have_colours():
    table = made_up(2)
    red, green, blue = colour(table.score[1, 0])
    text = "\n".join(shown(2, 80, force_terminal=True, color_system="truecolor"))  # pyright: ignore
    assert f"48;2;{red};{green};{blue}m" in text


def test_a_narrow_terminal_shows_the_best():
    found = heat_map(made_up(40), made_up(40).ratings())
    lines = shown(40, 80)
    assert len(lines) == num_shown(found, 80) + 1 < 20
    assert all(len(re.sub(r"\s+$", "", line)) <= 80 for line in lines)
    assert lines[1].split()[1] == "main-39"
    assert num_shown(found, 1000) == 40
