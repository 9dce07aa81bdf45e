"""Search at decision time under hidden information: the update that a learner would make.

Update-equivalent search (Sokota et al. 2024, https://arxiv.org/abs/2304.13138) plays in each information
set what some steps of magnetic mirror descent make of the policy there, by the values of its actions where
everybody else, and the player itself afterwards, plays the policy. What it plays all over the game is then
the next iterate of mirror descent, which no search by subgames of public states would have to guess. Values
are exact, or means over rollouts of the policy from histories that are sampled from what the player may
believe.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, num_edges, value_scale
from jaxplay.solve._sequence_form import SequenceForm
from jaxplay.solve.behaviour import history_reach

TINY = 1e-12
"""The least probability whose logarithm is taken."""


class DecisionSearch(NamedTuple):
    """Pure functions of a policy's table `(I, A)`.

    Attributes:
        exact: `table -> table`: what is played in every information set, by exact values.
        sampled: `table, key, infosets (B,) -> (B, A)`: the same in some, by sampled values.
    """

    exact: Callable[[Array], Array]
    sampled: Callable[[Array, Array, Array], Array]


def decision_search(
    form: SequenceForm,
    *,
    step: float = 1.0,
    num_steps: int = 1,
    magnet_weight: float = 0.0,
    num_rollouts: int = 64,
) -> DecisionSearch:
    """Steps of magnetic mirror descent at each decision.

    Args:
        form: the game; its tree says what a player may believe, and is what rollouts walk through.
        step: the step size, in units of the game's largest return in size.
        num_steps: steps at the values of the policy before the first one.
        magnet_weight: how much equal chances attract.
        num_rollouts: sampled histories of each information set; each is played on from every action.

    Raises:
        UserError: a number that makes no sense.
    """
    if not step > 0 or num_steps < 1 or magnet_weight < 0 or num_rollouts < 1:
        told = (
            f"step={step}, num_steps={num_steps}, magnet_weight={magnet_weight}, num_rollouts={num_rollouts}"
        )
        raise UserError(f"decision_search: {told}; allowed: above 0, from 1, from 0, from 1")
    tree, scale = form.tree, value_scale(form.game)
    walk = _walk(form)

    def improved(policy: Array, q: Array, legal: Array) -> Array:
        logits = jnp.log(jnp.maximum(policy, TINY))
        for _ in range(num_steps):
            logits = (logits + step * q / scale) / (1 + step * magnet_weight)
        return jnp.where(legal, jax.nn.softmax(jnp.where(legal, logits, -jnp.inf)), 0)

    def exact(table: Array) -> Array:
        return improved(table, action_values(form, table), jnp.asarray(tree.legal))

    def sampled(table: Array, key: Array, infosets: Array) -> Array:
        key_belief, key_walk = jax.random.split(key)
        histories = sample_belief(form, table, key_belief, infosets, num_rollouts)
        q = walk(table, key_walk, infosets, histories).mean(axis=1)
        return improved(table[infosets], q, jnp.asarray(tree.legal)[infosets])

    return DecisionSearch(exact, sampled)


def action_values(form: SequenceForm, table: Array) -> Array:
    """`(I, A)`: what the mover can expect of each action, by its belief; 0 where nobody lets play come."""
    policies = form.split(table)
    plans = form.plans(policies)
    weighted = form.table(
        tuple(t.values(form.gains(p, plans), policies[p])[0] for p, t in enumerate(form.treeplexes))
    )
    at = np.flatnonzero(form.tree.decides)
    reach = history_reach(form, table, of_mover=False)[at]
    total = jax.ops.segment_sum(reach, form.tree.infoset[at], form.tree.num_infosets)[:, None]
    return jnp.where(total > 0, weighted / jnp.where(total > 0, total, 1), 0)


def sample_belief(form: SequenceForm, table: Array, key: Array, infosets: Array, num: int) -> Array:
    """`(B, num)` int32: histories of information sets `(B,)`, as likely as their movers must believe.

    All are equally likely where the policy of the others never comes by.
    """
    tree = form.tree
    at = np.flatnonzero(tree.decides)
    order = at[np.argsort(tree.infoset[at], kind="stable")]
    count = np.bincount(tree.infoset[at], minlength=tree.num_infosets)
    start = np.cumsum(count) - count
    place = jnp.asarray(start)[infosets][:, None] + np.arange(count.max())[None]
    inside = np.arange(count.max())[None] < jnp.asarray(count)[infosets][:, None]
    members = jnp.asarray(order)[jnp.minimum(place, len(order) - 1)]
    weights = jnp.where(inside, history_reach(form, table, of_mover=False)[members], 0)
    weights = jnp.where(weights.sum(axis=1, keepdims=True) > 0, weights, inside.astype(table.dtype))
    chosen = jax.random.categorical(key, jnp.log(weights)[:, None], shape=(len(infosets), num))
    return jnp.take_along_axis(members, chosen, axis=1).astype(jnp.int32)


def _walk(form: SequenceForm) -> Callable[[Array, Array, Array, Array], Array]:
    """A function `table, key, infosets (B,), histories (B, R) -> (B, R, A)`: what the movers then earn.

    Each action is made, and the policy plays to the end of the game.
    """
    tree, edges, actions = form.tree, num_edges(form.game), form.game.num_actions
    child = np.zeros((tree.num_histories, edges), np.int32)
    child[tree.parent[1:], tree.edge[1:]] = np.arange(1, tree.num_histories)
    luck = np.zeros((tree.num_histories, edges))
    drawn = 1 + np.flatnonzero((tree.player[tree.parent[1:]] == CHANCE) & ~tree.terminated[tree.parent[1:]])
    luck[tree.parent[drawn], tree.edge[drawn]] = tree.chance[drawn] / tree.chance[tree.parent[drawn]]
    depth = len(tree.levels) - 2

    def walk(table: Array, key: Array, infosets: Array, histories: Array) -> Array:
        moves = jnp.pad(table, ((0, 0), (0, edges - actions)))
        mover = jnp.asarray(tree.owner)[infosets][:, None, None]
        at = jnp.asarray(child)[histories][..., :actions]
        earned = jnp.asarray(tree.rewards, table.dtype)[at, mover]

        def go_on(number: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
            at, earned = carry
            decides = jnp.asarray(tree.decides)[at][..., None]
            probs = jnp.where(
                decides, moves[jnp.asarray(tree.infoset)[at]], jnp.asarray(luck, table.dtype)[at]
            )
            edge = jax.random.categorical(jax.random.fold_in(key, number), jnp.log(probs))
            over = jnp.asarray(tree.terminated)[at]
            after = jnp.where(over, at, jnp.asarray(child)[at, edge])
            gain = jnp.where(over, 0, jnp.asarray(tree.rewards, table.dtype)[after, mover])
            return after, earned + gain

        return jax.lax.fori_loop(0, depth, go_on, (at, earned))[1]

    return walk
