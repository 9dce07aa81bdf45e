import jax
import numpy as np
import pytest
from small_games import Nim, Race

from jaxplay.errors import UserError
from jaxplay.game import CHANCE
from jaxplay.play.session import Session

KEY = jax.random.key(1)
TAKE_ONE_OF_FIRST = 0


def test_a_game_to_its_end():
    session = Session(Nim((1, 2)), KEY)
    assert session.legal() == [0, 2, 3]
    session.play(3)
    assert (session.player, session.over, session.num_moves) == (1, False, 1)
    session.play(0)
    assert session.over and not session.truncated
    assert session.returns.tolist() == [-1, 1]
    assert session.record() == "3 0"
    with pytest.raises(UserError, match="the game is over"):
        session.play(0)


def test_illegal_moves_change_nothing():
    session = Session(Nim((1, 2)), KEY)
    session.play(0)
    with pytest.raises(UserError, match="0 is not legal here"):
        session.play(0)
    assert session.num_moves == 1


def test_undo_goes_back_to_a_players_own_move():
    session = Session(Nim((2, 2, 2)), KEY)
    assert not session.undo()
    for action in (0, 2, 4):
        session.play(action)
    assert session.undo(1)
    assert session.record() == "0" and session.player == 1
    assert not session.undo(1)
    assert session.undo(0)
    np.testing.assert_array_equal(session.state.piles, [2, 2, 2])
    assert session.events == []


def test_chance_is_played_and_recorded():
    session = Session(Race(players=1, length=8), KEY)
    for _ in range(8):
        session.play(1)
    outcomes = [event.action for event in session.events if event.player == CHANCE]
    assert len(outcomes) == 8 == session.num_moves
    assert session.returns[0] == sum((0, 1, 3)[outcome] for outcome in outcomes)
    assert session.record() == " ".join(f"1 (+{(0, 1, 3)[outcome]})" for outcome in outcomes)
    assert session.told(1) == session.record().split()[-1] and session.told(0) == ""


def test_luck_is_drawn_anew_after_undo():
    session = Session(Race(players=1, length=2), KEY)
    seen = set()
    for _ in range(40):
        (outcome,) = session.play(1)
        seen.add(outcome.action)
        session.undo()
    assert seen == {0, 1, 2}
    assert session.events == []


def test_games_are_cut_at_their_limit():
    class Hasty(Nim):
        @property
        def max_plies(self):
            return 2

    session = Session(Hasty((2, 2)), KEY)
    session.play(0)
    session.play(0)
    assert session.over and session.truncated
