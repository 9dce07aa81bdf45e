"""The coin game: against OpenSpiel, steps, coins and what is shown to whom."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from open_spiel_games import compare

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.games.coin_game import CoinGame
from jaxplay.testing import replay

SMALL = CoinGame(rows=2, columns=3, coins=1, moves=6)
DRAWN = [0, 2, 0, 5, 1, 2, 4]
"""A likes colour a, B colour c; A stands at the top left, B at the bottom right; coins a b c."""
UP, DOWN, LEFT, RIGHT, STAND = range(5)


def sight(state: Any, player: int) -> str:
    """What OpenSpiel shows of a position; it has no information states of this game."""
    return state.observation_string(player)


CASES = {
    "usual": (CoinGame(), {}, 10_000),
    "three players": (
        CoinGame(rows=3, columns=4, players=3, extra=0, coins=1, moves=9),
        {
            "rows": 3,
            "columns": 4,
            "players": 3,
            "num_extra_coin_colors": 0,
            "num_coins_per_color": 1,
            "episode_length": 9,
        },
        1_000,
    ),
}


@pytest.mark.strict_dtypes
@pytest.mark.parametrize("case", CASES)
def test_openspiel_agrees(case: str):
    pyspiel = pytest.importorskip("pyspiel")
    game, options, num_plies = CASES[case]
    compare(game, pyspiel.load_game("coin_game", options), num_plies=num_plies, key=sight, finer=True)


def test_a_game():
    """A takes the coin it likes and the one nobody likes, B the one it likes itself."""
    state = replay(SMALL, 0, [*DRAWN, RIGHT, LEFT, RIGHT, STAND, STAND, UP])
    assert state.terminated
    assert state.rewards.tolist() == [1 + 1 - 1, 1 + 1 - 1]
    assert SMALL.render(state) == (
        ". B A\n. . .\nA likes a, has a1 b1 c0\nB likes c, has a0 b0 c1\nA +1, B +1"
    )


def test_walls_and_players_stop():
    state = replay(SMALL, 0, [*DRAWN, UP, RIGHT, DOWN, LEFT, RIGHT])
    assert state.places.tolist() == [3, 4], "A may not enter the cell where B stands"
    assert SMALL.render(state).endswith("B to move, A played right"), "the grid does not show it"


def test_what_is_liked_is_hidden_from_the_others():
    state = replay(SMALL, 0, [*DRAWN, RIGHT])
    other = replay(SMALL, 0, [1, *DRAWN[1:], RIGHT])
    second = jnp.int32(1)
    np.testing.assert_array_equal(SMALL.observe(state, second), SMALL.observe(other, second))
    assert SMALL.render(state, 1) == SMALL.render(other, 1) != SMALL.render(other)
    assert "A likes ?" in SMALL.render(state, 1) and "B likes c" in SMALL.render(state, 1)
    assert SMALL.render_svg(state, 1) == SMALL.render_svg(other, 1)


def test_bounds():
    assert (CoinGame().min_return, CoinGame().max_return) == (-16, 32)


def test_options():
    with pytest.raises(UserError, match="rows=3, columns=3; allowed: 14 to 127 cells, for players and coins"):
        make("coin_game", rows=3, columns=3)
    with pytest.raises(UserError, match="players=1; allowed: 2 to 5"):
        make("coin_game", players=1)
    with pytest.raises(UserError, match="'north' is not an action; allowed: up, down, left, right, stand"):
        CoinGame().parse_action("north")
