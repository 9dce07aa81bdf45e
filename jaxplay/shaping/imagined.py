"""Opponents imagined inside the game: MBOM, which plans against what the other would come to do."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.shaping.online import OnlinePlayer, Seen
from jaxplay.shaping.rounds import Repeated, evaluate, other_frame

MOST_ACTIONS = 4
"""More actions than this are not imagined: as in the paper, lines of play grow with their power."""
SWEEPS = 64
"""Sweeps of value iteration; what they leave out is worth less than `discount ** 64` of the future."""


class Imagination(NamedTuple):
    """What MBOM remembers.

    Attributes:
        logits: `(S, A)` float32: the model of the opponent, learnt from what it did, in one's own frame.
        levels: `(L, S, A)` float32: that model and those imagined from it, as probabilities.
        scores: `(L,)` float32: how well each level told the opponent's actions, decaying log likelihoods.
    """

    logits: Array
    levels: Array
    scores: Array


def mbom(
    game: Repeated,
    prior: Array,
    *,
    num_levels: int = 3,
    horizon: int = 5,
    num_steps: int = 5,
    rate: float = 1.0,
    decay: float = 0.9,
    temperature: float = 0.1,
) -> OnlinePlayer:
    """Model-based opponent modelling (Yu et al. 2022) on a repeated game.

    Level 0 is a model of the opponent, learnt from its actions. Level m is imagined: I answer level m - 1 as
    well as can be; the opponent looks `horizon` rounds ahead in the game and finds its best action against
    that; the model of level m - 1 takes `num_steps` steps towards it. The levels are mixed by how well they
    have told the opponent's actions, and the player answers the mixture.

    Args:
        game: with the player as player 0, of at most 4 actions.
        prior: `(S, A)` float32: probabilities that the model begins with, in the player's frame: what
            opponents seen before would do.
        num_levels: levels, L, level 0 among them.
        horizon: rounds that an imagined opponent looks ahead; then play is worth what it is against the
            level below.
        num_steps: steps from one level to the next.
        rate: the length of these steps, and of those with which level 0 learns, in logits.
        decay: what a log likelihood is worth in the next round.
        temperature: of the player's softmax of action values, in points of discounted sums.

    Raises:
        UserError: the game has more than 4 actions.

    Source: https://arxiv.org/abs/2108.01843
    """
    if game.num_actions > MOST_ACTIONS:
        raise UserError(f"mbom: {game.num_actions} actions; allowed: up to {MOST_ACTIONS}")

    def towards(logits: Array, target: Array) -> Array:
        return logits + rate * (target - jax.nn.softmax(logits))

    def imagine(logits: Array) -> Array:
        levels = [logits]
        for _ in range(num_levels - 1):
            answer = jax.nn.softmax(_best_values(game, jax.nn.softmax(levels[-1])) / temperature)
            wanted = _their_best(game, answer, jax.nn.softmax(levels[-1]), horizon)
            above = levels[-1]
            for _ in range(num_steps):
                above = towards(above, wanted)
            levels.append(above)
        return jax.nn.softmax(jnp.stack(levels))

    def init() -> Imagination:
        logits = jnp.log(jnp.clip(prior, 1e-3))
        return Imagination(logits, imagine(logits), jnp.zeros(num_levels))

    def policy(memory: Imagination) -> Array:
        mixture = jnp.einsum("l,lsa->sa", jax.nn.softmax(memory.scores), memory.levels)
        return jax.nn.softmax(_best_values(game, mixture) / temperature)

    def observe(memory: Imagination, seen: Seen) -> Imagination:
        told = jnp.log(jnp.clip(memory.levels[:, seen.state, seen.other], 1e-3))
        did = jax.nn.one_hot(seen.other, game.num_actions)
        logits = memory.logits.at[seen.state].set(towards(memory.logits[seen.state], did))
        return Imagination(logits, imagine(logits), decay * memory.scores + told)

    return OnlinePlayer(init, policy, observe)


def _best_values(game: Repeated, model: Array) -> Array:
    """`(S, A)` float32: discounted sums after each own action against `model` `(S, A)`, then the best."""

    def sweep(_: int, values: Array) -> Array:
        later = values.max(axis=1)[1:].reshape(game.num_actions, game.num_actions)
        return jnp.einsum("sb,ab->sa", model, game.payoffs[..., 0] + game.discount * later)

    return jax.lax.fori_loop(0, SWEEPS, sweep, jnp.zeros_like(model))


def _their_best(game: Repeated, answer: Array, model: Array, horizon: int) -> Array:
    """`(S, A)` float32: 1 at the opponent's best action against `answer`, `horizon` rounds ahead."""
    values = evaluate(game, answer, other_frame(model)).values[1]
    action_values = jnp.zeros_like(model)
    for _ in range(horizon):
        later = values[1:].reshape(game.num_actions, game.num_actions)
        action_values = jnp.einsum("sa,ab->sb", answer, game.payoffs[..., 1] + game.discount * later)
        values = action_values.max(axis=1)
    return jax.nn.one_hot(action_values.argmax(axis=1), game.num_actions)
