"""Rewards from comparisons of one's own games: the minimax winner by self-play (SPO).

Nobody says what a game is worth, only which of two games is better, perhaps in cycles. The reward of a game
is the share of a queue of the learner's own earlier games that it is preferred to, twice that less one. So
one policy plays against itself, and its average tends to the mixture that nothing is preferred to more often
than not. Any learner by rewards will do.

Source: Swamy et al. 2024, A minimaximalist approach to reinforcement learning from human feedback, algorithm
1, https://arxiv.org/abs/2401.04056.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.learners.base import Learner, LearnerState
from jaxplay.learners.positions import unstrip
from jaxplay.rollout import Trajectory
from jaxplay.shards import ONE_SHARD, Shards
from jaxplay.struct import pytree, replace

Prefer = Callable[[Any, Any], Array]
"""`end states (N, ...), end states (K, ...) -> (N, K)`: how often each of the first is preferred, 0 to 1."""


@pytree
class Queue:
    """The newest games of one shard.

    Attributes:
        states: how they ended, stripped, `(K, ...)`.
        known: `(K,)` bool, there is one.
    """

    states: Any
    known: Array


@pytree
class Compared:
    """What a learner by comparisons keeps; all with a leading axis of shards.

    Attributes:
        memory: of the learner inside.
        queue: its own games.
    """

    memory: Any
    queue: Queue


def by_preference(
    learner: Learner, game: Game[Any], prefer: Prefer, *, queue: int = 256, shards: Shards = ONE_SHARD
) -> Learner:
    """A learner that is rewarded for games that are preferred to its own earlier ones.

    Args:
        learner: learns from rewards, and does not search: a search adds up the game's own rewards.
        game: for one player; its own rewards count nothing. Games that are cut earn nothing.
        prefer: see `Prefer`; of a game and itself it is 1/2.
        queue: K, how many games are kept.
        shards: how memory is divided, as the learner's.

    Raises:
        UserError: a game for several players, or an empty queue.
    """
    if game.num_players != 1:
        raise UserError(f"preferences of games are for one player; {game} is for {game.num_players}")
    if queue < 1:
        raise UserError(f"queue is {queue}; allowed: 1 game or more")

    def init(key: Array, example: Trajectory) -> LearnerState:
        state = learner.init(key, example)
        shape = (shards.local, queue)
        states = jax.tree.map(lambda leaf: jnp.zeros((*shape, *leaf.shape[2:]), leaf.dtype), example.final)
        return replace(state, memory=Compared(state.memory, Queue(states, jnp.zeros(shape, bool))))

    def update(state: LearnerState, made: Trajectory, key: Array) -> tuple[LearnerState, dict[str, Array]]:
        kept = state.memory
        rewards, newest = shards.map(lambda own, old: compared(game, prefer, own, old), made, kept.queue)
        inside, metrics = learner.update(
            replace(state, memory=kept.memory), replace(made, rewards=rewards, final=None), key
        )
        ends = shards.sum(made.terminated.sum((1, 2)).astype(jnp.float32))
        earned = shards.sum(rewards.sum((1, 2, 3)))
        metrics["preferred"] = 0.5 + 0.5 * earned / jnp.maximum(ends, 1.0)
        return replace(inside, memory=Compared(inside.memory, newest)), metrics

    def restart(state: LearnerState, params: Any) -> LearnerState:
        empty = jax.tree.map(jnp.zeros_like, state.memory.queue)
        inside = learner.restart(replace(state, memory=state.memory.memory), params)
        return replace(inside, memory=Compared(inside.memory, empty))

    return learner._replace(init=init, update=update, restart=restart, endings=True)


def compared(game: Game[Any], prefer: Prefer, made: Trajectory, queue: Queue) -> tuple[Array, Queue]:
    """Rewards `(T, M, 1)` of one shard's games against the queue, and the queue with them.

    Args:
        game: that was played.
        prefer: see `Prefer`.
        made: trajectory `(T, M)` with its endings.
        queue: of K earlier games; without any, games earn nothing.
    """
    ends = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), made.final)
    over = made.terminated.reshape(-1)
    better = 2.0 * prefer(unstrip(game, ends), unstrip(game, queue.states)) - 1.0
    mean = (better * queue.known[None]).sum(1) / jnp.maximum(queue.known.sum(), 1)
    rewards = jnp.where(over, mean, 0.0).reshape(*made.terminated.shape, 1)
    states = jax.tree.map(lambda old, new: jnp.concatenate([old, new]), queue.states, ends)
    known = jnp.concatenate([queue.known, over])
    newest = jnp.argsort(known, stable=True)[-len(queue.known) :]
    return rewards, Queue(jax.tree.map(lambda leaf: leaf[newest], states), known[newest])
