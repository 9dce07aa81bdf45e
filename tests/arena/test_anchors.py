from dataclasses import dataclass

import jax
import numpy as np
import pytest
from small_games import Nim

from jaxplay.arena import match
from jaxplay.arena.anchors import mcts, mcts_player, random_player
from jaxplay.errors import UserError

KEY = jax.random.key(5)
GAME = Nim((1, 2, 2))


def test_random_player_plays_every_legal_action():
    states = jax.vmap(lambda _: GAME.init())(np.arange(400))
    actions = np.asarray(random_player().act(None, KEY, states))
    legal = np.flatnonzero(GAME.init().legal_action_mask)
    np.testing.assert_array_equal(np.unique(actions), legal)
    assert np.bincount(actions).max() < 130


def test_mcts_beats_random_play():
    result = match(GAME, [mcts_player(GAME, 64), random_player()], num_games=40, key=KEY)
    assert result.wins[0] == 20  # the first player can force a win
    assert result.score > 0.9
    assert result.first == "mcts:64"


def test_players_of_one_game_share_a_program():
    assert mcts_player(GAME, 8).act is mcts_player(Nim((1, 2, 2)), 8).act
    assert mcts_player(GAME, 8).act is not mcts_player(GAME, 9).act


def test_mcts_does_not_look_at_hidden_cards():
    @dataclass(frozen=True)
    class Hidden(Nim):
        perfect_information = False

    with pytest.raises(UserError, match="perfect information"):
        mcts(Hidden(), 8)
