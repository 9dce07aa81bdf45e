"""What lanes record of opponents that searches model: what these thought, and the potential made of it."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from quick import quick_jit
from small_lanes import read_lanes

from jaxplay import search
from jaxplay.evaluator import Prediction
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.learners.positions import unstrip
from jaxplay.selfplay import Temperature, apart, lane_play, lanewise

GAME = TicTacToe()
LANES, MATCHES, PLIES = 2, 16, 24
EACH = MATCHES // LANES
OPINIONS = np.random.default_rng(0).normal(0, 0.4, (LANES, 9)).astype(np.float32)
"""Of the opponents: what a stone on each cell is worth to who has it."""


def evaluate(params: Any, key: Any, states: Any) -> Prediction:
    """Likes all moves alike."""
    seen = jax.vmap(GAME.observe)(states).reshape(-1, 9, 2)
    return Prediction(jnp.zeros((seen.shape[0], 9)), jnp.tanh((seen[..., 0] - seen[..., 1]) @ params))


@cache
def record() -> Any:
    """What was played and thought, and the positions behind all moves; NumPy arrays."""
    theirs = lanewise(evaluate, LANES, MATCHES // 2)
    model = search.Opponent(theirs, sample=True, signal=search.Signal("potential"))
    own = search.puct(GAME, evaluate, 3, opponent=model)
    find = apart(own, search.policy(GAME, theirs), models_opponent=True)
    options: dict[str, Any] = {"num_matches": MATCHES, "num_lanes": LANES, "num_plies": PLIES}
    play = lane_play(GAME, find, period=36, temperature=Temperature(1.0, 1.0, 0), potential=True, **options)

    def run(key: Any) -> Any:
        lanes = play.init(key, jnp.zeros(LANES), jnp.arange(1, LANES + 1))
        mine = search.SearchParams(jnp.zeros(9), signal_weight=jnp.float32(0.5))
        played = play.play(mine, jnp.asarray(OPINIONS), lanes, key)
        states = jax.vmap(lambda row: unstrip(GAME, row))(played.moves.state)
        return lanes, played, jax.vmap(jax.vmap(GAME.step))(states, played.moves.action)

    before, found, after = jax.device_get(quick_jit(run)(jax.random.key(0)))
    return found.moves, found.thoughts, after, read_lanes(GAME, before, found.moves, found.lanes)


def opinions(states: Any) -> Any:
    """`(T, M)`: what the opponent of each match thinks of the positions, as who is to move there."""
    stones = np.asarray(jax.vmap(jax.vmap(GAME.observe))(states)).reshape(PLIES, MATCHES, 9, 2)
    lead = stones[..., 0] - stones[..., 1]
    return np.tanh((lead * np.repeat(OPINIONS, EACH, axis=0)).sum(-1))


def test_thoughts_are_those_of_the_opponent_where_it_is_left():
    """Of its own network, after moves of the learner in either seat; nothing elsewhere."""
    moves, thoughts, after, played = record()
    expected = played.mine & played.moved & ~played.ended
    np.testing.assert_array_equal(thoughts.replied, expected)
    np.testing.assert_allclose(thoughts.value[expected], opinions(after)[expected], atol=1e-6)
    for seat in (0, 1):
        assert (expected & (moves.player == seat)).sum() > 40


def test_the_potential_is_what_the_opponent_last_gave_away():
    """From the view of player 0: -v where the learner is that, v where it is the other; 0 in a new game."""
    moves, _, after, played = record()
    value, potential = opinions(after), np.zeros(MATCHES)
    assert moves.potential.shape == (PLIES, MATCHES, 1)
    for row in range(PLIES):
        np.testing.assert_allclose(moves.potential[row, :, 0], potential, atol=1e-6)
        made = np.where(moves.player[row] == 0, -value[row], value[row])
        potential = np.where((played.mine & played.moved)[row], made, potential)
        potential[played.ended[row]] = 0.0
    assert (np.abs(moves.potential) > 0.1).mean() > 0.5
