"""What games tell of their ends besides who won: held against the picture, and against who won."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit

from jaxplay.game import fresh, make, random_action

GAMES = {"othello": {}, "go": {"size": 5, "komi": 2.5}}


@pytest.fixture(scope="module", params=GAMES)
def played(request):
    """A game and 64 positions at its end, after random play."""
    game = make(request.param, **GAMES[request.param])

    def play(key):
        def ply(carry):
            state, number = carry
            return game.step(
                state, random_action(state.legal_action_mask, jax.random.fold_in(key, number))
            ), number + 1

        start = (fresh(game, key), jnp.int32(0))
        return jax.lax.while_loop(lambda c: ~c[0].terminated & (c[1] < 500), ply, start)[0]

    states = quick_jit(jax.vmap(play))(jax.random.split(jax.random.key(0), 64))
    over = np.asarray(states.terminated)
    assert over.sum() > 30
    return game, jax.tree.map(lambda x: x[over], states)


def test_who_is_ahead_has_won(played):
    game, states = played
    score = np.asarray(jax.vmap(game.score)(states))
    np.testing.assert_array_equal(np.sign(score), states.rewards[:, 0])
    assert np.abs(score).max() <= game.max_score and len(np.unique(score)) > 5


def test_the_score_is_what_is_owned(played):
    """Less the komi, in Go."""
    game, states = played
    owned = np.asarray(jax.vmap(game.ownership)(states))
    assert owned.shape[1] == game.ownership_size and set(np.unique(owned)) <= {-1.0, 0.0, 1.0}
    komi = getattr(game, "komi", 0.0)
    np.testing.assert_allclose(owned.sum(1) - komi, jax.vmap(game.score)(states))


def test_symmetries_move_what_is_owned(played):
    game, states = played
    owned = np.asarray(jax.vmap(game.ownership)(states))
    for index in range(game.num_symmetries):
        turned = jax.vmap(lambda s, i=index: game.symmetry(s, jnp.int32(i)))(states)
        where = game.action_permutation[index, : game.ownership_size]
        np.testing.assert_array_equal(jax.vmap(game.ownership)(turned)[:, where], owned)
        np.testing.assert_allclose(jax.vmap(game.score)(turned), jax.vmap(game.score)(states))


def test_stones_are_owned(played):
    """A stone on the board belongs to who placed it: read off the picture."""
    game, states = played
    for index in range(5):
        state = jax.tree.map(lambda x, i=index: x[i], states)
        observed = np.asarray(game.observe(state, jnp.int32(0)))
        owned = np.asarray(game.ownership(state)).reshape(observed.shape[:2])
        assert (owned[observed[..., 0] > 0] == 1).all() and (owned[observed[..., 1] > 0] == -1).all()
