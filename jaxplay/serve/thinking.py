"""What players think of positions: programs for batches of positions, padded to few sizes."""

from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.agent import Agent
from jaxplay.game import scalar_value
from jaxplay.players import Contender
from jaxplay.search import Tree
from jaxplay.serve.batching import Lane

SIZES = (2, 16, 64)
"""Positions of a compiled batch. In a batch of one XLA copies large trees at each simulation."""


class Question(NamedTuple):
    """A position that a player is asked about.

    Attributes:
        state: in which a player is to move.
        num_simulations: of a search; at most the player's own number.
        seed: of the answer's key.
    """

    state: Any
    num_simulations: int
    seed: int


class Thought(NamedTuple):
    """What a player thinks of a position with A moves.

    Attributes:
        action: that it prefers.
        weights: `(A,)` of moves: shares of visits, or the probabilities of a policy.
        value: for player 0, from -1 to 1; None in a game for more, or where the player does not tell.
        q: `(A,)` for the player to move; None without a search.
        visits: `(A,)` of a search; None without.
        prior: `(A,)`, what the search began with; None without.
        tree: of the search, where it was asked for: one element's, on the device.
    """

    action: int
    weights: np.ndarray
    value: float | None = None
    q: np.ndarray | None = None
    visits: np.ndarray | None = None
    prior: np.ndarray | None = None
    tree: Tree | None = None


def lane_of(contender: Contender, name: Hashable) -> Lane[Question, Thought]:
    """The moves of a player, which is no mixture."""
    agent = contender.agent
    if agent is None:
        player = contender.single()
        return Lane(name, partial(_play, jax.jit(player.act), player.params), SIZES[-1])
    run = _search if agent.programs.searches else _policy
    return Lane(name, partial(run, agent, _moves_of(agent)), SIZES[-1])


def tree_lane(agent: Agent, name: Hashable) -> Lane[Question, Thought]:
    """Searches whose trees are kept, one at a time."""
    return Lane(name, partial(_with_tree, agent), 1)


def _moves_of(agent: Agent) -> Any:
    """The compiled program of a batch of moves, without trees."""
    if not agent.programs.searches:
        return None
    search = agent.programs.search(agent.num_simulations)

    def run(params: Any, key: Any, states: Any, budgets: Any) -> Any:
        return search(params, key, states, num_simulations=budgets)._replace(tree=None)

    return jax.jit(run)


def _padded(questions: Sequence[Question]) -> tuple[Any, np.ndarray, Any]:
    """States `(B, ...)`, simulations `(B,)` and a key; the first position fills the batch."""
    size = next(size for size in SIZES if size >= len(questions))
    filled = [*questions, *[questions[0]._replace(num_simulations=1)] * (size - len(questions))]
    states = jax.device_get([question.state for question in filled])
    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *states)
    budgets = np.array([question.num_simulations for question in filled], np.int32)
    return stacked, budgets, jax.random.key(questions[0].seed)


def _search(agent: Agent, run: Any, questions: Sequence[Question]) -> list[Thought]:
    states, budgets, key = _padded(questions)
    found = jax.device_get(run(agent.params, key, states, budgets))
    return [_searched(agent, found, states, i) for i in range(len(questions))]


def _searched(agent: Agent, found: Any, states: Any, i: int) -> Thought:
    """What a search found of element `i`; a position is worth what its preferred move is."""
    action = int(found.action[i])
    own = found.q[i, action] if found.visits[i, action] and scalar_value(agent.game) else found.value[i]
    value = _for_first(agent, own, states.current_player[i])
    weights = found.visits[i] / max(found.visits[i].sum(), 1)
    return Thought(action, weights, value, found.q[i], found.visits[i], found.prior[i])


def _policy(agent: Agent, _: Any, questions: Sequence[Question]) -> list[Thought]:
    states, _, key = _padded(questions)
    actions = jax.device_get(agent.act(states, key))
    said = jax.device_get(agent.predict(states, key))
    probs = np.exp(said.logits - np.logaddexp.reduce(said.logits, axis=-1, keepdims=True))
    values = [_for_first(agent, said.value[i], states.current_player[i]) for i in range(len(questions))]
    return [Thought(int(actions[i]), probs[i], value) for i, value in enumerate(values)]


def _play(act: Any, params: Any, questions: Sequence[Question]) -> list[Thought]:
    states, _, key = _padded(questions)
    actions = jax.device_get(act(params, key, states))
    masks = states.legal_action_mask
    return [Thought(int(actions[i]), masks[i].astype(float)) for i in range(len(questions))]


def _with_tree(agent: Agent, questions: Sequence[Question]) -> list[Thought]:
    states, budgets, key = _padded(questions)
    output = agent.programs.search(agent.num_simulations)(
        agent.params, key, states, num_simulations=jnp.asarray(budgets)
    )
    found = jax.device_get(output._replace(tree=None))
    return [_searched(agent, found, states, 0)._replace(tree=output.tree)]


def _for_first(agent: Agent, value: Any, player: Any) -> float | None:
    """A value in order of turn as player 0 has it, in games for two or one."""
    if not scalar_value(agent.game):
        return None
    return float(value) if agent.game.num_players == 1 or player == 0 else -float(value)
