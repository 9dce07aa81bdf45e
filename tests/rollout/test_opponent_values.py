"""What lanes record of opponents that searches model: what these thought, and the potential made of it."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from quick import quick_jit
from rolling import RANDOM, in_lanes, seated
from small_lanes import read_lanes

from jaxplay import search
from jaxplay.config import SelfPlayConfig
from jaxplay.evaluator import Prediction
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.learners.positions import unstrip
from jaxplay.policies import from_search
from jaxplay.rollout import Roster, lanewise, paired

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
    policies = [from_search(GAME, s, SelfPlayConfig(**RANDOM)) for s in (own, search.policy(GAME, theirs))]
    options: dict[str, Any] = {"num_matches": MATCHES, "num_lanes": LANES, "num_plies": PLIES} | RANDOM
    play = in_lanes(GAME, paired(*policies, models_opponent=True), period=36, potential=True, **options)

    def run(key: Any) -> Any:
        matches = seated(play.init(key), jnp.zeros(LANES), jnp.arange(1, LANES + 1))
        roster = Roster(jnp.zeros(9), jnp.asarray(OPINIONS), jnp.float32(0.5))
        rolled = play.play(roster, matches, key)
        states = jax.vmap(lambda row: unstrip(GAME, row))(rolled.trajectory.state)
        return matches, rolled, jax.vmap(jax.vmap(GAME.step))(states, rolled.trajectory.action)

    before, found, after = jax.device_get(quick_jit(run)(jax.random.key(0)))
    return found.trajectory, after, read_lanes(GAME, before, found.trajectory, found.matches)


def opinions(states: Any) -> Any:
    """`(T, M)`: what the opponent of each match thinks of the positions, as who is to move there."""
    stones = np.asarray(jax.vmap(jax.vmap(GAME.observe))(states)).reshape(PLIES, MATCHES, 9, 2)
    lead = stones[..., 0] - stones[..., 1]
    return np.tanh((lead * np.repeat(OPINIONS, EACH, axis=0)).sum(-1))


def test_values_are_those_of_the_opponent_where_it_is_left():
    """Of its own network, after moves of the learner in either seat; nothing elsewhere."""
    moves, after, played = record()
    expected = played.mine & played.moved & ~played.ended
    np.testing.assert_array_equal(moves.opponent_known, expected)
    np.testing.assert_allclose(moves.opponent_value[expected], opinions(after)[expected], atol=1e-6)
    for seat in (0, 1):
        assert (expected & (moves.player == seat)).sum() > 40


def test_the_potential_is_what_the_opponent_last_gave_away():
    """From the view of player 0: -v where the learner is that, v where it is the other; 0 in a new game."""
    moves, after, played = record()
    value, potential = opinions(after), np.zeros(MATCHES)
    assert moves.potential.shape == (PLIES, MATCHES, 1)
    for row in range(PLIES):
        np.testing.assert_allclose(moves.potential[row, :, 0], potential, atol=1e-6)
        made = np.where(moves.player[row] == 0, -value[row], value[row])
        potential = np.where((played.mine & played.moved)[row], made, potential)
        potential[played.ended[row]] = 0.0
    assert (np.abs(moves.potential) > 0.1).mean() > 0.5
