"""Won positions, and whether a player's move keeps them won: a measure for games that nobody has a table of.

A search proves both sides of it. A position counts where the search proves that the player to move wins. Its
move is kept where the search proves that the opponent has lost, failed where it proves that the opponent
wins.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.agent import Agent
from jaxplay.evaluator import Evaluate
from jaxplay.game import Game, random_action
from jaxplay.rollout.episode import advance_all, begin, select
from jaxplay.search import puct, root_proof

BATCH = 128
"""Positions in one call of the proving search."""
RANDOM_SHARE = 0.25
"""Of the moves that lead to the positions; the others are the likeliest by the agent's policy."""
PROVING = 4096
"""Simulations of the proving search."""
MOST_BATCHES = 16


class Won(NamedTuple):
    """What became of positions that were proven won.

    Attributes:
        num_positions: in which the move was asked for.
        kept: moves after which the opponent has lost, proven.
        failed: moves after which the opponent wins, proven.
        random_kept: the same as `kept` of a random legal move.
    """

    num_positions: int
    kept: int
    failed: int
    random_kept: int


def measurable(game: Game[Any]) -> bool:
    """Whether a search can prove wins, and every game has a winner."""
    two = game.num_players == 2 and game.zero_sum and game.perfect_information
    return two and game.num_chance_outcomes == 0 and not getattr(game, "has_draws", True)


def won_positions(
    agent: Agent, num_positions: int, key: Array, *, num_simulations: int = PROVING, batch: int = BATCH
) -> Won:
    """How often an agent keeps what is won.

    Positions come from games in which the agent's policy moves, a quarter of the moves at random.

    Args:
        agent: asked for moves, and whose network guides the search that proves: what is proven holds whoever
            guided it.
        num_positions: that are wanted; there are fewer where the search proves less.
        key: of the games, the searches and the random moves.
        num_simulations: of the proving search.
        batch: positions that are proven at once.
    """
    key_games, key_proofs = jax.random.split(key)
    parts: list[np.ndarray] = []
    for number, states in enumerate(_middles(agent, batch, key_games)):
        found = _one_batch(agent, states, jax.random.fold_in(key_proofs, number), num_simulations)
        parts.append(found)
        if sum(map(len, parts)) >= num_positions or number + 1 == MOST_BATCHES:
            break
    moves, rest = np.concatenate(parts)[:num_positions].T
    return Won(len(moves), int((moves < 0).sum()), int((moves > 0).sum()), int((rest < 0).sum()))


def _one_batch(agent: Agent, states: Any, key: Array, num_simulations: int) -> np.ndarray:
    """`(n, 2)` int8, of the positions proven won: the proof after the agent's move, and a random one's.

    It speaks for the opponent: -1 is lost. Moves that win at once count -1 too.
    """
    keys = jax.random.split(key, 4)
    won = _proof(agent, states, keys[0], num_simulations) == 1
    luck = jax.random.split(keys[1], len(won))
    moves = agent.act(states, keys[2]), jax.vmap(random_action)(states.legal_action_mask, luck)
    after = [_after(agent, states, move, keys[3], num_simulations) for move in moves]
    return np.stack(after, axis=-1)[won & ~np.asarray(states.terminated)]


def _after(agent: Agent, states: Any, actions: Array, key: Array, num_simulations: int) -> np.ndarray:
    """`(B,)` int8: what is proven of the positions after `actions`, for the other player."""
    children = jax.jit(jax.vmap(agent.game.step))(states, actions)
    mover = np.asarray(states.current_player)
    proof = _proof(agent, children, key, num_simulations)
    proof = np.where(np.asarray(children.current_player) == mover, -proof, proof)
    ended = -np.sign(np.take_along_axis(np.asarray(children.rewards), mover[:, None], axis=1)[:, 0])
    return np.where(np.asarray(children.terminated), ended, proof).astype(np.int8)


def _proof(agent: Agent, states: Any, key: Array, num_simulations: int) -> np.ndarray:
    """`(B,)` int8: 1 where the player to move is proven to win, -1 where it is proven to lose."""
    first = np.asarray(
        _prover(agent.game, agent.programs.predict, num_simulations)(agent.params, key, states)
    )
    return np.where(np.asarray(states.current_player) == 0, first, -first).astype(np.int8)


@cache
def _prover(game: Game[Any], evaluate: Evaluate, num_simulations: int) -> Callable[..., Array]:
    """`params, key, states (B, ...) -> (B,)` int8: 1 where player 0 is proven to win, -1 for player 1."""
    search = puct(game, evaluate, num_simulations, prove=True)

    def proof(params: Any, key: Array, states: Any) -> Array:
        tree = search(params, key, states).tree
        assert tree is not None
        return root_proof(tree)

    return jax.jit(proof)


def _middles(agent: Agent, batch: int, key: Array) -> Iterator[Any]:
    """Positions in the middle of games, batch by batch."""
    game, most = agent.game, agent.game.max_plies

    @jax.jit
    def play(params: Any, key: Array) -> Any:
        key_begin, key_end, key_play = jax.random.split(key, 3)
        states = jax.vmap(lambda key: begin(game, key))(jax.random.split(key_begin, batch))
        last = jax.random.randint(key_end, (batch,), most // 6, most // 2)

        def ply(number: Array, states: Any) -> Any:
            keys = jax.random.split(jax.random.fold_in(key_play, number), 4)
            logits = agent.programs.predict(params, keys[0], states).logits
            blind = jax.vmap(random_action)(states.legal_action_mask, jax.random.split(keys[1], batch))
            is_blind = jax.random.uniform(keys[2], (batch,)) < RANDOM_SHARE
            actions = jnp.where(is_blind, blind, logits.argmax(-1))
            after = advance_all(game, states, actions, keys[3])
            return jax.vmap(select)((number < last) & ~after.terminated, after, states)

        return jax.lax.fori_loop(0, most // 2, ply, states)

    number = 0
    while True:
        yield play(agent.params, jax.random.fold_in(key, number))
        number += 1
