"""What a search is made of, and nodes: how they are made, seen and chosen from."""

from typing import Any, NamedTuple, TypedDict, Unpack

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Evaluate, Params, Prediction
from jaxplay.game import CHANCE, Game, num_edges, resolve_chance, strip
from jaxplay.perspective import frame_of_rewards, frame_of_view, num_values, perspective
from jaxplay.search.opponent import Opponent, Reply, check_params
from jaxplay.search.rules import Edges, Rule, proportional, sensible
from jaxplay.search.signal import Shaping, check_signal, unshaped
from jaxplay.search.tree import ILLEGAL, Node, Tree, index_dtype, take

MAX_LEAVES = 127
"""Walkers of one element at a time, at most: trees count them in 8 bits."""


class Simulator(NamedTuple):
    """What a search of one game is made of.

    Attributes:
        game: whose positions are searched.
        evaluate: priors and values of new nodes.
        rule: chooses edges below the root.
        prior_first: the rule takes the likeliest edge of a node that was never left; it need not be asked.
        prove: whether wins and losses are backed up exactly.
        num_edges: E; less than the game has, the likeliest are kept.
        capacity: C, nodes of a tree.
        prior_dtype: of the priors in a tree.
        opponent: plays all moves that are not the searcher's; None: they are searched like its own.
    """

    game: Game[Any]
    evaluate: Evaluate
    rule: Rule
    prior_first: bool
    prove: bool
    num_edges: int
    capacity: int
    prior_dtype: Any
    opponent: Opponent | None


class TreeOptions(TypedDict, total=False):
    """Options that all searches share; each may be left out.

    Attributes:
        prove: back up wins and losses exactly where that is possible (`provable`).
        max_edges: keep only so many edges of each node, the likeliest; for games of thousands of actions.
        bfloat16_priors: keep priors in half the memory.
        capacity: nodes that a tree holds; default: one more than simulations. More makes room for what is
            kept from one move to the next (`jaxplay.search.reuse`), or for going on with a tree.
        opponent: plays the moves of the other player, so that the tree holds those of the searcher only.
    """

    prove: bool
    max_edges: int
    bfloat16_priors: bool
    capacity: int
    opponent: Opponent


