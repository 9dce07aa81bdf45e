"""Positions, networks and searches for tests of the search."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from quick import quick_jit

from jaxplay.evaluator import Prediction
from jaxplay.game import fresh, random_action


def position(game, moves: str = ""):
    """The position after `moves` in the game's notation, separated by spaces, as a batch of one."""
    state = fresh(game, jax.random.key(0))
    for move in moves.split():
        state = game.step(state, jnp.int32(game.parse_action(move)))
    return jax.tree.map(lambda x: x[None], state)


def random_positions(game, batch: int, plies: int, seed: int = 2):
    """`batch` positions after 1 to `plies` random plies, none of them over."""

    def play(key, count):
        def ply(i, state):
            legal = state.legal_action_mask[: game.num_actions]
            after = game.step(state, random_action(legal, jax.random.fold_in(key, i)))
            go = (i < count) & ~after.terminated
            return jax.tree.map(lambda a, b: jnp.where(go, a, b), after, state)

        return jax.lax.fori_loop(0, plies, ply, fresh(game, key))

    keys = jax.random.split(jax.random.key(seed), batch)
    return quick_jit(jax.vmap(play))(keys, jnp.arange(batch) % plies + 1)


def linear(game, scale: float = 0.3):
    """Parameters and evaluator of a fixed random linear network."""
    size = jax.eval_shape(game.observe, jax.eval_shape(game.init, jax.random.key(0))).size
    params = scale * jax.random.normal(jax.random.key(1), (size, game.num_actions + 1))

    def evaluate(params, key, states):
        features = jax.vmap(game.observe)(states).reshape(states.terminated.shape[0], -1)
        out = features @ params
        return Prediction(out[:, :-1], jnp.tanh(out[:, -1]))

    return params, evaluate


def value_against(game, evaluate, params, state, searcher: int) -> float:
    """The most that `searcher` can get against an opponent's likeliest moves, by trying everything."""
    if state.terminated:
        return float(state.rewards[searcher])
    moves = np.flatnonzero(state.legal_action_mask)
    if int(state.current_player) != searcher:
        logits = evaluate(params, None, jax.tree.map(lambda x: x[None], state)).logits[0]
        moves = [int(np.where(state.legal_action_mask, logits, -np.inf).argmax())]
    after = [_step(game, state, jnp.int32(move)) for move in moves]
    return max(value_against(game, evaluate, params, state, searcher) for state in after)


@partial(jax.jit, static_argnums=0)
def _step(game, state, action):
    return game.step(state, action)
