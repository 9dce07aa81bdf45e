"""`benchmarks.curves`: the peers' loop learns, sees our positions, and runs with ours."""

import jax
import numpy as np
import pytest
from small_games import Nim

from jaxplay.arena import outcomes
from jaxplay.benchmarks import curves as bench
from jaxplay.benchmarks.alphazero_peer import Sizes, _begin, alphazero_peer, pgx_rules
from jaxplay.errors import UserError
from jaxplay.game import make

TINY = bench.Plan(rounds=1, minutes=0.0, looks=1, quick=True)


@pytest.mark.parametrize("setting", ["jaxplay", "mctx"])
def test_a_tiny_run(setting):
    (row,) = bench.rows([setting], TINY)
    assert (row["setting"], row["seed"], row["steps"]) == (setting, 0, 1)
    assert 0.2 < row["kept"] < 0.9 and 0.2 < row["kept_policy"] < 0.9 and row["seconds_to_90"] is None
    assert row["curve"]["kept"] == [row["kept"]] and row["positions"] > 0


def test_a_peer_sees_the_same_positions():
    """By Pgx's rules and by ours the same columns are open."""
    for rules in (pgx_rules("connect_four"), bench.rules_of(make("connect_four"))):
        states = bench.positions_of(rules)
        np.testing.assert_array_equal(states.legal_action_mask, outcomes.load_positions("held_out").legal)


def test_the_peer_learns():
    """From piles of 2 and 3 only one move wins: to leave 2 and 2. Its policy and its search find it."""
    game = Nim((2, 3))
    sizes = Sizes(
        64, 16, num_simulations=8, batch_size=256, learning_rate=1e-2, channels=0, depth=1, width=32
    )
    loop = alphazero_peer(bench.rules_of(game), sizes)
    carry, iterate = loop.init(jax.random.key(0)), jax.jit(loop.iterate)
    for _ in range(30):
        carry = iterate(carry)
    start = jax.vmap(game.init)(jax.random.split(jax.random.key(0), 1))
    for simulations in (0, 8):
        assert int(jax.jit(loop.act(simulations))(carry, start, jax.random.key(0))[0]) == 3


def test_a_peer_may_begin_behind_random_moves():
    """As many as each length, none of which ends the game."""
    rules = bench.rules_of(make("tic_tac_toe"))
    sizes = Sizes(num_matches=600, opening_plies=5)
    states = jax.jit(lambda key: _begin(rules, sizes, key))(jax.random.key(0))
    plies = 9 - np.asarray(states.legal_action_mask).sum(-1)
    counts = np.bincount(plies, minlength=6)
    assert not states.terminated.any() and counts.size == 6 and counts[:5].min() > 70


def test_errors():
    with pytest.raises(UserError, match="no setting 'pgxx' in this benchmark; did you mean 'pgx'"):
        next(bench.rows(["pgxx"], TINY))
