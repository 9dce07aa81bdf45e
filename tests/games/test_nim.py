"""Nim: ends, Bouton's rule, piles, notation and pictures."""

import functools
import operator
import xml.etree.ElementTree
from typing import Any

import jax
import numpy as np
import pytest
from playing import legal, play

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.games.nim import Nim
from jaxplay.solve import solve

GAME = Nim()


def test_the_last_object_wins_or_loses():
    assert play(Nim((2, 1)), "a1 b1 a1").rewards.tolist() == [1, -1]
    state = play(Nim((2, 1), misere=True), "a1 b1 a1")
    assert state.terminated and state.rewards.tolist() == [-1, 1] and state.legal_action_mask.all()


def test_any_number_is_taken_from_one_pile():
    assert legal(GAME, play(GAME, "d5")) == {"a1", "b1", "b2", "b3", "c1", "c2", "c3", "c4", "c5", "d1", "d2"}


def bouton(piles: np.ndarray, misere: bool) -> bool:
    """Whether the mover wins with perfect play."""
    xor = functools.reduce(operator.xor, piles.tolist())
    return bool(xor == 0) if misere and (piles <= 1).all() else bool(xor != 0)


@pytest.mark.parametrize("misere", [False, True])
def test_perfect_play_is_as_bouton_says(misere: bool):
    solution = solve(Nim((2, 3, 4), misere=misere))
    states = solution.graph.states
    mover = np.arange(len(states.terminated)), states.current_player
    live = ~states.terminated
    wins = np.array([bouton(piles, misere) for piles in states.piles])
    assert ((solution.values[mover] > 0) == wins)[live].all() and live.sum() > 50


def test_piles():
    game: Any = make("nim", piles="3-4-5")
    assert game == Nim((3, 4, 5)) and game.piles == (3, 4, 5) and hash(game) == hash(Nim((3, 4, 5)))
    assert (game.num_actions, game.max_plies, game.num_symmetries) == (15, 12, 6)
    assert game.init(jax.random.key(0)).piles.tolist() == [3, 4, 5]
    assert Nim((1,) * 6).num_symmetries == 24


def test_bad_piles_are_refused():
    cases: list[Any] = [(0, 3), (128,), (3.0,), "3-x", ""]
    for piles in cases:
        with pytest.raises(UserError, match="allowed: sizes 1 to 127, such as 3-4-5"):
            Nim(piles)
    for count in (0, 27):
        with pytest.raises(UserError, match=f"{count} piles; allowed: 1 to 26"):
            Nim((1,) * count)


def test_notation():
    assert [GAME.action_to_string(action) for action in (0, 3, 11, 27)] == ["a1", "d1", "d3", "d7"]
    assert GAME.parse_action(" D3 ") == 11
    for text in ("e1", "a0", "a8", ""):
        with pytest.raises(UserError, match="allowed: a pile a to d and how many to take"):
            GAME.parse_action(text)


def test_observation():
    seen = GAME.observe(play(GAME, "d5"))
    assert seen.shape == (4, 7) and seen.sum(axis=1).tolist() == [1, 3, 5, 2]
    assert seen[2].tolist() == [1, 1, 1, 1, 1, 0, 0]


def test_render():
    assert GAME.render(play(GAME, "d5 a1")).splitlines() == [
        "a",
        "b |||",
        "c |||||",
        "d ||",
        "player 0 to move",
    ]
    assert Nim((1, 1)).render(play(Nim((1, 1)), "a1 b1")).endswith("player 1 wins")


def test_render_svg():
    """A head for every match that is left, a stick for every match."""
    picture = xml.etree.ElementTree.fromstring(GAME.render_svg(play(GAME, "d5")))
    tags = [shape.tag.rpartition("}")[2] for shape in picture]
    assert (tags.count("circle"), tags.count("line")) == (11, 16)
