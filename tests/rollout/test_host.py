import jax
import numpy as np
import pytest
from small_games import Nim, Race

from jaxplay.errors import UserError
from jaxplay.game import CHANCE
from jaxplay.rollout.host import HostEpisode

KEY = jax.random.key(1)
TAKE_ONE_OF_FIRST = 0


def test_a_game_to_its_end():
    episode = HostEpisode(Nim((1, 2)), KEY)
    assert episode.legal() == [0, 2, 3]
    episode.play(3)
    assert (episode.player, episode.over, episode.num_moves) == (1, False, 1)
    episode.play(0)
    assert episode.over and not episode.truncated
    assert episode.returns.tolist() == [-1, 1]
    assert episode.told() == "3 0"
    with pytest.raises(UserError, match="the game is over"):
        episode.play(0)


def test_illegal_moves_change_nothing():
    episode = HostEpisode(Nim((1, 2)), KEY)
    episode.play(0)
    with pytest.raises(UserError, match="0 is not legal here"):
        episode.play(0)
    assert episode.num_moves == 1


def test_undo_goes_back_to_a_players_own_move():
    episode = HostEpisode(Nim((2, 2, 2)), KEY)
    assert not episode.undo()
    for action in (0, 2, 4):
        episode.play(action)
    assert episode.undo(1)
    assert episode.told() == "0" and episode.player == 1
    assert not episode.undo(1)
    assert episode.undo(0)
    np.testing.assert_array_equal(episode.state.piles, [2, 2, 2])
    assert episode.events == []


def test_chance_is_played_and_recorded():
    episode = HostEpisode(Race(players=1, length=8), KEY)
    for _ in range(8):
        episode.play(1)
    outcomes = [event.action for event in episode.events if event.player == CHANCE]
    assert len(outcomes) == 8 == episode.num_moves
    assert episode.returns[0] == sum((0, 1, 3)[outcome] for outcome in outcomes)
    assert episode.told() == " ".join(f"1 (+{(0, 1, 3)[outcome]})" for outcome in outcomes)
    assert episode.told(1) == episode.told().split()[-1] and episode.told(0) == ""


def test_luck_is_drawn_anew_after_undo():
    episode = HostEpisode(Race(players=1, length=2), KEY)
    seen = set()
    for _ in range(40):
        (outcome,) = episode.play(1)
        seen.add(outcome.action)
        episode.undo()
    assert seen == {0, 1, 2}
    assert episode.events == []


def test_games_are_cut_at_their_limit():
    class Hasty(Nim):
        @property
        def max_plies(self):
            return 2

    episode = HostEpisode(Hasty((2, 2)), KEY)
    episode.play(0)
    episode.play(0)
    assert episode.over and episode.truncated
