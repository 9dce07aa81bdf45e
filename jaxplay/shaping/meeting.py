"""Two players who learn while they play a repeated game: many seeds at once, in one program."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.shaping.rounds import Repeated, mean_rewards
from jaxplay.shaping.updates import Update

SPREAD = 1.0
"""Standard deviation of the logits that players begin with."""
CERTAIN = 1e-6
"""The least probability of a scripted player's action, as logits are finite."""


class Learned(NamedTuple):
    """What became of two learners, for each of N seeds.

    Attributes:
        logits: `(N, 2, S, A)` float32: the policies at the end, each in its player's frame.
        returns: `(N, T, 2)` float32: mean rewards before each step.
    """

    logits: Array
    returns: Array

    @property
    def policies(self) -> Array:
        """`(N, 2, S, A)` float32: probabilities."""
        return jax.nn.softmax(self.logits)


def learn(
    game: Repeated,
    updates: tuple[Update, Update],
    key: Array,
    *,
    num_seeds: int = 20,
    num_steps: int = 1000,
    scripted: Array | None = None,
) -> Learned:
    """Both players learn at the same time, each step from the logits that both had before it.

    Args:
        game: what they play.
        updates: how each of them learns; player 1 sees the game from its own side.
        key: of the logits at first.
        num_seeds: independent pairs, N.
        num_steps: steps, T.
        scripted: `(S, A)` the policy of player 1 at first; by default its logits are drawn like player 0's.
    """

    def one(key: Array) -> tuple[Array, Array]:
        logits = SPREAD * jax.random.normal(key, (2, game.num_states, game.num_actions))
        if scripted is not None:
            logits = logits.at[1].set(jnp.log(jnp.clip(scripted, CERTAIN)))

        def step(logits: Array, _: None) -> tuple[Array, Array]:
            policies = jax.nn.softmax(logits)
            mine, theirs = logits
            new = updates[0](game, mine, theirs), updates[1](game.swapped, theirs, mine)
            return jnp.stack(new), mean_rewards(game, policies[0], policies[1])

        return jax.lax.scan(step, logits, length=num_steps)

    return Learned(*jax.jit(jax.vmap(one))(jax.random.split(key, num_seeds)))
