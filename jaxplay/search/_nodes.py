"""New nodes of a tree, and its root."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.game import num_edges, resolve_chance, strip
from jaxplay.perspective import frame_of_rewards, frame_of_view, num_values
from jaxplay.search._edges import Rows, choose
from jaxplay.search._opponent import Reply
from jaxplay.search._priors import edge_prior, read_prediction, whole_prior
from jaxplay.search._proofs import end_proof
from jaxplay.search._signal import Shaping, remove_shaping
from jaxplay.search._simulator import Simulator, own_params
from jaxplay.search._tree import Node, index_dtype


class Origin(NamedTuple):
    """Where new nodes come from, `(K,)` each.

    Attributes:
        parent: node index.
        action: edge taken from there.
        path_return: `(K, V)`, as in `Tree`, of the parent.
        bonus: `(K, V)`, as in `Tree`, of the parent.
    """

    parent: Array
    action: Array
    path_return: Array
    bonus: Array | None


def make_nodes(
    sim: Simulator,
    params: Params,
    key: Array,
    states: Any,
    origin: Origin,
    reply: Reply | None = None,
    shaping: Shaping | None = None,
    *,
    is_root: bool = False,
) -> Node:
    """New nodes for `states` `(K, ...)`.

    A chance node is valued by the evaluator at one decision sampled behind it. What a modelled opponent
    did and thought on the way is `reply`, and what its signal makes of that is `shaping`. Priors of a root,
    which users see, have a sum of 1 also where the evaluation is not sound (`Evaluation.prior`).
    """
    game = sim.game
    key_chance, key_evaluate = jax.random.split(key)
    decisions = states
    if game.num_chance_outcomes > 0:
        keys = jax.random.split(key_chance, states.terminated.shape[0])
        decisions = jax.vmap(lambda s, k: resolve_chance(game, s, k))(states, keys)
    prediction = sim.evaluate(own_params(sim, params), key_evaluate, decisions)
    legal = decisions.legal_action_mask[:, : game.num_actions]
    evaluation = read_prediction(prediction, legal)
    value = frame_of_view(game, evaluation.value, decisions.current_player)
    value = jnp.where(decisions.terminated[:, None], 0.0, remove_shaping(value, shaping))
    value = value + frame_of_rewards(game, decisions.rewards - states.rewards)
    prior = whole_prior(evaluation, legal) if is_root else evaluation.prior
    prior = edge_prior(game, prior, states)
    prior, labels = _keep_likeliest(prior, sim.num_edges, num_edges(game))
    added = None if shaping is None else shaping.bonus
    total = origin.path_return + frame_of_rewards(game, states.rewards)
    total = total if added is None else total + added
    bonus = None if added is None or origin.bonus is None else origin.bonus + added
    finite = evaluation.sound if reply is None else evaluation.sound & reply.finite
    return Node(
        state=strip(states),
        parent=origin.parent,
        action=origin.action,
        path_return=total,
        value=value,
        prior=prior,
        next_edge=_first_edge(sim, states.current_player, prior, value),
        labels=labels,
        proof=end_proof(states.terminated, total if bonus is None else total - bonus) if sim.prove else None,
        complete=_complete(sim, states, labels),
        opponent_value=None if reply is None else reply.value,
        replied=None if reply is None else reply.replied,
        bonus=bonus,
        potential=None if shaping is None else shaping.potential,
        finite=finite | decisions.terminated,
    )


def _first_edge(sim: Simulator, player: Array, prior: Array, value: Array) -> Array:
    """`(K,)`: the edge to take first from nodes of these players, priors `(K, E)` and values `(K, V)`."""
    index = index_dtype(sim.num_edges)
    if sim.prior_first:
        return jnp.argmax(prior, axis=-1).astype(index)
    nothing = jnp.zeros((*prior.shape, value.shape[-1]), jnp.float32)
    rows = Rows(player, prior.astype(sim.prior_dtype), nothing[..., 0], nothing, value, None, None, None)
    return choose(sim, rows).astype(index)


def _keep_likeliest(prior: Array, kept: int, edges: int) -> tuple[Array, Array | None]:
    """Priors `(K, E)` of the likeliest edges, and what they stand for, if not all edges are kept."""
    if kept == edges:
        return prior, None
    likeliest, labels = jax.lax.top_k(prior, kept)
    return likeliest, labels.astype(index_dtype(edges))


def _complete(sim: Simulator, states: Any, labels: Array | None) -> Array | None:
    """`(K,)` bool: whether all legal actions have an edge; None where it need not be known."""
    if labels is None or not sim.prove:
        return None
    return states.legal_action_mask.sum(-1) <= sim.num_edges


def make_root(sim: Simulator, params: Params, key: Array, states: Any) -> Node:
    """Roots for `states` `(B, ...)`, whose hidden randomness is redrawn first."""
    key_seed, key_node = jax.random.split(key)
    batch = states.terminated.shape[0]
    keys = jax.random.split(key_seed, batch)
    states = jax.vmap(sim.game.reseed)(states, keys)
    if sim.sample_hidden is not None:
        states = jax.vmap(sim.sample_hidden)(states, jax.vmap(lambda k: jax.random.fold_in(k, 1))(keys))
    nowhere = jnp.zeros((batch,), jnp.int32)
    origin = Origin(nowhere, nowhere, *_before(sim, states))
    return make_nodes(sim, params, key_node, states, origin, *_unmet(sim, params, states), is_root=True)


def _before(sim: Simulator, states: Any) -> tuple[Array, Array | None]:
    """`Origin.path_return` and `Origin.bonus` of roots.

    Values need none of the rewards that were earned before the root. Proofs speak of the whole game, and
    take all that they can know.
    """
    earned = frame_of_rewards(sim.game, states.rewards)
    nothing = jnp.zeros_like(earned)
    if not sim.prove:
        return -earned, None
    signal = None if sim.opponent is None else sim.opponent.signal
    return nothing, None if signal is None or signal.form != "edge" else nothing


def _unmet(sim: Simulator, params: Params, states: Any) -> tuple[Reply | None, Shaping | None]:
    """What is known of a modelled opponent before the root: it had no move yet."""
    if sim.opponent is None:
        return None, None
    batch = states.terminated.shape[0]
    no = jnp.zeros((batch,), bool)
    reply, signal = Reply(states, jnp.zeros((batch,), jnp.float32), no, ~no), sim.opponent.signal
    if signal is None:
        return reply, None
    nothing = jnp.zeros((batch, num_values(sim.game)), jnp.float32)
    if signal.form == "edge":
        return reply, Shaping(params.signal_weight, bonus=nothing)
    return reply, Shaping(params.signal_weight, potential=nothing)