def make_simulator(
    game: Game[Any],
    evaluate: Evaluate,
    rule: Rule,
    num_simulations: int,
    *,
    leaves: int = 1,
    prior_first: bool = False,
    **options: Unpack[TreeOptions],
) -> Simulator:
    """A simulator whose parts fit the game, with room for `num_simulations`, made `leaves` at a time.

    Raises:
        ValueError: no simulations, no room for them, leaves that are not 1 to `MAX_LEAVES`, too few edges
            for the outcomes of chance, an opponent in a game that is not of two players and zero sum, or a
            signal that there is not.
    """
    if not 1 <= leaves <= MAX_LEAVES:
        raise ValueError(f"leaves is {leaves}; allowed: 1 to {MAX_LEAVES}")
    num_simulations = -(-num_simulations // leaves) * leaves
    most, least = num_edges(game), max(game.num_chance_outcomes, 1)
    edges = min(options.get("max_edges", most), most)
    capacity = options.get("capacity", num_simulations + 1)
    opponent = options.get("opponent")
    if num_simulations < 1:
        raise ValueError(f"num_simulations is {num_simulations}; allowed: 1 or more")
    if edges < least:
        raise ValueError(f"max_edges is {edges}; allowed: {least} or more")
    if capacity <= num_simulations:
        raise ValueError(f"capacity is {capacity}; allowed: more than num_simulations ({num_simulations})")
    if opponent is not None and not (game.num_players == 2 and game.zero_sum):
        raise ValueError("an opponent can be modelled in games of two players and zero sum only")
    check_signal(None if opponent is None else opponent.signal)
    certain = opponent is None or not opponent.sample
    return Simulator(
        game=game,
        evaluate=evaluate,
        rule=rule,
        prior_first=prior_first,
        prove=options.get("prove", False) and provable(game) and certain,
        num_edges=edges,
        capacity=capacity,
        prior_dtype=jnp.bfloat16 if options.get("bfloat16_priors", False) else jnp.float32,
        opponent=opponent,
    )


def own_params(sim: Simulator, params: Params) -> Params:
    """The parameters of the searcher's evaluator."""
    return params if sim.opponent is None else params.own


def legal_prior(prediction: Prediction, legal: Array) -> Array:
    """`(K, A)`: softmax over legal actions, `ILLEGAL` elsewhere."""
    logits = jnp.where(legal, prediction.logits.astype(jnp.float32), -jnp.inf)
    return jnp.where(legal, jax.nn.softmax(logits, axis=-1), ILLEGAL)


def edge_prior(game: Game[Any], prediction: Prediction, states: Any) -> Array:
    """`(K, max(A, O))` priors of any node: of actions, or outcome probabilities at a chance node."""
    legal = states.legal_action_mask
    prior = legal_prior(prediction, legal[:, : game.num_actions])
    if game.num_chance_outcomes == 0:
        return prior
    prior = _pad(prior, num_edges(game))
    chance = _pad(jax.vmap(game.chance_probs)(states), num_edges(game))
    chance = jnp.where(legal, chance, ILLEGAL)
    return jnp.where((states.current_player == CHANCE)[:, None], chance, prior)


def _pad(prior: Array, edges: int) -> Array:
    return jnp.pad(prior, ((0, 0), (0, edges - prior.shape[1])), constant_values=ILLEGAL)


class Rows(NamedTuple):
    """What trees hold of one node for each walker, and of its edges; fields as in `Tree`."""

    player: Array
    prior: Array
    visits: Array
    value_sum: Array
    value: Array
    pending: Array | None
    proven: Array | None


def view_edges(game: Game[Any], rows: Rows) -> Edges:
    """Rows of a tree as the player to move sees them.

    Walkers under way count as visits; where they are all there is, as visits that found the mean of the
    node.
    """
    view = perspective(game, rows.player)
    count = rows.visits.astype(jnp.float32)
    q = (rows.value_sum * view[:, None, :]).sum(-1) / jnp.maximum(count, 1.0)
    value = (rows.value * view).sum(-1)
    if rows.pending is not None:
        mean = (value + (count * q).sum(-1)) / (1.0 + count.sum(-1))
        q = jnp.where((count == 0) & (rows.pending > 0), mean[:, None], q)
        count = count + rows.pending.astype(jnp.float32)
    proven = jnp.zeros(q.shape, jnp.int8)
    if rows.proven is not None:
        proven = rows.proven * view.astype(jnp.int8)
        q = jnp.where(proven != 0, proven.astype(jnp.float32), q)
    return Edges(rows.prior.astype(jnp.float32), count, q, value, proven)


def best_edge(scores: Array, edges: Edges) -> Array:
    """`(K,)` int32: the edge of highest score among those worth taking."""
    return jnp.argmax(jnp.where(sensible(edges), scores, -jnp.inf), axis=-1).astype(jnp.int32)


def choose(sim: Simulator, rows: Rows) -> Array:
    """`(K,)` int32: the edge to take from interior nodes with these statistics."""
    edges = view_edges(sim.game, rows)
    scores = sim.rule(edges)
    if sim.game.num_chance_outcomes > 0:
        scores = jnp.where((rows.player == CHANCE)[:, None], proportional(edges), scores)
    return best_edge(scores, edges)


def most_visited(edges: Edges) -> Array:
    """`(K,)`: the edge to play: the most visited one worth taking; of equals, the one of higher value."""
    ranked = edges.visits + 0.4 * jnp.clip(edges.q, -1.0, 1.0)
    return jnp.argmax(jnp.where(sensible(edges), ranked, -jnp.inf), axis=-1)


def rows_at(tree: Tree, node: Array, owner: Array) -> Rows:
    """What trees hold of `node` `(K,)` of the elements `owner` `(K,)`."""
    return Rows(
        player=take(tree.state.current_player, node, owner),
        prior=take(tree.prior, node, owner),
        visits=take(tree.visits, node, owner),
        value_sum=take(tree.value_sum, node, owner),
        value=take(tree.value, node, owner),
        pending=None if tree.pending is None else take(tree.pending, node, owner),
        proven=None if tree.proven is None else take(tree.proven, node, owner),
    )


def root_edges(game: Game[Any], tree: Tree) -> Edges:
    """The root's edges as the player to move there sees them."""
    rows = Rows(
        player=tree.state.current_player[0],
        prior=tree.prior[0],
        visits=tree.visits[0],
        value_sum=tree.value_sum[0],
        value=own_value(tree),
        pending=None if tree.pending is None else tree.pending[0],
        proven=None if tree.proven is None else tree.proven[0],
    )
    return view_edges(game, rows)


def own_value(tree: Tree) -> Array:
    """`(B, V)`: what counts as the root's own value, fixed frame.

    Its evaluator's; where that speaks of differences to a potential which is not known at the root, the mean
    of the simulations, if there are any.
    """
    if tree.potential is None:
        return tree.value[0]
    count = tree.visits[0].sum(-1, keepdims=True).astype(jnp.float32)
    return jnp.where(count > 0, tree.value_sum[0].sum(1) / jnp.maximum(count, 1.0), tree.value[0])


class Origin(NamedTuple):
    """Where new nodes come from, `(K,)` each.

    Attributes:
        parent: node index.
        action: edge taken from there.
        earned: `(K, V)`, as in `Tree`, of the parent.
    """

    parent: Array
    action: Array
    earned: Array


def make_nodes(
    sim: Simulator,
    params: Params,
    key: Array,
    states: Any,
    origin: Origin,
    reply: Reply | None = None,
    shaping: Shaping | None = None,
) -> tuple[Node, Array]:
    """New nodes for `states` `(K, ...)`, and the value found at each, `(K, V)`, fixed frame.

    A chance node is valued by the evaluator at one decision sampled behind it. What a modelled opponent
    did and thought on the way is `reply`, and what its signal makes of that is `shaping`.
    """
    game = sim.game
    key_chance, key_evaluate = jax.random.split(key)
    decisions = states
    if game.num_chance_outcomes > 0:
        keys = jax.random.split(key_chance, states.terminated.shape[0])
        decisions = jax.vmap(lambda s, k: resolve_chance(game, s, k))(states, keys)
    prediction = sim.evaluate(own_params(sim, params), key_evaluate, decisions)
    value = frame_of_view(game, prediction.value.astype(jnp.float32), decisions.current_player)
    value = jnp.where(decisions.terminated[:, None], 0.0, unshaped(value, shaping))
    value = value + frame_of_rewards(game, decisions.rewards - states.rewards)
    prior, labels = _keep_likeliest(edge_prior(game, prediction, states), sim.num_edges, num_edges(game))
    reward = frame_of_rewards(game, states.rewards)
    earned = origin.earned + reward
    node = Node(
        state=strip(states),
        parent=origin.parent,
        action=origin.action,
        earned=earned if shaping is None or shaping.bonus is None else earned + shaping.bonus,
        value=value,
        prior=prior,
        best_action=_first_edge(sim, states.current_player, prior, value),
        labels=labels,
        proof=end_proof(states.terminated, reward) if sim.prove else None,
        opponent_value=None if reply is None else reply.value,
        replied=None if reply is None else reply.replied,
        potential=None if shaping is None else shaping.potential,
    )
    return node, value


def _first_edge(sim: Simulator, player: Array, prior: Array, value: Array) -> Array:
    """`(K,)`: the edge to take first from nodes of these players, priors `(K, E)` and values `(K, V)`."""
    index = index_dtype(sim.num_edges)
    if sim.prior_first:
        return jnp.argmax(prior, axis=-1).astype(index)
    nothing = jnp.zeros((*prior.shape, value.shape[-1]), jnp.float32)
    rows = Rows(player, prior.astype(sim.prior_dtype), nothing[..., 0], nothing, value, None, None)
    return choose(sim, rows).astype(index)


def _keep_likeliest(prior: Array, kept: int, edges: int) -> tuple[Array, Array | None]:
    """Priors `(K, E)` of the likeliest edges, and what they stand for, if not all edges are kept."""
    if kept == edges:
        return prior, None
    likeliest, labels = jax.lax.top_k(prior, kept)
    return likeliest, labels.astype(index_dtype(edges))


def make_root(sim: Simulator, params: Params, key: Array, states: Any) -> Node:
    """Roots for `states` `(B, ...)`, whose hidden randomness is redrawn first.

    Raises:
        UserError: `params` do not fit the search.
    """
    check_params(sim.opponent, params)
    key_seed, key_node = jax.random.split(key)
    batch = states.terminated.shape[0]
    states = jax.vmap(sim.game.reseed)(states, jax.random.split(key_seed, batch))
    nowhere = jnp.zeros((batch,), jnp.int32)
    earned = -frame_of_rewards(sim.game, states.rewards)  # what came before the root is no news
    unmet = None
    if sim.opponent is not None:
        unmet = Reply(states, jnp.zeros((batch,), jnp.float32), jnp.zeros((batch,), bool))
    origin = Origin(nowhere, nowhere, earned)
    return make_nodes(sim, params, key_node, states, origin, unmet, _unshaped_root(sim, params, batch))[0]


def _unshaped_root(sim: Simulator, params: Params, batch: int) -> Shaping | None:
    """Of roots, before which no move of the opponent is known."""
    signal = None if sim.opponent is None else sim.opponent.signal
    if signal is None:
        return None
    nothing = jnp.zeros((batch, num_values(sim.game)), jnp.float32)
    return Shaping(params.signal_weight, potential=nothing if signal.form == "potential" else None)


def provable(game: Game[Any]) -> bool:
    """Whether wins can be proven: two players, zero sum, no chance, nothing hidden."""
    two = game.num_players == 2 and game.zero_sum and game.perfect_information
    return two and game.num_chance_outcomes == 0


def end_proof(terminated: Array, reward: Array) -> Array:
    """`(K,)` int8: the proof of nodes where the game ends with `reward` `(K, 1)`, scaled."""
    decided = terminated & (jnp.abs(reward[:, 0]) >= 1.0)
    return jnp.where(decided, jnp.sign(reward[:, 0]), 0.0).astype(jnp.int8)


def node_proof(proven: Array, prior: Array, player: Array) -> Array:
    """`(K,)` int8: what the proofs `(K, E)` of the edges of a node prove of it; all in the fixed frame.

    One proven win of the player to move is enough, proven losses must be all (Winands et al. 2008,
    Monte-Carlo tree search solver).
    """
    sign = jnp.where(player == 0, 1, -1).astype(jnp.int8)
    mine = proven * sign[:, None]
    won = (mine > 0).any(-1)
    lost = ((mine < 0) | (prior < 0.0)).all(-1)
    return jnp.where(won, sign, jnp.where(lost, -sign, 0)).astype(jnp.int8)
