"""A game of this library under the search of mctx (https://github.com/google-deepmind/mctx).

A game is pure functions of one state, so that any program that wants a model can have it.
Run: python examples/under_mctx.py (needs `pip install mctx`)
"""

# pyright: reportArgumentType=false, reportCallIssue=false
# (The dataclasses of mctx tell type checkers nothing.)

from typing import Any

import jax
import jax.numpy as jnp
import mctx
from jax import Array

import jaxplay

GAME = jaxplay.make("connect_four")


def prior_logits(states: Any) -> Array:
    """`(B, A)`: equal for legal actions; mctx does not know which are legal below the root."""
    return jnp.where(states.legal_action_mask, 0.0, -1e9)


def recurrent(params: Any, key: Array, action: Array, states: Any) -> Any:
    """A move in each game. The value is the next player's, hence the discount of -1; 0 where a game ends."""
    after = jax.vmap(GAME.step)(states, action)
    mover = states.current_player[:, None]
    reward = jnp.take_along_axis(after.rewards, mover, axis=1)[:, 0]
    over = states.terminated | after.terminated
    output = mctx.RecurrentFnOutput(
        reward=jnp.where(states.terminated, 0.0, reward),
        discount=jnp.where(over, 0.0, -1.0),
        prior_logits=prior_logits(after),
        value=jnp.zeros_like(reward),
    )
    return output, after


@jax.jit
def search(key: Array, states: Any) -> Any:
    """Gumbel search of 64 simulations."""
    root = mctx.RootFnOutput(
        prior_logits=prior_logits(states),
        value=jnp.zeros(states.terminated.shape),
        embedding=states,
    )
    return mctx.gumbel_muzero_policy(
        None, key, root, recurrent, 64, invalid_actions=~states.legal_action_mask, gumbel_scale=0.0
    )


def main() -> None:
    """Find the move that wins at once: three discs of player 0 lie side by side, from column 1 to 3."""
    state = GAME.init(jax.random.key(0))
    for action in (1, 1, 2, 2, 3, 3):
        state = GAME.step(state, jnp.int32(action))
    states = jax.tree.map(lambda leaf: leaf[None], state)
    found = search(jax.random.key(1), states)
    print(GAME.render(state))
    print("mctx plays column", int(found.action[0]))


if __name__ == "__main__":
    main()
